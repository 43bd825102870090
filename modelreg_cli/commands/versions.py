"""modelreg versions"""

from modelreg_cli.commands.answer import opened, plural, put, style, talk
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.refs import resolve_ref
from modelreg_cli.query.show import versions
from modelreg_cli.render import words
from modelreg_cli.render.output import Column, rows

_COLUMNS = [
    Column("version", "VERSION"),
    Column("is_default", "", lambda value: "default" if value else ""),
    Column("released", "RELEASED"),
    Column("status", "STATUS"),
    Column("weights", "WEIGHTS"),
    Column("params", "PARAMS", words.weights, right=True),
    Column("context", "CONTEXT", words.tokens, right=True),
    Column("price_in", "IN/1M", words.dollars, right=True),
    Column("price_out", "OUT/1M", words.dollars, right=True),
    Column("offers", "OFFERS", right=True),
    Column("replacement", "REPLACED BY"),
]


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    target = resolve_ref(index, values["ref"])
    found = versions(index, target.model)
    put(rows(_COLUMNS, found, shape, "ref"))
    if not shape.quiet:
        talk(f"{plural(len(found), 'version')} of {target.model}, the newest first.")
    return 0


COMMAND = Command(
    "versions",
    "versions of a model, the newest first",
    (Param("ref", "model, or anything that leads to one", argument=True, required=True, metavar="REF"), *STATE, *OUTPUT),
    _run,
    examples=("modelreg versions openai/gpt-4o",),
)
