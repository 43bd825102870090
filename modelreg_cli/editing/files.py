"""Files of a catalog on their way to a new state: read once, changed as values, written together or not at all."""

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.format import canonical
from modelreg_cli.catalog.layers import Layered, over
from modelreg_cli.catalog.layout import OVERLAID, Location, locate, overlay_path
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.catalog.patch import overlay_of, patched
from modelreg_cli.catalog.revise import fresh, revised
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.catalog.write import write_all
from modelreg_cli.editing.checked import brought
from modelreg_cli.errors import ModelregError, Refused, UnknownRef
from modelreg_cli.finding import Finding

Value = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """One file and what becomes of it; `before` is None where there is none. `restyled`: its text was not canonical."""

    place: Location
    before: Value | None
    after: Value
    restyled: bool = False


@dataclass
class Files:
    """The files of one change. `reason` is why something is other here than in the catalog underneath."""

    root: Path
    reason: str = ""
    _raw: dict[str, bytes | None] = field(default_factory=dict)
    _before: dict[str, Value | None] = field(default_factory=dict)
    _after: dict[str, Value] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        """Whether there is such a file, or will be."""
        return path in self._after or self._read(path) is not None

    def value(self, path: str) -> Value:
        """The value of a file, as it will be; a copy. Of a file of the catalog underneath, the value that it has here.

        Raises:
            UnknownRef: there is no such file.
            Refused: it does not read, or is no mapping.
        """
        found = self._after.get(path, self._read(path))
        if found is None and (below := self._underneath(path)) is not None:
            over_ = self._after.get(overlay := overlay_path(path), self._read(overlay))
            found = patched(below, over_)[0] if over_ else below
        if found is None:
            raise UnknownRef(f"there is no file {path}", "`modelreg new` makes models, `modelreg release` versions")
        return deepcopy(found)

    def put(self, path: str, value: Value) -> None:
        """What a file shall say; of a file of the catalog underneath, its overlay says what is other.

        Raises:
            ModelregError: that needs a reason.
        """
        below = self._underneath(path) if self._read(path) is None else None
        if below is None:
            self._after[path] = value
            return
        old = self._read(overlay := overlay_path(path)) or {}
        if value == (patched(below, old)[0] if old else below):
            return
        if not (reason := self.reason or old.get("reason")):
            hint = "say why with --reason, or make it your own with `modelreg adopt`"
            raise ModelregError(f"{path} is of the catalog underneath, and what is other here needs a reason", hint)
        kept = {key: old[key] for key in ("notes",) if key in old}
        self._after[overlay] = {"reason": reason, **overlay_of(below, value), **kept}

    def copy(self, path: str, value: Value) -> None:
        """What a file of its own shall say, over that of the catalog underneath."""
        self._read(path)
        self._after[path] = value

    @property
    def changes(self) -> list[Written]:
        """The files that will be other or new, by path."""
        return [
            Written(place, self._before[path], value, self._is_restyled(path, place.kind))
            for path, value in sorted(self._after.items())
            if value != self._before[path] and (place := self._place(path))
        ]

    @property
    def texts(self) -> dict[str, str]:
        """Their texts, comments kept."""
        return {one.place.path: self._text(one) for one in self.changes}

    def findings(self, catalog: Catalog) -> list[Finding]:
        """What the change brings, of all that can be wrong.

        Raises:
            ModelregError: ci/policy.yaml does not read.
        """
        return brought(self.root, catalog, self.texts)

    def write(self) -> None:
        """Writes all of them or none.

        Raises:
            ChangedMeanwhile: one of them is not what it was when it was read.
            ModelregError: a folder cannot be written.
        """
        made_of = {self.root / path: raw for path, raw in self._raw.items()}
        write_all({self.root / path: text for path, text in self.texts.items()}, made_of)

    @cached_property
    def _layered(self) -> Layered | None:
        tree = over(Folder(self.root))
        return tree if isinstance(tree, Layered) else None

    def _underneath(self, path: str) -> Value | None:
        """What the catalog underneath says of a file that may be other here."""
        place = self._place(path)
        return self._layered.underneath(path) if self._layered and place.kind in OVERLAID else None

    def _place(self, path: str) -> Location:
        place = locate(path)
        if place is None:
            raise ModelregError(f"{path} has no place in a catalog", "ids are small letters, digits and ._- inside")
        return place

    def _read(self, path: str) -> Value | None:
        if path not in self._before:
            self._place(path)
            raw = dict(Folder(self.root).read([path])).get(path)
            self._before[path] = None if raw is None else _parsed(path, raw)
            self._raw[path] = raw
        return self._before[path]

    def _text(self, one: Written) -> str:
        raw = self._raw[one.place.path]
        if raw is None:
            return fresh(one.place.path, one.after, one.place.kind)
        return revised(raw.decode("utf-8"), one.after, one.place.kind)

    def _is_restyled(self, path: str, kind: str) -> bool:
        raw, value = self._raw[path], self._before[path]
        return raw is not None and raw.decode("utf-8") != canonical(raw.decode("utf-8"), value, kind)


def _parsed(path: str, raw: bytes) -> Value:
    try:
        value = document.load(raw)
    except Unreadable as error:
        raise Refused(f"{path}:{error.at.line}:{error.at.column}: {error.message}", f"{error.hint}; repair it by hand first") from None
    if not isinstance(value, dict):
        raise Refused(f"{path} is not `key: value` lines", "repair it by hand first")
    return value
