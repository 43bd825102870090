"""Logs of Inspect, as JSON and as `.eval` archives, of which the header alone is read."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.run import Left, Row, Run, day_of, identity_of, mapping, number, plain_settings, whole

_HEADER = "header.json"
#: Metrics that say how sure another one is.
_ERRORS = ("stderr", "bootstrap_stderr")
#: Providers that load weights: what follows is the name of a repository.
_LOADERS = ("hf", "vllm", "sglang", "hf-inference-providers", "llama-cpp-python", "transformer_lens", "nnterp")
_PRETEND = ("mockllm", "none")


class Inspect:
    """A log of one evaluation."""

    name = "inspect"
    looks_for = "a JSON mapping with `eval` and `status`, or an .eval archive with header.json"

    def knows(self, material: Material) -> bool:
        """Whether there is an evaluation and its status."""
        if material.is_archive:
            return True
        data = mapping(material.value)
        return isinstance(data.get("eval"), dict) and "status" in data

    def runs(self, material: Material) -> list[Run]:
        """The run of the log.

        Raises:
            ModelregError: an archive without a header: the run did not come to its end.
        """
        data = material.inside(_HEADER) if material.is_archive else material.value
        if not isinstance(data, dict) or not isinstance(data.get("eval"), dict):
            raise ModelregError(f"{material.path} has no {_HEADER} of Inspect", "the run did not come to its end, or it is another archive")
        return [_run(data)]


def _run(data: dict[str, Any]) -> Run:
    spec = mapping(data["eval"])
    config = mapping(spec.get("config"))
    version = mapping(spec.get("packages")).get("inspect_ai")
    left: list[Left] = []
    results = mapping(data.get("results"))
    told = _told(spec, config, results)
    partial = _partial(data, spec, config, results)
    settings = {
        "dataset": mapping(spec.get("dataset")).get("name"),
        "task_args": plain_settings(mapping(spec.get("task_args"))) or None,
        "generate": plain_settings(mapping(spec.get("model_generate_config"))) or None,
        "epochs": config.get("epochs") if config.get("epochs") not in (None, 1) else None,
    }
    ids = [spec.get(key) for key in ("eval_id", "run_id", "task_id", "created")]
    return Run(
        reader=Inspect.name,
        identity=identity_of([Inspect.name, *ids] if any(ids[:3]) else data),
        rows=tuple(_rows(str(spec.get("task", "")), results, told, left)),
        harness={"name": Inspect.name, **({"version": str(version)} if version else {})},
        date=day_of(spec.get("created")),
        names=_names(str(spec.get("model") or "")),
        revision=str(revision) if (revision := mapping(spec.get("model_args")).get("revision")) else None,
        settings={key: value for key, value in settings.items() if value is not None},
        partial=", ".join(partial),
        left=tuple(left),
    )


def _told(spec: dict[str, Any], config: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
    epochs = whole(config.get("epochs")) or 1
    asked = whole(results.get("completed_samples"))
    total = whole(results.get("total_samples"))
    there = whole(mapping(spec.get("dataset")).get("samples"))
    limit = config.get("limit")
    shots = mapping(spec.get("task_args")).get("fewshot")
    told = {
        "samples": max(1, asked // epochs) if asked else None,
        "total_samples": there or (max(1, total // epochs) if total else None),
        "limit": number(limit) if number(limit) else None,
        "shots": shots if isinstance(shots, int) and not isinstance(shots, bool) and shots >= 0 else None,
        "task_version": str(spec["task_version"]) if spec.get("task_version") not in (None, "") else None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _partial(data: dict[str, Any], spec: dict[str, Any], config: dict[str, Any], results: dict[str, Any]) -> Iterator[str]:
    """Why it is not the whole evaluation."""
    if data.get("status") != "success":
        yield f"status {data.get('status')}"
    if data.get("invalidated"):
        yield "invalidated"
    if config.get("limit") not in (None, 0):
        yield f"limit {config['limit']}"
    if config.get("sample_id") is not None:
        yield "chosen samples"
    asked, total = results.get("completed_samples"), results.get("total_samples")
    if isinstance(asked, int) and isinstance(total, int) and asked < total:
        yield f"{asked} of {total} samples"


def _rows(task: str, results: dict[str, Any], told: dict[str, Any], left: list[Left]) -> Iterator[Row]:
    scores = results.get("scores")
    for score in map(mapping, scores if isinstance(scores, list) else ()):
        metrics = {str(key): mapping(item) for key, item in mapping(score.get("metrics")).items()}
        error = next((value for key in _ERRORS if (value := number(metrics.get(key, {}).get("value"))) is not None), None)
        filter_ = "/".join(str(word) for word in (score.get("name"), score.get("reducer")) if word)
        unscored = whole(score.get("unscored_samples"))
        for key, metric in metrics.items():
            if key in _ERRORS:
                continue
            value = number(metric.get("value"))
            if value is None:
                left.append(Left(f"{task} {key}", f"{metric.get('value')!r} is no number"[:200]))
                continue
            own: dict[str, Any] = {"filter": filter_} if filter_ else {}
            own |= {"stderr": error} if error is not None and len(metrics) - len(set(_ERRORS) & set(metrics)) == 1 else {}
            own |= {"partial": f"{unscored} samples without a score"} if unscored else {}
            yield Row(task, key, value, {**told, **own}, "higher" if key in ("accuracy", "mean") else None)


def _names(model: str) -> tuple[str, ...]:
    provider, slash, rest = model.partition("/")
    if not slash or provider in _PRETEND:
        return ()
    return (f"hf:{rest}", rest) if provider in _LOADERS else (f"{provider}:{rest}", model)
