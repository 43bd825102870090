"""Who wrote what a merge brought: the newest commit of the merged branches that touched the file.

Two passes over the history together tell it for every merge; a Git process for each merge would take longer than all the rest.
"""

from collections.abc import Mapping
from typing import NamedTuple

from modelreg_cli.git import Repository
from modelreg_cli.history.walk import Revision


class Author(NamedTuple):
    """A person as a commit names them."""

    name: str
    email: str


class Merged:
    """Authors of files by the merge that brought them; asked about merges oldest first."""

    def __init__(self, parents: Mapping[str, tuple[str, ...]], touched: Mapping[str, tuple[Author, frozenset[str]]]) -> None:
        self._parents, self._touched = parents, touched
        self._place = {commit: at for at, commit in enumerate(parents)}
        self._seen: set[str] = set()

    def authors(self, merge: Revision) -> dict[str, Author]:
        """Author by path, for what the merge added to the line."""
        self._reach(merge.parents[:1])
        found: dict[str, Author] = {}
        for commit in sorted(self._reach(merge.parents[1:]), key=self._place.__getitem__, reverse=True):
            author, paths = self._touched.get(commit, (Author("", ""), frozenset()))
            found |= dict.fromkeys(paths, author)  # the newest comes last
        return found

    def _reach(self, tips: tuple[str, ...]) -> list[str]:
        """Commits that these lead to and none before them did."""
        todo = [tip for tip in tips if tip in self._parents]
        found = []
        while todo:
            commit = todo.pop()
            if commit not in self._seen:
                self._seen.add(commit)
                found.append(commit)
                todo += [parent for parent in self._parents[commit] if parent in self._parents]
        return found


def merged(repository: Repository, tip: str, start: str | None, folder: str) -> Merged:
    """What the merges after `start` up to `tip` brought."""
    wanted = [tip] if start is None else [tip, f"^{start}"]
    parents = {}
    for piece in repository.log("--topo-order", "--format=%H %P", *wanted):
        commit, *above = piece.decode().split()
        parents[commit] = tuple(above)
    touched: dict[str, tuple[Author, frozenset[str]]] = {}
    if any(len(above) > 1 for above in parents.values()):
        touched = _touched(repository, wanted, folder)
    return Merged(parents, touched)


def _touched(repository: Repository, wanted: list[str], folder: str) -> dict[str, tuple[Author, frozenset[str]]]:
    """Author and paths of every commit that touched the folder, those on merged branches too."""
    found: dict[str, tuple[Author, frozenset[str]]] = {}
    head: list[str] = []
    paths: list[str] = []
    pieces = repository.log(
        "--full-history", "--no-merges", "--name-only", "--no-renames", "--format=%x01%x00%H%x00%an%x00%ae", *wanted,
        "--", f":(top,literal){folder}",
    )  # fmt: skip
    for piece in (*pieces, b"\x01"):
        if piece.lstrip(b"\n") == b"\x01":
            if len(head) == 3:
                found[head[0]] = (Author(head[1], head[2]), frozenset(paths))
            head, paths = [], []
        elif len(head) < 3:
            head.append(piece.decode("utf-8", "replace"))
        else:
            paths.append(piece.lstrip(b"\n").decode("utf-8", "surrogateescape"))
    return found
