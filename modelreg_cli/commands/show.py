"""modelreg show"""

from modelreg_cli.commands.answer import opened, put, put_record, style
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.refs import resolve_ref
from modelreg_cli.query.show import show
from modelreg_cli.render.card import card


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    answer = show(index, resolve_ref(index, values["ref"]))
    if shape.quiet or shape.fields or shape.format not in (None, "table"):
        put_record(answer, shape)
    else:
        put(card(answer, shape.colored))
    return 0


COMMAND = Command(
    "show",
    "everything about one model, version, artifact or offering",
    (
        Param("ref", "model, version, artifact, provider:wire-id, alias or purl", argument=True, required=True, metavar="REF"),
        *STATE,
        *OUTPUT,
    ),
    _run,
    examples=("modelreg show qwen/qwen3-32b", "modelreg show hf:openai/gpt-oss-120b --json"),
)
