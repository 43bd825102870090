"""The index of a past state: found by the Git id of its catalog/, built once in a child process, and kept."""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from modelreg_cli import dates
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.git import Repository
from modelreg_cli.index.place import git_of, kept_in, shallow_of
from modelreg_cli.index.stamp import made_by
from modelreg_cli.settings import find_root

_FOLDER = "trees"
#: Indexes of past states that are kept; those used longest ago go first.
MOST = 20
_NAME = re.compile(r"[0-9a-f]{40,64}-[0-9a-f]{8}\.db\Z")


class Past(NamedTuple):
    """The index of a past state: its file, the commit, and what is to be said about it."""

    file: str
    commit: str
    told: list[str]


def past_index(at: str, start: str | None = None) -> Past:
    """The index of the catalog here, or at or above a folder, as a commit, branch, tag or date has it.

    Raises:
        ModelregError: no such state, or it has no catalog.
        Unavailable: its index cannot be built.
    """
    root = find_root(start) or start or str(Path.cwd())
    repository, prefix = opened_repository(root)
    commit, told = _commit(repository, root, at)
    try:
        tree = repository.tree_id(commit, f"{prefix}catalog")
    except Unavailable:
        raise
    except ModelregError:
        raise ModelregError(
            f"there is no catalog/ in commit {commit[:12]} of {dates.told(repository.time_of(commit))}",
            "it may be older than the catalog, or the catalog lay elsewhere in the repository",
        ) from None
    index = Path(kept_in(root, _FOLDER), f"{tree}-{_program()}.db")
    if index.is_file():
        with contextlib.suppress(OSError):
            os.utime(index)  # used now: the others are older
    else:
        _build(root, commit, str(index))
        _prune(index.parent)
    return Past(str(index), commit, told)


def opened_repository(root: str) -> tuple[Repository, str]:
    """The repository that a folder belongs to, and where the folder lies below its top.

    Raises:
        ModelregError: there is none, or Git will not read it.
    """
    repository = Repository(Path(root))
    try:
        return repository, repository.prefix()
    except Unavailable:
        raise
    except ModelregError as error:
        if git_of(root) is None:
            raise ModelregError(
                f"{root} is not in a Git repository", "past states are read from commits: run it in a clone of the catalog"
            ) from None
        raise ModelregError(f"the repository of {root} cannot be read: {error.message}", "run `git status` there") from None


def _commit(repository: Repository, root: str, at: str) -> tuple[str, list[str]]:
    """The commit that is meant, and the words about it."""
    names = repository.named(at) if dates.looks_like_date(at) else []
    by_date = dates.looks_like_date(at) and not names
    commit = _of_date(repository, root, at) if by_date else repository.resolve(names[0] if names else at)
    told = [f"As of commit {commit[:12]}, {dates.told(repository.time_of(commit))}."]
    if names:
        kind = "tag" if names[0].startswith("refs/tags/") else "branch"
        told.insert(
            0, f"note: {at} is the {kind} of that name here, not the date; for a date write the time too, as in 2026-06-01T23:59:59Z"
        )
    return commit, told


def _of_date(repository: Repository, root: str, at: str) -> str:
    moment = dates.span(at, "--at").last
    try:
        repository.resolve("HEAD")
    except Unavailable:
        raise
    except ModelregError:
        raise ModelregError("this repository has no commit yet", "commit the catalog first") from None
    found = repository.commit_at(moment)
    if found is not None:
        return found
    first = repository.first_commit()
    message = (
        f"no commit is as old as {dates.told(moment)}: the first one here, {first[:12]}, is of {dates.told(repository.time_of(first))}"
    )
    if shallow_of(root):
        raise ModelregError(message, "this clone is shallow, its history is cut off there; `git fetch --unshallow` brings the rest")
    raise ModelregError(message, "name that date or a later one")


def _program() -> str:
    """Names the program that makes rows, so that another one does not read its indexes."""
    return hashlib.sha256(made_by().encode()).hexdigest()[:8]


def _build(root: str, commit: str, index: str) -> None:
    """In a child process: the reader that waits for it never loads what only the writer needs."""
    command = [sys.executable, "-m", "modelreg_cli", "build", "--at", commit, "-o", index, "--root", root, "--auto"]
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise Unavailable(f"the index of commit {commit[:12]} could not be built: {error}", "is there memory and disk left?") from None
    if code != 0:
        raise Unavailable(
            f"the index of commit {commit[:12]} could not be built", f"`modelreg validate --at {commit[:12]}` tells what is wrong with it"
        )


def _prune(folder: Path) -> None:
    """Removes all but the indexes used last; one that is being read stays readable, as it only loses its name."""
    known = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another reader removed it
            if _NAME.match(path.name):
                known.append((path.stat().st_mtime_ns, path))
    for used, path in sorted(known, reverse=True)[MOST:]:
        with contextlib.suppress(OSError):  # or Windows keeps it while it is read
            if path.stat().st_mtime_ns == used:  # nobody has come back to it meanwhile
                path.unlink()
