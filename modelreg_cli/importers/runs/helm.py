"""Folders of HELM runs: run_spec.json and stats.json, of which the main statistics of the evaluated split are taken."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.run import Left, Row, Run, identity_of, mapping, number, plain_settings, whole

_SPEC, _STATS, _SCENARIO = "run_spec.json", "stats.json", "scenario.json"
#: Arguments of a scenario that say which part of it was run.
_SUBSETS = ("subject", "subset", "task", "dataset", "category", "language")


class Helm:
    """The folder of one run."""

    name = "helm"
    looks_for = "a folder with run_spec.json and stats.json"

    def knows(self, material: Material) -> bool:
        """Whether it is a folder with a run's specification."""
        return material.is_folder and (material.path / _SPEC).is_file()

    def runs(self, material: Material) -> list[Run]:
        """The run of the folder.

        Raises:
            ModelregError: a file of it is missing or has another form.
        """
        spec, stats = material.inside(_SPEC), material.inside(_STATS)
        if not isinstance(spec, dict) or not isinstance(spec.get("name"), str) or not isinstance(stats, list):
            raise ModelregError(f"{material.path} is no complete HELM run", f"it needs {_SPEC} and {_STATS}: was the run stopped?")
        scenario = mapping(material.inside(_SCENARIO))
        return [_run(spec, [mapping(stat) for stat in stats], scenario)]


def _run(spec: dict[str, Any], stats: list[dict[str, Any]], scenario: dict[str, Any]) -> Run:
    adapter, arguments = mapping(spec.get("adapter_spec")), mapping(mapping(spec.get("scenario_spec")).get("args"))
    task = spec["name"].partition(":")[0].partition(",")[0] or str(scenario.get("name", ""))
    asked = next((whole(stat.get("mean")) for stat in stats if _name(stat).get("name") == "num_instances" and _plain(stat)), None)
    most = whole(adapter.get("max_eval_instances"))
    subset = next((arguments[key] for key in _SUBSETS if isinstance(arguments.get(key), str) and arguments[key] != task), None)
    cut = bool(most and (asked is None or asked >= most))
    told = {
        "samples": asked,
        "limit": most if cut else None,
        "shots": _shots(adapter, stats),
        "subset": subset,
        "partial": f"at most {most} instances" if cut else None,
    }
    left: list[Left] = []
    model = str(adapter.get("model") or "")
    return Run(
        reader=Helm.name,
        identity=identity_of([spec, stats]),
        rows=tuple(_rows(task, stats, {key: value for key, value in told.items() if value is not None}, left)),
        harness={"name": Helm.name},
        names=(model, f"hf:{model}") if model else (),
        settings=plain_settings({key: adapter.get(key) for key in ("method", "model_deployment", "num_train_trials", "temperature")}),
        left=tuple(left),
    )


def _rows(task: str, stats: list[dict[str, Any]], told: dict[str, Any], left: list[Left]) -> Iterator[Row]:
    for stat in stats:
        name = _name(stat)
        metric, value = str(name.get("name", "")), number(stat.get("mean"))
        if not _plain(stat):
            left.append(Left(f"{task} {metric} {_where(name)}", "another split, a part of it, or a changed text"))
        elif value is None:
            left.append(Left(f"{task} {metric}", "it has no mean"))
        else:
            yield Row(task, metric, value, {**told, "split": str(name["split"])})


def _name(stat: dict[str, Any]) -> dict[str, Any]:
    return mapping(stat.get("name"))


def _plain(stat: dict[str, Any]) -> bool:
    """Whether a statistic is of the whole evaluated split, as its texts are."""
    name = _name(stat)
    return name.get("split") == "test" and not name.get("sub_split") and not name.get("perturbation")


def _where(name: dict[str, Any]) -> str:
    changed = mapping(name.get("perturbation")).get("name")
    return " ".join(str(word) for word in (name.get("split"), name.get("sub_split"), changed) if word)


def _shots(adapter: dict[str, Any], stats: list[dict[str, Any]]) -> int | None:
    """Examples in the prompt: as many as were put there, where that was counted and is one number."""
    counted = next((number(stat.get("mean")) for stat in stats if _name(stat).get("name") == "num_train_instances" and _plain(stat)), None)
    if counted is not None:
        return int(counted) if counted >= 0 and counted == int(counted) else None
    most = adapter.get("max_train_instances")
    return most if isinstance(most, int) and not isinstance(most, bool) and most == 0 else None
