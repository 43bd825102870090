"""Tree -> one SQLite file: every file read once, rows streamed into it, the file put in place whole."""

import contextlib
import gc
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelreg_cli import __version__
from modelreg_cli.catalog.layers import over
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.catalog.tree_id import tree_id
from modelreg_cli.index import file
from modelreg_cli.index.context import CONTEXT_KINDS, Context, context_of, served_now
from modelreg_cli.index.derive import Workers
from modelreg_cli.index.digest import logical_digest
from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.index.piece import Postings, empty
from modelreg_cli.index.read import Read, read_files
from modelreg_cli.index.rows_others import Known, Served, add_other
from modelreg_cli.index.tables import all_tables
from modelreg_cli.index.units import Layout, layout_of, refs_in

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: file, bytes, logical digest (where one was asked for), tree id, bad files, Git ids of the parts of catalog/.

    `identity` tells this file from another at the same path.
    """

    path: Path
    size: int
    digest: str
    tree: str
    left_out: list[str]
    folders: dict[str, str] = field(default_factory=dict)
    identity: str = ""


class _Stopped(Exception):
    """Some files have errors, and the index is wanted whole or not at all."""


def build(tree: Tree, target: Path, progress: Progress | None = None, *, partial: bool = False, digest: bool = True) -> Built:
    """The index of a tree, at `target`; the file there before stays whole until the new one is.

    Files with errors are left out if `partial`; else nothing is written where there are any. The digest of all rows takes
    about as long as writing them.

    Raises:
        ModelregError: the tree has no catalog.
        Unavailable: the file cannot be written, or what the catalog extends is not here.
    """
    making = _Making(tree, progress, partial, digest)
    collects = gc.isenabled()
    gc.disable()  # rows come and go by the million, and none refers to itself
    try:
        identity = file.put_in_place(target, making.write)
    except _Stopped:
        return Built(target, 0, "", "", sorted(making.bad))
    finally:
        if collects:
            gc.enable()
    return Built(target, target.stat().st_size, making.digest, making.tree_id, sorted(making.bad), making.folders, identity)


class _Making:
    """One clean build."""

    def __init__(self, tree: Tree, progress: Progress | None, partial: bool, digest: bool) -> None:
        self.tree, self.progress, self.partial, self.wants_digest = over(tree), progress, partial, digest
        self.bad: set[str] = set()
        self.digest = self.tree_id = ""
        self._total = self._done = 0
        self.folders: dict[str, str] = {}

    def write(self, path: Path) -> None:
        """Fills a new file."""
        paths, odd = self.tree.listed()
        self._total = len(paths)
        self.bad.update(finding.path for finding in odd)
        self.bad.update(same_but_for_case(paths))
        layout = layout_of(paths)
        with contextlib.closing(file.opened(path)) as connection:
            file.make(connection)
            context = self._read_others(connection, layout)
            with Workers(len(paths) - len(layout.others), context) as workers:
                rows = workers.encode(self._add_models(connection, layout, workers))
                self._add_others(connection, context)
                file.finish(connection)
                for table, found in rows:
                    file.insert(connection, table, found)
            file.close(connection)
            self._last = sum(len(refs_in(model, files)) for model, files in layout.models.items())
            self._tell(connection)

    def _read_others(self, connection: sqlite3.Connection, layout: Layout) -> Context:
        """Reads what is no part of a model; its rows come last, when it is known what versions there are."""
        told: list[tuple[str, str, dict[str, Any]]] = []

        def rows() -> Iterator[tuple[Any, ...]]:
            for read in read_files(self.tree.part(layout.others), layout.others):
                self._count(1)
                self._check(read)
                if read.blob:
                    self.folders[read.path] = read.blob
                if read.kind in CONTEXT_KINDS and read.data is not None:
                    told.append((read.kind, read.id, read.data))
                yield read.row()

        file.insert(connection, "document", rows())
        return context_of(told)

    def _check(self, read: Read) -> None:
        if read.bad:
            self.bad.add(read.path)

    def _count(self, files: int) -> None:
        before = self._done
        self._done += files
        if self.progress and (before // 500 != self._done // 500 or self._done == self._total):
            self.progress(self._done, self._total)

    def _add_models(self, connection: sqlite3.Connection, layout: Layout, workers: Workers) -> Postings:
        postings = Postings()
        for done in workers.derive(self.tree, layout.models):
            for table, rows in done.rows.items():
                file.insert(connection, table, rows)
            postings.unpack(done.postings)
            self.bad.update(done.bad)
            self.folders.update(done.folders)
            self._count(len(done.rows["document"]))
        if self.bad and not self.partial:
            raise _Stopped
        return postings

    def _add_others(self, connection: sqlite3.Connection, context: Context) -> None:
        served = _served(connection, context)
        piece = empty()
        for kind, id_, data in documents(connection, "kind NOT IN ('', 'model', 'version', 'results', 'scan')"):
            add_other(piece, kind, id_, data, Known(context, served))
        for table in all_tables:
            file.insert(connection, table.name, piece.rows.get(table.name, ()))

    def _tell(self, connection: sqlite3.Connection) -> None:
        self.digest = logical_digest(connection) if self.wants_digest else ""
        self.tree_id = self.tree.id() or tree_id(self.folders.items())
        results = connection.execute("SELECT total(json_array_length(json, '$.metrics')) FROM document WHERE kind = 'results'").fetchone()[
            0
        ]
        write_meta(connection, self.tree_id, self.digest, self.bad, self._last, int(results))


def _served(connection: sqlite3.Connection, context: Context) -> Mapping[str, Served]:
    refs = [served_now(data) for _, _, data in documents(connection, "kind = 'offering'")]
    return served_of(connection, refs)


def served_of(connection: sqlite3.Connection, refs: Iterable[str]) -> dict[str, Served]:
    """What offerings take from these versions, of those that are there."""
    found = {}
    for ref in set(refs):
        row = connection.execute("SELECT number, context, output FROM version WHERE ref = ?", (ref,)).fetchone()
        if row:
            found[ref] = Served(*row)
    return found


def documents(connection: sqlite3.Connection, where: str, values: Iterable[Any] = ()) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(kind, id, values) of entities, in order."""
    sql = f"SELECT kind, id, json FROM document WHERE json IS NOT NULL AND {where} ORDER BY kind, id"
    for kind, id_, text in connection.execute(sql, tuple(values)):
        yield kind, id_, json.loads(text)


def write_meta(connection: sqlite3.Connection, tree: str, digest: str, refused: Iterable[str], ordered: int, results: int) -> None:
    """The facts about the index itself; `ordered` and `results` are told in tables.py."""
    row = connection.execute("SELECT json_extract(json, '$.name') FROM document WHERE kind = 'catalog'").fetchone()
    paths = sorted(refused)
    meta = {
        "name": (row and row[0]) or "",
        "schema_version": str(SCHEMA_VERSION),
        "program": __version__,
        "tree": tree,
        "left_out": str(len(paths)),
        "refused": json.dumps(paths),
        "ordered": str(ordered),
        "results": str(results),
        **({"digest": digest} if digest else {}),
    }
    connection.execute("DELETE FROM meta")
    file.insert(connection, "meta", sorted(meta.items()))


def counts_of(index: Path) -> dict[str, int]:
    """How much an index holds."""
    with contextlib.closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as connection:
        tables = {"model": "model", "version": "version", "offering": "offering", "run": "document WHERE kind = 'results'"}
        return {name: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}


def same_but_for_case(paths: Iterable[str]) -> Iterator[str]:
    """Paths that differ from an earlier one only in case."""
    seen: set[str] = set()
    for path in paths:
        folded = path.casefold()
        if folded in seen:
            yield path
        seen.add(folded)
