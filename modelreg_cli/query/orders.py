"""Sets of versions in order: the first of many are found by walking along an order that is written down, not by sorting."""

from array import array
from collections.abc import Iterator
from itertools import groupby

from modelreg_cli.query.opened import Index
from modelreg_cli.query.sets import as_bytes, known, members, numbers_of, of_numbers, valued

#: An order that is asked for so often is kept in memory, as in a service: 6 MB of 300,000 versions.
_OFTEN = 4
#: So few members are sorted at once by their places in an order that is kept; of more, stretch by stretch.
_FEW = 600
#: Versions in one stretch of an order.
_STRETCH = 2500


class Order:
    """An order of all versions: the place of each, and the sets of those that share a stretch of it."""

    __slots__ = ("places", "stretches")

    def __init__(self, places: "array[int]", stretches: list[int]) -> None:
        self.places, self.stretches = places, stretches


def in_order(index: Index, chosen: int, axis: str, descending: bool) -> Iterator[int]:
    """Members of a set in the order of a number, equal ones in the order of their refs; unknown ones last."""
    rest = chosen & known(index, axis)
    first, late = _parted(index, rest)
    if late:
        yield from _merged(index, first, late, axis, descending)
    elif order := _order(index, axis, descending):
        for stretch in [first] if first.bit_count() <= _FEW else order.stretches:
            if here := first & stretch:
                yield from sorted(members(here), key=order.places.__getitem__)
    else:
        yield from (number for _, number in _pairs(index, first, axis, descending))
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


def _merged(index: Index, first: int, late: int, axis: str, descending: bool) -> Iterator[int]:
    """The same where an update of the index added versions, whose numbers are not in the order of refs."""
    sign = -1 if descending else 1
    added = sorted((sign * value, _ref(index, number), number) for value, number in _pairs(index, late, axis, descending))
    for value, number in _pairs(index, first, axis, descending):
        while added and (sign * value, _ref(index, number)) > added[0][:2]:
            yield added.pop(0)[2]
        yield number
    yield from (number for _, _, number in added)


def _order(index: Index, axis: str, descending: bool) -> Order | None:
    """The whole order, where it is asked for again and again."""
    key = ("order", axis, descending)
    found = index.orders.get(key, 0)
    if isinstance(found, int):
        index.orders[key] = found + 1
        if found < _OFTEN:
            return None
        every = known(index, axis)
        numbers = [number for _, number in _pairs(index, every, axis, descending)]
        places = array("I", bytes(4 * every.bit_length()))
        for place, number in enumerate(numbers):
            places[number] = place
        stretches = [of_numbers(numbers[start : start + _STRETCH]) for start in range(0, len(numbers), _STRETCH)]
        found = index.orders[key] = Order(places, stretches)
    order: Order = found
    return order


def _parted(index: Index, chosen: int) -> tuple[int, int]:
    """The members whose numbers are in the order of refs, and those that an update of the index added."""
    if "ordered" not in index.orders:
        index.orders["ordered"] = (2 << int(index.meta().get("ordered", 0))) - 1
    mask = index.orders["ordered"]
    return chosen & mask, chosen & ~mask


def _ref(index: Index, number: int) -> tuple[str, ...]:
    """What sorts like the number of a version in a clean build."""
    ref = index.must("SELECT ref FROM version WHERE number = ?", (number,))[0]
    publisher, _, rest = ref.partition("/")
    model, _, version = rest.partition("@")
    return publisher, model, version


def _pairs(index: Index, chosen: int, axis: str, descending: bool) -> Iterator[tuple[float, int]]:
    """(value, number) of the members of a set in order, of equal values the smaller number first."""
    blob = as_bytes(index, chosen)
    parts = _parts(index, axis) if chosen else []
    runs = [list(run) for _, run in groupby(parts, key=lambda part: (part[0] if part[1] != part[2] else -1, part[2]))]
    try:
        for run in reversed(runs) if descending else runs:
            for part, low, high in run:
                row = index.must("SELECT amounts, numbers FROM span WHERE axis = ? AND part = ?", (axis, part))
                if low == high:
                    numbers = numbers_of(index, row["numbers"])
                    yield from [(low, number) for number in numbers if blob[number >> 3] >> (number & 7) & 1]
                    continue
                hits = [(value, number) for value, number in valued(index, row) if blob[number >> 3] >> (number & 7) & 1]
                yield from sorted(hits, key=lambda hit: (-hit[0], hit[1])) if descending else hits
    except IndexError:
        raise index.damaged("an order holds what is no version") from None


def _parts(index: Index, axis: str) -> list[tuple[int, float, float]]:
    """Number, smallest and largest value of each part of an axis."""
    key = ("parts", axis)
    if key not in index.orders:
        index.orders[key] = [tuple(row) for row in index.rows("SELECT part, low, high FROM span WHERE axis = ? ORDER BY part", (axis,))]
    found: list[tuple[int, float, float]] = index.orders[key]
    return found
