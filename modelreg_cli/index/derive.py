"""Files of models -> rows and postings; runs in worker processes where there are many."""

import gc
import marshal
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from modelreg_cli.catalog.tree import Tree
from modelreg_cli.catalog.tree_id import tree_id
from modelreg_cli.index.context import Context
from modelreg_cli.index.piece import Axis, Packed, Postings, empty
from modelreg_cli.index.postings import encoded
from modelreg_cli.index.read import Read, read_files
from modelreg_cli.index.rows_models import Unit, add_model
from modelreg_cli.index.units import FOLDERS, refs_in

#: Files of one task: enough that sending them costs little, few enough that memory stays small.
_CHUNK = 700
#: Below this many files a second process costs more than it gives.
_WORTH = 3000


class Task(NamedTuple):
    """Models to read, with their files, and the number before the first of their versions."""

    tree: Tree
    models: list[tuple[str, list[str]]]
    before: int


class Done(NamedTuple):
    """What came of a task: rows by table, postings as bytes, paths of bad files, Git ids of whole folders."""

    rows: dict[str, list[tuple[Any, ...]]]
    postings: Packed
    bad: list[str]
    folders: list[tuple[str, str]]


class Workers:
    """Two processes that derive and encode; where there is little to do, or one processor, this process does it."""

    def __init__(self, files: int, context: Context) -> None:
        self._context = context
        self._pool = None
        if files >= _WORTH and (os.cpu_count() or 1) > 1:
            # forking starts at once; where that cannot be had, a fresh process
            way = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
            self._pool = multiprocessing.get_context(way).Pool(2, _start, (context,))

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.terminate()
            self._pool.join()

    def derive(self, tree: Tree, models: dict[str, list[str]]) -> Iterator[Done]:
        """What comes of all models, in order."""
        tasks = (Task(tree.part([path for _, paths in chunk for path in paths]), chunk, before) for chunk, before in _tasks(models))
        if self._pool is None:
            yield from (_run(task, self._context) for task in tasks)
            return
        for packed in self._pool.imap(_work, tasks):
            yield Done(*marshal.loads(packed))

    def encode(self, found: Postings) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Begins to make the rows of the derived tables, axis by axis, so that no more than one lies in memory twice."""
        parts = found.by_axis()
        if self._pool is None:
            return (encoded(part) for part in parts)
        coming = self._pool.imap(_encode, (marshal.dumps(tuple(part), 2) for part in parts))
        return (marshal.loads(rows) for rows in coming)


def _tasks(models: dict[str, list[str]]) -> Iterator[tuple[list[tuple[str, list[str]]], int]]:
    chunk: list[tuple[str, list[str]]] = []
    files = number = before = 0
    for model, paths in models.items():
        chunk.append((model, paths))
        files += len(paths)
        number += len(refs_in(model, paths))
        if files >= _CHUNK:
            yield chunk, before
            chunk, files, before = [], 0, number
    if chunk:
        yield chunk, before


_context: Context


def _start(context: Context) -> None:
    global _context  # noqa: PLW0603 - what a worker process is given once
    _context = context
    gc.disable()  # nothing that a task makes refers to itself


def _encode(packed: bytes) -> bytes:
    return marshal.dumps(encoded(Axis(*marshal.loads(packed))), 2)


def _work(task: Task) -> bytes:
    return marshal.dumps(tuple(_run(task, _context)), 2)


def _run(task: Task, context: Context) -> Done:
    piece = empty()
    bad: list[str] = []
    folders: list[tuple[str, str]] = []
    reading = iter(read_files(task.tree, [path for _, paths in task.models for path in paths]))
    rest = {read.path: read for read in reading}
    number = task.before
    for model, paths in task.models:
        files = [rest[path] for path in paths]
        refs = refs_in(model, paths)
        numbers = {ref: number + place for place, ref in enumerate(refs, start=1)}
        number += len(refs)
        bad += [read.path for read in files if read.bad]
        piece.rows["document"].extend(read.row() for read in files)
        add_model(piece, unit_of(model, files), context, numbers)
        folders += folders_of(model, ((read.path, read.blob) for read in files if read.blob))
    found = Postings()
    found.add(piece.postings.items(), piece.spans.items())
    return Done(dict(piece.rows), found.pack(), bad, folders)


def folders_of(model: str, blobs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Ids of the folders that hold nothing but files of a model, from (path, blob id)."""
    files = list(blobs)
    for top in FOLDERS:
        folder = f"catalog/{top}/{model}"
        inside = [(path, blob) for path, blob in files if path.startswith(f"{folder}/")]
        if inside:
            yield folder, f"/{tree_id(inside, 4)}"


def unit_of(model: str, files: Iterable[Read]) -> Unit:
    """The unit that files make; those without values are no part of it."""
    by_kind: dict[str, dict[str, Any]] = {"model": {}, "version": {}, "results": {}, "scan": {}}
    for read in files:
        if read.data is not None and read.kind in by_kind:
            by_kind[read.kind][read.id] = read.data
    versions = {ref.partition("@")[2]: data for ref, data in by_kind["version"].items()}
    return Unit(model, by_kind["model"].get(model), versions, by_kind["results"], by_kind["scan"])
