"""Text of a scalar: plain where every reader takes it as text, else in double quotes."""

import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from modelreg_cli.catalog import scalars
from modelreg_cli.catalog.text import FORBIDDEN

# The first character: everything that could be read as syntax is left out.
_PLAIN = re.compile(r"[A-Za-z0-9/.+(\u00c0-\u024f]")
_FLOW_SYNTAX = re.compile(r"[\[\]{},?]|:.*\s|\s.*:|:\Z", re.DOTALL)


def scalar(value: Any, in_flow: bool = False) -> str:
    """A scalar; text in double quotes where the plain form would be read differently."""
    if isinstance(value, str):
        return value if _is_plain(value, in_flow) else quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    raise TypeError(f"a catalog has no value like {value!r}")


def number(value: int | float) -> str:
    """A number without an exponent, as short as it can be (1e-05 is read differently by YAML 1.1 and 1.2)."""
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
        text = text if "." in text else f"{text}.0"
    return text


def quoted(text: str) -> str:
    """Text in double quotes, everything unusual escaped."""
    out = json.dumps(text, ensure_ascii=False)
    return out if visible(out) else "".join(char if visible(char) else _escaped(char) for char in out)


def visible(text: str) -> bool:
    """Whether a person sees every character and every reader takes it the same way."""
    return text.isprintable() and not FORBIDDEN.search(text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(maxsize=50_000)
def _is_plain(text: str, in_flow: bool) -> bool:
    if not _PLAIN.match(text) or text != text.strip() or not visible(text):
        return False
    if ": " in text or " #" in text or text[-1] == ":" or (in_flow and _FLOW_SYNTAX.search(text)):
        return False
    if scalars.is_word(text):
        return True
    try:
        return isinstance(scalars.plain(text), str)
    except scalars.Refusal:
        return False
