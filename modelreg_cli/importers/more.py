"""What a source knows beyond what stands here: it contradicts nothing, so it is taken where the source speaks for the first time."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.importers.leaves import Path

_SETS = frozenset((("capabilities",), ("lacks",)))
_PRICES = ("prices",)


def grown(path: Path, ours: Any, theirs: Any) -> Any:
    """Our value with what theirs adds; None where theirs contradicts ours, or the field is none that grows."""
    if not isinstance(ours, list) or not isinstance(theirs, list):
        return None
    if path in _SETS:
        return theirs if set(ours) <= set(theirs) else None
    if path != _PRICES or not ours or not theirs:
        return None
    last, new = ours[-1], theirs[-1]
    if new["currency"] != last.get("currency") or not _holds(last["rates"], new["rates"]):
        return None
    kept = [(variant, _same(variant, new)) for variant in last.get("variants", ())]
    if not all(same and _holds(variant.get("rates", {}), same.get("rates", {})) for variant, same in kept):
        return None
    more = [variant for variant in new.get("variants", ()) if not _same(variant, last)]
    variants = [same for _, same in kept] + more
    return [*ours[:-1], {**last, "rates": {**last["rates"], **new["rates"]}} | ({"variants": variants} if variants else {})]


def added(path: Path, before: Any, after: Any) -> Iterator[Path]:
    """Where in a value that has grown the new parts are; a set is one value."""
    if path != _PRICES:
        yield path
        return
    at, last, new = str(len(after) - 1), before[-1], after[-1]
    yield from ((*path, at, "rates", meter) for meter in new["rates"] if meter not in last["rates"])
    known = last.get("variants", [])
    for place, variant in enumerate(new.get("variants", ())):
        where = (*path, at, "variants", str(place))
        if place >= len(known):
            yield where
        else:
            yield from ((*where, "rates", meter) for meter in variant.get("rates", {}) if meter not in known[place].get("rates", {}))


def _same(variant: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any] | None:
    """The variant of an entry under the same conditions."""
    alike = (one for one in entry.get("variants", ()) if one["when"] == variant["when"] and one.get("factor") == variant.get("factor"))
    return next(alike, None)


def _holds(few: dict[str, Any], many: dict[str, Any]) -> bool:
    return all(name in many and many[name] == value for name, value in few.items())
