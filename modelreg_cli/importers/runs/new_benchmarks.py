"""Files for benchmarks that a run names and the catalog does not have: a beginning, for people to complete."""

import re
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.errors import ModelregError
from modelreg_cli.importers.draft import Draft
from modelreg_cli.importers.runs.run import Row
from modelreg_cli.importers.runs.words import Words

#: Metrics that are shares whatever the benchmark; of others the unit is not known, and no range is claimed.
_SHARES = ("acc", "acc-norm", "accuracy", "exact-match", "f1", "em", "pass-at-1")
_UNITS = {("samples", "latency"): "ms", ("samples", "ttft"): "ms", ("samples", "throughput"): "tokens_per_second"}


def draft_of(reader: str, task: str, rows: list[Row], words: Words, drafted: dict[str, dict[str, Any]]) -> Draft:
    """A file for a task, with the metrics that its values have; one that was `drafted` for another run is added to.

    Raises:
        ModelregError: a benchmark of that id is there, or no metric says which way is better.
    """
    id_ = _slug(task)
    before = drafted.get(id_, {})
    if id_ in words.benchmarks and not before:
        raise ModelregError(f"the benchmark {id_} is there, and does not know {reader}'s task {task}", f"--map '{task}={id_}/METRIC'")
    if not layout.is_id(id_):
        raise ModelregError(f"no file can be named after the task {task!r}", "add a benchmark's file by hand, and use --map")
    metrics: dict[str, Any] = dict(before.get("metrics", {}))
    for row in rows:
        if row.better:
            metrics[_slug(row.metric)] = {"unit": _unit(reader, row), "better": row.better, **_range(reader, row)}
    if not metrics:
        raise ModelregError(f"{task} does not say of any metric which way is better", "add a benchmark's file by hand, and use --map")
    named = {row.metric: _slug(row.metric) for row in rows if row.better}
    known = [one for one in before.get("harness_tasks", ()) if (one["harness"], one["task"]) != (reader, task)]
    harness_tasks = [*known, {"harness": reader, "task": task, "metrics": named}]
    data = {"name": before.get("name", task), "metrics": metrics, "harness_tasks": harness_tasks}
    return Draft("benchmark", (id_,), data, id_, task)


def _unit(reader: str, row: Row) -> str:
    return _UNITS.get((reader, row.task)) or ("fraction" if _slug(row.metric) in _SHARES else "score")


def _range(reader: str, row: Row) -> dict[str, int]:
    unit = _unit(reader, row)
    return {"min": 0, "max": 1} if unit == "fraction" else {} if unit == "score" else {"min": 0}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower().replace("@", "-at-")).strip("-.")[:100]
