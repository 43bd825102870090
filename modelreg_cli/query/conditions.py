"""Options of a search -> the set of versions that fit; every word is checked on the way."""

import importlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.index.words import words_of
from modelreg_cli.query import sets, values
from modelreg_cli.query.axes import Axis, all_sorts, by_name
from modelreg_cli.query.capable import any_capable, capable
from modelreg_cli.query.opened import Index
from modelreg_cli.query.words import check_word, known_words

if TYPE_CHECKING:
    from modelreg_cli.query.fits import Fits

_NOTHING: Mapping[str, list[str]] = MappingProxyType({})


class Search(NamedTuple):
    """A search. `filters` and `excluded` are by axis name; thresholds are BENCHMARK=VALUE texts.

    `flags` are licence terms that must be yes or conditional. `unknown` keeps versions whose value is unknown.
    """

    text: str = ""
    filters: Mapping[str, list[str]] = _NOTHING
    excluded: Mapping[str, list[str]] = _NOTHING
    flags: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    at_least: tuple[str, ...] = ()
    at_most: tuple[str, ...] = ()
    unknown: bool = False
    every_version: bool = False
    sort: str | None = None
    limit: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()
    fits: "Fits | None" = None


class Fit(NamedTuple):
    """What fits a search, and what fits if unknown numbers pass, as sets; (benchmark, metric) of the scores that the answer shows."""

    strict: int
    loose: int
    benchmarks: list[tuple[str, str]]


class Where:
    """Conditions that are joined by AND, with their values."""

    def __init__(self) -> None:
        self.sql: list[str] = []
        self.values: list[Any] = []

    def add(self, sql: str, *given: Any) -> None:
        """One more condition."""
        self.sql.append(sql)
        self.values.extend(given)

    def text(self) -> str:
        """All of them."""
        return " AND ".join(self.sql) or "1"


def fitting(index: Index, asked: Search) -> Fit:
    """Versions that fit a search.

    Raises:
        ModelregError: an unknown axis, word, benchmark or sort, or a value of the wrong form.
    """
    strict = sets.everything(index) if asked.every_version else sets.having(index, "is", "default")
    loose = strict
    benchmarks: list[tuple[str, str]] = []
    for certain, maybe in _conditions(index, asked, strict, benchmarks):
        strict &= certain
        loose &= maybe
    return Fit(strict, loose, list(dict.fromkeys([*benchmarks, *_sorted_by(index, asked)])))


def _conditions(index: Index, asked: Search, whole: int, benchmarks: list[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Of each condition: what fits, and what fits if unknown numbers pass."""
    for word in _typed(asked.text):
        yield (found := sets.beginning(index, "word", word), found)
    for name, given in asked.filters.items():
        axis = axis_of(name)
        if axis.where in ("version", "label"):
            yield from _filter(index, axis, given, whole)
    for name, given in asked.excluded.items():
        yield (found := whole & ~_excluded(index, axis_of(name), given), found)
    for flag in asked.flags:
        allowed = sets.any_of(index, "license", _licenses(index, flag, "yes", "conditional"))
        yield allowed, whole & ~sets.any_of(index, "license", _licenses(index, flag, "no"))
    for word in asked.all_of:
        yield (found := capable(index, check_word(index, "--all-of", "capability", word)), found)
    if any(axis_of(name).where in ("offering", "region") for name in asked.filters):
        yield _offered(index, asked, False), _offered(index, asked, True)
    if asked.fits:
        # what computes memory is loaded only where it is asked for
        sure, possible = importlib.import_module("modelreg_cli.query.fits").fitting_numbers(index, asked.fits)
        yield sets.of_numbers(sure), sets.of_numbers(possible)
    yield from _thresholds(index, asked, whole, benchmarks)


def _typed(text: str) -> list[str]:
    """The words that were typed: all must be there, each may be a beginning."""
    words = words_of(text)
    if text.strip() and not words:
        raise ModelregError(f"nothing to search for in {text!r}", "type a word, or leave the text out and use filters")
    return words


def axis_of(name: str) -> Axis:
    """The axis of that name.

    Raises:
        ModelregError: there is none.
    """
    axis = by_name.get(name)
    if axis is None:
        raise ModelregError(f"no axis is called {name!r}", did_you_mean(name, by_name))
    return axis


def _words(index: Index, axis: Axis, given: list[str], prefix: str = "--") -> list[str]:
    return [check_word(index, f"{prefix}{axis.name}", axis.words, value) for value in given]


def _marks(items: list[Any]) -> str:
    return ",".join("?" * len(items))


def _filter(index: Index, axis: Axis, given: list[str], whole: int) -> Iterator[tuple[int, int]]:
    if axis.operator == "in":
        words = _words(index, axis, given)
        found = _with_terms(index, words, whole) if axis.kind == "term" else _labelled(index, axis, words)
        yield found, found
        return
    unknown = whole & ~sets.known(index, axis.column)
    for text in given:
        is_date = axis.kind == "date"
        bound = float(values.date(axis.option, text).replace("-", "") if is_date else values.count(axis.option, text))
        found = (sets.at_most if axis.operator == "max" else sets.at_least)(index, axis.column, bound)
        yield found, found | unknown


def _labelled(index: Index, axis: Axis, words: list[str]) -> int:
    """Versions that have one of these words."""
    return any_capable(index, words) if axis.name == "capability" else sets.any_of(index, axis.column, words)


def _with_terms(index: Index, words: list[str], whole: int) -> int:
    """Versions whose licence says one of these of a term; of a licence that is not in the catalog nothing is known."""
    found = 0
    for word in words:
        term, _, value = word.partition("=")
        if value == "unknown":
            found |= whole & ~sets.any_of(index, "license", _licenses(index, term, "yes", "no", "conditional"))
        else:
            found |= sets.any_of(index, "license", _licenses(index, term, value))
    return found


def _licenses(index: Index, term: str, *told: str) -> list[str]:
    """Licences that say one of these of a term."""
    return index.column(f"SELECT id FROM license WHERE {term} IN ({_marks(list(told))})", told)


def _excluded(index: Index, axis: Axis, given: list[str]) -> int:
    words = _words(index, axis, given, "--not-")
    if axis.kind == "term":
        return _with_terms(index, words, sets.everything(index))
    if axis.where in ("version", "label"):
        return _labelled(index, axis, words)
    table, column = ("offering o", f"o.{axis.column}")
    if axis.where == "region":
        table, column = ("offering o JOIN offering_region r ON r.offering = o.id", "r.region")
    sql = f"SELECT o.number FROM {table} WHERE o.in_service = 1 AND o.number IS NOT NULL AND {column} IN ({_marks(words)})"
    return sets.of_numbers(index.column(sql, words))


def offer_conditions(index: Index, asked: Search, loose: bool) -> Where:
    """Filters on offerings hold together for one and the same offering."""
    where = Where()
    for name, given in asked.filters.items():
        axis = axis_of(name)
        if axis.where == "offering" and axis.operator == "in":
            words = _words(index, axis, given)
            where.add(f"o.{axis.column} IN ({_marks(words)})", *words)
        elif axis.where == "offering":
            maybe = f"o.{axis.column} IS NULL OR " if loose else ""
            for text in given:
                where.add(f"({maybe}o.{axis.column} <= ?)", values.price(axis.option, text))
        elif axis.where == "region":
            words = _words(index, axis, given)
            where.add(f"o.id IN (SELECT offering FROM offering_region WHERE region IN ({_marks(words)}))", *words)
    if where.sql:
        where.add("o.in_service = 1")
    return where


def _offered(index: Index, asked: Search, loose: bool) -> int:
    """Versions of which one offering meets all filters on offerings."""
    offers = offer_conditions(index, asked, loose)
    found = sets.of_numbers(index.column(f"SELECT o.number FROM offering o WHERE o.number IS NOT NULL AND {offers.text()}", offers.values))
    prices_only = all(axis_of(name).kind == "price" for name in asked.filters if axis_of(name).where in ("offering", "region"))
    if loose and prices_only:
        found |= sets.everything(index) & ~(sets.known(index, "price_in") | sets.known(index, "price_out"))
    return found


def _thresholds(index: Index, asked: Search, whole: int, benchmarks: list[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """The benchmark thresholds; adds (benchmark, metric) of each."""
    for option, texts, limit in (("--min", asked.at_least, sets.at_least), ("--max", asked.at_most, sets.at_most)):
        for text in texts:
            name, number, percent = values.threshold(option, text)
            benchmark = check_word(index, option, "benchmark", name)
            metric, unit = metric_of(index, benchmark)
            benchmarks.append((benchmark, metric))
            if percent and unit not in ("fraction", "percent"):
                raise ModelregError(f"{option} {text}: {benchmark} is not in percent", f"its unit is {unit}")
            value = number / 100 if unit == "fraction" and (percent or number > 1) else number
            _check_range(index, f"{option} {text}", benchmark, value)
            axis = score_axis(benchmark, metric)
            found = limit(index, axis, value)
            yield found, found | (whole & ~sets.known(index, axis))


def score_axis(benchmark: str, metric: str) -> str:
    """The axis of headline scores."""
    return f"score/{benchmark}/{metric}"


def _sorted_by(index: Index, asked: Search) -> list[tuple[str, str]]:
    """The benchmark that the answer is sorted by, if it is one."""
    sort = (asked.sort or "").lstrip("-")
    if not sort or sort in all_sorts:
        return []
    known = [*all_sorts, *known_words(index, "benchmark")]
    if sort not in known:
        raise ModelregError(
            f"--sort: nothing is called {sort!r}", did_you_mean(sort, known) or f"known: {', '.join(all_sorts)}, or a benchmark"
        )
    return [(sort, metric_of(index, sort)[0])]


def _check_range(index: Index, said: str, benchmark: str, value: float) -> None:
    """Refuses a value that no score can have."""
    lowest, highest, unit = index.rows(
        "SELECT m.min, m.max, m.unit FROM benchmark b JOIN metric m ON m.benchmark = b.id AND m.metric = b.metric WHERE b.id = ?",
        (benchmark,),
    )[0]
    if (lowest is not None and value < lowest) or (highest is not None and value > highest):
        bounds = f"{'' if lowest is None else f'{lowest:g}'} to {'' if highest is None else f'{highest:g}'}".strip()
        raise ModelregError(f"{said}: a score of {benchmark} is {bounds}", "or 0 to 100 as percent" if unit == "fraction" else None)


def metric_of(index: Index, benchmark: str) -> tuple[str, str]:
    """The default metric of a benchmark and its unit."""
    row = index.one(
        "SELECT b.metric, m.unit FROM benchmark b JOIN metric m ON m.benchmark = b.id AND m.metric = b.metric WHERE b.id = ?", (benchmark,)
    )
    if row is None:
        raise ModelregError(f"the benchmark {benchmark} has no metric", "run `modelreg validate`")
    return row["metric"], row["unit"]
