"""What a source knows beyond what stands here: it contradicts nothing, so it is taken where the source speaks for the first time."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.importers.leaves import Path

_SETS = frozenset((("capabilities",), ("lacks",)))
PRICES = ("prices",)
_ROUNDING = 0.0005


def over(ours: Any, theirs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prices of a source that speaks of some rates only: its last entry, over those that stand here in the same currency."""
    if not isinstance(ours, list) or not ours or ours[-1].get("currency") != theirs[-1]["currency"]:
        return theirs
    last, new = ours[-1], theirs[-1]
    variants = [dict(variant) for variant in last.get("variants", ())]
    for variant in new.get("variants", ()):
        same = next((one for one in variants if one["when"] == variant["when"] and "factor" not in one), None)
        if same is None:
            variants.append(variant)
        else:
            same["rates"] = _laid(same.get("rates", {}), variant["rates"])
    rates = _laid(last["rates"], new["rates"])
    return [*theirs[:-1], {**new, "rates": rates} | ({"variants": variants} if variants else {})]


def alike(one: Any, other: Any) -> bool:
    """Whether two values are equal, or two rates differ by no more than somebody's rounding."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= _ROUNDING * max(abs(one), abs(other))
    return bool(one == other)


def grown(path: Path, ours: Any, theirs: Any) -> Any:
    """Our value with what theirs adds; None where theirs contradicts ours, or the field is none that grows."""
    if not isinstance(ours, list) or not isinstance(theirs, list):
        return None
    if path in _SETS:
        return theirs if set(ours) <= set(theirs) else None
    if path != PRICES or not ours or not theirs:
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
    if path != PRICES:
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


def _laid(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Their rates over ours; a rate that only rounds ours is ours."""
    return {**ours, **{meter: rate for meter, rate in theirs.items() if not alike(rate, ours.get(meter))}}


def _same(variant: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any] | None:
    """The variant of an entry under the same conditions."""
    alike = (one for one in entry.get("variants", ()) if one["when"] == variant["when"] and one.get("factor") == variant.get("factor"))
    return next(alike, None)


def _holds(few: dict[str, Any], many: dict[str, Any]) -> bool:
    return all(name in many and many[name] == value for name, value in few.items())
