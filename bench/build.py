"""How long a build takes, beside the least that any program must do, `check-jsonschema`, and `git status`.

    python bench/build.py [--models 10000] [--rounds 3] [--folder DIR]

The least: every file (as JSON) is read, parsed by `json.loads`, and every row of the index inserted into bare tables. All
programs take turns on the same made-up catalog (bench/scale.py); medians are told, and ratios. Needs Git; check-jsonschema
(PyPI) is measured on a sample where it is installed.
"""

import argparse
import compileall
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from scale import ROOT, generate

import modelreg_cli
from modelreg_cli.catalog import document
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.index.tables import all_tables

SAMPLE = 200
BUILD = [sys.executable, "-m", "modelreg_cli", "build", "-q"]


def main() -> None:
    """Runs the programs in turns and prints a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, help="where to write the catalog (kept); else a temporary folder")
    given = options.parse_args()
    compileall.compile_dir(Path(modelreg_cli.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as temporary:
        root = given.folder or Path(temporary) / "catalog"
        if not (root / "catalog").is_dir():
            generate(root, given.models)
            _git(root)
        measure(root, Path(temporary), given.rounds)


def _git(root: Path) -> None:
    run = ["git", "-C", str(root), "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]
    (root / ".gitignore").write_text(".modelreg/\n")
    subprocess.run([*run, "init", "-q"], check=True)
    subprocess.run([*run, "add", "-A"], check=True)
    subprocess.run([*run, "commit", "-qm", "all"], check=True)


def measure(root: Path, temporary: Path, rounds: int) -> None:
    """Prints what each program takes."""
    files = len(Folder(root).paths())
    index = temporary / "index.db"
    subprocess.run([*BUILD, "--root", str(root), "-o", str(index)], check=True)
    least = _Least(root, temporary, index)
    edited = sorted((root / "catalog/models").glob("*/*/1.1.0.yaml"))[files // 20]
    text = edited.read_text()
    times: dict[str, list[float]] = {}
    for turn in range(rounds):
        _take(times, "the least: read, json.loads, insert", least.run)
        shutil.rmtree(root / ".modelreg", ignore_errors=True)
        _take(times, "build, cold", lambda: subprocess.run([*BUILD, "--root", str(root)], check=True))
        _take(times, "build -o, cold: with the digest of all rows", lambda: _canonical(root, temporary))
        _take(times, "git status", lambda: subprocess.run(["git", "-C", str(root), "status", "--porcelain"], check=True))
        _take(times, "build, nothing changed", lambda: subprocess.run([*BUILD, "--root", str(root)], check=True))
        edited.write_text(text.replace("weights: ", f"updated: 2026-01-{turn + 1:02d}\nweights: ", 1))
        _take(times, "build, one file changed", lambda: subprocess.run([*BUILD, "--root", str(root)], check=True))
        new = edited.with_name(f"9.{turn}.0.yaml")
        new.write_text(text)
        _take(times, "build, one file added", lambda: subprocess.run([*BUILD, "--root", str(root)], check=True))
        edited.write_text(text)
        new.unlink()
    _report(times, files)
    _check_jsonschema(root, statistics.median(times["build, cold"]) / files)
    _memory(root)


def _take(times: dict[str, list[float]], name: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    times.setdefault(name, []).append(time.perf_counter() - started)


def _canonical(root: Path, temporary: Path) -> None:
    subprocess.run([*BUILD, "--root", str(root), "-o", str(temporary / "canonical.db")], check=True)


class _Least:
    """The same values as JSON files, and the rows as tuples: what is left is reading, parsing and inserting."""

    def __init__(self, root: Path, temporary: Path, index: Path) -> None:
        self.temporary = temporary
        self.paths = []
        folder = temporary / "json"
        for number, (_, raw) in enumerate(Folder(root).read(Folder(root).paths())):
            path = folder / f"{number // 1000}" / f"{number}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document.load(raw)))
            self.paths.append(str(path))
        with closing(sqlite3.connect(index)) as connection:
            self.rows = {table.name: connection.execute(f"SELECT * FROM {table.name}").fetchall() for table in all_tables}

    def run(self) -> None:
        """Once through all of it."""
        for path in self.paths:
            handle = os.open(path, os.O_RDONLY)
            json.loads(os.read(handle, 1 << 18))
            os.close(handle)
        target = self.temporary / "least.db"
        target.unlink(missing_ok=True)
        with closing(sqlite3.connect(target, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN")
            for table in all_tables:
                connection.execute(f"CREATE TABLE {table.name} ({', '.join(column.name for column in table.columns)})")
                marks = ",".join("?" * len(table.columns))
                connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", self.rows[table.name])
            connection.execute("COMMIT")


def _report(times: dict[str, list[float]], files: int) -> None:
    medians = {name: statistics.median(found) for name, found in times.items()}
    least, cold, status = (medians[name] for name in ("the least: read, json.loads, insert", "build, cold", "git status"))
    print(f"{files:,} files\n{'program':<46}{'median s':>10}{'fastest':>9}{'files/s':>10}{'x least':>9}{'of cold':>9}{'x status':>10}")
    for name, median in medians.items():
        print(
            f"{name:<46}{median:>10.2f}{min(times[name]):>9.2f}{files / median:>10,.0f}"
            f"{median / least:>9.2f}{median / cold:>9.3f}{median / status:>10.2f}"
        )


def _check_jsonschema(root: Path, ours: float) -> None:
    program = shutil.which("check-jsonschema", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        print("check-jsonschema is not installed: pip install check-jsonschema")
        return
    kinds = {"model": "models/*/*/model.yaml", "version": "models/*/*/1.*.yaml", "results": "results/*/*/*/*.yaml"}
    started, count = time.perf_counter(), 0
    for kind, pattern in kinds.items():
        paths = [str(path) for path in sorted((root / "catalog").glob(pattern))[:SAMPLE]]
        count += len(paths)
        schema = str(ROOT / "schemas" / f"{kind}.schema.json")
        subprocess.run([program, "--schemafile", schema, *paths], check=True, stdout=subprocess.DEVNULL)
    theirs = (time.perf_counter() - started) / count
    print(
        f"check-jsonschema, {count} of the files: {theirs * 1e3:.2f} ms a file, {theirs / ours:.0f} times what a cold build takes for one"
    )


def _memory(root: Path) -> None:
    """Peak memory of the largest process of a cold build."""
    shutil.rmtree(root / ".modelreg", ignore_errors=True)
    code = (
        "import resource, subprocess, sys\nsubprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    told = subprocess.run([sys.executable, "-c", code, *BUILD, "--root", str(root)], check=True, capture_output=True, text=True).stdout
    print(f"peak memory of a cold build: {told.strip()} MB in its largest process")


if __name__ == "__main__":
    main()
