"""Prices that cannot be right, or that look wrong."""

from collections.abc import Iterable, Iterator
from statistics import median

from modelreg_cli.catalog.load import Loaded
from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.offering import Offering, Price
from modelreg_cli.finding import Code, Finding, warning
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

CACHE_READ_ABOVE_INPUT = Code("cache-read-above-input", "reading the cache costs more than reading anew")
ZERO_RATE = Code("zero-rate", "a rate of 0 where use is metered")
PRICE_ORDER = Code("price-order", "price entries that are not oldest first")
PRICE_UNTIL = Code("price-until", "a price that ends before it begins")
PRICE_FAR_FROM_PEERS = warning("price-far-from-peers", "a price of more than 8 times the median of the same version elsewhere")
EMPTY_VARIANT = Code("empty-variant", "a price variant that changes nothing")

FAR = 8
_Cost = tuple[str, str, float, str]  # path, pointer, rate, currency
_PEERS = 2  # with fewer others, nobody can say which of two prices is odd


def rates(facts: Facts) -> Iterator[Finding]:
    """What holds within one set of rates."""
    for loaded, offering in facts.each(Offering):
        for at, price in enumerate(offering.prices or ()):
            yield from _rates(loaded.location.path, offering, price.rates, pointer_to("prices", at, "rates"))
            for nth, variant in enumerate(price.variants or ()):
                pointer = pointer_to("prices", at, "variants", nth)
                # a variant names only the rates that differ, so the others come from the usual ones
                yield from _rates(loaded.location.path, offering, variant.rates or {}, f"{pointer}/rates", price.rates)
                if variant.rates is None and variant.factor is None:
                    yield EMPTY_VARIANT.about(
                        loaded.location.path, "the variant has neither rates nor a factor", pointer, "add one of them"
                    )


def _rates(path: str, offering: Offering, own: dict[str, float], pointer: str, usual: dict[str, float] | None = None) -> Iterator[Finding]:
    every = {**(usual or {}), **own}
    read, anew = every.get("cache_read"), every.get("input")
    if "cache_read" in own and read is not None and anew is not None and read > anew:
        hint = "the two may be swapped, or per another unit"
        yield CACHE_READ_ABOVE_INPUT.about(path, f"cache_read {read:g} is more than input {anew:g}", f"{pointer}/cache_read", hint)
    if offering.billing == "metered":
        for meter, rate in own.items():
            if rate == 0:
                hint = "leave the meter out where it is unknown, or say `billing: free` or `subscription`"
                yield ZERO_RATE.about(path, f"{meter} costs 0 although billing is metered", f"{pointer}/{meter}", hint)


def order(facts: Facts) -> Iterator[Finding]:
    """The last entry is the one that holds."""
    for loaded, offering in facts.each(Offering):
        prices = offering.prices or []
        for at, price in enumerate(prices):
            path = loaded.location.path
            if at and _since(price) < _since(prices[at - 1]):
                hint = "the last entry is the one that holds: sort them by `from`, else `observed`"
                yield PRICE_ORDER.about(
                    path, f"the entry of {_since(price)} stands after that of {_since(prices[at - 1])}", pointer_to("prices", at), hint
                )
            if price.until and price.from_ and price.until < price.from_:
                yield PRICE_UNTIL.about(path, f"it ends on {price.until} and begins on {price.from_}", pointer_to("prices", at, "until"))


def _since(price: Price) -> str:
    return price.from_ or price.observed


def peers(facts: Facts) -> Iterator[Finding]:
    """Unit errors of a factor of 1,000 stood for months in a public catalog; this finds them."""
    for version, offers in facts.offers_of.items():
        for meter in ("input", "output"):
            costs = costs_of(offers, meter)
            if len(costs) > _PEERS:
                yield from _far(version, meter, costs)


def costs_of(offers: Iterable[tuple[Loaded, Offering]], meter: str) -> list[_Cost]:
    """What each offer that is not retired asks for a meter today."""
    return [cost for offer in offers if (cost := _cost(offer, meter))]


def _cost(offer: tuple[Loaded, Offering], meter: str) -> _Cost | None:
    loaded, offering = offer
    if not offering.prices or offering.status == "retired":
        return None
    price = offering.prices[-1]
    rate = price.rates.get(meter)
    return (loaded.location.path, pointer_to("prices", len(offering.prices) - 1, "rates", meter), rate, price.currency) if rate else None


def usual(costs: Iterable[_Cost], but: str, currency: str) -> tuple[float, int] | None:
    """The median of what others ask for the same, and how many they are; None where they are too few."""
    others = [rate for path, _, rate, theirs in costs if path != but and theirs == currency]
    return (median(others), len(others)) if len(others) >= _PEERS else None


def _far(version: str, meter: str, costs: list[_Cost]) -> Iterator[Finding]:
    for path, pointer, rate, currency in costs:
        found = usual(costs, path, currency)
        if found and rate > FAR * found[0]:
            message = f"{meter} {rate:g} {currency} is {rate / found[0]:.0f} times the median of {found[1]} other offers of {version}"
            yield PRICE_FAR_FROM_PEERS.about(path, message, pointer, "a unit error? if it is right, add a source for it in this change")


rules = (
    Rule((CACHE_READ_ABOVE_INPUT, ZERO_RATE, EMPTY_VARIANT), rates),
    Rule((PRICE_ORDER, PRICE_UNTIL), order),
    Rule((PRICE_FAR_FROM_PEERS,), peers),
)
