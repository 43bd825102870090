"""Ids of models: their parts, what one stands for, and where it leads."""

import re
from dataclasses import dataclass
from typing import Protocol

HUB = "https://huggingface.co/"
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
# from the strictest form to the loosest; the last one is two digits of a year (2024 to 2029) and a month
_DATES = (
    re.compile(rf"-((?P<y>20[0-9]{{2}})-(?P<m>{_MONTH})-{_DAY})\Z"),
    re.compile(rf"-((?P<y>20[0-9]{{2}})(?P<m>{_MONTH}){_DAY})\Z"),
    re.compile(rf"-((?P<m>{_MONTH})-(?P<y>20[0-9]{{2}}))\Z"),
    re.compile(rf"-((?P<y>2[4-9])(?P<m>{_MONTH}))\Z"),
)
_BRACKETS = re.compile(r"\s*\((?:latest|[0-9]{4}-[0-9]{2}-[0-9]{2})\)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Split:
    """An id without its date, the date as written, and the month it names (YYYY-MM)."""

    stem: str
    date: str | None
    month: str | None
    latest: bool


def split(base_id: str) -> Split:
    """The parts of an upstream id."""
    lower = base_id.lower()
    for pattern in _DATES:
        hit = pattern.search(lower)
        if hit and hit.start() > 0:
            year = hit["y"] if len(hit["y"]) == 4 else f"20{hit['y']}"
            return Split(lower[: hit.start()], hit[1], f"{year}-{hit['m']}", False)
    if lower.endswith("-latest"):
        return Split(lower.removesuffix("-latest"), None, None, True)
    return Split(lower, None, None, False)


def plain_name(name: str) -> str:
    """A name without "(latest)" or a date in brackets."""
    return _BRACKETS.sub("", name) or name


class Named(Protocol):
    """A model as a public catalog calls it: publisher/id."""

    @property
    def key(self) -> str:
        """publisher/id."""

    @property
    def publisher(self) -> str:
        """Its publisher there."""

    @property
    def id(self) -> str:
        """Its id there."""

    @property
    def name(self) -> str:
        """Its name for people."""

    @property
    def release_date(self) -> str | None:
        """The day of its release."""

    @property
    def last_updated(self) -> str | None:
        """The day of its last change."""

    @property
    def repository(self) -> str | None:
        """The Hugging Face repository of its own weights, Org/Name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a base belongs. `means` is the key of the dated base that a floating one describes."""

    publisher: str
    model: str
    version: str
    means: str | None = None

    @property
    def ref(self) -> str:
        """publisher/model@version."""
        return f"{self.publisher}/{self.model}@{self.version}"

    @property
    def model_ref(self) -> str:
        """publisher/model."""
        return f"{self.publisher}/{self.model}"
