"""Which base model a provider's listing is, where that is certain.

Rules, in this order; the first that speaks decides:
  taken         people decided it in the decisions file
  human         upstream's own `base_model`, unless the wire id speaks against it (names.py)
  first-party   a provider's wire id is an id of the publisher of the same name
  publisher-id  <publisher or a name of it>/<id>
  publisher-spelling  the same, with dots and dashes taken as equal
  repository    the wire id is the model's Hugging Face repository
  bare-id       the wire id is the id of one base only, over all publishers
  id-spelling   the same, with dots and dashes taken as equal
  catalog       the listing's file here says it already
Whatever has more words than that (":free", "-fp8", "-thinking") is linked by people only.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Generic, TypeVar

from modelreg_cli.importers.linking.ids import Named, Place
from modelreg_cli.importers.linking.names import contradiction, fit, is_brand, name_of

# Names under which marketplaces file a publisher, beside upstream's id and the Hugging Face organisation.
_ALSO_CALLED = {"z-ai": "zhipuai", "x-ai": "xai"}
_MOST_CANDIDATES = 3
_SMALL_WORDS = frozenset(["it", "instruct", "chat", "preview", "latest"])


B = TypeVar("B", bound=Named)


@dataclass(frozen=True, slots=True)
class Link(Generic[B]):
    """A base and the rule that found it; or a reason code and words why there is none, with candidates."""

    base: B | None
    rule: str
    detail: str = ""
    candidates: tuple[str, ...] = ()


class Linker(Generic[B]):
    """Knows all bases and their names."""

    def __init__(self, bases: dict[str, B], places: dict[str, Place]) -> None:
        self._bases = {key: base for key, base in bases.items() if key in places}
        self._places = places
        self._names = {key: name_of(base) for key, base in self._bases.items()}
        self._by_id: dict[str, list[B]] = defaultdict(list)
        self._by_spelling: dict[str, list[B]] = defaultdict(list)
        self._by_repository: dict[str, list[B]] = defaultdict(list)
        self._publishers: dict[str, str] = dict(_ALSO_CALLED)
        self._by_version: dict[str, B] = {}
        for key, base in self._bases.items():
            place = places[key]
            self._by_id[base.id.lower()].append(base)
            self._by_spelling[spelling(base.id)].append(base)
            self._publishers[base.publisher] = self._publishers[place.publisher] = base.publisher
            if place.means is None:
                self._by_version[place.ref] = base
                repo = base.repository
                if repo:
                    self._by_repository[repo.lower()].append(base)

    def link(self, provider: str, wire_id: str, taken: str | None, ours: str | None, human: str | None = None) -> Link[B]:
        """The base of a listing.

        `taken` is the version people chose, `ours` the one that the file here serves, `human` the base that upstream names.
        """
        if taken:
            base = self._by_version.get(taken)
            return (
                Link(base, "taken")
                if base
                else Link(None, "taken-names-nothing", f"the decision names {taken}, which upstream's models do not give")
            )
        if human:
            return self._human(wire_id, human)
        base, rule = self.automatic(provider, wire_id)
        if base:
            return Link(base, rule)
        if ours and ours in self._by_version:
            return Link(self._by_version[ours], "catalog")
        return Link(None, "no-certain-link", "no rule links it to a model with certainty", self.candidates(wire_id))

    def automatic(self, provider: str, wire_id: str) -> tuple[B | None, str]:
        """The base that the rules without people find, and the rule."""
        lower = wire_id.lower()
        first, _, rest = lower.partition("/")
        publisher = self._publishers.get(provider)
        tries = (
            ("first-party", [base for base in self._by_id.get(lower, ()) if base.publisher == publisher]),
            ("publisher-id", [base for base in self._by_id.get(rest, ()) if base.publisher == self._publishers.get(first)]),
            ("publisher-spelling", self._spelled(first, rest)),
            ("repository", self._by_repository.get(lower, [])),
            ("bare-id", self._by_id.get(lower, [])),
            ("id-spelling", self._by_spelling.get(spelling(lower), [])),
        )
        for rule, found in tries:
            if len(found) == 1:
                return found[0], rule
        return None, ""

    def _spelled(self, first: str, rest: str) -> list[B]:
        publisher = self._publishers.get(first)
        return [base for base in self._by_spelling.get(spelling(rest), ()) if publisher and base.publisher == publisher] if rest else []

    def _human(self, wire_id: str, key: str) -> Link[B]:
        base = self._bases.get(key)
        if base is None:
            return Link(None, "unknown-base", f"upstream links it to {key}, which is not there")
        against = contradiction(wire_id, self._names[key], self._names.values())
        if against:
            return Link(None, "link-contradicts-wire-id", f"upstream links it to {key}, but {against}", (self._places[key].ref,))
        return Link(base, "human")

    def candidates(self, wire_id: str) -> tuple[str, ...]:
        """Versions whose name the wire id says in full, nearest first."""
        near = []
        for key, name in self._names.items():
            if is_brand(wire_id, name):
                continue
            found = fit(wire_id, name)
            words = {word for word in found.apart if word in name.words and not any(char.isdigit() for char in word)}
            if not found.against and words <= _SMALL_WORDS:
                near.append((len(found.apart), self._places[key].ref))
        return tuple(dict.fromkeys(ref for _, ref in sorted(near)))[:_MOST_CANDIDATES]


def spelling(wire_id: str) -> str:
    """A name with its signs and small letters taken as equal."""
    return re.sub(r"[._-]+", "-", wire_id.lower())
