"""Files -> documents: read, parsed and checked against their schemas, without entities (which would take longer than all the rest)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from modelreg_cli.catalog import document, layout
from modelreg_cli.catalog.fits import validator
from modelreg_cli.catalog.layers import Layered
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.catalog.tree_id import blob_id
from modelreg_cli.settings import MAX_BYTES

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
#: Kinds whose values no question needs: digests of what was imported.
_ASIDE = ("snapshot", "decisions")


class Read(NamedTuple):
    """One file. `kind` is empty where no kind knows the path (then `id` is the path); `data` is None where there are no values.

    `layer` is the catalog underneath that it is from, or empty.
    """

    kind: str
    id: str
    path: str
    blob: str
    data: dict[str, Any] | None
    bad: bool
    layer: str = ""

    def row(self) -> tuple[str, str, str | bytes, str, str | None, str]:
        """Its row of the table `document`."""
        kept = self.data is not None and self.kind not in _ASIDE
        id_ = self.id if self.kind else shown(self.path)
        return self.kind, id_, stored(self.path), self.blob, _encode(self.data) if kept else None, self.layer


def read_files(tree: Tree, paths: Iterable[str]) -> Iterator[Read]:
    """Every file, in the order asked for; one that cannot be read is bad, and has no blob."""
    wanted = list(paths)
    unread = dict.fromkeys(wanted)
    for path, raw in tree.read(wanted):
        del unread[path]
        yield read_file(path, raw, tree.layer(path) if isinstance(tree, Layered) else "")
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


def read_file(path: str, raw: bytes, layer: str = "") -> Read:
    """One file, of the catalog underneath if that is named."""
    where = layout.locate(path)
    blob = blob_id(raw)
    if where is None:
        return Read("", path, path, blob, _statement(path, raw), bool(layout.check(path)), layer)
    try:
        data = document.load(raw)
    except Unreadable:
        return Read(where.kind, where.id, path, blob, None, True, layer)
    fits = isinstance(data, dict) and validator(where.kind).is_valid(data)
    bad = not fits or not (layout.is_fine(path) or not layout.check(path))
    return Read(where.kind, where.id, path, blob, data if fits else None, bad, layer)


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
