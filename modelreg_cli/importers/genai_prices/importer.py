"""genai-prices: models with prices -> offerings of the providers and models that the catalog has."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.offering import Provider
from modelreg_cli.entities.vocabulary import Vocabulary
from modelreg_cli.importers.draft import Facts, Request
from modelreg_cli.importers.genai_prices import meters
from modelreg_cli.importers.genai_prices.source import Seller, Upstream, read
from modelreg_cli.importers.linking.linker import spelling
from modelreg_cli.importers.price_lists.offer import Offer
from modelreg_cli.importers.price_lists.offers import Offers

NAME = "genai-prices"
#: Whom it means, where that is not the provider of the same id and no provider's alias says it.
MEANT = {
    "aws": "amazon-bedrock",
    "fireworks": "fireworks-ai",
    "novita": "novita-ai",
    "together": "togetherai",
    "x-ai": "xai",
}
#: What is read of a model; `description`, `name` and `price_comments` are for people.
_READ = frozenset(("id", "match", "prices", "context_window", "deprecated", "removed", "prices_checked", "name", "description", "collapse"))


class GenaiPrices:
    """The importer of genai-prices."""

    name = NAME
    summary = "dated and tiered prices of genai-prices (its repository or an archive of it)"
    options = ()
    unit = "models"
    usual = ""

    def facts(self, request: Request) -> Facts:
        """Everything the source says, as drafts and refusals.

        Raises:
            ModelregError: the source can not be read at all, or is hostile.
        """
        return _Journey(request, read(Path(request.source), request.observed, request.revision, request.today)).facts()


class _Journey:
    def __init__(self, request: Request, upstream: Upstream) -> None:
        self._request, self._upstream = request, upstream
        self._offers = Offers(request, NAME, upstream.observed)
        self._tell = self._offers.told.tell
        words = request.catalog.get(Vocabulary, "meters")
        self._per = {meter: term.per for meter, term in words.terms.items() if term.per} if words else {}
        self._providers = _providers(request.catalog)

    def facts(self) -> Facts:
        for name, why in self._upstream.unread:
            self._tell(name, "not-understood", why)
        total = sum(len(seller.data["models"]) for seller in self._upstream.sellers)
        done = 0
        for seller in self._upstream.sellers:
            ours = self._providers.get(seller.id) or MEANT.get(seller.id, seller.id)
            for model in seller.data["models"]:
                self._request.progress(done, total)
                done += 1
                if ours not in self._providers.values():
                    self._tell(seller.id, "no-provider", "")
                elif isinstance(model, dict) and isinstance(model.get("id"), str) and model["id"]:
                    self._sell(seller, ours, model)
                else:
                    self._tell(ours, "not-understood", "models")
        return self._offers.facts()

    def _sell(self, seller: Seller, ours: str, model: dict[str, Any]) -> None:
        """The offers of one model, one for each wire id that it names."""
        got = meters.read(model.get("prices"), self._per)
        for key in got.unknown:
            self._tell(ours, "unknown-price-key", key)
        for key in got.wrong:
            self._tell(ours, "not-understood", key)
        for field in model.keys() - _READ:
            self._tell(ours, "not-carried", field)
        context = model.get("context_window")
        checked = f"prices checked by it on {model['prices_checked']}" if model.get("prices_checked") else None
        limits = {"context": context} if isinstance(context, int) and not isinstance(context, bool) else {}
        status = "retired" if model.get("removed") is True else "deprecated" if model.get("deprecated") is True else None
        for wire_id in self._names(ours, model):
            extra = {"status": status} if status else {}
            self._offers.add(Offer(ours, wire_id, seller.url, checked, got.tariffs, limits, extra=extra))

    def _names(self, ours: str, model: Mapping[str, Any]) -> list[str]:
        """The wire ids that a model names in full; of several spellings of one, the first."""
        exact = [model["id"]]
        for kind, text in _clauses(model.get("match")):
            if kind == "equals":
                exact.append(text)
            else:
                self._tell(ours, "name-by-pattern", f"{kind} {text}"[:100])
        names: dict[str, str] = {}
        for name in exact:
            names.setdefault(spelling(name), name)
        return list(names.values())


def _providers(catalog: Catalog) -> dict[str, str]:
    """The id there, or ours -> ours."""
    known = {id_: id_ for id_ in catalog.entities(Provider)}
    for id_, provider in catalog.entities(Provider).items():
        known |= {alias.removeprefix(f"{NAME}:"): id_ for alias in provider.aliases or () if alias.startswith(f"{NAME}:")}
    return known


def _clauses(match: Any) -> Iterator[tuple[str, str]]:
    """(kind, text) of every clause."""
    for kind, value in match.items() if isinstance(match, dict) else ():
        if isinstance(value, list):
            for inner in value:
                yield from _clauses(inner)
        else:
            yield str(kind), str(value)
