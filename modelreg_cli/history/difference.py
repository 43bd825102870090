"""Two values of a document -> where they differ, as far down as it can be told."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

Steps = tuple[str | int, ...]
#: Fields that name an item of a list, so that it is the same item wherever it stands.
_NAMES = ("id", "plan", "path")
#: Lists whose product of lengths is more are compared place by place.
_MOST = 250_000


class Difference(NamedTuple):
    """Steps to the value (in the newer document; in the older one where it is gone), and both values; None: absent."""

    steps: Steps
    before: Any
    after: Any


def differences(before: Any, after: Any, steps: Steps = ()) -> Iterator[Difference]:
    """Every value that differs; one that is new or gone is told whole, a list item by item."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from differences(before.get(key), after.get(key), (*steps, key))
    elif isinstance(before or [], list) and isinstance(after or [], list) and (before or after):
        yield from _lists(before or [], after or [], steps)
    elif not same(before, after):
        yield Difference(steps, before, after)


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: 1 is 1.0, and no number is a yes."""
    if type(one) is type(other) and not isinstance(one, (dict, list)):
        return bool(one == other)
    return bool(one == other) and text(one, exact=False) == text(other, exact=False)


def text(value: Any, *, exact: bool = True) -> str:
    """A value as JSON, keys in order; a whole number with a fraction of 0 is one without unless `exact`."""
    return json.dumps(value if exact else _plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lists(before: list[Any], after: list[Any], steps: Steps) -> Iterator[Difference]:
    if not any(isinstance(item, (dict, list)) for item in (*before, *after)):
        yield from _words(before, after, steps)
        return
    name = _name(before, after)
    for old, new in by_name(before, after, name) if name else aligned(before, after, lambda item: text(item, exact=False)):
        if old is None and new is not None:
            yield Difference((*steps, new), None, after[new])
        elif new is None and old is not None:
            yield Difference((*steps, old), before[old], None)
        elif old is not None and new is not None:
            yield from differences(before[old], after[new], (*steps, new))


def _words(before: list[Any], after: list[Any], steps: Steps) -> Iterator[Difference]:
    """A list of plain values: what is gone, then what is new; one event where only their order changed."""
    old, new = ([text(item, exact=False) for item in side] for side in (before, after))
    if Counter(old) == Counter(new):
        if old != new:
            yield Difference(steps, before, after)
        return
    yield from (Difference((*steps, at), before[at], None) for at in _beyond(old, new))
    yield from (Difference((*steps, at), None, after[at]) for at in _beyond(new, old))


def _beyond(items: list[str], others: list[str]) -> Iterator[int]:
    left = Counter(others)
    for at, item in enumerate(items):
        left[item] -= 1
        if left[item] < 0:
            yield at


def _name(before: list[Any], after: list[Any]) -> str | None:
    """The field that names every item of both lists."""
    for name in _NAMES:
        for side in (before, after):
            names = [item.get(name) for item in side if isinstance(item, dict)]
            if len(names) < len(side) or not all(isinstance(one, str) for one in names) or len(set(names)) < len(names):
                break
        else:
            return name
    return None


def by_name(before: list[Any], after: list[Any], name: str) -> list[tuple[int | None, int | None]]:
    """Pairs of places of items with the same name, in the order of the newer list; then what is gone."""
    places = {item[name]: at for at, item in enumerate(before)}
    pairs: list[tuple[int | None, int | None]] = [(places.pop(item[name], None), at) for at, item in enumerate(after)]
    return [*pairs, *((at, None) for at in places.values())]


def aligned(before: list[Any], after: list[Any], key: Callable[[Any], Any]) -> list[tuple[int | None, int | None]]:
    """Pairs of places: items with the same key in order, and between them what stands in the same place."""
    old, new = [key(item) for item in before], [key(item) for item in after]
    pairs: list[tuple[int | None, int | None]] = []
    if len(old) * len(new) > _MOST:
        blocks = [("replace", 0, len(old), 0, len(new))]
    else:
        blocks = list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())
    for _, first, last, start, end in blocks:
        both = min(last - first, end - start)
        pairs += [(first + at, start + at) for at in range(both)]
        pairs += [(at, None) for at in range(first + both, last)]
        pairs += [(None, at) for at in range(start + both, end)]
    return pairs
