"""modelreg sql"""

import sys
from typing import Any

from modelreg_cli.commands.answer import opened, put, style, talk
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.errors import ModelregError
from modelreg_cli.query.sql import run_sql
from modelreg_cli.render.output import Column, rows


def _run(values: Values) -> int:
    shape = style(values)
    if values["limit"] < 0 or not values["seconds"] > 0:  # this way round it refuses nan too
        raise ModelregError("--limit takes 0 or more, --seconds more than 0")
    query = _read() if values["query"] == "-" else values["query"]
    answer = run_sql(opened(values), query, values["limit"], values["seconds"])
    columns = [Column(name, name.upper(), right=_numeric(answer.rows, name)) for name in answer.columns]
    put(rows(columns, answer.rows, shape, answer.columns[0]))
    if answer.cut:
        talk(f"More rows than {values['limit']:,}: --limit 0 shows all.")
    return 0


def _numeric(found: list[dict[str, Any]], name: str) -> bool:
    values = [row[name] for row in found if row[name] is not None]
    return bool(values) and all(isinstance(value, (int, float)) for value in values)


def _read() -> str:
    if sys.stdin is None:
        raise ModelregError("standard input is closed", "give the query as an argument")
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise ModelregError("standard input is not text in UTF-8") from None


COMMAND = Command(
    "sql",
    "ask the index in SQL, read-only",
    (
        Param("query", "one SELECT; - reads it from standard input", argument=True, required=True, metavar="QUERY"),
        Param("limit", "rows at most; 0 is all", kind="int", default=1000, metavar="N"),
        Param("seconds", "give up after this long", kind="float", default=10.0, metavar="S"),
        *STATE,
        *OUTPUT,
    ),
    _run,
    details="docs/index.md has the tables and views. Nothing can be written, attached or loaded.",
    examples=('modelreg sql "SELECT provider, count(*) FROM offering GROUP BY 1 ORDER BY 2 DESC LIMIT 5"',),
)
