"""An index -> a channel: files first, then the one object that says they are the newest."""

import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.forms.made import Made
from modelreg_cli.release.channel import Channel, Moved
from modelreg_cli.release.envelope import Envelope, opened, sealed
from modelreg_cli.release.manifest import File, Manifest, moment
from modelreg_cli.release.packed import digest_of, pack, unpacked, write_hashed
from modelreg_cli.release.stable import bring, by_content

INDEX, PACKED, DIFFERENCE = _OWN = ("index", "index.zst", "index.diff")
_ATTEMPTS = 5
Talk = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class State:
    """What is to be published: the index and where it comes from; `forms` are what else it is published as."""

    catalog: str
    index: Path
    commit: str
    tree: str
    program: str
    schema_version: int
    logical_digest: str
    counts: dict[str, int]
    protected: tuple[str, ...] = ()
    forms: tuple[Made, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """How to publish: the keys that sign, those that may sign the next one, how long it is fresh, how many states are kept."""

    keys: tuple[Path, ...]
    signers: tuple[str, ...]
    fresh: timedelta
    keep: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it; `new` is false where this very state was the newest already."""

    manifest: Manifest
    new: bool
    sent: int


def publish(channel: Channel, state: State, wish: Wish, talk: Talk) -> Published:
    """Publishes a state; the same state again changes nothing.

    Raises:
        Refused: what is there belongs to another catalog, or others publish all the time.
        Unavailable: the channel does not answer.
    """
    for _attempt in range(_ATTEMPTS):
        before = channel.latest()
        known = opened(before.raw) if before else None
        if known and (same := _same(known.manifest, state, wish)):
            return Published(same, False, bring(channel, state.forms, known))
        with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
            files = _files(channel, state, known, Path(folder))
            made = sealed(_manifest(state, wish, known, [file for file, _ in files]), list(wish.keys))
            try:
                # first, so that whoever tidies up meanwhile sees that these files are needed
                _send(channel, f"manifests/{made.manifest.sequence:08}-{made.manifest.digest()[:16]}.json", made.raw(), Path(folder))
                sent = _bring(channel, files, talk)
                channel.swap(made.raw(), before)
            except Moved:
                talk(f"{channel.address}: another publisher was quicker; once more")
                continue
            sent += _bring(channel, files, talk)  # a file that was there before may have been tidied away by the one before
        sent += bring(channel, state.forms, made)
        with suppress(ModelregError):  # what is left over harms nobody, and the next one takes it away
            _clean(channel, made, wish.keep)
        return Published(made.manifest, True, sent)
    raise Refused(f"others publish to {channel.address} all the time", "let one pipeline publish")


def _same(known: Manifest, state: State, wish: Wish) -> Manifest | None:
    """The newest manifest, where it says all that a new one would, and is fresh for longer than half its time."""
    if known.catalog != state.catalog:
        raise Refused(
            f"the channel belongs to the catalog {known.catalog}, and this one is {state.catalog}", "publish to a place of its own"
        )
    mine = (state.commit, state.tree, state.logical_digest, state.program, state.protected, tuple(wish.signers))
    same = (known.commit, known.tree, known.logical_digest, known.program, known.protected, known.signers) == mine
    same = same and {file.name for file in known.files if file.role not in _OWN} == {name for _role, name, _path in by_content(state.forms)}
    return known if same and not known.expired(wish.now + wish.fresh / 2) else None


def _files(channel: Channel, state: State, known: Envelope | None, folder: Path) -> list[tuple[File, Path]]:
    """Every file of a state, and where it lies here; the index is told, and comes packed."""
    size, sha = digest_of(state.index)
    packed = folder / "index.db.zst"
    pack(state.index, packed)
    made = [(PACKED, f"files/index-{sha[:16]}.db.zst", packed, sha)]
    made += _difference(channel, state.index, known, packed, folder, sha)
    made += [(role, name, path, "") for role, name, path in by_content(state.forms)]
    told = [(File(name, *digest_of(path), role, of), path) for role, name, path, of in made]
    return [(File(f"files/index-{sha[:16]}.db", size, sha, INDEX), state.index), *told]


def _bring(channel: Channel, files: list[tuple[File, Path]], talk: Talk) -> int:
    """Brings every file to the channel that is not there; bytes that were sent."""
    sent = 0
    for file, path in files:
        if file.role != INDEX and channel.has(file.name) != file.bytes:
            talk(f"{channel.address}: {file.name}, {file.bytes:,} bytes")
            channel.put(file.name, path)
            sent += file.bytes
    return sent


def _difference(
    channel: Channel, index: Path, known: Envelope | None, packed: Path, folder: Path, sha: str
) -> Iterator[tuple[str, str, Path, str]]:
    """The difference from the state before, where that makes less than the whole."""
    before = known.manifest if known else None
    plain, whole = (before.file(INDEX), before.file(PACKED)) if before else (None, None)
    if plain is None or whole is None or plain.sha256 == sha:
        return
    old, raw = folder / "old.db", folder / "old.zst"
    try:
        if write_hashed(channel.get(whole.name), raw)[1] != whole.sha256:
            return  # damaged there: whoever has it already can still pull the whole
    except Unavailable:
        return  # gone: another publisher tidied up
    write_hashed(unpacked(raw, plain.bytes), old)
    file = folder / "index.diff"
    pack(index, file, old)
    if file.stat().st_size < packed.stat().st_size:
        yield DIFFERENCE, f"files/index-{sha[:16]}-from-{plain.sha256[:16]}.zst", file, plain.sha256


def _manifest(state: State, wish: Wish, known: Envelope | None, files: list[File]) -> Manifest:
    before = known.manifest if known else None
    return Manifest(
        catalog=state.catalog,
        sequence=before.sequence + 1 if before else 1,
        previous=before.digest() if before else "",
        made=moment(wish.now),
        expires=moment(wish.now + wish.fresh),
        commit=state.commit,
        tree=state.tree,
        program=state.program,
        schema_version=state.schema_version,
        logical_digest=state.logical_digest,
        sqlite=sqlite3.sqlite_version,
        counts=state.counts,
        protected=state.protected,
        files=tuple(files),
        signers=wish.signers,
    )


def _send(channel: Channel, name: str, raw: bytes, folder: Path) -> None:
    file = folder / "object"
    file.write_bytes(raw)
    channel.put(name, file)


def _clean(channel: Channel, newest: Envelope, keep: int) -> None:
    """Takes away states before the last `keep`, and files that none of the kept ones names.

    Files are listed before manifests: what another publisher is bringing meanwhile is named by a manifest then.
    """
    files, manifests = channel.names("files/"), channel.names("manifests/")
    old = [name for name in manifests if _sequence(name) <= newest.manifest.sequence - keep]
    needed = {file.name for file in newest.manifest.files}
    if files:
        for name in set(manifests) - set(old):
            needed |= {file.name for file in opened(b"".join(channel.get(name))).manifest.files}
    for name in [*old, *(one for one in files if one not in needed)]:
        channel.remove(name)


def _sequence(name: str) -> int:
    found = re.match(r"manifests/(\d+)", name)
    return int(found[1]) if found else 0
