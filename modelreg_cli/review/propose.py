"""A change as people propose it: formatted, checked, on a branch of its own, committed, pushed, and a pull request for it.

Each step begins where the last one ended, so that a second run goes on after whatever stopped the first; no step takes
back or overwrites what a person wrote.
"""

import hashlib
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from modelreg_cli.catalog.canonical import texts
from modelreg_cli.catalog.changed import changed
from modelreg_cli.catalog.load import Progress
from modelreg_cli.catalog.tree import TOP, Commit, Folder, commit_of
from modelreg_cli.catalog.write import write_all
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.forge.pull import Proposals, Pull, text_with
from modelreg_cli.git import Repository
from modelreg_cli.git import work as checkout
from modelreg_cli.review.changeset import ChangeSet, changeset
from modelreg_cli.rules.report import Question, Report, examine


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be proposed: the checkout, and where to.

    `base` is the branch that it is proposed to, `branch` the one that it is put on; None: what is usual.
    """

    top: Path
    today: date
    base: str | None = None
    branch: str | None = None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A checkout and where its work goes: the branch there, the commit that it left it at, the remote and its address.

    The address is the one that is read from: a push may go by another way.
    """

    wanted: Wanted
    repository: Repository
    fork: Commit
    base: str
    remote: str | None
    address: str | None


def begin(wanted: Wanted) -> Work:
    """Looks where the work stands; changes nothing.

    Raises:
        ModelregError: no repository, a merge that is not finished, no such remote or branch.
    """
    head = commit_of(wanted.top, "HEAD")
    found = head.repository
    begun = checkout.unfinished(found)
    if begun:
        raise ModelregError(f"a {begun} is not finished here", f"finish it, or `git {begun} --abort`, and then propose")
    remotes = checkout.remotes(found)
    remote = wanted.remote or ("origin" if "origin" in remotes else next(iter(remotes), None))
    if remote is not None and remote not in remotes:
        raise ModelregError(f"there is no remote {remote!r}", f"`git remote` has: {', '.join(remotes) or 'none'}")
    name = wanted.base or checkout.main_branch(found)
    fork = Commit(found, found.fork(name, "HEAD"), head.folder)
    # a pull request names the branch as its forge does
    base = name.removeprefix(f"{remote}/") if remote else name
    if base == "HEAD":
        told = found.run("symbolic-ref", "--short", f"refs/remotes/{name}").decode("utf-8", "surrogateescape").strip()
        base = told.removeprefix(f"{remote}/")
    return Work(wanted, found, fork, base, remote, remotes.get(remote) if remote else None)


def change_of(work: Work) -> ChangeSet:
    """What the work changes against where it left the base."""
    return changeset(work.fork, Folder(work.wanted.top))


def formatted(work: Work) -> list[str]:
    """Writes the changed files in canonical form; the paths of those that were not. One that does not parse stays as it is."""
    here = Folder(work.wanted.top)
    paths = sorted(changed(work.fork, here) & {path for path in here.paths() if path.endswith(".yaml")})
    paths = [path for path in paths if not path.startswith("catalog/approvals/")]
    new = {one.path: one.after for one in texts(here, tuple(paths)) if not one.broken and one.before != one.after} if paths else {}
    write_all({work.wanted.top / path: text for path, text in new.items()})
    return sorted(new)


def checked(work: Work, progress: Progress | None = None) -> Report:
    """What `modelreg validate --base` says of the files that are proposed: those below catalog/."""
    return examine(Question(work.wanted.top, work.wanted.today, base=work.fork.commit, paths=("catalog",)), progress)


def committed(work: Work, message: Callable[[], str], name: Callable[[], str]) -> tuple[str, str, bool]:
    """The branch that holds the work, its newest commit, and whether one was made now.

    Everything below catalog/ that differs is committed, nothing else. On the base branch, or on none, a new branch is begun.
    Where Git refuses (no name, a hook, a key), the branch that was begun is gone again and every file is as it was.

    Raises:
        ModelregError: Git refused, or the branch is there already.
    """
    found, here = work.repository, Folder(work.wanted.top)
    current = checkout.branch(found)
    branch = work.wanted.branch or (name() if current in (None, work.base) else current)
    head = commit_of(work.wanted.top, "HEAD")
    paths = sorted(changed(head, here))
    begun = branch != current
    if begun:
        if found.named(branch):
            raise ModelregError(f"the branch {branch} is there already", "`git switch` to it, or name another with --branch")
        checkout.run_as_user(found, "switch", "--quiet", "--create", branch)
    if not paths:
        return branch, head.commit, False
    try:
        _commit(found, [f"{head.folder}{path}" for path in paths], message())
    except BaseException:
        if begun:
            with suppress(ModelregError):
                checkout.run_as_user(found, "switch", "--quiet", *([current] if current else ["--detach", head.commit]))
                checkout.run_as_user(found, "branch", "--quiet", "--delete", branch)
        raise
    return branch, found.resolve("HEAD"), True


def _commit(found: Repository, paths: list[str], message: str) -> None:
    top = replace(found, folder=Path(found.run("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")))
    with tempfile.TemporaryDirectory() as folder:
        words, names = Path(folder, "message"), Path(folder, "paths")
        words.write_text(message, "utf-8")
        names.write_bytes("\0".join(f":(literal){path}" for path in paths).encode("utf-8", "surrogateescape"))
        chosen = (f"--pathspec-from-file={names}", "--pathspec-file-nul")
        before = top.run("write-tree").decode().strip()
        checkout.run_as_user(top, "add", "--all", *chosen)
        try:
            checkout.run_as_user(top, "commit", "--quiet", f"--file={words}", "--only", *chosen)
        except BaseException:
            with suppress(ModelregError):  # what was staged before stays so, and nothing more
                checkout.run_as_user(top, "read-tree", before)
            raise


def pushed(work: Work, branch: str) -> None:
    """Sends the branch to the remote, never by force.

    Raises:
        Unavailable: the remote did not take it; the commit is safe on the branch.
    """
    name = f"refs/heads/{branch}"
    try:
        checkout.run_as_user(work.repository, "push", "--quiet", "--set-upstream", str(work.remote), f"{name}:{name}")
    except ModelregError as error:
        raise Unavailable(
            f"the work is committed on the branch {branch}, and could not be pushed: {error.message}",
            "run `modelreg propose` again when that is mended, it goes on from here",
        ) from None


def branch_name(subjects: list[str], text: str) -> str:
    """A name for a new branch: the first thing that it changes, and a digest of the whole change."""
    first = re.sub(r"[^a-z0-9.]+", "-", subjects[0].lower()).strip("-.")[:50].strip("-.") if subjects else "catalog"
    first = re.sub(r"\.{2,}", ".", first).removesuffix(".lock") or "catalog"
    return f"propose/{first}-{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"


def left_out(change: ChangeSet) -> list[str]:
    """Changed files that are not part of a proposal: those outside catalog/."""
    return [one.path for one in change.beside if not one.path.startswith(f"{TOP}/")]


def opened(work: Work, found: Proposals, branch: str, title: str, change: str, draft: bool) -> tuple[Pull, bool]:
    """The pull request of the branch, and whether it is new; one that is there is given the change as it is now.

    Raises:
        Unavailable: the forge did not take it; the branch is safe there.
    """
    try:
        known = found.find(branch, work.base)
        if known is None:
            return found.open(branch, work.base, title, text_with("", change), draft), True
        text = text_with(known.body, change)
        if text != known.body:
            found.describe(known, text)
        return known, False
    except Unavailable as error:
        raise Unavailable(
            f"the branch {branch} is pushed, and the pull request could not be opened: {error.message}",
            f"open it by hand at {found.page(branch, work.base)}, or run `modelreg propose` again",
        ) from None
