"""Sets of versions as whole numbers with a bit for each version, read from the tables `posting` and `span`.

A filter is one set, and filters are joined by `&`: a question over 300,000 versions is a few operations on 40 kB.
"""

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from modelreg_cli.query.opened import Index

#: Bytes of a set that are looked at together.
_PIECE = 128
_NONE = bytes(_PIECE)
#: Sets that an open index keeps in memory: 40 MB of 300,000 versions.
_KEPT = 1000
#: No catalog has as many versions; a damaged file may say so, and a bit for each would fill the memory.
_LARGEST = 1 << 27
#: The last code point: what sorts after every word with a beginning.
_LAST = "\U0010ffff"


def everything(index: Index) -> int:
    """All versions."""
    return having(index, "known", "newest")


def having(index: Index, axis: str, word: str) -> int:
    """Versions that have a word."""
    key = (axis, word)
    found = index.kept.get(key)
    if found is None:
        row = index.one("SELECT dense, numbers FROM posting WHERE axis = ? AND word = ?", key)
        found = _keep(index, key, _decoded(index, row) if row else 0)
    return int(found)


def _keep(index: Index, key: object, found: int) -> int:
    if len(index.kept) >= _KEPT:
        del index.kept[next(iter(index.kept))]
    index.kept[key] = found
    return found


def any_of(index: Index, axis: str, words: Iterable[str]) -> int:
    """Versions that have one of these words."""
    found = 0
    for word in words:
        found |= having(index, axis, word)
    return found


def beginning(index: Index, axis: str, start: str) -> int:
    """Versions with a word that begins so."""
    key = (f"{axis}^", start)
    found = index.kept.get(key)
    if found is None:
        many = index.one("SELECT dense, numbers FROM posting WHERE axis = ? AND word = ?", (f"{axis}*", start))
        sql = "SELECT dense, numbers FROM posting WHERE axis = ? AND word >= ? AND word < ?"
        found = 0
        # a beginning of many words is written down; of few, they are read
        for row in [many] if many else index.rows(sql, (axis, start, start + _LAST)):
            found |= _decoded(index, row)
        _keep(index, key, found)
    return int(found)


def known(index: Index, axis: str) -> int:
    """Versions whose number of that axis is known."""
    return having(index, "known", axis)


def at_least(index: Index, axis: str, bound: float) -> int:
    """Versions whose number is known and not below a bound."""
    key = ("at least", axis, bound)
    found = index.kept.get(key)
    if found is None:
        row = index.one("SELECT amounts, numbers, above FROM span WHERE axis = ? AND high >= ? ORDER BY part LIMIT 1", (axis, bound))
        here = of_numbers(number for value, number in valued(index, row) if value >= bound) if row else 0
        found = _keep(index, key, here | int.from_bytes(row["above"], "little") if row else 0)
    return int(found)


def at_most(index: Index, axis: str, bound: float) -> int:
    """Versions whose number is known and not above a bound."""
    key = ("at most", axis, bound)
    found = index.kept.get(key)
    if found is None:
        row = index.one("SELECT amounts, numbers, above FROM span WHERE axis = ? AND low <= ? ORDER BY part DESC LIMIT 1", (axis, bound))
        here = of_numbers(number for value, number in valued(index, row) if value > bound) if row else 0
        above = here | int.from_bytes(row["above"], "little") if row else 0
        found = _keep(index, key, known(index, axis) & ~above if row else 0)
    return int(found)


def members(chosen: int) -> Iterator[int]:
    """Numbers of a set, the smallest first."""
    blob = chosen.to_bytes((chosen.bit_length() // 8 // _PIECE + 1) * _PIECE, "little")
    for start in range(0, len(blob), _PIECE):
        piece = blob[start : start + _PIECE]
        if piece == _NONE:  # most pieces of a small set; the others are numbers that are small enough to be taken apart
            continue
        bits = int.from_bytes(piece, "little")
        before = (start << 3) - 1
        while bits:
            lowest = bits & -bits
            yield before + lowest.bit_length()
            bits ^= lowest


def of_numbers(numbers: Iterable[int]) -> int:
    """The set of some numbers."""
    found = bytearray()
    for number in numbers:
        place = number >> 3
        if place >= len(found):
            found.extend(bytes(place + 4096 - len(found)))
        found[place] |= 1 << (number & 7)
    return int.from_bytes(found, "little")


def as_bytes(index: Index, chosen: int) -> bytes:
    """A set with a bit for every version of the index: `blob[number >> 3] >> (number & 7) & 1` tells a member."""
    return chosen.to_bytes(everything(index).bit_length() // 8 + 1, "little")


def counts(index: Index, axis: str, chosen: int) -> list[tuple[str, int]]:
    """How many members of a set have each word of an axis; words that none has are left out."""
    key = ("words", axis)
    if key not in index.kept:
        rows = index.rows("SELECT word, dense, numbers FROM posting WHERE axis = ?", (axis,))
        index.kept[key] = [
            (row["word"], _decoded(index, row) if row["dense"] else 0, array("I") if row["dense"] else numbers_of(index, row["numbers"]))
            for row in rows
        ]
    blob = as_bytes(index, chosen)
    found = []
    for word, many, few in index.kept[key]:
        count = (many & chosen).bit_count() + sum([blob[number >> 3] >> (number & 7) & 1 for number in few])
        if count:
            found.append((word, count))
    return found


def _decoded(index: Index, row: Any) -> int:
    """The set in a row of `posting`."""
    return int.from_bytes(row["numbers"], "little") if row["dense"] else of_numbers(numbers_of(index, row["numbers"]))


def numbers_of(index: Index, blob: bytes) -> "array[int]":
    """The numbers in a blob.

    Raises:
        Unavailable: the file is damaged.
    """
    try:
        found = array("I", blob)
    except ValueError:
        raise index.damaged("a set of versions is cut off") from None
    if found and max(found) > _LARGEST:
        raise index.damaged("a set holds what can be no version")
    return found


def valued(index: Index, row: Any) -> Iterator[tuple[float, int]]:
    """(value, number) of a row of `span`, in order.

    Raises:
        Unavailable: the file is damaged.
    """
    numbers = numbers_of(index, row["numbers"])
    if len(row["amounts"]) != 8 * len(numbers):
        raise index.damaged("values and versions are not as many")
    return zip(array("d", row["amounts"]), numbers, strict=True)
