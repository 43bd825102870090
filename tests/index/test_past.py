"""`--at`: any reading command answers for a past commit, tag or date."""

import importlib
import os
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

from modelreg_cli import dates
from modelreg_cli.cli.table import all_commands
from modelreg_cli.errors import ModelregError
from modelreg_cli.index import past
from modelreg_cli.index.place import kept_in
from tests.conftest import Ran, Run
from tests.repositories import SMALL, Repo, made

TINY = "catalog/models/acme/tiny/model.yaml"
QUESTION = "SELECT name FROM model"


def called(name: str) -> dict[str, str | None]:
    return {TINY: f"name: {name}\ntype: weights\ndefault: 1.0.0\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository that a test may change."""
    return four_states(tmp_path / "repo")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The same for tests that only ask it."""
    return four_states(tmp_path_factory.mktemp("standing") / "repo")


def four_states(folder: Path) -> Repo:
    """One name in four states: Tiny in May, June at noon of 1 June, July at the last second of June (UTC), Late on 4 July."""
    repo = made(folder)
    repo.commit(called("June"), when="2026-06-01T12:00:00Z")
    repo.commit(called("July"), when="2026-07-01T01:59:59+02:00")
    repo.git("tag", "v1")
    repo.commit(called("Late"), when="2026-07-04T00:00:00Z")
    return repo


@pytest.fixture
def name_at(shell: Run, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Asks a repository for the model's name at a state; with an environment of its own in a process of its own."""

    def call(repo: Repo, at: str, *argv: str, env: dict[str, str] | None = None) -> Ran:
        if env is not None:
            return shell("sql", QUESTION, "--at", at, "--json", *argv, cwd=repo.top, env=env)
        monkeypatch.chdir(repo.top)
        return run("sql", QUESTION, "--at", at, "--json", *argv)

    return call


def name(got: Ran) -> str:
    return str(got.json[0]["name"])


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("HEAD", "Late"), ("HEAD~2", "June"), ("v1", "July"), ("main", "Late"), ("2026", "Late"), ("2026-05", "Tiny"), ("2026-06", "July"),
        ("2026-05-01", "Tiny"), ("2026-06-01", "June"), ("2026-06-01T11:59:59Z", "Tiny"), ("2026-06-01T12:00:00Z", "June"),
        ("2026-06-01T12:00", "June"), ("2026-06-01T14:00+02:00", "June"), ("2026-06-01T13:59:59+0200", "Tiny"), ("2026-06-30", "July"),
        ("2026-06-30T23:59:58Z", "June"), ("2026-06-30T23:59:59Z", "July"), ("2026-06-30 23:59:59", "July"), ("9999", "Late"),
    ],
)  # fmt: skip
def test_a_state_is_named_in_many_ways(standing: Repo, name_at: Run, at: str, told: str) -> None:
    assert name(name_at(standing, at)) == told


def test_every_reading_command_of_the_index_takes_it(repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top)
    for name, entry in all_commands.items():
        if entry.reads and name != "history":
            params = {param.name for param in importlib.import_module(entry.module).COMMAND.params}
            assert {"at", "index"} <= params, f"{name} takes *STATE"
    for command, *argv in (
        ["search", "tiny"], ["show", "acme/tiny"], ["versions", "acme/tiny"], ["compare", "acme/tiny", "acme/tiny@1.0.0"],
        ["leaderboard", "quiz"], ["resolve", "acme/tiny"], ["stats"], ["sql", QUESTION],
    ):  # fmt: skip
        got = run(command, *argv, "--at", "2026-05", "--json")
        assert "As of commit" in got.err, command
        assert ("Tiny" in got.out, "Late" in got.out) == (command in ("search", "show", "resolve", "sql"), False), command


def test_it_says_which_commit_it_is(standing: Repo, name_at: Run) -> None:
    june = standing.git("rev-parse", "HEAD~2")
    assert name_at(standing, "2026-06-01").err == f"As of commit {june[:12]}, 2026-06-01T12:00:00Z.\n"
    assert name_at(standing, "2026-06-01", "-q").err == ""


@pytest.mark.parametrize(
    ("at", "code", "told"),
    [
        ("2026-04-30", 2, "no commit is as old as 2026-04-30T23:59:59Z: the first one here, "),
        ("1969", 2, "no commit is as old as 1969-12-31T23:59:59Z"),
        ("2026-13", 2, "--at takes a date, not '2026-13'"),
        ("2026-02-30", 2, "--at takes a date"),
        ("2026-06-01T25:00", 2, "--at takes a date"),
        ("2026-06-01T12:00+01:99", 2, "--at takes a date"),
        ("0000", 2, "--at takes a date"),
        ("nothing", 2, "no commit is called 'nothing' here"),
        ("-v", 2, "not a revision"),
        ("v1..main", 2, "no commit is called"),
        ("", 2, "no commit is called ''"),
        ("HEAD:catalog", 2, "no commit is called"),
    ],
)
def test_what_is_no_state_is_said_so(standing: Repo, name_at: Run, at: str, code: int, told: str) -> None:
    got = name_at(standing, at)
    assert (got.code, got.out) == (code, "")
    assert told in got.err
    assert "hint:" in got.err or at == "-v"
    if at == "2026-04-30":
        assert "is of 2026-05-01T12:00:00Z" in got.err


def test_index_and_at_exclude_each_other(standing: Repo, name_at: Run, questions: Path) -> None:
    got = name_at(standing, "HEAD", "--index", str(questions))
    assert (got.code, "exclude each other" in got.err) == (2, True)
    assert name(name_at(standing, "v1", env={"MODELREG_INDEX": str(questions)})) == "July"  # said now, against set once


def test_no_repository_no_commit_no_catalog(tmp_path: Path, name_at: Run) -> None:
    plain = Repo(tmp_path / "plain")
    plain.write({path: text for path, text in SMALL.items()})
    assert "is not in a Git repository" in name_at(plain, "HEAD").err
    empty = Repo(tmp_path / "empty")
    empty.write({path: text for path, text in SMALL.items()})
    empty.git("init", "-q")
    assert "this repository has no commit yet" in name_at(empty, "2026").err
    late = made(tmp_path / "late", {"README": "x"})
    late.commit(dict(SMALL), when="2026-06-01T12:00:00Z")
    got = name_at(late, "2026-05")
    assert (got.code, "there is no catalog/ in commit" in got.err) == (2, True)


def test_a_tag_or_branch_that_looks_like_a_date_wins_and_is_said(repo: Repo, name_at: Run) -> None:
    repo.git("tag", "2026-05", "main")
    got = name_at(repo, "2026-05")
    assert name(got) == "Late"
    assert "note: 2026-05 is the tag of that name here, not the date" in got.err
    repo.git("branch", "2026-06-01", "v1")
    got = name_at(repo, "2026-06-01")
    assert (name(got), "the branch of that name" in got.err) == ("July", True)
    repo.git("branch", "2026-06-02/topic", "v1")  # begins so, and is not called so
    got = name_at(repo, "2026-06-02")
    assert (name(got), "note:" in got.err) == ("June", False)


def test_the_first_parent_line_counts_not_what_was_merged_later(repo: Repo, name_at: Run) -> None:
    repo.git("checkout", "-q", "-b", "side", "v1")
    repo.commit(called("Side"), when="2026-07-02T00:00:00Z")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "-X", "theirs", "--no-ff", "-m", "Merge", "side", when="2026-07-08T00:00:00Z")
    assert name(name_at(repo, "2026-07-03")) == "July"  # the side branch had the change, main did not
    assert name(name_at(repo, "2026-07-07")) == "Late"
    assert name(name_at(repo, "2026-07-08")) == "Side"


def test_where_clocks_were_wrong_the_place_in_history_counts(repo: Repo, name_at: Run) -> None:
    repo.commit(called("Backward"), when="2026-06-15T00:00:00Z")  # its parent is of July
    assert name(name_at(repo, "2026-06-14")) == "June"
    assert name(name_at(repo, "2026-06-15")) == "Backward"
    assert name(name_at(repo, "2026-07-03")) == "Backward"


def test_a_catalog_in_a_subfolder(tmp_path: Path, name_at: Run) -> None:
    repo = made(tmp_path / "repo", below="data/registry")
    repo.commit(called("Now"))
    assert name(name_at(repo, "2026-05")) == "Tiny"
    assert (repo.top / ".modelreg" / "trees").is_dir()
    assert repo.git("status", "--porcelain") == ""


def test_a_bare_repository(repo: Repo, tmp_path: Path, name_at: Run) -> None:
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    bare = Repo(tmp_path / "bare.git")
    assert name(name_at(bare, "2026-06-01")) == "June"
    assert len(list((bare.root / "modelreg" / "trees").glob("*.db"))) == 1


def test_a_shallow_clone_says_that_its_history_is_cut_off(repo: Repo, tmp_path: Path, name_at: Run) -> None:
    repo.git("clone", "-q", "--depth", "1", repo.root.as_uri(), str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    assert name(name_at(shallow, "2026-07-04")) == "Late"
    got = name_at(shallow, "2026-07-03")
    assert "this clone is shallow" in got.err and "--unshallow" in got.err
    assert "shallow" not in name_at(repo, "2020").err


def test_a_past_state_with_errors_is_read_without_them(repo: Repo, name_at: Run) -> None:
    repo.commit({"catalog/tags/bad.yaml": "description: [\n"}, when="2026-08-01T00:00:00Z")
    got = name_at(repo, "2026-08")
    assert name(got) == "Late"
    assert "warning: 1 file with errors is not in this index; run `modelreg validate --at 2026-08`" in got.err


def test_one_state_is_built_once_and_shared_by_commits_of_one_tree(repo: Repo, name_at: Run) -> None:
    trees = repo.top / ".modelreg" / "trees"
    name_at(repo, "v1")
    [built] = trees.glob("*.db")
    before = built.stat().st_ino
    repo.commit({"README": "more"})  # another commit, the same catalog
    name_at(repo, "HEAD")
    name_at(repo, "v1")
    assert built.stat().st_ino == before
    assert len(list(trees.iterdir())) == 2  # v1 and now
    tree = repo.git("rev-parse", "v1:catalog")
    with sqlite3.connect(built) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'tree'").fetchone() == (tree,)
    assert built.name.startswith(f"{tree}-")


def test_a_state_built_from_what_the_checkout_has_is_that_state(repo: Repo, name_at: Run, run: Run, tmp_path: Path) -> None:
    assert name_at(repo, "HEAD").code == 0
    shutil.rmtree(repo.top / ".modelreg" / "trees")
    assert name(run("sql", QUESTION, "--json")) == "Late"  # the checkout's index is there now
    repo.write({TINY: "name: Edited\ntype: weights\ndefault: 1.0.0\n", "catalog/tags/more.yaml": "description: More.\n"})
    assert name(run("sql", QUESTION, "--json")) == "Edited"
    repo.write({"catalog/tags/another.yaml": "description: Another.\n"})
    for at, told in (("HEAD", "Late"), ("HEAD~2", "June"), ("HEAD~3", "Tiny")):
        assert name(name_at(repo, at)) == told
        assert run("build", "--at", at, "-q", "-o", str(tmp_path / "clean.db")).code == 0
        tree = repo.git("rev-parse", f"{at}:catalog")
        [kept] = (repo.top / ".modelreg" / "trees").glob(f"{tree}-*.db")
        documents = []
        for path in (kept, tmp_path / "clean.db"):
            with sqlite3.connect(path) as db:
                documents.append(sorted(db.execute("SELECT kind, id, path, json FROM document")))
        assert documents[0] == documents[1]


def test_another_program_builds_its_own(repo: Repo, name_at: Run, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(repo.top)
    run("stats", "--at", "v1")
    monkeypatch.setattr(past, "made_by", lambda: "another one")
    run("stats", "--at", "v1")
    assert len(list((repo.top / ".modelreg" / "trees").glob("*.db"))) == 2


def test_those_used_longest_ago_are_removed_and_stay_readable(repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top)
    monkeypatch.setattr(past, "MOST", 2)
    trees = repo.top / ".modelreg" / "trees"
    (trees / "..").resolve().mkdir(exist_ok=True)
    trees.mkdir(exist_ok=True)
    (trees / "mine.db").write_text("not ours")
    first, second, third = (past.past_index(at) for at in ("2026-05", "2026-06-01", "v1"))
    assert [Path(one.file).exists() for one in (first, second, third)] == [False, True, True]
    os.utime(second.file, (1, 1))
    os.utime(third.file, (2, 2))
    past.past_index("2026-06-01")  # used again: now v1 is the older one
    reader = sqlite3.connect(f"file:{third.file}?mode=ro&immutable=1", uri=True)
    reader.execute("SELECT 1 FROM meta").fetchone()
    past.past_index("HEAD")
    assert [Path(one.file).exists() for one in (second, third)] == [True, False]
    assert reader.execute(QUESTION).fetchone() == ("July",)
    assert (trees / "mine.db").exists()


def test_many_readers_of_one_state_at_once(repo: Repo, name_at: Run) -> None:
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(name(name_at(repo, "v1", env={})))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["July"] * 3
    assert len(list((repo.top / ".modelreg" / "trees").iterdir())) == 1


def test_the_second_question_builds_nothing(repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top)
    assert run("stats", "--at", "v1").code == 0
    monkeypatch.setattr(past, "_build", lambda *_: pytest.fail("built again"))
    assert run("stats", "--at", "v1").code == 0
    assert run("stats", "--at", "2026-06").code == 0
    with pytest.raises(pytest.fail.Exception):
        run("stats", "--at", "HEAD")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_checkout_that_cannot_be_written_uses_the_users_cache(repo: Repo, tmp_path: Path, name_at: Run) -> None:
    repo.top.chmod(0o555)
    try:
        assert name(name_at(repo, "v1", env={"XDG_CACHE_HOME": str(tmp_path / "cache")})) == "July"
    finally:
        repo.top.chmod(0o755)
    assert len(list((tmp_path / "cache").rglob("*.db"))) == 1


def test_a_folder_that_is_a_file_is_passed_over(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (repo.top / ".modelreg").write_text("in the way")
    if sys.platform == "linux":
        assert kept_in(str(repo.top), "trees").startswith(str(tmp_path / "cache" / "modelreg" / "repo-"))


def test_a_repository_that_git_refuses_is_not_called_missing(repo: Repo, name_at: Run) -> None:
    (repo.root / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 99\n")
    got = name_at(repo, "v1")
    assert (got.code, "cannot be read" in got.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1970", 0, 365 * 86400 - 1),
        ("1970-02", 31 * 86400, 59 * 86400 - 1),
        ("1972-02", 790 * 86400 - 29 * 86400, 790 * 86400 - 1),
        ("1970-12", 334 * 86400, 365 * 86400 - 1),
        ("1970-01-02", 86400, 2 * 86400 - 1),
        ("1970-01-02T00:00", 86400, 86400),
        ("1970-01-01T01:00:01+01:00", 1, 1),
        ("1970-01-01T00:00:00-01:30", 5400, 5400),
        ("9999-12-31", 253402214400, 253402300799),
    ],
)
def test_what_a_date_covers(text: str, first: int, last: int) -> None:
    assert dates.span(text, "--at") == (first, last)
    assert dates.looks_like_date(text)


@pytest.mark.parametrize("text", ["", "26", "2026-6-1", "2026-06-01T", "2026-06-01T12", "2026-06-01T12:00:00X", "2026-06-01\n", "٢٠٢٦"])
def test_what_is_no_date(text: str) -> None:
    assert not dates.looks_like_date(text)
    with pytest.raises(ModelregError):
        dates.span(text, "--at")


def test_git_is_needed_for_past_states_only(repo: Repo, name_at: Run, shell: Run, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    env = {"PATH": str(tmp_path / "bin")}
    assert shell("sql", QUESTION, cwd=repo.top, env=env).code == 0
    got = name_at(repo, "v1", env=env)
    assert (got.code, "git is not installed" in got.err) == (3, True)
    shutil.rmtree(tmp_path / "bin")
