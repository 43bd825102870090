"""modelreg compare"""

from typing import Any

from modelreg_cli.commands.answer import opened, put, style
from modelreg_cli.commands.fitting import PRECISION, USE
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.compare import Line, as_values, compare, titles_of
from modelreg_cli.query.refs import resolve_ref
from modelreg_cli.query.use import compared_fits
from modelreg_cli.render import words
from modelreg_cli.render.output import STRUCTURED, Column, rows
from modelreg_cli.render.structured import structured

_SHOWN = {
    "parameters": words.weights,
    "active parameters": words.weights,
    "context": words.tokens,
    "output": words.tokens,
    "cheapest input": words.dollars,
    "cheapest output": words.dollars,
}


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    targets = [resolve_ref(index, ref) for ref in values["refs"]]
    lines = compare(index, targets, compared_fits(index, values))
    titles = titles_of(targets, values["refs"])
    if shape.chosen in STRUCTURED:
        put(structured(as_values(lines, titles), shape.chosen))
        return 0
    people = shape.chosen in ("table", "markdown")
    columns = [Column("field", ""), *(Column(name, name) for name in titles), Column("note", "NOTE")]
    if not any(line.note for line in lines):
        columns.pop()
    put(rows(columns, [_row(line, titles, people) for line in lines], shape, "field"))
    return 0


def _row(line: Line, titles: list[str], people: bool) -> dict[str, Any]:
    cells = {title: _cell(line, value) if people else value for title, value in zip(titles, line.values, strict=True)}
    return {"field": f"{line.field} %" if people and line.unit == "fraction" else line.field, **cells, "note": line.note}


def _cell(line: Line, value: Any) -> str:
    if value is None:
        return "-"
    if line.field.startswith("fits ("):
        return words.size(value)
    return words.score(value, line.unit) if line.unit else _SHOWN.get(line.field, words.plain)(value)


COMMAND = Command(
    "compare",
    "what differs between models, first",
    (Param("refs", "two refs or more", argument=True, many=True, required=True, metavar="REF REF..."), *USE, PRECISION, *STATE, *OUTPUT),
    _run,
    details="Scores that were not measured in the same way carry a note with the reason. Memory is that of bf16 weights at 32k tokens unless another is named.",
    examples=("modelreg compare qwen/qwen3-32b openai/gpt-oss-120b",),
)
