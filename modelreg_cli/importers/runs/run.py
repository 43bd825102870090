"""Run and row: what every result file says, whatever its form, before it meets the catalog."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, Protocol

from modelreg_cli.importers.runs.material import Material

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Row:
    """One value, in the words of the harness; `told` are fields of a measurement that need no translation."""

    task: str
    metric: str
    value: float
    told: dict[str, Any] = field(default_factory=dict)
    better: Better | None = None


class Left(NamedTuple):
    """One thing of a file that was not taken, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `reader` is the word that benchmarks know its tasks by; `harness` the program, where one is told.

    `date` is a day; `names` are what the model may be called, the most certain first; `parts` leads from a task to the groups that
    count it; `partial` says why the whole run is not one.
    """

    reader: str
    identity: str
    rows: tuple[Row, ...]
    harness: dict[str, str] = field(default_factory=dict)
    basis: Literal["measured", "reported"] = "measured"
    date: str | None = None
    names: tuple[str, ...] = ()
    revision: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    source: str | None = None
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    partial: str = ""
    left: tuple[Left, ...] = ()


class Reader(Protocol):
    """One form of result files."""

    name: str
    looks_for: str

    def knows(self, material: Material) -> bool:
        """Whether the contents have this form."""

    def runs(self, material: Material) -> list[Run]:
        """All runs of a file.

        Raises:
            ModelregError: it has the form, and cannot be read all the same.
        """


def identity_of(value: Any) -> str:
    """sha256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def digest_of(texts: dict[str, Any]) -> str:
    """sha256 of the parts of a prompt that are told."""
    return identity_of({key: value for key, value in texts.items() if value not in (None, "", [], {})})


def day_of(value: Any) -> str | None:
    """The day (UTC) of a Unix time or an ISO moment; None where it is neither."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str):
            moment = datetime.fromisoformat(value)
        else:
            return None
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def mapping(value: Any) -> dict[str, Any]:
    """A mapping of a file; an empty one where there is something else."""
    return value if isinstance(value, dict) else {}


def whole(value: Any) -> int | None:
    """A whole number above 0, or None."""
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 and value == int(value) else None


def number(value: Any) -> float | None:
    """A number (it may be NaN), or None."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


_SECRET = ("key", "token", "secret", "password", "auth", "url", "header", "credential")


def plain_settings(given: dict[str, Any]) -> dict[str, Any]:
    """Settings that a catalog can hold: short plain values; no secrets, addresses or paths of a machine."""

    def fits(key: str, value: Any) -> bool:
        if isinstance(value, str):
            return 0 < len(value) <= 200 and value.isprintable() and not value.startswith(("/", "~", ".", "\\")) and value[1:3] != ":\\"
        return isinstance(value, bool) or (isinstance(value, (int, float)) and abs(value) < 1e15)

    return {key: value for key, value in given.items() if fits(key, value) and not any(word in key.lower() for word in _SECRET)}
