"""Two indexes, row by row: what the one says and the other does not."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modelreg_cli.index.digest import columns_of, keys_of
from modelreg_cli.index.tables import DERIVED, Table, all_tables

_SHORT = 60
_Row = tuple[Any, ...]


def apart(one: Path, other: Path, most: int) -> list[str]:
    """What differs between two indexes, a line for a row; at most so many of a table, and a line with how many more there are.

    `meta` and the tables that are made from others are left out, as in the logical digest.

    Raises:
        sqlite3.Error: SQLite cannot read one of them.
    """
    with contextlib.closing(sqlite3.connect(f"{one.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("ATTACH ? AS other", (f"{other.absolute().as_uri()}?mode=ro",))
        found = []
        for table in all_tables:
            if table.name != "meta" and table.name not in DERIVED:
                lines = list(_lines(table, *(_only(connection, table, *pair) for pair in (("main", "other"), ("other", "main")))))
                found += lines[:most]
                if len(lines) > most:
                    found.append(f"{table.name}: {len(lines) - most:,} more")
        return found


def _only(connection: sqlite3.Connection, table: Table, here: str, there: str) -> dict[_Row, _Row]:
    """Rows of the one that the other has not, by key; a `version.number` counts as its ref."""
    parts = [f"SELECT {', '.join(sql for _, sql in columns_of(table, schema))} FROM {schema}.{table.name} t" for schema in (here, there)]
    names = [name for name, _ in columns_of(table)]
    places = [names.index(name) for name in keys_of(table)]
    rows = connection.execute(f"{parts[0]} EXCEPT {parts[1]}")
    return {tuple(row[place] for place in places): row for row in rows}


def _lines(table: Table, one: dict[_Row, _Row], other: dict[_Row, _Row]) -> Iterator[str]:
    names = [name for name, _ in columns_of(table)]
    for key in sorted({*one, *other}, key=repr):
        what = f"{table.name} {' '.join(map(str, key))}"
        if key not in other:
            yield f"{what}: only in the first"
        elif key not in one:
            yield f"{what}: only in the second"
        else:
            pairs = [(name, mine, its) for name, mine, its in zip(names, one[key], other[key], strict=True) if mine != its]
            yield f"{what}: {', '.join(f'{name} {_told(mine)} and {_told(its)}' for name, mine, its in pairs)}"


def _told(value: Any) -> str:
    """A value as a word, without its middle where it is long."""
    text = "NULL" if value is None else str(value)
    return text if len(text) <= _SHORT else f"{text[: _SHORT // 2]}...{text[-_SHORT // 2 :]}"
