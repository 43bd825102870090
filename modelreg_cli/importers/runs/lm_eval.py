"""Result files of lm-evaluation-harness: the shape of 0.4 and later (`acc,none`) and that before it (`acc`)."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.run import Better, Left, Row, Run, day_of, digest_of, identity_of, mapping, number, plain_settings, whole

_NO_METRICS = ("alias", "name", "sample_len", "sample_count")
_SEEDS = ("random_seed", "numpy_seed", "torch_seed", "fewshot_seed", "batch_size", "bootstrap_iters", "model_dtype")
#: Parts of a task's configuration that make its prompt.
_PROMPT = ("description", "doc_to_text", "doc_to_target", "doc_to_choice", "target_delimiter", "fewshot_delimiter", "gen_prefix")
_MODEL = ("pretrained", "model", "model_name", "model_id")


class LmEval:
    """`results_<time>.json`."""

    name = "lm-eval"
    looks_for = "a JSON mapping with `results`, `versions` and `config`"

    def knows(self, material: Material) -> bool:
        """Whether there are results, versions of tasks, and a configuration."""
        data = mapping(material.value)
        return isinstance(data.get("results"), dict) and isinstance(data.get("versions"), dict) and isinstance(data.get("config"), dict)

    def runs(self, material: Material) -> list[Run]:
        """The run of the file: groups and tasks, each as it stands there."""
        return [_File(material.value).run()]


class _File:
    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self._config: dict[str, Any] = data["config"]
        self._left: list[Left] = []
        self._subtasks = {group: [str(task) for task in tasks] for group, tasks in _lists(data.get("group_subtasks"))}

    def run(self) -> Run:
        data, config = self._data, self._config
        version, commit = data.get("lm_eval_version"), data.get("git_hash")
        arguments = _arguments(config.get("model_args"))
        revision = config.get("model_sha") or arguments.get("revision")
        name = next((str(arguments[key]) for key in _MODEL if arguments.get(key)), "")
        settings = {**{key: config[key] for key in _SEEDS if config.get(key) is not None}, "model_type": config.get("model")}
        settings["model_args"] = plain_settings(arguments) or None
        rows = tuple(row for task, values in data["results"].items() for row in self._rows(str(task), mapping(values)))
        return Run(
            reader=LmEval.name,
            identity=identity_of(data),
            rows=rows,
            harness={"name": LmEval.name, **({"version": str(version)} if version else {"commit": str(commit)} if commit else {})},
            date=day_of(data.get("date")),
            names=(f"hf:{name}", name) if name else (),
            revision=str(revision) if revision else None,
            settings={key: value for key, value in settings.items() if value is not None},
            parts=self._parts(),
            left=tuple(self._left),
        )

    def _rows(self, task: str, values: dict[str, Any]) -> Iterator[Row]:
        told = self._told(task)
        for key, value in values.items():
            metric, _, filter_ = key.partition(",")
            if key in _NO_METRICS or metric.endswith("_stderr"):
                continue
            found = number(value)
            if found is None:
                self._left.append(Left(f"{task} {key}", f"{value!r} is no number"[:200]))
                continue
            error = number(values.get(f"{metric}_stderr,{filter_}" if filter_ else f"{metric}_stderr"))
            own: dict[str, Any] = {"stderr": error} if error is not None else {}
            own |= {"filter": filter_} if filter_ not in ("", "none") else {}
            yield Row(task, metric, found, {**told, **own}, self._better(task, metric))

    def _told(self, task: str) -> dict[str, Any]:
        data, settings = self._data, mapping(mapping(self._data.get("configs")).get(task))
        asked, there = self._samples(task)
        shots = mapping(data.get("n-shot")).get(task, settings.get("num_fewshot", self._config.get("num_fewshot")))
        limit = self._config.get("limit")
        told = {
            "samples": asked,
            "total_samples": there,
            "limit": limit,
            "shots": shots if isinstance(shots, int) and shots >= 0 else None,
            "task_version": _text(data["versions"].get(task)),
            "split": _text(settings.get("test_split") or settings.get("validation_split")),
            "dataset_revision": _text(mapping(settings.get("dataset_kwargs")).get("revision")),
            "prompt_digest": self._prompt(settings),
            "chat_template_digest": _text(data.get("chat_template_sha")),
        }
        reasons = [f"limit {limit:g}"] if isinstance(limit, (int, float)) else []
        reasons += [f"{asked} of {there} samples"] if asked and there and asked < there else []
        return {key: value for key, value in {**told, "partial": ", ".join(reasons)}.items() if value not in (None, "")}

    def _prompt(self, settings: dict[str, Any]) -> str | None:
        parts = {key: settings.get(key) for key in _PROMPT} if "doc_to_text" in settings else {}
        return digest_of({**parts, "system": self._data.get("system_instruction_sha")}) if parts else None

    def _samples(self, task: str) -> tuple[int | None, int | None]:
        """(asked, there) of a task; of a group the sum of its tasks, where all are told."""
        counts = [mapping(mapping(self._data.get("n-samples")).get(leaf)) for leaf in self._leaves(task)]
        asked, there = [whole(count.get("effective")) for count in counts], [whole(count.get("original")) for count in counts]
        return _sum(asked), _sum(there)

    def _leaves(self, task: str) -> list[str]:
        return [one for one in (task, *self._below(task)) if one not in self._subtasks]

    def _below(self, group: str) -> list[str]:
        """Everything that a group counts, groups too."""
        found: dict[str, None] = {}
        todo = list(self._subtasks.get(group, ()))
        while todo:
            one = todo.pop()
            if one not in found and one != group:
                found[one] = None
                todo += self._subtasks.get(one, ())
        return list(found)

    def _parts(self) -> dict[str, tuple[str, ...]]:
        """Subtask -> the groups above it; a group without results of its own counts nothing."""
        results = self._data["results"]
        counted = {group: tasks for group, tasks in self._subtasks.items() if any("," in key for key in mapping(results.get(group)))}
        found: dict[str, tuple[str, ...]] = {}
        for group in counted:
            for task in self._below(group):
                found[task] = (*found.get(task, ()), group)
        return found

    def _better(self, task: str, metric: str) -> Better | None:
        said = mapping(mapping(self._data.get("higher_is_better")).get(task)).get(metric)
        return {True: "higher", False: "lower"}.get(said) if isinstance(said, bool) else None  # type: ignore[return-value]


def _lists(value: Any) -> list[tuple[str, list[Any]]]:
    return [(str(key), item) for key, item in mapping(value).items() if isinstance(item, list) and item]


def _sum(numbers: list[int | None]) -> int | None:
    known = [one for one in numbers if one is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _text(value: Any) -> str | None:
    return None if value in (None, "") or isinstance(value, (dict, list)) else str(value)


def _arguments(given: Any) -> dict[str, Any]:
    """Model arguments, which are a mapping or `a=1,b=2`."""
    if isinstance(given, dict):
        return {str(key): value for key, value in given.items()}
    pairs = (part.partition("=") for part in str(given or "").split(","))
    return {key.strip(): value.strip() for key, _, value in pairs if value}
