"""LiteLLM's price map: entries -> offerings of the providers and models that the catalog has."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.vocabulary import Vocabulary
from modelreg_cli.importers.draft import Facts, Request
from modelreg_cli.importers.litellm import meters, source
from modelreg_cli.importers.litellm.providers import Providers, Wire
from modelreg_cli.importers.price_lists.offer import Offer
from modelreg_cli.importers.price_lists.offers import Offers
from modelreg_cli.importers.price_lists.tariff import Tariff

NAME = "litellm"
#: Field -> word of vocabulary/capabilities.
CAPABILITIES = {
    "supports_function_calling": "tools",
    "supports_response_schema": "structured-output",
    "supports_reasoning": "reasoning",
    "supports_vision": "vision",
    "supports_prompt_caching": "prompt-caching",
    "supports_web_search": "web-search",
    "supports_computer_use": "computer-use",
    "supports_code_execution": "code-execution",
    "supports_parallel_function_calling": "parallel-tools",
    "supports_native_streaming": "streaming",
    "supports_audio_input": "audio-input",
    "supports_audio_output": "audio-output",
}
#: Mode -> word of vocabulary/tasks that a model must have to be the one; chat stands for all that answer in words.
TASKS = {
    "chat": "chat",
    "responses": "chat",
    "completion": "chat",
    "realtime": "chat",
    "embedding": "embedding",
    "rerank": "rerank",
    "audio_transcription": "transcription",
    "audio_speech": "speech",
    "image_generation": "image-generation",
    "image_edit": "image-generation",
    "video_generation": "video-generation",
    "moderation": "moderation",
    "ocr": "ocr",
}
_LIMITS = {"max_input_tokens": "input", "max_output_tokens": "output"}
# "the same as one of the other two, whichever the provider gives": nothing of its own, where it is
_EITHER = "max_tokens"
_IDENTITY = frozenset(("litellm_provider", "mode", "source"))
_PLAN = "default"  # whose limits they are is not said


class LiteLLM:
    """The importer of LiteLLM's price map."""

    name = NAME
    summary = "prices, tiers and limits of LiteLLM's model_prices_and_context_window.json"
    options = ()
    unit = "entries"
    usual = ""

    def facts(self, request: Request) -> Facts:
        """Everything the source says, as drafts and refusals.

        Raises:
            ModelregError: the source can not be read at all.
        """
        entries, twice = source.read(Path(request.source))
        return _Journey(request, entries, twice).facts()


class _Journey:
    def __init__(self, request: Request, entries: Mapping[str, Any], twice: tuple[str, ...]) -> None:
        self._request, self._entries, self._twice = request, entries, twice
        self._providers = Providers(request.catalog)
        self._offers = Offers(request, NAME, request.observed or request.today)
        words = request.catalog.get(Vocabulary, "meters")
        self._per = {meter: term.per for meter, term in words.terms.items() if term.per} if words else {}
        self._regional: dict[tuple[str, str], list[Tariff]] = {}

    def facts(self) -> Facts:
        usual: list[tuple[str, Wire]] = []
        for key, entry in sorted(self._entries.items()):
            wire = self._wire(key, entry)
            if wire is None:
                continue
            if wire.region:
                self._regional.setdefault((wire.provider, wire.id), []).append(self._tariff(entry, wire))
            else:
                usual.append((key, wire))
        for done, (key, wire) in enumerate(usual):
            self._request.progress(done, len(usual))
            self._offers.add(self._offer(self._entries[key], wire))
            if key in self._twice:
                self._offers.told.tell(wire.provider, "listing-twice", key)
        alone = self._regional.keys() - {(wire.provider, wire.id) for _, wire in usual}
        for provider, id_ in sorted(alone):
            self._offers.told.tell(provider, "no-usual-price", id_)
        return self._offers.facts()

    def _wire(self, key: str, entry: Any) -> Wire | None:
        """Whose entry it is and what its API wants, or a decision."""
        tell = self._offers.told.tell
        name = entry.get("litellm_provider") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            tell(NAME, "not-understood", key)
            return None
        meant = self._providers.meant(name)
        if meant is None:
            tell(name, "no-provider", "")
            return None
        wire = self._providers.wire(key, name, meant)
        if wire is None:
            tell(meant.provider, "not-a-wire-id", key)
        return wire

    def _tariff(self, entry: Mapping[str, Any], wire: Wire) -> Tariff:
        """The prices of an entry; every other field about money is told."""
        read = meters.read(entry, self._per, wire.region)
        for key in entry:
            if key in read.wrong:
                self._offers.told.tell(wire.provider, "not-understood", key)
            elif meters.is_price(key) and key not in read.used:
                self._offers.told.tell(wire.provider, "unknown-price-key", key)
        return read.tariff

    def _offer(self, entry: Mapping[str, Any], wire: Wire) -> Offer:
        tariff = self._tariff(entry, wire)
        regions = self._regional.get((wire.provider, wire.id), ())
        tariff = Tariff({when: rates for one in (tariff, *regions) for when, rates in one.rates.items()})
        can = {word for field, word in CAPABILITIES.items() if entry.get(field) is True}
        lacks = {word for field, word in CAPABILITIES.items() if entry.get(field) is False}
        limits = {name: value for field, name in _LIMITS.items() if (value := _whole(entry.get(field))) is not None}
        extra = self._ends(entry, wire) | _rates_of_use(entry) | _regions(entry)
        size = _whole(entry.get("output_vector_size"))
        page = entry.get("source")
        offer = Offer(
            wire.provider,
            wire.id,
            source.url(self._request.revision),
            f"it names {page}" if isinstance(page, str) and page.startswith("http") else None,
            (tariff,) if tariff.rates else (),
            limits,
            frozenset(can),
            frozenset(lacks),
            TASKS.get(str(entry.get("mode"))),
            {"dimensions": size} if size else {},
            extra,
        )
        self._left_over(entry, wire, offer)
        return offer

    def _ends(self, entry: Mapping[str, Any], wire: Wire) -> dict[str, Any]:
        """The day of its end. What has ended is not written down as something to be had."""
        day = _day(entry.get("deprecation_date"))
        if day is None:
            return {}
        here = self._request.catalog.get(Offering, f"{wire.provider}/{layout.slug(wire.id)}")
        over = day < self._offers.observed and (here is None or here.status == "retired")
        return {"deprecation": {"retires": day}} | ({"status": "retired"} if over else {})

    def _left_over(self, entry: Mapping[str, Any], wire: Wire, offer: Offer) -> None:
        """Tells every field that no word was found for."""
        used = _IDENTITY | {field for field, name in _LIMITS.items() if name in offer.limits}
        used |= {field for field in CAPABILITIES if isinstance(entry.get(field), bool)}
        used |= {"output_vector_size"} if offer.facts else set()
        used |= {_EITHER} if _whole(entry.get(_EITHER)) in offer.limits.values() else set()
        used |= {field for field, target in (("deprecation_date", "deprecation"), (_REGIONS, "regions")) if target in offer.extra}
        used |= {name for plan in offer.extra.get("rate_limits", ()) for name in plan}
        for field in entry.keys() - used:
            if not meters.is_price(field):
                self._offers.told.tell(wire.provider, "not-carried", field)
        if entry.get("mode") is not None and offer.task is None:
            self._offers.told.tell(wire.provider, "not-carried", f"mode {entry['mode']}"[:100])


_REGIONS = "supported_regions"


def _day(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _rates_of_use(entry: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name in ("rpm", "tpm") if (value := _whole(entry.get(name)) or 0) > 0}
    return {"rate_limits": [{"plan": _PLAN, **found}]} if found else {}


def _regions(entry: Mapping[str, Any]) -> dict[str, Any]:
    given = entry.get(_REGIONS)
    fits = isinstance(given, list) and given and all(isinstance(one, str) and re.fullmatch("[a-z0-9-]+", one) for one in given)
    return {"regions": given} if fits else {}


def _whole(value: Any) -> int | None:
    """A count, whether it is written as 8192 or 8192.0."""
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value() and abs(value) < 10**15:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
