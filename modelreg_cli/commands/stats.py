"""modelreg stats"""

from modelreg_cli.commands.answer import opened, put, put_record, style
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Values
from modelreg_cli.query.show import stats
from modelreg_cli.render.output import STRUCTURED, Column, rows

_COLUMNS = [
    Column("what", "WHAT"),
    Column("count", "COUNT", lambda value: f"{value:,}" if isinstance(value, int) else str(value), right=True),
    Column("share", "OF MODELS", right=True),
]


def _run(values: Values) -> int:
    shape = style(values)
    answer = stats(opened(values))
    if shape.chosen in STRUCTURED:
        put_record(answer, shape, "catalog")
        return 0
    found = [{"what": name, "count": count, "share": ""} for name, count in answer["counts"].items()]
    found += [
        {"what": f"models with known {name}", "count": value["models"], "share": f"{value['share']:.0%}"}
        for name, value in answer["known"].items()
    ]
    found += [
        {"what": f"models with {group} {name}", "count": count, "share": ""}
        for group, counts in answer["models_by"].items()
        for name, count in counts.items()
    ]
    put(rows(_COLUMNS, found, shape, "what"))
    return 0


COMMAND = Command("stats", "counts, and how much of the catalog is known", (*STATE, *OUTPUT), _run)
