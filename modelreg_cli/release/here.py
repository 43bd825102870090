"""What was pulled, as files in the folder of a catalog: read where some are damaged, replaced one by one, swept."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from modelreg_cli.errors import ModelregError
from modelreg_cli.index.file import sync_folder
from modelreg_cli.index.held import CURRENT, TRUSTED, Held
from modelreg_cli.release.envelope import Envelope, opened
from modelreg_cli.release.manifest import moment_of

#: Indexes that stay: readers may have the one before still open.
_KEPT = 2


def keys_in(folder: Path) -> tuple[str, ...]:
    """The keys that are pinned."""
    try:
        lines = (folder / TRUSTED).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(line for line in lines if line.strip())


def last_state(folder: Path, before: Held | None) -> tuple[int, bytes]:
    """Sequence and manifest of the state in use; where one of its files is damaged, of the newest that lies here."""
    mine = _whole_envelope(envelope_of(Path(before.path))) if before else None
    if mine:
        return mine.manifest.sequence, mine.text
    found = [envelope for file in envelopes(folder) if (envelope := _whole_envelope(file))]
    last = max(((one.manifest.sequence, one.text) for one in found), default=(0, b""))
    return max(last, (before.sequence, b"")) if before else last


def _whole_envelope(file: Path) -> Envelope | None:
    """An envelope that was verified when it was pulled, where it is still as it was signed."""
    try:
        found = opened(file.read_bytes())
        signers = found.manifest.signers
    except (OSError, ModelregError):
        return None
    return None if signers and found.why_not(signers) else found


def envelopes(folder: Path) -> list[Path]:
    """Envelopes of all indexes here.

    Raises:
        OSError: the folder cannot be listed.
    """
    try:
        return _indexes(folder.iterdir(), ".json")
    except FileNotFoundError:
        return []


def _indexes(there: Iterable[Path], suffix: str) -> list[Path]:
    return [one for one in there if one.name.startswith("index-") and one.suffix == suffix]


def envelope_of(index: Path) -> Path:
    """Where the envelope of an index lies."""
    return index.with_suffix(".json")


def use(folder: Path, target: Path, envelope: Envelope, address: str, trusted: tuple[str, ...]) -> None:
    """Makes the index the one in use: each file by rename, what readers look at last."""
    manifest = envelope.manifest
    expires = int(moment_of(manifest.expires).timestamp())
    signers = manifest.signers or trusted
    # where it is killed from here on, the next pull goes on with the old keys or the new ones
    _put(folder / TRUSTED, _lines(dict.fromkeys((*signers, *trusted))))
    _put(envelope_of(target), envelope.raw())
    sync_folder(folder)
    _put(folder / CURRENT, f"{target.name}\n{manifest.sequence}\n{expires}\n{address}\n".encode())
    _put(folder / TRUSTED, _lines(signers))
    sync_folder(folder)


def _lines(keys: Iterable[str]) -> bytes:
    return "".join(f"{key}\n" for key in keys).encode()


def _put(path: Path, raw: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: Path, target: Path) -> None:
    """Takes away what pulls that were killed left behind, and indexes before the last; nobody else is at work here."""
    with suppress(OSError):  # Windows keeps what somebody reads
        there = list(folder.iterdir())
        old = sorted((one for one in _indexes(there, ".db") if one != target), key=lambda one: one.stat().st_mtime)
        kept = {target, *old[1 - _KEPT :]}
        gone = [*(set(old) - kept), *(set(_indexes(there, ".json")) - {envelope_of(one) for one in kept})]
        for one in (*gone, *(one for one in there if one.name[0] == "." and one.suffix in (".part", ".tmp"))):
            one.unlink()
