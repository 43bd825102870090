"""Files of results -> drafts of catalog files, all or none; every value that is not taken is told with the reason."""

import json
import math
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from modelreg_cli.catalog import document, layout
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.evidence import Benchmark
from modelreg_cli.errors import ModelregError, Refused, listed
from modelreg_cli.importers.draft import Draft, text_of
from modelreg_cli.importers.runs.all_readers import runs_of
from modelreg_cli.importers.runs.binding import Bound, Lookup, agree
from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.new_benchmarks import draft_of
from modelreg_cli.importers.runs.run import Left, Row, Run
from modelreg_cli.importers.runs.words import Meaning, Words

_SHOWN = 5


class Asked(NamedTuple):
    """What the caller says of all files."""

    by: str
    form: str | None = None
    date: str | None = None
    source: str | None = None
    retrieved: str | None = None
    allow_partial: bool = False
    named_otherwise: bool = False
    skip_unknown: bool = False
    create_benchmarks: bool = False


class Taken(NamedTuple):
    """What became of one run: its file in the catalog, whether that was there already, values, notes, and what was left."""

    file: str
    path: str
    there: bool
    values: int
    notes: tuple[str, ...]
    left: tuple[Left, ...]


class Ingest(NamedTuple):
    """What would be written, by path, what is told of each run, and whether one of them was measured."""

    texts: dict[str, str]
    taken: list[Taken]
    measured: bool


class Planner:
    """Reads files for one version; each run is taken once."""

    def __init__(self, root: Path, catalog: Catalog, asked: Asked, bound: Bound, words: Words, lookup: Lookup) -> None:
        self._root, self._catalog, self._asked, self._bound = root, catalog, asked, bound
        self._words, self._lookup = words, lookup
        self._texts: dict[str, str] = {}
        self._taken: list[Taken] = []
        self._drafted: dict[str, dict[str, Any]] = {}

    def plan(self, files: Iterable[Path]) -> Ingest:
        """What all the files give.

        Raises:
            ModelregError: one of them cannot be read, or has a task without a benchmark.
            Refused: one of them is partial, of another model, or tells something else of a run that is there.
        """
        read = [(str(path), run) for path in files for run in runs_of(Material(path), self._asked.form)]
        # the order of the files decides nothing
        for where, run in sorted(read, key=lambda one: (one[1].identity, one[0])):
            self._take(where, run)
        if unused := self._words.unused():
            raise ModelregError(f"--map names {listed(unused, 'and')}, which no file has", "its left side is the harness's name of a task")
        taken = sorted(self._taken, key=lambda taken: (taken.file, taken.path))
        return Ingest(self._texts, taken, any(run.basis == "measured" for _, run in read))

    def _take(self, where: str, run: Run) -> None:
        if run.harness and not layout.is_id(run.harness["name"]):
            raise ModelregError(f"{where}: {run.harness['name']!r} cannot be the name of a harness", "small letters, digits and ._- inside")
        notes = [agree(run, self._bound, self._catalog, self._lookup, where, self._asked.named_otherwise)]
        left = list(run.left)
        metrics = self._measurements(where, run, left)
        if not metrics and run.partial:
            raise Refused(f"{where} has no score: {run.partial}", "run it again; there is nothing to take")
        if not metrics:
            raise ModelregError(
                f"{where}: nothing can be taken of it", "; ".join(f"{one.what}: {one.why}" for one in left[:_SHOWN]) or "it is empty"
            )
        partial = sorted({row["partial"] for row in metrics if "partial" in row})
        if partial and not self._asked.allow_partial:
            raise Refused(f"{where} is a partial run: {'; '.join(partial)}", "--allow-partial takes it, and its rows say so")
        notes += [f"partial: {'; '.join(partial)}"] if partial else []
        data = self._data(where, run, metrics)
        path, there = self._place(where, run, data)
        self._taken.append(Taken(where, path, there, len(metrics), tuple(filter(None, notes)), tuple(left)))

    def _data(self, where: str, run: Run, metrics: list[dict[str, Any]]) -> dict[str, Any]:
        asked, bound = self._asked, self._bound
        if run.date and asked.date and run.date != asked.date:
            raise ModelregError(f"{where} says that it is of {run.date}, and --date says {asked.date}", "leave --date out")
        day = run.date or asked.date
        if day is None or not _is_day(day):
            raise ModelregError(f"{where} does not say on which day it was measured", "--date 2026-07-02 does")
        measured = run.basis == "measured"
        data: dict[str, Any] = {"basis": run.basis, "by": asked.by}
        data |= {"harness": run.harness} if run.harness else {}
        data |= {"date": day, "run": run.identity}
        data |= self._source(where, run, measured)
        if measured and bound.several:
            raise ModelregError(f"{bound.version} has several artifacts", f"--artifact says which was measured: {', '.join(bound.several)}")
        if measured or bound.named:  # a page speaks of the version, whatever its files are
            data |= {"artifact": bound.artifact} if bound.artifact else {}
            data |= {"digest": bound.digest} if bound.digest else {}
            data |= {"endpoint": dict(bound.endpoint)} if bound.endpoint else {}
        data |= {"settings": run.settings} if run.settings else {}
        return {**data, "metrics": metrics}

    def _source(self, where: str, run: Run, measured: bool) -> dict[str, Any]:
        url, read = run.source or self._asked.source, self._asked.retrieved
        if measured and url is None:
            return {}
        if url is None or read is None:
            hint = "say on which page and day it was read: --source URL --retrieved 2026-07-02"
            raise ModelregError(f"{where} is what somebody reports, and needs its {'page' if url is None else 'day of reading'}", hint)
        return {"source": {"url": url, "retrieved": read}}

    def _measurements(self, where: str, run: Run, left: list[Left]) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for row in self._known(where, run, left):
            if not math.isfinite(row.value):
                left.append(Left(f"{row.task} {row.metric}", f"{row.value} is not a finite number"))
                continue
            meaning = self._words.meaning(run.reader, row)
            if isinstance(meaning, str):
                left.append(Left(f"{row.task} {row.metric}", meaning))
                continue
            data = self._measurement(run, row, meaning, left)
            key = json.dumps({name: value for name, value in data.items() if name not in ("value", "stderr")}, sort_keys=True)
            if found.setdefault(key, data) != data:
                raise ModelregError(
                    f"{where} has two values for {meaning.benchmark}/{meaning.metric} of {row.task}", "map one of the tasks elsewhere"
                )
        return [found[key] for key in sorted(found)]

    def _measurement(self, run: Run, row: Row, meaning: Meaning, left: list[Left]) -> dict[str, Any]:
        told = {key: value for key, value in row.told.items() if not (isinstance(value, float) and not math.isfinite(value))}
        if told.keys() != row.told.keys():
            left.append(Left(f"{row.task} {row.metric} stderr", "it is not a finite number"))
        data: dict[str, Any] = {"benchmark": meaning.benchmark, "metric": meaning.metric, "value": row.value, **told}
        data |= {key: value for key in ("split", "subset") if (value := getattr(meaning, key))}
        data |= {key: getattr(self._words, key)(told[key]) for key in ("hardware", "runtime") if key in told}
        reasons = [reason for text in (run.partial, told.get("partial", "")) for reason in text.split(", ") if reason]
        return data | ({"partial": ", ".join(dict.fromkeys(reasons))[:300]} if reasons else {})

    def _known(self, where: str, run: Run, left: list[Left]) -> list[Row]:
        """Rows of tasks that lead to a benchmark; a part of a group that does is told once, so that nothing counts twice."""
        rows: dict[str, list[Row]] = {}
        for row in run.rows:
            rows.setdefault(row.task, []).append(row)
        taken: list[Row] = []
        for task, own in rows.items():
            groups = [group for group in run.parts.get(task, ()) if group in rows]
            if self._words.knows(run.reader, task):
                taken += own
            elif groups:
                left.append(Left(task, f"a part of {groups[-1]}"))
            elif self._asked.create_benchmarks:
                self._create(run.reader, task, own)
                taken += own
            elif self._asked.skip_unknown:
                left.append(Left(task, "no benchmark knows this task"))
            else:
                raise ModelregError(f"{where}: no benchmark knows {run.reader}'s task {task!r}", self._words.near(task))
        return taken

    def _create(self, reader: str, task: str, rows: list[Row]) -> None:
        draft = draft_of(reader, task, rows, self._words, self._drafted)
        self._drafted[draft.ids[0]] = draft.data
        self._texts[draft.path] = text_of(draft)
        self._words.add(draft.ids[0], Benchmark.model_validate(draft.data))

    def _place(self, where: str, run: Run, data: dict[str, Any]) -> tuple[str, bool]:
        """The file of a run, and whether it is there already.

        Raises:
            Refused: it is, and tells something else.
        """
        publisher, _, rest = self._bound.version.partition("/")
        model, _, version = rest.partition("@")
        name = run.harness.get("name", run.reader)
        for digits in (8, 16):  # two runs that share eight of them are two runs all the same
            draft = Draft("results", (publisher, model, version, f"{name}-{run.identity[:digits]}"), data, publisher, where)
            text = text_of(draft)
            before = self._texts.get(draft.path) or self._before(draft.path)
            if before is None:
                self._texts[draft.path] = text
                return draft.path, False
            if before == text:
                return draft.path, True
            value: Any = document.load(before.encode("utf-8"))
            if value == document.load(text.encode("utf-8")):
                return draft.path, True
            if value.get("run") == run.identity:
                keys = [key for key in {**value, **data} if value.get(key) != data.get(key)]
                hint = f"results are never edited; it differs in {listed(keys, 'and')}"
                raise Refused(f"{where}: this run is there already as {draft.path}, and tells something else", hint)
        raise Refused(f"{where}: other runs have its names", f"look at {draft.path}")

    def _before(self, path: str) -> str | None:
        file = self._root / path
        return file.read_text("utf-8") if file.exists() else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
