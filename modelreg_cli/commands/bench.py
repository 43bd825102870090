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
from modelreg_cli.editing.checked import write_checked
from modelreg_cli.errors import ModelregError, UnknownRef
from modelreg_cli.importers.runs.all_readers import all_readers
from modelreg_cli.importers.runs.binding import Bound, Lookup, Named, bind
from modelreg_cli.importers.runs.plan import Asked, Ingest, Planner, Taken
from modelreg_cli.importers.runs.words import Words
from modelreg_cli.index.current import find_index
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.render.progress import bar

_SHOWN = 12


_Action = Annotated[Literal["ingest"], typer.Argument(help="ingest: read result files.", metavar="ingest")]
_Files = Annotated[list[Path], typer.Argument(help="Result files, or folders of HELM runs.", metavar="FILE...")]
_Model = Annotated[str, typer.Option(help="What was measured: a model or version, or an offering as provider:wire-id.", metavar="REF")]
_By = Annotated[str, typer.Option(help="Who measured: a publisher, or a word of vocabulary/evaluators.", metavar="EVALUATOR")]
_Artifact = Annotated[str | None, typer.Option(help="The artifact that was measured.", metavar="ID")]
_Format = Annotated[
    str | None,
    typer.Option("--format", help=f"{', '.join(one.name for one in all_readers)} (else told by the contents).", metavar="FORMAT"),
]
_Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="A task's benchmark, where no file says it: TASK[:ITS-METRIC]=BENCHMARK[/METRIC]; several.", metavar="MAP"),
]
_Day = Annotated[str | None, typer.Option("--date", help="The day of the run, for files that do not say it.", metavar="DATE")]
_Source = Annotated[str | None, typer.Option(help="The page that reported scores were read on.", metavar="URL")]
_Retrieved = Annotated[str | None, typer.Option(help="The day of the copy of that page.", metavar="DATE")]
_AllowPartial = Annotated[bool, typer.Option("--allow-partial", help="Take runs of a part of the questions; their rows say so.")]
_NamedOtherwise = Annotated[bool, typer.Option("--even-if-named-otherwise", help="Take files that name another model or revision.")]
_SkipUnknown = Annotated[bool, typer.Option("--skip-unknown", help="Leave out tasks that no benchmark knows, and list them.")]
_CreateBenchmarks = Annotated[bool, typer.Option("--create-benchmarks", help="Draft a file for each task without a benchmark.")]
_Root = Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Read, check and tell, and write nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="The summary as JSON.")]


def bench(
    action: _Action,
    files: _Files,
    model: _Model,
    by: _By,
    artifact: _Artifact = None,
    form: _Format = None,
    maps: _Map = None,
    day: _Day = None,
    source: _Source = None,
    retrieved: _Retrieved = None,
    allow_partial: _AllowPartial = False,
    named_otherwise: _NamedOtherwise = False,
    skip_unknown: _SkipUnknown = False,
    create_benchmarks: _CreateBenchmarks = False,
    root: _Root = None,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Take over what programs measured: one catalog file a run, bound to the digest of the weights.

    All files or none; a run that is there already changes nothing; what is not taken is listed with the reason. See docs/benchmarks.md.
    """
    for option, value in (("--date", day), ("--retrieved", retrieved)):
        _checked_day(option, value)
    asked = Asked(by, form, day, source, retrieved, allow_partial, named_otherwise, skip_unknown, create_benchmarks)
    made, bound = _ingest(top_of(root), files, model, artifact, asked, tuple(maps or ()), dry_run)
    told = json.dumps(_summary(made, bound, dry_run), indent=2, ensure_ascii=False) + "\n" if as_json else _text(made, dry_run)
    if bound.note and made.measured:
        print(f"note: {bound.note}", file=sys.stderr)
    sys.stdout.write(told)
    sys.stdout.flush()


def _ingest(
    top: Path, files: list[Path], model: str, artifact: str | None, asked: Asked, maps: tuple[str, ...], dry_run: bool
) -> tuple[Ingest, Bound]:
    """Resolve, read, check, write."""
    index = open_index(find_index(None, str(top)))
    target = resolve_ref(index, model)
    if target.artifact and artifact not in (None, target.artifact):
        raise ModelregError(f"--model names the artifact {target.artifact}, and --artifact {artifact}", "leave one of them out")
    if target.offering and artifact:
        raise ModelregError(f"--model {model} is what a provider serves, and --artifact names weights", "leave one of them out")
    with bar("reading catalog", "files") as progress:
        catalog = load(Folder(top), progress)
    bound = bind(catalog, target.version, artifact or target.artifact, target.offering)
    made = Planner(top, catalog, asked, bound, Words(catalog, maps), _lookup(index)).plan(files)
    if made.texts:
        write_checked(top, catalog, made.texts, write=not dry_run)
    return made, bound


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
