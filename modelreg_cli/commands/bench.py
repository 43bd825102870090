"""modelreg bench"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.commands.answer import plural
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import YES, ModelregError, UnknownRef
from modelreg_cli.importers.checked import write_checked
from modelreg_cli.importers.runs.binding import Bound, Lookup, Named, bind
from modelreg_cli.importers.runs.plan import Asked, Ingest, Planner, Taken
from modelreg_cli.importers.runs.words import Words
from modelreg_cli.index.current import find_index
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.render.progress import bar

_SHOWN = 12


def bench(
    action: Annotated[Literal["ingest"], typer.Argument(help="ingest: read result files.", metavar="ingest")],
    files: Annotated[list[Path], typer.Argument(help="Result files, or folders of HELM runs.", metavar="FILE...")],
    model: Annotated[str, typer.Option(help="The model or version that was measured.", metavar="REF")],
    by: Annotated[str, typer.Option(help="Who measured: a publisher, or a word of vocabulary/evaluators.", metavar="EVALUATOR")],
    artifact: Annotated[str | None, typer.Option(help="The artifact that was measured.", metavar="ID")] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", help="lm-eval, inspect, helm, eval-results, model-index, samples (else told by the contents).", metavar="FORMAT"
        ),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="A task's benchmark, where no file says it: TASK[:ITS-METRIC]=BENCHMARK[/METRIC]; several.", metavar="MAP"
        ),
    ] = None,
    day: Annotated[str | None, typer.Option("--date", help="The day of the run, for files that do not say it.", metavar="DATE")] = None,
    source: Annotated[str | None, typer.Option(help="The page that reported scores were read on.", metavar="URL")] = None,
    retrieved: Annotated[str | None, typer.Option(help="The day of the copy of that page.", metavar="DATE")] = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Take runs of a part of the questions; their rows say so.")
    ] = False,
    named_otherwise: Annotated[
        bool, typer.Option("--even-if-named-otherwise", help="Take files that name another model or revision.")
    ] = False,
    skip_unknown: Annotated[bool, typer.Option("--skip-unknown", help="Leave out tasks that no benchmark knows, and list them.")] = False,
    create_benchmarks: Annotated[bool, typer.Option("--create-benchmarks", help="Draft a file for each task without a benchmark.")] = False,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, check and tell, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
) -> None:
    """Take over what programs measured: one catalog file a run, bound to the digest of the weights.

    All files or none; a run that is there already changes nothing; what is not taken is listed with the reason. See docs/benchmarks.md.
    """
    for option, value in (("--date", day), ("--retrieved", retrieved)):
        _checked_day(option, value)
    top = top_of(root)
    index = open_index(find_index(None, str(top)))
    target = resolve_ref(index, model)
    if target.artifact and artifact not in (None, target.artifact):
        raise ModelregError(f"--model names the artifact {target.artifact}, and --artifact {artifact}", "leave one of them out")
    with bar("reading catalog", "files") as progress:
        catalog = load(Folder(top), progress)
    bound = bind(catalog, target.version, artifact or target.artifact)
    asked = Asked(by, form, day, source, retrieved, allow_partial, named_otherwise, skip_unknown, create_benchmarks)
    words = Words(catalog, tuple(map_ or ()))
    made = Planner(top, catalog, asked, bound, words, _lookup(index)).plan(files)
    if made.texts:
        write_checked(top, catalog, made.texts, write=not dry_run)
    told = json.dumps(_summary(made, bound, dry_run), indent=2, ensure_ascii=False) + "\n" if as_json else _text(made, dry_run)
    if bound.note:
        print(f"note: {bound.note}", file=sys.stderr)
    sys.stdout.write(told)
    sys.stdout.flush()
    raise typer.Exit(YES)


def _checked_day(option: str, value: str | None) -> None:
    try:
        ok = value is None or date.fromisoformat(value).isoformat() == value
    except ValueError:
        ok = False
    if not ok:
        raise ModelregError(f"{option} {value} is not a day", "write it as 2026-07-02")


def _lookup(index: Index) -> Lookup:
    """What names in files mean; a name that is not clear means nothing."""
    known: dict[str, Named | None] = {}

    def look(name: str) -> Named | None:
        if name not in known:
            try:
                known[name] = _named(resolve_ref(index, name))
            except UnknownRef:
                known[name] = None
        return known[name]

    return look


def _named(target: Target) -> Named:
    return Named(target.model) if target.kind == "model" else Named(target.model, target.version, target.artifact)


def _summary(made: Ingest, bound: Bound, dry_run: bool) -> dict[str, Any]:
    return {
        "written": [] if dry_run else sorted(made.texts),
        "would_write": sorted(made.texts) if dry_run else [],
        "version": bound.version,
        "artifact": bound.artifact,
        "digest": bound.digest,
        "runs": [{**taken._asdict(), "notes": list(taken.notes), "left": [one._asdict() for one in taken.left]} for taken in made.taken],
    }


def _text(made: Ingest, dry_run: bool) -> str:
    lines = [line for taken in made.taken for line in _run_lines(taken, dry_run)]
    results = {taken.path for taken in made.taken}
    others = [path for path in sorted(made.texts) if path not in results]
    lines += [f"{'would draft' if dry_run else 'drafted'} {path}: complete it" for path in others]
    there = sum(taken.there for taken in made.taken)
    new = len(made.taken) - there
    lines.append(f"{plural(new, 'run')} {'would be ' if dry_run else ''}taken, {there} already there")
    return "\n".join(lines) + "\n"


def _run_lines(taken: Taken, dry_run: bool) -> list[str]:
    verb = "already there" if taken.there else "would be new" if dry_run else "new"
    lines = [f"{verb}: {taken.path} ({plural(taken.values, 'value')}) from {taken.file}"]
    lines += [f"  note: {note}" for note in taken.notes]
    lines += [f"  not taken: {one.what}: {one.why}" for one in taken.left[:_SHOWN]]
    return [*lines, f"  not taken: {len(taken.left) - _SHOWN} more (--json has all)"] if len(taken.left) > _SHOWN else lines
