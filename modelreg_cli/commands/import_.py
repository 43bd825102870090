"""modelreg import"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from modelreg_cli.catalog.layout import locate
from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import ModelregError, listed
from modelreg_cli.importers.all_importers import all_importers, importer_called
from modelreg_cli.importers.draft import Request
from modelreg_cli.importers.plan import Change, Plan, plan, write
from modelreg_cli.render import changes, listing
from modelreg_cli.render.findings import shown
from modelreg_cli.render.progress import bar
from modelreg_cli.review.changeset import ChangeSet, FileChange, file_change

_SHOWN = 40


def import_(
    importer: Annotated[
        str, typer.Argument(help=f"Which source of facts: {listed(sorted(all_importers))}; or IMPORTER:SOURCE.", metavar="IMPORTER")
    ],
    source: Annotated[
        str | None, typer.Argument(help="What of it: a path, an address or an id; docs/import.md tells for each.", metavar="[SOURCE]")
    ] = None,
    observed: Annotated[
        str | None,
        typer.Option(help="The day the source was fetched (default: the newest file of an archive, else today).", metavar="DATE"),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="The source's commit, for the addresses in `sources`.", metavar="SHA")] = None,
    model: Annotated[
        str | None, typer.Option(help="Whose weights a file holds; a version that is not there is made.", metavar="REF")
    ] = None,
    artifact: Annotated[str | None, typer.Option(help="Id of the artifact (default: format and quantization).", metavar="ID")] = None,
    provider: Annotated[str | None, typer.Option(help="Whose server a listing is of.", metavar="ID")] = None,
    engine: Annotated[str | None, typer.Option(help="Which of our engines a server is; a new one is made.", metavar="ID")] = None,
    deadline: Annotated[float, typer.Option(help="Seconds that a source on the network has.", metavar="SECONDS")] = 120.0,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, value by value, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
) -> None:
    """Take over facts from another catalog, and write down what could not be taken over.

    Values that people changed here stay; see docs/import.md.
    """
    name, typed = named(importer, source)
    options = _options(name, model=model, artifact=artifact, provider=provider, engine=engine)
    top = top_of(root)
    checked(observed, revision)
    with bar("reading catalog", "files") as progress:
        catalog = load(Folder(top), progress)
    with bar("reading source", importer_called(name).unit) as progress:
        asked = Request(typed, catalog, observed, revision, progress=progress, talk=talk, deadline=deadline, options=options)
        made = plan(importer_called(name), asked, top)
    if observed is None:
        note = f"note: {made.observed} is taken as the day of what this source says; --observed DATE says otherwise"
        print(note, file=sys.stderr)
    if not dry_run:
        write(top, made)
    sys.stdout.write(json.dumps(_summary(made, dry_run), indent=2, ensure_ascii=False) + "\n" if as_json else _text(made, dry_run))
    sys.stdout.flush()


def named(importer: str, source: str | None) -> tuple[str, str]:
    """Importer and source, whether they were typed as two words or as one: hf:org/name."""
    if source is None:
        importer, _, source = importer.partition(":")
    usual = importer_called(importer).usual
    if not (source := source or usual):
        raise ModelregError(f"{importer} needs a source", f"`modelreg import {importer} SOURCE`, or {importer}:SOURCE")
    return importer, source


def _options(importer: str, **given: str | None) -> dict[str, str]:
    """Those that were given, if the importer takes them."""
    for option, value in given.items():
        if value is not None and option not in importer_called(importer).options:
            takers = [name for name, known in all_importers.items() if option in known.options]
            raise ModelregError(f"import {importer} takes no --{option}", f"it is for {listed(sorted(takers), 'and')}")
    return {option: value for option, value in given.items() if value is not None}


def talk(line: str) -> None:
    """A line for people beside the answer."""
    print(shown(line), file=sys.stderr)


def checked(observed: str | None, revision: str | None) -> None:
    """Raises where a day or a commit is none.

    Raises:
        ModelregError: of what was typed.
    """
    try:
        ok = observed is None or date.fromisoformat(observed).isoformat() == observed
    except ValueError:
        ok = False
    if not ok:
        raise ModelregError(f"--observed {observed} is not a day", "write it as 2026-07-02")
    if revision is not None and not (7 <= len(revision) <= 64 and set(revision) <= set("0123456789abcdef")):
        raise ModelregError(f"--revision {revision!r} is not a commit id", "7 to 64 digits 0-9 and a-f")


def _summary(made: Plan, dry_run: bool) -> dict[str, Any]:
    return {
        "observed": made.observed,
        "written": not dry_run,
        "created": made.counts("created"),
        "changed": made.counts("changed"),
        "unchanged": dict(sorted(made.unchanged.items())),
        "linked": dict(sorted(made.tally.items())),
        "decisions": made.reasons(),
        "unmapped": dict(sorted(made.unmapped.items())),
        "listing": [one._asdict() for one in made.listing],
        "changes": [
            {"path": change.path, "action": change.action, "fields": list(change.fields), "values": _values(change)}
            for change in sorted(made.changes, key=lambda c: c.path)
        ],
    }


def _values(change: Change) -> list[dict[str, Any]]:
    """Every value of a changed file that becomes another."""
    found = _file_change(change)
    return [{"field": one.pointer, "before": one.before, "after": one.after} for one in found.meanings] if found else []


def _file_change(change: Change) -> FileChange | None:
    place = locate(change.path)
    return file_change(place, change.before, change.after) if place and change.after is not None else None


def _difference(made: Plan) -> str:
    """The change as `modelreg diff` would tell it once it is written, as far as people read."""
    order = sorted(made.changes, key=lambda change: (change.action, change.path))
    told = [found for change in order[:_SHOWN] if (found := _file_change(change))]
    text = changes.text(ChangeSet(tuple(told), (), (), {}), f"{made.observed} upstream -> files here")
    more = len([change for change in order[_SHOWN:] if change.after is not None])
    return f"{text}{f'... and {more:,} more files (--json has all)' + chr(10) if more else ''}\n"


def _text(made: Plan, dry_run: bool) -> str:
    lines = [_difference(made)] if dry_run and made.changes else []
    if made.listing:
        lines.append(listing.text(made.listing, _SHOWN))
    verb = "would be " if dry_run else ""
    for title, counts in (
        (f"{verb}created", made.counts("created")),
        (f"{verb}changed", made.counts("changed")),
        ("unchanged", dict(sorted(made.unchanged.items()))),
        ("linked by", dict(sorted(made.tally.items()))),
        ("decisions", made.reasons()),
        *((("prices without a meter", dict(sorted(made.unmapped.items()))),) if made.unmapped else ()),
    ):
        words = ", ".join(f"{name} {number:,}" for name, number in counts.items()) or "-"
        lines.append(f"{title}: {sum(counts.values()):,} ({words})" if counts else f"{title}: 0")
    return "\n".join(lines) + "\n"
