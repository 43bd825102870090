"""Where published files lie, the same for a folder, a web site, a bucket, a registry."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from modelreg_cli.errors import ModelregError
from modelreg_cli.http import Deadline

#: The object that says which state is the newest: an envelope.
LATEST = "latest.json"


class Moved(ModelregError):
    """Another publisher was quicker: what is the newest is not what it was."""

    def __init__(self, address: str) -> None:
        super().__init__(f"another publisher was quicker at {address}", "publish again: it goes on from what is there now")


class Way(NamedTuple):
    """How a channel on the network is reached: until when, who hears of retries; `clear`: over http, to any host."""

    deadline: Deadline
    talk: Callable[[str], None] = lambda _words: None
    clear: bool = False


class Latest(NamedTuple):
    """The newest envelope as bytes, and the mark by which a channel knows that it is still the newest."""

    raw: bytes
    mark: str


class Channel(Protocol):
    """One place of published files.

    Names are plain steps (release.manifest.is_safe). Every method raises Unavailable where the place does not answer, or says no.
    `paths`: whether names are paths there, which people and static hosts ask for.
    """

    address: str
    paths: bool

    def latest(self) -> Latest | None:
        """The newest envelope, or None where nothing was published yet."""

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Makes an envelope the newest one.

        Raises:
            Moved: what was the newest is it no more.
        """

    def has(self, name: str) -> int | None:
        """Bytes of a file, or None where there is none."""

    def put(self, name: str, source: Path) -> None:
        """Puts a file; readers see it whole or not at all, at the latest when a swap was done."""

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file from a place on."""

    def names(self, prefix: str) -> list[str]:
        """Names that begin so; empty where the place cannot list."""

    def remove(self, *names: str) -> None:
        """Takes files away, where they are there."""
