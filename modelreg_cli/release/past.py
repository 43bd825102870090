"""Older states of a channel: each manifest names the digest of the one before it, so the newest one proves them all."""

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modelreg_cli.catalog.write import replace_file
from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.index.states import FOLDER, State, states_of
from modelreg_cli.lock import locked
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.envelope import Envelope, opened
from modelreg_cli.release.manifest import Manifest
from modelreg_cli.release.packed import digest_of
from modelreg_cli.release.publish import INDEX
from modelreg_cli.release.pull import LOCK, Progress, bounded, readable, unpacked_index
from modelreg_cli.settings import catalogs_home

#: The most bytes of an envelope.
_MOST = 1 << 20
#: Manifests that a pull looks at which does not ask for the past.
_SOON = 20
#: Seconds after which nobody goes on with a file that is not whole.
_STALE = 86_400
#: Seconds to wait for another pull of the same catalog.
_PATIENCE = 600.0


def name_of(sequence: int, digest: str) -> str:
    """What a state's manifest is called on a channel, and here, without its folder."""
    return f"{sequence:08}-{digest[:16]}"


def note(channel: Channel, newest: Manifest) -> None:
    """Notes the states before the newest one, up to those that were noted before; what the channel has no more is left out."""
    here = newest
    with _alone(newest.catalog), suppress(ModelregError):  # a list of what there is: the state in use does not hang on it
        folder = _noted(newest)
        for _ in range(_SOON):
            if not here.previous or (folder / f"{name_of(here.sequence - 1, here.previous)}.json").is_file():
                return
            here = _fetched(channel, here, folder).manifest


def note_all(channel: Channel, newest: Manifest) -> str:
    """Notes every state before the newest one that the channel has; why it has none before the last, or nothing."""
    here = newest
    with _alone(newest.catalog):
        folder = _noted(newest)
        while here.previous:
            try:
                here = (_read(folder, here) or _fetched(channel, here, folder)).manifest
            except Unavailable as error:
                return error.message
    return ""


def bring(channel: Channel, catalog: str, state: State, progress: Progress | None) -> Path:
    """Brings the index of an older state here, beside the one in use.

    Raises:
        Refused: it is not what the newest manifest vouches for.
        Unavailable: the channel has it no more, or this program cannot read it.
    """
    folder = Path(catalogs_home()) / catalog / FOLDER
    name = name_of(state.sequence, state.digest)
    envelope = opened(b"".join(bounded(channel.get(f"manifests/{name}.json"), _MOST)))
    if hashlib.sha256(envelope.text).hexdigest() != state.digest:
        raise _broken(state.sequence)
    manifest = envelope.manifest
    if why := envelope.why_not(manifest.signers):
        raise Refused(f"state {state.sequence} is not to be trusted: {why}", "ask its publishers")
    readable(manifest)
    target, file = folder / f"{name}.db", manifest.file(INDEX)
    if file is None:
        raise Unavailable(f"the manifest of state {state.sequence} names no index", "ask its publishers")
    with _alone(catalog):
        if state.file and digest_of(Path(state.file)) == (file.bytes, file.sha256):
            _copied(Path(state.file), target)
        else:
            unpacked_index(channel, manifest, target, progress)
        replace_file(target.with_suffix(".json"), envelope.raw().decode())
    return target


def why_unchained(catalog: str, manifest: Manifest, newest: Manifest) -> str:
    """Why the newest manifest does not vouch for an older one, or nothing."""
    known = {state.digest: state for state in states_of(catalog)}
    here, sequence = newest.digest(), newest.sequence
    while here and here != manifest.digest():
        if here not in known:
            return f"the manifest of state {sequence}, which should name the one before it, is not here"
        here, sequence = known[here].previous, sequence - 1
    return "" if here else f"state {newest.sequence}, which is in use, does not follow it"


def _noted(newest: Manifest) -> Path:
    folder = Path(catalogs_home()) / newest.catalog / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    file = folder / f"{name_of(newest.sequence, newest.digest())}.json"
    if not file.is_file():
        replace_file(file, Envelope(newest.text(), ()).raw().decode())
    return folder


@contextmanager
def _alone(catalog: str) -> Iterator[None]:
    with locked(Path(catalogs_home(), catalog, LOCK), _PATIENCE):
        yield


def _sweep(folder: Path) -> None:
    """Takes away what pulls that were killed left behind; nobody else is at work here. A download that broke off today may go on."""
    for one in folder.glob(".*"):
        with suppress(OSError):  # Windows keeps what somebody reads
            if one.suffix != ".part" or one.stat().st_mtime + _STALE < time.time():
                one.unlink()


def _read(folder: Path, after: Manifest) -> Envelope | None:
    """The manifest before one, where it was noted and is whole."""
    with suppress(OSError, ModelregError):
        found = opened((folder / f"{name_of(after.sequence - 1, after.previous)}.json").read_bytes())
        return found if hashlib.sha256(found.text).hexdigest() == after.previous else None
    return None


def _fetched(channel: Channel, after: Manifest, folder: Path) -> Envelope:
    name = name_of(after.sequence - 1, after.previous)
    found = opened(b"".join(bounded(channel.get(f"manifests/{name}.json"), _MOST)))
    if hashlib.sha256(found.text).hexdigest() != after.previous or found.manifest.sequence != after.sequence - 1:
        raise _broken(after.sequence - 1)
    replace_file(folder / f"{name}.json", found.raw().decode())
    return found


def _broken(sequence: int) -> Refused:
    return Refused(f"the channel gives another state {sequence} than the one that its newest state follows", "ask its publishers")


def _copied(source: Path, target: Path) -> None:
    if source != target:
        temporary = target.with_name(f".{target.name}.tmp")
        try:
            shutil.copyfile(source, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
