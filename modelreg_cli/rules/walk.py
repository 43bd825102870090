"""Every value of a document with its JSON pointer."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.catalog.text import escape


def texts(value: Any, pointer: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    """(pointer, name of the nearest key, text) of every text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                yield f"{pointer}/{escape(key)}", key, item
            elif isinstance(item, (dict, list)):
                yield from texts(item, f"{pointer}/{escape(key)}", key)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            if isinstance(item, str):
                yield f"{pointer}/{at}", name, item
            elif isinstance(item, (dict, list)):
                yield from texts(item, f"{pointer}/{at}", name)


def collections(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any] | list[Any]]]:
    """(pointer, mapping or list) of every collection, the outermost first."""
    if isinstance(value, (dict, list)):
        yield pointer, value
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            if isinstance(item, (dict, list)):
                yield from collections(item, f"{pointer}/{escape(str(key))}")
