"""A document as its smallest values: maps are taken apart, a list is one value, and so is what a field says only as a whole."""

import hashlib
import json
from typing import Any

Path = tuple[str, ...]
#: Where the importer says what it read; not a fact of its own.
PROVENANCE = frozenset(("sources", "sourced"))
#: Fields that change as a whole: half of a link is no link.
WHOLE = frozenset(("serves",))
#: The day on which the page of a result was read: taken along when something else is taken.
READ_ON = ("source", "retrieved")
#: Lists of things with an id, which a draft that speaks of some of them has as #<id>.
KEYED = frozenset(("artifacts",))
#: What belongs to the reading of a price, not to the price.
_READING = frozenset(("observed", "from", "until", "source"))


class Blocked:
    """There is something else on the way to a leaf."""


BLOCKED = Blocked()


def leaves(data: dict[str, Any], above: Path = (), keyed: bool = False) -> dict[Path, Any]:
    """Path -> value, without provenance; `keyed`: lists of things with an id are taken apart too."""
    found: dict[Path, Any] = {}
    for key, value in data.items():
        if not above and key in PROVENANCE:
            continue
        if keyed and not above and key in KEYED:
            for item in value:
                found |= leaves({name: part for name, part in item.items() if name != "id"}, (key, f"#{item['id']}"))
        elif isinstance(value, dict) and value and not (not above and key in WHOLE):
            found |= leaves(value, (*above, key))
        else:
            found[(*above, key)] = value
    return found


def leaf(data: dict[str, Any], path: Path) -> Any:
    """The value at a path; None where there is none, BLOCKED where a value of another form is in the way."""
    at: Any = data
    for place, step in enumerate(path):
        if place == 1 and is_keyed(path) and isinstance(at, list):
            at = item_of(at, step)
            if at is None:
                return None
            continue
        if not isinstance(at, dict):
            return BLOCKED
        if step not in at:
            return None
        at = at[step]
    return BLOCKED if isinstance(at, dict) and at and path[0] not in WHOLE else at


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Sets a leaf, or removes it (and the maps that become empty) where the value is None."""
    if is_keyed(path):
        items = data.setdefault(path[0], [])
        item = item_of(items, path[1])
        if item is None:
            item = {"id": path[1][1:]}
            items.append(item)
        put(item, path[2:], value)
    elif len(path) > 1:
        below = data.get(path[0])
        if not isinstance(below, dict):
            below = data[path[0]] = {}
        put(below, path[1:], value)
        if not below:
            del data[path[0]]
    elif value is None:
        data.pop(path[0], None)
    else:
        data[path[0]] = value


def is_keyed(path: Path) -> bool:
    """Whether a leaf is one of a thing in a list."""
    return len(path) > 2 and path[0] in KEYED and path[1].startswith("#")


def item_of(items: list[Any], step: str) -> dict[str, Any] | None:
    """The thing of that id."""
    return next((item for item in items if isinstance(item, dict) and item.get("id") == step[1:]), None)


def field_of(path: Path) -> str:
    """The name of a leaf: limits.context."""
    return ".".join(step.replace("~", "~0").replace(".", "~1") for step in path)


def path_of(field: str) -> Path:
    """The leaf of a name."""
    return tuple(step.replace("~1", ".").replace("~0", "~") for step in field.split("."))


def digest(path: Path, value: Any) -> str | None:
    """12 hex digits of a value, None of none. Of prices: what the last entry says, not when it was read.

    The day on which a result's page was read is none of its facts: it has the same digits whatever it is.
    """
    if value is None:
        return None
    if path == READ_ON:
        value = "a day"
    if value is BLOCKED:
        return "blocked"
    return hashlib.sha256(as_text(said(path, value)).encode("utf-8")).hexdigest()[:12]


def said(path: Path, value: Any) -> Any:
    """What a value says today: of a history the last entry, without the days of its reading."""
    if path == ("prices",) and isinstance(value, list) and value and isinstance(value[-1], dict):
        return {key: item for key, item in value[-1].items() if key not in _READING}
    if path == ("serves",):
        value = value[-1] if isinstance(value, list) and value else value
        return {key: item for key, item in value.items() if key != "from"} if isinstance(value, dict) else value
    return value


def as_text(value: Any) -> str:
    """A value as one text: equal values have equal texts."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """2 and 2.0 are one number."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
