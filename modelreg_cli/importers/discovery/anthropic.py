"""modelreg import anthropic [URL]: what Anthropic's API lists, with the stages and days of each model's life."""

import os
from typing import Any

from modelreg_cli.http import Client, Deadline
from modelreg_cli.importers.discovery.offers import Offers, Served
from modelreg_cli.importers.discovery.reading import day, id_of, key_of, known_provider, pages, whole
from modelreg_cli.importers.draft import Facts, Request

_KEY = "ANTHROPIC_API_KEY"
_HOME = "https://api.anthropic.com"
#: As Anthropic's own client (2.12) asks: the version of the answers, and the key as a bearer's.
_HEADERS = {"anthropic-version": "2026-10-21"}
_STAGES = ("active", "deprecated", "retired")
_DAYS = {"deprecated_at": "date", "retires_at": "retires"}
_LIMITS = {"max_input_tokens": "context", "max_tokens": "output"}
_PAGE = 1000
#: Retired ones are listed only where they are asked for.
_ASKED = "&".join(f"lifecycle[]={stage}" for stage in _STAGES)


class Anthropic:
    """The models of Anthropic's API."""

    name = "anthropic"
    summary = "what Anthropic's API lists, with dates of deprecation: its address"
    options = ("provider",)
    unit = "models"

    @property
    def usual(self) -> str:
        """The address in ANTHROPIC_BASE_URL, else Anthropic's own."""
        return os.environ.get("ANTHROPIC_BASE_URL") or _HOME

    def facts(self, request: Request) -> Facts:
        """New, known, changed and vanished models.

        Raises:
            Refused: nothing is listed.
            Unavailable: the server does not answer.
        """
        base = request.source.rstrip("/").removesuffix("/models").removesuffix("/v1")
        provider = request.options.get("provider", "anthropic")
        known_provider(request, provider)
        secret, hint = key_of(request, _KEY, base, _HOME)
        with Client(Deadline(request.deadline), base=base, secret=secret, headers=_HEADERS, talk=request.talk) as client:
            entries = list(pages(client, f"{base}/v1/models?{_ASKED}", "data", {"limit": _PAGE}, "after_id", hint))
        read = [_served(entry) for entry in entries]
        found = [one for one in read if one]
        return Offers(self.name, request, provider, f"{base}/v1/models").facts(found, len(read) - len(found), f"{hint}? or another address")


def _served(entry: Any) -> Served | None:
    """One entry; None where it names no model."""
    id_ = id_of(entry.get("id")) if isinstance(entry, dict) else None
    if id_ is None:
        return None
    odd = []
    stage = entry.get("lifecycle")
    if stage is not None and stage not in _STAGES:
        odd.append(f"lifecycle {stage!r} is no stage that is known"[:300])
        stage = None
    ends = {}
    for field, name in _DAYS.items():
        value = entry.get(field)
        if at := day(value):
            ends[name] = at
        elif value is not None:
            odd.append(f"{field} {value!r} is no time"[:300])
    limits = {name: told for field, name in _LIMITS.items() if (told := whole(entry.get(field)))}
    return Served(id_, limits=limits, status=stage, deprecation=ends, odd=tuple(odd))
