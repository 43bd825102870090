"""modelreg import openai [URL] --provider ID: what an OpenAI-compatible server lists at /models."""

import os
from typing import Any

from modelreg_cli.http import Client, Deadline
from modelreg_cli.importers.discovery.offers import Offers, Served
from modelreg_cli.importers.discovery.reading import day, id_of, key_of, known_provider, owner_of, pages, whole
from modelreg_cli.importers.draft import Facts, Request

_KEY = "OPENAI_API_KEY"
_HOME = "https://api.openai.com/v1"
#: Beside OpenAI's own fields: what vLLM, Groq, OpenRouter and others call the tokens of the context and of the answer.
_CONTEXT = ("max_model_len", "context_window", "context_length")
_OUTPUT = ("max_completion_tokens",)


class OpenAI:
    """The models of an OpenAI-compatible server."""

    name = "openai"
    summary = "what an OpenAI-compatible server lists at /models: its address"
    options = ("provider",)
    unit = "models"

    @property
    def usual(self) -> str:
        """The address in OPENAI_BASE_URL, else OpenAI's own."""
        return os.environ.get("OPENAI_BASE_URL") or _HOME

    def facts(self, request: Request) -> Facts:
        """New, known, changed and vanished models of one provider.

        Raises:
            ModelregError: nobody says whose server it is.
            Refused: it lists nothing.
            Unavailable: it does not answer.
        """
        base = request.source.rstrip("/").removesuffix("/models")
        provider = owner_of(request, "provider", "provider", base)
        known_provider(request, provider)
        secret, hint = key_of(request, _KEY, base, _HOME)
        with Client(Deadline(request.deadline), base=base, secret=secret, talk=request.talk) as client:
            entries = list(pages(client, f"{base}/models", "data", {}, "after", hint))
        read = [_served(entry) for entry in entries]
        found = [one for one in read if one]
        return Offers(self.name, request, provider, f"{base}/models").facts(found, len(read) - len(found), f"{hint}? or another address")


def _served(entry: Any) -> Served | None:
    """One entry; None where it names no model."""
    id_ = id_of(entry.get("id")) if isinstance(entry, dict) else None
    if id_ is None:
        return None
    one = Served(id_)
    root = id_of(entry.get("root"))
    if root and not entry.get("parent"):  # of an adapter it is the base that it sits on
        one.also = (root,)
    for name, fields in (("context", _CONTEXT), ("output", _OUTPUT)):
        told = next((value for field in fields if (value := whole(entry.get(field)))), None)
        if told:
            one.limits[name] = told
    end = entry.get("shutdown_date")
    if retires := day(end):
        one.deprecation = {"retires": retires}
    elif end is not None:
        one.odd = (f"shutdown_date {end!r} is no day"[:300],)
    return one
