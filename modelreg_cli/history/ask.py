"""Questions to history.db: which events, of what, since when."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from modelreg_cli import dates
from modelreg_cli.errors import ModelregError, Unavailable, did_you_mean
from modelreg_cli.history.kinds import CLASSES, KINDS
from modelreg_cli.query.opened import address

Row = dict[str, Any]
_WORDS = (*KINDS, *CLASSES)
_ON = " ON e.revision = a.revision AND e.position = a.position"


class Name(NamedTuple):
    """A ref, and the number of the last commit in which it was that of the thing asked for (None: it still is)."""

    ref: str
    last: int | None = None


class Asked(NamedTuple):
    """Which events: of these names (none: all), between two moments, of these kinds and classes; at most so many, 0 is all."""

    names: Sequence[Name] = ()
    since: int | None = None
    until: int | None = None
    kinds: Sequence[str] = ()
    limit: int = 50


def asked_of(since: str | None, until: str | None, kinds: Sequence[str], limit: int) -> Asked:
    """What is asked for, of everything that ever was.

    Raises:
        ModelregError: a date that is none, a kind that is none.
    """
    for word in kinds:
        if word not in _WORDS:
            raise ModelregError(f"no event is of the kind {word!r}", did_you_mean(word, _WORDS) or f"known: {', '.join(_WORDS)}")
    if limit < 0:
        raise ModelregError("--limit takes 0 or more", "--limit 0 shows everything")
    first = None if since is None else dates.span(since, "--since").first
    last = None if until is None else dates.span(until, "--until").last
    if first is not None and last is not None and first > last:
        raise ModelregError(f"--since {since} is after --until {until}", "turn them round")
    return Asked(since=first, until=last, kinds=kinds, limit=limit)


def as_values(found: list[Row]) -> list[Row]:
    """Events as callers read them: moments in words."""
    return [{**row, "time": dates.told(row["time"])} for row in found]


class History(NamedTuple):
    """An open history.db."""

    path: str
    db: sqlite3.Connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query.

        Raises:
            Unavailable: the file is damaged.
        """
        try:
            return self.db.execute(sql, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise Unavailable(f"{self.path} is damaged: {error}", "delete it, it is made again from Git") from None


def open_history(path: str) -> History:
    """Opens a history that nobody changes in place (files are replaced, never edited)."""
    try:
        db = sqlite3.connect(f"file:{address(path)}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise Unavailable(f"{path} can not be read as a history: {error}", "delete it, it is made again from Git") from None
    db.row_factory = sqlite3.Row
    return History(path, db)


def knows(history: History, ref: str) -> bool:
    """Whether any event concerns a ref."""
    return bool(history.rows("SELECT 1 FROM about WHERE ref = ? LIMIT 1", (ref,)))


def all_refs(history: History) -> list[str]:
    """Every ref that ever was."""
    return [row[0] for row in history.rows("SELECT DISTINCT ref FROM about ORDER BY ref")]


def names_of(history: History, ref: str) -> list[Name]:
    """A ref and what the same thing was called before."""
    found = [Name(ref)]
    for name in found:
        renamed = history.rows(
            "SELECT json_extract(before, '$') AS old, revision FROM event WHERE kind = 'renamed' AND ref = ? AND revision <= ? "
            "ORDER BY revision DESC",
            (name.ref, _end(name.last)),
        )
        for row in renamed:
            older = Name(row["old"], row["revision"])
            if older.ref not in {known.ref for known in found}:
                found.append(older)
    return found


class End(NamedTuple):
    """How a name ended: removed, or renamed to another; when, in which commit, by whom."""

    kind: str
    now: str | None
    time: int
    commit: str
    author: str


def end_of(history: History, ref: str) -> End | None:
    """How a name ended, where nothing is called so any more."""
    last = history.rows(
        "SELECT e.kind, json_extract(e.after, '$') AS now, e.ref, r.time, r.id, e.author FROM event e "
        "JOIN revision r ON r.number = e.revision WHERE e.kind <> 'changed' AND (e.ref = ? OR (e.kind = 'renamed' AND e.before = ?)) "
        "ORDER BY e.revision DESC, e.position DESC LIMIT 1",
        (ref, json.dumps(ref, ensure_ascii=False)),
    )
    for row in last:
        if row["kind"] == "removed":
            return End("removed", None, row["time"], row["id"], row["author"])
        if row["kind"] == "renamed" and row["ref"] != ref:
            return End("renamed", row["now"], row["time"], row["id"], row["author"])
    return None


def events(history: History, asked: Asked) -> tuple[list[Row], int]:
    """Events, the newest first, and how many there are in all."""
    named, values = _named(asked.names)
    conditions, more = _conditions(asked)
    values += more
    tables = f"FROM {named} event e{_ON if named else ''} JOIN revision r ON r.number = e.revision WHERE {' AND '.join(conditions) or '1'}"
    total = int(history.rows(f"SELECT count(*) {tables}", values)[0][0])
    found = history.rows(
        f"SELECT r.time, r.id AS [commit], r.subject, r.merge, e.* {tables} ORDER BY e.revision DESC, e.position LIMIT ?",
        (*values, asked.limit or -1),
    )
    return [_row(row) for row in found], total


def _named(names: Sequence[Name]) -> tuple[str, list[Any]]:
    """The events that concern some names, to be joined first: they are few."""
    if not names:
        return "", []
    one = "SELECT revision, position FROM about WHERE ref = ? AND revision <= ?"
    return f"({' UNION '.join([one] * len(names))}) a CROSS JOIN", [value for name in names for value in (name.ref, _end(name.last))]


def _conditions(asked: Asked) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if asked.since is not None:
        conditions.append("r.time >= ?")
        values.append(asked.since)
    if asked.until is not None:
        conditions.append("r.time <= ?")
        values.append(asked.until)
    kinds, classes = [word for word in asked.kinds if word in KINDS], [word for word in asked.kinds if word in CLASSES]
    if kinds or classes:
        marks = [f"e.kind IN ({','.join('?' * len(kinds))})", f"e.class IN ({','.join('?' * len(classes))})"]
        conditions.append(f"({' OR '.join(marks)})")
        values += [*kinds, *classes]
    return conditions, values


def _end(last: int | None) -> int:
    return last if last is not None else 2**62


def _row(row: sqlite3.Row) -> Row:
    before, after = (None if text is None else json.loads(text) for text in (row["before"], row["after"]))
    return {
        "time": row["time"],
        "commit": row["commit"],
        "author": row["author"],
        "email": row["email"],
        "ref": row["ref"],
        "entity": row["entity"],
        "id": row["id"],
        "kind": row["kind"],
        "class": row["class"],
        "pointer": row["pointer"],
        "before": before,
        "after": after,
        "unit": row["unit"],
        "subject": row["subject"],
        "merge": bool(row["merge"]),
    }
