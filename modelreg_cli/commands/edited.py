"""What every command that edits files does at its end: check the whole catalog, say what changes, write all files or none."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from modelreg_cli.catalog.layout import locate
from modelreg_cli.catalog.load import Catalog, load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.editing.fields import Steps
from modelreg_cli.editing.files import Files
from modelreg_cli.editing.place import Named, by_path, by_ref
from modelreg_cli.editing.protected import protected_notes
from modelreg_cli.errors import NO, UnknownRef
from modelreg_cli.index.current import find_index
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.render import edits
from modelreg_cli.render.findings import findings_json, findings_text
from modelreg_cli.render.output import Style
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured

Root = Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check, say what would change, and write nothing.")]
Json = Annotated[bool, typer.Option("--json", help="What changed as JSON.")]
Reason = Annotated[str, typer.Option(help="Why it is other here than in the catalog underneath (docs/overlays.md).", metavar="TEXT")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what refuses.")]


def read(top: Path) -> Catalog:
    """The catalog as it lies here, with a bar where that takes long."""
    with bar("reading catalog", "files") as progress:
        return load(Folder(top), progress)


def index_of(top: Path) -> Index:
    """The index of the files here."""
    return open_index(find_index(None, str(top)))


def target_of(top: Path, asked: str) -> Target:
    """What a ref means.

    Raises:
        UnknownRef: nothing, or several things.
    """
    return resolve_ref(index_of(top), asked)


def named(top: Path, asked: str) -> Named:
    """The file that a ref or path names.

    Raises:
        UnknownRef: nothing is called so, or several things are.
    """
    found = by_ref(top, asked)
    if found or asked.endswith(".yaml"):
        found = found or by_path(top, asked)
        if found is None:
            raise UnknownRef(f"there is no file {asked} in the catalog", "paths are relative to here, or to the top of the catalog")
        return found
    index = index_of(top)
    try:
        target = resolve_ref(index, asked)
    except UnknownRef:
        if found := by_path(top, asked):
            return found
        raise
    kind, id_, within = _entity(target)
    row = index.must("SELECT path FROM document WHERE kind = ? AND id = ?", (kind, id_))
    below = index.must("SELECT layer FROM document WHERE kind = ? AND id = ?", (kind, id_))["layer"]
    place = Named(location) if below and (location := locate(row["path"])) else by_path(top, row["path"])
    if place is None:
        raise UnknownRef(f"{row['path']} is gone", "the index is older than the files: `modelreg build`")
    return Named(place.place, within)


def _entity(target: Target) -> tuple[str, str, Steps]:
    if target.offering:
        return "offering", target.offering, ()
    if target.kind == "model":
        return "model", target.model, ()
    return "version", target.version, ("artifacts", target.artifact) if target.artifact else ()


def ref_of(top: Path, asked: str) -> str:
    """The canonical ref of a model, version or artifact, however it was typed; of an offering that of its version.

    Raises:
        UnknownRef: nothing is called so, or several things are.
    """
    found = by_ref(top, asked)
    if found is None or found.within:
        return resolve_ref(index_of(top), asked).ref
    return found.place.id


def finish(
    files: Files, notes: list[str], *, dry_run: bool, as_json: bool, quiet: bool, catalog: Catalog | None = None, **told: Any
) -> None:
    """Checks, writes and tells.

    Raises:
        typer.Exit: the catalog would not be valid with it; nothing was written.
        ModelregError: a file cannot be written, or was changed meanwhile.
    """
    changes = files.changes
    found = files.findings(catalog or read(files.root)) if changes else []
    notes = [
        *notes,
        *protected_notes(files.root, changes),
        *(f"{one.place.path} is written in the canonical style too" for one in changes if one.restyled),
    ]
    refused = any(one.severity == "error" for one in found)
    if changes and not refused and not dry_run:
        files.write()
    written = bool(changes) and not refused and not dry_run
    if as_json:
        value = {**told, "written": written, **edits.as_value(changes), "notes": notes, "findings": findings_json(found)}
        sys.stdout.write(structured(value, "json"))
    else:
        if not quiet:
            sys.stdout.write(edits.text(changes))
        sys.stdout.flush()
        sys.stderr.write(findings_text(found, Style().colored))
        for note in [] if quiet else notes:
            print(f"note: {note}", file=sys.stderr)
        if not quiet or refused:
            print(edits.ending(changes, written, refused), file=sys.stderr)
    sys.stdout.flush()
    if refused:
        raise typer.Exit(NO)
