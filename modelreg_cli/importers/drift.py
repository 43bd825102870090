"""Where the catalog and its sources disagree: the plans of several imports side by side; nothing is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.importers.leaves import Path, as_text, field_of, leaf, leaves, path_of, said
from modelreg_cli.importers.more import PRICES, alike
from modelreg_cli.importers.plan import Met, Plan
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.prices import FAR, costs_of, usual


@dataclass(frozen=True, slots=True)
class Voice:
    """What one source says of a value, and why it is not believed."""

    source: str
    value: Any
    observed: str
    implausible: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One value of one file: ours, since when, and what each source that speaks of it says.

    `proposed` is the one value that those who differ agree on; else `why` says why there is none.
    """

    path: str
    ref: str
    field: str
    ours: Any
    since: str | None
    voices: tuple[Voice, ...]
    proposed: Any = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that drifted; `vanished` are (source, group, subject); `new` counts files and values that only sources have."""

    sources: tuple[tuple[str, str], ...]
    disagreements: tuple[Disagreement, ...]
    vanished: tuple[tuple[str, str, str], ...]
    new: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)


def report(catalog: Catalog, plans: dict[str, Plan]) -> Report:
    """The plans of some sources, by name of the source, as one report."""
    return _Comparison(catalog, plans).report()


class _Comparison:
    def __init__(self, catalog: Catalog, plans: dict[str, Plan]) -> None:
        self._plans = plans
        self._facts = Facts(catalog, date.today())
        self._met: dict[str, dict[str, Met]] = {}
        for source, plan in plans.items():
            for met in plan.met:
                self._met.setdefault(met.draft.path, {})[source] = met

    def report(self) -> Report:
        found = [one for path in sorted(self._met) for one in self._of(path)]
        vanished = [
            (source, refusal.group, refusal.subject)
            for source, plan in self._plans.items()
            for refusal in plan.open
            if refusal.reason == "vanished-upstream" and refusal.field is None
        ]
        sources = tuple((source, plan.observed) for source, plan in self._plans.items())
        told = Counter(refusal.reason for plan in self._plans.values() for refusal in plan.open)
        reasons = {reason: count for reason, count in sorted(told.items()) if reason not in ("conflict", "vanished-upstream")}
        return Report(sources, tuple(found), tuple(vanished), self._new(), reasons)

    def _new(self) -> dict[str, int]:
        files = sum(change.action == "created" and change.after is not None for plan in self._plans.values() for change in plan.changes)
        values = sum(1 for mets in self._met.values() for met in mets.values() for _ in _missing(met))
        return {"files": files, "values": values}

    def _of(self, path: str) -> Iterator[Disagreement]:
        """The disagreements of one file."""
        mets = self._met[path]
        fields = sorted({field for source, met in mets.items() for field in _differing(met, self._plans[source])})
        for leaf_path in fields:
            for name in dict.fromkeys(name for met in mets.values() for name in _parts(leaf_path, met, leaf_path in _differs(met))):
                yield self._one(path, leaf_path, name, mets)

    def _one(self, path: str, leaf_path: Path, name: str, mets: dict[str, Met]) -> Disagreement:
        first = next(iter(mets.values()))
        ours = _values(leaf_path, leaf(first.ours, leaf_path)).get(name)
        voices = []
        for source, met in mets.items():
            spoken = _values(leaf_path, leaves(met.draft.data, keyed=met.draft.partial).get(leaf_path))
            if name in spoken or (leaf_path in _differs(met) and not met.draft.some_rates):
                value = spoken.get(name)
                why = self._implausible(path, met, name, value) if not alike(value, ours) else None
                voices.append(Voice(source, value, self._plans[source].observed, why))
        proposed, reason = _proposal(ours, voices)
        told = name if leaf_path == PRICES else field_of(leaf_path)
        return Disagreement(path, _ref(first), told, ours, _since(first.ours, leaf_path), tuple(voices), proposed, reason)

    def _implausible(self, path: str, met: Met, name: str, value: Any) -> str | None:
        """Why a rate can hardly be right, in words."""
        meter = name.removeprefix("price ")
        if meter == name or " " in meter or not isinstance(value, (int, float)) or not value:
            return None
        version = said(("serves",), met.ours.get("serves"))["version"]
        found = usual(costs_of(self._facts.offers_of.get(version, ()), meter), path, met.draft.data["prices"][-1]["currency"])
        if found is None or found[0] / FAR <= value <= found[0] * FAR:
            return None
        return f"{value / found[0]:.3g} times the median of {found[1]} other offers"


def _differing(met: Met, plan: Plan) -> set[Path]:
    """Fields in which a source says another thing than stands here, and on which nobody has decided."""
    group, subject = met.draft.group, met.draft.subject
    asked = {(one.field, as_text(one.upstream)) for one in plan.open if (one.group, one.subject) == (group, subject)}
    open_ones = {path_of(one.field) for one in met.merged.conflicts if (one.field, as_text(one.upstream)) in asked}
    return _differs(met) & (open_ones | {path_of(name) for name in met.merged.taken})


def _differs(met: Met) -> set[Path]:
    """Fields that have a value here and another one, or none any more, in a draft; what only adds is left out."""
    grown = {path[:1] for path in met.merged.added}
    names = {*met.merged.taken, *(conflict.field for conflict in met.merged.conflicts)}
    return {path for path in map(path_of, names) if path not in grown and leaf(met.ours, path) is not None}


def _missing(met: Met) -> Iterator[Path]:
    """Values that a source has and the file here has not."""
    yield from met.merged.added
    yield from (path for name in met.merged.taken if leaf(met.ours, path := path_of(name)) is None)


def _parts(path: Path, met: Met, differs: bool) -> Iterator[str]:
    """The names of the parts of a field in which a draft differs: rates of a price, else the field as a whole."""
    ours = _values(path, leaf(met.ours, path))
    theirs = _values(path, leaves(met.draft.data, keyed=met.draft.partial).get(path))
    for name in {**ours, **theirs} if differs else ():
        if name in ours and not alike(ours[name], theirs.get(name)) and (name in theirs or not met.draft.some_rates):
            yield name


def _values(path: Path, value: Any) -> dict[str, Any]:
    """A value by part: each rate of a price, with its conditions."""
    if path != PRICES or not isinstance(value, list):
        return {} if value is None else {field_of(path): said(path, value)}
    entry = value[-1]
    found = {f"price {meter}": rate for meter, rate in entry["rates"].items()}
    for variant in entry.get("variants", ()):
        when = ", ".join(f"{name} {what}" for name, what in sorted(variant["when"].items()))
        found |= {f"price {meter} ({when})": rate for meter, rate in variant.get("rates", {}).items()}
    return found


def _proposal(ours: Any, voices: Iterable[Voice]) -> tuple[Any, str | None]:
    """The value that all plausible sources that differ agree on, or why nothing is proposed."""
    heard = list(voices)
    agreeing = [voice.source for voice in heard if alike(voice.value, ours)]
    others = [voice for voice in heard if not alike(voice.value, ours) and not voice.implausible]
    if not others:
        return None, "implausible"
    if agreeing:
        return None, f"{', '.join(agreeing)} agrees with ours"
    if any(voice.value is None for voice in others):
        return None, "gone upstream"
    values = {as_text(voice.value) for voice in others}
    return (others[0].value, None) if len(values) == 1 else (None, "the sources disagree")


def _ref(met: Met) -> str:
    """provider:wire-id of an offering, else the id."""
    return f"{met.draft.ids[0]}:{met.ours['wire_id']}" if met.draft.kind == "offering" and "wire_id" in met.ours else met.draft.id


def _since(ours: dict[str, Any], path: Path) -> str | None:
    """Since when ours stands, as far as the file tells: the day of a price, else of the source that it rests on."""
    value = leaf(ours, path)
    if path == PRICES and isinstance(value, list):
        return str(value[-1].get("from") or value[-1].get("observed"))
    rests = ours.get("sourced", {})
    source = ours.get("sources", {}).get(rests.get("/" + "/".join(path)) or rests.get("", ""), {})
    return str(source["retrieved"]) if "retrieved" in source else None
