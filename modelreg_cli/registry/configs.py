"""Rows of the index -> configurations, a few queries for any number of them."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from modelreg_cli.index.numbers import bound
from modelreg_cli.query.capable import implied
from modelreg_cli.query.opened import Index
from modelreg_cli.registry.config import ModelConfig, RateLimit
from modelreg_cli.registry.record import Record

#: Rows that one query fetches.
_AT_ONCE = 500
_AXES = ("capability", "task", "modality_in", "modality_out")
Labels = dict[str, list[str]]
T = TypeVar("T")


def versions(index: Index, numbers: Sequence[int]) -> list[ModelConfig]:
    """Models wherever they run, in the order of these numbers."""
    found: dict[int, ModelConfig] = {}
    for some in _parts(numbers):
        among = ", ".join(map(str, some))
        labels, scores, quality = _labels(index, among), _scores(index, among), _quality(index, among)
        for row in index.rows(f"SELECT * FROM version WHERE number IN ({among})"):
            number = row["number"]
            found[number] = ModelConfig(
                id=row["model"],
                model=row["ref"],
                name=row["name"],
                type=row["type"],
                status=row["status"],
                license=row["license"],
                weights=row["weights"],
                released=row["released"],
                **_abilities(index, labels.get(number, {})),
                context_window=bound(row["context"]),
                max_output_tokens=bound(row["output"]),
                input_cost=row["price_in"],
                output_cost=row["price_out"],
                quality=Record(quality.get(number, {})),
                scores=Record(scores.get(number, {})),
            )
    return [found[number] for number in numbers]


def offered(index: Index, where: str, values: Sequence[Any]) -> list[ModelConfig]:
    """Models on providers, by wire id."""
    rows = index.rows(f"SELECT * FROM offering WHERE {where} ORDER BY provider, wire_id, id", values)
    known = {config.model: config for config in versions(index, sorted({row["number"] for row in rows} - {None}))}
    told = {id_: index.mapping(text, id_) for id_, text in _documents(index, [row["id"] for row in rows])}
    limits = _rate_limits(index, [row["id"] for row in rows])
    return [_offering(index, row, known.get(row["version"]), told.get(row["id"], {}), limits.get(row["id"], ())) for row in rows]


def _offering(index: Index, row: Any, version: ModelConfig | None, told: dict[str, Any], limits: tuple[RateLimit, ...]) -> ModelConfig:
    """The version, with what this provider says of it instead."""
    base = version or ModelConfig(id="")
    own = told.get("modalities", {})
    labels = {
        "capability": sorted({*base.capabilities, *told.get("capabilities", ())} - {*_following(index)}),
        "task": list(base.tasks),
        "modality_in": own.get("input", list(base.input_modalities)),
        "modality_out": own.get("output", list(base.output_modalities)),
    }
    abilities = _abilities(index, labels)
    abilities["capabilities"] = tuple(word for word in abilities["capabilities"] if word not in told.get("lacks", ()))
    return base._replace(
        id=f"{row['provider']}:{row['wire_id']}",
        model=row["version"],
        name=told.get("name", base.name),
        provider=row["provider"],
        status=row["status"],
        **abilities,
        context_window=bound(row["context"]),
        max_output_tokens=bound(row["output"]),
        input_cost=row["price_in"],
        output_cost=row["price_out"],
        billing=row["billing"],
        rate_limits=limits,
        latency_p50_ms=row["p50_ms"],
        latency_p99_ms=row["p99_ms"],
    )


def _following(index: Index) -> Iterator[str]:
    """Capabilities that follow from modalities, which an offering may have others of."""
    return (word for word, labels in implied(index).items() if any(label.axis.startswith("modality") for label in labels))


def _abilities(index: Index, labels: Labels) -> dict[str, Any]:
    following = [word for word, means in implied(index).items() if any(one.value in labels.get(one.axis, ()) for one in means)]
    return {
        "capabilities": tuple(sorted({*labels.get("capability", ()), *following})),
        "tasks": tuple(labels.get("task", ())),
        "input_modalities": tuple(labels.get("modality_in", ())),
        "output_modalities": tuple(labels.get("modality_out", ())),
    }


def _labels(index: Index, among: str) -> dict[int, Labels]:
    axes = ", ".join(f"'{axis}'" for axis in _AXES)
    found: dict[int, Labels] = {}
    for number, axis, value in index.rows(f"SELECT version, axis, value FROM label WHERE version IN ({among}) AND axis IN ({axes})"):
        found.setdefault(number, {}).setdefault(axis, []).append(value)
    return found


def _scores(index: Index, among: str) -> dict[int, dict[str, float]]:
    sql = (
        "SELECT s.version, s.benchmark, s.value FROM score s JOIN benchmark b ON b.id = s.benchmark AND b.metric = s.metric "
        f"WHERE s.version IN ({among}) AND s.value IS NOT NULL ORDER BY s.version, s.benchmark"
    )
    found: dict[int, dict[str, float]] = {}
    for number, benchmark, value in index.rows(sql):
        found.setdefault(number, {})[benchmark] = value
    return found


def _quality(index: Index, among: str) -> dict[int, dict[str, float]]:
    sql = (
        "SELECT v.number, json_extract(d.json, '$.quality') FROM version v JOIN document d ON d.kind = 'version' AND d.id = v.ref "
        f"WHERE v.number IN ({among}) AND json_extract(d.json, '$.quality') IS NOT NULL"
    )
    return {number: {name: told["score"] for name, told in index.mapping(text, "quality").items()} for number, text in index.rows(sql)}


def _documents(index: Index, ids: Sequence[str]) -> Iterator[Any]:
    for some in _parts(ids):
        marks = ", ".join("?" * len(some))
        yield from index.rows(f"SELECT id, json FROM document WHERE kind = 'offering' AND json IS NOT NULL AND id IN ({marks})", some)


def _rate_limits(index: Index, ids: Sequence[str]) -> dict[str, tuple[RateLimit, ...]]:
    found: dict[str, tuple[RateLimit, ...]] = {}
    for some in _parts(ids):
        marks = ", ".join("?" * len(some))
        for row in index.rows(f"SELECT * FROM rate_limit WHERE offering IN ({marks}) ORDER BY offering, plan", some):
            limit = RateLimit(*(row[name] for name in RateLimit._fields))
            found[row["offering"]] = (*found.get(row["offering"], ()), limit)
    return found


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
