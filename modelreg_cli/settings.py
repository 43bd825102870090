"""Names, sizes and environment variables that several floors share.

Imported by every reading command; paths are plain text there, as pathlib alone takes a fifth of a search to load.
"""

import os

INDEX_ENV = "MODELREG_INDEX"
HOME_ENV = "MODELREG_HOME"
CACHE_FOLDER = ".modelreg"
INDEX_NAME = "index.db"

#: Largest file of a catalog, bytes; deepest nesting; most nodes (design: "YAML").
MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_NODES = 20_000


def find_root(start: str | None = None) -> str | None:
    """The nearest folder at or above `start` that holds catalog/catalog.yaml."""
    try:
        here = os.path.realpath(start or os.getcwd())
    except FileNotFoundError:  # the working folder was removed under us
        return None
    while not os.path.isfile(os.path.join(here, "catalog", "catalog.yaml")):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    return here


def shipped_root() -> str | None:
    """The folder with the texts that came with the program: inside an installed package, or beside it in a checkout."""
    package = os.path.dirname(os.path.realpath(__file__))
    for root in (os.path.join(package, "shipped"), os.path.dirname(package)):
        if os.path.isdir(os.path.join(root, "catalog", "vocabulary")):
            return root
    return None


def shipped_index() -> str | None:
    """The index inside an installed package; a checkout has none, as its files are its catalog."""
    index = os.path.join(os.path.dirname(os.path.realpath(__file__)), "shipped", INDEX_NAME)
    return index if os.path.isfile(index) else None


def index_from_environment() -> str | None:
    """The index file that MODELREG_INDEX names."""
    return os.environ.get(INDEX_ENV) or None


def catalogs_home() -> str:
    """The folder of what was pulled: one folder for each catalog."""
    named = os.environ.get(HOME_ENV)
    if named:
        return named
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "modelreg", "catalogs")
