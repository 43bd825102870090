"""Aligned columns for a terminal, as wide as it is."""

import os
import sys
import unicodedata
from collections.abc import Sequence

from modelreg_cli.render.words import one_line

_NARROWEST = 12  # dates and versions stay whole
_FEWEST = 2
_GAP = "  "


def lines_of(titles: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], colored: bool, indent: int = 0) -> str:
    """A line of titles and one for each row.

    On a terminal, text columns are cut until they fit (the first, ids, never is); where that is not enough the last
    columns are left out, and an ellipsis in the titles says so.
    """
    plain = [[one_line(cell) for cell in line] for line in (titles, *cells)]
    widths = _fitted([max(map(_width, column)) for column in zip(*plain, strict=True)], right, indent)
    head, *lines = [
        " " * indent
        + _GAP.join(_pad(cut(cell, width), width, at_right) for cell, width, at_right in zip(line, widths, right, strict=False)).rstrip()
        for line in plain
    ]
    head += f"{_GAP}…" if len(widths) < len(titles) else ""
    return "\n".join([f"\x1b[1m{head}\x1b[0m" if colored else head, *lines]) + "\n"


def _fitted(widths: list[int], right: Sequence[bool], indent: int) -> list[int]:
    """Takes from the widest text column until the table fits; then leaves out columns from the end."""
    room = terminal_columns()
    if room is None:
        return widths
    for kept in range(len(widths), _FEWEST - 1, -1):
        fitted = widths[:kept]
        over = indent + sum(fitted) + len(_GAP) * (kept - 1) - room + (len(_GAP) + 1 if kept < len(widths) else 0)
        texts = [at for at in range(1, kept) if not right[at]]
        while over > 0 and texts and fitted[widest := max(texts, key=lambda at: fitted[at])] > _NARROWEST:
            fitted[widest] -= 1
            over -= 1
        if over <= 0:
            return fitted
    return widths[:_FEWEST]


def terminal_columns() -> int | None:
    """Columns of the terminal; off it nothing is cut (shutil would cost a search two milliseconds)."""
    if not sys.stdout.isatty():
        return None
    try:
        return int(os.environ.get("COLUMNS", "")) or None
    except ValueError:
        pass
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:
        return None


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    return 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def cut(text: str, width: int) -> str:
    """A text that is no wider than that."""
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"
