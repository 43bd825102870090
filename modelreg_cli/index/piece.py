"""Rows and postings that come from a part of the catalog; pieces of all parts together are the index."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Row = tuple[Any, ...]
#: (axis, word), as in the table `posting`.
Key = tuple[str, str]
#: Postings and spans as bytes.
Packed = tuple[list[tuple[Key, bytes]], list[tuple[str, bytes, bytes]]]


class Piece(NamedTuple):
    """Rows by table, numbers of versions by word, and (value, number) by axis of the searches by a number."""

    rows: dict[str, list[Row]]
    postings: dict[Key, list[int]]
    spans: dict[str, list[tuple[float, int]]]


def empty() -> Piece:
    """A piece to be filled."""
    return Piece(defaultdict(list), defaultdict(list), defaultdict(list))


class Axis(NamedTuple):
    """One axis of the searches, as bytes: numbers of versions by word, or values with their numbers."""

    name: str
    words: dict[str, bytes]
    values: bytes
    numbers: bytes


class Postings:
    """Numbers of versions by word, and by value, of everything that was added: 4 bytes a number."""

    def __init__(self) -> None:
        self.words: dict[Key, array[int]] = defaultdict(lambda: array("I"))
        self.values: dict[str, tuple[array[float], array[int]]] = defaultdict(lambda: (array("d"), array("I")))

    def add(self, postings: Iterable[tuple[Key, list[int]]], spans: Iterable[tuple[str, list[tuple[float, int]]]]) -> None:
        """Adds those of one piece."""
        for key, numbers in postings:
            self.words[key].extend(numbers)
        for axis, pairs in spans:
            values, numbers_ = self.values[axis]
            values.extend(value for value, _ in pairs)
            numbers_.extend(number for _, number in pairs)

    def pack(self) -> Packed:
        """As bytes, to be sent to another process."""
        return (
            [(key, numbers.tobytes()) for key, numbers in self.words.items()],
            [(axis, values.tobytes(), numbers.tobytes()) for axis, (values, numbers) in self.values.items()],
        )

    def unpack(self, packed: Packed) -> None:
        """Adds what another process packed."""
        for key, numbers in packed[0]:
            self.words[key].frombytes(numbers)
        for axis, values, numbers in packed[1]:
            mine = self.values[axis]
            mine[0].frombytes(values)
            mine[1].frombytes(numbers)

    def by_axis(self) -> Iterator[Axis]:
        """Everything axis by axis, in order; what was given is let go."""
        words: dict[str, dict[str, bytes]] = defaultdict(dict)
        for axis, word in list(self.words):
            words[axis][word] = self.words.pop((axis, word)).tobytes()
        for axis in sorted(words):
            yield Axis(axis, words.pop(axis), b"", b"")
        for axis in sorted(self.values):
            values, numbers = self.values.pop(axis)
            yield Axis("known", {axis: numbers.tobytes()}, b"", b"")
            yield Axis(axis, {}, values.tobytes(), numbers.tobytes())
