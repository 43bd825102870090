"""search: which models fit, and which of them come first."""

import importlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.index.numbers import bound
from modelreg_cli.index.words import words_of
from modelreg_cli.query import sets
from modelreg_cli.query.axes import all_facets, all_sorts, by_name
from modelreg_cli.query.capable import capable, implied
from modelreg_cli.query.conditions import Fit, Search, axis_of, fitting, offer_conditions, score_axis
from modelreg_cli.query.opened import Index
from modelreg_cli.query.orders import by_ref, in_order
from modelreg_cli.query.values import LARGEST

#: Label axes that a row of the answer carries, and what they are called there.
_LABELS = {"tag": "tags", "task": "tasks", "capability": "capabilities", "modality_in": "modality_in", "modality_out": "modality_out"}

#: Columns that mean nothing outside the file.
_HIDDEN = ("number", "released_first", "position")

#: Rows that one query fetches.
_AT_ONCE = 500


class Found(NamedTuple):
    """An answer: rows, how many fit, how many models there are, how many more fit if unknown counted, facet counts."""

    rows: list[dict[str, Any]]
    total: int
    models: int
    unknown: dict[str, int]
    benchmarks: list[str]
    facets: dict[str, list[tuple[str, int]]]


def search(index: Index, asked: Search) -> Found:
    """Versions that fit, the best first.

    Raises:
        ModelregError: an unknown word, benchmark, sort or facet, or a value of the wrong form.
    """
    if min(asked.limit, asked.offset) < 0:
        raise ModelregError("--limit and --offset take 0 or more", "--limit 0 shows everything")
    if max(asked.limit, asked.offset) >= LARGEST:
        raise ModelregError("a number is too large", "numbers here have 18 digits at most")
    fit = fitting(index, asked)
    chosen = fit.loose if asked.unknown else fit.strict
    total = chosen.bit_count()
    numbers = _page(index, asked, chosen, fit) if total else []
    models = (sets.everything(index) if asked.every_version else sets.having(index, "is", "default")).bit_count()
    unknown = {} if asked.unknown else _unknown(index, asked, fit)
    facets = {name: _facet(index, asked, name, chosen) for name in _check_facets(asked.facets)}
    return Found(_rows(index, asked, numbers, fit.benchmarks), total, models, unknown, [name for name, _ in fit.benchmarks], facets)


def field_names(index: Index) -> list[str]:
    """Names of all fields of a row, for an answer that has none."""
    return [*index.column("SELECT name FROM pragma_table_info('version')"), *_LABELS.values(), "scores"]


def public(row: dict[str, Any]) -> dict[str, Any]:
    """A row as callers read it: limits in numbers or words, and nothing that has a meaning in the file only."""
    kept = {name: value for name, value in row.items() if name not in _HIDDEN}
    kept["is_default"] = bool(kept["is_default"])
    for name in ("context", "input", "output"):
        kept[name] = bound(kept[name])
    return kept


def _page(index: Index, asked: Search, chosen: int, fit: Fit) -> list[int]:
    """Numbers of the rows that are asked for, in order."""
    end = None if asked.limit == 0 else asked.offset + asked.limit
    name = (asked.sort or "").lstrip("-")
    offers = name in ("price-in", "price-out") and offer_conditions(index, asked, loose=False)
    if offers and offers.sql:
        return _by_price(index, chosen, all_sorts[name][0], asked.sort != name, offers)[asked.offset : end]
    return list(islice(_ordered(index, asked, chosen, fit), asked.offset, end))


def _ordered(index: Index, asked: Search, chosen: int, fit: Fit) -> Iterator[int]:
    """A total order: the last step is the ref, so that equal rows never trade places; unknown comes last."""
    if not asked.sort:
        for group in _by_likeness(index, asked.text, chosen):
            yield from in_order(index, group, "newest", True)
        return
    name, backwards = asked.sort.lstrip("-"), asked.sort.startswith("-")
    if name == "name":
        numbers = by_ref(index, chosen)
        yield from reversed(list(numbers)) if backwards else numbers
        return
    if name in all_sorts:
        axis, descending = all_sorts[name]
    else:
        metric = dict(fit.benchmarks)[name]
        axis = score_axis(name, metric)
        row = index.one("SELECT better FROM metric WHERE benchmark = ? AND metric = ?", (name, metric))
        descending = row is None or row["better"] == "higher"
    yield from in_order(index, chosen, axis, descending != backwards)


def _by_likeness(index: Index, text: str, chosen: int) -> Iterator[int]:
    """Parts of a set, best first: what was typed is the whole id, begins it, is in it, or only in a name, alias or description."""
    words = words_of(text)
    if not words:
        yield chosen
        return
    exact = sets.of_numbers(
        index.column("SELECT v.number FROM model m JOIN version v ON v.model = m.id WHERE m.words = ?", (" ".join(words),))
    )
    inside = chosen
    for word in words:
        inside &= sets.beginning(index, "id", word)
    begins = inside & sets.beginning(index, "first", words[0])
    yield chosen & exact
    yield begins & ~exact
    yield inside & ~begins & ~exact
    yield chosen & ~inside & ~exact


def _by_price(index: Index, chosen: int, column: str, backwards: bool, offers: Any) -> list[int]:
    """By the lowest price of the offerings that fit."""
    sql = (
        f"SELECT v.number, {_lowest(column)} AS price FROM offering o JOIN version v ON v.number = o.number WHERE {offers.text()} "
        f"GROUP BY v.number ORDER BY price IS NULL, price {'DESC' if backwards else 'ASC'}, v.ref"
    )
    found = [row[0] for row in index.rows(sql, offers.values) if chosen >> row[0] & 1]
    return [*found, *by_ref(index, chosen & ~sets.of_numbers(found))]


def _lowest(column: str) -> str:
    """The lowest price that is paid, else the one that is free."""
    return f"coalesce(min(nullif(o.{column}, 0)), min(o.{column}))"


def _rows(index: Index, asked: Search, numbers: list[int], benchmarks: list[tuple[str, str]]) -> list[dict[str, Any]]:
    found = []
    for start in range(0, len(numbers), _AT_ONCE):
        found += _some_rows(index, asked, numbers[start : start + _AT_ONCE], benchmarks)
    return found


def _some_rows(index: Index, asked: Search, numbers: list[int], benchmarks: list[tuple[str, str]]) -> list[dict[str, Any]]:
    # one text for any numbers, so that SQLite prepares it once
    among, listed_ = "IN (SELECT value FROM json_each(?))", f"[{','.join(map(str, numbers))}]"
    found = index.rows(f"SELECT * FROM version WHERE number {among}", (listed_,))
    names = found[0].keys() if found else []
    rows = {row["number"]: dict(zip(names, row, strict=True)) for row in found}
    if rows.keys() != set(numbers):
        raise index.damaged("a version is missing")
    for row in rows.values():
        row.update({name: [] for name in _LABELS.values()}, scores={benchmark: None for benchmark, _ in benchmarks})
    axes = ", ".join(f"'{axis}'" for axis in _LABELS)
    for number, axis, word in index.rows(f"SELECT version, axis, value FROM label WHERE version {among} AND axis IN ({axes})", (listed_,)):
        rows[number][_LABELS[axis]].append(word)
    for benchmark, metric in benchmarks:
        sql = f"SELECT version, value FROM score WHERE version {among} AND benchmark = ? AND metric = ?"
        for number, value in index.rows(sql, (listed_, benchmark, metric)):
            rows[number]["scores"][benchmark] = value
    offers = offer_conditions(index, asked, loose=False)
    if offers.sql:  # prices shown are those of the offerings that fit
        prices = f"{_lowest('price_in')} AS price_in, {_lowest('price_out')} AS price_out"
        sql = f"SELECT o.number, {prices} FROM offering o WHERE o.number {among} AND {offers.text()} GROUP BY o.number"
        cheapest = {row["number"]: row for row in index.rows(sql, (listed_, *offers.values))}
        for number, row in rows.items():
            row.update({name: cheapest[number][name] if number in cheapest else None for name in ("price_in", "price_out")})
    needed = importlib.import_module("modelreg_cli.query.fits").needs(index, asked.fits, numbers) if asked.fits else {}
    return [rows[number] | needed.get(number, {}) for number in numbers]


def _unknown(index: Index, asked: Search, fit: Fit) -> dict[str, int]:
    """How many more would fit if unknown values counted, by what is unknown."""
    more = fit.loose.bit_count() - fit.strict.bit_count()
    if not more:
        return {}
    titles = [axis_of(name).title for name in asked.filters if axis_of(name).operator != "in"] + (["licence"] if asked.flags else [])
    titles += [f"{text.partition('=')[0]} score" for text in (*asked.at_least, *asked.at_most)]
    titles += ["memory need"] if asked.fits else []
    return {listed(list(dict.fromkeys(titles))): more}


def _check_facets(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in all_facets:
            raise ModelregError(
                f"--facets: nothing is called {name!r}", did_you_mean(name, all_facets) or f"known: {', '.join(all_facets)}"
            )
    return names


def _facet(index: Index, asked: Search, name: str, chosen: int) -> list[tuple[str, int]]:
    """How many would be left by adding each value of an axis; on offerings, the one that has it must meet the other filters too."""
    axis = by_name[name]
    if axis.where in ("version", "label"):
        tallied = dict(sets.counts(index, axis.column, chosen))
        if axis.name == "capability":
            tallied |= {word: (capable(index, word) & chosen).bit_count() for word in implied(index)}
        found = [(word, count) for word, count in tallied.items() if count]
    else:
        table, column = ("offering o JOIN offering_region r ON r.offering = o.id", "r.region")
        if axis.where == "offering":
            table, column = ("offering o", f"o.{axis.column}")
        offers = offer_conditions(index, asked, asked.unknown)
        sql = (
            f"SELECT DISTINCT {column}, o.number FROM {table} WHERE o.in_service = 1 AND {column} IS NOT NULL AND o.number IS NOT NULL AND "
        )
        tally: dict[str, int] = {}
        for word, number in index.rows(sql + offers.text(), offers.values):
            tally[word] = tally.get(word, 0) + (chosen >> number & 1)
        found = [(word, count) for word, count in tally.items() if count]
    return sorted(found, key=lambda item: (-item[1], item[0]))
