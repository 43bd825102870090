"""The sample catalogs as folders: good with a bad one laid over it, and what a file system or Git cannot carry made from a recipe."""

import hashlib
import os
import shutil
from datetime import date
from pathlib import Path

from modelreg_cli.catalog.layers import state_files
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.index.build import build

CATALOGS = Path(__file__).parents[1] / "catalogs"
GOOD = CATALOGS / "good"
BAD = CATALOGS / "bad"
TODAY = date(2026, 8, 1)


def codes() -> list[str]:
    """Names of the sample folders."""
    return sorted(path.name for path in BAD.iterdir() if path.is_dir())


def laid_over(folder: Path, target: Path) -> Path:
    """The good catalog with the files of a folder over it."""
    shutil.copytree(GOOD, target)
    if folder.is_dir():
        shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("recipe", "expected", "today", "before", "after"))
    if (folder / "recipe").is_file():
        for line in (folder / "recipe").read_text("utf-8").splitlines():
            _cook(target, line)
    return target


def day(code: str) -> date:
    """The day on which a sample is looked at."""
    told = BAD / code / "today"
    return date.fromisoformat(told.read_text("ascii").strip()) if told.is_file() else TODAY


def expected(code: str) -> set[str]:
    """Error codes that a sample may have."""
    told = BAD / code / "expected"
    return {code, *(told.read_text("ascii").split() if told.is_file() else ())}


def underneath(manifest: str) -> None:
    """The good catalog as the published state of a manifest, whose text says what its gate gives."""
    text = b'{"protected":["curated"]}'
    assert hashlib.sha256(text).hexdigest() == manifest
    index, file = state_files(manifest)
    index.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        build(Folder(GOOD), index)
        file.write_bytes(text)


def _cook(top: Path, line: str) -> None:
    step, path, *rest = line.split(" ", 2)
    target = top / path
    what = rest[0] if rest else ""
    match step:
        case "file":
            target.write_text(f"{what}\n", "utf-8")
        case "fill":
            target.write_text(f"description: {'x' * int(what)}\n", "ascii")
        case "items":
            target.write_text(f"description: [{', '.join('x' * int(what))}]\n", "ascii")
        case "link":
            target.symlink_to(what)
        case "fifo":
            os.mkfifo(target)
        case "mode":
            target.chmod(int(what, 8))
        case "remove":
            target.unlink()
        case "underneath":
            underneath(path)
        case _:
            raise ValueError(f"no such step: {line}")
