"""Comments of a document: each belongs to a value, to the top or to the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.document import Place
from modelreg_cli.catalog.text import escape


@dataclass(slots=True)
class Comments:
    """Comments above a value, behind a value, at the top, at the end; values by JSON pointer."""

    header: list[str] = field(default_factory=list)
    above: dict[str, list[str]] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)
    footer: list[str] = field(default_factory=list)

    def holders(self) -> frozenset[str]:
        """Pointers of the collections that have a comment somewhere inside."""
        found = set()
        for pointer in (*(pointer for pointer, lines in self.above.items() if lines), *self.behind):
            above = pointer.rpartition("/")[0]
            while above and above not in found:
                found.add(above)
                above = above.rpartition("/")[0]
        return frozenset(found)

    def put_behind(self, pointer: str, comment: str) -> None:
        """Behind a value, or above it where something is behind it already."""
        if pointer in self.behind:
            self.above.setdefault(pointer, []).append(comment)
        else:
            self.behind[pointer] = comment

    def lift(self, value: Any, pointer: str = "") -> None:
        """Gives the comments of an item's first value to the item: both stand on the line of the dash."""
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for step, item in pairs:
            if not isinstance(item, (dict, list)) or not item:
                continue
            below = f"{pointer}/{escape(str(step))}"
            self.lift(item, below)
            if isinstance(value, list):
                first = f"{below}/{escape(next(iter(item))) if isinstance(item, dict) else 0}"
                self.above.setdefault(below, []).extend(self.above.pop(first, ()))
                if first in self.behind:
                    self.put_behind(below, self.behind.pop(first))

    def moved(self, places: dict[str, str]) -> "Comments":
        """The same comments after values went to other pointers."""
        new = Comments(self.header, footer=self.footer)
        for pointer, lines in self.above.items():
            new.above.setdefault(places.get(pointer, pointer), []).extend(lines)
        for pointer, line in self.behind.items():
            new.put_behind(places.get(pointer, pointer), line)
        return new


def comments_of(text: str, value: object) -> Comments:
    """Every comment of a document with the value that it belongs to: the one behind it on its line, else the next one below."""
    quick = _header_only(text)
    if quick is not None:
        return quick
    places = document.places(text) if value else {}
    return _assigned(list(_find(text)), places)


def _header_only(text: str) -> Comments | None:
    """Most files have at most a line for the editor at the top: no parsing for them."""
    kept = Comments()
    rest = text
    while rest.startswith("#"):
        line, _, rest = rest.partition("\n")
        kept.header.append(line.rstrip())
    return None if "#" in rest else kept


def _assigned(found: list[tuple[int, str, bool]], places: dict[str, Place]) -> Comments:
    kept = Comments()
    starts = sorted((place.key.line, pointer.count("/"), place.key.column, pointer) for pointer, place in places.items() if pointer)
    first_line = starts[0][0] if starts else float("inf")
    for line, comment, own_line in found:
        if line < first_line:
            kept.header.append(comment)
        elif own_line:
            below = next((pointer for at, _, _, pointer in starts if at > line), None)
            (kept.footer if below is None else kept.above.setdefault(below, [])).append(comment)
        else:
            # the outermost value that starts on this line, or on the last one above it where any does
            last = max(at for at, _, _, _ in starts if at <= line)
            kept.put_behind(next(pointer for at, _, _, pointer in starts if at == last), comment)
    return kept


def _find(text: str) -> Iterator[tuple[int, str, bool]]:
    """(line, comment, whether it has the line for itself, but for dashes)."""
    at = 0
    for start, end in [*document.scalar_spans(text), (len(text), len(text))]:
        # between scalars there is only syntax, space and comments, so every # starts one
        while (where := text.find("#", at, start)) >= 0:
            stop = text.find("\n", where)
            stop = len(text) if stop < 0 else stop
            line_start = text.rfind("\n", 0, where) + 1
            yield text.count("\n", 0, where) + 1, text[where:stop].rstrip(), not text[line_start:where].strip(" -")
            at = stop
        at = max(at, end)
