"""Git ids of files, and of catalog/ from those of its files: the stamp of an index."""

import hashlib
from collections.abc import Iterable

#: A file is its id; a folder that was hashed before is its id after a slash.
Nested = dict[str, "str | Nested"]


def blob_id(raw: bytes, name: str = "sha1") -> str:
    """The id that Git gives to a file's bytes, in hex."""
    return hashlib.new(name, b"blob %d\0%b" % (len(raw), raw), usedforsecurity=False).hexdigest()


def tree_id(entries: Iterable[tuple[str, str]], depth: int = 1) -> str:
    """40 hex digits, what `git rev-parse HEAD:catalog` says of the same plain files, from (path, blob id).

    A folder whose id is known is (path, "/" + id). Of each path the first `depth` steps are left out.
    """
    top: Nested = {}
    for path, id_ in entries:
        *folders, name = path.split("/")[depth:]
        node = top
        for folder in folders:
            below = node.setdefault(folder, {})
            assert isinstance(below, dict)
            node = below
        node[name] = id_
    return _hash(top).hex()


def _hash(node: Nested) -> bytes:
    listed = []
    for name, below in node.items():
        if isinstance(below, dict):
            listed.append((f"{name}/", b"40000", _hash(below)))
        elif below[0] == "/":
            listed.append((f"{name}/", b"40000", bytes.fromhex(below[1:])))
        else:
            listed.append((name, b"100644", bytes.fromhex(below)))
    # Git sorts folders as if their name ended in a slash
    body = b"".join(b"%b %b\0%b" % (mode, _name(name.removesuffix("/")), id_) for name, mode, id_ in sorted(listed))
    return hashlib.sha1(b"tree %d\0%b" % (len(body), body), usedforsecurity=False).digest()


def _name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
