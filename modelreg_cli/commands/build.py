"""modelreg build"""

import importlib
import sys
import time
from contextlib import suppress
from pathlib import Path
from shutil import copyfile

from modelreg_cli.catalog.layers import over
from modelreg_cli.catalog.tree import Commit, Tree, open_tree
from modelreg_cli.catalog.tree_id import tree_id
from modelreg_cli.catalog.write import make_ignored
from modelreg_cli.commands.answer import plural
from modelreg_cli.commands.options import Command, Param, Values
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.finding import Finding
from modelreg_cli.index.build import Built, Progress, counts_of
from modelreg_cli.index.build import build as build_index
from modelreg_cli.index.file import put_in_place
from modelreg_cli.index.stamp import git_state
from modelreg_cli.index.state import changes, keep, kept, state_of
from modelreg_cli.index.update import TooMuch, differences, update
from modelreg_cli.render.progress import bar
from modelreg_cli.settings import CACHE_FOLDER, INDEX_NAME


def _run(values: Values) -> None:
    at, partial, quiet, auto = values["at"], values["partial"], values["quiet"], values["auto"]
    output = Path(values["output"]) if values["output"] else None
    top = top_of(Path(values["root"]) if values["root"] else None, at)
    if at and not output:
        raise ModelregError("--at needs -o FILE", "the index of the checkout is always that of its files")
    target = (output or top / CACHE_FOLDER / INDEX_NAME).resolve()
    if target.is_dir():
        raise ModelregError(f"{output} is a folder", "name a file")
    tree = open_tree(top, at)
    started = time.monotonic()
    with bar("building index", "files", shown=not quiet) as progress:
        if output:
            made = _elsewhere(top, tree, target, progress, partial=partial or auto, base=auto)
        else:
            made = _here(top, tree, target, progress, partial=partial or auto)
    if made.left_out and not (partial or auto):
        shown = "; ".join(f"{finding.path}: {finding.message}" for finding in _why(tree, made.left_out[:3]))
        count = len(made.left_out)
        raise Refused(
            f"{plural(count, 'file')} {'has' if count == 1 else 'have'} errors, so nothing was written ({shown})",
            "run `modelreg validate`, or build without them with --partial",
        )
    if not quiet and not auto:
        _tell(made, time.monotonic() - started)


def _elsewhere(top: Path, tree: Tree, target: Path, progress: Progress | None, *, partial: bool, base: bool) -> Built:
    """A clean build with a digest; or, for a cache, what differs from the index of the checkout."""
    here = top / CACHE_FOLDER / INDEX_NAME
    if base and isinstance(tree, Commit) and kept(str(here)):
        with suppress(TooMuch):
            return update(tree, here, target, differences(here, tree), {}, partial=partial) or _copied(here, target)
    return build_index(tree, target, progress, partial=partial, digest=not base)


def _copied(base: Path, target: Path) -> Built:
    def write(path: Path) -> None:
        copyfile(base, path)

    identity = put_in_place(target, write)
    return Built(target, target.stat().st_size, "", "", [], identity=identity)


def _here(top: Path, tree: Tree, target: Path, progress: Progress | None, *, partial: bool) -> Built:
    """The index of the checkout: what changed since the last build, or all of it."""
    _ignore(target.parent)
    git, known = git_state(str(top)), kept(str(target))
    found = changes(str(top), known.state) if known else None
    if known and found:
        told, differ = found
        with suppress(TooMuch):
            made = update(tree, target, target, differ, known.folders, partial=partial)
            if made is None:
                keep(str(target), told, git, known.identity, known.folders)
                return Built(target, target.stat().st_size, "", over(tree).id() or tree_id(known.folders.items()), [])
            if not made.left_out or partial:
                keep(str(target), told, git, made.identity, made.folders)
            return made
    told = state_of(str(top))
    made = build_index(tree, target, progress, partial=partial, digest=False)
    if not made.left_out or partial:
        keep(str(target), told, git, made.identity, made.folders)
    return made


def _tell(made: Built, seconds: float) -> None:
    counts = counts_of(made.path)
    print(
        f"{made.path.name}: {made.size:,} bytes, {counts['model']:,} models, {counts['version']:,} versions, "
        f"{counts['offering']:,} offerings, {counts['run']:,} runs in {seconds:.1f} s\ntree {made.tree}"
        + (f"\ndigest {made.digest}" if made.digest else ""),
        file=sys.stderr,
    )


def _why(tree: Tree, paths: list[str]) -> list[Finding]:
    """What is wrong with these files; asked for only where something is, as it takes longer than to see that."""
    load = importlib.import_module("modelreg_cli.catalog.load")
    found: list[Finding] = load.findings_of(tree, paths)
    return [finding for finding in found if finding.severity == "error"]


def _ignore(folder: Path) -> None:
    """What is made from the catalog is not part of it."""
    try:
        make_ignored(folder)
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be written: {error.strerror}",
            "write the index elsewhere with `modelreg build -o FILE`, and name it with --index FILE or MODELREG_INDEX",
        ) from None


COMMAND = Command(
    "build",
    "compile the catalog into one SQLite file",
    (
        Param("at", "build from this commit, tag or branch instead of the files", metavar="REV"),
        Param("output", "write the index here: its bytes follow from the catalog alone", short="o", metavar="FILE"),
        Param("root", "top of the catalog repository", metavar="DIR"),
        Param("partial", "build although some files have errors; they are left out", kind="flag"),
        Param("quiet", "say nothing", kind="flag", short="q"),
        Param("auto", "for programs: build what a reader waits for", kind="flag", hidden=True),
    ),
    _run,
    details="Without -o the index of the checkout (.modelreg/index.db), which the reading commands use, is brought up to date: only files that "
    "changed are read.",
    examples=("modelreg build -o index.db",),
)
