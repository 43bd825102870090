"""A channel -> the index on this machine: verified before it is used, continued where it broke off, replaced as a whole."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.index.held import Held, held
from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.lock import locked
from modelreg_cli.release.chain import passed_on
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.envelope import Envelope, opened, verified
from modelreg_cli.release.here import envelope_of, envelopes, keys_in, last_state, sweep, use
from modelreg_cli.release.manifest import File, Manifest
from modelreg_cli.release.packed import digest_of, unpacked, write_hashed
from modelreg_cli.release.publish import DIFFERENCE, INDEX, PACKED
from modelreg_cli.settings import catalogs_home

Progress = Callable[[int, int], None]
#: Who holds the lock of this file is alone at work in the folder of a catalog.
LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Wish:
    """How to pull. `catalog`: the name it must have, empty for any. `trusted`: keys, in place of those that are pinned.

    `locked` is the digest that the manifest must have. `older` allows to go back. `first`: pin the keys of a first pull.
    `patience`: seconds to wait for another pull of the same catalog.
    """

    catalog: str = ""
    trusted: tuple[str, ...] = ()
    locked: str = ""
    older: bool = False
    first: bool = True
    patience: float = 600.0


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of it; `new` is false where it was held already. `received` counts bytes; `pinned` are keys that are new.

    `late`: the state was to be replaced by now, and nothing newer is there.
    """

    manifest: Manifest
    path: Path
    new: bool
    received: int
    pinned: tuple[str, ...] = ()
    late: bool = False


def pull(channel: Channel, wish: Wish, now: datetime, progress: Progress | None = None) -> Pulled:
    """Brings the newest state here; the one that is held stays in use until the new one is whole and verified.

    Its sequence decides whether it is newer, and no clock; one whose time is over is taken and told as such.

    Raises:
        Refused: it is not signed by a trusted key, older than the one held, or not the one that was asked for.
        Unavailable: the channel does not answer, or what it gives is damaged; another pull does not end.
    """
    latest = channel.latest()
    if latest is None:
        raise Refused(f"nothing was published at {channel.address}", "is it the right address?")
    envelope = opened(latest.raw)
    manifest = envelope.manifest
    if wish.catalog not in ("", manifest.catalog):
        raise Refused(f"the channel has the catalog {manifest.catalog}, and not {wish.catalog}", "is it the right address?")
    folder = Path(catalogs_home()) / manifest.catalog
    try:
        verified(envelope, _trusted(channel, envelope, folder, wish)[0])  # nothing is made here for whoever is not trusted
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / LOCK, wish.patience):
            return replace(_taken(channel, envelope, wish, progress, folder), late=manifest.expired(now))
    except OSError as error:
        raise _no(error) from None


def _taken(channel: Channel, envelope: Envelope, wish: Wish, progress: Progress | None, folder: Path) -> Pulled:
    trusted, pinned = _trusted(channel, envelope, folder, wish)
    manifest = verified(envelope, trusted)
    before = held(manifest.catalog)
    _expected(envelope, wish, last_state(folder, before))
    readable(manifest)
    whole = _file(manifest, INDEX)
    target = folder / f"index-{whole.sha256[:16]}.db"
    received = 0
    if not _is(target, whole):
        received = _fetched(channel, manifest, whole, target, before, progress)
    new = before is None or (before.path, before.sequence) != (str(target), manifest.sequence)
    use(folder, target, envelope, channel.address, trusted)
    sweep(folder, target)
    return Pulled(manifest, target, new, received, pinned)


def _trusted(channel: Channel, envelope: Envelope, folder: Path, wish: Wish) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys that may have signed, and those that are trusted for the first time now."""
    if wish.trusted:
        return wish.trusted, ()
    if known := keys_in(folder):
        before = held(folder.name)
        keys = passed_on(channel, envelope.manifest, envelope_of(Path(before.path)), known) if before else known
        return keys, () if envelopes(folder) else known  # nobody was told of them where the first pull was killed
    keys = envelope.keys()
    if not wish.first or not keys or envelopes(folder):
        raise Refused("no key is trusted to publish this catalog", "name a file of allowed signers with --trust FILE")
    return keys, keys


def _expected(envelope: Envelope, wish: Wish, before: tuple[int, bytes]) -> None:
    """Whether it is what was asked for, and no step back.

    Raises:
        Refused: it is not.
    """
    manifest = envelope.manifest
    if wish.locked and manifest.digest() != wish.locked:
        raise Refused(f"the newest manifest is {manifest.digest()}, and not the one that is locked", "take the new digest, or wait")
    last, text = before
    if manifest.sequence < last and not wish.older:
        raise Refused(
            f"the channel gives state {manifest.sequence}, and {last} was pulled before",
            "somebody may be turning it back; --allow-older takes it nevertheless",
        )
    if manifest.sequence == last and text not in (b"", envelope.text) and not wish.older:
        raise Refused(f"the channel gives another state {last} than before", "its publishers have to say which is theirs")


def readable(manifest: Manifest) -> None:
    """Nothing, where this program reads the index.

    Raises:
        Unavailable: it does not, and the one in use stays.
    """
    if manifest.schema_version != SCHEMA_VERSION:
        newer = manifest.schema_version > SCHEMA_VERSION
        raise Unavailable(
            f"state {manifest.sequence} has schema version {manifest.schema_version}; this program reads {SCHEMA_VERSION}",
            "install a newer modelreg"
            if newer
            else f"build it in a clone of the catalog: modelreg build --at {manifest.commit[:12]} -o FILE",
        )


def _file(manifest: Manifest, role: str) -> File:
    found = manifest.file(role)
    if found is None:
        raise Unavailable(f"the manifest names no {role}", "its publisher has to publish it again")
    return found


def _is(path: Path, file: File) -> bool:
    """Whether a file here is what a manifest says; what the disk does not give is not."""
    try:
        return digest_of(path) == (file.bytes, file.sha256)
    except OSError:
        return False


def _fetched(channel: Channel, manifest: Manifest, whole: File, target: Path, before: Held | None, progress: Progress | None) -> int:
    """The index, from a difference where that is there and small, else whole; how many bytes were received."""
    if before:
        with suppress(Unavailable, OSError):  # the whole is there as well
            old = Path(before.path)
            if small := manifest.file(DIFFERENCE, digest_of(old)[1]):
                return _unpacked(channel, small, whole, target, old, progress)
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


def _no(error: OSError) -> ModelregError:
    return Unavailable(
        f"the index could not be written: {error.strerror or error}", "is the disk full, or the folder read-only? the one held stays"
    )
