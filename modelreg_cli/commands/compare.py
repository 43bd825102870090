"""modelreg compare"""

from typing import Any

from modelreg_cli.commands.answer import opened, put, style
from modelreg_cli.commands.fitting import PRECISION, USE
from modelreg_cli.commands.memory import fits_of
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.errors import ModelregError
from modelreg_cli.query.compare import Line, compare
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import resolve_ref
from modelreg_cli.query.runtimes import usual_runtime
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
    if len(values["refs"]) < 2:
        raise ModelregError("compare needs two refs or more", "for example `modelreg compare qwen3-32b gpt-oss-120b`")
    shape = style(values)
    index = opened(values)
    targets = [resolve_ref(index, ref) for ref in values["refs"]]
    lines = compare(index, targets, _fits(index, values))
    if shape.chosen in STRUCTURED:
        put(
            structured(
                [
                    {
                        "field": line.field,
                        "values": dict(zip(names(targets, values["refs"]), line.values, strict=True)),
                        "differs": line.differs,
                        "unit": line.unit or None,
                        "note": line.note or None,
                    }
                    for line in lines
                ],
                shape.chosen,
            )
        )
        return 0
    people = shape.chosen in ("table", "markdown")
    columns = [Column("field", ""), *(Column(name, name) for name in names(targets, values["refs"])), Column("note", "NOTE")]
    if not any(line.note for line in lines):
        columns.pop()
    put(rows(columns, [_row(line, names(targets, values["refs"]), people) for line in lines], shape, "field"))
    return 0


def _fits(index: Index, values: Values) -> Fits | None:
    """How memory is compared; the usual way, where nothing is said and the catalog knows one."""
    if not usual_runtime(index) and all(values[param.key] is None for param in (*USE, PRECISION)):
        return None
    return fits_of(index, {**values, "precision": values["precision"] or "bf16"}, None)


def names(targets: list[Any], asked: list[str]) -> list[str]:
    """Titles of the columns, all different: refs; what was asked where two mean the same; then counted."""
    refs = [target.model if target.kind == "model" else target.version for target in targets]
    told = [said if refs.count(ref) > 1 else ref for ref, said in zip(refs, asked, strict=True)]
    return [f"{title} ({at})" if told.index(title) != at else title for at, title in enumerate(told)]


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
