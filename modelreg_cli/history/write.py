"""Git -> history.db: a function of the first-parent line alone, continued where it is known, put in place by rename."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.git import Objects, Repository
from modelreg_cli.history.authors import merged
from modelreg_cli.history.current import facts_of, made_by
from modelreg_cli.history.difference import text
from modelreg_cli.history.events import Event, Teller
from modelreg_cli.history.kinds import APPLICATION_ID, SCHEMA_VERSION
from modelreg_cli.history.migrations import Migration, all_migrations
from modelreg_cli.history.tables import all_indexes, all_tables
from modelreg_cli.history.walk import Revision, line, revisions
from modelreg_cli.index.past import opened_repository
from modelreg_cli.index.place import shallow_of

Progress = Callable[[int, int], None]
_STALE_SECONDS = 3600


class Written(NamedTuple):
    """What was written: the file, commits and events in it, and how many of these commits were read now."""

    path: Path
    revisions: int
    events: int
    read: int


def write(root: str, target: Path, progress: Progress | None = None, migrations: Mapping[int, Migration] = all_migrations) -> Written:
    """Brings a history up to HEAD, or makes it; the file there before stays whole until the new one is.

    Raises:
        ModelregError: no repository, or it has no commit.
        Unavailable: the file cannot be written.
    """
    repository, prefix = opened_repository(root)
    try:
        tip = repository.resolve("HEAD")
    except Unavailable:
        raise
    except ModelregError:
        raise ModelregError("this repository has no commit yet", "commit the catalog first") from None
    meta = {
        "schema_version": str(SCHEMA_VERSION), "program": made_by(), "tip": tip, "prefix": prefix, "shallow": shallow_of(root),
    }  # fmt: skip
    if target.is_dir():
        raise ModelregError(f"{target} is a folder", "name a file")
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        _sweep(temporary, target.name)
        known = facts_of(str(target)) if target.is_file() else None
        temporary.unlink()  # what makes the file anew gives it the mode that new files have
        goes_on = known is not None and all(known.get(key) == meta[key] for key in ("schema_version", "program", "prefix", "shallow"))
        if goes_on:
            shutil.copyfile(target, temporary)
        done = _fill(temporary, repository, meta, known if goes_on else None, progress, migrations)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
        return done._replace(path=target)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(
            f"the history could not be written to {target}: {error}",
            "is the disk full, or the folder read-only? the file there before is untouched",
        ) from None
    finally:
        if temporary is not None:
            for path in (temporary, temporary.with_name(f"{temporary.name}-journal")):
                path.unlink(missing_ok=True)


def _sweep(new: Path, name: str) -> None:
    """Removes what writers that were killed left behind; one that still runs is younger."""
    now = new.stat().st_mtime
    for old in new.parent.glob(f".{name}.*.tmp"):
        with contextlib.suppress(OSError):
            if old.stat().st_mtime + _STALE_SECONDS < now:
                old.unlink()


def _fill(
    path: Path,
    repository: Repository,
    meta: dict[str, str],
    known: Mapping[str, str] | None,
    progress: Progress | None,
    migrations: Mapping[int, Migration],
) -> Written:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        # the file is nobody's before it is renamed: no journal is needed to take anything back
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("PRAGMA synchronous=OFF")
        db.execute("BEGIN")
        if known is None:
            _create(db)
        last, start = _known_part(db, repository, meta["tip"], known) if known else (0, None)
        for table in ("event", "about"):
            db.execute(f"DELETE FROM {table} WHERE revision > ?", (last,))
        db.execute("DELETE FROM revision WHERE number > ?", (last,))
        if known is not None and start != known.get("tip"):
            _forget_audits(db, repository, meta["tip"])
        read = _add(db, repository, meta, last, start, progress, migrations)
        db.execute("DELETE FROM meta")
        db.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        db.execute("COMMIT")
        counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("revision", "event")]
    return Written(path, counts[0], counts[1], read)


def _forget_audits(db: sqlite3.Connection, repository: Repository, tip: str) -> None:
    """Drops what was found of commits that are not on the line any more."""
    here = set(line(repository, tip))
    for table in ("audit_event", "audited"):
        gone = [(commit,) for (commit,) in db.execute(f"SELECT DISTINCT commit_id FROM {table}") if commit not in here]
        db.executemany(f"DELETE FROM {table} WHERE commit_id = ?", gone)


def _create(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    for table in all_tables:
        db.execute(table.ddl)
    for index in all_indexes:
        db.execute(index)


def _known_part(db: sqlite3.Connection, repository: Repository, tip: str, known: Mapping[str, str]) -> tuple[int, str | None]:
    """The number of the last known commit that still belongs to the line, and the commit from which to go on."""
    there = set()
    for commit in line(repository, tip):
        if commit == known.get("tip"):
            return int(db.execute("SELECT coalesce(max(number), 0) FROM revision").fetchone()[0]), commit
        there.add(commit)
    for number, commit in db.execute("SELECT number, id FROM revision ORDER BY number DESC"):
        if commit in there:
            return int(number), str(commit)
    return 0, None


def _add(
    db: sqlite3.Connection,
    repository: Repository,
    meta: Mapping[str, str],
    last: int,
    start: str | None,
    progress: Progress | None,
    migrations: Mapping[int, Migration],
) -> int:
    """Appends the commits after `start`; how many they were."""
    folder = f"{meta['prefix']}catalog"
    total = int(repository.run("rev-list", "--count", "--first-parent", meta["tip"], *([f"^{start}"] if start else [])))
    cut = set(meta["shallow"].split())
    number = last
    with repository.objects() as objects:
        teller = Teller(repository, objects, meta["prefix"], merged(repository, meta["tip"], start, folder), start, migrations)
        for number, revision in enumerate(revisions(repository, meta["tip"], start, folder), last + 1):
            if progress:
                progress(number - last, total)
            _insert(db, number, revision, objects, folder)
            # what a shallow clone begins with was there before: nothing of it became true with this commit
            told = list(teller.events(revision))
            _insert_events(db, number, [] if revision.id in cut else told)
    return number - last


def _insert(db: sqlite3.Connection, number: int, revision: Revision, objects: Objects, folder: str) -> None:
    parent = revision.parents[0] if revision.parents else None
    tree = objects.ids([f"{revision.id}:{folder}"])[0]
    row = (number, revision.id, parent, revision.time, revision.author, revision.email, revision.subject, tree, len(revision.parents) > 1)
    db.execute(f"INSERT INTO revision VALUES ({','.join('?' * len(row))})", row)


def _insert_events(db: sqlite3.Connection, number: int, events: list[Event]) -> None:
    rows = [
        (
            *(number, at, event.kind, event.entity, event.id, event.ref, event.pointer),
            *(None if value is None else text(value) for value in (event.before, event.after)),
            *(event.class_, event.unit, event.author.name, event.author.email),
        )
        for at, event in enumerate(events, 1)
    ]
    db.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    db.executemany(
        "INSERT INTO about VALUES (?,?,?)", [(ref, number, at) for at, event in enumerate(events, 1) for ref in sorted(event.about)]
    )
