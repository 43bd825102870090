"""What an audit found -> rows of history.db: facts beside the events, and an event for each, so that `history` tells them."""

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.errors import Unavailable


class Audited(NamedTuple):
    """A row of audit_event; lists are lists here."""

    commit: str
    ref: str
    tag: str
    basis: str
    time: int
    action: str
    proof: str
    approved_by: tuple[str, ...]
    governed: str
    told: tuple[str, ...]
    pull: int | None


def keep(target: Path, found: Iterable[Audited], commits: list[str], basis: str) -> None:
    """Puts what was found of these commits into a history, in place of what was known of them; readers see the old file or the new.

    Raises:
        Unavailable: the file cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        shutil.copyfile(target, temporary)
        with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=OFF")
            db.execute("BEGIN")
            _forget(db, commits, basis)
            db.executemany("INSERT INTO audited VALUES (?,?)", [(commit, basis) for commit in commits])
            for one in found:
                _insert(db, one)
            db.execute("COMMIT")
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"{target} could not be written: {error}", "is the disk full, or the folder read-only?") from None
    finally:
        temporary.unlink(missing_ok=True)


def _forget(db: sqlite3.Connection, commits: list[str], basis: str) -> None:
    """The facts of one basis; events are of the newest audit, whatever it was based on."""
    for commit in commits:
        db.execute("DELETE FROM audited WHERE commit_id = ? AND basis = ?", (commit, basis))
        db.execute("DELETE FROM audit_event WHERE commit_id = ? AND basis = ?", (commit, basis))
        for number in db.execute("SELECT number FROM revision WHERE id = ?", (commit,)).fetchall():
            db.execute(
                "DELETE FROM about WHERE revision = ? AND position IN (SELECT position FROM event WHERE revision = ? AND kind = 'audited')",
                (*number, *number),
            )
            db.execute("DELETE FROM event WHERE revision = ? AND kind = 'audited'", number)


def _insert(db: sqlite3.Connection, one: Audited) -> None:
    approved, told = (json.dumps(list(words), ensure_ascii=False) for words in (one.approved_by, one.told))
    row = (one.commit, one.ref, one.tag, one.basis, one.time, one.action, one.proof, approved, one.governed, told, one.pull)
    db.execute(f"INSERT INTO audit_event VALUES ({','.join('?' * len(row))})", row)
    where = db.execute(
        "SELECT r.number, 1 + coalesce((SELECT max(position) FROM event WHERE revision = r.number), 0), author, email "
        "FROM revision r WHERE id = ?",
        (one.commit,),
    ).fetchone()
    if where is None:
        return  # a commit that touched no file of the catalog, such as one of the policy alone
    number, position, author, email = where
    after = {"tag": one.tag, "action": one.action, "approved_by": list(one.approved_by), "told": list(one.told)}
    event = (
        number,
        position,
        "audited",
        "version",
        one.ref,
        one.ref,
        "/tags",
        None,
        json.dumps(after, ensure_ascii=False),
        one.proof,
        None,
    )
    db.execute("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", (*event, author, email))
    names = (one.ref, one.ref.partition("@")[0], f"tag:{one.tag}")
    db.executemany("INSERT INTO about VALUES (?,?,?)", [(name, number, position) for name in names])
