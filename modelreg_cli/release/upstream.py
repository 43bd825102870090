"""The published state that a catalog extends: brought here by its digest, or the newest one instead."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelreg_cli.catalog.layers import state_files
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.envelope import opened
from modelreg_cli.release.manifest import Manifest, read
from modelreg_cli.release.packed import digest_of
from modelreg_cli.release.publish import INDEX
from modelreg_cli.release.pull import Progress, Pulled, bounded, unpacked_index

#: The most bytes of an envelope.
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Pin:
    """Which state of which catalog: what `extends` says in catalog/catalog.yaml."""

    catalog: str
    channel: str
    sequence: int
    manifest: str

    def value(self) -> dict[str, Any]:
        """As the file has it."""
        return {"catalog": self.catalog, "channel": self.channel, "sequence": self.sequence, "manifest": self.manifest}


def is_here(pin: Pin) -> bool:
    """Whether its files are here, byte for byte."""
    index, manifest = state_files(pin.manifest)
    try:
        told = read(manifest.read_bytes())
        file = told.file(INDEX)
        return told.digest() == pin.manifest and file is not None and digest_of(index) == (file.bytes, file.sha256)
    except (OSError, ModelregError):
        return False


def bring(channel: Channel, pin: Pin, progress: Progress | None = None) -> Manifest:
    """Brings the state of a pin: its digest says what it must be, so nobody has to be trusted.

    Raises:
        Unavailable: the channel does not answer, does not keep it any more, or gives something else.
    """
    name = f"manifests/{pin.sequence:08}-{pin.manifest[:16]}.json"
    try:
        raw = b"".join(bounded(channel.get(name), _MOST))
    except Unavailable as error:
        hint = "it may keep newer states only: `modelreg upstream --update` takes the newest one"
        raise Unavailable(f"state {pin.sequence} of {pin.catalog} is not at {channel.address}: {error.message}", hint) from None
    envelope = opened(raw)
    manifest = envelope.manifest
    if manifest.digest() != pin.manifest or manifest.catalog != pin.catalog:
        raise Unavailable(f"{name} at {channel.address} is another state than catalog/catalog.yaml names", "is it the right channel?")
    index, _ = state_files(pin.manifest)
    with _folder(index):
        unpacked_index(channel, manifest, index, progress)
        _kept(pin.manifest, envelope.text)
    return manifest


def taken(pulled: Pulled, channel: str) -> Pin:
    """The pin of a state that was pulled and verified; its files are where catalogs that extend it look for them.

    Raises:
        Unavailable: it cannot be written.
    """
    manifest = pulled.manifest
    digest = manifest.digest()
    index, _ = state_files(digest)
    with _folder(index):
        part = index.with_name(f".{index.name}.{os.getpid()}.tmp")
        shutil.copyfile(pulled.path, part)
        part.replace(index)
        _kept(digest, manifest.text())
    return Pin(manifest.catalog, channel, manifest.sequence, digest)


@contextmanager
def _folder(index: Path) -> Iterator[None]:
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise Unavailable(f"{index.parent} cannot be written: {error.strerror}", "make room, or set MODELREG_HOME") from None


def _kept(digest: str, text: bytes) -> None:
    """The manifest last: what it names is there."""
    _, file = state_files(digest)
    part = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    part.write_bytes(text)
    part.replace(file)
