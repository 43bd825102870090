"""Which files differ between a commit and another tree, told by Git's blob ids."""

from modelreg_cli.catalog.tree import Commit, Tree
from modelreg_cli.catalog.tree_id import blob_id


def changed(before: Commit, after: Tree) -> frozenset[str]:
    """Paths below catalog/ that were added, edited or removed."""
    old = before.oids()
    if isinstance(after, Commit):
        new = after.oids()
    else:
        name = "sha256" if any(len(oid) == 64 for oid in old.values()) else "sha1"
        new = {path: blob_id(raw, name) for path, raw in after.read(after.paths())}
    return frozenset(path for path in {*old, *new} if old.get(path) != new.get(path))
