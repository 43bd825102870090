"""leaderboard: models by a benchmark; results that cannot be compared stand apart with the reason."""

from itertools import islice
from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.index.numbers import comparable_key
from modelreg_cli.query import sets
from modelreg_cli.query.compare import why_not
from modelreg_cli.query.conditions import Search, fitting
from modelreg_cli.query.opened import Index
from modelreg_cli.query.orders import in_order
from modelreg_cli.query.words import check_word

#: Two values whose difference is below this many standard errors of it are not told apart (one-sided 95 %).
_Z = 1.645
#: Larger boards do not say which ranks the standard errors leave open: that compares every row with every other.
_RANGED = 100
_COMPARABLE = ("task_version", "filter", "shots", "split", "subset", "dataset_revision", "prompt_digest", "chat_template_digest")
_SETUP = ("hardware", "devices", "runtime", "runtime_version", "concurrency", "batch", "input_tokens", "output_tokens")
#: How the axis of runs of a part of the questions ends: whatever their number, they are not what others are held against.
_PARTIAL = "true]"
_AGREE = (*_COMPARABLE, *_SETUP, "harness")


#: What a row tells callers.
FIELDS = (
    "rank",
    "rank_range",
    "ref",
    "value",
    "stderr",
    "samples",
    "basis",
    "evaluator",
    "harness",
    "variant",
    "date",
    "params",
    "architecture",
    "license",
    "url",
)


class Board(NamedTuple):
    """A leaderboard: ranked rows of `total`, rows apart of `apart_total` with `reason`, scores that are only linked."""

    benchmark: str
    metric: str
    unit: str
    better: str
    rows: list[dict[str, Any]]
    total: int
    apart: list[dict[str, Any]]
    apart_total: int
    withheld: list[dict[str, Any]]


def leaderboard(index: Index, name: str, metric: str | None, filters: Search) -> Board:
    """Results of a benchmark for the models that fit a search, one row a version in each comparable group.

    The ranked group is the one with most versions; `rank` counts from 1, and `rank_range` is what the standard
    errors leave open, where they are known. At most `filters.limit` rows of each group are given; 0 is all.

    Raises:
        ModelregError: no benchmark or metric is called so, or a filter is wrong.
    """
    if filters.limit < 0:
        raise ModelregError("--limit takes 0 or more", "--limit 0 shows everything")
    benchmark = check_word(index, "leaderboard", "benchmark", name)
    metrics = {row["metric"]: row for row in index.rows("SELECT * FROM metric WHERE benchmark = ?", (benchmark,))}
    chosen = metric or index.column("SELECT metric FROM benchmark WHERE id = ?", (benchmark,))[0]
    if chosen not in metrics:
        raise ModelregError(
            f"{benchmark} has no metric {chosen!r}", did_you_mean(chosen, metrics) or f"it has {', '.join(sorted(metrics))}"
        )
    fit = fitting(index, filters)
    versions = fit.loose if filters.unknown else fit.strict
    better = metrics[chosen]["better"]
    groups = groups_of(index, f"{benchmark}/{chosen}", versions)
    main = groups[0] if groups else ("", 0)
    limit = filters.limit or None
    ranged = main[1].bit_count() <= _RANGED
    ranked = rows_of(index, main, better, None if ranged else limit)
    _rank(ranked, limit if ranged else 0)
    apart: list[dict[str, Any]] = []
    for group in groups[1:]:
        for row in rows_of(index, group, better, limit and limit - len(apart)):
            row["reason"] = why_not([ranked[0], row]).removeprefix("not comparable: ")
            apart.append(row)
    apart_total = sum(members.bit_count() for _, members in groups[1:])
    withheld = _withheld(index, benchmark, chosen, versions)
    unit = metrics[chosen]["unit"]
    return Board(benchmark, chosen, unit, better, ranked[:limit], main[1].bit_count(), apart, apart_total, withheld)


def public(row: dict[str, Any]) -> dict[str, Any]:
    """A row as callers read it."""
    return {name: row.get(name) for name in FIELDS}


def as_value(board: Board) -> dict[str, Any]:
    """A leaderboard as one value."""
    return {
        "benchmark": board.benchmark,
        "metric": board.metric,
        "unit": board.unit,
        "better": board.better,
        "rows": [public(row) for row in board.rows],
        "apart": [{**public(row), "reason": row["reason"]} for row in board.apart],
        "withheld": [{"ref": row["ref"], "by": row["withheld"], "url": row["url"]} for row in board.withheld],
    }


def groups_of(index: Index, board: str, versions: int) -> list[tuple[str, int]]:
    """(axis, versions) of each comparable group: the largest, then the others in the order of what sets them apart."""
    axes = index.column("SELECT axis FROM span WHERE part = 0 AND axis BETWEEN ? AND ?", (f"board/{board}/", f"board/{board}0"))
    groups = [(axis, sets.known(index, axis) & versions) for axis in axes]
    found = sorted(((axis, members) for axis, members in groups if members), key=lambda group: group[0])
    main = max(found, key=lambda group: (not group[0].endswith(_PARTIAL), group[1].bit_count()), default=None)
    return [main, *(group for group in found if group is not main)] if main else []


def rows_of(index: Index, group: tuple[str, int], better: str, limit: int | None) -> list[dict[str, Any]]:
    """The best row of each version of a group, in order."""
    axis, members = group
    _, benchmark, metric, key = axis.split("/", 3) if members else ("", "", "", "")
    numbers = list(islice(in_order(index, members, axis, better == "higher"), limit))
    results = _results(index, numbers, benchmark, metric)
    rows = [_best(results.get(number, []), key, better) for number in numbers]
    if None in rows:
        raise index.damaged("a result is missing")
    return [row for row in rows if row]


def _results(index: Index, numbers: list[int], benchmark: str, metric: str) -> dict[int, list[dict[str, Any]]]:
    """Every result of these versions, by number: rows of the view `result`, made of the documents, as SQL would parse each many times."""
    usual = index.column("SELECT metric FROM benchmark WHERE id = ?", (benchmark,))
    sql = (
        "SELECT v.number, v.ref, v.model, v.name, v.params, v.architecture, v.license, d.id AS run, d.json FROM version v "
        "JOIN document d ON d.kind = 'results' AND d.id BETWEEN v.ref || '/' AND v.ref || '0' "  # the character after the slash
        "WHERE v.number IN (SELECT value FROM json_each(?)) ORDER BY d.id"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in index.rows(sql, (f"[{','.join(map(str, numbers))}]",)) if numbers else ():
        version = dict(row)
        told = index.mapping(version.pop("json"), row["run"])
        for position, measured in enumerate(told.get("metrics", ())):
            if measured.get("benchmark") == benchmark and measured.get("metric", usual[0] if usual else "") == metric:
                place = {"position": position, "version": row["ref"], "benchmark": benchmark, "metric": metric}
                found.setdefault(row["number"], []).append({**version, **place, **_result(told, measured)})
    return found


def _result(run: dict[str, Any], measured: dict[str, Any]) -> dict[str, Any]:
    """The columns of the view `result` that one measurement fills."""
    harness = run.get("harness") or {}
    return {
        **{name: run.get(name) for name in ("basis", "date", "variant", "artifact", "digest")},
        **{name: measured.get(name) for name in ("value", "stderr", "samples", "withheld", "partial", *_COMPARABLE, *_SETUP)},
        "evaluator": run.get("by"),
        "harness": harness.get("name"),
        "harness_version": harness.get("version"),
        "url": (run.get("source") or {}).get("url"),
    }


def _best(rows: list[dict[str, Any]], key: str, better: str) -> dict[str, Any] | None:
    """Measured before reported, then the better value."""
    fitting_ = [
        row for row in rows if row["value"] is not None and comparable_key(*(row[name] for name in _AGREE), bool(row["partial"])) == key
    ]
    return min(fitting_, key=lambda row: (row["basis"] != "measured", _signed(row["value"], better), row["run"]), default=None)


def _withheld(index: Index, benchmark: str, metric: str, versions: int) -> list[dict[str, Any]]:
    """Scores that may only be linked."""
    numbers = list(sets.members(sets.having(index, "withheld", f"{benchmark}/{metric}") & versions))
    found = _results(index, numbers, benchmark, metric).values()
    return sorted((row for rows in found for row in rows if row["value"] is None), key=lambda row: (row["run"], row["position"]))


def _signed(value: float, better: str) -> float:
    return -value if better == "higher" else value


def _rank(rows: list[dict[str, Any]], shown: int | None) -> None:
    """Adds `rank` to rows in order, and `rank_range` to those that are shown."""
    for place, row in enumerate(rows):
        same = place > 0 and rows[place - 1]["value"] == row["value"]
        row["rank"] = rows[place - 1]["rank"] if same else place + 1
        row["rank_range"] = None
    told = [(row["value"], (row["stderr"] or 0.0) ** 2) for row in rows]
    for place, row in enumerate(rows[:shown]):
        if row["stderr"] is not None:
            value, error = told[place]
            # sorted rows: only those above can be better, only those below worse; squares, as a root for each pair would cost most
            above = sum((other - value) ** 2 > _Z * _Z * (square + error) for other, square in told[:place])
            below = sum((other - value) ** 2 > _Z * _Z * (square + error) for other, square in told[place + 1 :])
            row["rank_range"] = [1 + above, len(rows) - below]
