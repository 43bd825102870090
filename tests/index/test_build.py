"""`modelreg build`: a function of the tree, put in place whole or not at all."""

import hashlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from modelreg_cli.catalog.tree import Folder, Tree
from modelreg_cli.finding import Finding
from modelreg_cli.index.build import build
from modelreg_cli.index.digest import logical_digest
from modelreg_cli.index.tables import all_tables, all_views
from tests.conftest import CATALOGS, Ran

PROGRAM = [sys.executable, "-m", "modelreg_cli"]


@dataclass(frozen=True)
class Shuffled:
    """The files of a folder in any order."""

    folder: Folder
    seed: int

    def listed(self) -> tuple[list[str], list[Finding]]:
        found, odd = self.folder.listed()
        random.Random(self.seed).shuffle(found)
        return found, odd

    def paths(self) -> list[str]:
        return self.listed()[0]

    def id(self) -> str:
        return ""

    def part(self, paths: list[str]) -> Tree:
        return self

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return self.folder.read(paths)

    def beside(self, path: str) -> bytes | None:
        return self.folder.beside(path)


def in_checkout(root: Path, *argv: str, env: dict[str, str] | None = None, limit: int | None = None) -> Ran:
    """Runs the program in a folder; `limit` is the size in bytes that a file may grow to."""

    def shrink() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [*PROGRAM, *argv], cwd=root, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=shrink if limit is not None else None,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def git(root: Path, *argv: str) -> str:
    """One Git command in a folder."""
    done = subprocess.run(
        ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", *argv],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def meta(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as index:
        return dict(index.execute("SELECT key, value FROM meta"))


def test_the_file_is_sound(questions: Path) -> None:
    with sqlite3.connect(questions) as index:
        assert index.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert index.execute("PRAGMA user_version").fetchone()[0] == int(meta(questions)["schema_version"])


def test_same_tree_same_bytes_whatever_the_order(questions: Path, tmp_path: Path) -> None:
    folder = Folder(CATALOGS / "questions")
    for seed in range(4):
        built = build(Shuffled(folder, seed), tmp_path / f"{seed}.db")
        assert sha(built.path) == sha(questions)


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_same_tree_same_bytes_in_another_process(questions: Path, tmp_path: Path, seed: str) -> None:
    got = in_checkout(CATALOGS / "questions", "build", "-o", str(tmp_path / "a.db"), env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"})
    assert got.code == 0, got.err
    assert sha(tmp_path / "a.db") == sha(questions)


def test_the_logical_digest_can_be_had_back_from_the_file(questions: Path) -> None:
    with sqlite3.connect(questions) as index:
        assert logical_digest(index) == meta(questions)["digest"]


def test_an_edit_changes_digest_and_tree(checkout: Path, questions: Path, tmp_path: Path) -> None:
    path = checkout / "catalog/tags/edge.yaml"
    path.write_text("description: Tiny.\n", "utf-8")
    built = build(Folder(checkout), tmp_path / "a.db")
    assert built.digest != meta(questions)["digest"]
    assert built.tree != meta(questions)["tree"]


def test_every_table_and_column_of_the_contract_is_there(questions: Path) -> None:
    with sqlite3.connect(questions) as index:
        for table in all_tables:
            columns = [row[1] for row in index.execute(f"PRAGMA table_info({table.name})")]
            assert columns == [column.name for column in table.columns]
            assert index.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] > 0, f"the sample leaves {table.name} empty"
        for view in all_views:
            assert index.execute(f"SELECT count(*) FROM {view}").fetchone()[0] > 0
        present = {row[0] for row in index.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
    shadow = {name for name in present if name.startswith("sqlite_")}
    assert present - shadow == {*(table.name for table in all_tables), *all_views}


def test_a_commit_gives_what_its_checkout_gives(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "init", "-q")
    git(checkout, "add", "catalog")
    git(checkout, "commit", "-qm", "one")
    assert in_checkout(checkout, "build", "-o", str(tmp_path / "one.db")).code == 0
    (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny.\n", "utf-8")
    git(checkout, "commit", "-qam", "two")
    (checkout / "catalog/tags/edge.yaml").write_text("description: Not committed.\n", "utf-8")
    assert in_checkout(checkout, "build", "--at", "HEAD~1", "-o", str(tmp_path / "at.db")).code == 0
    assert sha(tmp_path / "at.db") == sha(tmp_path / "one.db")
    assert meta(tmp_path / "at.db")["tree"] == git(checkout, "rev-parse", "HEAD~1:catalog")
    assert in_checkout(checkout, "build", "--at", "HEAD", "-o", str(tmp_path / "two.db")).code == 0
    assert meta(tmp_path / "two.db")["tree"] == git(checkout, "rev-parse", "HEAD:catalog")


def test_at_needs_a_commit_and_a_file(checkout: Path, tmp_path: Path) -> None:
    assert in_checkout(checkout, "build", "--at", "HEAD").code == 2
    got = in_checkout(checkout, "build", "--at", "HEAD", "-o", str(tmp_path / "a.db"))
    assert (got.code, "not in a Git repository" in got.err) == (2, True)
    git(checkout, "init", "-q")
    got = in_checkout(checkout, "build", "--at", "nowhere", "-o", str(tmp_path / "a.db"))
    assert (got.code, "no commit is called 'nowhere'" in got.err) == (2, True)
    assert in_checkout(checkout, "build", "-o", str(tmp_path)).code == 2


def test_nothing_is_written_but_the_cache(checkout: Path) -> None:
    before = {path.relative_to(checkout) for path in checkout.rglob("*")}
    assert in_checkout(checkout, "build").code == 0
    after = {path.relative_to(checkout) for path in checkout.rglob("*")} - before
    assert {str(path) for path in after} == {".modelreg", ".modelreg/.gitignore", ".modelreg/index.db", ".modelreg/index.stamp"}


def test_an_edit_is_seen_by_the_next_search(checkout: Path) -> None:
    assert "Tiny" not in in_checkout(checkout, "sql", "SELECT description FROM tag").lines
    (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny\n", "utf-8")
    assert "Tiny" in in_checkout(checkout, "sql", "SELECT description FROM tag").lines
    (checkout / "catalog/tags/new.yaml").write_text("description: Shiny\n", "utf-8")
    assert "new" in in_checkout(checkout, "sql", "SELECT id FROM tag").lines
    (checkout / "catalog/tags/new.yaml").unlink()
    assert "new" not in in_checkout(checkout, "sql", "SELECT id FROM tag").lines


def test_an_unchanged_checkout_is_not_built_again(checkout: Path) -> None:
    assert in_checkout(checkout, "search", "-q").code == 0
    stat = (checkout / ".modelreg/index.db").stat()
    assert in_checkout(checkout, "search", "-q").code == 0
    assert (checkout / ".modelreg/index.db").stat().st_ino == stat.st_ino


@pytest.mark.parametrize("kind", ["index gone", "index replaced", "stamp gone", "stamp foreign"])
def test_a_stamp_signs_for_one_file_only(checkout: Path, tmp_path: Path, kind: str) -> None:
    assert in_checkout(checkout, "search", "-q").code == 0
    index, stamp = checkout / ".modelreg/index.db", checkout / ".modelreg/index.stamp"
    if kind == "index gone":
        index.unlink()
    elif kind == "stamp gone":
        stamp.unlink()
    elif kind == "stamp foreign":
        stamp.write_bytes(b"\xff\xfe")
    else:  # an older build that was slow overwrites the file of a newer one
        old = tmp_path / "old.db"
        shutil.copy(index, old)
        (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny\n", "utf-8")
        assert in_checkout(checkout, "search", "-q").code == 0
        old.replace(index)
    wanted = "Tiny" if kind == "index replaced" else "Small enough for a phone."
    assert wanted in in_checkout(checkout, "sql", "SELECT description FROM tag").lines


def test_a_broken_file_is_left_out_with_a_warning(checkout: Path) -> None:
    (checkout / "catalog/models/cygnus/wegweiser/model.yaml").write_text("name: [\n", "utf-8")
    got = in_checkout(checkout, "search", "-q")
    assert got.code == 0
    assert got.err.splitlines() == ["warning: 1 file with errors is not in this index; run `modelreg validate`"]
    assert "acme/pro" in got.lines


def test_build_refuses_what_partial_takes(checkout: Path, tmp_path: Path) -> None:
    (checkout / "catalog/models/cygnus/wegweiser/model.yaml").write_text("name: [\n", "utf-8")
    target = tmp_path / "a.db"
    target.write_text("before", "ascii")
    assert in_checkout(checkout, "build", "-o", str(target)).code == 1
    assert target.read_text("ascii") == "before"
    assert in_checkout(checkout, "build", "--partial", "-o", str(target)).code == 0
    assert meta(target)["left_out"] == "1"


def test_what_a_file_says_twice_is_taken_once(checkout: Path, tmp_path: Path) -> None:
    path = checkout / "catalog/providers/acme-cloud/acme-pro-2025-06-30.yaml"
    text = path.read_text("utf-8")
    assert "rate_limits" in text
    once = "- {plan: paid, rpm: 4000, tpm: 100000}"
    path.write_text(text.replace(once, f"{once}\n  - {{plan: paid, rpm: 1}}"), "utf-8")
    built = build(Folder(checkout), tmp_path / "a.db")
    assert built.left_out == []
    with sqlite3.connect(built.path) as index:
        assert index.execute("SELECT rpm FROM rate_limit").fetchall() == [(4000,)]


def test_a_full_disk_leaves_the_old_file(checkout: Path) -> None:
    assert in_checkout(checkout, "build").code == 0
    before = sha(checkout / ".modelreg/index.db")
    (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny\n", "utf-8")
    got = in_checkout(checkout, "build", limit=100_000)
    assert got.code == 3
    assert "the index could not be written" in got.err
    assert "the file there before is untouched" in got.err
    assert "Traceback" not in got.err
    assert sha(checkout / ".modelreg/index.db") == before
    assert sorted(path.name for path in (checkout / ".modelreg").iterdir()) == [".gitignore", "index.db", "index.stamp"]


def test_left_overs_of_killed_builds_are_swept(checkout: Path) -> None:
    assert in_checkout(checkout, "build").code == 0
    old, young = (checkout / ".modelreg" / f".index.db.{name}.tmp" for name in ("old", "young"))
    for path in (old, young):
        path.write_text("x", "ascii")
    os.utime(old, (time.time() - 7200,) * 2)
    (checkout / "catalog/tags/edge.yaml").write_text("description: Tiny.\n", "utf-8")
    assert in_checkout(checkout, "build").code == 0
    assert not old.exists()
    assert young.exists(), "a build that still runs keeps its file"


def test_ctrl_c_leaves_nothing_half_written(checkout: Path) -> None:
    for pause in (0.15, 0.3, 0.45):
        with subprocess.Popen([*PROGRAM, "build"], cwd=checkout, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(pause)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        assert process.returncode in (0, 130, -signal.SIGINT), said
        assert process.returncode != 130 or "stopped; no file was left half written" in said
        assert "bug" not in said
        leftovers = [path.name for path in (checkout / ".modelreg").glob(".index.db.*")] if (checkout / ".modelreg").exists() else []
        assert leftovers == []


def test_readers_always_get_a_whole_index_while_builds_run_and_die(checkout: Path) -> None:
    assert in_checkout(checkout, "build").code == 0
    index = checkout / ".modelreg/index.db"
    done = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        while not done.is_set():
            with sqlite3.connect(f"file:{index}?mode=ro&immutable=1", uri=True) as reader:
                rows = reader.execute("SELECT count(*) FROM version").fetchone()[0]
                if rows != 11 or reader.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                    wrong.append(str(rows))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    dice = random.Random(3)
    for _ in range(6):
        builds = [subprocess.Popen([*PROGRAM, "build", "-q"], cwd=checkout) for _ in range(2)]
        time.sleep(dice.uniform(0.25, 0.6))
        builds[0].kill()
        for process in builds:
            process.wait(timeout=60)
        assert builds[1].returncode == 0
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert in_checkout(checkout, "search", "-q").code == 0


def test_a_bar_only_where_it_takes_long_and_on_a_terminal(checkout: Path) -> None:
    got = in_checkout(checkout, "build")
    assert "#" not in got.err
    assert got.err.startswith("index.db: ")
    assert in_checkout(checkout, "build", "-q").err == ""


class Counted(Folder):
    """Counts how often each file is read."""

    seen: ClassVar[list[str]] = []

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path, raw in Folder.read(self, paths):
            self.seen.append(path)
            yield path, raw


def test_a_file_is_read_once_so_that_the_tree_id_is_that_of_the_rows(checkout: Path, tmp_path: Path) -> None:
    Counted.seen.clear()
    build(Counted(checkout), tmp_path / "a.db")
    assert Counted.seen.pop(0) == "catalog/catalog.yaml"  # whether there is a catalog underneath
    assert sorted(Counted.seen) == Folder(checkout).paths()
