"""The catalog that comes with the program: `pip install`, and every question is answered in an empty folder."""

import os
import sqlite3
import tomllib
import zipfile
from pathlib import Path

import pytest

from modelreg_cli.catalog.tree import Folder
from modelreg_cli.index.build import build
from tests.repositories import made as made_repository
from tests.shipped import ROOT, Installed, installed, made

pytest.importorskip("hatchling")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Installed, without what it depends on: no question needs that."""
    return installed(tmp_path_factory.mktemp("shipped"))


def there(folder: Path) -> dict[Path, int]:
    """Every file and the time of its last change."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_questions_are_answered_in_an_empty_folder(program: Installed, tmp_path: Path) -> None:
    before = there(program.folder)
    nowhere = {"HOME": os.devnull, "LOCALAPPDATA": os.devnull}  # nothing can be written there
    for argv in (["search", "llama"], ["show", "llama-3.1-8b-instruct"], ["sql", "SELECT count(*) FROM model"], ["stats"]):
        ran = program.run(*argv, cwd=tmp_path, env=nowhere)
        assert ran.code == 0 and ran.out, ran.err
        assert "the one that came with modelreg" in ran.err and "prices of up to 20" in ran.err
    assert list(tmp_path.iterdir()) == [] and there(program.folder) == before


def test_it_is_said_once_a_day_and_never_to_programs(program: Installed, tmp_path: Path) -> None:
    home, empty = {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}, tmp_path / "empty"
    empty.mkdir()
    assert program.run("search", "llama", "-q", cwd=empty, env=home).err == ""
    told = [program.run("stats", cwd=empty, env=home).err.count("came with modelreg") for _ in range(3)]
    assert told == [1, 0, 0]


def test_what_was_asked_for_is_never_replaced(program: Installed, tmp_path: Path) -> None:
    repo = made_repository(tmp_path / "repo")
    index = tmp_path / "own.db"
    build(Folder(repo.top), index)
    assert program.run("search", "-q", cwd=tmp_path, env={"MODELREG_INDEX": str(index)}).lines == ["acme/tiny"]
    assert program.run("search", "-q", "--index", str(index), cwd=tmp_path).lines == ["acme/tiny"]
    for argv in (["--index", "none.db"], ["--catalog", "none"], ["--at", "2026-01-01"], []):
        env = {} if argv else {"MODELREG_INDEX": "none.db"}
        ran = program.run("search", "-q", *argv, cwd=tmp_path, env={**env, "HOME": str(tmp_path)})
        assert ran.code in (2, 3) and ran.out == "", argv


def test_an_index_of_another_schema_is_told_as_such(program: Installed, tmp_path: Path) -> None:
    index = program.package / "shipped" / "index.db"
    for version, hint in ((1, "modelreg pull"), (99, "upgrade modelreg")):
        (tmp_path / "index.db").write_bytes(index.read_bytes())
        with sqlite3.connect(tmp_path / "index.db") as connection:
            connection.execute(f"PRAGMA user_version={version}")
        ran = program.run("search", "--index", "index.db", cwd=tmp_path)
        assert ran.code == 3 and f"schema version {version}" in ran.err and hint in ran.err


def test_the_index_is_that_of_the_sources(program: Installed, reference: Path) -> None:
    """The very bytes, from a source archive without Git."""
    with zipfile.ZipFile(program.wheel) as wheel:
        assert wheel.read("modelreg_cli/shipped/index.db") == reference.read_bytes()
        texts = {Path(name).parts[3] for name in wheel.namelist() if name.startswith("modelreg_cli/shipped/catalog/")}
    assert texts == {"hardware", "licenses", "runtimes", "tags", "vocabulary"}


def test_a_wheel_has_the_same_bytes_again(program: Installed, tmp_path: Path) -> None:
    assert made(ROOT, "wheel", tmp_path).read_bytes() == program.wheel.read_bytes()


def test_the_python_api_asks_it(program: Installed, tmp_path: Path) -> None:
    code = "from modelreg_cli import Registry\nwith Registry() as r: print(r.load_default_models(), len(r.list()))"
    models, listed = map(int, program.python("-c", code, cwd=tmp_path, env={"HOME": os.devnull}).lines[0].split())
    assert models == listed > 300


def test_what_builds_it_is_what_the_program_needs() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(told["build-system"]["requires"][1:]) < set(told["project"]["dependencies"])
