"""Where files come from: a folder, or a commit of a repository (no checkout)."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from modelreg_cli.catalog import codes
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.finding import Finding
from modelreg_cli.git import Entry, Repository, repository
from modelreg_cli.settings import MAX_BYTES

TOP = "catalog"
# flags that Windows lacks are 0 there
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Tree(Protocol):
    """Files of a catalog, by their path below the top of the repository."""

    def listed(self) -> tuple[list[str], list[Finding]]:
        """Every regular file below catalog/, and what lies there and is not plain; both sorted."""

    def paths(self) -> list[str]:
        """Every regular file below catalog/, sorted."""

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for; a file that cannot be read is left out.

        At most one byte more than a catalog file may have.
        """

    def id(self) -> str:
        """The Git id of catalog/ where Git tells it, else empty."""

    def part(self, paths: list[str]) -> "Tree":
        """The same tree, to be read in another process: what is needed for these files goes with it."""

    def beside(self, path: str) -> bytes | None:
        """A file of the repository outside catalog/, such as ci/policy.yaml, or None."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A checkout, or any folder that holds catalog/."""

    root: Path

    def listed(self) -> tuple[list[str], list[Finding]]:
        """Every regular file below catalog/; links and device files."""
        paths: list[str] = []
        odd = list(self._walk(paths))
        return sorted(paths), sorted(odd)

    def paths(self) -> list[str]:
        """Every regular file below catalog/, sorted."""
        return self.listed()[0]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for."""
        top = f"{self.root}/"
        for path in paths:
            raw = _read(top + path)
            if raw is not None:
                yield path, raw

    def id(self) -> str:
        """Empty: it follows from what is read."""
        return ""

    def part(self, paths: list[str]) -> Tree:
        """Itself: a folder can be read from anywhere."""
        return self

    def beside(self, path: str) -> bytes | None:
        """A file of the repository outside catalog/, or None."""
        return _read(f"{self.root}/{path}")

    def _walk(self, paths: list[str]) -> Iterator[Finding]:
        """Adds the plain files, and gives the rest."""
        base = self.root / TOP
        if not base.is_dir():
            raise ModelregError(f"there is no folder {TOP}/ in {self.root}", "run it in a catalog repository, or name one with --root")
        if base.is_symlink():
            yield _odd(TOP, "a link")
            return
        top = f"{self.root}/"
        todo = [TOP]
        while todo:
            folder = todo.pop()
            try:
                with os.scandir(top + folder) as entries:
                    for entry in entries:
                        below = f"{folder}/{entry.name}"
                        if entry.is_file(follow_symlinks=False):
                            paths.append(below)
                        elif entry.is_dir(follow_symlinks=False):
                            todo.append(below)
                            if entry.name.endswith(".yaml"):
                                yield _odd(below, "a folder that is called like a file")
                        else:
                            yield _odd(below, "a link or device")
            except OSError as error:
                told = f"the folder cannot be listed: {error.strerror}"
                yield codes.FILE_UNREADABLE.about(folder, told, hint="check its permissions")


def _read(path: str) -> bytes | None:
    """At most one byte more than a catalog file may have; never through a link, and without waiting for a pipe."""
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        return os.read(handle, MAX_BYTES + 1)
    except OSError:
        return None
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Planned:
    """A folder, and texts of files that are new or other there; None is a file that is not there."""

    folder: Folder
    texts: Mapping[str, str | None]

    def listed(self) -> tuple[list[str], list[Finding]]:
        """Every regular file below catalog/, the new ones too; links and device files."""
        paths, odd = self.folder.listed()
        there = {path for path, text in self.texts.items() if text is not None}
        return sorted((set(paths) - self.texts.keys()) | there), odd

    def paths(self) -> list[str]:
        """Every regular file below catalog/, sorted."""
        return self.listed()[0]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for."""
        for path in paths:
            if path in self.texts:
                text = self.texts[path]
                if text is not None:
                    yield path, text.encode("utf-8")
            else:
                yield from self.folder.read([path])

    def id(self) -> str:
        """Empty: it follows from what is read."""
        return ""

    def part(self, paths: list[str]) -> Tree:
        """Itself."""
        return self

    def beside(self, path: str) -> bytes | None:
        """A file of the repository outside catalog/, or None."""
        return self.folder.beside(path)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, read from Git objects; `folder` is where the catalog repository lies below the top, or empty."""

    repository: Repository
    commit: str
    folder: str = ""

    def paths(self) -> list[str]:
        """Every regular file below catalog/, sorted."""
        return self.listed()[0]

    def listed(self) -> tuple[list[str], list[Finding]]:
        """Every regular file below catalog/; links, submodules, executable files."""
        odd = []
        for entry in self._entries():
            if entry.mode in ("120000", "160000"):
                odd.append(_odd(f"{TOP}/{entry.path}", "a link" if entry.mode == "120000" else "a submodule"))
            elif entry.mode != "100644":
                odd.append(_odd(f"{TOP}/{entry.path}", f"a file of mode {entry.mode}"))
        paths = (f"{TOP}/{entry.path}" for entry in self._entries() if entry.mode.startswith("100"))
        return sorted(paths), sorted(odd)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for."""
        oids = self.oids()
        wanted = [path for path in paths if path in oids]
        return self.part(wanted).read(wanted)

    def beside(self, path: str) -> bytes | None:
        """A file of the repository outside catalog/, or None."""
        folder, _, name = f"{self.folder}{path}".rpartition("/")
        try:
            entries = self.repository.files(self.commit, folder)
        except ModelregError:
            return None
        oid = next((entry.oid for entry in entries if entry.path == name and entry.mode.startswith("100")), None)
        return next(iter(self.repository.blobs([oid])))[: MAX_BYTES + 1] if oid else None

    def id(self) -> str:
        """The Git id of catalog/."""
        return self.repository.tree_id(self.commit, f"{self.folder}{TOP}")

    def part(self, paths: list[str]) -> Tree:
        """The ids of these files, so that nobody lists the commit again."""
        oids = self.oids()
        return Blobs(self.repository, {path: oids[path] for path in paths if path in oids})

    def oids(self) -> dict[str, str]:
        """Blob ids by path."""
        return _oids(self.repository, self.commit, f"{self.folder}{TOP}")

    def _entries(self) -> list[Entry]:
        return _entries(self.repository, self.commit, f"{self.folder}{TOP}")


@dataclass(frozen=True, slots=True)
class Blobs:
    """Some files of a commit, by blob id."""

    repository: Repository
    by_path: dict[str, str]

    def listed(self) -> tuple[list[str], list[Finding]]:
        """These files; what is odd is found where the whole commit is listed."""
        return sorted(self.by_path), []

    def paths(self) -> list[str]:
        """These files, sorted."""
        return sorted(self.by_path)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for."""
        wanted = list(paths)
        for path, raw in zip(wanted, self.repository.blobs(self.by_path[path] for path in wanted), strict=True):
            yield path, raw[: MAX_BYTES + 1]

    def id(self) -> str:
        """Empty: they are a part."""
        return ""

    def part(self, paths: list[str]) -> Tree:
        """Fewer of them."""
        return Blobs(self.repository, {path: self.by_path[path] for path in paths})

    def beside(self, path: str) -> bytes | None:
        """Nothing."""
        return None


@lru_cache(maxsize=4)
def _entries(repository: Repository, commit: str, folder: str) -> list[Entry]:
    try:
        return repository.files(commit, folder)
    except Unavailable:
        raise
    except ModelregError:
        raise ModelregError(f"there is no folder {folder}/ in commit {commit[:12]}", "it may be older than the catalog") from None


@lru_cache(maxsize=4)
def _oids(repository: Repository, commit: str, folder: str) -> dict[str, str]:
    return {f"{TOP}/{entry.path}": entry.oid for entry in _entries(repository, commit, folder)}


def open_tree(root: Path, revision: str | None = None) -> Tree:
    """The folder itself, or what a commit of its repository holds.

    Raises:
        ModelregError: there is no such commit, or no repository.
    """
    return Folder(root) if revision is None else commit_of(root, revision)


def commit_of(root: Path, revision: str) -> Commit:
    """A commit of the repository that a folder belongs to.

    Raises:
        ModelregError: there is no such commit, or no repository.
    """
    found = repository(root)
    if found is None:
        raise ModelregError(f"{root} is not in a Git repository", "commits can be read in a repository only")
    return Commit(found, found.resolve(revision), found.prefix())


def _odd(path: str, what: str) -> Finding:
    return codes.PATH_NOT_PLAIN.about(path, f"{what} is not a plain file", hint="a catalog holds plain files of mode 100644 only")
