"""modelreg edit"""

from typing import Annotated

import typer

from modelreg_cli.commands.edited import DryRun, Json, Quiet, Reason, Root, finish, named
from modelreg_cli.commands.paths import top_of
from modelreg_cli.editing.assign import Assignment, assignment, edited, is_assignment
from modelreg_cli.editing.fields import fields_of
from modelreg_cli.editing.files import Files
from modelreg_cli.editing.place import Named
from modelreg_cli.errors import ModelregError

Words = Annotated[
    list[str],
    typer.Argument(
        help="What to edit (a ref, or the path of a file), then field=value, list+=items and list-=items.", metavar="REF... FIELD=VALUE..."
    ),
]


def edit(
    words: Words,
    unset: Annotated[list[str] | None, typer.Option(help="Take this field away; several.", metavar="FIELD")] = None,
    reason: Reason = "",
    root: Root = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Change values of the catalog's files; comments, order and everything else stay.

    The catalog is checked as it would be, and all files are written or none. See docs/editing.md.
    """
    refs = [word for at, word in enumerate(words) if at == 0 or not is_assignment(word)]
    assignments = [assignment(word) for at, word in enumerate(words) if at and is_assignment(word)]
    assignments += [Assignment(name, "unset") for name in unset or ()]
    if is_assignment(words[0]) and len(words) > 1 and not is_assignment(words[1]):
        raise ModelregError(f"{words[0]!r} stands where a ref belongs", "write: modelreg edit REF field=value")
    if not assignments:
        raise ModelregError("there is nothing to change", f"write: modelreg edit {refs[0]} field=value, list+=item, or --unset FIELD")
    top = top_of(root)
    files, notes = Files(top, reason), []
    for ref in refs:
        found = named(top, ref)
        value = files.value(found.place.path)
        try:
            done = edited(found.place.kind, value, assignments, found.within)
        except ModelregError as error:
            error.hint = _elsewhere(found, value, assignments) or error.hint
            raise
        files.put(found.place.path, done.value)
        notes += [f"{ref}: {note}" for note in done.notes] if len(refs) > 1 else done.notes
    finish(files, notes, dry_run=dry_run, as_json=as_json, quiet=quiet)


def _elsewhere(found: Named, value: dict[str, object], assignments: list[Assignment]) -> str | None:
    """Where the field is, where it is a field of the other file of a model."""
    kind, id_ = found.place.kind, found.place.id
    model = id_.partition("@")[0]
    default = value.get("default")
    others = {
        "model": ("version", f"{id_}@{default or 'VERSION'}"),
        "version": ("version", id_) if found.within else ("model", model),
    }
    if kind not in others:
        return None
    other, ref = others[kind]
    own = ("artifact",) if found.within else fields_of(kind)
    for one in assignments:
        name = one.field.lstrip("/").partition(".")[0].partition("[")[0].partition("/")[0]
        if name not in own and name in fields_of(other):
            return f"{name} is a field of the {other}: modelreg edit {ref} {one.field}..."
    return None
