"""An index -> a channel: files first, then the one object that says they are the newest."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.forms.made import Made
from modelreg_cli.index.file import library
from modelreg_cli.lock import work_folder
from modelreg_cli.release.channel import Channel, Latest, Moved
from modelreg_cli.release.envelope import Envelope, opened, sealed
from modelreg_cli.release.manifest import SKEW, File, Manifest, moment, moment_of
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
        known, told = _known(channel, before)
        if known and (same := _same(known.manifest, state, wish)) and told and _whole(channel, same):
            _tidy(channel, known, wish.keep)
            return Published(same, False, bring(channel, state.forms, known))
        if known and moment_of((last := known.manifest).made) > wish.now + SKEW:
            talk(f"note: state {last.sequence} was made on {last.made[:10]}, says its publisher: one of the clocks is wrong")
        with work_folder() as folder:
            files = _files(channel, state, known, folder)
            made = sealed(_manifest(state, wish, known, [file for file, _ in files]), list(wish.keys))
            try:
                # first, so that whoever tidies up meanwhile sees that these files are needed
                _send(channel, _name(made.manifest), made.raw(), folder)
                sent = _bring(channel, files, _is_readable, talk)
                channel.swap(made.raw(), before)
            except Moved:
                talk(f"{channel.address}: another publisher was quicker; once more")
                continue
            # what was there before may have been tidied away by the publisher before
            sent += _bring(channel, files, _is_still_there, talk)
        sent += bring(channel, state.forms, made)
        _tidy(channel, made, wish.keep)
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


def _known(channel: Channel, before: Latest | None) -> tuple[Envelope | None, bool]:
    """The newest state, and whether the channel says so; where what it says is damaged, the last state that lies beside it.

    Raises:
        Refused: that is damaged as well.
    """
    found = _intact(before.raw) if before else None
    if before is None or found:
        return found, True
    beside = (_intact(b"".join(channel.get(name))) for name in channel.names("manifests/"))
    kept = [one for one in beside if one]
    if not kept:
        raise Refused(f"what is the newest at {channel.address} is damaged, and so is all beside it", "publish to a new place")
    return max(kept, key=lambda one: one.manifest.sequence), False


def _intact(raw: bytes) -> Envelope | None:
    """An envelope that says what its publisher signed; whether readers trust them is theirs to say."""
    try:
        found = opened(raw)
        signers = found.manifest.signers
    except ModelregError:
        return None
    return None if signers and found.why_not(signers) else found


def _whole(channel: Channel, manifest: Manifest) -> bool:
    """Whether every file of a state is there as its manifest says.

    Raises:
        Unavailable: one cannot be read: that is no reason for another state.
    """
    return all(_is_there(channel, file) for file in manifest.files if file.role != INDEX)


def _is_there(channel: Channel, file: File) -> bool:
    """Whether a file is on the channel, byte for byte."""
    found, size = hashlib.sha256(), 0
    if channel.has(file.name) != file.bytes:
        return False
    for chunk in channel.get(file.name):
        found.update(chunk)
        size += len(chunk)
        if size > file.bytes:
            return False
    return found.hexdigest() == file.sha256


def _is_readable(channel: Channel, file: File) -> bool:
    """The same of a file that can be brought again, where it cannot be read."""
    with suppress(Unavailable):
        return _is_there(channel, file)
    return False


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


def _bring(channel: Channel, files: list[tuple[File, Path]], there: Callable[[Channel, File], bool], talk: Talk) -> int:
    """Brings every file to the channel that is not there; bytes that were sent."""
    sent = 0
    for file, path in files:
        if file.role != INDEX and not there(channel, file):
            talk(f"{channel.address}: {file.name}, {file.bytes:,} bytes")
            channel.put(file.name, path)
            sent += file.bytes
    return sent


def _is_still_there(channel: Channel, file: File) -> bool:
    """The same of a file that was there a moment ago: its name has its digest, so the size tells enough."""
    return channel.has(file.name) == file.bytes


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
        write_hashed(unpacked(raw, plain.bytes), old)
    except Unavailable:
        return  # gone: another publisher tidied up
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
        sqlite=library(),
        counts=state.counts,
        protected=state.protected,
        files=tuple(files),
        signers=wish.signers,
    )


def _send(channel: Channel, name: str, raw: bytes, folder: Path) -> None:
    file = folder / "object"
    file.write_bytes(raw)
    channel.put(name, file)


def _tidy(channel: Channel, newest: Envelope, keep: int) -> None:
    with suppress(ModelregError):  # what is left over harms nobody, and the next one takes it away
        _clean(channel, newest, keep)


def _clean(channel: Channel, newest: Envelope, keep: int) -> None:
    """Takes away states before the last `keep`, and files that none of the kept ones names.

    Files are listed before manifests: what another publisher is bringing meanwhile is named by a manifest then.
    """
    files, manifests = channel.names("files/"), channel.names("manifests/")
    mine = newest.manifest
    old = [name for name in manifests if _sequence(name) <= mine.sequence - keep]
    needed = {file.name for file in mine.files}
    if files:
        for name in set(manifests) - set(old):
            needed |= {file.name for file in opened(b"".join(channel.get(name))).manifest.files}
    channel.remove(*old, *(one for one in files if one not in needed))


def _name(manifest: Manifest) -> str:
    return f"manifests/{manifest.sequence:08}-{manifest.digest()[:16]}.json"


def _sequence(name: str) -> int:
    found = re.match(r"manifests/(\d+)", name)
    return int(found[1]) if found else 0
