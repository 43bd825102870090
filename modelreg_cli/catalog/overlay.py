"""A folder as it would be with some files written or gone: what is about to be written is checked first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from modelreg_cli.catalog.load import Catalog, case_collisions, ids_of, load_file
from modelreg_cli.catalog.tree import Folder, Tree
from modelreg_cli.finding import Finding


@dataclass(frozen=True, slots=True)
class Overlay:
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


def with_texts(catalog: Catalog, folder: Folder, texts: Mapping[str, str | None]) -> Catalog:
    """What `load` makes of the overlay, from the catalog of the folder: only these files are read."""
    tree = Overlay(folder, texts)
    paths = tree.paths()
    by_kind = dict(catalog.by_kind)
    refused = {kind: set(ids) for kind, ids in catalog.refused.items()}
    findings = [one for one in catalog.findings if one.path not in texts]
    for path, text in texts.items():
        for kind, ids in ids_of([path]).items():
            by_kind[kind] = {id_: loaded for id_, loaded in by_kind.get(kind, {}).items() if id_ not in ids}
            refused.get(kind, set()).difference_update(ids)
        if text is None:
            continue
        loaded, wrong = load_file(path, text.encode("utf-8"))
        findings.extend(wrong)
        if loaded:
            files = {**by_kind[loaded.location.kind], loaded.location.id: loaded}
            by_kind[loaded.location.kind] = dict(sorted(files.items(), key=lambda item: item[1].location.path))
        else:
            for kind, ids in ids_of([path]).items():
                refused.setdefault(kind, set()).update(ids)
    findings.extend(one for one in case_collisions(paths) if one not in findings)
    return replace(catalog, tree=tree, by_kind=by_kind, findings=findings, files=len(paths), refused=refused)
