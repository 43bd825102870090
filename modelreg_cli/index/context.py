"""What rows of a model need to know of the rest of the catalog."""

from collections.abc import Iterable
from typing import Any, NamedTuple

Document = dict[str, Any]
_IN_SERVICE = ("active", "deprecated")


class Offers(NamedTuple):
    """Lowest prices of a version in USD for 1M tokens (None is unknown), and how many offerings are in service."""

    price_in: float | None
    price_out: float | None
    offerings: int


class Context(NamedTuple):
    """Names of publishers, tags that come with a tag, default metrics of benchmarks, metrics of which less is better, offers by version."""

    publishers: dict[str, str]
    implied: dict[str, list[str]]
    metrics: dict[str, str]
    lower: list[tuple[str, str]]
    offers: dict[str, tuple[float | None, float | None, int]]

    def lower_is_better(self, benchmark: str, metric: str) -> bool:
        """Whether less is better."""
        return (benchmark, metric) in self.lower


#: Kinds of entities that rows of models depend on.
CONTEXT_KINDS = ("publisher", "tag", "benchmark", "offering")
_NO_OFFERS = Offers(None, None, 0)


def context_of(documents: Iterable[tuple[str, str, Document]]) -> Context:
    """The context, from (kind, id, values) of entities; other kinds are passed over."""
    publishers: dict[str, str] = {}
    implies: dict[str, list[str]] = {}
    metrics: dict[str, str] = {}
    lower: list[tuple[str, str]] = []
    prices: dict[str, list[tuple[float | None, float | None]]] = {}
    for kind, id_, data in documents:
        if kind == "publisher":
            publishers[id_] = data["name"]
        elif kind == "tag":
            implies[id_] = data.get("implies", [])
        elif kind == "benchmark":
            metrics[id_] = next(iter(data["metrics"]))
            lower += [(id_, name) for name, metric in data["metrics"].items() if metric["better"] == "lower"]
        elif kind == "offering" and data.get("status", "active") in _IN_SERVICE:
            prices.setdefault(served_now(data), []).append(current_prices(data))
    return Context(
        publishers,
        {tag: implied_by(tag, implies) for tag in implies},
        metrics,
        lower,
        {ref: (_lowest([paid for paid, _ in found]), _lowest([paid for _, paid in found]), len(found)) for ref, found in prices.items()},
    )


def offers_of(context: Context, ref: str) -> Offers:
    """The offers of a version."""
    found = context.offers.get(ref)
    return Offers(*found) if found else _NO_OFFERS


def served_now(offering: Document) -> str:
    """Ref of the version that an offering serves now."""
    serves = offering["serves"]
    ref: str = (serves[-1] if isinstance(serves, list) else serves)["version"]
    return ref


def current_prices(offering: Document) -> tuple[float | None, float | None]:
    """USD for 1M tokens of input and output that hold now; 0 where it is free; None where unknown."""
    if offering.get("billing") == "free":
        return 0.0, 0.0
    entry = offering["prices"][-1] if offering.get("prices") else None
    if entry is None or entry["currency"] != "USD":
        return None, None
    return entry["rates"].get("input"), entry["rates"].get("output")


def _lowest(values: list[float | None]) -> float | None:
    """The lowest price that is paid; 0 where it is only given away (a free offer is a taster, not the price)."""
    return min((value for value in values if value), default=0.0 if 0.0 in values else None)


def implied_by(tag: str, implies: dict[str, list[str]]) -> list[str]:
    """Every tag that comes with a tag, at any distance; a cycle ends where it began."""
    found: set[str] = set()
    todo = [tag]
    while todo:
        for implied in implies.get(todo.pop(), ()):
            if implied not in found and implied != tag:
                found.add(implied)
                todo.append(implied)
    return sorted(found)
