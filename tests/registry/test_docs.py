"""docs/python.md: every example is run, and every name of the API is told."""

import doctest
import shutil
from pathlib import Path

import pytest

import modelreg_cli
from modelreg_cli import Registry
from tests.conftest import CATALOGS

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_examples_run(reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(CATALOGS / "questions", tmp_path / "my-catalog", ignore=shutil.ignore_patterns(".modelreg"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELREG_INDEX", str(reference))
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (failed, tried > 20) == (0, True)


def test_every_name_is_told() -> None:
    text = PAGE.read_text("utf-8")
    for name in (*modelreg_cli.__all__, *(name for name in dir(Registry) if not name.startswith("_"))):
        assert f"`{name}" in text or f".{name}(" in text or f" {name}(" in text, name
