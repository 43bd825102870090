"""What a published index weighs, what a pull of one change brings, and how long publishing takes.

    python bench/publish.py [--models 10000] [--folder DIR]

A made-up catalog (bench/scale.py) is committed and published to a folder, then one version is edited, then one is added; each is
published and pulled. Times are of whole processes; the parts of publishing are measured one by one, on the same files.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scale import generate

from modelreg_cli.catalog.tree import commit_of
from modelreg_cli.index.build import build
from modelreg_cli.release.packed import pack

RUN = [sys.executable, "-m", "modelreg_cli"]


def main() -> None:
    """Prints sizes and seconds."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=int, default=10_000)
    options.add_argument("--folder", type=Path, help="where to write the catalog (kept); else a temporary folder")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = given.folder or Path(temporary) / "catalog"
        if not (root / "catalog").is_dir():
            generate(root, given.models)
            (root / ".gitignore").write_text(".modelreg/\n")
            _git(root, "init", "-q")
        _commit(root)
        measure(root, Path(temporary), given.models)


def measure(root: Path, work: Path, models: int) -> None:
    """Publishes and pulls three states."""
    key, channel = work / "key", work / "channel"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    archive = work / "yaml.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=9) as file:
        file.add(root / "catalog", "catalog")
    yaml = archive.stat().st_size

    def publish() -> dict[str, Any]:
        told = _told("publish", str(channel), "--key", str(key), "--root", str(root), "--json")
        return {**told[0], "manifest": json.loads(json.loads((channel / "latest.json").read_text())["manifest"])}

    def pull() -> dict[str, Any]:
        found: dict[str, Any] = _told("pull", str(channel), "--json", home=work / "home")
        return found

    first, seconds = _timed(publish)
    index, packed = (next(one["bytes"] for one in first["manifest"]["files"] if one["role"] == role) for role in ("index", "index.zst"))
    _line("index", f"{index:,} bytes, {index / models:,.0f} a model")
    _line("published", f"{packed:,} bytes, {packed / models:,.0f} a model, {packed / yaml:.2f} of the YAML in a tar.gz ({yaml:,} bytes)")
    _line("publish, first", f"{seconds:.1f} s")
    _line("pull, first", "{:,} bytes, {:.1f} s".format(*_pulled(pull)))
    for what, change in (("edited", _edit), ("added", _add)):
        change(root)
        _commit(root)
        _, seconds = _timed(publish)
        received, pulling = _pulled(pull)
        _line(f"one version {what}", f"published in {seconds:.1f} s; pulled {received:,} bytes in {pulling:.1f} s")
    _parts(root, work)


def _parts(root: Path, work: Path) -> None:
    """What publishing a change consists of."""
    new, old = work / "new.db", work / "old.db"
    _, seconds = _timed(lambda: build(commit_of(root, "HEAD"), new, digest=False))
    _line("of it: building the commit", f"{seconds:.1f} s")
    _, digested = _timed(lambda: build(commit_of(root, "HEAD"), new))
    _line("of it: the digest of all rows", f"{digested - seconds:.1f} s")
    build(commit_of(root, "HEAD~1"), old)
    _line("of it: packing the whole", f"{_timed(lambda: pack(new, work / 'whole.zst'))[1]:.1f} s")
    _line("of it: packing the difference", f"{_timed(lambda: pack(new, work / 'difference.zst', old))[1]:.1f} s")


def _edit(root: Path) -> None:
    file = sorted((root / "catalog" / "models").glob("*/*/1.1.0.yaml"))[0]
    file.write_text(file.read_text().replace("weights: ", f"updated: 2026-01-{time.time_ns() % 28 + 1:02d}\nweights: ", 1))


def _add(root: Path) -> None:
    file = sorted((root / "catalog" / "models").glob("*/*/1.1.0.yaml"))[1]
    text = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("aliases"))
    file.with_name(f"9.{time.time_ns() % 100_000}.0.yaml").write_text(text)


def _commit(root: Path) -> None:
    _git(root, "add", "-A")
    _git(
        root, "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0", "commit", "-q", "--allow-empty", "-m", "all"
    )


def _git(root: Path, *argv: str) -> None:
    subprocess.run(["git", "-C", str(root), *argv], check=True, stdout=subprocess.DEVNULL)


def _told(*argv: str, home: Path | None = None) -> Any:
    env = {**os.environ, "PYTHONWARNINGS": "ignore", **({"MODELREG_HOME": str(home)} if home else {})}
    return json.loads(subprocess.run([*RUN, *argv], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env).stdout)


def _pulled(pull: Callable[[], dict[str, Any]]) -> tuple[int, float]:
    told, seconds = _timed(pull)
    return told["received"], seconds


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _line(name: str, words: str) -> None:
    print(f"{name:<32}{words}", flush=True)


if __name__ == "__main__":
    main()
