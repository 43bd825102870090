"""The answers of a registry, field by field, for editors and type checkers; a test holds them to what the questions give."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

from modelreg_cli.registry.record import Answer, Record

#: Tokens; "none" and "unlimited" where that is known, None where nothing is.
Bound = int | str | None


class Match(Answer):
    """A version that fits a search."""

    __slots__ = ()
    ref: str
    model: str
    version: str
    is_default: bool
    name: str
    publisher: str
    family: str | None
    type: str
    status: str
    released: str | None
    updated: str | None
    knowledge: str | None
    weights: str | None
    license: str | None
    context: Bound
    input: Bound
    output: Bound
    architecture: str | None
    params: int | None
    active_params: int | None
    hidden: int | None
    heads: int | None
    vocab: int | None
    not_covered: str | None
    dimensions: int | None
    min_vram_gib: float | None
    bytes: int | None
    price_in: float | None
    price_out: float | None
    offers: int
    deprecated: str | None
    retires: str | None
    replacement: str | None
    upstream_hub: str | None
    upstream_repo: str | None
    upstream_revision: str | None
    tags: tuple[str, ...]
    tasks: tuple[str, ...]
    capabilities: tuple[str, ...]
    modality_in: tuple[str, ...]
    modality_out: tuple[str, ...]
    scores: Record


class Found(Sequence[Match]):
    """The rows of a search; `total` fit, of `models` in all, and `unknown` more would if unknown numbers counted."""

    __slots__ = ("models", "rows", "total", "unknown")

    def __init__(self, rows: Sequence[Match], total: int, models: int, unknown: int) -> None:
        self.rows = tuple(rows)
        self.total = total
        self.models = models
        self.unknown = unknown

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Match, ...]: ...
    def __getitem__(self, at: int | slice) -> Match | tuple[Match, ...]:
        return self.rows[at]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"Found({', '.join(row.ref for row in self.rows)}; {len(self.rows)} of {self.total})"

    def to_list(self) -> list[dict[str, Any]]:
        """The rows as dicts, as `modelreg search --json` prints them."""
        return [row.to_dict() for row in self.rows]


class Summary(Answer):
    """One version of a model."""

    __slots__ = ()
    ref: str
    version: str
    is_default: bool
    released: str | None
    status: str
    weights: str | None
    context: Bound
    output: Bound
    params: int | None
    price_in: float | None
    price_out: float | None
    offers: int
    deprecated: str | None
    retires: str | None
    replacement: str | None


class Shown(Answer):
    """Everything about what a ref means."""

    __slots__ = ()
    ref: str
    kind: str
    via: str | None
    model: Record
    version: Record
    versions: tuple[Record, ...]
    license: Record | None
    labels: Record
    artifacts: tuple[Record, ...]
    memory: Record | None
    offerings: tuple[Record, ...]
    results: tuple[Record, ...]
    lineage: Record
    aliases: tuple[Record, ...]
    scans: tuple[Record, ...]
    approvals: tuple[Record, ...]
    bindings: tuple[Record, ...]
    sources: tuple[Record, ...]
    layers: tuple[Record, ...]


class Line(Answer):
    """One line of a comparison: `values` by ref, `note` where they can not be compared."""

    __slots__ = ()
    field: str
    values: Record
    differs: bool
    unit: str | None
    note: str | None


class Board(Answer):
    """A leaderboard; `apart` are results that can not be compared with the ranked ones, `withheld` may only be linked."""

    __slots__ = ()
    benchmark: str
    metric: str
    unit: str
    better: str
    rows: tuple[Record, ...]
    apart: tuple[Record, ...]
    withheld: tuple[Record, ...]


class Resolved(Answer):
    """What to fetch or call for a ref."""

    __slots__ = ()
    ref: str
    asked: str
    via: str | None
    name: str
    type: str
    weights: str | None
    upstream: Record | None
    uri: str | None
    format: str | None
    quantization: str | None
    digest: str | None
    bytes: int | None
    files: tuple[Record, ...]
    limits: Record
    min_vram_gib: float | None
    memory: Record | None
    license: Record | None
    endpoint: Record | None
    status: str
    deprecated: str | None
    retires: str | None
    replacement: str | None
    warnings: tuple[str, ...]


class Need(Answer):
    """How much memory a model needs with each of its weights, and whether that fits."""

    __slots__ = ()
    ref: str
    runtime: str
    context: int
    kv: str
    sequences: int
    gpus: int
    gpu: str | None
    room: int | None
    needs: tuple[Record, ...]


class Recommendation(Answer):
    """Models to choose from, each with its reason; near misses; what could be among them if more were known."""

    __slots__ = ()
    over: tuple[str, ...]
    picks: tuple[Record, ...]
    total: int
    near: tuple[Record, ...]
    unknown: tuple[Record, ...]
    unknown_total: int
    candidates: int


class Stats(Answer):
    """Counts of the catalog, and how much of it is known."""

    __slots__ = ()
    catalog: str
    tree: str
    digest: str | None
    program: str
    counts: Record
    known: Record
    models_by: Record


class Rows(Answer):
    """Rows of a query; `cut` says that there were more than the limit."""

    __slots__ = ()
    columns: tuple[str, ...]
    rows: tuple[Record, ...]
    cut: bool


class Event(Answer):
    """One value that changed in one file with one commit."""

    __slots__ = ()
    time: str
    commit: str
    author: str
    email: str
    ref: str
    entity: str
    id: str
    kind: str
    pointer: str
    before: Any
    after: Any
    unit: str | None
    subject: str
    merge: bool
