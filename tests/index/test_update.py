"""The laws of an update: whatever changed, the index answers as one that is built anew from the same files."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog.tree import Folder, open_tree
from modelreg_cli.index import derive, postings, stamp
from modelreg_cli.index.build import build
from modelreg_cli.index.digest import logical_digest
from modelreg_cli.index.postings import decode
from modelreg_cli.index.stamp import State
from modelreg_cli.index.state import changes, state_of
from modelreg_cli.index.update import TooMuch, update
from modelreg_cli.query.axes import all_sorts
from modelreg_cli.query.conditions import Search
from modelreg_cli.query.opened import open_index
from modelreg_cli.query.search import search
from tests.conftest import CATALOGS, Run
from tests.index.test_build import git

KINDS = ("models", "results", "providers", "tags", "benchmarks", "licenses", "scans", "vocabulary", "hardware", "engines", "tenants")


@pytest.fixture(scope="module", autouse=True)
def _parts_as_in_a_large_catalog() -> Iterator[None]:
    """So that these few versions fill several parts, and their words have beginnings of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_LEAST", 2)
        patch.setattr(postings, "_MANY", 1)
        yield


def _files(root: Path) -> list[Path]:
    return sorted(path for kind in KINDS for path in (root / "catalog" / kind).rglob("*.yaml"))


def _edit(text: str, chance: random.Random) -> str:
    """The text with a line less, a number changed, or two lines in the other order."""
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0 and len(lines) > 2:
        del lines[at]
    elif kind == 1:
        lines.append(lines.pop(at))
    else:
        digits = [place for place, char in enumerate(text) if char.isdigit() and char != "0"]
        if digits:
            place = chance.choice(digits)
            return text[:place] + chance.choice("123456789") + text[place + 1 :]
    return "".join(lines)


def _step(root: Path, chance: random.Random) -> None:
    """One change: an edit, a new file, a file that goes, a file or a whole model that is renamed."""
    files = _files(root)
    path = chance.choice(files)
    kind = chance.randrange(8)
    if kind <= 3:
        path.write_text(_edit(path.read_text("utf-8"), chance), "utf-8")
    elif kind == 4:
        path.unlink()
    elif kind == 5:
        shutil.copyfile(path, path.with_name(f"new-{chance.randrange(99)}.yaml"))
    elif kind == 6:
        path.rename(path.with_name(f"moved-{chance.randrange(99)}.yaml"))
    else:
        models = sorted((root / "catalog/models").glob("*/*/"))
        model = chance.choice([one for one in models if one.is_dir()])
        other = model.with_name(f"other-{chance.randrange(99)}")
        if not other.exists():
            (shutil.copytree if chance.random() < 0.5 else shutil.move)(str(model), str(other))


def _facts(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        return logical_digest(connection)


def _results(path: Path) -> tuple[int, int]:
    """How many measurements there are, and how many are said to be."""
    with sqlite3.connect(path) as connection:
        told = connection.execute("SELECT value FROM meta WHERE key = 'results'").fetchone()[0]
        return connection.execute("SELECT count(*) FROM result").fetchone()[0], int(told)


def _sets(path: Path) -> tuple[dict[tuple[str, str], list[str]], dict[str, list[tuple[float, str]]]]:
    """What the derived tables say, with refs in place of numbers."""
    with sqlite3.connect(path) as connection:
        refs = dict(connection.execute("SELECT number, ref FROM version"))
        postings = {
            (axis, word): sorted(refs[number] for number in decode(dense, numbers))
            for axis, word, dense, numbers in connection.execute("SELECT axis, word, dense, numbers FROM posting")
        }
        spans: dict[str, list[tuple[float, str]]] = {}
        for axis, amounts, numbers, above in connection.execute("SELECT axis, amounts, numbers, above FROM span ORDER BY axis, part DESC"):
            later = sorted(ref for _, ref in spans.get(axis, ()))
            assert sorted(refs[number] for number in decode(1, above)) == later, f"what lies above a part of {axis}"
            pairs = [(value, refs[number]) for value, number in zip(array("d", amounts), array("I", numbers), strict=True)]
            spans[axis] = pairs + spans.get(axis, [])
    return postings, {axis: sorted(pairs) for axis, pairs in spans.items() if pairs}


def _questions() -> Iterator[Search]:
    yield from (Search(sort=f"{sign}{name}", limit=0, every_version=True) for name in all_sorts for sign in ("", "-"))
    yield from (Search(text=text, limit=0, facets=("publisher", "tag")) for text in ("atlas", "a", "70b chat", "new"))
    yield Search(filters={"min-context": ["8k"], "max-price-in": ["1"]}, limit=0)


def _answers(path: Path) -> list[object]:
    index = open_index(str(path))
    told: list[object] = []
    for asked in _questions():
        found = search(index, asked)
        told.append(([{k: v for k, v in row.items() if k != "number"} for row in found.rows], found.total, found.unknown, found.facets))
    index.connection.close()
    return told


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_an_updated_index_is_the_one_that_is_built_anew(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    chance = random.Random(seed)
    root = tmp_path_factory.mktemp("history")
    shutil.copytree(CATALOGS / "questions", root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".modelreg"))
    kept, clean = root / "kept.db", root / "clean.db"
    known, folders = state_of(str(root)), build(Folder(root), kept, partial=True, digest=False).folders
    for _ in range(6):
        for _ in range(chance.randint(1, 3)):
            _step(root, chance)
        found = changes(str(root), known)
        assert found is not None
        known, differ = found
        anew = build(Folder(root), clean, partial=True)
        try:
            made = update(Folder(root), kept, kept, differ, folders, partial=True)
        except TooMuch:
            made = build(Folder(root), kept, partial=True, digest=False)
        if made is not None:
            folders = made.folders
            assert made.tree == anew.tree
            assert made.left_out == anew.left_out
        assert _facts(kept) == anew.digest
        there, told = _results(kept)
        assert there == told == _results(clean)[0]
        new_postings, new_spans = _sets(kept)
        clean_postings, clean_spans = _sets(clean)
        assert {key: refs for key, refs in new_postings.items() if "*" not in key[0]} == {
            key: refs for key, refs in clean_postings.items() if "*" not in key[0]
        }
        assert new_spans == clean_spans
        assert _answers(kept) == _answers(clean)


def _same_after(root: Path, *steps: dict[str, str | None]) -> None:
    """Updates an index after each step (text of each file; None: it goes), and compares it with a clean build."""
    kept, clean = root / "kept.db", root / "clean.db"
    known, folders = state_of(str(root)), build(Folder(root), kept, partial=True, digest=False).folders
    for files in steps:
        for path, text in files.items():
            if text is None:
                (root / path).unlink()
            else:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, "utf-8")
        found = changes(str(root), known)
        assert found is not None
        made = update(Folder(root), kept, kept, found[1], folders, partial=True)
        assert made is not None
        known, folders = found[0], made.folders
        assert _facts(kept) == build(Folder(root), clean, partial=True).digest
        assert _sets(kept)[1] == _sets(clean)[1]
        assert _answers(kept) == _answers(clean)


def test_a_tag_that_implies_another_one_is_worn_with_it(checkout: Path) -> None:
    _same_after(
        checkout,
        {"catalog/tags/edge.yaml": "description: Small.\nimplies: [llm]\n"},
        {"catalog/tags/edge.yaml": "description: Small.\nimplies: [chat-ready]\n"},
        {"catalog/tags/edge.yaml": "description: Small.\n"},
    )


def test_the_last_version_goes_and_one_comes_that_sorts_before_it(checkout: Path) -> None:
    last = sorted((checkout / "catalog/models").glob("*/*/*.yaml"))[-2]
    assert last.name != "model.yaml"
    text = "released: 2024-05-01\nlimits: {context: 8192}\n"
    _same_after(
        checkout,
        {str(last.relative_to(checkout)): None},
        {"catalog/models/acme/atlas-8b/0.5.0.yaml": text, "catalog/models/acme/pro/2024-05-01.yaml": text},
        {"catalog/models/acme/atlas-8b/0.4.0.yaml": text, "catalog/models/acme/pro/2024-05-01.yaml": None},
    )


def test_a_value_that_fills_several_parts_takes_one_more_in_its_place(checkout: Path) -> None:
    text = "released: 2024-05-01\nlimits: {context: 4242}\n"
    versions = [f"catalog/models/acme/atlas-8b/0.{minor}.0.yaml" for minor in range(9)]
    other = {versions[at]: text.replace("4242", "77") for at in (2, 5, 7)}
    for path in versions:
        (checkout / path).write_text(other.get(path, text), "utf-8")
    _same_after(checkout, {versions[5]: text}, {versions[7]: text, versions[2]: text}, {versions[0]: other[versions[2]]})


class Counted(Folder):
    """Notes which files are read."""

    seen: ClassVar[list[str]] = []

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path, raw in Folder.read(self, paths):
            self.seen.append(path)
            yield path, raw


def _kept(root: Path) -> tuple[Path, State, dict[str, str]]:
    """An index of a checkout, the state that it was made from, and the ids of its parts."""
    told = state_of(str(root))
    return root / "kept.db", told, build(Folder(root), root / "kept.db", digest=False).folders


def test_an_update_reads_what_changed_and_nothing_else(checkout: Path) -> None:
    index, told, folders = _kept(checkout)
    path = checkout / "catalog/models/acme/atlas-8b/1.1.0.yaml"
    path.write_text(path.read_text("utf-8").replace("context: ", "context: 1"), "utf-8")
    found = changes(str(checkout), told)
    assert found is not None
    assert found[1] == {"catalog/models/acme/atlas-8b/1.1.0.yaml": True}
    Counted.seen.clear()
    made = update(Counted(checkout), index, checkout / "new.db", found[1], folders, partial=False)
    assert Counted.seen == ["catalog/catalog.yaml", "catalog/models/acme/atlas-8b/1.1.0.yaml"]
    assert made is not None
    assert _facts(checkout / "new.db") == build(Folder(checkout), checkout / "clean.db").digest != _facts(index)


def test_a_file_that_was_only_touched_changes_nothing(checkout: Path) -> None:
    index, told, folders = _kept(checkout)
    (checkout / "catalog/models/acme/atlas-8b/1.1.0.yaml").touch()
    found = changes(str(checkout), told)
    assert found is not None
    assert found[1]
    assert update(Folder(checkout), index, index, found[1], folders, partial=False) is None


def test_an_error_is_refused_and_later_taken_back(checkout: Path) -> None:
    index, told, folders = _kept(checkout)
    path = checkout / "catalog/models/acme/atlas-8b/model.yaml"
    good = path.read_text("utf-8")
    path.write_text("name: [", "utf-8")
    differ = {"catalog/models/acme/atlas-8b/model.yaml": True}
    before = index.read_bytes()
    made = update(Folder(checkout), index, index, differ, folders, partial=False)
    assert made is not None
    assert (made.left_out, index.read_bytes()) == (["catalog/models/acme/atlas-8b/model.yaml"], before)
    made = update(Folder(checkout), index, index, differ, folders, partial=True)
    assert made is not None
    assert made.left_out == ["catalog/models/acme/atlas-8b/model.yaml"]
    path.write_text(good, "utf-8")
    made = update(Folder(checkout), index, index, differ, made.folders, partial=False)
    assert made is not None
    assert made.left_out == []
    assert _facts(index) == build(Folder(checkout), checkout / "clean.db").digest
    assert told


@pytest.mark.parametrize("way", ["link", "folder called like a file"])
def test_what_is_not_plain_is_left_to_a_clean_build(checkout: Path, way: str) -> None:
    _, told, _ = _kept(checkout)
    path = checkout / "catalog/tags/odd.yaml"
    if way == "link":
        path.symlink_to("edge.yaml")
        assert changes(str(checkout), told) is None
    else:
        path.mkdir()
        (path / "inside.yaml").write_text("description: x\n", "utf-8")
        assert run_build(checkout).returncode == 1


def test_two_names_that_differ_in_case_are_left_to_a_clean_build(checkout: Path) -> None:
    index, _, folders = _kept(checkout)
    (checkout / "catalog/tags/EDGE.yaml").write_text("description: x\n", "utf-8")
    with pytest.raises(TooMuch):
        update(Folder(checkout), index, index, {"catalog/tags/EDGE.yaml": True}, folders, partial=True)


def run_build(root: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    """`modelreg build` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "modelreg_cli", "build", *argv], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )


def test_builds_of_a_checkout_are_updates_and_canonical_ones_are_not(checkout: Path) -> None:
    """Whatever the index of the checkout went through, `build -o` gives the same bytes as in a fresh clone."""
    assert run_build(checkout).returncode == 0
    home = checkout / "catalog/models/acme"
    shutil.copytree(home / "atlas-8b", home / "aaa-new")
    assert run_build(checkout).returncode == 0
    with sqlite3.connect(checkout / ".modelreg/index.db") as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        last = connection.execute("SELECT max(number) FROM version").fetchone()[0]
    assert last > int(meta["ordered"]), "the new versions came after all others: it was an update"
    assert "digest" not in meta
    assert run_build(checkout, "-o", "one.db").returncode == 0
    shutil.rmtree(checkout / ".modelreg")
    assert run_build(checkout, "-o", "two.db").returncode == 0
    assert (checkout / "one.db").read_bytes() == (checkout / "two.db").read_bytes()


def test_a_commit_is_built_from_the_index_of_the_checkout(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "init", "-q")
    git(checkout, "add", "catalog")
    git(checkout, "commit", "-qm", "one")
    (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny.\n", "utf-8")
    (checkout / "catalog/models/acme/atlas-8b/1.1.0.yaml").unlink()
    git(checkout, "commit", "-qam", "two")
    assert run_build(checkout).returncode == 0
    quick, clean = tmp_path / "quick.db", tmp_path / "clean.db"
    assert run_build(checkout, "--at", "HEAD~1", "-o", str(quick), "--auto").returncode == 0
    assert run_build(checkout, "--at", "HEAD~1", "-o", str(clean)).returncode == 0
    assert _facts(quick) == _facts(clean) != _facts(checkout / ".modelreg/index.db")
    assert quick.read_bytes() != clean.read_bytes(), "it was copied from the checkout's and changed"


def test_in_a_large_catalog_git_says_what_is_new(checkout: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    git(checkout, "init", "-q")
    git(checkout, "add", "catalog")
    git(checkout, "commit", "-qm", "one")
    monkeypatch.chdir(checkout)
    monkeypatch.delenv("MODELREG_INDEX", raising=False)
    monkeypatch.setattr(stamp, "LARGE", 3)
    tags = ("sql", "SELECT description FROM tag")
    assert run_build(checkout).returncode == 0
    (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny\n", "utf-8")
    got = run(*tags)
    assert "Tiny" not in got.lines
    assert got.err.startswith("note: a large catalog is read as Git noted it last")
    git(checkout, "add", "catalog")
    assert "Tiny" in run(*tags).lines
    (checkout / "catalog/tags/edge.yaml").write_text("description: Huge\n", "utf-8")
    assert run_build(checkout).returncode == 0
    assert "Huge" in run(*tags).lines
    git(checkout, "commit", "-qam", "two")
    git(checkout, "checkout", "-q", "HEAD~1")
    assert "Huge" not in run(*tags).lines


@pytest.mark.parametrize("at", [None, "HEAD"])
def test_worker_processes_write_the_same_bytes(checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: str | None) -> None:
    git(checkout, "init", "-q")
    git(checkout, "add", "catalog")
    git(checkout, "commit", "-qm", "one")
    alone = build(open_tree(checkout, at), tmp_path / "alone.db")
    monkeypatch.setattr(derive, "_WORTH", 0)
    monkeypatch.setattr(derive, "_CHUNK", 4)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    both = build(open_tree(checkout, at), tmp_path / "both.db")
    assert (tmp_path / "both.db").read_bytes() == (tmp_path / "alone.db").read_bytes()
    assert (both.tree, both.digest) == (alone.tree, alone.digest)


def test_workers_that_are_started_afresh_do_the_same(checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As where processes cannot be forked."""
    alone = build(Folder(checkout), tmp_path / "alone.db")
    monkeypatch.setattr(derive, "_WORTH", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    assert build(Folder(checkout), tmp_path / "both.db").digest == alone.digest
