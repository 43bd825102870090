"""The program as a process: pipes, signals, streams, folders, damaged files."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelreg_cli.errors import ModelregError, Pending, Refused, Unavailable, UnknownRef
from tests.conftest import Ran, Run

PROGRAM = [sys.executable, "-m", "modelreg_cli"]
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_version_and_help(shell: Run) -> None:
    assert shell("--version").out.startswith("modelreg ")
    for argv in ((), ("--help",), ("-h",)):
        got = shell(*argv)
        assert got.code == 0
        assert "Find" in got.out
        assert "Exit codes: 0 yes" in got.out


def test_an_unknown_command_has_a_suggestion(shell: Run) -> None:
    got = shell("serch")
    assert (got.code, got.out) == (2, "")
    assert got.err == "error: no command is called 'serch'\nhint: did you mean search or bench?\n"


@pytest.mark.parametrize("argv", [["build", "--partail"], ["build", "--at"], ["build", "extra"], ["validate", "--format", "xml"]])
def test_usage_errors_of_writing_commands(shell: Run, argv: list[str]) -> None:
    got = shell(*argv)
    assert got.code == 2
    assert got.err.startswith("error: ")
    assert "hint: " in got.err
    assert "Traceback" not in got.err


def test_a_closed_pipe_is_no_error(questions: Path) -> None:
    for argv in (["search"], ["show", "acme/atlas-8b"], ["sql", f"{ENDLESS} SELECT i FROM n LIMIT 200000", "--limit", "0"]):
        command = [*PROGRAM, argv[0], "--index", str(questions), *argv[1:]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read().decode()
        assert process.returncode == 0, said
        assert "Traceback" not in said
        assert "Exception" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_can_not_be_written(questions: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PROGRAM, "search", "--index", str(questions)], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert "error: the output could not be written: No space left on device" in done.stderr
    assert "Exception" not in done.stderr


def test_closed_streams(questions: Path) -> None:
    line = f"{' '.join(PROGRAM)} search --index {questions}"
    assert subprocess.run(f"{line} >&- 2>/dev/null", shell=True, check=False).returncode == 0
    assert subprocess.run(f"{line} 2>&- >/dev/null", shell=True, check=False).returncode == 0
    line = f"{' '.join(PROGRAM)} sql --index {questions} - <&-"
    done = subprocess.run(line, shell=True, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: standard input is closed")


def test_an_encoding_that_lacks_the_characters(shell: Run, questions: Path) -> None:
    got = shell("show", "--index", str(questions), "tian-e", env={"PYTHONIOENCODING": "ascii"})
    assert got.code == 0
    assert "\\u5929" in got.out


def test_ctrl_c_ends_with_130_and_a_word(questions: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "sql", "--index", str(questions), f"{ENDLESS} SELECT max(i) FROM n"], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130, said
    assert b"stopped; no file was left half written" in said
    assert b"Traceback" not in said


def in_checkout(root: Path, *argv: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ran:
    """Runs the program in a folder."""
    done = subprocess.run(
        [*PROGRAM, *argv], cwd=cwd or root, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def test_outside_a_checkout(tmp_path: Path) -> None:
    got = in_checkout(tmp_path, "search")
    assert got.code == 3
    assert got.err.startswith("error: no catalog here and no index is named\nhint: ")
    assert in_checkout(tmp_path, "build").code == 2
    assert in_checkout(tmp_path, "search", "--help").code == 0


def test_in_a_subfolder_of_the_checkout(checkout: Path) -> None:
    got = in_checkout(checkout, "search", "-q", "--tag", "edge", cwd=checkout / "catalog" / "models" / "acme")
    assert got == Ran(0, "acme/atlas-8b\n", "")


def test_the_index_is_named_by_option_then_environment(questions: Path, tmp_path: Path, checkout: Path) -> None:
    assert in_checkout(tmp_path, "search", "-q", env={"MODELREG_INDEX": str(questions)}).code == 0
    missing = in_checkout(checkout, "search", env={"MODELREG_INDEX": "gone.db"})
    assert (missing.code, missing.err.splitlines()[0]) == (3, "error: there is no index at gone.db")
    assert in_checkout(checkout, "search", "-q", "--index", str(questions), env={"MODELREG_INDEX": "gone.db"}).code == 0


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "#1.db", "%20.db", "é.db", "a'b.db", "file:x.db"])
def test_odd_names_of_index_files(ask: Run, run: Run, questions: Path, tmp_path: Path, name: str) -> None:
    odd = tmp_path / name
    shutil.copy(questions, odd)
    assert run("search", "--index", str(odd), "-q", "--tag", "edge").lines == ["acme/atlas-8b"]


def damaged(questions: Path, folder: Path, kind: str) -> Path:
    """An index file that is none any more."""
    path = folder / "index.db"
    whole = questions.read_bytes()
    if kind == "folder":
        path.mkdir()
    elif kind == "foreign":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE a (b)")
    elif kind in ("newer", "older"):
        path.write_bytes(whole)
        with sqlite3.connect(path) as other:
            other.execute(f"PRAGMA user_version = {99 if kind == 'newer' else 0}")
    else:
        path.write_bytes({
            "empty": b"", "text": b"hello\n" * 2000, "header": whole[:100], "page": whole[:4096], "half": whole[: len(whole) // 2],
            "middle": whole[:8192] + b"\xff" * (len(whole) - 8192), "zeros": whole[:4096] + bytes(len(whole) - 4096),
        }[kind])  # fmt: skip
    return path


@pytest.mark.parametrize("kind", ["empty", "text", "header", "page", "half", "middle", "zeros", "folder", "foreign", "newer", "older"])
@pytest.mark.parametrize("argv", [["search"], ["show", "acme/atlas-8b"], ["sql", "SELECT * FROM document"], ["stats"]])
def test_a_file_that_is_no_index_is_unavailable(run: Run, questions: Path, tmp_path: Path, kind: str, argv: list[str]) -> None:
    path = damaged(questions, tmp_path, kind)
    got = run(argv[0], "--index", str(path), *argv[1:])
    assert (got.code, got.out) == (3, ""), got
    assert got.err.startswith("error: ")
    assert str(path) in got.err
    assert "hint: " in got.err
    if kind == "newer":
        assert "upgrade modelreg" in got.err


def test_bytes_that_flipped_are_told_of(run: Run, questions: Path, tmp_path: Path) -> None:
    whole = questions.read_bytes()
    dice = random.Random(7)
    path = tmp_path / "index.db"
    # a column that was renamed is not damage that can be told from another program's file: the pages of the schema stay
    pages = [at for at in range(4096, len(whole), 4096) if b"CREATE " not in whole[at : at + 4096]]
    for _ in range(120):
        spoilt = bytearray(whole)
        for _ in range(dice.choice((1, 20, 400))):
            spoilt[dice.choice(pages) + dice.randrange(4096)] = dice.randrange(256)
        path.write_bytes(spoilt[: dice.choice((len(whole), len(whole), dice.randrange(4096, len(whole))))])
        for command, *argv in (
            ["search", "atlas", "--commercial"],
            ["show", "acme/atlas-8b"],
            ["resolve", "atlas3.1:8b"],
            ["leaderboard", "quiz"],
            ["sql", "SELECT * FROM version"],
        ):
            got = run(command, "--index", str(path), *argv)
            # most damage is seen; nonsense that SQLite took for whole says what to do first
            assert got.code in (0, 2, 3, 4) or "hint: build the index again with `modelreg build`" in got.err, got.err
            assert "Traceback" not in got.err


@pytest.mark.parametrize(
    "kind", ["a file in the way", pytest.param("read-only", marks=pytest.mark.skipif(AS_ROOT, reason="root may write anywhere"))]
)
def test_a_checkout_that_can_not_be_written(checkout: Path, kind: str) -> None:
    if kind == "read-only":
        checkout.chmod(0o555)
    else:
        (checkout / ".modelreg").write_text("", "ascii")
    got = in_checkout(checkout, "search")
    assert got.code == 3
    assert "cannot be written" in got.err
    assert "--index FILE or MODELREG_INDEX" in got.err
    assert "Traceback" not in got.err
    assert "bug" not in got.err
    assert not (checkout / ".modelreg").is_dir()


def test_exit_code_1_is_a_refusal(checkout: Path) -> None:
    (checkout / "catalog" / "tags" / "edge.yaml").write_text("descriptoin: x\n", "utf-8")
    got = in_checkout(checkout, "build")
    assert got.code == 1
    assert "1 file has errors" in got.err


def test_a_bug_is_reported_with_a_log_and_no_paths(run: Run, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("modelreg_cli.commands.search.search", broken)
    got = run("search", "--index", str(questions))
    assert got.code == 70
    first, hint, log, *_ = got.err.splitlines()
    assert (first, log) == ("error: a bug in modelreg: RuntimeError: boom", "--- log")
    assert hint.startswith("hint: build the index again")
    assert hint.endswith("please report it with the lines below")
    assert "search.py:" in got.err
    assert str(Path(__file__).parents[2]) not in got.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelregError("no", "do"), 2),
        (Refused("no", "do"), 1),
        (Unavailable("no", "do"), 3),
        (UnknownRef("no", "do"), 4),
        (Pending("no", "do"), 5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_exit_code(run: Run, questions: Path, monkeypatch: pytest.MonkeyPatch, error: ModelregError, code: int) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("modelreg_cli.commands.search.search", broken)
    assert run("search", "--index", str(questions)) == Ran(code, "", "error: no\nhint: do\n")


def test_many_candidates_are_listed(run: Run, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"a/{number}" for number in range(9)]

    def broken(*_: object) -> None:
        raise UnknownRef("'x' may mean 9 things", "say which", names)

    monkeypatch.setattr("modelreg_cli.commands.search.search", broken)
    assert run("search", "--index", str(questions)).err.splitlines()[2:] == names
