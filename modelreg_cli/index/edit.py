"""Changes to what is already written: what an update of the index does to rows, and to the sets in `posting` and `span`."""

import sqlite3
from array import array
from collections.abc import Iterable
from typing import Any

from modelreg_cli.index import file
from modelreg_cli.index.piece import Key, Piece
from modelreg_cli.index.postings import TEXT_AXES, decode, encode, part_row, span_of
from modelreg_cli.index.tables import Table

Pair = tuple[float, int]


def change_postings(connection: sqlite3.Connection, old: Piece, new: Piece) -> None:
    """Takes out what came from the old pieces, and puts in what comes from the new ones."""
    before = {key: set(numbers) for key, numbers in old.postings.items()}
    after = {key: set(numbers) for key, numbers in new.postings.items()}
    known = [{("known", axis): {number for _, number in pairs} for axis, pairs in piece.spans.items()} for piece in (old, new)]
    before, after = before | known[0], after | known[1]
    for key in before.keys() | after.keys():
        _change(connection, key, before.get(key, set()), after.get(key, set()))
    starts = [_beginnings(found) for found in (before, after)]
    for key in starts[0].keys() | starts[1].keys():
        _change(connection, key, starts[0].get(key, set()), starts[1].get(key, set()), only_there=True)


def _beginnings(found: dict[Key, set[int]]) -> dict[Key, set[int]]:
    """Versions by each beginning of each of their words."""
    starts: dict[Key, set[int]] = {}
    for (axis, word), numbers in found.items():
        for length in range(1, len(word) + 1) if axis in TEXT_AXES else ():
            starts.setdefault((f"{axis}*", word[:length]), set()).update(numbers)
    return starts


def _change(connection: sqlite3.Connection, key: Key, before: set[int], after: set[int], only_there: bool = False) -> None:
    if before == after:
        return
    row = connection.execute("SELECT dense, numbers FROM posting WHERE axis = ? AND word = ?", key).fetchone()
    if row is None and only_there:
        return
    numbers = sorted(set(decode(*row) if row else ()) - before | after)
    connection.execute("DELETE FROM posting WHERE axis = ? AND word = ?", key)
    if numbers:
        file.insert(connection, "posting", [(*key, *encode(numbers))])


def change_spans(connection: sqlite3.Connection, old: Piece, new: Piece) -> None:
    """The same for versions in the order of a number."""
    for axis in old.spans.keys() | new.spans.keys():
        before, after = set(old.spans.get(axis, ())), set(new.spans.get(axis, ()))
        if before != after:
            _Axis(connection, axis).change(before - after, after - before)


class _Axis:
    """One axis, of which only the parts that change are read and written."""

    def __init__(self, connection: sqlite3.Connection, axis: str) -> None:
        self.connection, self.axis = connection, axis
        sql = "SELECT part, low, high FROM span WHERE axis = ? ORDER BY part"
        self.parts: list[tuple[int, float, float]] = connection.execute(sql, (axis,)).fetchall()

    def change(self, gone: set[Pair], new: set[Pair]) -> None:
        moved: dict[int, tuple[set[int], set[int]]] = {}
        for pair in gone:
            part = next(part for part, low, high in self.parts if low <= pair[0] <= high and pair in self._pairs(part))
            self._write(part, [kept for kept in self._pairs(part) if kept != pair])
            moved.setdefault(part, (set(), set()))[0].add(pair[1])
        places = {pair: self._place(pair) for pair in new}
        if None in places.values():
            self._anew(new)
            return
        for pair, place in places.items():
            assert place is not None
            self._write(place, sorted([*self._pairs(place), pair]))
            moved.setdefault(place, (set(), set()))[1].add(pair[1])
        self._above(moved)

    def _place(self, pair: Pair) -> int | None:
        """The part that a pair belongs to, or None where no part can take it."""
        value, number = pair
        if not self.parts:
            return None
        part, low, high = next((known for known in self.parts if value <= known[2]), self.parts[-1])
        if low < high:
            return part
        run = [part for part, low, high in self.parts if low == high == value]
        before = [part for part in run if (pairs := self._pairs(part)) and pairs[0][1] <= number]
        return before[-1] if before else run[0] if run else None

    def _pairs(self, part: int) -> list[Pair]:
        row = self.connection.execute("SELECT amounts, numbers FROM span WHERE axis = ? AND part = ?", (self.axis, part)).fetchone()
        return list(zip(array("d", row[0]), array("I", row[1]), strict=True))

    def _write(self, part: int, pairs: list[Pair]) -> None:
        at = next(at for at, known in enumerate(self.parts) if known[0] == part)
        if pairs:
            low, high, count, amounts, numbers = part_row(pairs)
            self.parts[at] = (part, low, high)
        else:  # it stays as a place where nothing is
            _, low, high = self.parts[at]
            count, amounts, numbers = 0, b"", b""
        sql = "UPDATE span SET low = ?, high = ?, count = ?, amounts = ?, numbers = ? WHERE axis = ? AND part = ?"
        self.connection.execute(sql, (low, high, count, amounts, numbers, self.axis, part))

    def _above(self, moved: dict[int, tuple[set[int], set[int]]]) -> None:
        """What lies above each part, where versions came into later parts or left them."""
        last = max(moved, default=0)
        sql = "SELECT part, above FROM span WHERE axis = ? AND part < ?"
        for part, blob in self.connection.execute(sql, (self.axis, last)).fetchall():
            found = int.from_bytes(blob, "little")
            for later, (gone, _) in moved.items():
                found &= ~_bits(gone) if later > part else -1
            for later, (_, new) in moved.items():
                found |= _bits(new) if later > part else 0
            data = found.to_bytes((found.bit_length() + 7) // 8, "little")
            self.connection.execute("UPDATE span SET above = ? WHERE axis = ? AND part = ?", (data, self.axis, part))

    def _anew(self, more: Iterable[Pair]) -> None:
        """Cuts the whole axis into parts again."""
        pairs = sorted([*more, *(pair for part, _, _ in self.parts for pair in self._pairs(part))])
        self.connection.execute("DELETE FROM span WHERE axis = ?", (self.axis,))
        rows: list[tuple[Any, ...]] = list(span_of(self.axis, pairs))
        file.insert(self.connection, "span", rows)
        self.parts = [(row[1], row[2], row[3]) for row in rows]


def _bits(numbers: Iterable[int]) -> int:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def keyed(table: Table, piece: Piece) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows by key, the first of each: as `insert` takes them."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    places = [place for place, column in enumerate(table.columns) if column.key]
    for row in piece.rows.get(table.name, ()):
        found.setdefault(tuple(row[place] for place in places), row)
    return found


def replace_rows(
    connection: sqlite3.Connection,
    table: Table,
    old: dict[tuple[Any, ...], tuple[Any, ...]],
    new: dict[tuple[Any, ...], tuple[Any, ...]],
) -> None:
    """Writes what differs between old rows and new ones, by key."""
    gone = [key for key, row in old.items() if new.get(key) != row]
    connection.executemany(f"DELETE FROM {table.name} WHERE {' AND '.join(f'{key} = ?' for key in table.keys)}", gone)
    file.insert(connection, table.name, (row for key, row in new.items() if old.get(key) != row))
