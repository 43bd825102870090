"""modelreg import"""

from datetime import date
from pathlib import Path

import pytest

from tests.conftest import Ran, Run
from tests.importers.sources import base, catalog_at, everything, lay, offer, provider

_FILES = {
    "providers/nest/provider.toml": provider(),
    "models/wren/owl-3.toml": base(),
    "providers/nest/models/owl-3.toml": offer("wren/owl-3"),
}


@pytest.fixture
def bring(run: Run) -> Run:
    """modelreg import models-dev SOURCE --root ROOT ..."""

    def call(source: Path, root: Path, *argv: str) -> Ran:
        return run("import", "models-dev", str(source), "--root", str(root), *argv)

    return call


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return lay(tmp_path / "s", {**_FILES, "providers/nest/models/other.toml": offer()})


def test_a_dry_run_says_all_and_writes_nothing(tmp_path: Path, source: Path, bring: Run) -> None:
    root = catalog_at(tmp_path / "c")
    before = everything(root)
    got = bring(source, root, "--observed", "2026-05-01", "--dry-run")
    assert got.code == 0, got.err
    assert everything(root) == before
    assert "2026-05-01 upstream -> files here: 5 added" in got.out
    assert "  nest:owl-3             serves wren/owl-3@2025-03-01" in got.out
    assert "would be created: 5 (model 1, offering 1, provider 1, publisher 1, version 1)" in got.out
    assert "decisions: 1 (no-certain-link 1)" in got.out


def test_a_dry_run_tells_the_values(tmp_path: Path, source: Path, bring: Run) -> None:
    root = catalog_at(tmp_path / "c")
    bring(source, root, "--observed", "2026-05-01")
    lay(source, {**_FILES, "models/wren/owl-3.toml": base(limit="{ context = 64000, output = 8000 }")})
    got = bring(source, root, "--observed", "2026-06-01", "--dry-run")
    assert "limits context " in got.out
    assert " -> 64,000" in got.out
    told = bring(source, root, "--observed", "2026-06-01", "--dry-run", "--json").json["changes"]
    values = [value for change in told for value in change["values"] if value["field"] == "/limits/context"]
    assert [value["after"] for value in values] == [64000]


def test_json(tmp_path: Path, source: Path, bring: Run) -> None:
    root = catalog_at(tmp_path / "c")
    said = bring(source, root, "--observed", "2026-05-01", "--json").json
    assert said["written"] is True and said["observed"] == "2026-05-01"
    assert said["created"]["offering"] == 1 and said["linked"] == {"human": 1} and said["decisions"] == {"no-certain-link": 1}
    assert (root / "catalog/providers/nest/owl-3.yaml").exists()


def test_a_source_without_a_day_is_of_today(tmp_path: Path, source: Path, bring: Run) -> None:
    root = catalog_at(tmp_path / "c")
    got = bring(source, root)
    today = date.today().isoformat()
    assert f"note: {today} is taken as the day" in got.err
    assert f"observed: {today}" in (root / "catalog/providers/nest/owl-3.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["model-dev", "x"], "did you mean models-dev?"),
        (["nosuch:x"], "no importer is called 'nosuch'"),
        (["models-dev"], "models-dev needs a source"),
        (["models-dev", ".", "--observed", "yesterday"], "not a day"),
        (["models-dev", ".", "--observed", "20260501"], "not a day"),
        (["models-dev", ".", "--observed", "2026-05-01", "--revision", "main"], "not a commit id"),
    ],
)
def test_wrong_use(tmp_path: Path, run: Run, argv: list[str], words: str) -> None:
    got = run("import", *argv, "--root", str(catalog_at(tmp_path / "c")))
    assert (got.code, got.out) == (2, "")
    assert words in got.err
    assert "hint: " in got.err


@pytest.mark.parametrize("name", ["missing", "missing.json", "empty"])
def test_a_source_that_is_none(tmp_path: Path, bring: Run, name: str) -> None:
    (tmp_path / "empty").mkdir()
    got = bring(tmp_path / name, catalog_at(tmp_path / "c"), "--observed", "2026-05-01")
    assert got.code == 2
    assert "hint: " in got.err


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"a": 1}', "{", "[" * 100_000, '{"nest": {"models": {"x": {"cost": {"tiers": [null]}}}}}']
)
def test_json_of_another_form_is_an_answer_and_no_traceback(tmp_path: Path, bring: Run, text: str) -> None:
    (tmp_path / "api.json").write_text(text)
    got = bring(tmp_path / "api.json", catalog_at(tmp_path / "c"), "--observed", "2026-05-01")
    assert got.code == 0 or "hint: " in got.err
    assert got.code in (0, 2)
