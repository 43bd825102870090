"""Canonical text of a document: fixed key order, fixed style, comments kept.

One value has one text. Keys come in the order of the entity's fields; a collection that fits on its line and
carries no comment is written in flow style; lists of mappings have one item a line, so that two people who add
items do not collide; text is plain where that is unambiguous, else in double quotes.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.comments import Comments, comments_of
from modelreg_cli.catalog.order import ordered
from modelreg_cli.catalog.quoting import quoted, scalar, visible
from modelreg_cli.catalog.repeats import without_repeats
from modelreg_cli.catalog.text import escape

__all__ = ("Comments", "canonical", "dump", "flow", "format_text")

WIDTH = 110


def format_text(text: str, kind: str | None, unique: bool = False) -> str:
    """The canonical form of a document's text; with `unique`, without the repeated items of lists.

    Raises:
        Unreadable: it is not a document.
    """
    value = document.load(text.encode("utf-8", "surrogateescape"))
    comments = comments_of(text, value)
    if unique:
        places: dict[str, str] = {}
        value = without_repeats(value, places)
        comments = comments.moved(places)
    return dump(value, kind, comments)


def canonical(text: str, value: Any, kind: str | None) -> str:
    """The canonical form of a text whose value is known already."""
    return dump(value, kind, comments_of(text, value))


def dump(value: Any, kind: str | None, comments: Comments | None = None) -> str:
    """The canonical text of a value."""
    kept = comments or Comments()
    value = ordered(value, kind) if kind else value
    if kept.above or kept.behind:
        kept.lift(value)
    body = list(_Writer(kept).block(value, "", 0)) if value else [flow(value)]
    # a comment above the first key is the header's as soon as the file is read again
    first = next((at for at, line in enumerate(body) if not line.startswith("#")), len(body))
    header = [*kept.header, *body[:first]]
    if header and not header[-1].startswith("# yaml-language-server"):
        header.append("")
    return "\n".join([*header, *body[first:], *kept.footer]) + "\n"


class _Writer:
    def __init__(self, comments: Comments) -> None:
        self._above = comments.above
        self._behind = comments.behind
        self._holders = comments.holders()

    def block(self, value: Any, pointer: str, indent: int) -> Iterator[str]:
        """Lines of a collection in block style."""
        pad = " " * indent
        if isinstance(value, dict):
            for key, item in value.items():
                below = f"{pointer}/{escape(key)}"
                yield from self._comments_above(pad, below)
                yield from self._entry(f"{pad}{_key(key)}:", item, below, indent)
        else:
            for at, item in enumerate(value):
                below = f"{pointer}/{at}"
                yield from self._comments_above(pad, below)
                yield from self._item(pad, item, below, indent)

    def _comments_above(self, pad: str, pointer: str) -> Iterator[str]:
        return (pad + comment for comment in self._above.get(pointer, ()))

    def _entry(self, head: str, item: Any, pointer: str, indent: int) -> Iterator[str]:
        behind = self._comment_behind(pointer)
        one_line = self._flow(item, pointer, len(head) + 1)
        if one_line is not None:
            yield f"{head} {one_line}{behind}"
        elif isinstance(item, str):
            yield f"{head} {'|' if item.endswith(chr(10)) else '|-'}{behind}"
            yield from (f"{' ' * (indent + 2)}{line}" if line else "" for line in item.removesuffix("\n").split("\n"))
        else:
            yield f"{head}{behind}"
            yield from self.block(item, pointer, indent + 2)

    def _item(self, pad: str, item: Any, pointer: str, indent: int) -> Iterator[str]:
        behind = self._comment_behind(pointer)
        one_line = quoted(item) if _many_lines(item) else self._flow(item, pointer, len(pad) + 2)
        if one_line is not None:
            yield f"{pad}- {one_line}{behind}"
            return
        if behind:
            yield f"{pad}{behind.strip()}"
        first = True
        for line in self.block(item, pointer, indent + 2):
            if not first:
                yield line
            elif line.lstrip().startswith("#"):
                yield f"{pad}{line.lstrip()}"  # above the dash it is the item's, and stays where it is
            else:
                yield f"{pad}- {line[indent + 2 :]}"
                first = False

    def _comment_behind(self, pointer: str) -> str:
        comment = self._behind.get(pointer)
        return f" {comment}" if comment else ""

    def _flow(self, item: Any, pointer: str, column: int) -> str | None:
        """The value on one line, or None where it needs more."""
        if isinstance(item, str):
            return None if "\n" in item and _literal_is_safe(item) else scalar(item)
        if not isinstance(item, (dict, list)):
            return scalar(item)
        if not item:
            return "{}" if isinstance(item, dict) else "[]"
        if pointer in self._holders or _wants_block(item):
            return None
        text = flow(item)
        return text if column + len(text) <= WIDTH else None


def _wants_block(item: Any) -> bool:
    """Lists of collections get a line an item, and so do mappings of mappings; text of several lines gets a block."""
    if isinstance(item, list):
        return any(isinstance(value, (dict, list)) or _many_lines(value) for value in item)
    values = item.values()
    if len(item) > 1 and all(isinstance(value, dict) for value in values):
        return True
    return any(_many_lines(value) or (isinstance(value, (dict, list)) and _wants_block(value)) for value in values)


def _many_lines(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value


def _literal_is_safe(text: str) -> bool:
    lines = text.removesuffix("\n").split("\n")
    return bool(lines[0] and lines[-1]) and lines[0][0] != " " and all(visible(line) and line == line.rstrip() for line in lines)


def flow(value: Any) -> str:
    """A value in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key, in_flow=True)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value, in_flow=True)


@cache
def _key(key: str, in_flow: bool = False) -> str:
    return scalar(key, in_flow)
