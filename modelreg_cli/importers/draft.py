"""Draft: what a source says of one file of the catalog, before it meets the file that is there.

Every source of facts is one file behind the `Importer` interface; it reads, links and judges, and writes nothing.
What it can not state with certainty is a `Refusal`, which becomes a line below catalog/decisions/.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog, Progress, load_file
from modelreg_cli.catalog.revise import fresh
from modelreg_cli.finding import Finding


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that an importer did not do by itself: whose file it goes to, upstream's id, a reason code, words."""

    group: str
    subject: str
    reason: str
    detail: str
    field: str | None = None
    upstream: Any = None
    ours: Any = None
    candidates: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """The entry of a decisions file."""
        given = {
            "subject": self.subject[:300] or "(empty)",
            "reason": self.reason,
            "detail": self.detail[:4000],
            "field": self.field[:300] if self.field else None,
            "upstream": _storable(self.upstream),
            "ours": _storable(self.ours),
            "candidates": [name[:300] for name in self.candidates] or None,
        }
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Draft:
    """What upstream says of one file.

    `once`: made if it is missing, and left to people from then on. `partial`: of some values, and of some things in lists with
    ids; what it does not speak of has not vanished. `some_rates`: its prices are of some meters and conditions; others stay.
    """

    kind: str
    ids: tuple[str, ...]
    data: dict[str, Any]
    group: str
    subject: str
    decisions: tuple[Refusal, ...] = ()
    once: bool = False
    partial: bool = False
    some_rates: bool = False

    @property
    def path(self) -> str:
        """Path below the top of the repository."""
        return layout.path_of(self.kind, *self.ids)

    @property
    def id(self) -> str:
        """The id, as refs write it."""
        location = layout.locate(self.path)
        return location.id if location else "/".join(self.ids)


class Listed(NamedTuple):
    """One model that a server lists, or lists no more: what it is here (a ref, where that is certain), and words beside it."""

    name: str
    state: Literal["new", "changed", "vanished", "known"]
    ref: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one reading of a source gave.

    `still_there` are paths that upstream still knows although it says nothing certain of them now; `covers` are
    the kinds of which this source would have told (a file of another kind can not have vanished from it).
    `tally` counts, for the summary (such as offerings by rule of linking). `subjects` are those (group, subject) that
    this reading was about, and it says nothing of others; None: it was about everything. `unmapped` counts prices by upstream's key
    for which there is no meter. `listing` is what a server lists, where the source is one: drafts have its names as subjects.
    """

    drafts: tuple[Draft, ...]
    refusals: tuple[Refusal, ...]
    observed: str
    still_there: frozenset[str] = frozenset()
    covers: frozenset[str] = frozenset()
    tally: dict[str, int] = field(default_factory=dict)
    subjects: frozenset[tuple[str, str]] | None = None
    unmapped: dict[str, int] = field(default_factory=dict)
    listing: tuple[Listed, ...] = ()


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def _quiet(_line: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an importer is asked: the source, its day and revision, and what stands here already.

    `source` is what was typed: a path, an address or an id, as the importer takes it. `today` is its day where neither
    the caller nor the source tells one. `links` is what people decided: (group, subject) -> the version; `ours` are
    paths that this importer made; `progress` is told (done, total) while it lasts, and `talk` whatever people should
    know. A source that is not on this machine has `deadline` seconds. `options` are those of its own that were given.
    """

    source: str
    catalog: Catalog
    observed: str | None = None
    revision: str | None = None
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    ours: frozenset[str] = frozenset()
    progress: Progress = _silent
    today: str = field(default_factory=lambda: date.today().isoformat())
    talk: Callable[[str], None] = _quiet
    deadline: float = 120.0
    options: Mapping[str, str] = field(default_factory=dict)


class Importer(Protocol):
    """A source of facts."""

    name: str
    summary: str

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options that it takes beyond those of every importer."""

    @property
    def unit(self) -> str:
        """What its progress counts."""

    @property
    def usual(self) -> str:
        """The source where none is typed; empty where one must be."""

    def facts(self, request: Request) -> Facts:
        """Everything the source says, as drafts and refusals.

        Raises:
            ModelregError: the source can not be read at all, or is hostile.
        """


def _storable(value: Any) -> Any:
    """A value of a source as a catalog file can hold it; what is too long or too deep for one is told in part."""
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**15):
        return value
    if isinstance(value, float) and float(f"{value:.12g}") == value:
        return value
    if isinstance(value, str):
        return value[:1000]
    if isinstance(value, (dict, list)) and _is_flat(value) and len(repr(value)) <= 1000:
        return value
    return repr(value)[:1000]


def _is_flat(value: Any, depth: int = 0) -> bool:
    if isinstance(value, (dict, list)):
        inner = list(value.values()) if isinstance(value, dict) else value
        return (
            depth < 6
            and all(isinstance(key, str) for key in value if isinstance(value, dict))
            and all(_is_flat(item, depth + 1) for item in inner)
        )
    return value is not None and _storable(value) == value


def text_of(draft: Draft) -> str:
    """The text of a new file."""
    return fresh(draft.path, draft.data, draft.kind)


def wrong_with(draft: Draft) -> list[Finding]:
    """Why a draft would not load; empty when it would."""
    path = draft.path
    if max(len(step.encode()) for step in path.split("/")) > LONGEST_NAME:
        return [Finding(path, 0, 0, "path-name", f"a name of more than {LONGEST_NAME} bytes")]
    return load_file(path, text_of(draft).encode("utf-8"))[1]


#: File systems take 255 bytes; some backup and archive formats take less.
LONGEST_NAME = 200
