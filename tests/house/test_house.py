"""The rules of the house, as tests: floors, types, lint, start-up, words."""

import ast
import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelreg_cli.cli.table import all_commands

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "modelreg_cli").rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "common", "core", "helpers", "manager", "service"}

#: What a reading command must never load: each costs more than the question.
HEAVY = (
    # what they cost is in docs/performance.md
    *("pydantic", "jsonschema", "jsonschema_rs", "yaml", "ruamel", "typer", "click", "rich", "git", "httpx", "huggingface_hub"),
    *("argparse", "importlib.metadata", "importlib.resources", "dataclasses", "inspect", "shutil", "subprocess", "tempfile", "csv"),
    *("asyncio", "socket", "ssl", "email", "http", "pathlib", "urllib.parse", "ipaddress", "logging", "multiprocessing", "hashlib"),
    *("modelreg_cli.entities", "modelreg_cli.catalog", "modelreg_cli.importers", "modelreg_cli.rules", "modelreg_cli.git"),
    *("modelreg_cli.index.tables", "modelreg_cli.index.build", "modelreg_cli.index.past", "modelreg_cli.history.write"),
)

READING = {
    "search": ["atlas", "--fits", "24GB", "--unknown", "--license", "apache-2.0", "--min", "quiz=1", "--format", "table"],
    "show": ["acme/atlas-8b"],
    "versions": ["acme/pro"],
    "compare": ["acme/pro", "tian-e"],
    "leaderboard": ["quiz"],
    "resolve": ["atlas3.1:8b", "--max-vram", "24GB"],
    "fit": ["acme/atlas-8b", "--gpu", "rtx4090"],
    "recommend": ["--quality", "quiz", "--weigh", "quality=3,price=1"],
    "stats": [],
    "sql": ["SELECT 1"],
}


def test_every_reading_command_is_guarded() -> None:
    # tests/history guards `history`, which reads another file
    assert {*READING, "history"} == {name for name, entry in all_commands.items() if entry.reads}


@pytest.mark.parametrize("name", READING)
def test_reading_commands_load_nothing_heavy(questions: Path, name: str) -> None:
    code, loaded = loaded_by([name, "--index", str(questions), *READING[name]], ROOT)
    assert code == 0
    assert [module for module in loaded if module in HEAVY or module.startswith(tuple(f"{heavy}." for heavy in HEAVY))] == []


def loaded_by(argv: list[str], folder: Path) -> tuple[int, list[str]]:
    """Exit code of a command line, and the modules that it loaded."""
    code = (
        "import sys, json\nbefore = set(sys.modules)\nfrom modelreg_cli.cli import main\n"
        f"try:\n    main({argv!r})\nexcept SystemExit as end:\n    code = end.code\n"
        "print('\\n' + json.dumps([code, sorted(set(sys.modules) - before)]))"
    )
    # -S: a site folder may load things of its own
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(ROOT)]!r}\n{code}"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    end, loaded = json.loads(done.stdout.splitlines()[-1])
    return end, loaded


def test_help_imports_no_command() -> None:
    code = (
        "import sys\nfrom modelreg_cli.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.modules if name.startswith('modelreg_cli.commands.') and not name.endswith('.options')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_imports_go_down_only() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("argv", [["mypy"], ["ruff", "check", "."], ["ruff", "format", "--check", "."]], ids=" ".join)
def test_types_and_lint(argv: list[str]) -> None:
    pytest.importorskip("mypy" if argv[0] == "mypy" else "ruff")
    done = subprocess.run([sys.executable, "-m", *argv], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes, methods included; what is inside a function is its own business."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from definitions(node)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_told_and_small(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says what it is"
    assert not FORBIDDEN_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    assert not re.search(r"[\"' ]/(?:root|home|work|Users)/", text), "a path of somebody's machine"
    if path.name != "tables.py":  # a table, one column a line
        assert len(text.splitlines()) <= 300
    for node in definitions(tree):
        told = ast.get_docstring(node)
        assert told, f"{node.name} has no docstring"
        assert told.splitlines()[0].rstrip().endswith((".", ":", "?", ")")), f"{node.name}: {told.splitlines()[0]}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert not [one for one in ast.walk(node) if isinstance(one, (ast.Import, ast.ImportFrom))], f"{node.name} imports inside"
            length = (node.end_lineno or 0) - node.lineno + 1
            longest = 60 if node.name == "_version_row" else 45  # a row, one column a line
            assert length <= longest, f"{node.name} has {length} lines"


def test_the_table_of_commands_points_at_what_is_there() -> None:
    for entry in all_commands.values():
        assert importlib.util.find_spec(entry.module)


def test_the_program_is_installed_under_its_name() -> None:
    program = shutil.which("modelreg", path=str(Path(sys.executable).parent))
    assert program, "an installation puts the program beside Python"
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("modelreg ")
