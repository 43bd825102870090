"""Which index file a reading command opens, and whether it is still what the checkout says.

Imported by every reading command: nothing here may import an entity, a YAML reader or Git.
"""

import importlib
import os

from modelreg_cli.errors import Unavailable
from modelreg_cli.index import held, stamp
from modelreg_cli.settings import CACHE_FOLDER, INDEX_NAME, find_root, index_from_environment


def find_index(named: str | None, start: str | None = None) -> str:
    """The index file to read: --index, MODELREG_INDEX, or the checkout's (rebuilt first where it is stale).

    With `start` it is the one of the checkout that this folder is in.

    Raises:
        Unavailable: there is none, or it cannot be built.
    """
    chosen = named or (index_from_environment() if start is None else None)
    if chosen:
        if not os.path.isfile(chosen):
            raise Unavailable(f"there is no index at {chosen}", "make one with `modelreg build -o FILE`")
        return chosen
    root = find_root(start)
    if root is None and start is None and (pulled := _pulled()):
        return pulled
    if root is None:
        raise Unavailable(
            "no catalog here and no index is named",
            "run it in a catalog repository, `modelreg pull CHANNEL` first, or name an index with --index FILE or MODELREG_INDEX",
        )
    path = index_of(root)
    if not stamp.is_current(root, path):
        # the child process is started from a module of its own: what it needs would slow down every reader
        importlib.import_module("modelreg_cli.index.rebuild").rebuild(root)
    return path


def _pulled() -> str | None:
    """The index that was pulled, where it is one."""
    there = held.all_held()
    if len(there) > 1:
        names = ", ".join(one.catalog for one in there)
        raise Unavailable(f"several catalogs were pulled: {names}", "name one with MODELREG_INDEX or --index")
    return there[0].path if there else None


def index_of(root: str) -> str:
    """The index file of a checkout."""
    return os.path.join(root, CACHE_FOLDER, INDEX_NAME)
