"""One side of a change: the documents of a tree, each read when it is asked for."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from modelreg_cli.catalog import document, layout
from modelreg_cli.catalog.load import Progress
from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Tree

Document = dict[str, Any]


class State:
    """Documents of a tree by path or id; what is read stays."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.protected = protected_tags(tree)
        self._read: dict[str, tuple[Document | None, str]] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file below catalog/."""
        return frozenset(self.tree.paths())

    def fetch(self, paths: list[str]) -> None:
        """Reads several files at once, which is faster than one by one."""
        wanted = sorted(path for path in paths if path not in self._read)
        self._read |= {path: (None, "") for path in wanted}
        for path, raw in self.tree.read(wanted) if wanted else ():
            self._read[path] = _document(raw)

    def at(self, path: str) -> Document | None:
        """The document at a path; None where none is there, or it can not be read."""
        self.fetch([path])
        return self._read[path][0]

    def reason(self, path: str) -> str:
        """Why the file at a path can not be read; empty where it can, or is not there."""
        self.fetch([path])
        return self._read[path][1]

    def of(self, kind: str, *ids: str) -> Document | None:
        """The document of an entity, or None."""
        return self.at(layout.path_of(kind, *ids))

    def version(self, ref: str) -> Document | None:
        """The document of publisher/model@version, or None."""
        publisher, _, rest = ref.partition("/")
        model, _, name = rest.partition("@")
        return self.of("version", publisher, model, name)

    def versions_of(self, model: str) -> list[str]:
        """Refs of every version file of publisher/model."""
        found = (layout.locate(path) for path in self.below(f"catalog/models/{model}/"))
        return [place.id for place in found if place and place.kind == "version"]

    def below(self, folder: str) -> list[str]:
        """Files below a folder, sorted."""
        return sorted(path for path in self.paths if path.startswith(folder))

    def holding(self, _words: Iterable[str]) -> list[str]:
        """Files of models in which one of these words may stand, sorted."""
        return self.below("catalog/models/")

    def wearers(self, progress: Progress | None = None) -> list[str]:
        """Refs of every version that wears a protected tag."""
        places = [place for path in self.holding(self.protected) if (place := layout.locate(path)) and place.kind == "version"]
        self.fetch([place.path for place in places])
        return [place.id for place in places if self.worn(place.id)]

    def worn(self, ref: str) -> list[str]:
        """Protected tags that a version wears, by its own file: they are neither implied nor inherited."""
        tags = (self.version(ref) or {}).get("tags")
        return [tag for tag in tags if tag in self.protected] if isinstance(tags, list) else []


def _document(raw: bytes) -> tuple[Document | None, str]:
    try:
        found = document.load(raw)
    except Unreadable as error:
        return None, f"line {error.at.line}: {error.message}"
    return (found, "") if isinstance(found, dict) else (None, "the file is a list")
