"""How long each form takes (seconds of the processor) that an index is published as, and how many files and bytes it makes.

    python bench/forms.py [--models 10000] [--index FILE] [--postgres ADDRESS]

Of the shipped catalog, and of a made-up one (bench/scale.py; --index takes an index that was built before). The feed is made from Git,
so it is measured on the shipped catalog alone, with the history known. Publishing is timed as a whole, to a folder: the first time, again,
and after one model has changed.
"""

import argparse
import functools
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from scale import ROOT, generate

from modelreg_cli.catalog.tree import Folder
from modelreg_cli.forms.all_forms import all_forms, make
from modelreg_cli.forms.made import Source
from modelreg_cli.forms.postgres import database_of, load
from modelreg_cli.index.build import build
from modelreg_cli.query.opened import open_index

PUBLISH = [sys.executable, "-m", "modelreg_cli", "publish"]
Found = TypeVar("Found")


def main() -> None:
    """Prints a table for each catalog."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=int, default=10_000)
    options.add_argument("--index", type=Path, help="an index of a made-up catalog; it is not published then")
    options.add_argument("--postgres", help="postgresql://user@host/name?schema=NAME, which is overwritten")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        build(Folder(ROOT), folder / "shipped.db")
        _table("the shipped catalog", folder / "shipped.db", tuple(all_forms), given.postgres)
        if given.index is None:
            generate(folder / "made-up", given.models)
            _git(folder / "made-up")
            build(Folder(folder / "made-up"), folder / "made-up.db")
        _table("a made-up catalog", given.index or folder / "made-up.db", tuple(one for one in all_forms if one != "feed"), given.postgres)
        if given.index is None:
            _published(folder / "made-up", folder)


def _table(name: str, index: Path, forms: tuple[str, ...], postgres: str | None) -> None:
    opened = open_index(str(index))
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    source = Source(opened, "bench", commit, "", str(ROOT), print)
    print(f"\n{name}: {opened.must('SELECT count(*) FROM model')[0]:,} models, index of {index.stat().st_size:,} bytes\n")
    print("| form | seconds | files | bytes |\n|---|---|---|---|")
    if "feed" in forms:
        make(("feed",), source, {}, index.parent / "warm")  # Git is read once
    for form in forms:
        with tempfile.TemporaryDirectory() as folder:
            seconds, files = _timed(functools.partial(make, (form,), source, {}, Path(folder)))
            print(f"| {form} | {seconds:.2f} | {len(files):,} | {sum(one.bytes for one in files):,} |")
    if postgres:
        for word in ("loaded over what is there", "the same again"):
            seconds, done = _timed(functools.partial(load, database_of(postgres), source, True, 600))
            print(f"| postgresql, {word} | {seconds:.2f} | | {done.rows:,} rows |")


def _published(root: Path, folder: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    print("\n| `modelreg publish` to a folder | the index alone, seconds | with documents and schemas |\n|---|---|---|")
    for word in ("the first time", "again", "one model changed"):
        if word == "one model changed":
            file = next(root.glob("catalog/models/*/*/1.0.0.yaml"))
            file.write_text(file.read_text("utf-8") + "notes: Another line.\n", "utf-8")
            _git(root)
        taken = []
        for forms in ("none", "schemas,documents"):
            options = [str(folder / forms), "--key", str(folder / "key"), "--root", str(root), "--forms", forms, "-q"]
            run = functools.partial(subprocess.run, [*PUBLISH, *options], check=True, stdout=subprocess.DEVNULL)
            taken.append(_timed(run)[0])
        print(f"| {word} | {taken[0]:.1f} | {taken[1]:.1f} |")


def _git(root: Path) -> None:
    run = ["git", "-C", str(root), "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]
    if not (root / ".git").is_dir():
        subprocess.run([*run, "init", "-q"], check=True)
    subprocess.run([*run, "add", "-A"], check=True)
    subprocess.run([*run, "commit", "-qm", "all"], check=True)


def _timed(call: Callable[[], Found]) -> tuple[float, Found]:
    """Seconds of the processor, those of programs that were run included: they hold on a busy machine."""
    started = _used()
    found = call()
    return _used() - started, found


def _used() -> float:
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


if __name__ == "__main__":
    main()
