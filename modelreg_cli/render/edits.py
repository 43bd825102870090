"""What an edit does, file by file and value by value: old -> new."""

import json
from collections.abc import Iterator
from typing import Any

from modelreg_cli.catalog.order import ordered
from modelreg_cli.catalog.text import escape
from modelreg_cli.editing.fields import name_of
from modelreg_cli.editing.files import Written
from modelreg_cli.history.difference import differences
from modelreg_cli.render.findings import shown

_LONGEST = 160


def text(changes: list[Written]) -> str:
    """A line for each file, and below it one for each value."""
    out = []
    for one in changes:
        out.append(f"{one.place.path}{'' if one.before is not None else ' (new)'}")
        out += [f"  {name}: {_change(before, after, one.before is None)}" for name, _, before, after in _values(one)]
    return "".join(f"{shown(line)}\n" for line in out)


def as_value(changes: list[Written]) -> dict[str, Any]:
    """The same as a value: files, with every value that becomes another."""
    return {
        "files": [
            {
                "path": one.place.path,
                "kind": one.place.kind,
                "id": one.place.id,
                "action": "changed" if one.before is not None else "created",
                "values": [{"field": name, "pointer": pointer, "before": was, "after": now} for name, pointer, was, now in _values(one)],
            }
            for one in changes
        ]
    }


def ending(changes: list[Written], written: bool, refused: bool) -> str:
    """The last line: what was done with all that."""
    if not changes:
        return "nothing to change"
    files = f"{len(changes)} file{'' if len(changes) == 1 else 's'}"
    if refused:
        return "refused: the catalog would not be valid; nothing was written"
    return f"{files} written" if written else f"dry run: {files} would be written"


def _values(one: Written) -> Iterator[tuple[str, str, Any, Any]]:
    """Field, JSON pointer, old value, new value; of a new file field by field."""
    if one.before is None:
        for name, value in ordered(one.after, one.place.kind).items():
            yield name, f"/{escape(name)}", None, value
        return
    for found in differences(one.before, one.after):
        pointer = "".join(f"/{escape(str(step))}" for step in found.steps)
        yield name_of(found.steps, one.before if found.after is None else one.after), pointer, found.before, found.after


def _change(before: Any, after: Any, new: bool) -> str:
    if new:
        return _told(after)
    return f"{_told(before)} -> {_told(after)}"


def _told(value: Any) -> str:
    if value is None:
        return "(none)"
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{told[:_LONGEST]}..." if len(told) > _LONGEST else told
