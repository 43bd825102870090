"""modelreg drift"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.commands.import_ import checked, named, talk
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import NO, ModelregError
from modelreg_cli.importers.all_importers import importer_called
from modelreg_cli.importers.draft import Request
from modelreg_cli.importers.drift import report
from modelreg_cli.importers.plan import Plan, plan
from modelreg_cli.render import drift as rendered
from modelreg_cli.render.output import Style
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured


def drift(
    sources: Annotated[
        list[str] | None, typer.Argument(help="What to compare with, as `modelreg import` takes it: IMPORTER:SOURCE.", metavar="SOURCE...")
    ] = None,
    observed: Annotated[str | None, typer.Option(help="The day the sources were fetched (default: as for import).", metavar="DATE")] = None,
    deadline: Annotated[float, typer.Option(help="Seconds that each source on the network has.", metavar="SECONDS")] = 120.0,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    format_: Annotated[Literal["text", "json", "yaml", "markdown"], typer.Option("--format", help="How to write the report.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where anything disagrees.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour: auto is a terminal without NO_COLOR.")] = "auto",
) -> None:
    """Where the catalog and its sources disagree, value by value; nothing is written.

    What people decided is not asked again. A price of more than 8 times the median of the same version elsewhere, or less than an
    eighth of it, is told and never proposed. See docs/import.md.
    """
    if not sources:
        raise ModelregError("drift needs a source", "`modelreg drift litellm:model_prices_and_context_window.json hf:Qwen/Qwen3-32B`")
    top = top_of(root)
    checked(observed, None)
    with bar("reading catalog", "files") as progress:
        asked = Request("", load(Folder(top), progress), observed, talk=talk, deadline=deadline)
    plans: dict[str, Plan] = {}
    for typed in sources:
        name, source = named(typed, None)
        with bar(f"reading {name}", importer_called(name).unit) as progress:
            made = plan(importer_called(name), replace(asked, source=source, progress=progress), top)
        plans[name if name not in plans else typed] = made
    found = report(asked.catalog, plans)
    if as_json or format_ in ("json", "yaml"):
        sys.stdout.write(structured(rendered.as_value(found), "yaml" if format_ == "yaml" else "json"))
    elif format_ == "markdown":
        sys.stdout.write(rendered.markdown(found))
    else:
        sys.stdout.write(rendered.text(found, Style(color=color).colored))
    sys.stdout.flush()
    if exit_code and (found.disagreements or found.vanished):
        raise typer.Exit(NO)
