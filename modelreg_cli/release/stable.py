"""Names that stay: `index.json`, `models/...`, `schemas/...`; for people, and for hosts that know paths alone.

They are replaced one by one after the swap, `index.json` last. Meanwhile an object below `writing/` names them: whoever publishes next and
finds one there trusts nothing that `index.json` says of them, so what was stopped halfway is put right.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from modelreg_cli.forms.listing import NAME, paths_of
from modelreg_cli.forms.made import Made
from modelreg_cli.lock import work_folder
from modelreg_cli.release.channel import LATEST, Channel
from modelreg_cli.release.envelope import Envelope, opened
from modelreg_cli.release.manifest import is_safe

_WRITING = "writing/"
#: Files between two looks whether the state is still the newest, and how many are sent at once.
_TOGETHER, _AT_ONCE = 64, 8


def by_content(files: Iterable[Made]) -> tuple[tuple[str, str, Path], ...]:
    """Role, name by content, and place of the files that a manifest names."""
    return tuple((one.name, _by_content(PurePosixPath(one.name).name, one.sha256), one.file) for one in files if one.listed)


def _by_content(name: str, sha256: str) -> str:
    stem, dot, rest = name.partition(".")
    return f"files/{stem}-{sha256[:16]}{dot}{rest}"


def bring(channel: Channel, files: tuple[Made, ...], newest: Envelope) -> int:
    """Makes the names that stay say the newest state, and takes away what it does not have; bytes that were sent.

    Where another state is the newest meanwhile, its publisher goes on.
    """
    if not channel.paths:
        return 0
    left = channel.names(_WRITING)
    there = _listed(channel)
    here = {one.name: one.sha256 for one in files}
    if not left and there == here:
        return 0
    changed = [one for one in files if one.name != NAME and (left or there.get(one.name) != one.sha256)]
    gone = sorted((there.keys() | _named(channel, left)) - here.keys())
    manifest = newest.manifest
    marker = f"{_WRITING}{manifest.sequence:08}-{manifest.digest()[:16]}.json"
    with work_folder() as folder:
        list_ = folder / "names"
        list_.write_text(json.dumps([*(one.name for one in changed), *gone]), "utf-8")
        channel.put(marker, list_)
    sent = _replace(channel, changed, newest)
    if sent is None:
        return 0
    for one in files:
        if one.name == NAME:
            channel.put(NAME, one.file)
            sent += one.bytes
    for name in gone:
        channel.remove(name)
    if _is_newest(channel, newest):
        # one who is a single state behind may still be at it
        for name in (*(one for one in left if _sequence(one) < manifest.sequence - 1), marker):
            channel.remove(name)
    return sent


def _replace(channel: Channel, changed: list[Made], newest: Envelope) -> int | None:
    """Bytes that were sent, or None where another state is the newest now."""
    sent = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, len(changed), _TOGETHER):
            if not _is_newest(channel, newest):
                return None
            batch = changed[start : start + _TOGETHER]
            list(pool.map(lambda one: channel.put(one.name, one.file), batch))
            sent += sum(one.bytes for one in batch)
    return sent if _is_newest(channel, newest) else None


def _listed(channel: Channel) -> dict[str, str]:
    """sha256 by name of what index.json says is there, itself included; nothing where there is none, or a damaged one."""
    size = channel.has(NAME)
    if size is None:
        return {}
    raw = b"".join(channel.get(NAME))
    try:
        found = {name: sha256 for name, sha256 in paths_of(json.loads(raw)).items() if _stays(name)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {NAME: ""}
    return found | {NAME: hashlib.sha256(raw).hexdigest()}


def _named(channel: Channel, markers: list[str]) -> set[str]:
    """Names that publishers were writing or removing."""
    found: set[str] = set()
    for marker in markers:
        if channel.has(marker) is None:
            continue  # its publisher has ended
        try:
            told = json.loads(b"".join(channel.get(marker)))
        except ValueError:
            continue
        found |= {name for name in told if isinstance(name, str) and _stays(name)} if isinstance(told, list) else set()
    return found


def _stays(name: str) -> bool:
    """Whether a name can be one of those that stay: nothing else is ever taken away."""
    return is_safe(name) and name != LATEST and not name.startswith(("files/", "manifests/", _WRITING))


def _is_newest(channel: Channel, newest: Envelope) -> bool:
    now = channel.latest()
    return now is not None and opened(now.raw).text == newest.text


def _sequence(name: str) -> int:
    found = re.match(rf"{_WRITING}(\d+)", name)
    return int(found[1]) if found else 0
