"""Offerings: what a provider's listing says beyond the version that it serves."""

from collections import Counter, defaultdict
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.importers.draft import Draft, Refusal
from modelreg_cli.importers.linking.ids import Place, plain_name
from modelreg_cli.importers.linking.names import is_dated, precision
from modelreg_cli.importers.models_dev import facts as words
from modelreg_cli.importers.models_dev.prices import modes_of, priced
from modelreg_cli.importers.models_dev.sellers import protocol_of, provider_id
from modelreg_cli.importers.models_dev.shape import unknown_keys
from modelreg_cli.importers.models_dev.source import Base, Listing, Seller

SOURCE = "models-dev"
#: What is a fact of the model and may not stand in an offering.
_MODEL_FACTS = ("family", "release_date", "last_updated", "knowledge", "open_weights")
#: Of these a difference is told (families and dates of edit are labels, not facts).
_TOLD = ("release_date", "knowledge", "open_weights")
_STAGES = ("alpha", "beta", "preview")
_STATUS = ("active", "deprecated", "disabled", "maintenance", "retired")
_CONTROLS = {"toggle": "toggle", "effort": "effort", "budget_tokens": "budget"}


class Offerings:
    """Drafts of offerings; what is left over is counted for each provider, in one decision."""

    def __init__(self, sellers: dict[str, Seller], bases: dict[str, Base], places: dict[str, Place], observed: str) -> None:
        self._sellers = sellers
        self._bases = bases
        self._places = places
        self._observed = observed
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.refusals: list[Refusal] = []

    def draft(self, listing: Listing, base: Base) -> Draft:
        """The offering of a listing that is this base."""
        place, facts = self._places[base.key], listing.facts
        names = (plain_name(base.facts.name), listing.wire_id)
        # what a floating name says differently of its version is one decision there, not a difference here
        base = self._bases.get(place.means or base.key, base)
        data: dict[str, Any] = {
            "wire_id": listing.wire_id,
            "serves": {"version": place.ref, "pinned": _names_date(listing.wire_id, base, place)},
        }
        if facts.name and plain_name(facts.name) not in (*names, plain_name(base.facts.name)):
            data["name"] = facts.name
        data |= self._status(listing) | self._quantization(listing) | self._limits(listing, base)
        data |= self._modalities(listing, base) | self._abilities(listing, base)
        data |= self._reasoning(listing, base) | self._call(listing) | self._prices(listing) | _modes(listing)
        data["sources"] = {SOURCE: {"url": listing.url, "retrieved": self._observed}}
        data["sourced"] = {"": SOURCE}
        self._count(listing, base)
        return Draft("offering", (provider_id(listing.provider), layout.slug(listing.wire_id)), data, listing.provider, listing.wire_id)

    def counted(self) -> list[Refusal]:
        """One decision for each provider and reason: which fields, and how often."""
        words_ = {
            "model-facts-disagree": "facts of the model in offerings, which contradict the version and were dropped: {}",
            "not-carried": "fields that an offering has no word for: {}",
            "base-value-omitted": "values of the version that upstream says not to take over, without saying what holds instead: {}",
        }
        return [
            Refusal(
                provider,
                f"providers/{provider}",
                reason,
                words_[reason].format(", ".join(f"{name} ({times})" for name, times in sorted(counts.items()))),
            )
            for (provider, reason), counts in sorted(self._counts.items())
        ]

    def _count(self, listing: Listing, base: Base) -> None:
        facts = listing.facts
        for field in _TOLD:
            given, known = getattr(facts, field), getattr(base.facts, field)
            if given is not None and known is not None and not _agree(given, known):
                self._counts[listing.provider, "model-facts-disagree"][field] += 1
        for name in unknown_keys(facts):
            self._counts[listing.provider, "not-carried"][name] += 1
        if isinstance(facts.interleaved, bool):
            self._counts[listing.provider, "not-carried"]["interleaved"] += 1
        for name in facts.base_model_omit:
            self._counts[listing.provider, "base-value-omitted"][name] += 1

    def _status(self, listing: Listing) -> dict[str, Any]:
        status = listing.facts.status
        if status in _STAGES:
            return {"stage": status}
        if status is None or status in _STATUS:
            return {"status": status} if status and status != "active" else {}
        self._refuse(listing, "not-understood", "no status that an offering can have", "status", status)
        return {}

    def _quantization(self, listing: Listing) -> dict[str, Any]:
        found = precision(listing.wire_id)
        return {"quantization": {"serving": found}} if found else {}

    def _limits(self, listing: Listing, base: Base) -> dict[str, Any]:
        told: list[words.Told] = []
        known = words.limits(base.facts.limit, None, [])
        kept = words.limits(listing.facts.limit, known.get("context"), told)
        if self._gives_no_text(base):
            kept.pop("output", None)
            known.pop("output", None)
        for reason, detail, field, value in told:
            self._refuse(listing, reason, detail, field, value)
        for name in ("output", "input") if "context" in kept else ():
            inherited = known.get(name)
            if name not in kept and inherited is not None and inherited > kept["context"]:
                words_ = f"the version has {inherited}, more than the context of {kept['context']} here, which bounds it"
                self._refuse(listing, f"{name}-above-context", words_, f"limit.{name}", inherited)
                kept[name] = kept["context"]
        differs = {name: value for name, value in kept.items() if known.get(name) != value}
        return {"limits": differs} if differs else {}

    def _modalities(self, listing: Listing, base: Base) -> dict[str, Any]:
        given = listing.facts.modalities
        unknown = sorted({*(given.input or ()), *(given.output or ())} - set(words.MODALITIES))
        if unknown:
            self._refuse(listing, "unknown-modality", "no word of vocabulary/modalities", "modalities", unknown)
        differs = {}
        for way, known in (("input", base.facts.modalities.input), ("output", base.facts.modalities.output)):
            mine = words.modalities(getattr(given, way))
            # upstream writes "text" for what comes out of models that give vectors or scores
            if mine and mine != words.modalities(known) and not (way == "output" and self._gives_no_text(base)):
                differs[way] = mine
        return {"modalities": differs} if differs else {}

    @staticmethod
    def _gives_no_text(base: Base) -> bool:
        return bool({"embedding", "rerank"} & set(words.tasks(base.id, (), ())))

    def _abilities(self, listing: Listing, base: Base) -> dict[str, Any]:
        can, lacks = words.abilities(listing.facts)
        known_can, known_lacks = words.abilities(base.facts)
        task = words.tasks(base.id, base.facts.modalities.input or (), base.facts.modalities.output or ())
        if set(task) & words.NOT_CHAT:
            can, known_can = can - {"temperature"}, known_can - {"temperature"}
        more = {"capabilities": words.capabilities(can - known_can), "lacks": words.capabilities(lacks - known_lacks)}
        return {key: listed for key, listed in more.items() if listed}

    def _reasoning(self, listing: Listing, base: Base) -> dict[str, Any]:
        options = listing.facts.reasoning_options
        thinks = listing.facts.reasoning if listing.facts.reasoning is not None else base.facts.reasoning
        if not options or thinks is False:
            return {}
        unknown = sorted({option.type for option in options} - set(_CONTROLS))
        if unknown:
            self._refuse(listing, "not-understood", "no way to control reasoning that this catalog knows", "reasoning_options", unknown)
        control = [word for word in ("toggle", "effort", "budget") if any(_CONTROLS.get(option.type) == word for option in options)]
        efforts = list(dict.fromkeys(value for option in options for value in option.values or ()))
        found: dict[str, Any] = {"control": control} | ({"efforts": efforts} if efforts else {})
        for option in options:
            if option.type == "budget_tokens":
                found |= {"budget_min": option.min} if option.min is not None and option.min >= 0 else {}
                found |= {"budget_max": option.max} if option.max is not None and option.max > 0 else {}
        return {"reasoning": found} if control else {}

    def _call(self, listing: Listing) -> dict[str, Any]:
        given, interleaved = listing.facts.provider, listing.facts.interleaved
        call: dict[str, Any] = {}
        if given:
            protocol = protocol_of(given.npm)
            call |= {"protocol": protocol} if protocol else {}
            call |= {"url": given.api} if given.api else {}
            call |= {"shape": given.shape} if given.shape else {}
            call |= {"sdks": {"npm": given.npm}} if given.npm else {}
        if isinstance(interleaved, dict) and interleaved.get("field"):
            call["thinking_field"] = interleaved["field"]
        return {"call": call} if call else {}

    def _prices(self, listing: Listing) -> dict[str, Any]:
        found = priced(listing, self._sellers.get(listing.provider))
        for reason, detail, field, value in found.problems:
            self._refuse(listing, reason, detail, field, value)
        data: dict[str, Any] = {"billing": found.billing} if found.billing else {}
        return data | ({"prices": [found.entry(self._observed)]} if found.rates else {})

    def _refuse(self, listing: Listing, reason: str, detail: str, field: str | None = None, upstream: Any = None) -> None:
        self.refusals.append(Refusal(listing.provider, listing.wire_id, reason, detail, field, upstream))


def _names_date(wire_id: str, base: Base, place: Place) -> bool:
    if is_dated(wire_id, place.version):
        return True
    day = (base.facts.release_date or "").replace("-", "")[4:]
    return len(day) == 4 and day in base.id.replace("-", " ").split() and day in wire_id


def _modes(listing: Listing) -> dict[str, Any]:
    """What a request needs for a mode is told to people: a call has no words for it."""
    lines = []
    for mode, provider in sorted(modes_of(listing).items()):
        parts = [f"{part} {name}: {value}" for part in ("body", "headers") for name, value in sorted((provider.get(part) or {}).items())]
        lines.append(f"Tier {mode}: a request carries {'; '.join(parts)}.")
    return {"notes": " ".join(lines)[:4000]} if lines else {}


def _agree(one: Any, other: Any) -> bool:
    """Equal, or one of two days is less exact."""
    if isinstance(one, str) and isinstance(other, str):
        shared = min(len(one), len(other))
        return one[:shared] == other[:shared]
    return bool(one == other)
