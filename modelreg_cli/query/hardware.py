"""Devices by the names people type, and sizes of memory."""

import re
from typing import NamedTuple

from modelreg_cli.errors import Ambiguous, UnknownRef, listed, nearest
from modelreg_cli.query.opened import Index

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+) ?(?:([tgm])i?b?)\Z", re.IGNORECASE)
_UNITS = {"t": 1024**4, "g": 1024**3, "m": 1024**2}
_FREE = str.maketrans("", "", " -_")


class Room(NamedTuple):
    """Memory of one device in bytes; `hardware` is its id where one was named, `shared` that its machine uses it too."""

    size: int
    told: str
    hardware: str | None = None
    shared: bool = False


def room_of(index: Index, option: str, text: str) -> Room:
    """A size (24GB; what GPUs are sold by is GiB) or a device under any of its names; spaces, dashes and case do not matter.

    Raises:
        UnknownRef: nothing is called so, or several devices are (with the candidates).
    """
    size = _SIZE.match(text.strip())
    if size:
        room = int(float(size.group(1)) * _UNITS[size.group(2).lower()])
        if room:
            return Room(room, text.strip())
    names: dict[str, set[str]] = {}
    for row in index.rows("SELECT name, hardware FROM hardware_name"):
        names.setdefault(_bare(row["name"]), set()).add(row["hardware"])
    found = sorted(names.get(_bare(text), ()))
    if not found:
        near = sorted({one for name in nearest(_bare(text), names) for one in names[name]})[:6]
        form = "a size is a number with its unit, such as 24GB"
        raise UnknownRef(f"{option}: no device is called {text!r}", f"did you mean {listed(near)}? {form}" if near else form, near)
    if len(found) > 1:
        raise Ambiguous(f"{option}: {text!r} may mean {len(found)} devices", f"say which: {listed(found)}", found)
    row = index.rows("SELECT name, memory_gib, kind FROM hardware WHERE id = ?", (found[0],))[0]
    if row["memory_gib"] is None:
        raise UnknownRef(f"{option}: the memory of {row['name']} is not in the catalog", "give its size, such as 24GB")
    return Room(int(row["memory_gib"] * 1024**3), f"{row['name']} ({row['memory_gib']:g} GiB)", found[0], row["kind"] == "apu")


def _bare(name: str) -> str:
    return name.lower().translate(_FREE)
