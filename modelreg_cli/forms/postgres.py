"""The tables of the index -> a schema of PostgreSQL, in one transaction.

Rows are deleted and copied, and no tables replaced: whoever is reading goes on with what they saw, nobody waits, grants and views of others
stay.
https://www.postgresql.org/docs/current/mvcc-intro.html
"""

import hashlib
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from modelreg_cli import __version__
from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.forms.columns import DAYS, FACTS, day_of
from modelreg_cli.forms.made import Source
from modelreg_cli.forms.postgres_tables import STATE, below, definitions, quoted
from modelreg_cli.git import Repository
from modelreg_cli.index.tables import Table

_KINDS = ("postgresql://", "postgres://")
_SCHEMA = "modelreg"
_TOGETHER = 10_000
_CONNECT_SECONDS = 15


class Loaded(NamedTuple):
    """What came of it: rows that were written; `new` is false where this very state was there already."""

    new: bool
    rows: int


class Database(NamedTuple):
    """A database, and the schema in it; `shown` is its address without a password."""

    address: str
    schema: str
    shown: str
    hidden: tuple[str, ...]

    def words(self, error: Exception) -> str:
        """What a server or its client says, without the password."""
        text = " ".join(str(error).split())
        for one in self.hidden:
            text = text.replace(one, "***")
        return text[:300] or type(error).__name__


class _State(NamedTuple):
    """A row of `publication`."""

    catalog: str
    commit: str
    tree: str
    digest: str
    program: str
    shape: str


def is_database(address: str) -> bool:
    """Whether an address is one of PostgreSQL."""
    return address.startswith(_KINDS)


def database_of(address: str) -> Database:
    """The database of postgresql://user@host/name?schema=NAME; all else in it is passed on to libpq.

    Raises:
        ModelregError: it cannot be read, names no schema that is possible, or the client is not installed.
    """
    library()
    try:
        parts = urlsplit(address)
        query = parts.query.replace("+", "%2B")  # libpq knows no other way to write a space than %20
        password, asked = parts.password, parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        named = [value for name, value in asked if name == "schema"]
        where = f"{parts.username}@" if parts.username else ""
        shown = f"postgresql://{where}{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        raise ModelregError("the address of the database cannot be read", "write postgresql://user@host/name?schema=models") from None
    schema = named[-1] if named else _SCHEMA
    if not schema or len(schema.encode()) > 63 or "\0" in schema or schema.startswith("pg_") or schema in ("public", "information_schema"):
        raise ModelregError(f"{schema!r} can not be the schema of a catalog", "name one of its own: ?schema=models")
    rest = [(name, value) for name, value in asked if name != "schema"]
    hidden = [value for name, value in asked if name in ("password", "sslpassword")] + ([password, unquote(password)] if password else [])
    plain = urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(rest, quote_via=quote), ""))
    return Database(plain, schema, f"{shown}?schema={schema}", tuple(sorted({one for one in hidden if one}, key=len, reverse=True)))


def library() -> Any:
    """psycopg.

    Raises:
        ModelregError: it is not installed.
    """
    try:
        return importlib.import_module("psycopg")  # an extra
    except ImportError:
        raise ModelregError("the client of PostgreSQL is not installed", "pip install 'modelreg[postgres]'") from None


def load(database: Database, source: Source, older: bool, seconds: float) -> Loaded:
    """Makes the schema say what the index says; others see the old state until all of it is there.

    Raises:
        Refused: the schema is somebody else's, of another catalog, or newer than the index and `older` is false.
        Unavailable: the server does not answer, or says no; what was there stays.
    """
    client = library()
    try:
        with client.connect(database.address, connect_timeout=min(_CONNECT_SECONDS, max(2, int(seconds)))) as connection:
            connection.isolation_level = client.IsolationLevel.READ_COMMITTED  # what is there is read after the lock was waited for
            run = connection.cursor().execute
            run("SELECT set_config('statement_timeout', %s, true)", (str(max(1, int(seconds * 1000))),))
            # one publisher at a time for each schema; the server frees it with the transaction, also when the publisher is killed
            run("SELECT pg_advisory_xact_lock(%s)", (_lock_of(database.schema),))
            return _load(connection.cursor(), database, source, older)
    except client.Error as error:
        raise Unavailable(f"{database.shown}: {database.words(error)}", "what was there before is untouched; publish again") from None


def _load(cursor: Any, database: Database, source: Source, older: bool) -> Loaded:
    made = definitions(database.schema)
    meta = source.index.meta()
    state = _State(source.catalog, source.commit, source.tree, meta.get("digest", ""), __version__, made.shape)
    before = _before(cursor, database)
    if before == state:
        return Loaded(False, 0)
    if before:
        _allowed(before, state, source, older, database)
    rows = 0
    if before is None or before._replace(commit=state.commit) != state:
        if before is None or before.shape != state.shape:
            _remake(cursor, database.schema, before is not None, made.statements)
        rows = _fill(cursor, database.schema, source)
    cursor.execute(f"DELETE FROM {below(database.schema, STATE)}")
    cursor.execute(f"INSERT INTO {below(database.schema, STATE)} VALUES (%s, %s, %s, %s, %s, %s, now())", state)
    return Loaded(True, rows)


def _before(cursor: Any, database: Database) -> _State | None:
    """The state that is loaded, or None where the schema is not there, or empty.

    Raises:
        Refused: it has something else.
    """
    there = {row[0] for row in cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (database.schema,))}
    if not there:
        return None
    if STATE in there:
        rows = cursor.execute(f"SELECT catalog, commit, tree, digest, program, shape FROM {below(database.schema, STATE)}").fetchall()
        if len(rows) == 1:
            return _State(*rows[0])
    raise Refused(f"the schema {database.schema} of {database.shown} has tables of somebody else", "name another one: ?schema=models")


def _allowed(before: _State, state: _State, source: Source, older: bool, database: Database) -> None:
    """Whether what is loaded may be replaced by this state.

    Raises:
        Refused: it belongs to another catalog, or does not lead to this commit.
    """
    if before.catalog != state.catalog:
        raise Refused(f"{database.shown} has the catalog {before.catalog}, and this one is {state.catalog}", "name another schema")
    if older or before.commit == state.commit:
        return
    if not _builds_on(Repository(Path(source.root)), state.commit, before.commit):
        raise Refused(
            f"{database.shown} has commit {before.commit[:8]}, which {state.commit[:8]} does not build on",
            "fetch, and publish what is newest; --allow-older takes it nevertheless",
        )


def _builds_on(repository: Repository, commit: str, before: str) -> bool:
    """Whether a commit is another one, or has it among its ancestors."""
    if not re.fullmatch("[0-9a-f]{40,64}", before):
        return False
    try:
        return repository.run("rev-list", "--count", before, f"^{commit}").strip() == b"0"
    except Unavailable:
        raise
    except ModelregError:  # it is not in this clone
        return False


def _remake(cursor: Any, schema: str, there: bool, statements: list[str]) -> None:
    """Empty tables, in place of those of another version of the program."""
    if there:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(below(schema, name) for name in (*(table.name for table in FACTS), STATE))}")
    elif not cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone():
        cursor.execute(f"CREATE SCHEMA {quoted(schema)}")
    for statement in statements:
        cursor.execute(statement)


def _fill(cursor: Any, schema: str, source: Source) -> int:
    """Rows of all tables in place of those there; how many they are."""
    for table in reversed(FACTS):
        cursor.execute(f"DELETE FROM {below(schema, table.name)}")
    rows = 0
    for table in FACTS:
        columns = ", ".join(quoted(column.name) for column in table.columns)
        with cursor.copy(f"COPY {below(schema, table.name)} ({columns}) FROM STDIN") as copy:
            for row in _rows(source, table):
                copy.write_row(row)
                rows += 1
        cursor.execute(f"ANALYZE {below(schema, table.name)}")
    return rows


def _rows(source: Source, table: Table) -> Iterator[tuple[Any, ...]]:
    days = [(place, column) for place, column in enumerate(table.columns) if (table.name, column.name) in DAYS]
    cursor = source.index.connection.execute(f"SELECT * FROM {table.name} ORDER BY {', '.join(table.keys)}")
    while group := cursor.fetchmany(_TOGETHER):
        for row in group:
            for place, column in days:
                day_of(table, column, row[place])
            yield tuple(row)


def _lock_of(schema: str) -> int:
    """A number of 64 bits with a sign, as advisory locks have them."""
    return int.from_bytes(hashlib.sha256(f"modelreg {schema}".encode()).digest()[:8], "big", signed=True)
