"""What an overlay says + the document underneath -> the document here, and what of it could not be done."""

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from modelreg_cli.catalog.text import escape

Document = dict[str, Any]


class Misfit(NamedTuple):
    """Something that an overlay says and that cannot be done: where it says so, and why."""

    pointer: str
    message: str
    hint: str


def patched(document: Document, overlay: Document) -> tuple[Document, list[Misfit]]:
    """The document as it is here. What cannot be done is left out, and told."""
    made = copy.deepcopy(document)
    wrong: list[Misfit] = []
    for word, place, value in _steps(overlay):
        told = _ACTS[word](made, place, value)
        if told:
            wrong.append(Misfit(_said_at(word, place, overlay), *told))
    _forget_sources(made, places(overlay))
    return made, wrong


def places(overlay: Document) -> list[str]:
    """Every value that an overlay is about, in order."""
    return sorted({place for _, place, _ in _steps(overlay)})


def said_at(overlay: Document, pointer: str) -> str:
    """Where an overlay says what it says of a value, or of what the value lies in; empty where it says nothing."""
    for word, place, _ in _steps(overlay):
        if pointer == place or pointer.startswith(f"{place}/") or place.startswith(f"{pointer}/"):
            return _said_at(word, place, overlay)
    return ""


def _steps(overlay: Document) -> Iterator[tuple[str, str, Any]]:
    for word in ("unset", "set", "replace", "remove", "add"):
        told = overlay.get(word) or {}
        yield from ((word, place, told[place] if isinstance(told, dict) else None) for place in told)


def _said_at(word: str, place: str, overlay: Document) -> str:
    return f"/unset/{overlay['unset'].index(place)}" if word == "unset" else f"/{word}/{escape(place)}"


def overlay_of(document: Document, wanted: Document) -> Document:
    """What an overlay has to say, so that the document becomes the wanted one: as little as it can."""
    said: Document = {}
    _compare(document, wanted, "", said)
    forgotten = {f"/sourced/{escape(pointer)}" for pointer in _without_source(document, places(said))}
    if unset := [place for place in said.pop("unset", ()) if place not in forgotten]:
        said["unset"] = unset
    return said


def _compare(old: Document, new: Document, above: str, said: Document) -> None:
    for key in [*old, *(key for key in new if key not in old)]:
        place = f"{above}/{escape(key)}"
        before, after = old.get(key), new.get(key)
        if before == after and type(before) is type(after):
            continue
        if isinstance(after, list) or isinstance(before, list):
            _compare_lists(before, after, place, said)
        elif key not in new:
            said.setdefault("unset", []).append(place)
        elif isinstance(after, dict) and (isinstance(before, dict) or _has_list(after)):
            _compare(before if isinstance(before, dict) else {}, after, place, said)
        else:
            said.setdefault("set", {})[place] = after


def _compare_lists(before: Any, after: Any, place: str, said: Document) -> None:
    old, new = (value if isinstance(value, list) else [] for value in (before, after))
    names = [[_name(item) for item in items] for items in (old, new)]
    kept = [name for name in names[0] if name in names[1]]
    added = [item for item in new if _name(item) not in names[0]]
    plain = all(isinstance(name, (str, int, float, bool)) and "/" not in str(name) for name in (*names[0], *names[1]))
    if not plain or [*kept, *map(_name, added)] != names[1] or len(set(names[1])) != len(new):
        said.setdefault("replace", {})[place] = new
        if after is not None and not isinstance(after, list):
            said["replace"].pop(place)
            said.setdefault("set", {})[place] = after
        return
    if gone := [name for name in names[0] if name not in names[1]]:
        said.setdefault("remove", {})[place] = gone
    if added:
        said.setdefault("add", {})[place] = added
    for item in old:
        other = next((one for one in new if _name(one) == _name(item)), None)
        if isinstance(item, dict) and isinstance(other, dict):
            _compare(item, other, f"{place}/{escape(str(item['id']))}", said)


Told = tuple[str, str] | None


def _set(document: Document, place: str, value: Any) -> Told:
    parent, step = _parent(document, place, make=True)
    if isinstance(parent, list):
        at = _item(parent, step)
        if at is None:
            return f"there is no item {step!r} to be set", "add it, or name one that is there by its id"
        parent[at] = value
        return None
    if parent is None:
        return f"{place} leads nowhere", "name a value of the entity by its JSON pointer"
    if isinstance(parent.get(step), list) or _has_list(value):
        return f"{place} is a list, or holds one", "say what is to be added, removed or replaced"
    parent[step] = value
    return None


def _has_list(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and any(_has_list(item) for item in value.values()))


def _unset(document: Document, place: str, _value: Any) -> Told:
    parent, step = _parent(document, place)
    if not isinstance(parent, dict) or step not in parent:
        return f"{place} is unknown already", "it may have changed underneath: delete the line"
    del parent[step]
    return None


def _replace(document: Document, place: str, value: Any) -> Told:
    parent, step = _parent(document, place, make=True)
    if not isinstance(parent, dict):
        return f"{place} leads nowhere", "name a list of the entity by its JSON pointer"
    if not isinstance(parent.get(step, []), list):
        return f"{place} is no list", "set it"
    parent[step] = value
    if not value:
        del parent[step]
    return None


def _add(document: Document, place: str, value: Any) -> Told:
    parent, step = _parent(document, place, make=True)
    if not isinstance(parent, dict) or not isinstance(parent.get(step, []), list):
        return f"{place} is no list", "set it, or name a list"
    there = parent.setdefault(step, [])
    for item in value:
        if _of(there, _name(item)) is not None:
            return f"{_name(item)} is there already", "it may have come underneath: delete the item"
        there.append(item)
    return None


def _remove(document: Document, place: str, value: Any) -> Told:
    parent, step = _parent(document, place)
    there = parent.get(step) if isinstance(parent, dict) else None
    if not isinstance(there, list):
        return f"there is no list {place}", "name a list of the entity by its JSON pointer"
    for item in value:
        at = _of(there, item)
        if at is None:
            return f"{item} is not there", "it may have gone underneath: delete the item"
        del there[at]
    if not there:
        del parent[step]
    return None


_ACTS = {"set": _set, "unset": _unset, "replace": _replace, "add": _add, "remove": _remove}


def _parent(document: Document, place: str, make: bool = False) -> tuple[Any, str]:
    """What holds the value at a pointer, and its last step; mappings on the way are made if asked."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in place[1:].split("/")]
    here: Any = document
    for step in steps[:-1]:
        if isinstance(here, list):
            at = _item(here, step)
            here = None if at is None else here[at]
        elif isinstance(here, dict):
            here = here.setdefault(step, {}) if make else here.get(step)
        else:
            break
    return here if isinstance(here, (dict, list)) else None, steps[-1]


def _item(items: list[Any], name: str) -> int | None:
    """The place of an item with an id."""
    return next((at for at, item in enumerate(items) if isinstance(item, dict) and item.get("id") == name), None)


def _name(item: Any) -> Any:
    """What an item is called: its id, or itself."""
    return item.get("id", item) if isinstance(item, dict) else item


def _of(items: list[Any], name: Any) -> int | None:
    """The place of an item by what it is called; 1 and true are two things."""
    return next((at for at, item in enumerate(items) if _name(item) == name and type(_name(item)) is type(name)), None)


def _forget_sources(document: Document, changed: list[str]) -> None:
    """What is written here does not rest on the sources of the document underneath."""
    for pointer in _without_source(document, changed):
        if f"/sourced/{escape(pointer)}" not in changed:
            del document["sourced"][pointer]
    if document.get("sourced") == {}:
        del document["sourced"]


def _without_source(document: Document, changed: list[str]) -> list[str]:
    """Pointers of values that were changed, and had a source."""
    sourced = document.get("sourced")
    told = sourced if isinstance(sourced, dict) else {}
    return [pointer for pointer in told if pointer and any(pointer == place or pointer.startswith(f"{place}/") for place in changed)]
