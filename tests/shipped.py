"""The wheel as users get it: source archive -> wheel -> an environment without the repository, without what it depends on."""

import os
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import Ran

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Installed:
    """An environment that the wheel was installed into."""

    wheel: Path
    folder: Path

    @property
    def package(self) -> Path:
        """Where its modules are."""
        (found,) = self.folder.rglob("site-packages/modelreg_cli") if os.name != "nt" else (self.folder / "Lib/site-packages/modelreg_cli",)
        return found

    def run(self, *argv: str, cwd: Path, env: dict[str, str] | None = None) -> Ran:
        """Runs its `modelreg`."""
        return self._done("modelreg", argv, cwd, env)

    def python(self, *argv: str, cwd: Path, env: dict[str, str] | None = None) -> Ran:
        """Runs its Python."""
        return self._done("python", argv, cwd, env)

    def _done(self, program: str, argv: tuple[str, ...], cwd: Path, env: dict[str, str] | None) -> Ran:
        """In an environment in which nothing leads to this repository."""
        file = self.folder / (f"Scripts/{program}.exe" if os.name == "nt" else f"bin/{program}")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("MODELREG_", "PYTHON", "XDG_"))}
        told = {**plain, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
        done = subprocess.run([str(file), *argv], cwd=cwd, env=told, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)


def made(source: Path, kind: str, target: Path) -> Path:
    """The wheel or source archive of a folder with the sources."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return found


def installed(folder: Path) -> Installed:
    """The wheel that the source archive gives, where there is no Git."""
    archive = made(ROOT, "sdist", folder / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    wheel = made(source, "wheel", folder / "wheel")
    venv.create(folder / "venv", with_pip=False)
    python = next(path for path in (folder / "venv/bin/python", folder / "venv/Scripts/python.exe") if path.exists())
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Installed(wheel, folder / "venv")
