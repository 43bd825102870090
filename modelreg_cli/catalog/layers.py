"""A catalog over another one: files that are not here are as the published state underneath has them.

The state underneath is an index that was pulled and verified (release/upstream.py). Its documents become files of the tree, as JSON,
which is YAML: everything above reads one tree, and does not know that there are two.
"""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from modelreg_cli.catalog import codes, document, layout
from modelreg_cli.catalog.fits import validator
from modelreg_cli.catalog.patch import Misfit, patched, said_at
from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Commit, Folder, Planned, Tree
from modelreg_cli.catalog.tree_id import blob_id, tree_id
from modelreg_cli.errors import Unavailable
from modelreg_cli.finding import Finding
from modelreg_cli.settings import catalogs_home

ROOT = "catalog/catalog.yaml"
#: What is not taken over: the root is ours, what is operated is theirs, overlays took effect, statements are about that catalog.
_OURS = frozenset(("", "catalog", "overlay", "engine", "binding", "tenant", "decisions", "snapshot"))
_BATCH = 1000
#: The folder of published states that catalogs extend, beside those that are pulled to be asked.
STATES = ".states"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layered:
    """A Tree (catalog.tree): own files, and the documents of an index for all that is not there.

    `withheld` are tags that do not cross: those that the gate underneath gives, and those that this catalog defines. `gated` are those that
    a gate gives, this catalog's or the other one's: no overlay gives them. `root` is catalog/catalog.yaml as it was when it named `index`.
    """

    own: Tree
    index: Path
    name: str
    withheld: frozenset[str]
    gated: frozenset[str]
    owned: frozenset[str]
    root: bytes

    def layer(self, path: str) -> str:
        """Name of the catalog underneath where a file is from there, else empty."""
        return "" if path in self.owned else self.name

    def concerns(self, path: str) -> bool:
        """Whether what a file says changes other files: the root, an overlay, a tag, or what lies over a file underneath."""
        return path == ROOT or path.startswith((layout.OVERLAYS, "catalog/tags/")) or path in _paths(self.index)

    def listed(self) -> tuple[list[str], list[Finding]]:
        """Every file of both; what is not plain here, and overlays that do not fit."""
        paths, odd = self.own.listed()
        return sorted({*paths, *_paths(self.index)}), sorted([*odd, *self._misfits()])

    def paths(self) -> list[str]:
        """Every file of both, sorted."""
        return sorted({*self.own.paths(), *_paths(self.index)})

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents, in the order asked for."""
        wanted = list(paths)
        with contextlib.closing(_opened(self.index)) as connection:
            for start in range(0, len(wanted), _BATCH):
                some = wanted[start : start + _BATCH]
                here = dict(self.own.read([path for path in some if path in self.owned])) | {ROOT: self.root}
                over = dict(self.overlays([path for path in some if path not in self.owned]))
                for path in some:
                    if path in self.owned:
                        if path in here:
                            yield path, here[path]
                    elif (found := self._underneath(connection, path)) is not None:
                        yield path, _text(_without(patched(found, over[path])[0], self.gated) if path in over else found)

    def id(self) -> str:
        """The Git id of the own catalog/: what is underneath is named in there."""
        return self.own.id() or tree_id((path, blob_id(raw)) for path, raw in self.own.read(self.own.paths()))

    def part(self, paths: list[str]) -> Tree:
        """Some files, and their overlays, to be read in another process."""
        over = [one for path in paths if (one := layout.overlay_path(path)) in self.owned]
        mine = [*(path for path in paths if path in self.owned), *over]
        return replace(self, own=self.own.part(mine), owned=frozenset(mine))

    def beside(self, path: str) -> bytes | None:
        """A file of the own repository outside catalog/, or None."""
        return self.own.beside(path)

    def overlays(self, paths: Iterable[str]) -> Iterator[tuple[str, Document]]:
        """What overlays say of these files, where they read."""
        wanted = [one for path in paths if (one := layout.overlay_path(path)) in self.owned]
        for path, raw in self.own.read(wanted):
            with contextlib.suppress(Unreadable):
                found = document.load(raw)
                if isinstance(found, dict) and validator("overlay").is_valid(found):
                    yield layout.underneath(path), found

    def underneath(self, path: str) -> Document | None:
        """What the catalog underneath says in a file, without the tags that do not cross; None where it has none."""
        with contextlib.closing(_opened(self.index)) as connection:
            return self._underneath(connection, path)

    def _misfits(self) -> Iterator[Finding]:
        every = sorted(path for path in self.owned if path.startswith(layout.OVERLAYS) and layout.locate(path))
        with contextlib.closing(_opened(self.index)) as connection:
            said = dict(self.overlays([layout.underneath(path) for path in every]))
            for path in every:
                target = layout.underneath(path)
                found = None if target in self.owned else self._underneath(connection, target)
                if found is None:
                    yield _no_target(path, target in self.owned, self.name)
                elif target in said:
                    yield from (_misfit(path, one) for one in patched(found, said[target])[1])
                    yield from self._gives(path, said[target])

    def _gives(self, path: str, overlay: Document) -> Iterator[Finding]:
        """Tags of the gate that an overlay would give."""
        for word in ("add", "replace"):
            for place, items in (overlay.get(word) or {}).items():
                for tag in sorted({item for item in items if isinstance(item, str)} & self.gated if place.endswith("/tags") else ()):
                    hint = "what is curated lies in this catalog: copy the version with `modelreg adopt`, and let the gate judge that"
                    yield _misfit(path, Misfit(said_at(overlay, place), f"{tag} is given by a gate, and not by an overlay", hint))

    def _underneath(self, connection: sqlite3.Connection, path: str) -> Document | None:
        """A document of the catalog underneath, without the tags that do not cross."""
        place = layout.locate(path)
        if place is None or place.kind in _OURS:
            return None
        try:
            row = connection.execute("SELECT json FROM document WHERE kind = ? AND id = ?", (place.kind, place.id)).fetchone()
            return _without(json.loads(row[0]), self.withheld) if row and row[0] is not None else None
        except (sqlite3.Error, ValueError, TypeError, AttributeError) as error:
            raise _damaged(self.index, error) from None


def _without(found: Document, withheld: frozenset[str]) -> Document:
    """The document without tags, worn or implied."""
    for one in (found, *(item for item in found.get("artifacts") or () if isinstance(item, dict))):
        for key in ("tags", "implies"):
            if isinstance(one.get(key), list):
                one[key] = [tag for tag in one[key] if tag not in withheld]
                if not one[key]:
                    del one[key]
    return found


def over(tree: Tree) -> Tree:
    """The tree over the published state that its catalog extends; itself where it extends none.

    Raises:
        Unavailable: that state is not here.
    """
    if not isinstance(tree, (Folder, Commit, Planned)):
        return tree
    root = next((raw for _, raw in tree.read([ROOT])), b"")
    told = extends(root)
    if told is None:
        return tree
    index, manifest = state_files(told["manifest"])
    try:
        raw = manifest.read_bytes()
    except OSError:
        raw = b""
    if hashlib.sha256(raw).hexdigest() != told["manifest"] or not index.is_file():
        raise Unavailable(
            f"the catalog lies over state {told['sequence']} of {told['catalog']}, which is not here", "`modelreg upstream` brings it"
        )
    owned = frozenset(tree.paths())
    tags = {place.id for path in owned if (place := layout.locate(path)) and place.kind == "tag"}
    underneath = frozenset(json.loads(raw)["protected"])
    return Layered(tree, index, told["catalog"], underneath | tags, underneath | protected_tags(tree), owned, root)


def extends(root: bytes) -> Document | None:
    """What catalog/catalog.yaml says of the catalog underneath; None where it says nothing, or does not read."""
    with contextlib.suppress(Unreadable):
        found = document.load(root) if root else None
        if isinstance(found, dict) and validator("catalog").is_valid(found):
            told: Document | None = found.get("extends")
            return told
    return None


def state_files(manifest: str) -> tuple[Path, Path]:
    """Where a published state lies that catalogs of this user extend: its index, and its manifest."""
    folder = Path(catalogs_home(), STATES)
    return folder / f"{manifest}.db", folder / f"{manifest}.json"


def attributed(tree: Tree, findings: Iterable[Finding]) -> list[Finding]:
    """Findings as this catalog is told them: what an overlay says is found there, what is wrong underneath is its publishers'.

    An error underneath is a warning at `extends`: something here made it one, as nothing is published that has errors.
    """
    found = list(findings)
    if not isinstance(tree, Layered):
        return found
    below = frozenset(_paths(tree.index)) - tree.owned
    said = dict(tree.overlays({finding.path for finding in found} & below))
    return [told for one in found for told in ([one] if one.path not in below else _told(one, said.get(one.path), tree.name))]


def is_own(tree: Tree, path: str) -> bool:
    """Whether a file is from the catalog itself, or is about one that is."""
    return not isinstance(tree, Layered) or path in tree.owned or path not in _paths(tree.index)


def _told(finding: Finding, overlay: Document | None, name: str) -> Iterator[Finding]:
    pointer = said_at(overlay, finding.pointer) if overlay and finding.pointer else ""
    if overlay and (pointer or finding.severity == "error"):
        yield replace(finding, path=layout.overlay_path(finding.path), pointer=pointer, line=0, column=0, fixable=False, source="")
    elif finding.severity == "error":
        message = f"{finding.path} of {name}: {finding.message}"
        hint = f"an overlay or a file of this catalog makes it one; {finding.hint}"
        told = replace(finding, path=ROOT, message=message, severity="warning", pointer="/extends", hint=hint)
        yield replace(told, line=0, column=0, fixable=False, source="")


def _no_target(path: str, own: bool, name: str) -> Finding:
    target = layout.underneath(path)
    if own:
        return codes.OVERLAY_TARGET.about(path, f"{target} is this catalog's own", hint="edit that file, and delete this one")
    return codes.OVERLAY_TARGET.about(path, f"{name} has no {target}", hint="it may be gone, or be called otherwise there")


def _misfit(path: str, one: Misfit) -> Finding:
    return codes.OVERLAY_VALUE.about(path, one.message, one.pointer, one.hint)


def _text(found: Document) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _opened(index: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        connection.execute("SELECT 1 FROM document LIMIT 1")
    except sqlite3.Error as error:
        raise _damaged(index, error) from None
    return connection


def _damaged(index: Path, error: Exception) -> Unavailable:
    return Unavailable(f"{index} cannot be read: {error}", "`modelreg upstream` brings it again")


@lru_cache(maxsize=4)
def _paths(index: Path) -> frozenset[str]:
    """Files of the catalog underneath that become files here."""
    marks = ",".join("?" * len(_OURS))
    with contextlib.closing(_opened(index)) as connection:
        sql = f"SELECT path FROM document WHERE json IS NOT NULL AND kind NOT IN ({marks})"
        try:
            return frozenset(path for (path,) in connection.execute(sql, sorted(_OURS)))
        except sqlite3.Error as error:
            raise _damaged(index, error) from None
