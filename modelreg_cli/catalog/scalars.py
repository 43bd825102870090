"""Plain scalars: which of them every YAML reader takes the same way, and as what."""

import re
from decimal import Decimal
from functools import lru_cache

from modelreg_cli.catalog import codes
from modelreg_cli.finding import Code

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
# Scalars that YAML 1.1 and 1.2 (or two popular readers of one of them) read differently.
_AMBIGUOUS = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|=|<<)\Z"
    r"|[-+]?\.(?:inf|nan)\Z"
    r"|[-+]?0[xob][0-9a-f_]+\Z"
    r"|[-+]?[0-9_]+(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?\Z"
    r"|[-+]?\.[0-9_]+(?:e[-+]?[0-9]+)?\Z"
    r"|[-+]?[0-9_]+(?::[0-9]{1,2})+(?:\.[0-9_]*)?\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = {"true": True, "false": False}
_AMBIGUOUS_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))

# Many readers keep every number as a double, which is exact for whole numbers below this.
_LARGEST = 2**53
# A double gives 15 digits back, so a number this long with its point needs no second look.
_SURE = 16


class Refusal(Exception):
    """A plain scalar that is refused: code, what it is, hint."""

    def __init__(self, code: Code, what: str, hint: str) -> None:
        super().__init__(what)
        self.code, self.what, self.hint = code, what, hint


def is_word(text: str) -> bool:
    """Whether it starts with a letter and no reader takes it for anything but text."""
    return text[:1].isalpha() and text.lower() not in _AMBIGUOUS_WORDS


@lru_cache(maxsize=50_000)
def plain(text: str) -> str | int | float | bool:
    """The value of a plain scalar.

    Raises:
        Refusal: readers disagree about it, it is null, or it has more digits than they keep.
    """
    if is_word(text):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        if len(text) > 17 or abs(int(text)) >= _LARGEST:
            told = "readers keep whole numbers below 2^53; quote it if it is a name"
            raise Refusal(codes.NUMBER_PRECISION, f"the number {text[:24]}...", told)
        return int(text)
    if _FLOAT.match(text):
        return _decimal(text)
    if _DATE.match(text):
        return text
    if text == "" or text.lower() in ("null", "~"):
        raise Refusal(codes.NULL_VALUE, "an empty value", "leave the key out: absent means unknown")
    if _AMBIGUOUS.match(text):
        raise Refusal(
            codes.AMBIGUOUS_SCALAR,
            f"the plain value {text[:60]!r}",
            f'YAML 1.1 and 1.2 read it differently; write "{text[:60]}" if it is text',
        )
    return text


def _decimal(text: str) -> float:
    """A number with a fraction, where its double gives the author's decimal back (docs/decisions/0001-numbers.md)."""
    number = float(text)
    if len(text) <= _SURE:
        return number
    if number in (float("inf"), float("-inf")) or Decimal(repr(number)) != Decimal(text):
        raise Refusal(codes.NUMBER_PRECISION, f"the number {text[:40]}", "a double cannot hold it exactly as written; write fewer digits")
    return number
