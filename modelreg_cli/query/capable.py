"""Which versions have a capability: those that say so, and those whose modalities or tasks mean it by the vocabulary."""

from typing import NamedTuple

from modelreg_cli.query import sets
from modelreg_cli.query.opened import Index

_KEY = "what capabilities follow from"
_AXES = {"input": "modality_in", "output": "modality_out", "task": "task"}


class Implied(NamedTuple):
    """A label that means a capability, such as `modality_in` image for `vision`."""

    axis: str
    value: str


def implied(index: Index) -> dict[str, list[Implied]]:
    """Labels that mean a capability, by capability, as vocabulary/capabilities says."""
    if _KEY not in index.orders:
        terms = index.document("vocabulary", "capabilities").get("terms", {})
        named = {word: [Implied(axis, told[field]) for field, axis in _AXES.items() if field in told] for word, told in terms.items()}
        index.orders[_KEY] = {word: labels for word, labels in named.items() if labels}
    found: dict[str, list[Implied]] = index.orders[_KEY]
    return found


def capable(index: Index, word: str) -> int:
    """Versions that have a capability."""
    found = sets.having(index, "capability", word)
    for label in implied(index).get(word, ()):
        found |= sets.having(index, label.axis, label.value)
    return found


def any_capable(index: Index, words: list[str]) -> int:
    """Versions that have one of these capabilities."""
    found = 0
    for word in words:
        found |= capable(index, word)
    return found
