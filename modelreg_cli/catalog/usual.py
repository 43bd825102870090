"""Reads the usual text of a catalog file, line by line, in a third of the time that a YAML parser takes.

It knows what `fmt` writes and little more: ASCII, block mappings and lists, flow collections on one line, plain and
double-quoted values without escapes. Of everything else it says nothing, and the strict reader decides; what it does read is
what the strict reader reads (a property test holds them together).
"""

import re
from functools import lru_cache
from typing import Any

from modelreg_cli.catalog.scalars import Refusal, plain

#: Every line, whatever is in it: indentation, dash, key, the rest.
_LINE = re.compile(r'^( *)(- )?(?:([A-Za-z0-9_/][A-Za-z0-9_./-]*|"[^"\\\n]*"):(?: |$))?(.*)$', re.MULTILINE)
#: A plain value in brackets; what YAML gives a meaning there is not in it, but for a colon before a space.
_ITEM = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_/.:@+%&=()~ -]*\Z")
#: `a: b, c: d` of which nothing needs a second look.
_ONE = r"[A-Za-z0-9_/.][A-Za-z0-9_/.:@+%&=()~-]*(?<!:)"
_ONES = re.compile(f"{_ONE}(?:, {_ONE})*\\Z")
_PAIR = f"[A-Za-z_][A-Za-z0-9_-]*: {_ONE}"
_PAIRS = re.compile(f"{_PAIR}(?:, {_PAIR})*\\Z")
_NESTED = re.compile(rf"\{{([A-Za-z_][A-Za-z0-9_-]*): \{{({_PAIR}(?:, {_PAIR})*)\}}\}}\Z")
_TOKEN = re.compile(r' *(?:([\[\]{},])|("[^"\\]*")|([^\[\]{}," ][^\[\]{},"]*))')
_QUOTED = re.compile(r'"[^"\\]*"\Z')
_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/.")
#: Bounds that keep a document within those of the strict reader without counting.
_LONGEST_TEXT = 20_000
_LONGEST_KEY = 200
_DEEPEST = 12


class Unusual(Exception):
    """The strict reader must decide."""


def read(text: str) -> dict[str, Any] | None:
    """The value of a document, or None where it is not written in the usual way (it may still be right, or wrong)."""
    if len(text) > _LONGEST_TEXT or not text.isascii() or "\r" in text:
        return None
    try:
        return _read(text)
    except (Unusual, Refusal):
        return None


def _read(text: str) -> dict[str, Any]:  # noqa: C901, PLR0912 - one loop: a call for each line would cost a third more
    top: dict[str, Any] = {}
    opened: list[tuple[int, Any]] = []
    column = 0
    holder: Any = top
    waiting: str | None = None  # a key whose value begins on a deeper line
    for indent, dash, key, rest in _LINE.findall(text):
        if not key and not dash and (not rest or rest[0] == "#"):
            continue
        at = len(indent)
        if waiting is not None:
            if at <= column or len(opened) > _DEEPEST:
                raise Unusual
            below: Any = [] if dash else {}
            holder[waiting] = below
            opened.append((column, holder))
            column, holder, waiting = at, below, None
        while at < column:
            column, holder = opened.pop()
        if at != column:
            raise Unusual
        if dash:
            if type(holder) is not list:
                raise Unusual
            if not key:
                holder.append(_value(rest))
                continue
            item: dict[str, Any] = {}
            holder.append(item)
            opened.append((column, holder))
            column, holder = at + 2, item
        if not key or type(holder) is not dict:
            raise Unusual
        name = _key(key)
        if name in holder:
            raise Unusual
        if rest:
            holder[name] = _value(rest)
        else:
            waiting = name
    if waiting is not None or not top:
        raise Unusual
    return top


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    if len(text) > _LONGEST_KEY:
        raise Unusual
    if text[0] == '"':
        return text[1:-1]
    name = plain(text)
    if type(name) is not str:
        raise Unusual
    return name


def _value(text: str) -> Any:
    """A value that ends with its line."""
    first = text[0] if text else ""
    if first in _FIRST:
        if ": " in text or " #" in text or text[-1] in ": ":
            raise Unusual
        return plain(text)
    if first == '"' and _QUOTED.match(text):
        return text[1:-1]
    if first == "{" and _PAIRS.match(text, 1, len(text) - 1) and text[-1] == "}":
        return _pairs(text[1:-1])
    if first == "[" and _ONES.match(text, 1, len(text) - 1) and text[-1] == "]":
        return [plain(item) for item in text[1:-1].split(", ")]
    if first == "{" and (nested := _NESTED.match(text)):
        return {_key(nested[1]): _pairs(nested[2])}
    if first in ("[", "{"):
        return _copied(_flow(text))
    raise Unusual


@lru_cache(maxsize=1024)
def _flow(text: str) -> Any:
    """A collection as it stands in many files; nobody may change it."""
    return _Flow(text).whole()


def _copied(value: Any) -> Any:
    if type(value) is dict:
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if type(value) is list else value


def _pairs(text: str) -> dict[str, Any]:
    items = text.split(", ")
    found: dict[str, Any] = {}
    for item in items:
        name, _, value = item.partition(": ")
        found[_key(name)] = plain(value)
    if len(found) != len(items):
        raise Unusual
    return found


def _item(text: str) -> str:
    if not _ITEM.match(text) or text[-1] in ": " or ": " in text or len(text) > _LONGEST_KEY:
        raise Unusual
    return text


class _Flow:
    """A collection in brackets on one line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def whole(self) -> Any:
        value = self._value(*self._next())
        if self.at != len(self.text):
            raise Unusual
        return value

    def _next(self) -> tuple[str, str, str]:
        token = _TOKEN.match(self.text, self.at)
        if token is None:
            raise Unusual
        self.at = token.end()
        return token.group(1) or "", token.group(2) or "", token.group(3) or ""

    def _value(self, mark: str, quoted: str, bare: str) -> Any:
        if quoted:
            return quoted[1:-1]
        if bare:
            return plain(_item(bare))
        self.depth += 1
        if self.depth > 3 or mark not in ("[", "{"):
            raise Unusual
        value = self._list() if mark == "[" else self._map()
        self.depth -= 1
        return value

    def _list(self) -> list[Any]:
        found: list[Any] = []
        token = self._next()
        while token[0] != "]":
            found.append(self._value(*token))
            token = self._after("]")
        return found

    def _map(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        token = self._next()
        while token[0] != "}":
            name, value = self._pair(*token)
            if name in found:
                raise Unusual
            found[name] = value
            token = self._after("}")
        return found

    def _pair(self, mark: str, quoted: str, bare: str) -> tuple[str, Any]:
        if quoted:
            if self.text[self.at : self.at + 2] != ": ":
                raise Unusual
            self.at += 2
            name, rest = quoted[1:-1], ""
        else:
            key, colon, rest = bare.partition(": ")
            if mark or not colon:
                raise Unusual
            name = _key(_item(key))
        return name, plain(_item(rest)) if rest else self._value(*self._next())

    def _after(self, end: str) -> tuple[str, str, str]:
        """The token after an item: the end, or the first of the next item."""
        token = self._next()
        if token[0] == end:
            return token
        if token[0] != "," or self.text[self.at : self.at + 1] != " ":
            raise Unusual
        token = self._next()
        if token[0] == end:
            raise Unusual
        return token
