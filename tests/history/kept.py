"""What a history.db holds, for comparison."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def all_rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows in order; `told`: commit, pointer, before and after of each event."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        found = {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}
        found["told"] = list(
            db.execute("SELECT r.id, e.pointer, e.before, e.after FROM event e JOIN revision r ON r.number = e.revision ORDER BY 1, 2")
        )
    return found
