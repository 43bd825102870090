"""The same text twice in one list: found, and taken out."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.catalog.text import escape

# Below these keys somebody else's program says what a list means, and twice may mean twice.
_FOREIGN = frozenset(("extra", "extra_config", "settings", "upstream", "ours", "values"))


def repeats(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """(pointer, text) of every text that its list already has."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list)) and key not in _FOREIGN:
                yield from repeats(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        if not _is_words(value):
            for at, item in enumerate(value):
                yield from repeats(item, f"{pointer}/{at}")
        elif len(set(value)) < len(value):
            yield from ((f"{pointer}/{at}", item) for at, item in enumerate(value) if item in value[:at])


def without_repeats(value: Any, places: dict[str, str], pointer: str = "") -> Any:
    """The value without them; `places` is told where the items of such lists went."""
    if isinstance(value, dict):
        return {key: item if key in _FOREIGN else without_repeats(item, places, f"{pointer}/{escape(key)}") for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if not _is_words(value):
        return [without_repeats(item, places, f"{pointer}/{at}") for at, item in enumerate(value)]
    kept = list(dict.fromkeys(value))
    for at, item in enumerate(value):
        places[f"{pointer}/{at}"] = f"{pointer}/{kept.index(item)}"
    return kept


def _is_words(value: list[Any]) -> bool:
    return all(isinstance(item, str) for item in value)
