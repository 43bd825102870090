"""The index, opened for reading."""

import json
import os
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.index.numbers import APPLICATION_ID, SCHEMA_VERSION

#: What SQLite says of a file that is damaged, or can not be read to its end (https://sqlite.org/rescode.html).
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)

_AGAIN = "build it again with `modelreg build`, or bring it again with `modelreg pull`"


class Index(NamedTuple):
    """An open index; every question takes one. `kept` and `orders` have what was read of it before: the file never changes."""

    path: str
    connection: sqlite3.Connection
    kept: dict[Any, Any]
    orders: dict[Any, Any]

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query.

        Raises:
            Unavailable: the file is damaged.
            ModelregError: a value is one that no index can hold.
        """
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self.damage(error) or error from None
        except UnicodeDecodeError as error:
            raise self.damaged(str(error)) from None
        except UnicodeEncodeError:
            raise ModelregError("what was typed is not text in UTF-8", "check the encoding of your terminal") from None
        except OverflowError:
            raise ModelregError("a number is too large", "numbers here have 18 digits at most") from None

    def one(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        return next(iter(self.rows(sql, values)), None)

    def must(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row:
        """The first row of a query that has one in every whole index.

        Raises:
            Unavailable: the file is damaged.
        """
        row = self.one(sql, values)
        if row is None:
            raise self.damaged("something that it refers to is missing")
        return row

    def column(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self.rows(sql, values)]

    def meta(self) -> dict[str, str]:
        """The facts about the index itself."""
        return {row[0]: row[1] for row in self.rows("SELECT key, value FROM meta")}

    def document(self, kind: str, id_: str) -> dict[str, Any]:
        """An entity whole, as its author wrote it; empty where the catalog has no such file."""
        row = self.one("SELECT json FROM document WHERE kind = ? AND id = ?", (kind, id_))
        return self.mapping(row["json"], id_) if row else {}

    def mapping(self, text: str, where: str) -> dict[str, Any]:
        """The mapping that a column holds as JSON.

        Raises:
            Unavailable: the file is damaged.
        """
        try:
            found = json.loads(text)
        except (ValueError, TypeError):
            found = None
        if not isinstance(found, dict):
            raise self.damaged(f"what it holds of {where} is not JSON")
        return found

    def damage(self, error: sqlite3.Error) -> Unavailable | None:
        """The error as one about a damaged file, or None where the question was wrong."""
        # one without a code is raised by Python: text in the file that is not UTF-8
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT if isinstance(error, sqlite3.OperationalError) else 0)
        hurt = code & 0xFF in _DAMAGE or "malformed JSON" in str(error)
        return self.damaged(str(error)) if hurt else None

    def damaged(self, told: str) -> Unavailable:
        """The error about a damaged file."""
        return Unavailable(f"{self.path} is damaged: {told}", _AGAIN)


def open_index(path: str, shared: bool = False) -> Index:
    """Opens an index that nobody changes in place (files are replaced, never edited).

    `shared`: several threads use it, one at a time.

    Raises:
        Unavailable: it is not an index, is damaged, or belongs to another version of the program.
    """
    try:
        connection = sqlite3.connect(
            f"file:{address(path)}?mode=ro&immutable=1", uri=True, isolation_level=None, check_same_thread=not shared
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA cache_size=-65536")
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise Unavailable(f"{path} can not be read as an index: {error}", _AGAIN) from None
    if application != APPLICATION_ID:
        raise Unavailable(f"{path} is not an index of modelreg", "name the file that `modelreg build` made")
    if version != SCHEMA_VERSION:
        raise Unavailable(
            f"{path} has schema version {version}; this program reads {SCHEMA_VERSION}",
            "build it again with `modelreg build`, or `modelreg pull` it" if version < SCHEMA_VERSION else "upgrade modelreg",
        )
    return Index(path, connection, {}, {})


def address(path: str) -> str:
    """A path inside a `file:` address (urllib.parse would cost a reader two milliseconds)."""
    text = os.path.abspath(path).replace(os.sep, "/")
    for char in "%?#":
        text = text.replace(char, f"%{ord(char):02x}")
    return text if text.startswith("/") else f"/{text}"
