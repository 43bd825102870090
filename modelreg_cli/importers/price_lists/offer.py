"""What a price list says of one name of one provider, in this catalog's words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelreg_cli.importers.price_lists.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Offer:
    """A wire id and what its seller asks for it; `provider` is ours. Absent is unknown.

    `tariffs` are oldest first. `task` is the one that a model of it must have, empty where it must be one that chats.
    `facts` are of the model and only compared: field of the version -> value. `extra` are fields that are taken as they are.
    """

    provider: str
    wire_id: str
    url: str
    note: str | None = None
    tariffs: tuple[Tariff, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    can: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    task: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


class Told:
    """What was left out, counted: one decision for each provider and reason, whatever the number of listings."""

    #: Characters of names in one decision: the field of a file holds only so much.
    MOST = 3_500

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._counts: dict[tuple[str, str], dict[str, int]] = {}

    def tell(self, group: str, reason: str, name: str) -> None:
        """One more."""
        names = self._counts.setdefault((group, reason), {})
        names[name] = names.get(name, 0) + 1

    def total(self, reason: str) -> dict[str, int]:
        """Name -> how often, over all groups."""
        found: Counter[str] = Counter()
        for (_, why), names in self._counts.items():
            found.update(names if why == reason else {})
        return dict(found)

    def lines(self) -> list[tuple[str, str, str]]:
        """(group, reason, words) of every decision."""
        return [(group, reason, self._line(reason, names)) for (group, reason), names in sorted(self._counts.items())]

    def _line(self, reason: str, names: dict[str, int]) -> str:
        shown, size = [], 0
        for name, times in sorted(names.items()):
            shown.append(name if times == 1 or not name else f"{name} ({times})")
            size += len(shown[-1]) + 2
            if size > self.MOST:
                break
        more = len(names) - len(shown)
        words = self._words[reason].format(sum(names.values()))
        listed = ", ".join(name for name in [*shown, f"and {more} more" if more else ""] if name)
        return f"{words}: {listed}" if listed else words
