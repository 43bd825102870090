"""Writes modelreg_cli/registry/keywords.py from the axes table: `python -m tests.registry.keywords`.

tests/registry/test_typing.py fails where that file is stale.
"""

from pathlib import Path

from modelreg_cli.commands.filters import FILTERS
from modelreg_cli.commands.fitting import FITTING
from modelreg_cli.registry.asked import KINDS

TARGET = Path(__file__).parents[2] / "modelreg_cli" / "registry" / "keywords.py"
HEAD = '''"""Keywords of a search, for editors and type checkers.

Made by `python -m tests.registry.keywords` from the table of axes and the options; a test fails where it is stale.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypedDict

Words = str | Iterable[str]
Number = int | float | str


class Filters(TypedDict, total=False):
    """What a search can ask: each as the option of the same name; None is not asked."""

'''
TYPES = {
    "words": "Words | None",
    "number": "Number | None",
    "price": "Number | None",
    "date": "date | str | None",
    "flag": "bool | None",
    "thresholds": "Mapping[str, Number] | None",
    "text": "Number | None",
}


def written() -> str:
    """The text of the file."""
    told = {param.key: param.help for param in (*FILTERS, *FITTING)}
    assert told.keys() == KINDS.keys(), "a keyword for each option of a search, and no other"
    return HEAD + "".join(f'    {name}: {TYPES[kind]}\n    """{_sentence(told[name])}"""\n' for name, kind in KINDS.items())


def _sentence(text: str) -> str:
    text = text.replace("--min swe-bench-verified=70", "{'swe-bench-verified': 70}").replace("--", "").replace('"', "'")
    return f"{text[:1].upper()}{text[1:]}."


if __name__ == "__main__":
    TARGET.write_text(written(), "utf-8")
