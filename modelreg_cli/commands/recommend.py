"""modelreg recommend"""

from typing import Any

from modelreg_cli.commands.answer import opened, plural, put, style, talk
from modelreg_cli.commands.filters import FILTERS
from modelreg_cli.commands.fitting import FITTING
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.errors import listed
from modelreg_cli.query.opened import Index
from modelreg_cli.query.recommend import Recommended, as_value, recommend
from modelreg_cli.query.weighing import recommend_of
from modelreg_cli.render import words
from modelreg_cli.render.output import STRUCTURED, Column, rows
from modelreg_cli.render.structured import structured


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    asked = recommend_of(index, values, " ".join(values["text"]))
    found = recommend(index, asked)
    if shape.chosen in STRUCTURED and not shape.fields and not shape.quiet:
        put(structured(as_value(found), shape.chosen))
        return 0
    columns = _columns(index, found, weighed=bool(asked.weights))
    if shape.chosen == "table":  # the reasons need the room
        columns = [column for column in columns if column.name != "license"]
    put(rows(columns, _cells(found.picks), shape, "model"))
    if shape.quiet:
        return 0
    if shape.chosen == "table":
        for title, apart in (("nearly", found.near), ("not enough is known", found.unknown)):
            if apart:
                put(f"\n{title}\n" + rows(columns, _cells(apart), shape, "model"))
    _footer(found, weighed=bool(asked.weights))
    return 0


def _cells(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, **row.get("scores", {})} for row in found]


def _columns(index: Index, found: Recommended, weighed: bool) -> list[Column]:
    benchmarks = list(dict.fromkeys(name for row in (*found.picks, *found.near, *found.unknown) for name in row.get("scores", {})))
    columns = [Column("model", "MODEL")]
    if weighed:
        columns.append(Column("score", "SCORE", lambda value: "" if value is None else f"{value:.3f}", right=True))
    if len(benchmarks) > 1:
        columns.append(Column("quality", "QUALITY", words.score, right=True))
    for name in benchmarks:
        unit = index.column(
            "SELECT m.unit FROM metric m JOIN benchmark b ON b.id = m.benchmark AND b.metric = m.metric WHERE b.id = ?", (name,)
        )
        columns.append(Column(name, name.upper(), lambda value, unit=unit[0]: words.score(value, unit), right=True))  # type: ignore[misc]
    if "price" in found.over:
        columns += [Column("price", "BLEND/1M", lambda value: words.dollars(None if value is None else round(value, 4)), right=True)]
    if "memory" in found.over:
        columns.append(Column("memory", "NEEDS", lambda value: words.size(None if value is None else int(value)), right=True))
    return [*columns, Column("license", "LICENCE"), Column("reason", "WHY")]


def _footer(found: Recommended, weighed: bool) -> None:
    over = listed([*found.over], "and")
    told = f"{over} are known of {found.total}" if weighed else f"{found.total} that no other beats in {over}"
    said = [f"{plural(found.candidates, 'candidate')}; {told}."]
    if len(found.picks) < found.total:
        said.append(f"Shown: {len(found.picks)}; --limit 0 shows all.")
    if found.unknown_total:
        said.append(f"{found.unknown_total} more might be among them if more were known of them.")
    talk(" ".join(said))


COMMAND = Command(
    "recommend",
    "which models to choose from, and why: by quality, price and memory",
    (
        Param("text", "words that must be there, as in search", argument=True, many=True, metavar="[TEXT]..."),
        Param(
            "quality", "benchmarks that say what good is; of several, the mean", many=True, commas=True, metavar="BENCH", words="benchmark"
        ),
        Param("over", "what counts: quality, price, memory (else quality,price)", many=True, commas=True, metavar="NAME"),
        Param("weigh", "order by weights instead: quality=3,price=1,memory=1", many=True, commas=True, metavar="NAME=N"),
        Param("ratio", "tokens of input to tokens of output, for the price", default="3:1", metavar="IN:OUT"),
        *FILTERS,
        *FITTING,
        Param("limit", "models at most; 0 is all", kind="int", default=10, metavar="N"),
        *STATE,
        *OUTPUT,
    ),
    _run,
    details="Without weights: the models that no other one beats in everything that counts (the Pareto front), the best quality first. "
    "Only comparable scores count; a price is the blend that one offering asks. What is unknown is never taken for 0: such models stand apart. "
    "Near misses are told with what keeps them out.",
    examples=(
        "modelreg recommend --quality swe-bench-verified --commercial --weights open",
        "modelreg recommend --quality swe-bench-verified,swe-bench-pro --weigh quality=3,price=1 --limit 5",
        "modelreg recommend --quality swe-bench-verified --over quality,memory --context 32k --precision q4_k_m",
    ),
)
