"""The laws of an update: whatever changed, the index answers as one that is built anew from the same files."""

import random
import shutil
import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog.layout import locate
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.index.build import build
from modelreg_cli.index.digest import logical_digest
from modelreg_cli.index.postings import decode
from modelreg_cli.index.stamp import changes, state_of
from modelreg_cli.index.update import TooMuch, update
from modelreg_cli.query.axes import all_sorts
from modelreg_cli.query.conditions import Search
from modelreg_cli.query.opened import open_index
from modelreg_cli.query.search import search
from tests.conftest import CATALOGS

KINDS = ("models", "results", "providers", "tags", "benchmarks", "licenses", "scans", "vocabulary", "hardware", "engines", "tenants")


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
        new_postings, new_spans = _sets(kept)
        clean_postings, clean_spans = _sets(clean)
        assert {key: refs for key, refs in new_postings.items() if "*" not in key[0]} == {
            key: refs for key, refs in clean_postings.items() if "*" not in key[0]
        }
        assert new_spans == clean_spans
        assert _answers(kept) == _answers(clean)


def test_locate_is_what_the_steps_rely_on() -> None:
    assert locate("catalog/models/acme/atlas-8b/new-1.yaml") is not None
