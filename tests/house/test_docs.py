"""The reference pages are what the program says, and what they show works."""

import importlib
import re
import shlex
from pathlib import Path

import pytest

from modelreg_cli import errors
from modelreg_cli.cli.table import all_commands
from tests.conftest import Run
from tests.house import reference
from tests.repositories import made

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [example for entry in all_commands.values() if entry.reads for example in importlib.import_module(entry.module).COMMAND.examples]


@pytest.mark.parametrize("name", reference.PAGES)
def test_pages_are_fresh(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == reference.PAGES[name](), "run `python -m tests.house.reference`"


def test_queries_of_the_page_run(run: Run, reference: Path, questions: Path) -> None:
    page = (DOCS / "index.md").read_text("utf-8").partition("## Questions to start from")[2]
    queries = re.findall(r"```sql\n(.*?)\n```", page, re.DOTALL)
    assert len(queries) >= 8
    for query in queries:
        answers = [run("sql", "--index", str(index), query, "--json").json for index in (reference, questions)]
        assert any(answers), query


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the shipped catalog as the only commit of a repository: an archive of the program has none of its own."""
    catalog = DOCS.parent / "catalog"
    files = [catalog / "catalog.yaml", catalog / "licenses" / "apache-2.0.yaml", *catalog.glob("models/meta-llama/*/*.yaml")]
    texts = {file.relative_to(DOCS.parent).as_posix(): file.read_text("utf-8") for file in files}
    return made(tmp_path_factory.mktemp("committed"), texts, when="2026-11-01T00:00:00Z").root


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_of_the_help_run(run: Run, reference: Path, committed: Path, monkeypatch: pytest.MonkeyPatch, example: str) -> None:
    program, command, *argv = shlex.split(example)
    assert program == "modelreg"
    monkeypatch.chdir(committed)
    got = run(command, *(() if command == "history" else ("--index", str(reference))), *argv)
    assert got.code == 0, got.err
    assert got.out


def test_every_error_class_has_an_exit_code_in_the_docs() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.ModelregError):
            assert f"| {kind.exit_code} | `{name}` |" in page
            assert name in (errors.__doc__ or "")
