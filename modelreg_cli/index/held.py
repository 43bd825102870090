"""What was pulled, on this machine: one folder for each catalog, whose file `current` names the index in use.

Imported by reading commands: nothing here may import an entity, a YAML reader, Git or the network. Layout of a folder:
`current` (name of the index, sequence, moment of expiry in seconds since 1970, address of the channel, one a line),
`trusted` (keys as lines of allowed_signers), `manifest.json` (the envelope in use), `index-<digest>.db`.
"""

import os
from typing import NamedTuple

HOME_ENV = "MODELREG_HOME"
CURRENT = "current"


class Held(NamedTuple):
    """The index in use of one catalog."""

    catalog: str
    path: str
    sequence: int
    expires: int
    address: str


def home() -> str:
    """The folder of all pulled catalogs."""
    named = os.environ.get(HOME_ENV)
    if named:
        return named
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "modelreg", "catalogs")


def held(catalog: str) -> Held | None:
    """What is held of a catalog, or None."""
    folder = os.path.join(home(), catalog)
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
        names = sorted(os.listdir(home()))
    except OSError:
        return []
    return [found for name in names if (found := held(name))]
