"""Sets of versions as whole numbers with a bit for each version, read from the tables `posting` and `span`.

A filter is one set, and filters are joined by `&`: a question over 300,000 versions is a few operations on 40 kB.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from modelreg_cli.query.opened import Index

_SOME = re.compile(rb"[^\0]+")
_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
#: Below this many members a Python set tells membership faster than bits do.
_FEW = 4000
#: No catalog has as many versions; a damaged file may say so, and a bit for each would fill the memory.
_LARGEST = 1 << 27
#: The last code point: what sorts after every word with a beginning.
_LAST = "\U0010ffff"


class Part(NamedTuple):
    """What is known of one part of an axis before its versions are read."""

    part: int
    low: float
    high: float


def everything(index: Index) -> int:
    """All versions."""
    return having(index, "known", "newest")


def having(index: Index, axis: str, word: str) -> int:
    """Versions that have a word."""
    key = (axis, word)
    found = index.kept.get(key)
    if found is None:
        row = index.one("SELECT dense, numbers FROM posting WHERE axis = ? AND word = ?", key)
        found = index.kept[key] = _decoded(index, row) if row else 0
    return int(found)


def any_of(index: Index, axis: str, words: Iterable[str]) -> int:
    """Versions that have one of these words."""
    found = 0
    for word in words:
        found |= having(index, axis, word)
    return found


def beginning(index: Index, axis: str, start: str) -> int:
    """Versions with a word that begins so."""
    key = (f"{axis}^", start)
    if key not in index.kept:
        many = index.one("SELECT dense, numbers FROM posting WHERE axis = ? AND word = ?", (f"{axis}*", start))
        found = 0
        # a beginning of many words is written down; of few, they are read
        rows = [many] if many else index.rows(
            "SELECT dense, numbers FROM posting WHERE axis = ? AND word >= ? AND word < ?", (axis, start, start + _LAST)
        )  # fmt: skip
        for row in rows:
            found |= _decoded(index, row)
        index.kept[key] = found
    return int(index.kept[key])


def known(index: Index, axis: str) -> int:
    """Versions whose number of that axis is known."""
    return having(index, "known", axis)


def at_least(index: Index, axis: str, bound: float) -> int:
    """Versions whose number is known and not below a bound."""
    row = index.one("SELECT amounts, numbers, above FROM span WHERE axis = ? AND high >= ? ORDER BY part LIMIT 1", (axis, bound))
    if row is None:
        return 0
    return int.from_bytes(row["above"], "little") | of_numbers(number for value, number in _valued(index, row) if value >= bound)


def at_most(index: Index, axis: str, bound: float) -> int:
    """Versions whose number is known and not above a bound."""
    row = index.one("SELECT amounts, numbers, above FROM span WHERE axis = ? AND low <= ? ORDER BY part DESC LIMIT 1", (axis, bound))
    if row is None:
        return 0
    above = int.from_bytes(row["above"], "little") | of_numbers(number for value, number in _valued(index, row) if value > bound)
    return known(index, axis) & ~above


def in_order(index: Index, chosen: int, axis: str, descending: bool) -> Iterator[int]:
    """Members of a set in the order of a number, equal ones in the order of their refs; unknown ones last."""
    rest = chosen & known(index, axis)
    first, late = _parted(index, rest)
    if not late:
        yield from (number for _, number in _pairs(index, first, axis, descending))
    else:
        sign = -1 if descending else 1
        added = sorted((sign * value, _ref(index, number), number) for value, number in _pairs(index, late, axis, descending))
        for value, number in _pairs(index, first, axis, descending):
            while added and (sign * value, _ref(index, number)) > added[0][:2]:
                yield added.pop(0)[2]
            yield number
        yield from (number for _, _, number in added)
    yield from by_ref(index, chosen & ~rest)


def by_ref(index: Index, chosen: int) -> Iterator[int]:
    """Members of a set in the order of their refs."""
    first, late = _parted(index, chosen)
    added = sorted((_ref(index, number), number) for number in members(late))
    for number in members(first):
        while added and _ref(index, number) > added[0][0]:
            yield added.pop(0)[1]
        yield number
    yield from (number for _, number in added)


def _parted(index: Index, chosen: int) -> tuple[int, int]:
    """The members whose numbers are in the order of refs, and those that an update of the index added."""
    if "ordered" not in index.kept:
        index.kept["ordered"] = (2 << int(index.meta().get("ordered", 0))) - 1
    mask = index.kept["ordered"]
    return chosen & mask, chosen & ~mask


def _ref(index: Index, number: int) -> tuple[str, ...]:
    """What sorts like the number of a version in a clean build."""
    ref = index.must("SELECT ref FROM version WHERE number = ?", (number,))[0]
    publisher, _, rest = ref.partition("/")
    model, _, version = rest.partition("@")
    return publisher, model, version


def _pairs(index: Index, chosen: int, axis: str, descending: bool) -> Iterator[tuple[float, int]]:
    """(value, number) of the members of a set in order, of equal values the smaller number first."""
    inside = _membership(chosen)
    parts = _parts(index, axis) if chosen else []
    runs = [list(run) for _, run in groupby(parts, key=lambda part: (part.part if part.low != part.high else -1, part.high))]
    for run in reversed(runs) if descending else runs:
        for part in run:
            row = index.must("SELECT amounts, numbers FROM span WHERE axis = ? AND part = ?", (axis, part.part))
            if part.low == part.high:
                yield from ((part.low, number) for number in filter(inside, _numbers(index, row["numbers"])))
                continue
            hits = [(value, number) for value, number in _valued(index, row) if inside(number)]
            yield from sorted(hits, key=lambda hit: (-hit[0], hit[1])) if descending else hits


def _parts(index: Index, axis: str) -> list[Part]:
    key = ("parts", axis)
    if key not in index.kept:
        index.kept[key] = [Part(*row) for row in index.rows("SELECT part, low, high FROM span WHERE axis = ? ORDER BY part", (axis,))]
    found: list[Part] = index.kept[key]
    return found


def _membership(chosen: int) -> Callable[[int], bool]:
    if chosen.bit_count() <= _FEW:
        return frozenset(members(chosen)).__contains__
    blob = chosen.to_bytes(chosen.bit_length() // 8 + 1, "little")
    last = len(blob)

    def inside(number: int) -> bool:
        place = number >> 3
        return place < last and bool(blob[place] >> (number & 7) & 1)

    return inside


def members(chosen: int) -> Iterator[int]:
    """Numbers of a set, the smallest first."""
    blob = chosen.to_bytes(chosen.bit_length() // 8 + 1, "little")
    for run in _SOME.finditer(blob):
        for place in range(run.start(), run.end()):
            for bit in _BITS[blob[place]]:
                yield place << 3 | bit


def of_numbers(numbers: Iterable[int]) -> int:
    """The set of some numbers."""
    found = bytearray()
    for number in numbers:
        place = number >> 3
        if place >= len(found):
            found.extend(bytes(place + 4096 - len(found)))
        found[place] |= 1 << (number & 7)
    return int.from_bytes(found, "little")


def counts(index: Index, axis: str, chosen: int) -> list[tuple[str, int]]:
    """How many members of a set have each word of an axis; words that none has are left out."""
    inside = _membership(chosen)
    found = []
    for word, dense, numbers in index.rows("SELECT word, dense, numbers FROM posting WHERE axis = ?", (axis,)):
        count = (having(index, axis, word) & chosen).bit_count() if dense else sum(map(inside, _numbers(index, numbers)))
        if count:
            found.append((word, count))
    return found


def _decoded(index: Index, row: Any) -> int:
    """The set in a row of `posting`."""
    return int.from_bytes(row["numbers"], "little") if row["dense"] else of_numbers(_numbers(index, row["numbers"]))


def _numbers(index: Index, blob: bytes) -> "array[int]":
    try:
        found = array("I", blob)
    except ValueError:
        raise index.damaged("a set of versions is cut off") from None
    if found and max(found) > _LARGEST:
        raise index.damaged("a set holds what can be no version")
    return found


def _valued(index: Index, row: Any) -> Iterator[tuple[float, int]]:
    """(value, number) of a row of `span`, in order."""
    numbers = _numbers(index, row["numbers"])
    if len(row["amounts"]) != 8 * len(numbers):
        raise index.damaged("values and versions are not as many")
    return zip(array("d", row["amounts"]), numbers, strict=True)
