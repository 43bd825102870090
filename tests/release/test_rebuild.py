"""A published index is built again from its commit: anywhere, by any Python, and what differs is named."""

import hashlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from modelreg_cli.commands import publish as publishing
from modelreg_cli.index.build import Built, build
from modelreg_cli.index.digest import logical_digest
from modelreg_cli.release import publish as releasing
from tests import pythons
from tests.conftest import Run
from tests.release.conftest import Publish
from tests.repositories import Repo

MODEL = "catalog/models/acme/tiny/1.0.0.yaml"
SAME = ["yes rebuilt content", "yes rebuilt bytes"]
Rebuilt = Callable[..., list[str]]


@pytest.fixture
def rebuilt(shell: Run) -> Rebuilt:
    """What `verify --rebuild` says of it, in a process of its own."""

    def call(channel: Path, root: Path, **given: int | dict[str, str]) -> list[str]:
        ran = shell("verify", str(channel), "--rebuild", "--root", str(root), cwd=channel, **given)
        return [" ".join(line.partition(":")[0].split()) for line in ran.out.splitlines() if "rebuilt" in line]

    return call


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "C"},
        {"LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    ],
    ids=" ".join,
)
def test_whatever_the_environment(rebuilt: Rebuilt, channel: Path, repo: Repo, env: dict[str, str]) -> None:
    assert rebuilt(channel, repo.top, env=env) == SAME


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_whatever_the_umask(rebuilt: Rebuilt, channel: Path, repo: Repo) -> None:
    assert rebuilt(channel, repo.top, umask=0o077) == SAME


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a path with blanks and ü", []),
        ("line ends of Windows", ["-c", "core.autocrlf=true"]),
        ("shallow", ["--depth", "1", "--no-local"]),
        ("bare", ["--bare"]),
    ],
)
def test_in_whatever_clone(rebuilt: Rebuilt, channel: Path, repo: Repo, tmp_path: Path, name: str, options: list[str]) -> None:
    repo.commit({"README.md": "Later.\n"})  # a shallow clone has a history to cut off
    repo.git("checkout", "-q", "HEAD~1")
    subprocess.run(["git", "clone", "-q", *options, str(repo.root), str(tmp_path / name)], check=True)
    if name.startswith("line"):
        assert b"\r\n" in (tmp_path / name / MODEL).read_bytes()
    assert rebuilt(channel, tmp_path / name) == SAME


def test_files_that_were_edited_do_not_count(rebuilt: Rebuilt, channel: Path, repo: Repo) -> None:
    repo.write({MODEL: "released: 2020-01-01\nstatus: active\n", "catalog/models/acme/tiny/2.0.0.yaml": "status: active\n"})
    repo.git("add", MODEL)
    for _ in range(2):
        assert rebuilt(channel, repo.top) == SAME


def test_a_commit_that_is_not_here(run: Run, channel: Path, repo: Repo, tmp_path: Path, publish_to: Publish) -> None:
    subprocess.run(["git", "clone", "-q", str(repo.root), str(tmp_path / "old")], check=True)
    commit = repo.commit({"README.md": "New.\n"})
    publish_to(channel)
    ran = run("verify", str(channel), "--rebuild", "--root", str(tmp_path / "old"))
    assert ran.code == 1 and f"NO  rebuilt content: the commit {commit} is not in" in ran.out and f"git fetch origin {commit}" in ran.out
    assert "yes content" in ran.out, "the other checks are told all the same"


def doctored(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """The publisher's index says something else than its commit, and its manifest has the digest of that."""

    def made(*given: object, **more: object) -> Built:
        built = build(*given, **more)  # type: ignore[arg-type]
        with closing(sqlite3.connect(built.path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
            digest = logical_digest(connection)
        return Built(built.path, built.size, digest, built.tree, [])

    monkeypatch.setattr(publishing, "build", made)


def test_an_index_that_says_something_else_than_its_commit(
    run: Run, tmp_path: Path, repo: Repo, publish_to: Publish, pull_from: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctored(
        monkeypatch,
        "UPDATE version SET context = 9",
        "DELETE FROM label WHERE value = 'small'",
        "INSERT INTO publisher (id, name) VALUES ('evil', 'Evil')",
        *(f"INSERT INTO publisher (id, name) VALUES ('z{number}', 'Z')" for number in range(7)),
    )
    monkeypatch.setattr(publishing, "__version__", "0.0.9")
    publish_to(tmp_path / "channel")
    pull_from(tmp_path / "channel")
    ran = run("verify", "--rebuild", "--root", str(repo.top))
    assert ran.code == 1 and "yes content" in ran.out and "made by modelreg 0.0.9, and this is 0.1.0" in ran.out
    lines = [line.strip() for line in ran.out.splitlines()]
    assert "version acme/tiny@1.0.0: context 9 and 8192" in lines
    assert "publisher evil: only in the first" in lines and "publisher: 3 more" in lines
    assert len([line for line in lines if line.startswith("publisher z")]) == 4
    assert [line for line in lines if line.startswith("label")] == ["label acme/tiny@1.0.0 tag small: only in the second"]
    (told,) = json.loads(run("verify", "--rebuild", "--root", str(repo.top), "--json").out)
    assert not told["holds"] and any("publisher: 3 more" in check["more"] for check in told["checks"])


def test_bytes_of_another_library_are_not_compared(
    run: Run, tmp_path: Path, repo: Repo, publish_to: Publish, pull_from: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "library", lambda: "3.1.4 with STAT4")
    publish_to(tmp_path / "channel")
    pull_from(tmp_path / "channel")
    ran = run("verify", "--rebuild", "--root", str(repo.top))
    assert ran.code == 0 and "-   rebuilt bytes: not compared: published with SQLite 3.1.4 with STAT4" in ran.out
    (told,) = json.loads(run("verify", "--rebuild", "--root", str(repo.top), "--json").out)
    assert told["holds"] and told["checks"][-1]["holds"] is None


def test_the_same_rows_in_other_bytes(
    run: Run, tmp_path: Path, repo: Repo, publish_to: Publish, pull_from: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctored(monkeypatch, "CREATE TABLE more (a)", "DROP TABLE more")
    publish_to(tmp_path / "channel")
    pull_from(tmp_path / "channel")
    ran = run("verify", "--rebuild", "--root", str(repo.top))
    assert ran.code == 1 and "yes rebuilt content" in ran.out and "NO  rebuilt bytes" in ran.out


def test_every_python_here_makes_the_same_index(reference: Path, tmp_path: Path) -> None:
    """The shipped catalog: the same digest by any SQLite, the same bytes by the same one."""
    all_here = list(pythons.all_here())
    with closing(sqlite3.connect(reference)) as connection:
        told = logical_digest(connection)
    same, other = 0, 0
    for number, python in enumerate(all_here):
        index = tmp_path / f"{number}.db"
        assert python.build(index) == told, python.names()
        if python.names()[1] == sqlite3.sqlite_version:
            assert hashlib.sha256(index.read_bytes()).digest() == hashlib.sha256(reference.read_bytes()).digest(), python.names()
            same += 1
        else:
            other += 1
    if same < 2 or not other:
        pytest.skip(f"of other Pythons {max(same - 1, 0)} are here, and of other SQLites {other} (docs/publish.md tells what was run)")
