"""An index brought up to date: only what changed is read, and only rows that depend on it are made again.

What a model adds to the index is a pure function of its files and its context (rows_models.py). So an update derives the
models that a change touches twice, from the old files and from the new ones, and writes the difference.
"""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.layers import ROOT, Layered, over
from modelreg_cli.catalog.tree import Commit, Tree
from modelreg_cli.catalog.tree_id import tree_id
from modelreg_cli.index import edit, file
from modelreg_cli.index.build import Built, write_meta
from modelreg_cli.index.context import Context, Document, context_of, served_now
from modelreg_cli.index.derive import folders_of, unit_of
from modelreg_cli.index.numbers import after
from modelreg_cli.index.piece import Piece, empty
from modelreg_cli.index.postings import decode
from modelreg_cli.index.read import Read, read_files, shown
from modelreg_cli.index.rows_models import PLACES, Unit, add_model
from modelreg_cli.index.rows_others import Known, Served, add_other
from modelreg_cli.index.tables import DERIVED, all_tables
from modelreg_cli.index.units import FOLDERS, model_of

#: An update that touches more than one model in so many is slower than a clean build.
_SHARE = 5
#: So many versions may be added before the numbers are given anew, or one in so many.
_ADDED, _ADDED_SHARE = 1000, 20
_MODEL_KINDS = ("model", "version", "results", "scan")
Name = tuple[str, str]


class TooMuch(Exception):
    """A clean build is faster, or surer."""


def update(tree: Tree, base: Path, target: Path, changed: Mapping[str, bool], folders: Mapping[str, str], *, partial: bool) -> Built | None:
    """The index of a tree at `target`, made from that of another state of it; None where they are the same.

    `changed` are the paths that may differ from the state at `base`, and whether a plain file is there now; `folders`
    are Git ids of the parts of catalog/ in that state, as the last build gave them, or empty where the tree knows its own id.

    Raises:
        TooMuch: a clean build is faster.
        Unavailable: the file cannot be written.
    """
    tree = over(tree)
    if ROOT in changed or (isinstance(tree, Layered) and any(map(tree.concerns, changed))):
        raise TooMuch
    with contextlib.closing(sqlite3.connect(f"{base.as_uri()}?mode=ro", uri=True)) as connection:
        change = _Change(connection, tree, changed, folders)
    if not change.touched:
        return None
    if change.bad and not partial:
        return Built(target, 0, "", "", sorted(change.bad))

    def write(path: Path) -> None:
        shutil.copyfile(base, path)
        with contextlib.closing(file.opened(path)) as connection:
            connection.execute("BEGIN")
            change.write(connection)
            connection.execute("COMMIT")

    identity = file.put_in_place(target, write)
    return Built(target, target.stat().st_size, "", change.tree_id, sorted(change.bad), change.folders, identity)


def differences(base: Path, tree: Commit) -> dict[str, bool]:
    """Paths of which a commit holds other bytes than an index, and whether it holds any.

    Raises:
        TooMuch: the commit holds links or the like, which a clean build tells apart, or lies over another catalog.
    """
    if over(tree) is not tree:
        raise TooMuch
    with contextlib.closing(sqlite3.connect(f"{base.as_uri()}?mode=ro", uri=True)) as connection:
        before = {path: blob for path, blob in connection.execute("SELECT path, blob FROM document") if isinstance(path, str)}
    paths, odd = tree.listed()
    if odd:
        raise TooMuch
    after_ = tree.oids()
    found = {path: True for path in paths if before.get(path) != after_[path]}
    return found | {path: False for path in before if path not in after_}


class _Side:
    """One side of a change: the documents that matter, their context, and what comes of them."""

    def __init__(
        self, documents: Mapping[Name, Document], models: Iterable[str], numbers: Mapping[str, int], others: Iterable[Name]
    ) -> None:
        self.context: Context = context_of((kind, id_, data) for (kind, id_), data in sorted(documents.items()))
        self.piece: Piece = empty()
        by_model = _by_model(documents)
        for model in sorted(models):
            if model in by_model:
                add_model(self.piece, by_model[model], self.context, numbers)
        number, context, output = (PLACES[name] for name in ("number", "context", "output"))
        served = {row[PLACES["ref"]]: Served(row[number], row[context], row[output]) for row in self.piece.rows["version"]}
        for kind, id_ in sorted(others):
            if (kind, id_) in documents:
                add_other(self.piece, kind, id_, documents[kind, id_], Known(self.context, served))


def _by_model(documents: Mapping[Name, Document]) -> dict[str, Unit]:
    files: dict[str, list[Read]] = {}
    for (kind, id_), data in documents.items():
        if kind in _MODEL_KINDS:
            files.setdefault(id_.partition("@")[0], []).append(Read(kind, id_, "", "", data, False))
    return {model: unit_of(model, found) for model, found in files.items()}


class _Change:
    """What differs from the base, derived from both sides."""

    def __init__(self, connection: sqlite3.Connection, tree: Tree, changed: Mapping[str, bool], folders: Mapping[str, str]) -> None:
        self.connection = connection
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        self.ordered, self.results = int(meta["ordered"]), int(meta["results"])
        self.touched = self._touched(tree, changed)
        self.bad = (set(json.loads(meta["refused"])) - self.touched.keys()) | {
            path for path, read in self.touched.items() if read and read.bad
        }
        if not self.touched:
            return
        self.names = {path: _name(path) for path in self.touched}
        self.models = self._models()
        total = connection.execute("SELECT count(*) FROM model").fetchone()[0]
        if len(self.models) * _SHARE > total + 50:
            raise TooMuch
        before = self._documents()
        after_ = dict(before)
        for path, read in self.touched.items():
            after_.pop(self.names[path], None)
            if read and read.data is not None:
                after_[self.names[path]] = read.data
        self.results += _measured(after_) - _measured(before)
        others = {name for name in before.keys() | after_.keys() if name[0] not in (*_MODEL_KINDS, "publisher", "benchmark")}
        others |= {name for name in self.names.values() if name[0] not in _MODEL_KINDS}
        numbers = self._numbers()
        self.old = _Side(before, self.models, numbers, others)
        self.new = _Side(after_, self.models, self._with_new(numbers, after_), others)
        self.folders = self._folders(folders)
        self.tree_id = tree.id() or tree_id(self.folders.items())

    def _touched(self, tree: Tree, changed: Mapping[str, bool]) -> dict[str, Read | None]:
        """Paths whose bytes are new, with what was read there; None where nothing is any more."""
        there = sorted(path for path, is_file in changed.items() if is_file)
        found: dict[str, Read | None] = {}
        for read in read_files(tree.part(there), there):
            was = self._blob(read.path)
            if was is None and self._has_twin(read.path):
                raise TooMuch
            if was != (read.blob,):
                found[read.path] = read
        found |= {path: None for path, is_file in changed.items() if not is_file and self._blob(path)}
        if any(read is None and self._has_twin(path) for path, read in found.items()):
            raise TooMuch
        return found

    def _has_twin(self, path: str) -> bool:
        """Whether a file differs only in case."""
        sql = "SELECT 1 FROM document WHERE path = ? COLLATE NOCASE AND path <> ?"
        return self.connection.execute(sql, (shown(path), shown(path))).fetchone() is not None

    def _blob(self, path: str) -> tuple[str] | None:
        row: tuple[str] | None = self.connection.execute("SELECT blob FROM document WHERE kind = ? AND id = ?", _name(path)).fetchone()
        return row

    def _models(self) -> set[str]:
        """Models whose rows may differ: their own files do, or something that they depend on."""
        models = {model for path in self.touched if (model := model_of(path))}
        for path, read in self.touched.items():
            kind, id_ = self.names[path]
            if kind == "offering":
                data = [read.data] if read and read.data is not None else []
                models |= {served_now(offering).partition("@")[0] for offering in (*data, *self._read([(kind, id_)]).values())}
            elif kind == "publisher":
                models |= self._having("axis = 'publisher' AND word = ?", id_)
            elif kind == "tag":
                models |= self._having("axis = 'tag' AND word = ?", id_)
            elif kind == "benchmark":
                models |= self._having("axis = 'withheld' AND word BETWEEN ? AND ?", f"{id_}/", after(f"{id_}/"))
                models |= self._having(
                    "axis = 'known' AND word BETWEEN ? AND ?", f"score/{id_}/", after(f"score/{id_}/")
                )  # what has a score of it
        return models

    def _having(self, where: str, *values: str) -> set[str]:
        rows = self.connection.execute(f"SELECT dense, numbers FROM posting WHERE {where}", values)
        numbers = {number for dense, blob in rows for number in decode(dense, blob)}
        sql = "SELECT model FROM version WHERE number = ?"
        return {self.connection.execute(sql, (number,)).fetchone()[0] for number in numbers}

    def _documents(self) -> dict[Name, Document]:
        """The documents of the base that the rows of the touched depend on."""
        names: list[Name] = list(self.names.values())
        sql = "SELECT kind, id FROM document WHERE kind = ? AND id BETWEEN ? AND ?"
        for model in self.models:
            names.append(("model", model))
            names.append(("publisher", model.partition("/")[0]))
            for kind in ("version", "results", "scan"):
                names += self.connection.execute(sql, (kind, f"{model}@", after(f"{model}@")))
            served = self.connection.execute("SELECT id FROM offering WHERE version BETWEEN ? AND ?", (f"{model}@", after(f"{model}@")))
            names += [("offering", id_) for (id_,) in served]
        names += self.connection.execute("SELECT kind, id FROM document WHERE kind IN ('tag', 'benchmark')")
        return self._read(names)

    def _read(self, names: Iterable[Name]) -> dict[Name, Document]:
        found = {}
        for name in names:
            row = self.connection.execute("SELECT json FROM document WHERE kind = ? AND id = ?", name).fetchone()
            if row and row[0] is not None:
                found[name] = json.loads(row[0])
        return found

    def _numbers(self) -> dict[str, int]:
        sql = "SELECT ref, number FROM version WHERE model = ?"
        return {ref: number for model in self.models for ref, number in self.connection.execute(sql, (model,))}

    def _with_new(self, numbers: Mapping[str, int], documents: Mapping[Name, Document]) -> dict[str, int]:
        """Numbers of the new side: what is new comes after all others."""
        last = max(self.ordered, self.connection.execute("SELECT coalesce(max(number), 0) FROM version").fetchone()[0])
        new = sorted(id_ for kind, id_ in documents if kind == "version" and id_ not in numbers)
        if last + len(new) - self.ordered > max(_ADDED, self.ordered // _ADDED_SHARE):
            raise TooMuch
        return {**numbers, **{ref: number for number, ref in enumerate(new, start=last + 1)}}

    def _folders(self, known: Mapping[str, str]) -> dict[str, str]:
        """Git ids of the parts of catalog/ as they are now."""
        folders = dict(known)
        for path, read in self.touched.items():
            if model_of(path) is None:
                folders.pop(path, None)
                if read and read.blob:
                    folders[path] = read.blob
        for model in {model for path in self.touched if (model := model_of(path))}:
            files = self._files(model)
            for top in FOLDERS:
                folders.pop(f"catalog/{top}/{model}", None)
            folders.update(folders_of(model, files.items()))
        return folders

    def _files(self, model: str) -> dict[str, str]:
        """Blob ids of the files of a model as they are now, by path."""
        inside = [(kind, f"{model}@") for kind in ("version", "results", "scan")] + [("", f"catalog/{top}/{model}/") for top in FOLDERS]
        sql = "SELECT path, blob FROM document WHERE blob <> '' AND kind = ? AND "
        files: dict[str, str] = dict(self.connection.execute(f"{sql} id = ?", ("model", model)))
        for kind, start in inside:
            files.update(self.connection.execute(f"{sql} id BETWEEN ? AND ?", (kind, start, after(start))))
        for path, read in self.touched.items():
            if model_of(path) == model:
                files.pop(path, None)
                if read and read.blob:
                    files[path] = read.blob
        return files

    def write(self, connection: sqlite3.Connection) -> None:
        """Writes the difference into a copy of the base."""
        for path, read in self.touched.items():
            connection.execute("DELETE FROM document WHERE kind = ? AND id = ?", self.names[path])
            if read:
                file.insert(connection, "document", [read.row()])
        for table in all_tables:
            if table.name not in (*DERIVED, "document", "meta"):
                edit.replace_rows(connection, table, edit.keyed(table, self.old.piece), edit.keyed(table, self.new.piece))
        edit.change_postings(connection, self.old.piece, self.new.piece)
        edit.change_spans(connection, self.old.piece, self.new.piece)
        write_meta(connection, self.tree_id, "", self.bad, self.ordered, self.results)


def _measured(documents: Mapping[Name, Document]) -> int:
    return sum(len(data["metrics"]) for (kind, _), data in documents.items() if kind == "results")


def _name(path: str) -> Name:
    """Kind and id of a file in the table `document`."""
    where = layout.locate(path)
    return (where.kind, where.id) if where else ("", shown(path))
