"""How sets of versions are written into the index: postings by word, spans by value (tables.py says what the columns are)."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from modelreg_cli.index.piece import Axis

#: Parts of an axis: more make a search by number read less, and the file larger.
_PARTS = 128
#: Versions in a part at least.
_LEAST = 16
#: Beginnings of more words than this have a posting of their own, so that a search reads that instead of them.
_MANY = 64
#: A set of more than one version in so many is written as bits.
_DENSE = 256
#: Axes whose words are found by their beginnings.
TEXT_AXES = ("first", "id", "word")


def encode(numbers: Sequence[int]) -> tuple[int, int, bytes]:
    """(count, dense, numbers) of a set whose numbers come in order."""
    count = len(numbers)
    if count and count * _DENSE >= numbers[-1]:
        return count, 1, bits(numbers)
    return count, 0, array("I", numbers).tobytes()


def bits(numbers: Iterable[int]) -> bytes:
    """A bit for each number, the lowest first."""
    found = bytearray()
    for number in numbers:
        place = number >> 3
        if place >= len(found):
            found.extend(bytes(place + 64 - len(found)))
        found[place] |= 1 << (number & 7)
    return bytes(found).rstrip(b"\0")


def decode(dense: int, blob: bytes) -> list[int]:
    """The numbers of a set, in order."""
    if not dense:
        return array("I", blob).tolist()
    return [place << 3 | bit for place, byte in enumerate(blob) if byte for bit in range(8) if byte >> bit & 1]


def encoded(axis: Axis) -> tuple[str, list[tuple[Any, ...]]]:
    """The rows of one axis and the table that they belong to."""
    if axis.values:
        pairs = sorted(zip(array("d", axis.values), array("I", axis.numbers), strict=True))
        return "span", list(span_of(axis.name, pairs))
    words = {word: array("I", numbers) for word, numbers in axis.words.items()}
    rows: list[tuple[Any, ...]] = [(axis.name, word, *encode(sorted(set(words[word])))) for word in sorted(words)]
    if axis.name in TEXT_AXES:
        beginnings: list[tuple[Any, ...]] = []
        _beginnings(f"{axis.name}*", sorted(words), words, 0, beginnings)
        rows += sorted(beginnings)
    return "posting", rows


def _beginnings(axis: str, order: list[str], words: "dict[str, array[int]]", length: int, rows: list[tuple[Any, ...]]) -> int:
    """Adds a row for each beginning of many of these words, which share one of `length`; gives all their versions as bits."""
    if len(order) <= _MANY:
        return int.from_bytes(bits(sorted({number for word in order for number in words[word]})), "little")
    whole = 0
    for beginning, group in groupby(order, key=lambda word: word[: length + 1]):
        below = list(group)
        union = _beginnings(axis, below, words, length + 1, rows) if len(beginning) > length else _all(below, words)
        whole |= union
        if len(below) > _MANY:
            rows.append((axis, beginning, *encode(decode(1, _bytes(union)))))
    return whole


def _all(order: list[str], words: "dict[str, array[int]]") -> int:
    return int.from_bytes(bits(sorted({number for word in order for number in words[word]})), "little")


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def span_of(axis: str, pairs: list[tuple[float, int]]) -> Iterator[tuple[Any, ...]]:
    """Rows of one axis, from its (value, number) in order."""
    parts = parts_of(pairs)
    above = 0
    rows = []
    for number, part in reversed(list(enumerate(parts))):
        rows.append((axis, number, *part_row(part), _bytes(above)))
        above |= int.from_bytes(bits(sorted(map(itemgetter(1), part))), "little")
    yield from reversed(rows)


def part_row(part: list[tuple[float, int]]) -> tuple[float, float, int, bytes, bytes]:
    """(low, high, count, amounts, numbers) of one part."""
    amounts = array("d", map(itemgetter(0), part))
    return part[0][0], part[-1][0], len(part), amounts.tobytes(), array("I", map(itemgetter(1), part)).tobytes()


def parts_of(pairs: list[tuple[float, int]]) -> list[list[tuple[float, int]]]:
    """Cuts (value, number) in order into parts; one value is cut only where it fills whole parts alone."""
    size = max(_LEAST, -(-len(pairs) // _PARTS))
    parts: list[list[tuple[float, int]]] = [[]]
    for _, group in groupby(pairs, key=itemgetter(0)):
        same = list(group)
        if len(same) > size:
            parts.extend(same[at : at + size] for at in range(0, len(same), size))
            parts.append([])
            continue
        if len(parts[-1]) + len(same) > size:
            parts.append([])
        parts[-1].extend(same)
    return [part for part in parts if part]
