"""recommend: of the models that fit, those to choose from, each with the reason; and those that nearly are."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.query.conditions import Search, fitting
from modelreg_cli.query.criteria import Reading, Wanted, all_criteria, groups_among
from modelreg_cli.query.opened import Index
from modelreg_cli.query.orders import by_ref
from modelreg_cli.query.pareto import dominates, front, shares, weighed
from modelreg_cli.query.relaxed import relaxed
from modelreg_cli.query.sets import members
from modelreg_cli.query.words import check_word

#: So many near misses of each sort are told.
_NEAR = 5
_COLUMNS = ("ref", "model", "version", "name", "license", "params", "context", "status")


class Recommend(NamedTuple):
    """What to recommend by. Without weights it is the front: what no other model beats in everything."""

    search: Search
    wanted: Wanted
    over: tuple[str, ...]
    weights: Mapping[str, Fraction] | None = None
    limit: int = 10


class Recommended(NamedTuple):
    """Models to choose from with reasons; near misses; models that could be among them if more were known; how many were looked at."""

    over: tuple[str, ...]
    picks: list[dict[str, Any]]
    total: int
    near: list[dict[str, Any]]
    unknown: list[dict[str, Any]]
    unknown_total: int
    candidates: int


class _Field(NamedTuple):
    """The candidates: readings by criterion, and points of those of which everything is known (more is better)."""

    readings: dict[str, Reading]
    points: dict[int, tuple[float, ...]]
    chosen: int


def recommend(index: Index, asked: Recommend) -> Recommended:
    """The front, or the best by weight.

    Raises:
        ModelregError: an unknown criterion, benchmark or filter, or nothing to recommend by.
    """
    asked = _checked(index, asked)
    chosen = _fitting(index, asked.search)
    asked = asked._replace(wanted=asked.wanted._replace(groups=groups_among(index, asked.wanted.quality, chosen)))
    field = _field(index, asked, chosen)
    best = front(field.points)
    scores = _scores(asked, field)
    order = sorted(scores, key=lambda number: -scores[number]) if asked.weights else best
    shown = order[: asked.limit or None]
    picks = [{**_row(index, asked, field, number, scores), "reason": _reason(index, asked, field, number, order)} for number in shown]
    near = [*_blocked(index, asked, field, order), *(() if asked.weights else _dominated(index, asked, field, best))]
    unknown = _unknown(index, asked, field, best)
    # of many that have no score, a list says little: those that have one come alone, where there are any
    told = [row for row in unknown if row[asked.over[0]] is not None] or unknown
    return Recommended(asked.over, picks, len(order), near, told[: _NEAR if asked.limit else None], len(unknown), field.chosen.bit_count())


def as_value(found: Recommended) -> dict[str, Any]:
    """The answer as one value."""
    return {"over": list(found.over), **{name: value for name, value in found._asdict().items() if name != "over"}}


def _fitting(index: Index, asked: Search) -> int:
    fit = fitting(index, asked)
    return fit.loose if asked.unknown else fit.strict


def _checked(index: Index, asked: Recommend) -> Recommend:
    if asked.limit < 0:
        raise ModelregError("--limit takes 0 or more", "--limit 0 shows everything")
    for name in asked.over:
        if name not in all_criteria:
            hint = did_you_mean(name, all_criteria) or f"known: {', '.join(all_criteria)}"
            raise ModelregError(f"nothing is recommended by {name!r}", hint)
    if "quality" in asked.over and not asked.wanted.quality:
        most = index.column("SELECT benchmark FROM score GROUP BY benchmark ORDER BY count(DISTINCT version) DESC, benchmark LIMIT 3")
        raise ModelregError("what good is must be said: --quality BENCHMARK", f"for example --quality {most[0]}" if most else None)
    names = dict.fromkeys(check_word(index, "--quality", "benchmark", name) for name in asked.wanted.quality)
    return asked._replace(wanted=asked.wanted._replace(quality=tuple(names)))


def _field(index: Index, asked: Recommend, chosen: int) -> _Field:
    readings = {name: all_criteria[name].read(index, asked.search, chosen, asked.wanted) for name in asked.over}
    points = {}
    for number in by_ref(index, chosen):
        if all(number in reading.values for reading in readings.values()):
            points[number] = tuple(_signed(name, reading.values[number]) for name, reading in readings.items())
    return _Field(readings, points, chosen)


def _signed(name: str, value: float) -> float:
    return -value if all_criteria[name].lower else value


def _scores(asked: Recommend, field: _Field) -> dict[int, float]:
    """By weight, 1 is the best in everything; empty where no weights are given."""
    if not asked.weights:
        return {}
    columns = [
        shares({number: reading.values[number] for number in field.points}, all_criteria[name].lower)
        for name, reading in field.readings.items()
    ]
    return weighed(columns, [asked.weights[name] for name in field.readings])


def _row(index: Index, asked: Recommend, field: _Field, number: int, scores: Mapping[int, float]) -> dict[str, Any]:
    row = index.must(f"SELECT {', '.join(_COLUMNS)} FROM version WHERE number = ?", (number,))
    told: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    for name, reading in field.readings.items():
        told[name] = reading.values.get(number)
        told |= reading.told.get(number, {})
    return told | ({"score": scores.get(number)} if asked.weights else {})


def _reason(index: Index, asked: Recommend, field: _Field, number: int, order: list[int]) -> str:
    point = field.points[number]
    said = [all_criteria[name].best for at, name in enumerate(asked.over) if point[at] == max(other[at] for other in field.points.values())]
    if not said and not asked.weights and asked.over == ("quality", "price"):
        dearer = min(-field.points[other][1] for other in order if field.points[other][0] > point[0])
        said = [f"best quality under {_dollars(dearer)}"]
    beaten = [other for other, values in field.points.items() if dominates(point, values)]
    if beaten:
        first = max(beaten, key=lambda other: field.points[other])  # of equal ones the first ref
        more = f" and {len(beaten) - 1} more" if len(beaten) > 1 else ""
        said.append(f"dominates {_ref(index, first)}{more}: {_how(asked, point, field.points[first])}")
    return "; ".join(said) or ("by its weights" if asked.weights else f"no other is as good in {listed(list(asked.over), 'and')}")


def _how(asked: Recommend, point: Iterable[float], other: Iterable[float]) -> str:
    """In what one point is better than another that it dominates."""
    words = [
        all_criteria[name].better if mine > theirs else all_criteria[name].no_worse
        for name, mine, theirs in zip(asked.over, point, other, strict=True)
    ]
    return listed(words, "and")


def _blocked(index: Index, asked: Recommend, field: _Field, order: list[int]) -> list[dict[str, Any]]:
    """Models that one condition alone keeps out, and that would be first, or in the front."""
    found: dict[int, dict[str, Any]] = {}
    for condition in relaxed(asked.search):
        other = asked._replace(search=condition.search)
        wider = _field(index, other, _fitting(index, condition.search) & ~field.chosen)
        for number in wider.points:
            place = _place(asked, field, wider, number, order)
            if number not in found and place:
                told = f"would be {place}, but {condition.why(index, number)}"
                found[number] = {**_row(index, other, wider, number, {}), "reason": told}
    ranked = sorted(found, key=lambda number: ("would be first" not in found[number]["reason"], found[number]["ref"]))
    return [found[number] for number in ranked[:_NEAR]]


def _place(asked: Recommend, field: _Field, wider: _Field, number: int, order: list[int]) -> str:
    """Where a version would be among the candidates, if anywhere that counts."""
    point = wider.points[number]
    if asked.weights:
        readings = {
            name: reading._replace(values={**reading.values, number: wider.readings[name].values[number]})
            for name, reading in field.readings.items()
        }
        scores = _scores(asked, _Field(readings, {**field.points, number: point}, 0))
        return "first" if all(scores[number] > score for other, score in scores.items() if other != number) else ""
    if any(dominates(field.points[number], point) or field.points[number] == point for number in order):
        return ""
    return "first" if all(point[0] > field.points[number][0] for number in order) else "in the front"


def _dominated(index: Index, asked: Recommend, field: _Field, best: list[int]) -> list[dict[str, Any]]:
    """Models that one model alone keeps out of the front, those that it beats by least first."""
    spans = [max(column) - min(column) or 1.0 for column in zip(*field.points.values(), strict=True)]
    near: list[tuple[float, int, int]] = []
    for number, point in field.points.items():
        by = [other for other in best if dominates(field.points[other], point)]
        if len(by) == 1:
            gap = sum((a - b) / span for a, b, span in zip(field.points[by[0]], point, spans, strict=True))
            near.append((gap, number, by[0]))
    found = []
    for _, number, by_ in sorted(near, key=lambda item: (item[0], _ref(index, item[1])))[:_NEAR]:
        gaps = [_gap(name, field, field.points[by_][at] - field.points[number][at]) for at, name in enumerate(asked.over)]
        told = f"not dominated except by {_ref(index, by_)}: {listed([gap for gap in gaps if gap], 'and')}"
        found.append({**_row(index, asked, field, number, {}), "reason": told})
    return found


def _gap(name: str, field: _Field, by: float) -> str:
    if not by:
        return ""
    if name == "quality":
        return f"{by * 100:.3g} points better" if field.readings[name].scaled else f"{by:.4g} better"
    return f"{_dollars(by)} less" if name == "price" else f"{by / 1024**3:.1f} GiB less"


def _unknown(index: Index, asked: Recommend, field: _Field, best: list[int]) -> list[dict[str, Any]]:
    """Models of which something is known, and which what is not known may bring into the front; best of what is known first."""
    found = []
    for number in members(field.chosen):
        if number in field.points:
            continue
        known = [at for at, name in enumerate(asked.over) if number in field.readings[name].values]
        mine = [_signed(asked.over[at], field.readings[asked.over[at]].values[number]) for at in known]
        if known and not any(all(field.points[other][at] > value for at, value in zip(known, mine, strict=True)) for other in best):
            missing = [asked.over[at] for at in range(len(asked.over)) if at not in known]
            reasons = [field.readings[name].why.get(number, all_criteria[name].unknown) for name in missing]
            found.append((known, mine, {**_row(index, asked, field, number, {}), "reason": listed(reasons, "and")}))
    return [row for _, _, row in sorted(found, key=lambda one: (one[0], [-value for value in one[1]], one[2]["ref"]))]


def _ref(index: Index, number: int) -> str:
    return str(index.must("SELECT model FROM version WHERE number = ?", (number,))[0])


def _dollars(value: float) -> str:
    return f"${value:.6f}".rstrip("0").rstrip(".")
