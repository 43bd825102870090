"""genai-prices' keys of prices as meters, its tiers and constraints as conditions and days."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from modelreg_cli.importers.price_lists.tariff import Tariff, When, number, when

#: Key -> meter. What stands behind the last _ tells for how many: a million tokens, a thousand requests.
METERS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
    "input_video_mtok": "input_video",
    "output_citation_mtok": "citation",
    "requests_kcount": "request",
    "web_searches_kcount": "search",
}
_FOR = {"mtok": 1_000_000, "kcount": 1_000}
_DAY, _HOURS = frozenset(("start_date",)), frozenset(("start_time", "end_time"))


class Read(NamedTuple):
    """The tariffs of a model, oldest first; keys without a meter; what has another form than it should have."""

    tariffs: tuple[Tariff, ...]
    unknown: tuple[str, ...]
    wrong: tuple[str, ...]


def read(prices: Any, per: Mapping[str, int]) -> Read:
    """All prices of a model; `per` is how many units a rate of each meter is for."""
    by_day: dict[str | None, dict[When, dict[str, Decimal]]] = {}
    unknown: list[str] = []
    wrong: list[str] = []
    for entry, constraint in _entries(prices):
        placed = _condition(constraint)
        if placed is None or not isinstance(entry, dict):
            wrong.append("constraint" if placed is None else "prices")
            continue
        since, hours = placed
        rates = by_day.setdefault(since, {})
        for key, value in entry.items():
            meter = METERS.get(key, "")
            if meter not in per:
                unknown.append(str(key))
                continue
            steps = list(_steps(value))
            if not steps:
                wrong.append(str(key))
            for over, price in steps:
                share = Decimal(per[meter]) / _FOR[key.rpartition("_")[2]]
                rates.setdefault(when(over, between=hours), {})[meter] = price * share
    days = sorted(by_day, key=lambda since: since or "")
    return Read(tuple(Tariff(by_day[since], since) for since in days), tuple(unknown), tuple(wrong))


def _entries(prices: Any) -> Iterator[tuple[Any, Any]]:
    """(prices, constraint) of every entry."""
    if isinstance(prices, list):
        for entry in prices:
            yield (entry.get("prices"), entry.get("constraint")) if isinstance(entry, dict) else (None, None)
    else:
        yield prices, None


def _condition(constraint: Any) -> tuple[str | None, str | None] | None:
    """First day and hours of a constraint; None where it is another one."""
    if constraint is None:
        return None, None
    if not isinstance(constraint, dict):
        return None
    if constraint.keys() == _DAY and isinstance(constraint["start_date"], date):
        return constraint["start_date"].isoformat(), None
    if constraint.keys() == _HOURS:
        start, end = str(constraint["start_time"]), str(constraint["end_time"])
        if all(len(text) == 9 and text.endswith(":00Z") for text in (start, end)):
            return None, f"{start[:5]}-{end[:5]}"
    return None


def _steps(value: Any) -> list[tuple[int | None, Decimal]]:
    """(tokens above which it holds, price); empty where one of them is no price."""
    base = _exact(value.get("base") if isinstance(value, dict) else value)
    tiers = value.get("tiers") if isinstance(value, dict) else []
    if base is None or not isinstance(tiers, list):
        return []
    found: list[tuple[int | None, Decimal]] = [(None, base)]
    for tier in tiers:
        start, price = (tier.get("start"), _exact(tier.get("price"))) if isinstance(tier, dict) else (None, None)
        if not isinstance(start, int) or isinstance(start, bool) or start <= 0 or price is None:
            return []
        found.append((start, price))
    return found


def _exact(value: Any) -> Decimal | None:
    """The number as it is written: the shortest text of a float is what was typed."""
    return number(Decimal(repr(value)) if isinstance(value, float) else value)
