"""history.db: a function of the first-parent line alone, whole at every moment."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.history import write as writer
from modelreg_cli.history.current import facts_of, tip_of, whose_history
from modelreg_cli.history.meaning import meanings
from modelreg_cli.history.write import write
from modelreg_cli.index.place import git_of
from tests.conftest import Run
from tests.history.kept import all_rows
from tests.repositories import OFFERING, SMALL, Repo, made

VERSION = "catalog/models/acme/tiny/1.0.0.yaml"
PATHS = (
    VERSION, "catalog/models/acme/tiny/2.0.0.yaml", "catalog/models/acme/tiny/model.yaml", "catalog/providers/shop/a.yaml",
    "catalog/providers/shop/b.yaml", "catalog/tags/curated.yaml", "catalog/notes.txt", "outside.yaml",
)  # fmt: skip
TEXTS = (
    SMALL[VERSION], SMALL[VERSION].replace("[small]", "[small, curated]"), "status: retired\n", "broken: [\n", OFFERING,
    OFFERING.replace("input: 3", "input: 2"), OFFERING + "  - {observed: 2026-06-01, currency: USD, rates: {input: 1}}\n", None,
)  # fmt: skip


def step(repo: Repo, seed: random.Random) -> None:
    """One commit on the line: an edit, a move, or a merge of a branch."""
    what = seed.random()
    files = {seed.choice(PATHS): seed.choice(TEXTS) for _ in range(seed.randint(1, 3))}
    files = {path: text for path, text in files.items() if text is not None or (repo.top / path).exists()}
    if what < 0.2:
        there = [path for path in PATHS if (repo.top / path).exists()]
        if there:
            repo.git("mv", "-f", seed.choice(there), f"catalog/models/acme/tiny/{seed.randint(3, 9)}.0.0.yaml")
        repo.commit({}, who="Mia")
    elif what < 0.45:
        repo.git("checkout", "-q", "-b", "side")
        repo.commit(files, who="Bea")
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side", who="Fay")
        repo.git("branch", "-q", "-D", "side")
    else:
        repo.commit(files)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_commit_by_commit_is_all_at_once(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("line")
    repo, dice = made(folder / "repo"), random.Random(seed)
    grown = folder / "grown.db"
    write(str(repo.top), grown)
    for _ in range(dice.randint(2, 7)):
        step(repo, dice)
        if dice.random() < 0.7:
            write(str(repo.top), grown)
    if dice.random() < 0.5:  # the branch is rewritten: some commits are taken back, others come
        repo.git("reset", "-q", "--hard", f"HEAD~{dice.randint(1, 2)}")
        for _ in range(dice.randint(0, 2)):
            step(repo, dice)
    write(str(repo.top), grown)
    write(str(repo.top), folder / "once.db")
    assert all_rows(grown) == all_rows(folder / "once.db")
    assert all_rows(grown)["event"]


values = st.recursive(
    st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["id", "version", "rates", "observed", "a"]), below, max_size=3)
    ),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from(["prices", "serves", "tags", "limits", "status", "artifacts"]), values, max_size=4)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(["offering", "version", "license", "results"]), before=documents, after=documents)
def test_any_two_documents_can_be_compared(kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert list(meanings(kind, before, before)) == []
    found = list(meanings(kind, before, after))
    changed = {
        key for key in {*before, *after} if before.get(key) != after.get(key) and not (before.get(key) is None and not after.get(key))
    }
    assert {change.pointer.split("/")[1] for change in found} >= {
        key for key in changed if before.get(key) and after.get(key) and key in ("status", "tags", "artifacts")
    }
    assert {change.pointer.split("/")[1] for change in found} <= {*before, *after}
    for change in found:
        assert change.before is not None or change.after is not None


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Three commits."""
    repo = made(tmp_path / "repo")
    repo.commit({VERSION: "status: deprecated\n"}, say="second")
    repo.commit({VERSION: "status: retired\n"}, say="third")
    return repo


def kept(repo: Repo) -> Path:
    return repo.top / ".modelreg" / "history.db"


def subjects(path: Path) -> list[str]:
    return [row[6] for row in all_rows(path)["revision"]]


def test_a_new_commit_costs_that_commit_only(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "h.db"
    assert write(str(repo.top), target).read == 3
    repo.commit({VERSION: "status: active\n"})
    repo.commit({"elsewhere": "x"})
    assert write(str(repo.top), target).read == 1
    monkeypatch.setattr(writer, "revisions", lambda *_: pytest.fail("read again") if _[2] != _[1] else iter(()))
    assert write(str(repo.top), target).read == 0


def test_a_rewritten_branch_is_read_from_where_it_parted(repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "h.db"
    write(str(repo.top), target)
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit({VERSION: "status: maintenance\n"}, say="another third")
    assert write(str(repo.top), target).read == 1
    assert subjects(target) == ["First", "second", "another third"]
    assert '"retired"' not in str(all_rows(target)["told"])
    repo.git("reset", "-q", "--hard", "HEAD~2")  # back, and nothing new
    assert write(str(repo.top), target).read == 0
    assert subjects(target) == ["First"]


def test_a_branch_that_became_second_parent_is_not_the_line_any_more(repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "h.db"
    write(str(repo.top), target)
    repo.git("checkout", "-q", "-b", "other", "HEAD~2")
    repo.commit({"catalog/tags/other.yaml": "description: Other.\n"}, say="other")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge main", "main")
    repo.git("branch", "-q", "-f", "main", "other")
    repo.git("checkout", "-q", "main")
    write(str(repo.top), target)
    assert subjects(target) == ["First", "other", "Merge main"]
    write(str(repo.top), tmp_path / "once.db")
    assert all_rows(target) == all_rows(tmp_path / "once.db")


def test_another_history_altogether(repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "h.db"
    write(str(repo.top), target)
    other = made(tmp_path / "other", when="2026-01-01T00:00:00Z")
    write(str(other.top), target)
    assert len(subjects(target)) == 1
    assert facts_of(str(target)) is not None
    assert (facts_of(str(target)) or {})["tip"] == other.git("rev-parse", "HEAD")


def test_a_damaged_file_and_one_of_another_program_are_made_anew(repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top)
    whole = run("history", "--json", "--limit", "0").json
    for wrong in (b"", b"no database", kept(repo).read_bytes()[:5000]):
        kept(repo).write_bytes(wrong)
        assert run("history", "--json", "--limit", "0").json == whole
    with sqlite3.connect(kept(repo)) as db:
        db.execute("UPDATE meta SET value = 'older' WHERE key = 'program'")
        db.execute("DELETE FROM event")
    assert run("history", "--json", "--limit", "0").json == whole


def test_the_rows_do_not_depend_on_settings_or_the_clock(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {at: "".join(f"key{line}: {at} {line}\n" for line in range(40)) for at in range(4)}
    repo.commit({f"catalog/models/acme/tiny/{at}.yaml": text for at, text in texts.items()})
    gone: dict[str, str | None] = {f"catalog/models/acme/tiny/{at}.yaml": None for at in texts}
    repo.commit(gone | {f"catalog/models/acme/tiny/2.{at}.0.yaml": f"{text}more: 1\n" for at, text in texts.items()})
    write(str(repo.top), tmp_path / "a.db")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[diff]\n renames = false\n renameLimit = 1\n noprefix = true\n external = false\n[log]\n showRoot = false\n date = relative\n"
        "[core]\n quotePath = true\n[i18n]\n logOutputEncoding = latin1\n[color]\n ui = always\n[format]\n pretty = oneline\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    write(str(repo.top), tmp_path / "b.db")
    assert all_rows(tmp_path / "a.db") == all_rows(tmp_path / "b.db")
    assert [row[2] for row in all_rows(tmp_path / "b.db")["event"]].count("renamed") == 4


def test_a_repository_that_wants_programs_run_gets_none(repo: Repo, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    raw = repo.git("cat-file", "commit", "HEAD")
    head, _, rest = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"
    (tmp_path / "commit").write_text(f"{head}\n{signature}\n\n{rest}\n")
    signed = repo.git("hash-object", "-t", "commit", "-w", str(tmp_path / "commit"))
    repo.git("reset", "-q", "--hard", signed)
    (repo.root / ".gitattributes").write_text("*.yaml diff=trap\n")
    (repo.root / ".git" / "config").write_text(
        f"[core]\n repositoryformatversion = 0\n fsmonitor = {trap}\n pager = {trap}\n hooksPath = {tmp_path}\n sshCommand = {trap}\n"
        f"[gpg]\n program = {trap}\n[log]\n showSignature = true\n[diff]\n external = {trap}\n"
        f'[diff "trap"]\n textconv = {trap}\n command = {trap}\n'
    )
    monkeypatch.chdir(repo.top)
    assert run("history", "--limit", "1").code == 0
    assert run("stats", "--at", "2026").code == 0
    assert run("stats", "--at", "HEAD").code == 0
    assert not (tmp_path / "sprung").exists()
    repo.git("log", "-1", "--format=%G?")  # the trap does spring
    assert (tmp_path / "sprung").exists()


def test_ids_of_64_digits(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(tmp_path / "repo")
    repo.root.mkdir()
    repo.git("init", "-q", "-b", "main", "--object-format=sha256")
    repo.commit(dict(SMALL))
    repo.commit({VERSION: "status: retired\n"})
    monkeypatch.chdir(repo.top)
    rows = run("history", "acme/tiny@1.0.0", "--json").json
    assert len(rows[0]["commit"]) == 64
    assert "status" in [row["class"] for row in rows]
    assert run("stats", "--at", "HEAD~1").code == 0
    assert run("stats", "--at", "HEAD~1").code == 0
    assert len(list((repo.top / ".modelreg" / "trees").glob("*.db"))) == 1


def test_a_cache_folder_that_is_a_link_is_not_followed(repo: Repo, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repo.top / ".modelreg").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(repo.top)
    assert run("history", "--limit", "1").code == 0
    assert run("stats", "--at", "HEAD").code == 0
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_subfolder_a_bare_clone_and_a_linked_work_tree(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = made(tmp_path / "repo", below="data/registry")
    repo.commit({VERSION: "status: retired\n"}, who="Bea")
    repo.git("-c", "core.autocrlf=false", "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    for place in (repo.top, tmp_path / "linked" / "data/registry"):
        monkeypatch.chdir(place)
        rows = run("history", "acme/tiny@1.0.0", "--json").json
        assert ("status", "Bea") in [(row["class"], row["author"]) for row in rows]
        assert rows[-1]["kind"] == "created"
    plain = made(tmp_path / "plain")
    plain.git("clone", "-q", "--bare", str(plain.root), str(tmp_path / "bare.git"))
    monkeypatch.chdir(tmp_path / "bare.git")
    assert run("history", "acme/tiny@1.0.0", "--json").json[0]["kind"] == "created"
    assert (tmp_path / "bare.git" / "modelreg" / "history.db").is_file()
    got = run("history", "acme/tinny")
    assert (got.code, "did you mean acme/tiny" in got.err) == (4, True)


def test_a_shallow_clone_calls_nothing_created(tmp_path: Path, repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("clone", "-q", "--depth", "2", repo.root.as_uri(), str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    monkeypatch.chdir(shallow.top)
    got = run("history", "--json")
    assert [(row["kind"], row["before"], row["after"]) for row in got.json] == [("changed", "deprecated", "retired")]
    assert "This clone is shallow" in got.err
    shallow.git("fetch", "-q", "--unshallow")
    got = run("history", "--json", "--limit", "0")
    assert {row["kind"] for row in got.json} == {"created", "changed"}
    assert "shallow" not in got.err


def test_readers_while_history_grows(repo: Repo, shell: Run) -> None:
    """Three readers ask again and again while commits come; each sees a whole state, never an older one after a newer."""
    wrong: list[Any] = []
    done = threading.Event()

    def reader() -> None:
        seen = 0
        while not done.is_set() or seen == 0:
            got = shell("history", "acme/tiny@1.0.0", "--json", "--limit", "0", cwd=repo.top)
            if got.code != 0 or not got.json or len(got.json) < seen:
                wrong.append(got)
            seen = max(seen, len(got.json))

    threads = [threading.Thread(target=reader) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(6):
        repo.commit({VERSION: f"status: active\nchangelog: {number}th\n"})
        time.sleep(0.1)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(shell("history", "acme/tiny@1.0.0", "--json", cwd=repo.top).json) >= 8


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_killed_at_any_moment_it_is_whole(repo: Repo) -> None:
    for number in range(30):
        repo.commit({VERSION: f"status: active\nchangelog: {number}th\n"})
    target = repo.root / "h.db"
    write(str(repo.top), target)
    repo.commit({VERSION: "status: retired\n"})
    command = [sys.executable, "-m", "modelreg_cli", "history", "-o", str(target), "-q"]
    started = time.monotonic()
    subprocess.run(command, cwd=repo.top, check=True)
    whole = time.monotonic() - started
    for part in range(10):
        repo.commit({VERSION: f"status: active\nchangelog: more {part}\n"})
        process = subprocess.Popen(command, cwd=repo.top)
        time.sleep(whole * part / 10)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with sqlite3.connect(target) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            numbers = {row[0] for row in db.execute("SELECT number FROM revision")}
            assert {row[0] for row in db.execute("SELECT DISTINCT revision FROM event")} == numbers
            tip = db.execute("SELECT value FROM meta WHERE key = 'tip'").fetchone()[0]
            assert db.execute("SELECT id FROM revision ORDER BY number DESC LIMIT 1").fetchone()[0] == tip
    left = list(repo.root.glob(".h.db.*.tmp"))
    for path in left:
        os.utime(path, (1, 1))
    subprocess.run(command, cwd=repo.top, check=True)
    assert list(repo.root.glob(".h.db.*.tmp")) == []
    write(str(repo.top), repo.root / "once.db")
    assert all_rows(target) == all_rows(repo.root / "once.db")


def test_head_is_read_as_git_reads_it(repo: Repo, tmp_path: Path) -> None:
    def both(folder: Path) -> tuple[str | None, str]:
        git = git_of(str(folder))
        assert git is not None
        return tip_of(git), Repo(folder).git("rev-parse", "HEAD")

    places = [repo.root]
    for where in ("repo/catalog",):
        places.append(tmp_path / where)
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked", "HEAD~1")
    places.append(tmp_path / "linked")
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    places.append(tmp_path / "bare.git")
    for place in places:
        found, real = both(place)
        assert found == real
    repo.git("pack-refs", "--all")
    for place in places:
        found, real = both(place)
        assert found == real
    repo.git("checkout", "-q", "--detach", "HEAD~1")
    assert len(set(both(repo.root))) == 1
    repo.git("checkout", "-q", "--orphan", "empty")
    git = git_of(str(repo.root))
    assert git is not None and tip_of(git) is None


def test_no_repository_no_commit_no_catalog(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    got = run("history")
    assert (got.code, "is not in a Git repository" in got.err) == (2, True)
    repo = made(tmp_path / "code", {"README": "x"})
    monkeypatch.chdir(repo.root)
    got = run("history")
    assert (got.code, "there is no catalog here" in got.err) == (2, True)
    assert not (repo.root / ".modelreg").exists()
    fresh = Repo(tmp_path / "fresh")
    fresh.write(dict(SMALL))
    fresh.git("init", "-q")
    monkeypatch.chdir(fresh.root)
    with pytest.raises(Exception, match="this repository has no commit yet"):
        write(str(fresh.root), tmp_path / "h.db")
    assert run("history").code == 3
    assert not (tmp_path / "h.db").exists()


def test_output_writes_a_file_anywhere(repo: Repo, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top)
    got = run("history", "-o", str(tmp_path / "out" / "h.db"))
    assert (got.code, got.out) == (0, "")
    assert got.err.startswith("h.db: ") and "of 3 commits, 3 read now" in got.err
    assert run("history", "-o", str(tmp_path / "out" / "h.db")).err.endswith("0 read now\n")
    assert run("history", "acme/tiny", "-o", "x.db").code == 2
    assert run("history", "-o", str(tmp_path / "out")).code == 2
    mode = (tmp_path / "out" / "h.db").stat().st_mode & 0o777
    (tmp_path / "plain").touch()
    assert mode == (tmp_path / "plain").stat().st_mode & 0o777


def test_a_log_of_thousands_of_files_does_not_stop(tmp_path: Path) -> None:
    """Both pipes to Git are busy at once, far beyond what they hold."""
    files = {f"catalog/tags/tag{number}.yaml": f"description: {'word ' * 60}{number}\n" for number in range(1500)}
    repo = made(tmp_path / "repo", {**SMALL, **files})
    done = write(str(repo.top), tmp_path / "h.db")
    assert done.events == len(SMALL) + 1500
    shutil.rmtree(repo.root)


def test_whose_history_is_found_from_below(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top / "catalog" / "models")
    assert whose_history()[0] == os.path.realpath(repo.top)
