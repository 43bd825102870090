"""What was pulled, on this machine: one folder for each catalog, whose file `current` names the index in use.

Imported by reading commands: nothing here may import an entity, a YAML reader, Git or the network. Layout of a folder:
`current` (name of the index, sequence, moment of expiry in seconds since 1970, address of the channel, one a line),
`trusted` (keys as lines of allowed_signers), `index-<digest>.db`, and beside each `index-<digest>.json`, its envelope.
"""

import os
from contextlib import suppress
from typing import NamedTuple

from modelreg_cli.settings import catalogs_home

CATALOG_ENV = "MODELREG_CATALOG"
CURRENT, TRUSTED = "current", "trusted"
_DAY = 86_400


class Held(NamedTuple):
    """The index in use of one catalog."""

    catalog: str
    path: str
    sequence: int
    expires: int
    address: str


def held(catalog: str) -> Held | None:
    """What is held of a catalog, or None."""
    folder = os.path.join(catalogs_home(), catalog)
    try:
        with open(os.path.join(folder, CURRENT), encoding="utf-8") as file:
            name, sequence, expires, address = file.read().split("\n")[:4]
        found = Held(catalog, os.path.join(folder, name), int(sequence), int(expires), address)
    except (OSError, ValueError):
        return None
    return found if os.sep not in name and os.path.isfile(found.path) else None


def all_held() -> list[Held]:
    """Everything that was pulled, by name."""
    try:
        names = sorted(os.listdir(catalogs_home()))
    except OSError:
        return []
    return [found for name in names if (found := held(name))]


def damaged() -> list[str]:
    """Catalogs that were pulled, and of which is not known any more which index is in use."""
    try:
        names = sorted(os.listdir(catalogs_home()))
    except OSError:
        return []
    return [name for name in names if os.path.exists(os.path.join(catalogs_home(), name, CURRENT)) and held(name) is None]


def of_age(path: str, now: float) -> str | None:
    """Words about an index that was pulled and is older than its publishers want it to be used; once a day, else None."""
    folder, name = os.path.split(path)
    if os.path.dirname(folder) != catalogs_home() or not name.startswith("index-"):
        return None
    one = held(os.path.basename(folder))
    if one is None or one.path != path or now <= one.expires:
        return None
    if told_today(folder, now):
        return None
    days = int((now - one.expires) // _DAY)
    since = f"{days} {'day' if days == 1 else 'days'} ago" if days else "today"
    return f"note: {one.catalog} was to be pulled again by {since}; `modelreg pull --catalog {one.catalog}` does it"


def told_today(folder: str, now: float) -> bool:
    """Whether a word was said within a day, as a file in this folder notes; from now on it was."""
    marker = os.path.join(folder, "told")
    with suppress(OSError):
        if 0 <= now - os.stat(marker).st_mtime < _DAY:
            return True
    with suppress(OSError):
        os.makedirs(folder, exist_ok=True)
        with open(marker, "w", encoding="ascii"):
            os.utime(marker, (now, now))
    return False
