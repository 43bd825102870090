"""A channel -> the index on this machine: verified before it is used, continued where it broke off, replaced as a whole."""

import calendar
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.index.held import CURRENT, Held, held
from modelreg_cli.release.chain import passed_on
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.envelope import Envelope, opened, verified
from modelreg_cli.release.manifest import File, Manifest
from modelreg_cli.release.packed import digest_of, unpacked, write_hashed
from modelreg_cli.release.publish import DIFFERENCE, INDEX, PACKED
from modelreg_cli.settings import catalogs_home

Progress = Callable[[int, int], None]
_KEPT = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """How to pull. `catalog`: the name it must have, empty for any. `trusted`: keys, in place of those that are pinned.

    `locked` is the digest that the manifest must have. `older` allows to go back. `first`: pin the keys of a first pull.
    """

    catalog: str = ""
    trusted: tuple[str, ...] = ()
    locked: str = ""
    older: bool = False
    first: bool = True


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of it; `new` is false where it was held already. `received` counts bytes; `pinned` are keys that are new."""

    manifest: Manifest
    path: Path
    new: bool
    received: int
    pinned: tuple[str, ...] = ()


def pull(channel: Channel, wish: Wish, now: datetime, progress: Progress | None = None) -> Pulled:
    """Brings the newest state here; the one that is held stays in use until the new one is whole and verified.

    Raises:
        Refused: it is not signed by a trusted key, older than the one held, or not the one that was asked for.
        Unavailable: the channel does not answer, or what it gives is damaged.
    """
    latest = channel.latest()
    if latest is None:
        raise Refused(f"nothing was published at {channel.address}", "is it the right address?")
    try:
        return _taken(channel, opened(latest.raw), wish, progress)
    except OSError as error:
        raise _no(error) from None


def _taken(channel: Channel, envelope: Envelope, wish: Wish, progress: Progress | None) -> Pulled:
    name = envelope.manifest.catalog
    if wish.catalog not in ("", name):
        raise Refused(f"the channel has the catalog {name}, and not {wish.catalog}", "is it the right address?")
    folder = Path(catalogs_home()) / name
    trusted, pinned = _trusted(envelope, folder, wish)
    if not wish.trusted:
        trusted = passed_on(channel, envelope.manifest, folder / "manifest.json", trusted)
    manifest = verified(envelope, trusted)
    before = held(name)
    _expected(manifest, wish, before, envelope)
    folder.mkdir(parents=True, exist_ok=True)
    whole = _file(manifest, INDEX)
    target = folder / f"index-{whole.sha256[:16]}.db"
    received = 0
    if not (target.is_file() and digest_of(target) == (whole.bytes, whole.sha256)):
        received = _fetched(channel, manifest, whole, target, before, progress)
    new = before is None or (before.path, before.sequence) != (str(target), manifest.sequence)
    _use(folder, target, manifest, envelope, channel.address, trusted)
    return Pulled(manifest, target, new, received, pinned)


def _trusted(envelope: Envelope, folder: Path, wish: Wish) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys that may have signed, and those that are trusted for the first time now."""
    if wish.trusted:
        return wish.trusted, ()
    try:
        lines = (folder / "trusted").read_text("utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    known = tuple(line for line in lines if line.strip())
    if known:
        return known, ()
    keys = envelope.keys()
    if not wish.first or not keys or held(folder.name):
        raise Refused("no key is trusted to publish this catalog", "name a file of allowed signers with --trust FILE")
    return keys, keys


def _expected(manifest: Manifest, wish: Wish, before: Held | None, envelope: Envelope) -> None:
    """Whether it is what was asked for, and no step back.

    Raises:
        Refused: it is not.
    """
    if wish.locked and manifest.digest() != wish.locked:
        raise Refused(f"the newest manifest is {manifest.digest()}, and not the one that is locked", "take the new digest, or wait")
    if before and manifest.sequence < before.sequence and not wish.older:
        raise Refused(
            f"the channel gives state {manifest.sequence}, and {before.sequence} was pulled before",
            "somebody may be turning it back; --allow-older takes it nevertheless",
        )
    if before and manifest.sequence == before.sequence and not wish.older:
        kept = Path(before.path).parent / "manifest.json"
        if kept.is_file() and opened(kept.read_bytes()).text != envelope.text:
            raise Refused(f"the channel gives another state {manifest.sequence} than before", "its publishers have to say which is theirs")


def _file(manifest: Manifest, role: str) -> File:
    found = manifest.file(role)
    if found is None:
        raise Unavailable(f"the manifest names no {role}", "its publisher has to publish it again")
    return found


def _fetched(channel: Channel, manifest: Manifest, whole: File, target: Path, before: Held | None, progress: Progress | None) -> int:
    """The index, from a difference where that is there and small, else whole; how many bytes were received."""
    if before:
        old = Path(before.path)
        small = manifest.file(DIFFERENCE, digest_of(old)[1])
        if small:
            try:
                return _unpacked(channel, small, whole, target, old, progress)
            except Unavailable:
                pass  # the whole is there as well
    return unpacked_index(channel, manifest, target, progress)


def unpacked_index(channel: Channel, manifest: Manifest, target: Path, progress: Progress | None = None) -> int:
    """Brings the index of a state to a file, whole; how many bytes were received.

    Raises:
        Unavailable: the channel does not give it, or it is damaged.
    """
    return _unpacked(channel, _file(manifest, PACKED), _file(manifest, INDEX), target, None, progress)


def _unpacked(channel: Channel, packed: File, whole: File, target: Path, old: Path | None, progress: Progress | None) -> int:
    part = target.parent / f".{packed.sha256[:16]}.part"
    received = _downloaded(channel, packed, part, progress)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        if write_hashed(unpacked(part, whole.bytes, old), temporary) != (whole.bytes, whole.sha256):
            raise Unavailable("the published index is not what its manifest says", "its publisher has to publish it again")
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise _no(error) from None
    finally:
        temporary.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return received


def _downloaded(channel: Channel, file: File, part: Path, progress: Progress | None) -> int:
    """A file of the channel, continued where an earlier pull broke off; damaged beginnings are thrown away."""
    start = part.stat().st_size if part.is_file() else 0
    start = 0 if start > file.bytes else start
    received = 0
    try:
        with part.open("ab" if start else "wb") as stream:
            for chunk in bounded(channel.get(file.name, start), file.bytes - start):
                stream.write(chunk)
                received += len(chunk)
                if progress:
                    progress(start + received, file.bytes)
    except OSError as error:
        raise _no(error) from None
    if digest_of(part) == (file.bytes, file.sha256):
        return received
    part.unlink(missing_ok=True)
    if start:
        return received + _downloaded(channel, file, part, progress)
    raise Unavailable(f"{file.name} is not what the manifest says", "pull again; if it stays so, its publisher has to publish it again")


def bounded(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Chunks of a published file, as long as they are not more than its manifest says.

    Raises:
        Unavailable: they are.
    """
    left = most
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise Unavailable("a published file is larger than its manifest says", "its publisher has to publish it again")
        yield chunk


def _use(folder: Path, target: Path, manifest: Manifest, envelope: Envelope, address: str, trusted: tuple[str, ...]) -> None:
    """Makes the index the one in use: each file by rename, what readers look at last."""
    expires = calendar.timegm(time.strptime(manifest.expires, "%Y-%m-%dT%H:%M:%SZ"))
    signers = manifest.signers or trusted
    _put(folder / "manifest.json", envelope.raw())
    _put(folder / "trusted", "".join(f"{line}\n" for line in signers).encode())
    _put(folder / CURRENT, f"{target.name}\n{manifest.sequence}\n{expires}\n{address}\n".encode())
    old = sorted((one for one in folder.glob("index-*.db") if one != target), key=lambda one: one.stat().st_mtime)
    for one in old[: -(_KEPT - 1)]:
        one.unlink(missing_ok=True)


def _put(path: Path, raw: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _no(error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _no(error: OSError) -> ModelregError:
    return Unavailable(
        f"the index could not be written: {error.strerror or error}", "is the disk full, or the folder read-only? the one held stays"
    )
