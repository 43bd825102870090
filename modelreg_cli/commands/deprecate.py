"""modelreg deprecate"""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from modelreg_cli.commands.edited import DryRun, Json, Quiet, Root, finish, named, read, ref_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.editing import deprecate as ends
from modelreg_cli.editing.files import Files
from modelreg_cli.errors import ModelregError


def deprecate(
    ref: Annotated[str, typer.Argument(help="A version, a model (all its versions), or an offering.", metavar="REF")],
    on: Annotated[str | None, typer.Option(help="The day from which it should not be used (else today).", metavar="DATE")] = None,
    retire: Annotated[str | None, typer.Option(help="The day from which it cannot be used any more.", metavar="DATE")] = None,
    announced: Annotated[str | None, typer.Option(help="The day on which the end was announced.", metavar="DATE")] = None,
    replacement: Annotated[str | None, typer.Option(help="What to use instead.", metavar="REF")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, in one line.", metavar="TEXT")] = None,
    now: Annotated[bool, typer.Option("--now", help="It cannot be used any more from today on: retired at once.")] = False,
    root: Root = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Announce the end of a version, a model or an offering, with dates and what to use instead.

    Nothing is deleted: ids are never reused. What still points to it is listed. To take it back: `modelreg edit REF --unset status
    --unset deprecation`.
    """
    for option, day in (("--on", on), ("--retire", retire), ("--announced", announced)):
        _day(option, day)
    top = top_of(root)
    found = named(top, ref)
    if found.within:
        raise ModelregError("an artifact has no status of its own", f"its version has: modelreg deprecate {found.place.id}")
    catalog = read(top)
    places = ends.versions_of(catalog, found.place.id) if found.place.kind == "model" else [found.place]
    files = Files(top, reason or "")
    end = ends.End(announced, on, retire, ref_of(top, replacement) if replacement else None, reason, now)
    ends.deprecate(files, places, end, datetime.now(UTC).date())
    notes = list(ends.pointing(catalog, {place.id for place in places}))
    notes += [f"to take it back: modelreg edit {ref} --unset status --unset deprecation"] if found.place.kind != "model" else []
    finish(files, notes, dry_run=dry_run, as_json=as_json, quiet=quiet, catalog=catalog)


def _day(option: str, given: str | None) -> None:
    try:
        ok = given is None or date.fromisoformat(given).isoformat() == given
    except ValueError:
        ok = False
    if not ok:
        raise ModelregError(f"{option} {given} is not a day", "write it as 2026-07-02")
