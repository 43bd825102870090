"""The end of a version or offering, announced: status, dates, replacement; and what still points to it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from modelreg_cli.catalog.layout import Location
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.editing.files import Files, Value
from modelreg_cli.entities.base import Deprecation
from modelreg_cli.entities.model import Model
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.operation import Binding, Tenant
from modelreg_cli.entities.version import Version
from modelreg_cli.errors import ModelregError, Refused

_ENDED = ("retired", "disabled")


class End(NamedTuple):
    """What was asked for: days as YYYY-MM-DD; `now`: it cannot be used any more from today on."""

    announced: str | None = None
    on: str | None = None
    retire: str | None = None
    replacement: str | None = None
    reason: str | None = None
    now: bool = False


def deprecate(files: Files, places: list[Location], end: End, today: date) -> None:
    """Puts the end into the files of versions or offerings; what they say of it already stays, where nothing new is said.

    Raises:
        Refused: one of them is retired already, or is its own replacement.
        ModelregError: a kind that has no end.
    """
    for place in places:
        if place.kind not in ("version", "offering"):
            hint = f"modelreg edit {place.path} status=deprecated" if place.kind in ("provider", "engine", "binding") else None
            raise ModelregError(f"a {place.kind} has no deprecation; models, versions and offerings have", hint)
        if end.replacement and end.replacement.partition("#")[0] == place.id:
            raise Refused(f"{place.id} cannot be replaced by itself", "name the versions that end, or another replacement")
        value = files.value(place.path)
        if value.get("status") == "retired" and not end.now:
            raise Refused(f"{place.id} is retired already", f"to correct its end: modelreg edit {place.path} deprecation.FIELD=...")
        files.put(place.path, _ended(value, end, today.isoformat()))


def _ended(value: Value, end: End, today: str) -> Value:
    told = dict(value.get("deprecation") or {})
    given = {"announced": end.announced, "date": end.on, "retires": end.retire, "replacement": end.replacement, "reason": end.reason}
    told |= {name: said for name, said in given.items() if said is not None}
    if end.now and end.retire is None:
        told["retires"] = today
    if not any(name in told for name in ("announced", "date", "retires")):
        told["date"] = today
    gone = end.now or told.get("retires", "9") < today
    order = {name: told[name] for name in Deprecation.model_fields if name in told}
    return {**value, "status": "retired" if gone else "deprecated", "deprecation": order}


def versions_of(catalog: Catalog, model: str) -> list[Location]:
    """The versions of a model that have not ended.

    Raises:
        Refused: it has none.
    """
    found = [
        loaded.location
        for id_, loaded in catalog.of("version").items()
        if id_.partition("@")[0] == model and isinstance(loaded.entity, Version) and loaded.entity.status not in _ENDED
    ]
    if not found:
        raise Refused(f"no version of {model} is in use, so there is nothing to deprecate", f"`modelreg versions {model}` lists them")
    return found


def pointing(catalog: Catalog, ids: set[str]) -> Iterator[str]:
    """What still leads to versions (or offerings) that end, in words."""
    defaults = {id_: f"{id_}@{model.default}" for id_, model in catalog.entities(Model).items()}
    ending = ids | {id_ for id_, default in defaults.items() if default in ids}
    for model, default in defaults.items():
        if default in ids:
            yield f"{default} is still the default version of {model}: modelreg edit {model} default=VERSION"
    yield from _bindings(catalog, ending)
    yield from _routes(catalog, ending)
    yield from _offerings(catalog, ids)
    yield from _replacements(catalog, ending)


def _bindings(catalog: Catalog, ending: set[str]) -> Iterator[str]:
    for id_, binding in catalog.entities(Binding).items():
        if _leads(binding.model, ending) and binding.status not in _ENDED:
            yield f"binding {id_} still uses {binding.model}"


def _routes(catalog: Catalog, ending: set[str]) -> Iterator[str]:
    for id_, tenant in catalog.entities(Tenant).items():
        for task, route in (tenant.routes or {}).items():
            for ref in (*(route.prefer or ()), route.fallback or ""):
                if _leads(ref, ending):
                    yield f"tenant {id_} still prefers {ref} for {task}"


def _offerings(catalog: Catalog, ids: set[str]) -> Iterator[str]:
    for id_, offering in catalog.entities(Offering).items():
        now = offering.serves[-1] if isinstance(offering.serves, list) else offering.serves
        if now.version in ids and offering.status not in ("deprecated", *_ENDED):
            yield f"{id_.partition('/')[0]}:{offering.wire_id} still serves {now.version}"


def _replacements(catalog: Catalog, ending: set[str]) -> Iterator[str]:
    versions = ((id_, one.deprecation) for id_, one in catalog.entities(Version).items())
    offerings = ((id_, one.deprecation) for id_, one in catalog.entities(Offering).items())
    for id_, told in (*versions, *offerings):
        if told and told.replacement and _leads(told.replacement, ending) and id_ not in ending:
            yield f"{id_} names {told.replacement} as its replacement"


def _leads(ref: str, ending: set[str]) -> bool:
    """Whether a ref means something that ends."""
    return ref.partition("#")[0] in ending
