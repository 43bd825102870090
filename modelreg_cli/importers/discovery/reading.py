"""A listing that comes in pages, and values of it that are believed only where they are what they should be."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from modelreg_cli.errors import ModelregError, Refused, Unavailable, UnknownRef, did_you_mean
from modelreg_cli.http import Client, HttpError, shown
from modelreg_cli.importers.decisions import group_file
from modelreg_cli.importers.draft import Request

_MOST_PAGES = 1000
_LONGEST_ID = 300
_SOURCE = "listing"


def pages(client: Client, url: str, key: str, params: Mapping[str, str | int], after: str, hint: str) -> Iterator[Any]:
    """Every item of a listing whose answers have `has_more` and `last_id` where more follow; `key` holds a page's items.

    Raises:
        Unavailable: the server does not answer, with no list, or its pages do not end.
    """
    asked, seen = dict(params), set[str]()
    for _page in range(_MOST_PAGES):
        body = asked_json(client, url, hint, params=asked)
        found = body.get(key) if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise Unavailable(f"{shown(url)} answered with no list of models", "is it the address of this API? it may need /v1 at its end")
        yield from found
        last = body.get("last_id")
        if body.get("has_more") is not True:
            return
        if not isinstance(last, str) or last in seen:
            break
        seen.add(last)
        asked[after] = last
    raise Unavailable(f"the pages of {shown(url)} do not end", "each says that more follow, and none of them brings anything new")


def key_of(request: Request, name: str, base: str, home: str) -> tuple[dict[str, str], str]:
    """The header with the key that the environment has, and the hint for a server that does not let us in."""
    key = os.environ.get(name)
    if not key:
        return {}, f"{name} is not set"
    if base != home:
        request.talk(f"note: {name} is sent to {shown(base)}")
    return {"authorization": f"Bearer {key}"}, f"{name} is of another server, or may not list models"


def asked_json(client: Client, url: str, hint: str, **more: Any) -> Any:
    """An answer as JSON; `hint` says which token a server misses that does not let us in.

    Raises:
        Unavailable: the server does not answer.
    """
    try:
        return client.get_json(url, **more)
    except HttpError as error:
        if error.status in (401, 403):
            raise Unavailable(error.message, hint) from None
        raise


def id_of(value: Any) -> str | None:
    """A name that can be a wire id: one line of text, not too long."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isprintable() and value == value.strip()
    return value if fits else None


def whole(value: Any) -> int | None:
    """A number of tokens; None where it is none, or 0, which servers say for unknown."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**12 else None


def day(value: Any) -> str | None:
    """The day of a date or of an RFC 3339 time."""
    found = re.match(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?\Z", value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[1]).isoformat() if found else None
    except ValueError:
        return None


def not_empty(url: str, names: list[str], hint: str) -> None:
    """Refuses a listing without models: taken at its word it would say that all of them have vanished.

    Raises:
        Refused: there are none.
    """
    if not names:
        raise Refused(f"{shown(url)} answered with no models", hint)


def owner_of(request: Request, kind: str, option: str, url: str) -> str:
    """Whose server it is: what the option says, else the one provider or engine that has this address as an endpoint.

    Raises:
        ModelregError: the address is nobody's, or several have it.
    """
    if named := request.options.get(option):
        return named
    found = [
        id_
        for id_, loaded in request.catalog.of(kind).items()
        if any(str(end.get("url", "")).rstrip("/") == url.rstrip("/") for end in loaded.data.get("endpoints") or ())
    ]
    if len(found) != 1:
        told = "several have" if found else "none has"
        raise ModelregError(
            f"which {kind} is {shown(url)}? --{option} is missing",
            f"--{option} ID; it is only left out where one {kind} has this address as an endpoint, and {told}",
        )
    return found[0]


def known_provider(request: Request, provider: str) -> dict[str, Any]:
    """The provider's file.

    Raises:
        UnknownRef: there is none.
    """
    known = request.catalog.of("provider")
    if provider not in known:
        hint = did_you_mean(provider, known) or f"make catalog/providers/{provider}/provider.yaml first: a name is enough"
        raise UnknownRef(f"the catalog has no provider {provider!r}", hint)
    return known[provider].data


def asked_before(request: Request, importer: str, group: str) -> set[str]:
    """Subjects of an importer's decisions on one group: each of them is asked anew, or gone."""
    name = re.compile(rf"{re.escape(f'{importer}/{group_file(group)}')}(?:\.part\d+)?")
    mine = (loaded for id_, loaded in request.catalog.of("decisions").items() if name.fullmatch(id_))
    return {entry["subject"] for loaded in mine for entry in loaded.data["decisions"]}


def provenance(url: str, observed: str) -> dict[str, Any]:
    """The source of what a listing says."""
    return {"sources": {_SOURCE: {"url": url, "retrieved": observed}}, "sourced": {"": _SOURCE}}
