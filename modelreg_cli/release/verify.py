"""A published state, checked again: every check is told with its reason, and none is left out after one that failed."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from modelreg_cli import __version__
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.index.apart import apart
from modelreg_cli.index.digest import logical_digest
from modelreg_cli.index.file import library
from modelreg_cli.index.held import Held
from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.envelope import Envelope
from modelreg_cli.release.manifest import File, Manifest, moment
from modelreg_cli.release.packed import digest_of, unpacked, write_hashed
from modelreg_cli.release.publish import INDEX, PACKED
from modelreg_cli.release.pull import bounded

#: Rows of a table that differ, of which more than these are counted.
_ROWS = 5
#: Builds the index of a commit into a file, and gives its logical digest.
Rebuild = Callable[[str, Path], str]


class Check(NamedTuple):
    """One check: whether it holds (None: it could not be asked here, and `words` say why), what was seen, and more lines about it."""

    name: str
    holds: bool | None
    words: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here: keys, the sequence held (0 for none), the moment."""

    trusted: tuple[str, ...]
    sequence: int
    now: datetime


def of_envelope(envelope: Envelope, known: Known) -> list[Check]:
    """What the manifest alone shows."""
    manifest = envelope.manifest
    why = envelope.why_not(known.trusted) if known.trusted else "no key is trusted here: name them with --trust FILE"
    held = f", {known.sequence} is held" if known.sequence else ""
    return [
        Check("signature", not why, why or "by a trusted key"),
        Check("sequence", manifest.sequence >= known.sequence, f"{manifest.sequence}{held}"),
        Check("age", not manifest.expired(known.now), f"made {manifest.made}, fresh until {manifest.expires}"),
    ]


def of_use(one: Held, manifest: Manifest) -> Check:
    """Whether what readers look at is what the manifest says."""
    try:
        until = moment(datetime.fromtimestamp(one.expires, UTC))
    except (ValueError, OverflowError, OSError):  # it is damaged
        until = str(one.expires)
    seen = f"state {one.sequence}, fresh until {until}"
    return _same("use", seen, f"state {manifest.sequence}, fresh until {manifest.expires}")


def of_index(index: Path, manifest: Manifest, folder: Path, rebuild: Rebuild | None) -> list[Check]:
    """What an index shows against its manifest; a rebuilt one is put into the folder."""
    file = manifest.file(INDEX)
    found = [_compared("index", file, index)]
    if manifest.schema_version != SCHEMA_VERSION:
        words = f"the index has schema version {manifest.schema_version}, this modelreg knows {SCHEMA_VERSION}"
        return [*found, Check("content", False, words)]
    try:
        with contextlib.closing(sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found.append(_same("content", logical_digest(connection), manifest.logical_digest))
    except sqlite3.Error as error:
        found.append(Check("content", False, f"SQLite does not read it: {error}"))
    return [*found, *_of_rebuilt(index, manifest, folder / "rebuilt.db", rebuild)] if rebuild else found


def _of_rebuilt(index: Path, manifest: Manifest, made: Path, rebuild: Rebuild) -> list[Check]:
    """What the commit gives when it is built again."""
    name = "rebuilt content"
    try:
        check = _same(name, rebuild(manifest.commit, made), manifest.logical_digest)
    except ModelregError as error:
        return [Check(name, False, f"{error.message}; {error.hint}" if error.hint else error.message)]
    if not check.holds:
        by = "" if manifest.program == __version__ else f"; it was made by modelreg {manifest.program}, and this is {__version__}"
        return [Check(name, False, f"{check.words}{by}", _apart(index, made))]
    if manifest.sqlite != library():
        return [check, Check("rebuilt bytes", None, f"not compared: published with SQLite {manifest.sqlite}, and this is {library()}")]
    return [check, _compared("rebuilt bytes", manifest.file(INDEX), made)]


def _apart(index: Path, made: Path) -> tuple[str, ...]:
    try:
        return ("the published index first, the rebuilt one second:", *apart(index, made, _ROWS))
    except sqlite3.Error as error:
        return (f"they cannot be held side by side: {error}",)


def of_files(channel: Channel, manifest: Manifest, folder: Path) -> tuple[list[Check], Path | None]:
    """What every file of a channel shows, and the index that the packed one has in it."""
    found, index = [], None
    for number, file in enumerate(one for one in manifest.files if one.role != INDEX):
        here = folder / f"file-{number}"
        try:
            write_hashed(bounded(channel.get(file.name), file.bytes), here)
            found.append(_compared(file.name, file, here))
            whole = manifest.file(INDEX)
            if file.role == PACKED and whole and found[-1].holds:
                index = folder / "index.db"
                write_hashed(unpacked(here, whole.bytes), index)
        except Unavailable as error:
            found.append(Check(file.name, False, error.message))
            index = None if file.role == PACKED else index
    return found, index


def _compared(name: str, file: File | None, here: Path) -> Check:
    if file is None:
        raise ModelregError("the manifest names no index", "its publisher has to publish it again")
    size, sha = digest_of(here)
    return _same(name, f"{size:,} bytes, sha256 {sha}", f"{file.bytes:,} bytes, sha256 {file.sha256}")


def _same(name: str, seen: str, told: str) -> Check:
    return Check(name, seen == told, seen if seen == told else f"{seen}; the manifest says {told}")
