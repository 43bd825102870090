"""Two states of an entity -> what changed, and what that means."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.history.difference import Steps, aligned, differences, same

Document = dict[str, Any]

_BY_FIELD = {
    "status": "status",
    "deprecation": "deprecation",
    "license": "license",
    "limits": "limits",
    "rate_limits": "limits",
    "tags": "tag",
    "default": "default",
    "aliases": "alias",
    "implies": "tag",
}
_BY_KIND = {"license": "license", "results": "result"}
#: Told part by part, even where they are new or gone as a whole.
_BY_PART = ("limits", "deprecation")
#: What an overlay says of values, by their pointers.
_CHANGES = ("set", "add", "remove", "replace")
#: When and where a price was read; not what it is.
_READING = ("observed", "source")
_PERIOD = (*_READING, "from", "until")


class Meaning(NamedTuple):
    """One change of one value: JSON pointer, both values (None: absent), class."""

    pointer: str
    before: Any
    after: Any
    class_: str


def meanings(kind: str, before: Document, after: Document) -> Iterator[Meaning]:
    """Every change between two states of an entity, by field in the order of their names."""
    for field in sorted({*before, *after}):
        old, new = before.get(field), after.get(field)
        if kind == "offering" and field == "prices" and _entries(old) and _entries(new):
            yield from _prices(old or [], new or [])
        elif kind == "offering" and field == "serves":
            yield from _serves(old, new)
        else:
            if field in _BY_PART or (kind == "overlay" and field in _CHANGES):
                old, new = {} if old is None else old, {} if new is None else new
            for steps, was, now in differences(old, new, (field,)):
                yield Meaning(pointer_to(*steps), was, now, _class(kind, steps))


def _class(kind: str, steps: Steps) -> str:
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if kind == "overlay":  # set, /limits/context
        steps = tuple(str(steps[1]).split("/")[1:]) if len(steps) > 1 else ("",)
    inside = steps[0] == "artifacts" and len(steps) > 2
    return _BY_FIELD.get(str(steps[2] if inside else steps[0]), "other")


def _entries(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def _prices(before: list[Document], after: list[Document]) -> Iterator[Meaning]:
    """A new entry after all known ones is a change; whatever else happens to an entry is a correction."""
    pairs = aligned(before, after, lambda entry: (str(entry.get("from")), str(entry.get("observed"))))
    last_known = max((new for old, new in pairs if old is not None and new is not None), default=-1)
    for old, new in pairs:
        if new is None and old is not None:
            yield Meaning(pointer_to("prices", old), before[old], None, "correction")
        elif new is not None and old is not None:
            for steps, was, now in differences(before[old], after[new], ("prices", new)):
                yield Meaning(pointer_to(*steps), was, now, "other" if steps[-1] in _READING else "correction")
        elif new is not None and new < last_known:
            yield Meaning(pointer_to("prices", new), None, after[new], "correction")
        elif new is not None:
            yield from _new_price(after[new - 1] if new else {}, after[new], new)


def _new_price(before: Document, after: Document, at: int) -> Iterator[Meaning]:
    """What a new entry changes against the one before it; an entry that changes nothing confirms it."""
    old, new = ({key: value for key, value in entry.items() if key not in _PERIOD} for entry in (before, after))
    if not before:
        old = {"currency": after.get("currency")}
    found = list(differences({"rates": {}} | old, new, ("prices", at)))
    for steps, was, now in found:
        yield Meaning(pointer_to(*steps), was, now, "price")
    if not found:
        yield Meaning(pointer_to("prices", at), None, after, "other")


def _serves(before: Any, after: Any) -> Iterator[Meaning]:
    """What the name means now; beside that, edits of what it is said to have meant."""
    old, new = _list(before), _list(after)
    was, now = served(before), served(after)
    if was == now:
        for steps, one, other in differences(before, after, ("serves",)):
            yield Meaning(pointer_to(*steps), one, other, "other")
        return
    steps = ("serves", len(new) - 1, "version") if isinstance(after, list) else ("serves", "version")
    yield Meaning(pointer_to(*steps), was, now, "serves")
    if new and not (same(new[:-1], old) or same(new[:-1], old[:-1])):
        yield Meaning("/serves", before, after, "other")


def served(value: Any) -> str | None:
    """The version that a name means now, out of the field `serves`."""
    last = next(iter(reversed(_list(value))), None)
    version = last.get("version") if isinstance(last, dict) else None
    return version if isinstance(version, str) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
