"""Every question of the command line, asked in this process: the same functions, the same answers."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from os import PathLike
from types import TracebackType
from typing import Any, Self, Unpack

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.history import ask as past
from modelreg_cli.history.current import find_history
from modelreg_cli.history.refs import find_names
from modelreg_cli.query import compare as comparing
from modelreg_cli.query import fit as fitting
from modelreg_cli.query import leaderboard as ranking
from modelreg_cli.query import recommend as choosing
from modelreg_cli.query import search as searching
from modelreg_cli.query import show as showing
from modelreg_cli.query.asked import USE, search_fits, search_of
from modelreg_cli.query.axes import all_facets
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import resolve_ref
from modelreg_cli.query.resolve import resolve
from modelreg_cli.query.sql import run_sql
from modelreg_cli.query.use import choice_of, compared_fits
from modelreg_cli.query.weighing import recommend_of
from modelreg_cli.registry.answers import Board, Event, Found, Line, Match, Need, Recommendation, Resolved, Rows, Shown, Stats, Summary
from modelreg_cli.registry.asked import values_of
from modelreg_cli.registry.keywords import Filters, Number, Words
from modelreg_cli.registry.source import Pool, where_of
from modelreg_cli.registry.wrong import in_keywords

_USE = dict.fromkeys((*USE, "precision"), "text")
_FIT = dict.fromkeys((*USE, "gpu", "gpus", "artifact_format", "quantization", "precision"), "text")
_RESOLVE = dict.fromkeys((*USE, "artifact_format", "quantization", "provider", "max_vram"), "text")
_RECOMMEND = {"quality": "words", "over": "words", "weigh": "thresholds"}
_HISTORY = {"since": "date", "until": "date", "kind": "words"}


class Questions:
    """What can be asked of a catalog."""

    def __init__(
        self,
        *,
        index: str | PathLike[str] | None = None,
        root: str | PathLike[str] | None = None,
        at: str | None = None,
        refresh: float = 1.0,
    ) -> None:
        """Reads `index`, or the checkout at `root`; else what MODELREG_INDEX names, else the checkout that the working folder is in.

        `at` asks a past commit, tag or date. The files of a checkout are looked at every `refresh` seconds, and its
        index is brought up to date where they changed; an index file is looked at with every question.

        Raises:
            ModelregError: what was named is not there.
        """
        with in_keywords():
            where = where_of(_path(index), _path(root), at)
            self._pool = Pool(where, refresh) if where else None
            self._refresh = refresh
            if where:
                with self._pool_here().index():
                    pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes its files; it cannot be asked any more."""
        if self._pool:
            self._pool.close()

    def _pool_here(self) -> Pool:
        if self._pool is None:
            raise Unavailable(
                "no catalog here and no index is named",
                "Registry(index=...), Registry(root=...), MODELREG_INDEX, or load_default_models() for the catalog that is shipped",
            )
        return self._pool

    @contextmanager
    def _asking(self) -> Iterator[Index]:
        with in_keywords(), self._pool_here().index() as index:
            yield index

    def search(self, text: str = "", *, sort: str | None = None, limit: int = 20, offset: int = 0, **filters: Unpack[Filters]) -> Found:
        """Models that fit, the best first; at most `limit` of them, 0 is all."""
        values = values_of("search", filters)
        with self._asking() as index:
            asked = search_of(values, text=text, limit=limit, sort=sort, offset=offset)._replace(fits=search_fits(index, values))
            found = searching.search(index, asked)
            return Found([Match(searching.public(row)) for row in found.rows], found.total, found.models, sum(found.unknown.values()))

    def facets(self, *axes: str, text: str = "", **filters: Unpack[Filters]) -> dict[str, dict[str, int]]:
        """How many models would be left by adding each value of these axes, the most first."""
        values = values_of("facets", filters)
        if not axes:
            raise ModelregError("facets needs an axis or more", f"it counts {', '.join(all_facets)}")
        with self._asking() as index:
            asked = search_of(values, text=text, limit=1, facets=axes)._replace(fits=search_fits(index, values))
            return {name: dict(counts) for name, counts in searching.search(index, asked).facets.items()}

    def show(self, ref: str) -> Shown:
        """Everything about one model, version, artifact or offering."""
        with self._asking() as index:
            return Shown(showing.show(index, resolve_ref(index, ref)))

    def versions(self, ref: str) -> tuple[Summary, ...]:
        """Versions of a model, the newest first."""
        with self._asking() as index:
            return tuple(Summary(row) for row in showing.versions(index, resolve_ref(index, ref).model))

    def compare(
        self,
        *refs: str,
        context: Number | None = None,
        kv: str | None = None,
        sequences: Number | None = None,
        runtime: str | None = None,
        precision: str | None = None,
    ) -> tuple[Line, ...]:
        """What differs between models, first."""
        values = values_of("compare", _given(_USE, locals()), _USE)
        with self._asking() as index:
            targets = [resolve_ref(index, ref) for ref in refs]
            lines = comparing.compare(index, targets, compared_fits(index, values))
            return tuple(Line(value) for value in comparing.as_values(lines, comparing.titles_of(targets, [*refs])))

    def leaderboard(self, benchmark: str, *, metric: str | None = None, limit: int = 25, **filters: Unpack[Filters]) -> Board:
        """Models ranked by a benchmark."""
        values = {**values_of("leaderboard", filters), "all_versions": True}
        with self._asking() as index:
            asked = search_of(values, limit=limit)._replace(fits=search_fits(index, values))
            return Board(ranking.as_value(ranking.leaderboard(index, benchmark, metric, asked)))

    def resolve(
        self,
        ref: str,
        *,
        artifact_format: str | None = None,
        quantization: str | None = None,
        provider: str | None = None,
        max_vram: Number | None = None,
        context: Number | None = None,
        kv: str | None = None,
        sequences: Number | None = None,
        runtime: str | None = None,
    ) -> Resolved:
        """What to fetch or call for a ref."""
        values = values_of("resolve", _given(_RESOLVE, locals()), _RESOLVE)
        with self._asking() as index:
            return Resolved(resolve(index, ref, choice_of(index, values)))

    def fit(
        self,
        ref: str,
        *,
        gpu: Number | None = None,
        gpus: Number | None = None,
        context: Number | None = None,
        kv: str | None = None,
        sequences: Number | None = None,
        runtime: str | None = None,
        artifact_format: str | None = None,
        quantization: str | None = None,
        precision: str | None = None,
    ) -> Need:
        """How much memory a model needs, and whether it fits."""
        values = values_of("fit", _given(_FIT, locals()), _FIT)
        with self._asking() as index:
            return Need(fitting.as_value(fitting.fit(index, ref, values)))

    def recommend(
        self,
        text: str = "",
        *,
        quality: Words | None = None,
        over: Words | None = None,
        weigh: Mapping[str, Number] | None = None,
        ratio: str = "3:1",
        limit: int = 10,
        **filters: Unpack[Filters],
    ) -> Recommendation:
        """Which models to choose from, and why: the front of what counts, or the best by weights."""
        own = values_of("recommend", {"quality": quality, "over": over, "weigh": weigh}, _RECOMMEND)
        values = {**values_of("recommend", filters), **own, "ratio": ratio, "limit": limit}
        with self._asking() as index:
            return Recommendation(choosing.as_value(choosing.recommend(index, recommend_of(index, values, text))))

    def stats(self) -> Stats:
        """Counts of the catalog, and how much of it is known."""
        with self._asking() as index:
            return Stats(showing.stats(index))

    def sql(self, query: str, *, limit: int = 1000, seconds: float = 10.0) -> Rows:
        """Rows of one SELECT; docs/index.md has the tables."""
        with self._asking() as index:
            answer = run_sql(index, query, limit, seconds)
            return Rows({"columns": answer.columns, "rows": answer.rows, "cut": answer.cut})

    def history(
        self,
        ref: str | None = None,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        kind: Words | None = None,
        limit: int = 50,
    ) -> tuple[Event, ...]:
        """What changed when and by whom, the newest first; of a checkout, as it is read from Git."""
        values = values_of("history", {"since": since, "until": until, "kind": kind}, _HISTORY)
        with in_keywords():
            root = self._pool_here().where.root
            if root is None:
                raise Unavailable("an index file has no history", "Registry(root=...) on a clone of the catalog has")
            asked = past.asked_of(_only(values["since"]), _only(values["until"]), values["kind"], limit)
            history = past.open_history(find_history(root))
            try:
                asked = asked._replace(names=find_names(history, ref)) if ref is not None else asked
                return tuple(Event(event) for event in past.as_values(past.events(history, asked)[0]))
            finally:
                history.db.close()


def _path(path: Any) -> str | None:
    return None if path is None else str(path)


def _given(kinds: Iterable[str], found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in kinds}


def _only(values: list[str]) -> str | None:
    return values[0] if values else None
