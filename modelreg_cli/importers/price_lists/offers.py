"""Offers of a price list -> drafts of offerings, each over what stands here; what is not certain is told."""

from collections import Counter
from dataclasses import replace
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.vocabulary import Vocabulary
from modelreg_cli.importers.draft import Draft, Facts, Refusal, Request, wrong_with
from modelreg_cli.importers.price_lists.limits import limits
from modelreg_cli.importers.price_lists.linked import Links, Serving, Unlinked
from modelreg_cli.importers.price_lists.offer import Offer, Told
from modelreg_cli.importers.price_lists.tariff import Tariff, believable
from modelreg_cli.importers.price_lists.wires import WireIds

_WORDS = {
    "no-provider": "no provider of the catalog has this name or the alias that would name it ({} listings)",
    "not-a-wire-id": "names that hold more than the id that the provider's API wants ({})",
    "name-by-pattern": "names that are told by a pattern, and are therefore not certain ({} clauses)",
    "listing-twice": "names that are listed twice for the same wire id; the first counts",
    "unknown-price-key": "prices for which the catalog has no meter or condition ({})",
    "zero-price": "all rates are 0: free, part of a subscription, or unknown; the list does not say which ({})",
    "zero-rate": "rates of 0 among others that are not: free, or not billed apart, or unknown ({})",
    "no-usual-price": "only a condition has a price, which says too little without the usual one ({})",
    "future-price": "prices that do not hold yet ({})",
    "cache-read-above-input": "reading the cache costs more than reading anew ({})",
    "model-facts-disagree": "facts of the model that contradict the version and were dropped",
    "not-carried": "fields for which an offering has no word",
    "not-understood": "values of another form than they should have",
}
_FREE = (":free", "-free", "/free")


class Offers:
    """Takes offers one by one; `told` counts what the list says beyond them."""

    def __init__(self, request: Request, name: str, observed: str) -> None:
        self._request, self._name, self.observed = request, name, observed
        self._links = Links(request.catalog, request.links)
        words = request.catalog.get(Vocabulary, "capabilities")
        self._order = list(words.terms) if words else []
        self._drafts: dict[str, Draft] = {}
        self._refusals: list[Refusal] = []
        self._still: set[str] = set()
        self._tally: Counter[str] = Counter()
        self._wires = WireIds(request.catalog)
        self.told = Told(_WORDS)

    def add(self, offer: Offer) -> None:
        """One offer: a draft where it is certain which version it serves, else a decision."""
        wire_id = self._wires.meant(offer.provider, offer.wire_id)
        if wire_id is None:
            self.told.tell(offer.provider, "not-a-wire-id", offer.wire_id)
            return
        offer = replace(offer, wire_id=wire_id)
        path = layout.path_of("offering", offer.provider, layout.slug(wire_id))
        self._still.add(path)
        if path in self._drafts:
            self.told.tell(offer.provider, "listing-twice", offer.wire_id)
            return
        location = layout.locate(path)
        here = self._request.catalog.get(Offering, location.id) if location else None
        found = self._links.serving(offer.provider, offer.wire_id, here)
        if isinstance(found, Unlinked):
            self._refuse(offer, found.reason, found.detail, candidates=found.candidates)
            return
        against = self._links.contradiction(found.ref, offer.task)
        if against:
            self._refuse(offer, "mode-contradicts-task", against)
            return
        ids = (offer.provider, layout.slug(offer.wire_id))
        draft = Draft("offering", ids, self._data(offer, found), offer.provider, offer.wire_id, some_rates=True)
        wrong = [f"{finding.pointer or path}: {finding.message}" for finding in wrong_with(draft)]
        if wrong:
            self._refuse(offer, "does-not-fit", "; ".join(wrong[:3]))
            return
        self._tally[found.rule] += 1
        self._drafts[path] = draft

    def facts(self) -> Facts:
        """Everything that was added."""
        counted = [Refusal(group, f"providers/{group}", reason, words) for group, reason, words in self.told.lines()]
        return Facts(
            tuple(self._drafts.values()),
            (*self._refusals, *counted),
            self.observed,
            frozenset(self._still),
            frozenset(("offering",)),
            dict(self._tally),
            unmapped=self.told.total("unknown-price-key"),
        )

    def _data(self, offer: Offer, found: Serving) -> dict[str, Any]:
        data: dict[str, Any] = {"wire_id": offer.wire_id, "serves": {"version": found.ref, "pinned": found.pinned}}
        data |= offer.extra
        kept, problems = limits(offer.limits, self._links.version(found.ref), found.here)
        for reason, detail, field, value in problems:
            self._refuse(offer, reason, detail, field, value)
        data |= {"limits": kept} if kept else {}
        data |= self._abilities(offer, found) | self._prices(offer)
        self._compare(offer, found)
        note = {"note": offer.note[:300]} if offer.note else {}
        data["sources"] = {self._name: {"url": offer.url, "retrieved": self.observed, **note}}
        data["sourced"] = {"": self._name}
        return data

    def _abilities(self, offer: Offer, found: Serving) -> dict[str, Any]:
        known, here = self._links.abilities(found.ref), found.here
        can = (set(here.capabilities or ()) if here else set()) | (offer.can - known)
        lacks = (set(here.lacks or ()) if here else set()) | (offer.lacks & known)
        told = {"capabilities": can - offer.lacks, "lacks": lacks - offer.can}
        return {name: sorted(words, key=self._rank) for name, words in told.items() if words}

    def _rank(self, word: str) -> tuple[int, str]:
        return (self._order.index(word) if word in self._order else len(self._order), word)

    def _prices(self, offer: Offer) -> dict[str, Any]:
        tell = self.told.tell
        if any(tariff.since and tariff.since > self.observed for tariff in offer.tariffs):
            tell(offer.provider, "future-price", offer.wire_id)
        holding = [tariff for tariff in offer.tariffs if not tariff.since or tariff.since <= self.observed]
        # a price that has ended, and of which nobody tells when it began, has no place among the others
        holding = [tariff for tariff in holding if tariff.since] or holding
        if holding and all(tariff.is_free() for tariff in holding):
            if offer.wire_id.lower().endswith(_FREE):
                return {"billing": "free"}
            tell(offer.provider, "zero-price", offer.wire_id)
            return {}
        loaded = self._request.catalog.of("offering").get(f"{offer.provider}/{layout.slug(offer.wire_id)}")
        here = loaded.data.get("prices", []) if loaded else []
        tariffs = [found for one in holding if (found := believable(one, lambda reason, name: tell(offer.provider, reason, name)))]
        if not tariffs:
            return {}
        return {"billing": "metered", "prices": self._history(tariffs, here)}

    def _history(self, tariffs: list[Tariff], here: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All that a list tells of a name that is new here; of one that is not, what holds now."""
        entries = [tariff.entry(self.observed) for tariff in tariffs]
        if not here:
            return entries
        entry = entries[-1]
        if "from" in entry and entry["from"] <= str(here[-1].get("from", here[-1].get("observed"))):
            del entry["from"]  # a day before ours would put the entry before ours
        return [entry | {"source": self._name}]

    def _compare(self, offer: Offer, found: Serving) -> None:
        version = self._links.version(found.ref)
        for name, value in offer.facts.items():
            known = getattr(version, name)
            if known is not None and value != known and not (isinstance(known, list) and value in known):
                self.told.tell(offer.provider, "model-facts-disagree", name)

    def _refuse(
        self, offer: Offer, reason: str, detail: str, field: str | None = None, upstream: Any = None, candidates: tuple[str, ...] = ()
    ) -> None:
        self._refusals.append(Refusal(offer.provider, offer.wire_id, reason, detail, field, upstream, candidates=candidates))
