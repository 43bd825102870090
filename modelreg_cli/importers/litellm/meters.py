"""LiteLLM's keys of prices as meters and conditions. A key is a base and what stands behind it: _above_200k_tokens, _batches.

A key that has no meter here is told, and so is one whose meaning hangs on what the catalog does not express.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from modelreg_cli.importers.price_lists.tariff import Tariff, When, number, when

#: Key of the price of one unit -> meter, for entries of every mode.
BASES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
    "input_cost_per_video_token": "input_video",
    "citation_cost_per_token": "citation",
    "output_cost_per_image": "image",
    "input_cost_per_request": "request",
}
_SOUND = {"input_cost_per_second": "minute", "output_cost_per_second": "minute", "input_cost_per_character": "character"}
#: What a key means in entries of one mode only: a second of a chat is one of rented hardware, not of sound.
BY_MODE = {
    "audio_transcription": _SOUND,
    "audio_speech": _SOUND,
    "video_generation": {"output_cost_per_second": "minute", "output_cost_per_video_per_second": "minute"},
    "rerank": {"input_cost_per_query": "request"},
    "search": {"input_cost_per_query": "search"},
}
TIERS = {"batches": "batch", "priority": "priority", "flex": "flex", "ultrafast": "ultrafast"}
_SECONDS = 60  # in the unit of the meter `minute`
_BEHIND = re.compile(rf"(.+?)(?:_above_([0-9]+)k_tokens)?(?:_({'|'.join(TIERS)}))?\Z")
#: Words in the names of fields that are about money, beside the keys above.
_ABOUT_MONEY = re.compile(r"cost|pric|dbu|multiplier|free_requests|billing")
_SEARCH = "search_context_cost_per_query"
_TIERED = "tiered_pricing"


class Read(NamedTuple):
    """The tariff of an entry, the keys that went into it, and those with values that are no price."""

    tariff: Tariff
    used: frozenset[str]
    wrong: frozenset[str]


def is_price(key: str) -> bool:
    """Whether a field is about money."""
    return bool(_ABOUT_MONEY.search(key))


def read(entry: Mapping[str, Any], per: Mapping[str, int], region: str | None = None) -> Read:
    """The prices of an entry; `per` is how many units a rate of each meter is for."""
    rates: dict[When, dict[str, Decimal]] = {}
    used, wrong = set(), set()
    for key, condition, meter, value in _given(entry, region):
        rate = number(value)
        if rate is None:
            wrong.add(key)
            continue
        units = _SECONDS if meter == "minute" else 1
        rate = rate * units * per[meter] if meter in per else None
        there = rates.setdefault(condition, {})
        if rate is not None and there.get(meter, rate) == rate:
            there[meter] = rate
            used.add(key)
    tiers = _tiers(entry, per, region)
    for condition, found in tiers.items():
        rates[condition] = {**found, **rates.get(condition, {})}
    return Read(Tariff(rates), frozenset(used | ({_TIERED} if tiers else set())) - wrong, frozenset(wrong))


def _given(entry: Mapping[str, Any], region: str | None) -> Iterator[tuple[str, When, str, Any]]:
    """(key, conditions, meter, price of one unit) of every key that has a meaning."""
    mode = BY_MODE.get(str(entry.get("mode")), {})
    for key, value in entry.items():
        parts = _BEHIND.match(key)
        base = parts[1] if parts else key
        meter = BASES.get(base) or mode.get(base)
        if parts and meter:
            over = int(parts[2]) * 1000 if parts[2] else None
            yield key, when(over, TIERS.get(parts[3]), region), meter, value
    sizes = entry.get(_SEARCH)
    if isinstance(sizes, dict) and sizes and len(set(sizes.values())) == 1:  # else it hangs on the size of the search
        yield _SEARCH, when(region=region), "search", next(iter(sizes.values()))


def _tiers(entry: Mapping[str, Any], per: Mapping[str, int], region: str | None) -> dict[When, dict[str, Decimal]]:
    """Prices by the length of the request; none where one of them is not understood."""
    found: dict[When, dict[str, Decimal]] = {}
    tiers = entry.get(_TIERED)
    for tier in tiers if isinstance(tiers, list) else ():
        span = tier.get("range") if isinstance(tier, dict) else None
        start = number(span[0]) if isinstance(span, list) and len(span) == 2 else None
        if start is None or start != start.to_integral_value():
            return {}
        rest = {key: value for key, value in tier.items() if key != "range"}
        inner = read(rest, per, region)
        if inner.used != rest.keys():
            return {}
        for condition, rates in inner.tariff.rates.items():
            over = when(int(start) or None, region=region)
            if condition != when(region=region):
                return {}
            found[over] = dict(rates)
    return found
