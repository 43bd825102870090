"""The SQLite file: made, filled, and put in place by rename."""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from modelreg_cli.errors import Unavailable
from modelreg_cli.index.numbers import APPLICATION_ID, SCHEMA_VERSION
from modelreg_cli.index.stamp import identity_of
from modelreg_cli.index.tables import all_indexes, all_tables, all_views

_STALE_SECONDS = 3600
_MARKS = {table.name: ",".join("?" * len(table.columns)) for table in all_tables}


def opened(path: Path) -> sqlite3.Connection:
    """The file, for a writer that is alone with it: what a crash would leave is thrown away, so nothing is journaled."""
    connection = sqlite3.connect(path, isolation_level=None)
    # what a library does where it is not told so, distributions choose
    connection.execute("PRAGMA page_size=4096")
    connection.execute("PRAGMA auto_vacuum=NONE")
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("PRAGMA cache_size=-65536")
    return connection


def library() -> str:
    """The SQLite library as far as the bytes of a file depend on it: its version, and whether ANALYZE keeps samples of rows."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        samples = connection.execute("SELECT sqlite_compileoption_used('ENABLE_STAT4')").fetchone()[0]
    return f"{sqlite3.sqlite_version}{' with STAT4' if samples else ''}"


def make(connection: sqlite3.Connection) -> None:
    """Empty tables."""
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    connection.execute("BEGIN")
    for table in all_tables:
        connection.execute(table.ddl)


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Adds rows; where a file says the same thing twice (two rate limits for one plan), the first stays."""
    connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({_MARKS[table]})", rows)


def finish(connection: sqlite3.Connection) -> None:
    """Indexes and views, once the tables are full."""
    for statement in (*all_indexes, *(sql for _, sql in all_views.values())):
        connection.execute(statement)


def close(connection: sqlite3.Connection) -> None:
    """Ends the writing, and gathers statistics for the planner of queries."""
    connection.execute("COMMIT")
    connection.execute("PRAGMA analysis_limit=1000")
    connection.execute("ANALYZE")


def put_in_place(target: Path, write: Callable[[Path], None]) -> str:
    """Writes beside the target, syncs, renames: a reader sees the old file or the new one, and a crash leaves the old.

    Returns the identity of the new file, taken before another build can replace it.

    Raises:
        Unavailable: it cannot be written.
    """
    folder = target.parent
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=folder)
        os.close(handle)
        temporary = Path(name)
        _sweep(folder, target.name)
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        identity = identity_of(str(temporary))
        temporary.replace(target)
        sync_folder(folder)
        return identity
    except (OSError, sqlite3.OperationalError) as error:
        raise Unavailable(
            f"the index could not be written to {target}: {error}",
            "is the disk full, or the folder read-only? the file there before is untouched",
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sweep(folder: Path, name: str) -> None:
    """Removes what builds that were killed left behind; a build that still runs is younger.

    The folder has just got a new file, so its own time is now, on its own clock.
    """
    now = folder.stat().st_mtime
    for old in folder.iterdir():
        if old.name.startswith(f".{name}.") and ".tmp" in old.name:
            with contextlib.suppress(OSError):
                if old.stat().st_mtime + _STALE_SECONDS < now:
                    old.unlink()


def sync_folder(folder: Path) -> None:
    """Brings the names in a folder to the disk, where the system has a way to."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
