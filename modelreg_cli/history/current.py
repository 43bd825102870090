"""Which history.db a reader opens, and whether it still ends at HEAD.

Imported by a reading command: nothing here may import an entity, a YAML reader or Git. HEAD is read from the Git
directory's own files; only where that does not tell (the reftable format), the child process asks Git.
"""

import importlib
import os
import sqlite3
import zlib

from modelreg_cli import __version__
from modelreg_cli.errors import ModelregError
from modelreg_cli.history.kinds import APPLICATION_ID, SCHEMA_VERSION
from modelreg_cli.index.place import Git, git_of, kept_in, read_line, shallow_of
from modelreg_cli.query.opened import address
from modelreg_cli.settings import find_root

NAME = "history.db"
_HEX = frozenset("0123456789abcdef")


def find_history(start: str | None = None) -> str:
    """The history of the catalog here, or at or above a folder, brought up to HEAD first.

    Raises:
        ModelregError: there is no repository.
        Unavailable: it cannot be brought up to date.
    """
    root, git = whose_history(start)
    path = os.path.join(kept_in(root), NAME)
    if not is_current(root, git, path):
        # the child process is started from a module of its own: what it needs would slow down every reader
        importlib.import_module("modelreg_cli.history.renew").renew(root, path)
    return path


def whose_history(start: str | None = None) -> tuple[str, Git]:
    """The top of the catalog here (or at or above a folder), or the bare repository, and its Git directory.

    Raises:
        ModelregError: there is no repository, or no catalog in the checkout.
    """
    found = find_root(start)
    root = found or start or os.getcwd()
    git = git_of(root)
    if git is None:
        raise ModelregError(f"{root} is not in a Git repository", "history is read from commits: run it in a clone of the catalog")
    if found is None and git.top is not None:
        raise ModelregError("there is no catalog here or above", "run it in a catalog repository, or in a bare clone of one")
    return root, git


def is_current(root: str, git: Git, path: str) -> bool:
    """Whether a history was made by this program and ends at HEAD."""
    facts = facts_of(path)
    if facts is None or facts.get("program") != made_by() or facts.get("schema_version") != str(SCHEMA_VERSION):
        return False
    return facts.get("tip") == tip_of(git) and facts.get("shallow") == shallow_of(root)


def facts_of(path: str) -> dict[str, str] | None:
    """The table meta of a history, or None where the file is none, or damaged."""
    try:
        db = sqlite3.connect(f"file:{address(path)}?mode=ro&immutable=1", uri=True)
        try:
            if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return None
            return dict(db.execute("SELECT key, value FROM meta"))
        finally:
            db.close()
    except sqlite3.Error:
        return None


def made_by() -> str:
    """Names the program that tells events: its version, and a checksum of the code that does."""
    folder = os.path.dirname(__file__)
    total = 0
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                total = zlib.crc32(file.read(), total)
    return f"{__version__}+{total:08x}"


def tip_of(git: Git) -> str | None:
    """The commit that HEAD is, or None where the files do not tell."""
    text = read_line(os.path.join(git.folder, "HEAD"))
    for _ in range(5):  # a ref may name another one
        if text is None:
            return None
        if not text.startswith("ref: "):
            return text if len(text) in (40, 64) and set(text) <= _HEX else None
        name = text[len("ref: ") :]
        loose = read_line(os.path.join(git.folder, name)) or read_line(os.path.join(git.shared, name))
        text = loose or _packed(git, name)
    return None


def _packed(git: Git, name: str) -> str | None:
    packed = read_line(os.path.join(git.shared, "packed-refs"))
    return next((line.partition(" ")[0] for line in (packed or "").split("\n") if line.endswith(f" {name}")), None)
