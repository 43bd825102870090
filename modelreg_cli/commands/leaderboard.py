"""modelreg leaderboard"""

from typing import Any

from modelreg_cli.commands.answer import opened, plural, put, style, talk
from modelreg_cli.commands.filters import FILTERS
from modelreg_cli.commands.fitting import FITTING
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.asked import search_fits, search_of
from modelreg_cli.query.leaderboard import FIELDS, Board, as_value, leaderboard, public
from modelreg_cli.render import words
from modelreg_cli.render.output import STRUCTURED, Column, rows
from modelreg_cli.render.structured import structured


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    filters = dict(values)
    filters["all_versions"] = True
    asked = search_of(filters, limit=values["limit"])._replace(fits=search_fits(index, values))
    board = leaderboard(index, values["benchmark"], values["metric"], asked)
    ranked = board.rows
    if shape.chosen in STRUCTURED and not shape.fields:
        put(structured(as_value(board), shape.chosen))
        return 0
    people = shape.chosen in ("table", "markdown")
    put(rows(_columns(board, ranked if people else None), ranked, shape, "ref", [public(row) for row in ranked], FIELDS))
    if shape.quiet:
        return 0
    if shape.chosen == "table" and board.apart:
        put("\nnot comparable with these\n" + rows(_columns(board, board.apart, apart=True), board.apart, shape, "ref"))
    _footer(board, len(ranked), shape.chosen == "table")
    return 0


def _columns(board: Board, shown: list[dict[str, Any]] | None, apart: bool = False) -> list[Column]:
    """Columns of a board; for people those that are empty in all rows shown are left out."""

    def show(value: float | None) -> str:
        return words.score(value, board.unit)

    columns = [
        *([] if apart else [Column("rank", "RANK", right=True)]),
        Column("ref", "VERSION"),
        Column("value", board.metric.upper() + (" %" if board.unit == "fraction" else ""), show, right=True),
        *([Column("reason", "WHY NOT COMPARABLE")] if apart else []),
        Column("stderr", "±", show, right=True),
        Column("rank_range", "RANKS", lambda value: f"{value[0]}-{value[1]}" if value else "", right=True),
        Column("basis", "BASIS"),
        Column("evaluator", "BY"),
        Column("harness", "HARNESS"),
        Column("variant", "VARIANT"),
        Column("params", "PARAMS", words.weights, right=True),
        Column("date", "DATE"),
    ]
    if shown is None:
        return columns
    kept = ("rank", "ref", "value")
    return [column for column in columns if column.name in kept or any(row.get(column.name) is not None for row in shown)]


def _footer(board: Board, shown: int, apart_shown: bool) -> None:
    said = [f"{shown} of {plural(board.total, 'version')} with comparable results on {board.benchmark}."]
    if board.apart and not apart_shown:
        said.append(f"{plural(board.apart_total, 'result')} can not be compared with these: --json tells why.")
    if board.withheld:
        holders = ", ".join(sorted({row["withheld"] for row in board.withheld}))
        said.append(f"{plural(len(board.withheld), 'score')} of {holders} may only be linked: --json has the links.")
    talk(" ".join(said))


COMMAND = Command(
    "leaderboard",
    "models ranked by a benchmark",
    (
        Param(
            "benchmark",
            "benchmark id; `modelreg sql 'SELECT id, name FROM benchmark'` lists them",
            argument=True,
            required=True,
            metavar="BENCHMARK",
            words="benchmark",
        ),
        Param("metric", "metric of the benchmark, where it has several", metavar="NAME"),
        *(param for param in FILTERS if param.name != "all-versions"),
        *FITTING,
        Param("limit", "rows at most; 0 is all", kind="int", default=25, metavar="N"),
        *STATE,
        *OUTPUT,
    ),
    _run,
    details="Results that differ in task version, shots, filter, split, data, prompt or harness can not be compared: the largest comparable "
    "group is ranked, the others stand apart with the reason. RANKS is what the standard errors leave open (one-sided 95 %).",
    examples=("modelreg leaderboard swe-bench-verified", "modelreg leaderboard aider-polyglot --weights open --max-params 40B"),
)
