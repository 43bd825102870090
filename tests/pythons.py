"""Every Python from 3.11 on that is here, and another SQLite: the same index? `python -m tests.pythons` prints what they make."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.index.place import own_cache
from modelreg_cli.release.packed import digest_of

ROOT = Path(__file__).parents[1]
#: What `modelreg build` loads.
NEEDED = ("pydantic>=2.10", "pyyaml>=6.0.2", "jsonschema-rs>=0.30")
#: A wheel with a SQLite of its own, in place of the one that Python found.
OTHER_SQLITE = "pysqlite3-binary"
_SWAP = "try:\n    import pysqlite3\n    sys.modules['sqlite3'] = pysqlite3\nexcept ImportError:\n    pass\n"
_BUILD = f"import sys\n{_SWAP}from modelreg_cli.cli import main\nmain(sys.argv[1:])\n"
_TOLD = f"import sys\n{_SWAP}import platform, sqlite3\nprint(platform.python_version(), sqlite3.sqlite_version)\n"


class Python(NamedTuple):
    """A Python and a folder with what a build needs there."""

    program: str
    version: str
    folder: Path

    def run(self, code: str, *argv: str) -> str:
        """What a program prints there."""
        env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(self.folder))), "PYTHONDONTWRITEBYTECODE": "1"}
        # -P: not what lies in the folder it runs in
        done = subprocess.run([self.program, "-P", "-s", "-c", code, *argv], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def names(self) -> tuple[str, str]:
        """Versions of Python and SQLite."""
        python, sqlite = self.run(_TOLD).split()
        return python, sqlite

    def build(self, target: Path, top: Path = ROOT) -> str:
        """Builds the index of a folder; its logical digest."""
        self.run(_BUILD, "build", "--root", str(top), "-o", str(target), "--quiet")
        with closing(sqlite3.connect(target)) as connection:
            return str(connection.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone()[0])


def found() -> dict[str, str]:
    """Pythons on the path and of pyenv, by their minor version; this one among them."""
    programs = {f"3.{minor}": shutil.which(f"python3.{minor}") for minor in range(11, 20)}
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    for folder in sorted(versions.glob("3.*")):
        if match := re.match(r"(3\.\d+)\.", folder.name):
            programs[match[1]] = str(folder / "bin/python")
    here = f"3.{sys.version_info.minor}"
    able = {version: program for version, program in programs.items() if program and int(version[2:]) >= 11 and _runs(program, version)}
    return {here: sys.executable, **{version: program for version, program in able.items() if version != here}}


def _runs(program: str, version: str) -> bool:
    done = subprocess.run([program, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version[2:]


def with_needed(version: str, program: str, *more: str) -> Python | None:
    """A Python with what a build needs, which is fetched once and kept; None where it cannot be had."""
    folder = Path(own_cache(), "pythons", "-".join((version, *more)))
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as half:
            target = Path(half, "packages")
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--only-binary",
                ":all:",
                "--python-version",
                version,
                "--target",
                str(target),
            ]
            if subprocess.run([*command, *NEEDED, *more], capture_output=True, check=False).returncode:
                return None
            target.rename(folder)
    return Python(program, version, folder)


def all_here() -> Iterator[Python]:
    """Every Python, and this one with another SQLite."""
    here = f"3.{sys.version_info.minor}"
    for version, program in found().items():
        if python := with_needed(version, program):
            yield python
    if python := with_needed(here, sys.executable, OTHER_SQLITE):
        yield python


if __name__ == "__main__":
    print("| Python | SQLite | logical digest | sha256 of the file |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number, python in enumerate(all_here()):
            index = Path(folder, f"{number}.db")
            digest = python.build(index)
            print(f"| {' | '.join(python.names())} | `{digest[:16]}` | `{digest_of(index)[1][:16]}` |")
