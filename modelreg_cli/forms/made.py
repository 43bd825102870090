"""What forms are made of, and a file that came of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.query.opened import Index


@dataclass(frozen=True, slots=True)
class Source:
    """An open index, the name of its catalog, the commit and the Git id of catalog/ that it was built from, the top of the repository.

    `talk` hears why a form is left out.
    """

    index: Index
    catalog: str
    commit: str
    tree: str
    root: str
    talk: Callable[[str], None]


class Made(NamedTuple):
    """One file: its name for people and static hosts, where it lies here, bytes, sha256.

    `listed`: a manifest names it too, by its content; other files are reached through index.json.
    """

    name: str
    file: Path
    bytes: int
    sha256: str
    listed: bool


def made(folder: Path, name: str, raw: bytes, listed: bool = False) -> Made:
    """Writes a file below the folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)
    return Made(name, file, len(raw), hashlib.sha256(raw).hexdigest(), listed)


def of_file(folder: Path, name: str, listed: bool = False) -> Made:
    """A file that was written below the folder already."""
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return Made(name, folder / name, size, digest.hexdigest(), listed)
