"""The text of a new file, and of a file after its value changed: comments stay with what they were written about."""

from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.comments import Comments, comments_of
from modelreg_cli.catalog.format import dump
from modelreg_cli.catalog.text import escape


def fresh(path: str, value: dict[str, Any], kind: str) -> str:
    """The text of a new file: the line that points editors to the schema, then the value."""
    return dump(value, kind, Comments(header=[schema_line(path, kind)]))


def schema_line(path: str, kind: str) -> str:
    """The comment that tells editors which schema a file has."""
    return f"# yaml-language-server: $schema={'../' * path.count('/')}schemas/{kind}.schema.json"


def revised(text: str, value: dict[str, Any], kind: str) -> str:
    """The canonical text of a new value, with the comments of the old text.

    A comment on a value that is gone goes to what held that value, so none is lost.
    """
    old = document.load(text.encode("utf-8"))
    comments = comments_of(text, old)
    places: dict[str, str] = {"": ""}
    _match(old, value, "", "", places)
    for pointer in (*comments.above, *comments.behind):
        holder = pointer
        while holder not in places:
            holder = holder.rpartition("/")[0]
        places[pointer] = places[holder]
    moved = comments.moved(places)
    lost = [*moved.above.pop("", []), *([moved.behind.pop("")] if "" in moved.behind else [])]
    moved.footer = [*moved.footer, *lost]
    return dump(value, kind, moved)


def _match(old: Any, new: Any, before: str, after: str, places: dict[str, str]) -> None:
    """Old pointer -> new pointer, for all that is in both."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(f"/{escape(key)}", old[key], f"/{escape(key)}", new[key]) for key in old if key in new]
    elif isinstance(old, list) and isinstance(new, list):
        pairs = [(f"/{at}", old[at], f"/{to}", new[to]) for at, to in _alike(old, new)]
    else:
        return
    for step, was, new_step, becomes in pairs:
        places[before + step] = after + new_step
        _match(was, becomes, before + step, after + new_step, places)


def _alike(old: list[Any], new: list[Any]) -> list[tuple[int, int]]:
    """Positions of the same items in two lists: equal ones first, then mappings that share most of their values."""
    free = list(range(len(new)))
    pairs: list[tuple[int, int]] = []
    rest = []
    for at, item in enumerate(old):
        found = next((to for to in free if new[to] == item), None)
        if found is None:
            rest.append(at)
        else:
            free.remove(found)
            pairs.append((at, found))
    for at in rest:
        best = max(free, key=lambda to: _shared(old[at], new[to]), default=None)
        if best is not None and _shared(old[at], new[best]) >= 0.5:
            free.remove(best)
            pairs.append((at, best))
    return pairs


def _shared(one: Any, other: Any) -> float:
    if not (isinstance(one, dict) and isinstance(other, dict) and one):
        return 0.0
    return sum(1 for key in one if key in other and one[key] == other[key]) / len(one)
