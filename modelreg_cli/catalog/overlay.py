"""A folder as it would be with some files written: what is about to be written is checked first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from modelreg_cli.catalog.tree import Folder, Tree
from modelreg_cli.finding import Finding


@dataclass(frozen=True, slots=True)
class Overlay:
    """A folder, and texts of files that are new or other there."""

    folder: Folder
    texts: Mapping[str, str]

    def listed(self) -> tuple[list[str], list[Finding]]:
        """Every regular file below catalog/, the new ones too; links and device files."""
        paths, odd = self.folder.listed()
        return sorted({*paths, *self.texts}), odd

    def paths(self) -> list[str]:
        """Every regular file below catalog/, sorted."""
        return self.listed()[0]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for."""
        for path in paths:
            if path in self.texts:
                yield path, self.texts[path].encode("utf-8")
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
