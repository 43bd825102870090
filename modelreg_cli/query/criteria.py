"""What models are recommended by: each criterion reads one number for each version that it is known of."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from modelreg_cli.errors import ModelregError
from modelreg_cli.query.compare import why_not
from modelreg_cli.query.conditions import Search, offer_conditions
from modelreg_cli.query.fits import needs
from modelreg_cli.query.leaderboard import groups_of, rows_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.sets import known, members

if TYPE_CHECKING:
    from modelreg_cli.query.fits import Fits


class Wanted(NamedTuple):
    """How the criteria are read: benchmarks, the ratio of input to output, how the model is run.

    `groups` has the axis of the scores that are compared, by benchmark: the largest comparable group among the candidates.
    """

    quality: tuple[str, ...] = ()
    ratio: tuple[float, float] = (3.0, 1.0)
    fits: "Fits | None" = None
    groups: Mapping[str, str] = MappingProxyType({})


class Reading(NamedTuple):
    """A number of each version that it is known of, what else is told of it, and why it is not known of some.

    `scaled`: the number is between 0 and 1.
    """

    values: dict[int, float]
    told: dict[int, dict[str, Any]]
    why: dict[int, str]
    scaled: bool = False


class Criterion(NamedTuple):
    """One thing to recommend by; of costs, less is better. `best`, `better` and `no_worse` are words for reasons."""

    read: Callable[[Index, Search, int, Wanted], Reading]
    lower: bool
    best: str
    better: str
    no_worse: str
    unknown: str


def groups_among(index: Index, benchmarks: Iterable[str], chosen: int) -> dict[str, str]:
    """The axis of the largest comparable group of scores among some versions, by benchmark."""
    found = {}
    for benchmark in benchmarks:
        groups = groups_of(index, f"{benchmark}/{_metric(index, benchmark)['metric']}", chosen)
        found[benchmark] = groups[0][0] if groups else ""
    return found


def _metric(index: Index, benchmark: str) -> Any:
    return index.must(
        "SELECT m.* FROM benchmark b JOIN metric m ON m.benchmark = b.id AND m.metric = b.metric WHERE b.id = ?", (benchmark,)
    )


def _quality(index: Index, _asked: Search, chosen: int, wanted: Wanted) -> Reading:
    """The mean of comparable scores, from 0 to 1 where their benchmarks have bounds; a single one without bounds as it is."""
    told: dict[int, dict[str, Any]] = {number: {"scores": dict.fromkeys(wanted.quality)} for number in members(chosen)}
    parts: dict[int, list[float]] = {number: [] for number in told}
    why: dict[int, str] = {}
    scaled = True
    for benchmark in wanted.quality:
        metric, axis = _metric(index, benchmark), wanted.groups[benchmark]
        zero, one, bounded = _scale(metric, alone=len(wanted.quality) == 1)
        scaled = scaled and bounded
        ranked = rows_of(index, (axis, known(index, axis) & chosen), metric["better"], None) if axis else []
        for row in ranked:
            told[row["number"]]["scores"][benchmark] = row["value"]
            parts[row["number"]].append((row["value"] - zero) / (one - zero))
        for group in groups_of(index, f"{benchmark}/{metric['metric']}", chosen):
            if group[0] != axis and ranked:
                for row in rows_of(index, group, metric["better"], None):
                    why[row["number"]] = f"its {benchmark} score is {why_not([ranked[0], row])}"
    values = {number: sum(some) / len(some) for number, some in parts.items() if len(some) == len(wanted.quality)}
    return Reading(values, told, why, scaled)


def _scale(metric: Any, alone: bool) -> tuple[float, float, bool]:
    """The values of a metric that are 0 and 1, and whether no score is outside of them."""
    least, most = {"fraction": (0.0, 1.0), "percent": (0.0, 100.0)}.get(metric["unit"], (metric["min"], metric["max"]))
    bounded = least is not None and most is not None and least < most
    if not bounded and not alone:
        raise ModelregError(
            f"--quality: {metric['benchmark']} is measured in {metric['unit']} without bounds, so it cannot be averaged with others",
            "name it alone, or leave it out",
        )
    low, high = (least, most) if bounded else (0.0, 1.0)
    if metric["better"] == "lower":
        return (high, low, True) if bounded else (0.0, -1.0, False)
    return low, high, bounded


def _price(index: Index, asked: Search, chosen: int, wanted: Wanted) -> Reading:
    """The lowest blend that one offering in service asks; a free one counts only where nobody is paid."""
    into, out = wanted.ratio
    offers = offer_conditions(index, asked, loose=False)
    priced = " AND ".join(f"o.{name} IS NOT NULL" for name, part in (("price_in", into), ("price_out", out)) if part)
    sql = (
        "SELECT o.number, o.id, o.provider, o.wire_id, o.price_in, o.price_out FROM offering o "
        f"WHERE o.in_service = 1 AND o.number IS NOT NULL AND {priced} AND {offers.text()} ORDER BY o.id"
    )
    best: dict[int, tuple[bool, float]] = {}
    told: dict[int, dict[str, Any]] = {}
    for row in index.rows(sql, offers.values):
        number = row["number"]
        # a price is decimal: what a double makes of its tenth digit is no part of it
        blend = round((into * (row["price_in"] or 0.0) + out * (row["price_out"] or 0.0)) / (into + out), 9)
        rank = (blend == 0, blend)
        if chosen >> number & 1 and (number not in best or rank < best[number]):
            best[number] = rank
            told[number] = {"price_in": row["price_in"], "price_out": row["price_out"], "offering": f"{row['provider']}:{row['wire_id']}"}
    return Reading({number: rank[1] for number, rank in best.items()}, told, {})


def _memory(index: Index, asked: Search, chosen: int, wanted: Wanted) -> Reading:
    """Bytes that it needs, where all parts of that are known."""
    fits = asked.fits or wanted.fits
    found = needs(index, fits, list(members(chosen))) if fits and chosen else {}
    sure = {number: need for number, need in found.items() if need["need"] and need["need_basis"] != "at least"}
    least = {number: need["need"] for number, need in found.items() if need["need"] and number not in sure}
    why = {number: f"it needs at least {need / 1024**3:.1f} GiB, and more is not known" for number, need in least.items()}
    return Reading({number: float(need["need"]) for number, need in sure.items()}, dict(sure), why)


#: Criteria by name.
all_criteria: dict[str, Criterion] = {
    "quality": Criterion(_quality, False, "best quality", "better", "no worse", "no comparable score"),
    "price": Criterion(_price, True, "cheapest", "cheaper", "no dearer", "unknown price"),
    "memory": Criterion(_memory, True, "least memory", "smaller", "no larger", "unknown memory need"),
}
