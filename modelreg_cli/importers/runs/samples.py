"""Latency and throughput as plain CSV or JSON: a row for each setting, or one for each request, of which percentiles are made."""

import csv
import math
from collections.abc import Iterator
from typing import Any

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.run import Better, Left, Row, Run, identity_of, mapping, whole

_LATENCY, _FIRST, _RATE = "latency", "ttft", "throughput"
#: Column -> task, metric, which way is better.
_MEASURES: dict[str, tuple[str, str, Better]] = {
    "p50_ms": (_LATENCY, "p50", "lower"),
    "p99_ms": (_LATENCY, "p99", "lower"),
    "ttft_p50_ms": (_FIRST, "p50", "lower"),
    "ttft_p99_ms": (_FIRST, "p99", "lower"),
    "tokens_per_s": (_RATE, "tokens-per-second", "higher"),
}
_RAW = {"latency_ms": _LATENCY, "ttft_ms": _FIRST}
_COUNTS = ("devices", "concurrency", "batch", "input_tokens", "output_tokens", "samples")
_WORDS = ("hardware", "runtime", "runtime_version", "harness", "harness_version", "date", "model")
_COLUMNS = (*_MEASURES, *_RAW, *_COUNTS, *_WORDS)
#: With fewer requests the 99th percentile is the slowest of them.
_ENOUGH_FOR_P99 = 100


class Samples:
    """A CSV or JSON file of measurements."""

    name = "samples"
    looks_for = f"CSV or JSON rows with one of {', '.join((*_MEASURES, *_RAW))}"

    def knows(self, material: Material) -> bool:
        """Whether its rows have a column of measurements."""
        if material.is_folder or material.is_archive:
            return False
        if material.value is not None:
            rows = _rows_of(material.value)
            return bool(rows) and any(key in rows[0] for key in (*_MEASURES, *_RAW))
        header = material.text.partition("\n")[0].strip()
        return bool({name.strip() for name in header.split(",")} & {*_MEASURES, *_RAW})

    def runs(self, material: Material) -> list[Run]:
        """One run for each day and program that measured.

        Raises:
            ModelregError: an unknown column, a value that is no number, no hardware or runtime.
        """
        rows = [_checked(row, at, material) for at, row in enumerate(_table(material), 1)]
        found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault(tuple(row.get(key) for key in ("date", "harness", "harness_version", "model")), []).append(row)
        return [_run(key, group) for key, group in found.items()]


def _rows_of(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        shared = {key: item for key, item in value.items() if key != "rows"}
        return [{**shared, **mapping(row)} for row in value["rows"]]
    return [mapping(row) for row in (value if isinstance(value, list) else [value])]


def _table(material: Material) -> list[dict[str, Any]]:
    if material.value is not None:
        return _rows_of(material.value)
    try:
        reader = csv.DictReader(material.text.splitlines(), strict=True, skipinitialspace=True)
        names = [name.strip() for name in reader.fieldnames or ()]
        if len(set(names)) != len(names):
            raise ModelregError(f"{material.path} has a column twice", f"columns: {', '.join(names)}"[:300])
        reader.fieldnames = names
        return list(reader)
    except csv.Error as error:
        raise ModelregError(f"{material.path} is not CSV: {error}", "columns are separated by commas") from None


def _checked(row: dict[Any, Any], at: int, material: Material) -> dict[str, Any]:
    """A row with numbers as numbers, and without empty cells."""
    where = f"{material.path}, row {at}"
    found: dict[str, Any] = {}
    for key, value in row.items():
        if key not in _COLUMNS:
            name = "more cells than there are columns" if key is None else f"the column {key!r}, which means nothing here"
            raise ModelregError(f"{where} has {name}", did_you_mean(str(key), _COLUMNS) or f"columns: {', '.join(_COLUMNS)}")
        if value in (None, "", []):
            continue
        text_ok = key in _WORDS and isinstance(value, (str, int, float))
        found[key] = str(value).strip() if text_ok else _number(value, key, where)
    if missing := [name for name in ("hardware", "runtime") if name not in found]:
        raise ModelregError(
            f"{where} does not say its {listed(missing, 'and')}", "speed is comparable on the same hardware and runtime only"
        )
    if not any(key in found for key in (*_MEASURES, *_RAW)):
        raise ModelregError(f"{where} has no measurement", f"one of {', '.join((*_MEASURES, *_RAW))}")
    return found


def _number(value: Any, key: str, where: str) -> Any:
    if isinstance(value, list) and key in _RAW:
        return [_number(item, key, where) for item in value]
    try:
        found = float(value) if not isinstance(value, (bool, list, dict)) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found) or found < 0 or (key in _COUNTS and whole(found) is None):
        form = "a whole number above 0" if key in _COUNTS else "a number of 0 or more"
        raise ModelregError(f"{where}: {key} is {str(value)[:60]!r}", f"write {form}, with a decimal point and no unit")
    return whole(found) if key in _COUNTS else found


def _run(key: tuple[Any, ...], rows: list[dict[str, Any]]) -> Run:
    date, harness, version, model = key
    left: list[Left] = []
    found = [*_summaries(rows), *_percentiles(rows, left)]
    made = any(key in row for row in rows for key in _RAW)
    return Run(
        reader=Samples.name,
        identity=identity_of([Samples.name, sorted(rows, key=identity_of)]),
        rows=tuple(found),
        harness={"name": harness, **({"version": version} if version else {})} if harness else {},
        date=date,
        names=(model, f"hf:{model}") if model else (),
        settings={"percentiles": "nearest-rank"} if made else {},
        left=tuple(left),
    )


def _setup(row: dict[str, Any]) -> dict[str, Any]:
    """What a value was measured on, and how."""
    return {key: row[key] for key in ("hardware", "runtime", "runtime_version", *_COUNTS) if key in row and key != "samples"}


def _summaries(rows: list[dict[str, Any]]) -> Iterator[Row]:
    for row in rows:
        told = _setup(row) | ({"samples": row["samples"]} if "samples" in row else {})
        for column, (task, metric, better) in _MEASURES.items():
            if column in row:
                yield Row(task, metric, row[column], told, better)


def _percentiles(rows: list[dict[str, Any]], left: list[Left]) -> Iterator[Row]:
    """Nearest rank: the smallest value that at least this share of all values do not exceed."""
    for column, task in _RAW.items():
        groups: dict[str, tuple[dict[str, Any], list[float]]] = {}
        for row in rows:
            if column in row:
                setup = _setup(row)
                values = groups.setdefault(identity_of(setup), (setup, []))[1]
                values += row[column] if isinstance(row[column], list) else [row[column]]
        for setup, values in groups.values():
            values.sort()
            for metric, share in (("p50", 0.5), ("p99", 0.99)):
                if metric == "p99" and len(values) < _ENOUGH_FOR_P99:
                    left.append(Left(f"{task} p99", f"{len(values)} samples are too few: {_ENOUGH_FOR_P99} are needed"))
                    continue
                value = values[max(0, math.ceil(share * len(values)) - 1)]
                yield Row(task, metric, value, {**setup, "samples": len(values)}, "lower")
