"""Where files are kept that are made from a catalog, and the Git directory, found without running Git.

Imported by reading commands: nothing here may import an entity, a YAML reader or Git.
"""

import os
import sys
import zlib
from typing import NamedTuple

from modelreg_cli.settings import CACHE_FOLDER

#: What is made from past states where the catalog's own folder cannot be used.
_PROGRAM = "modelreg"


class Git(NamedTuple):
    """A Git directory: its own files, those shared among work trees, and the top of the work tree (None: bare)."""

    folder: str
    shared: str
    top: str | None


def git_of(root: str) -> Git | None:
    """The Git directory that a folder belongs to, or None."""
    here = os.path.realpath(root)
    while True:
        found = _folder(os.path.join(here, ".git"))
        if found:
            return Git(found, _shared(found), here)
        if _is_git(here):
            return Git(here, _shared(here), None)
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def _folder(dot: str) -> str | None:
    """The Git directory that `.git` is, or points to (linked work trees, submodules)."""
    if os.path.isdir(dot):
        return dot if _is_git(dot) else None
    text = read_line(dot)
    if text is None or not text.startswith("gitdir: "):
        return None
    return os.path.normpath(os.path.join(os.path.dirname(dot), text[len("gitdir: ") :]))


def _is_git(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(_shared(folder), "objects"))


def _shared(folder: str) -> str:
    text = read_line(os.path.join(folder, "commondir"))
    return os.path.normpath(os.path.join(folder, text)) if text else folder


def read_line(path: str) -> str | None:
    """The text of a small file without its last line end, or None."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().rstrip("\n")
    except OSError:
        return None


def shallow_of(root: str) -> str:
    """Commits at which the history of a clone is cut off, or empty."""
    git = git_of(root)
    return " ".join((read_line(os.path.join(git.shared, "shallow")) or "").split()) if git else ""


def kept_in(root: str, inside: str = "") -> str:
    """A folder to keep what is made from a catalog's commits: made if need be, and one that can be written.

    In a checkout `.modelreg/`; in a bare repository `modelreg/` in the Git directory; where neither can be written, the
    user's cache folder.
    """
    git = git_of(root)
    bare = git is not None and git.top is None
    first = os.path.join(git.folder, _PROGRAM) if git is not None and bare else os.path.join(root, CACHE_FOLDER)
    here = os.path.realpath(root)
    own = f"{os.path.basename(here)}-{zlib.crc32(os.fsencode(here)):08x}"
    for top in (first, os.path.join(own_cache(), own)):
        folder = os.path.join(top, inside) if inside else top
        if os.path.islink(top):  # a repository may bring one that leads anywhere
            continue
        try:
            os.makedirs(folder, exist_ok=True)
            note = os.path.join(top, ".gitignore")
            if not os.path.exists(note):
                with open(note, "w", encoding="ascii") as file:
                    file.write("*\n")
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return os.path.join(first, inside)


def own_cache() -> str:
    """The program's folder in the user's cache folder."""
    return os.path.join(_users(), _PROGRAM)


def _users() -> str:
    """The user's cache folder, as the platform has it."""
    if os.name == "nt":
        return os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/AppData/Local")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    named = os.environ.get("XDG_CACHE_HOME", "")
    return named if os.path.isabs(named) else os.path.expanduser("~/.cache")
