"""Breaks the gate in many small ways, one at a time, and tells which breaks no test notices.

    python bench/mutate.py [--sample N] [--seed N] [--files modelreg_cli/gate/quorum.py ...]

Needs `coverage` (not a dependency): it tells which tests reach a line, so that only these are run. Everything happens in a
copy of the working tree.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = "modelreg_cli/gate"
TESTS = ("tests/gate",)
_COMPARE = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_OPERATORS = {ast.Sub: ast.Add, ast.Add: ast.Sub, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
#: Tests of a line that are run first; only where they notice nothing, the rest follows.
_ENOUGH = 25


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """(line, what was done, the whole text) of every small change that is not one of words alone."""
    tree = ast.parse(source)
    types = {id(part) for node in ast.walk(tree) for told in _types(node) for part in ast.walk(told)}
    for node in ast.walk(tree):
        if id(node) in types:
            continue
        for told, change in _changes(node):
            before = ast.unparse(node)
            undo = change()
            text = ast.unparse(tree)
            yield node.lineno, f"{told}: {before[:80]}", text  # type: ignore[attr-defined]
            undo()


def _types(node: ast.AST) -> Iterator[ast.AST]:
    """Annotations, which nothing runs."""
    yield from filter(None, (getattr(node, "annotation", None), getattr(node, "returns", None)))


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Ways to break one node; each gives what puts it back."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARE:
            yield type(op).__name__, lambda: _set(node, "ops", [_COMPARE[type(op)]()])
        case ast.BoolOp():
            yield from _parts(node)
        case ast.UnaryOp(op=ast.Not()):
            yield "not", lambda: _swap(node)
        case ast.If() | ast.IfExp():
            yield "always", lambda: _set(node, "test", ast.Constant(True))
            yield "never", lambda: _set(node, "test", ast.Constant(False))
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            yield type(op).__name__, lambda: _set(node, "op", _OPERATORS[type(op)]())
        case ast.Constant(value=bool() as value):
            yield str(value), lambda: _set(node, "value", not value)
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield "number", lambda: _set(node, "value", value + 1)
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()):
            yield "nothing", lambda: _set(node, "value", ast.Constant(None))
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            yield name, lambda: _set(node.func, "id", _CALLS[name])


def _parts(node: ast.BoolOp) -> Iterator[tuple[str, object]]:
    yield type(node.op).__name__, lambda: _set(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    values = node.values
    for at in range(len(values)):
        yield f"without part {at}", lambda at=at: _set(node, "values", [one for n, one in enumerate(values) if n != at])


def _set(node: ast.AST, field: str, value: object) -> object:
    old = getattr(node, field)
    setattr(node, field, value)
    return lambda: setattr(node, field, old)


def _swap(node: ast.UnaryOp) -> object:
    """`not x` becomes `x`: by a second `not`."""
    inner = node.operand
    node.operand = ast.UnaryOp(op=ast.Not(), operand=inner)
    return lambda: setattr(node, "operand", inner)


def reach(copy: Path) -> dict[str, dict[int, list[str]]]:
    """For each file and line the tests that reach it."""
    (copy / ".coveragerc").write_text(f"[run]\nsource = {FOLDER}\ndynamic_context = test_function\n", "ascii")
    env = {**os.environ, "PYTHONPATH": str(copy)}
    _run([sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS], copy, env, 3600)
    _run([sys.executable, "-m", "coverage", "json", "-q", "--show-contexts", "-o", "reach.json"], copy, env, 600)
    told = json.loads((copy / "reach.json").read_text("utf-8"))["files"]
    return {name: {int(line): [one for one in tests if one] for line, tests in file["contexts"].items()} for name, file in told.items()}


def _test(context: str) -> str:
    """tests.gate.test_laws.test_x -> tests/gate/test_laws.py::test_x"""
    module, _, name = context.rpartition(".")
    return f"{module.replace('.', '/')}.py::{name}"


def _run(command: list[str], folder: Path, env: dict[str, str], seconds: int) -> int:
    try:
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=seconds, check=False).returncode
    except subprocess.TimeoutExpired:
        return -1


def main() -> None:
    """Runs it, and prints what survives."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample", type=int, default=0, help="so many mutants only")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--files", nargs="*", default=[])
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".modelreg", "*.pyc", "__pycache__"))
        reached = reach(copy)
        files = told.files or sorted(name for name in reached if not name.endswith("__init__.py"))
        chosen = [(name, *one) for name in files for one in mutants((ROOT / name).read_text("utf-8"))]
        random.Random(told.seed).shuffle(chosen)
        survivors, killed = [], 0
        for done, (name, line, words, text) in enumerate(chosen[: told.sample or None]):
            if done % 20 == 0:
                print(f"{done} of {told.sample or len(chosen)} tried, {killed} noticed", file=sys.stderr, flush=True)
            tests = sorted({_test(one) for one in reached.get(name, {}).get(line, ())})
            random.Random(line).shuffle(tests)
            tests.sort(key=lambda one: "test_laws" in one)
            original = (copy / name).read_text("utf-8")
            (copy / name).write_text(text, "utf-8")
            env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests[:_ENOUGH]]
            survived = not tests or _run(command, copy, env, 900) == 0
            if survived and len(tests) > _ENOUGH:
                survived = _run([*command[:6], *tests[_ENOUGH:]], copy, env, 1800) == 0
            (copy / name).write_text(original, "utf-8")
            killed += not survived
            if survived:
                survivors.append((name, line, words))
                print(f"survived  {name}:{line}  {words}{'' if tests else '  (no test reaches it)'}", flush=True)
        print(f"{killed} of {killed + len(survivors)} were noticed")


if __name__ == "__main__":
    main()
