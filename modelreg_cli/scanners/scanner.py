"""What a scanner is: a name, a release, and a judgement of files; each is one file behind this interface."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

Status = Literal["passed", "failed", "skipped"]
_LONGEST = 300
_MOST = 20


class Verdict(NamedTuple):
    """What is said of one file. `passed`: it was looked through and nothing speaks against it; `skipped`: nobody can say."""

    status: Status
    findings: tuple[str, ...] = ()


class Sight(NamedTuple):
    """A file to be looked at: its path in the artifact or folder, and where it lies; nothing but its bytes is trusted."""

    path: str
    file: Path
    bytes: int


class Scanner(Protocol):
    """One way to judge files."""

    @property
    def name(self) -> str:
        """As records have it."""

    @property
    def version(self) -> str | None:
        """Its release."""

    @property
    def database(self) -> str | None:
        """Version of its signatures, where it has some."""

    def covers(self, path: str) -> bool:
        """Whether a file of such a name may be of a kind that it looks at."""

    def look(self, files: Sequence[Sight]) -> list[Verdict]:
        """One verdict for each file, in their order; a scanner that breaks down says `skipped` and why."""


class NotHere(Exception):
    """A scanner that is not installed, or can not be used; `hint` says how it would be."""

    def __init__(self, words: str, hint: str) -> None:
        super().__init__(words)
        self.words, self.hint = words, hint


class Wishes(NamedTuple):
    """What the caller says to scanners: a database of signatures, seconds that an outside program has."""

    database: Path | None = None
    seconds: float = 600.0


def verdict(status: Status, findings: Sequence[str]) -> Verdict:
    """A verdict whose findings fit a record: few, short, and with nothing that a terminal or a reader of YAML would obey."""
    told = [line_of(words) for words in dict.fromkeys(findings)]
    return Verdict(status, (*told[:_MOST], *([f"{len(told) - _MOST:,} more"] if len(told) > _MOST else [])))


def line_of(words: str) -> str:
    """Words of others as one short line."""
    plain = "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in words)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."


def skipped(words: str) -> Verdict:
    """The verdict that there is none."""
    return verdict("skipped", [words])
