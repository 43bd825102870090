"""Assignments as people type them, and what they make of a document."""

import json
import re
from copy import deepcopy
from typing import Any, Literal, NamedTuple

from modelreg_cli.editing.fields import Field, Steps, field_of, named, places_of, value_at
from modelreg_cli.editing.values import FACTORS, value_of
from modelreg_cli.errors import ModelregError, Refused, listed

_FORM = re.compile(r"((?:\[[^\]]*\]|[^=\[])+?)(\+=|-=|=)(.*)\Z", re.DOTALL)
#: Where a thousand may have been meant as 1024.
_BINARY = {"k": 2**10, "m": 2**20}
Operation = Literal["=", "+=", "-=", "unset"]


class Assignment(NamedTuple):
    """What to do with which field."""

    field: str
    operation: Operation
    text: str = ""


class Edited(NamedTuple):
    """A document after its assignments, and what is to be said of those that changed nothing, or more than it seems."""

    value: dict[str, Any]
    notes: list[str]


def is_assignment(typed: str) -> bool:
    """Whether it is field=value, and not a ref."""
    return _FORM.match(typed) is not None


def assignment(typed: str) -> Assignment:
    """field=value, list+=items or list-=items.

    Raises:
        ModelregError: it has another form.
    """
    hit = _FORM.match(typed)
    if hit is None:
        raise ModelregError(f"{typed!r} is no assignment", "write field=value, list+=item or list-=item")
    return Assignment(hit.group(1).strip(), hit.group(2), hit.group(3))  # type: ignore[arg-type]  # the expression has no other signs


def edited(kind: str, before: dict[str, Any], assignments: list[Assignment], within: Steps = ()) -> Edited:
    """The document after the assignments, one after the other; `within` are steps to the part that their fields begin at.

    Raises:
        ModelregError: a field or value that the kind does not have.
        Refused: an item that is to go, and is not there.
    """
    value = deepcopy(before)
    notes: list[str] = []
    for one in assignments:
        field = field_of(kind, value, one.field, within)
        if one.operation == "unset":
            _unset(value, field, notes)
        elif one.operation == "=":
            put(value, field.steps, value_of(field, one.text))
            notes += _rounded(field, one.text, value)
        else:
            _items(value, field, one, notes)
    return Edited(value, notes)


def _rounded(field: Field, text: str, value: Any) -> list[str]:
    """1000 or 1024: what was written is told where it may have been meant otherwise."""
    number, unit = value_at(value, field.steps), text[-1:].lower()
    if not isinstance(number, int) or unit not in _BINARY or not text[-2:-1].isdigit():
        return []
    other = number // FACTORS[unit] * _BINARY[unit]
    return [f"{text} was taken as {number:,}; {text[:-1]}{unit.capitalize()}i is {other:,}"]


def put(value: Any, steps: Steps, new: Any) -> None:
    """Sets a value, with the mappings around it."""
    for step in steps[:-1]:
        value = value.setdefault(step, {}) if isinstance(value, dict) else value[step]
    value[steps[-1]] = new


def _unset(value: dict[str, Any], field: Field, notes: list[str]) -> None:
    if value_at(value, field.steps) is None:
        notes.append(f"{field.typed} has no value")
        return
    steps = field.steps
    del value_at(value, steps[:-1])[steps[-1]]
    _prune(value, steps[:-1])


def _prune(value: dict[str, Any], steps: Steps) -> None:
    """A mapping or list that became empty goes too: absent means unknown."""
    while steps and not value_at(value, steps):
        del value_at(value, steps[:-1])[steps[-1]]
        steps = steps[:-1]


def _items(value: dict[str, Any], field: Field, one: Assignment, notes: list[str]) -> None:
    if not field.is_list:
        raise ModelregError(f"{field.typed} is no list", f"write {field.typed}=...")
    there = value_at(value, field.steps)
    if there is not None and not isinstance(there, list):
        raise ModelregError(f"{field.typed} is one value here, and no list", f"write {field.typed}='[...]' as JSON, with all its items")
    items: list[Any] = list(there or [])
    if one.operation == "+=":
        for item in value_of(field, one.text, item=True):
            if item in items:
                notes.append(f"{field.typed} has {_told(item)} already")
            else:
                items.append(item)
    else:
        for at in _places(field, one.text, items):
            items[at] = None
        items = [item for item in items if item is not None]
    put(value, field.steps, items)
    _prune(value, field.steps)


def _places(field: Field, text: str, items: list[Any]) -> list[int]:
    """Where the items are that are to go: told by what names them, or as they are."""
    by_name = places_of(items, text)
    if by_name:
        return by_name
    names = [name for item in items if (name := named(item))]
    try:
        wanted = value_of(field, text, item=True)
    except ModelregError:
        if not names:
            raise
        wanted = [text]
    for item in wanted:
        if item not in items:
            known = [_told(one) for one in names or items]
            raise Refused(f"{field.typed} has no {_told(item)}", f"it has {listed(known, 'and')}" if known else "it is empty")
    return [items.index(item) for item in wanted]


def _told(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
