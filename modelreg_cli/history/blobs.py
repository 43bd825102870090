"""Files as documents: each content is read once, and kept as JSON while there is room."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from modelreg_cli.catalog import document
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.git import Objects
from modelreg_cli.history.walk import Blob
from modelreg_cli.settings import MAX_BYTES

_ROOM = 64 * 1024 * 1024


class Read(NamedTuple):
    """What a file says, or why it says nothing."""

    document: dict[str, Any] | None
    reason: str = ""


class Blobs:
    """Documents by blob id."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._kept: dict[str, tuple[str, str]] = {}
        self._room = _ROOM

    def fetch(self, blobs: Iterable[Blob]) -> None:
        """Reads several at once, which is faster than one by one."""
        wanted = [oid for oid in dict.fromkeys(blob.oid for blob in blobs if blob.mode.startswith("100")) if oid not in self._kept]
        for oid, raw in zip(wanted, self._objects.contents(wanted, MAX_BYTES + 1), strict=True):
            self._keep(oid, _read(raw))

    def read(self, blob: Blob) -> Read:
        """The document of one side of a changed file."""
        if not blob.mode.startswith("100"):
            return Read(None, "a link or submodule is not a plain file")
        if blob.oid not in self._kept:
            self.fetch([blob])
        text, reason = self._kept[blob.oid]
        return Read(None, reason) if reason else Read(json.loads(text))

    def _keep(self, oid: str, read: tuple[str, str]) -> None:
        self._kept[oid] = read
        self._room -= len(read[0])
        while self._room < 0 and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._room += len(self._kept.pop(oldest)[0])


def _read(raw: bytes | None) -> tuple[str, str]:
    """JSON of a file, or the reason why there is none."""
    if raw is None:
        return "", "its content is not in this clone"
    try:
        found = document.load(raw)
    except Unreadable as error:
        return "", f"line {error.at.line}: {error.message}"
    return (json.dumps(found), "") if isinstance(found, dict) else ("", "the file is a list")
