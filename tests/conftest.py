"""What tests share: the small catalog that questions are asked of, its index, and three ways to run the program."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from modelreg_cli.catalog.tree import Folder
from modelreg_cli.cli import main
from modelreg_cli.index.build import build

CATALOGS = Path(__file__).parent / "catalogs"


class Ran(NamedTuple):
    """What a run of the program gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """What it printed, by line."""
        assert self.code == 0, self.err
        return self.out.splitlines()


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, _home: Path) -> None:
    monkeypatch.setenv("MODELREG_HOME", str(_home))  # what whoever runs the tests has pulled, and wrote down, stays out
    monkeypatch.setenv("XDG_CONFIG_HOME", str(_home / "settings"))
    for name in ("MODELREG_CATALOG", "MODELREG_CONFIG", "MODELREG_INDEX", "NO_COLOR", "COLUMNS", "_MODELREG_COMPLETE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of tests/catalogs/questions."""
    target = tmp_path_factory.mktemp("questions") / "index.db"
    tree = Folder(CATALOGS / "questions")
    assert not build(tree, target).left_out
    return target


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the catalog in this repository."""
    root = Path(__file__).parents[1]
    target = tmp_path_factory.mktemp("reference") / "index.db"
    assert build(Folder(root), target).left_out == []
    return target


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run() -> Run:
    """Runs `modelreg` in this process; `terminal=True` makes it believe that it writes to one."""

    def call(*argv: str, terminal: bool = False, stdin: str = "") -> Ran:
        out, err = (_Terminal() if terminal else io.StringIO()), io.StringIO()
        before, sys.stdin = sys.stdin, io.StringIO(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
                main(list(argv))
        finally:
            sys.stdin = before
        return Ran(int(end.value.code or 0), out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def ask(run: Run, questions: Path) -> Run:
    """Runs a reading command on the index of tests/catalogs/questions."""

    def call(command: str, *argv: str, **given: Any) -> Ran:
        return run(command, "--index", str(questions), *argv, **given)

    return call


@pytest.fixture
def shell() -> Run:
    """Runs `python -m modelreg_cli` as a process of its own."""

    def call(*argv: str, cwd: Path | None = None, env: dict[str, str] | None = None, stdin: str = "", **given: Any) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "modelreg_cli", *argv],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **given,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of tests/catalogs/questions that a test may change."""
    root = tmp_path / "checkout"
    shutil.copytree(CATALOGS / "questions", root, ignore=shutil.ignore_patterns(".modelreg"))
    return root
