"""Errors that end a command, and the exit codes.

ModelregError            2  usage or bad configuration
  Refused                1  the answer is no
  Unavailable            3  no index, no network, no forge, no Git
  UnknownRef             4  no such thing
    Ambiguous            4  several things
  Pending                5  not yet
"""

import difflib
from collections.abc import Iterable

YES = 0
NO = 1
USAGE = 2
UNAVAILABLE = 3
UNKNOWN_REF = 4
PENDING = 5
BUG = 70


class ModelregError(Exception):
    """A tool that cannot go on says what is wrong and what to do about it."""

    exit_code = USAGE

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Refused(ModelregError):
    """The answer is no: error findings, a denied change, a conflict."""

    exit_code = NO


class Unavailable(ModelregError):
    """Something outside is missing: the index, the network, the forge, Git."""

    exit_code = UNAVAILABLE


class UnknownRef(ModelregError):
    """A ref that names nothing, or several things."""

    exit_code = UNKNOWN_REF

    def __init__(self, message: str, hint: str | None = None, candidates: list[str] | None = None) -> None:
        super().__init__(message, hint)
        self.candidates = candidates or []


class Ambiguous(UnknownRef):
    """A ref that several things may be meant by."""


class Pending(ModelregError):
    """Not yet: approvals are missing, or the base moved."""

    exit_code = PENDING


def nearest(word: str, words: Iterable[str], most: int = 3) -> list[str]:
    """The known words that look most like an unknown one, best first."""
    pool = {w.lower(): w for w in words}
    return [pool[hit] for hit in difflib.get_close_matches(word.lower(), pool, n=most, cutoff=0.6)]


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    """A hint such as "did you mean a, b or c?", or None."""
    near = nearest(word, words)
    if not near:
        return None
    return f"did you mean {listed(near)}?"


def listed(words: list[str], last: str = "or") -> str:
    """a; a or b; a, b or c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
