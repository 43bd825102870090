"""modelreg search"""

from typing import Any

from modelreg_cli.commands.answer import opened, plural, put, style, talk
from modelreg_cli.commands.filters import FILTERS
from modelreg_cli.commands.fitting import FITTING, told
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.asked import search_fits, search_of
from modelreg_cli.query.axes import all_facets, all_sorts
from modelreg_cli.query.opened import Index
from modelreg_cli.query.search import Found, field_names, public, search
from modelreg_cli.render import words
from modelreg_cli.render.output import STRUCTURED, Column, Style, rows
from modelreg_cli.render.structured import structured

_COLUMNS = [
    Column("model", "MODEL"),
    Column("version", "VERSION"),
    Column("params", "PARAMS", words.weights, right=True),
    Column("context", "CONTEXT", words.tokens, right=True),
    Column("license", "LICENCE"),
    Column("price_in", "IN/1M", words.dollars, right=True),
    Column("price_out", "OUT/1M", words.dollars, right=True),
]
_NEED = [Column("need", "NEEDS", words.size, right=True), Column("need_basis", "BASIS")]
_LAST = [Column("released", "RELEASED"), Column("tags", "TAGS")]


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    asked = search_of(
        values,
        text=" ".join(values["text"]),
        limit=values["limit"],
        sort=values["sort"],
        offset=values["offset"],
        facets=tuple(values["facets"]),
    )._replace(fits=search_fits(index, values))
    found = search(index, asked)
    if asked.facets:
        _put_facets(found, shape.chosen)
    else:
        plain_rows = [public(row) for row in found.rows]
        last = _telling(plain_rows) if shape.chosen == "table" else _LAST
        columns = [*_COLUMNS, *(_NEED if asked.fits else ()), *_score_columns(index, found), *last]
        known = [*field_names(index), *(("need", "need_basis", "need_artifact") if asked.fits else ())] if shape.fields else ()
        put(rows(columns, _with_scores(plain_rows, found), shape, "ref" if asked.every_version else "model", plain_rows, known))
    if not shape.quiet:
        _footer(found, asked.text, values)
        if asked.fits:
            computed = "" if asked.fits.precision else " --precision q4_k_m computes weights whose files are not in the catalog."
            talk(f"Memory: {told(asked.fits)}, in {words.size(asked.fits.room)}.{computed}")
    return 0


def _telling(found: list[dict[str, Any]]) -> list[Column]:
    """The last columns, for people, without one that tells nothing: no tags, or the days that the versions are called by."""
    new = {"tags": any(row["tags"] for row in found), "released": any(row["released"] not in (None, row["version"]) for row in found)}
    return [column for column in _LAST if new[column.name]]


def _with_scores(found: list[dict[str, Any]], answer: Found) -> list[dict[str, Any]]:
    return [{**row, **{name: row["scores"].get(name) for name in answer.benchmarks}} for row in found]


def _score_columns(index: Index, found: Found) -> list[Column]:
    columns = []
    for name in found.benchmarks:
        unit = index.column(
            "SELECT m.unit FROM benchmark b JOIN metric m ON m.benchmark = b.id AND m.metric = b.metric WHERE b.id = ?", (name,)
        )[0]
        columns.append(Column(name, name.upper(), lambda value, unit=unit: words.score(value, unit), right=True))  # type: ignore[misc]
    return columns


def _put_facets(found: Found, kind: str) -> None:
    if kind in STRUCTURED:
        put(structured({name: dict(counts) for name, counts in found.facets.items()}, kind))
        return
    if kind != "table":
        lines = [{"facet": name, "value": value, "models": count} for name, counts in found.facets.items() for value, count in counts]
        put(rows([Column(name, name.upper()) for name in ("facet", "value", "models")], lines, Style(kind), "value"))
        return
    for name, counts in found.facets.items():
        width = max((len(value) for value, _ in counts), default=0)
        put(f"{name}\n" + "".join(f"  {value:<{width}}  {count:>6,}\n" for value, count in counts))


def _footer(found: Found, text: str, values: Values) -> None:
    what = "version" if values["all_versions"] else "model"
    words_ = [f"{found.total:,} of {plural(found.models, what)}."]
    if 0 < values["limit"] < found.total and not values["facets"]:
        words_.append(f"Shown: {len(found.rows)}; --limit 0 shows all.")
    for reason, count in found.unknown.items():
        words_.append(
            f"{count:,} more {'has' if count == 1 else 'have'} an unknown {reason}: add --unknown to see {'it' if count == 1 else 'them'}."
        )
    if not found.total and text:
        words_.append("Fewer words find more; a part of a word is enough.")
    talk(" ".join(words_))


COMMAND = Command(
    "search",
    "find models by text and filters",
    (
        Param(
            "text",
            "words of a name, id, family, description or alias; all must be there, a beginning is enough",
            argument=True,
            many=True,
            metavar="[TEXT]...",
        ),
        *FILTERS,
        *FITTING,
        Param(
            "sort",
            f"{', '.join(all_sorts)}, or a benchmark; -NAME turns it round",
            metavar="NAME",
            words="benchmark",
            choices=tuple(all_sorts),
        ),
        Param("facets", "count these axes instead of listing", many=True, commas=True, metavar="AXIS", choices=all_facets),
        Param("limit", "rows at most; 0 is all", kind="int", default=20, metavar="N"),
        Param("offset", "rows to skip", kind="int", default=0, metavar="N"),
        *STATE,
        *OUTPUT,
    ),
    _run,
    details="Several values of one option mean any of them; different options must all hold. Filters on offerings "
    "(provider, price, billing, serving, region) must hold for one and the same offering, and the prices shown are those of the offerings that fit. "
    "A number that is not known does not pass a filter; the last line says how many more there are.",
    examples=(
        "modelreg search llama --max-params 10B --commercial --min-context 100k",
        "modelreg search --capability tools --max-price-in 0.2 --sort price-in",
        "modelreg search --min swe-bench-verified=70 --weights open --json",
        "modelreg search --task embedding --facets publisher,license",
    ),
)
