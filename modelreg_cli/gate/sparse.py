"""A state of a catalog of which few files are asked for: nothing is listed whole, so the cost is that of the change."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from modelreg_cli.catalog.tree import TOP, Blobs, Commit
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.finding import Finding
from modelreg_cli.git import Entry, Repository
from modelreg_cli.review.state import State
from modelreg_cli.settings import MAX_BYTES

_MANY = 500


class Sparse:
    """A Tree (catalog.tree) of a commit or tree id; entries are looked up by path and kept."""

    def __init__(self, repository: Repository, treeish: str, folder: str = "") -> None:
        self.repository, self.treeish, self.folder = repository, treeish, folder
        self._entries: dict[str, Entry | None] = {}
        self._names: dict[str, list[str]] = {}

    def entry(self, path: str) -> Entry | None:
        """Mode and blob id of a path below the top, or None."""
        self.look_up([path])
        return self._entries[path]

    def look_up(self, paths: Iterable[str]) -> None:
        """Looks for several paths at once."""
        wanted = [path for path in paths if path not in self._entries]
        for start in range(0, len(wanted), _MANY):
            some = wanted[start : start + _MANY]
            self._entries |= dict.fromkeys(some)
            out = self.repository.run("ls-tree", "-z", "--full-tree", self.treeish, "--", *(f"{self.folder}{path}" for path in some))
            for line in filter(None, out.split(b"\0")):
                meta, _, name = line.partition(b"\t")
                mode, _, oid = meta.decode().split(" ")
                path = name.decode("utf-8", "surrogateescape").removeprefix(self.folder)
                self._entries[path] = Entry(mode, oid, path)

    def below(self, folder: str) -> list[Entry]:
        """Files below a folder, sorted by path; none where there is no such folder."""
        try:
            entries = self.repository.files(self.treeish, f"{self.folder}{folder}")
        except ModelregError as error:
            if isinstance(error, Unavailable):
                raise
            return []
        found = [Entry(entry.mode, entry.oid, f"{folder}{entry.path}") for entry in entries]
        self._entries |= {entry.path: entry for entry in found}
        return sorted(found, key=lambda entry: entry.path)

    def names_in(self, folder: str) -> list[str]:
        """Names in a folder, of files and folders."""
        if folder not in self._names:
            spec = f"{self.treeish}:{self.folder}{folder}".removesuffix("/")
            out = self.repository.run("ls-tree", "-z", "--name-only", spec, also=(128,))
            self._names[folder] = [name.decode("utf-8", "surrogateescape") for name in out.split(b"\0") if name]
        return self._names[folder]

    def holding(self, words: Iterable[str], folder: str) -> list[str]:
        """Files below a folder in which one of the words stands, sorted."""
        asked = [part for word in words for part in ("-e", word)]
        if not asked:
            return []
        place = f"{self.folder}{folder}"
        out = self.repository.run(
            "grep", "-l", "-z", "--full-name", "-I", "-F", *asked, self.treeish, "--", f":(literal,top){place}", also=(1,)
        )
        names = (name.decode("utf-8", "surrogateescape") for name in out.split(b"\0") if name)
        return sorted(name.removeprefix(f"{self.treeish}:").removeprefix(self.folder) for name in names)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents of plain files, in the order asked for; others are left out."""
        wanted = list(paths)
        self.look_up(wanted)
        there = {path: entry.oid for path in wanted if (entry := self._entries[path]) and entry.mode.startswith("100")}
        yield from Blobs(self.repository, there).read(list(there))

    def beside(self, path: str) -> bytes | None:
        """A file of the repository outside catalog/, or None."""
        return next((raw[: MAX_BYTES + 1] for _, raw in self.read([path])), None)

    def paths(self) -> list[str]:
        """Every regular file below catalog/: this lists all of them."""
        return self.listed()[0]

    def listed(self) -> tuple[list[str], list[Finding]]:
        """The same, and what is not plain."""
        return Commit(self.repository, self.treeish, self.folder).listed()

    def id(self) -> str:
        """The Git id of catalog/."""
        return self.repository.tree_id(self.treeish, f"{self.folder}{TOP}")

    def part(self, paths: list[str]) -> Blobs:
        """Some files, to be read in another process."""
        self.look_up(paths)
        return Blobs(self.repository, {path: entry.oid for path in paths if (entry := self._entries[path])})


class SparseState(State):
    """Documents of a Sparse tree."""

    tree: Sparse

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file below catalog/."""
        return frozenset(self.tree.paths())

    def below(self, folder: str) -> list[str]:
        """Files below a folder, sorted."""
        return [entry.path for entry in self.tree.below(folder) if entry.mode.startswith("100")]

    def holding(self, words: Iterable[str]) -> list[str]:
        """Files of models in which one of these words stands, sorted."""
        return self.tree.holding(words, "catalog/models/")
