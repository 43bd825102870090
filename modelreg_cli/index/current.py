"""Which index file a reading command opens, and whether it is still what the checkout says.

Imported by every reading command: nothing here may import an entity, a YAML reader or Git.
"""

import importlib
import os

from modelreg_cli.config import config
from modelreg_cli.errors import Unavailable, did_you_mean
from modelreg_cli.index import held, stamp
from modelreg_cli.index.place import git_of
from modelreg_cli.settings import CACHE_FOLDER, INDEX_NAME, catalogs_home, find_root, index_from_environment, shipped_index


def find_index(named: str | None, start: str | None = None, catalog: str | None = None) -> str:
    """The index file to read.

    In this order: --index, --catalog, MODELREG_INDEX, MODELREG_CATALOG, the checkout's (rebuilt if stale), a pulled one, the shipped one.
    With `start` it is the one of the checkout that this folder is in.

    Raises:
        Unavailable: there is none, or it cannot be built.
    """
    if catalog is not None:
        return _pulled(catalog)
    chosen = named or (index_from_environment() if start is None else None)
    if chosen is None and start is None and (catalog := os.environ.get(held.CATALOG_ENV)):
        return _pulled(catalog)
    if chosen:
        return _there(chosen, "make one with `modelreg build -o FILE`")
    root = find_root(start)
    if root is None and start is None and (mine := config()).file:
        return _there(mine.file, f"named in {mine.path}")
    if root is None and start is None and (mine.catalog or held.all_held()):
        return _pulled(mine.catalog or None)
    if root is None:
        _mended()
        if start is None and (came := shipped_index()):
            return came
        raise Unavailable(
            "no catalog here and no index is named",
            "run it in a catalog repository, `modelreg pull CHANNEL` first, or name an index with --index FILE or MODELREG_INDEX",
        )
    path = index_of(root)
    if not stamp.is_current(root, path):
        # the child process is started from a module of its own: what it needs would slow down every reader
        importlib.import_module("modelreg_cli.index.rebuild").rebuild(root)
    return path


def _there(file: str, hint: str) -> str:
    if not os.path.isfile(file):
        raise Unavailable(f"there is no index at {file}", hint)
    return file


def _pulled(name: str | None = None) -> str:
    """The index that was pulled, of a catalog or of the only one."""
    there = held.all_held()
    names = [one.catalog for one in there]
    if name is not None and name not in names:
        _mended(name)
        hint = did_you_mean(name, names) or (f"these were: {', '.join(names)}" if names else "`modelreg pull CHANNEL` first")
        raise Unavailable(f"the catalog {name} was not pulled", hint)
    if name is None and len(there) > 1:
        raise Unavailable(
            f"several catalogs were pulled: {', '.join(names)}", "name one with --catalog, MODELREG_CATALOG or `catalog` in config.toml"
        )
    return next(one.path for one in there if name in (None, one.catalog))


def _mended(name: str | None = None) -> None:
    """Nothing, where what was pulled is whole.

    Raises:
        Unavailable: it is not.
    """
    for one in held.damaged():
        if name in (None, one):
            raise Unavailable(
                f"what was pulled of {one} is damaged: {held.CURRENT} in {os.path.join(catalogs_home(), one)} names no index",
                "name its channel, and it is brought again: modelreg pull CHANNEL",
            )


def pulled_catalog(name: str | None) -> str | None:
    """The pulled catalog that a past state is asked of: the one named, else MODELREG_CATALOG's, else the only one where no checkout is.

    Raises:
        Unavailable: it was not pulled, or there are several.
    """
    chosen = name or os.environ.get(held.CATALOG_ENV)
    if not chosen:
        git = git_of(".")
        chosen = config().catalog
        # a bare repository has states too
        if find_root() is not None or (git is not None and git.top is None) or not (chosen or held.all_held()):
            return None
    return os.path.basename(os.path.dirname(_pulled(chosen or None)))


def index_of(root: str) -> str:
    """The index file of a checkout."""
    return os.path.join(root, CACHE_FOLDER, INDEX_NAME)
