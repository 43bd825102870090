"""A checkout as its user works in it: branches, remotes, and Git with their own settings."""

import shutil
import subprocess

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.git.repository import Repository


def run_as_user(repository: Repository, *args: str) -> str:
    """Output of one Git command as its user runs it: with their hooks, signing and helpers, and prompts on their terminal.

    Raises:
        Unavailable: Git is not installed.
        ModelregError: Git, or one of these, said no; all that it said is passed on.
    """
    program = shutil.which("git")
    if program is None:
        raise Unavailable("git is not installed", "install Git 2.38 or newer")
    done = subprocess.run([program, "-C", str(repository.folder), *args], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise ModelregError(f"git {args[0]} failed: {said or 'no message'}")
    return done.stdout.decode("utf-8", "surrogateescape")


def branch(repository: Repository) -> str | None:
    """The branch that is checked out, or None where HEAD is a commit."""
    try:
        return repository.run("symbolic-ref", "--quiet", "--short", "HEAD").decode("utf-8", "surrogateescape").strip()
    except ModelregError as error:
        if isinstance(error, Unavailable):
            raise
        return None


def remotes(repository: Repository) -> dict[str, str]:
    """Address by remote, as a fetch would use it."""
    names = repository.run("remote").decode("utf-8", "surrogateescape").split()
    return {name: repository.run("remote", "get-url", name).decode("utf-8", "surrogateescape").strip() for name in names}


def unfinished(repository: Repository) -> str | None:
    """What was begun and not ended here: a merge, rebase, cherry-pick or revert."""
    found = repository.run(
        "rev-parse",
        "--git-path",
        "MERGE_HEAD",
        "--git-path",
        "rebase-merge",
        "--git-path",
        "rebase-apply",
        "--git-path",
        "CHERRY_PICK_HEAD",
        "--git-path",
        "REVERT_HEAD",
    ).decode("utf-8", "surrogateescape")
    words = ("merge", "rebase", "rebase", "cherry-pick", "revert")
    return next((word for word, path in zip(words, found.splitlines(), strict=True) if (repository.folder / path).exists()), None)


def main_branch(repository: Repository) -> str:
    """The branch that changes are proposed to: what the remote says, else main or master.

    Raises:
        ModelregError: there is none of these.
    """
    names = (
        "refs/remotes/origin/HEAD",
        *(f"refs/{place}/{name}" for place in ("remotes/origin", "heads") for name in ("main", "master")),
    )
    found = repository.run("for-each-ref", "--format=%(refname)", *names).decode("utf-8", "surrogateescape").split()
    for name in names:
        if name in found:
            return name.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    raise ModelregError("no branch here is called main or master", "name the branch, tag or commit to compare with")
