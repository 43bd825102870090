"""Files -> documents: read, parsed and checked against their schemas, without entities (which would take longer than all the rest)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

from modelreg_cli.catalog import document, layout
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.settings import MAX_BYTES

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
#: Kinds whose values no question needs: digests of what was imported.
_ASIDE = ("snapshot", "decisions")


class Read(NamedTuple):
    """One file. `kind` is empty where no kind knows the path (then `id` is the path); `data` is None where there are no values."""

    kind: str
    id: str
    path: str
    blob: str
    data: dict[str, Any] | None
    bad: bool

    def row(self) -> tuple[str, str, str | bytes, str, str | None]:
        """Its row of the table `document`."""
        kept = self.data is not None and self.kind not in _ASIDE
        return self.kind, self.id if self.kind else shown(self.path), stored(self.path), self.blob, _encode(self.data) if kept else None


def read_files(tree: Tree, paths: Iterable[str]) -> Iterator[Read]:
    """Every file, in the order asked for; one that cannot be read is bad, and has no blob."""
    wanted = list(paths)
    unread = dict.fromkeys(wanted)
    for path, raw in tree.read(wanted):
        del unread[path]
        yield read_file(path, raw)
    for path in unread:
        where = layout.locate(path)
        yield Read(where.kind if where else "", where.id if where else path, path, "", None, True)


def _statement(path: str, raw: bytes) -> dict[str, Any] | None:
    """What a signed statement says; whether its signature is good, `modelreg audit` tells."""
    if not path.startswith("catalog/approvals/") or not path.endswith(".json") or len(raw) > MAX_BYTES:
        return None
    try:
        found = json.loads(raw)
        _encode(found).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_file(path: str, raw: bytes) -> Read:
    """One file."""
    where = layout.locate(path)
    blob = hashlib.sha1(b"blob %d\0%b" % (len(raw), raw), usedforsecurity=False).hexdigest()
    if where is None:
        return Read("", path, path, blob, _statement(path, raw), bool(layout.check(path)))
    try:
        data = document.load(raw)
    except Unreadable:
        return Read(where.kind, where.id, path, blob, None, True)
    fits = isinstance(data, dict) and validator(where.kind).is_valid(data)
    return Read(where.kind, where.id, path, blob, data if fits else None, not fits or not (layout.is_fine(path) or not layout.check(path)))


def stored(path: str) -> str | bytes:
    """A path as the index holds it: a name that is not UTF-8 as its bytes."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogateescape")
    return path


def shown(path: str) -> str:
    """A path as text, whatever bytes are in its name."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@cache
def validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a kind, from the file that was made of its entity."""
    text = (_schemas() / f"{kind}.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text), validate_formats=True)


@cache
def _schemas() -> Path:
    """The program's own schemas: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "schemas"
    return inside if inside.is_dir() else package.parent / "schemas"
