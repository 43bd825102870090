"""What the columns of the index are in forms that have more types than SQLite: days, JSON, references."""

from datetime import date

from modelreg_cli.errors import ModelregError
from modelreg_cli.index.tables import DERIVED, Column, Table, all_tables

#: The tables that hold facts; the others serve the searches of this program alone.
FACTS: tuple[Table, ...] = tuple(table for table in all_tables if table.name not in DERIVED)
#: Columns that hold whole days (an entity's field of type Date); partial ones, such as `version.released`, stay text.
DAYS = frozenset(
    {
        ("version", "released_first"), ("version", "deprecated"), ("version", "retires"),
        ("offering", "observed"), ("offering", "verified"), ("offering", "retires"),
        ("price", "observed"), ("price", "valid_from"), ("price", "valid_until"),
        ("serving", "valid_from"), ("scan", "date"),
    }
)  # fmt: skip
#: Columns that hold JSON.
JSON = frozenset({("document", "json"), ("price", "condition"), ("binding", "extra_config")})


def day_of(table: Table, column: Column, value: str | None) -> date | None:
    """A day out of the index.

    Raises:
        ModelregError: the calendar does not have it.
    """
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise ModelregError(f"{table.name}.{column.name} is {value}, which is no day", "`modelreg validate` tells the file") from None
