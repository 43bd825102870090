"""A tariff: rates by condition, as exact decimals; what can not be true of it is left out and told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

#: The conditions of a variant, sorted: (("context_over", 200000), ("tier", "batch")); none of the usual rates.
When = tuple[tuple[str, str | int], ...]
#: What to tell of rates that were left out: reason, name of the rate.
Tell = Callable[[str, str], None]
USUAL: When = ()
CURRENCY = "USD"
_SHORT = Context(prec=12)  # more digits are the noise of somebody's division
_LARGEST = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class Tariff:
    """Meter -> price of the meter's `per` units, by condition; `since` is the first day, where it is known."""

    rates: Mapping[When, Mapping[str, Decimal]]
    since: str | None = None

    def is_free(self) -> bool:
        """Whether it has rates and all of them are 0."""
        given = [rate for rates in self.rates.values() for rate in rates.values()]
        return bool(given) and not any(given)

    def entry(self, observed: str) -> dict[str, Any]:
        """The entry of `prices`."""
        usual = self.rates.get(USUAL, {})
        entry: dict[str, Any] = {"observed": observed} | ({"from": self.since} if self.since else {})
        entry |= {"currency": CURRENCY, "rates": _plain(usual)}
        others = [(when, rates) for when, rates in sorted(self.rates.items(), key=_order) if when and rates]
        # a single condition that changes nothing is no variant; of two, one may change what the other changed
        told = [(when, rates) for when, rates in others if len(when) > 1 or any(usual.get(name) != rate for name, rate in rates.items())]
        variants = [{"when": dict(when), "rates": _plain(rates)} for when, rates in told]
        return entry | ({"variants": variants} if variants else {})


def when(context_over: int | None = None, tier: str | None = None, region: str | None = None, between: str | None = None) -> When:
    """The conditions that are given."""
    given = (("between", between), ("context_over", context_over), ("region", region), ("tier", tier))
    return tuple((name, value) for name, value in given if value is not None)


def number(value: Any) -> Decimal | None:
    """A price that a list gives, exactly; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    found = Decimal(value)
    return found if found.is_finite() and 0 <= found < _LARGEST else None


def believable(tariff: Tariff, tell: Tell) -> Tariff | None:
    """The rates that can be true of something that is metered; None without any usual one."""
    kept: dict[When, dict[str, Decimal]] = {}
    for condition, rates in tariff.rates.items():
        for meter in (name for name, rate in rates.items() if rate == 0):
            tell("zero-rate", _name(condition, meter))
        kept[condition] = {meter: rate for meter, rate in rates.items() if rate}
    usual = kept.get(USUAL, {})
    if not usual:
        if any(kept.values()):
            tell("no-usual-price", "")
        return None
    for condition, rates in kept.items():
        full = rates.get("input", usual.get("input"))
        if full is not None and rates.get("cache_read", full) > full:
            tell("cache-read-above-input", _name(condition, "cache_read"))
            del rates["cache_read"]
    return Tariff(kept, tariff.since)


def _order(item: tuple[When, Any]) -> tuple[str, ...]:
    return tuple(f"{name} {value:>12}" for name, value in item[0])


def _name(condition: When, meter: str) -> str:
    return " ".join([meter, *(f"{name} {value}" for name, value in condition)])


def _plain(rates: Mapping[str, Decimal]) -> dict[str, int | float]:
    """Rates as a file holds them: 12 digits, whole numbers without a point."""
    short = {meter: _SHORT.create_decimal(rate) for meter, rate in rates.items()}
    return {meter: int(rate) if rate == rate.to_integral_value() else float(rate) for meter, rate in short.items()}
