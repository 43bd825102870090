"""The first-parent line of a repository: each commit that touched the catalog, and the files it changed."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from modelreg_cli.git import Repository

#: A moved file is the same one where this much of it stayed.
_ALIKE = "-M90%"
_FORMAT = "%H%x00%P%x00%ct%x00%an%x00%ae%x00%s"


class Blob(NamedTuple):
    """One side of a changed file: mode such as 100644 (000000: not there), id, path."""

    mode: str
    oid: str
    path: str

    @property
    def there(self) -> bool:
        """Whether the file exists on this side."""
        return self.mode != "000000"


class Revision(NamedTuple):
    """A commit of the line: ids of it and of its parents, committer time, author, subject, changed files."""

    id: str
    parents: tuple[str, ...]
    time: int
    author: str
    email: str
    subject: str
    changes: tuple[tuple[Blob, Blob], ...]


def revisions(repository: Repository, tip: str, start: str | None, folder: str) -> Iterator[Revision]:
    """Commits after `start` up to `tip` that touched a folder, oldest first; a merge is compared with its first parent."""
    wanted = [tip] if start is None else [tip, f"^{start}"]
    pieces = repository.log(
        "--first-parent", "--reverse", "--raw", "--no-abbrev", _ALIKE, f"--format={_FORMAT}", *wanted,
        "--", f":(top,literal){folder}",
    )  # fmt: skip
    yield from _parsed(pieces)


def blobs_before(repository: Repository, commit: str, path: str) -> Iterator[tuple[str, Blob]]:
    """The states of one file up to a commit, newest first, each with the commit that made it."""
    pieces = repository.log(
        "--first-parent", "--raw", "--no-abbrev", "--no-renames", f"--format={_FORMAT}", commit,
        "--", f":(top,literal){path}",
    )  # fmt: skip
    for revision in _parsed(pieces):
        for _, after in revision.changes:
            yield revision.id, after


def line(repository: Repository, tip: str) -> Iterator[str]:
    """Ids of the first-parent line, newest first."""
    return (piece.decode().strip() for piece in repository.log("--first-parent", "--format=%H", tip))


def _parsed(pieces: Iterable[bytes]) -> Iterator[Revision]:
    """`git log --raw -z`: six fields of a commit, then for each file a line of modes and ids, and one or two paths."""
    head: list[str] = []
    changes: list[tuple[Blob, Blob]] = []
    stream = iter(pieces)
    for piece in stream:
        if piece.lstrip(b"\n").startswith(b":") and len(head) == 6:
            before_mode, after_mode, before, after, status = piece.lstrip(b"\n:").decode().split(" ")
            path = _path(next(stream))
            other = _path(next(stream)) if status[0] in "RC" else path
            changes.append((Blob(before_mode, before, path), Blob(after_mode, after, other)))
            continue
        if len(head) == 6:
            yield _revision(head, changes)
            head, changes = [], []
        head.append(piece.decode("utf-8", "replace"))
    if len(head) == 6:
        yield _revision(head, changes)


def _revision(head: list[str], changes: list[tuple[Blob, Blob]]) -> Revision:
    id_, parents, time, author, email, subject = head
    return Revision(id_.strip(), tuple(parents.split()), int(time), author, email, subject, tuple(changes))


def _path(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
