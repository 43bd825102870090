"""compare: what differs between models, first."""

from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError
from modelreg_cli.index.numbers import bound
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.need import estimates, runnable, weights_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import Target

#: Fields of a comparison, in order: name, column of `version`.
_FIELDS: tuple[tuple[str, str], ...] = (
    ("released", "released"),
    ("status", "status"),
    ("type", "type"),
    ("family", "family"),
    ("weights", "weights"),
    ("license", "license"),
    ("parameters", "params"),
    ("active parameters", "active_params"),
    ("architecture", "architecture"),
    ("context", "context"),
    ("output", "output"),
    ("knowledge", "knowledge"),
    ("dimensions", "dimensions"),
    ("cheapest input", "price_in"),
    ("cheapest output", "price_out"),
    ("offerings", "offers"),
    ("replacement", "replacement"),
)
_LABELS = (
    ("tasks", "task"),
    ("modalities in", "modality_in"),
    ("modalities out", "modality_out"),
    ("capabilities", "capability"),
    ("tags", "tag"),
)
_TERMS = ("commercial", "derivatives", "redistribution", "hosting")
_KEY = (
    ("task version", "task_version"),
    ("metric", "metric"),
    ("filter", "filter"),
    ("shots", "shots"),
    ("split", "split"),
    ("subset", "subset"),
    ("dataset", "dataset_revision"),
    ("prompt", "prompt_digest"),
    ("chat template", "chat_template_digest"),
    ("hardware", "hardware"),
    ("number of devices", "devices"),
    ("runtime", "runtime"),
    ("release of the runtime", "runtime_version"),
    ("concurrency", "concurrency"),
    ("batch", "batch"),
    ("input tokens", "input_tokens"),
    ("output tokens", "output_tokens"),
    ("harness", "harness"),
    ("run", "partial"),
)


class Line(NamedTuple):
    """One line of a comparison; `values` in the order of the refs, None is unknown."""

    field: str
    values: list[Any]
    differs: bool
    note: str = ""
    unit: str = ""


def compare(index: Index, targets: list[Target], fits: Fits | None = None) -> list[Line]:
    """Lines that differ first, then those that agree; lines that nobody knows are left out.

    Raises:
        ModelregError: fewer than two.
    """
    if len(targets) < 2:
        raise ModelregError("compare needs two refs or more", "for example `modelreg compare qwen3-32b gpt-oss-120b`")
    rows = [index.one("SELECT * FROM version WHERE ref = ?", (target.version,)) for target in targets]
    lines = []
    for name, column in _FIELDS:
        values = [row[column] if row else None for row in rows]
        lines.append(_line(name, [bound(value) if column in ("context", "output") else value for value in values]))
    numbers = [row["number"] if row else 0 for row in rows]
    for name, axis in _LABELS:
        lines.append(
            _line(
                name,
                [index.column("SELECT value FROM label WHERE version = ? AND axis = ? ORDER BY value", (n, axis)) or None for n in numbers],
            )
        )
    for term in _TERMS:
        lines.append(
            _line(f"{term} use" if term == "commercial" else term, [_term(index, row["license"] if row else None, term) for row in rows])
        )
    if fits:
        lines.append(_memory(index, rows, fits))
    lines.extend(_scores(index, numbers))
    known = [line for line in lines if any(value is not None for value in line.values)]
    return [line for line in known if line.differs] + [line for line in known if not line.differs]


def titles_of(targets: list[Target], asked: list[str]) -> list[str]:
    """What to call each of those compared, all different: refs; what was asked where two mean the same; then counted."""
    refs = [target.model if target.kind == "model" else target.version for target in targets]
    told = [said if refs.count(ref) > 1 else ref for ref, said in zip(refs, asked, strict=True)]
    return [f"{title} ({at})" if told.index(title) != at else title for at, title in enumerate(told)]


def as_values(lines: list[Line], titles: list[str]) -> list[dict[str, Any]]:
    """A comparison as callers read it: a value for each title, the unit of scores, and why they can not be compared."""
    return [
        {
            "field": line.field,
            "values": dict(zip(titles, line.values, strict=True)),
            "differs": line.differs,
            "unit": line.unit or None,
            "note": line.note or None,
        }
        for line in lines
    ]


def _line(name: str, values: list[Any]) -> Line:
    return Line(name, values, any(value != values[0] for value in values))


def _term(index: Index, license_: str | None, term: str) -> str | None:
    row = index.one(f"SELECT {term} FROM license WHERE id = ?", (license_,)) if license_ else None
    return row[0] if row else None


def _scores(index: Index, numbers: list[int]) -> list[Line]:
    marks = ",".join("?" * len(numbers))
    known = index.rows(
        "SELECT DISTINCT s.benchmark, s.metric, m.unit, s.metric = b.metric AS usual FROM score s JOIN benchmark b ON b.id = s.benchmark "
        f"JOIN metric m ON m.benchmark = s.benchmark AND m.metric = s.metric WHERE s.version IN ({marks}) "
        "ORDER BY s.benchmark, usual DESC, s.metric",
        numbers,
    )
    lines = []
    for benchmark, metric, unit, usual in known:
        found = [
            index.one("SELECT *, value AS headline FROM result WHERE run = ? AND position = ?", (score["run"], score["position"]))
            if (
                score := index.one(
                    "SELECT run, position FROM score WHERE version = ? AND benchmark = ? AND metric = ?", (number, benchmark, metric)
                )
            )
            else None
            for number in numbers
        ]
        values = [row["headline"] if row else None for row in found]
        differs, name = any(value != values[0] for value in values), benchmark if usual else f"{benchmark} {metric}"
        lines.append(Line(name, values, differs, why_not([row for row in found if row]), unit))
    return lines


def _memory(index: Index, rows: list[Any], fits: Fits) -> Line:
    """Bytes that each needs in one precision, and how sure that is; without its weights or its cache nothing is said of it."""
    values: list[int | None] = []
    notes: dict[str, None] = {}
    for row in rows:
        values.append(None)
        if row is None or not runnable(row):
            continue
        one = estimates(index, row, fits.use, fits.runtime, weights_of(index, row, fits.formats, fits.precision)[:1])[0]
        if one.needed.weights is not None and one.needed.cache is not None:
            values[-1] = one.needed.known
            notes |= {word: None for word, holds in (("about", one.weights.about), ("at least", one.needed.total is None)) if holds}
    tokens = fits.use.context
    line = _line(f"fits ({fits.precision}, {f'{tokens // 1024}k' if tokens % 1024 == 0 else tokens})", values)
    return line._replace(note=", ".join(notes))


def why_not(rows: list[Any]) -> str:
    """Why results can not be compared, or an empty text (gate.md: what two comparable results agree on)."""
    for name, column in _KEY:
        absent = "of all questions" if column == "partial" else "unknown"
        seen = list(dict.fromkeys(absent if row[column] is None else str(row[column]) for row in rows))
        if len(seen) > 1:
            return f"not comparable: {name} {' against '.join(seen[:3])}"
    return ""
