"""modelreg scan"""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from modelreg_cli.commands.answer import plural
from modelreg_cli.commands.edited import Quiet, Root, index_of, read
from modelreg_cli.commands.paths import top_of
from modelreg_cli.entities.version import Artifact, File
from modelreg_cli.errors import NO, Ambiguous, ModelregError, UnknownRef
from modelreg_cli.http import Deadline
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.render.findings import shown
from modelreg_cli.render.output import Column, Style, rows
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured
from modelreg_cli.scanners import clamav, remote
from modelreg_cli.scanners.all_scanners import Absent, all_scanners, chosen
from modelreg_cli.scanners.run import Desk, Told, scan_artifact, scan_path
from modelreg_cli.scanners.scanner import Scanner, Verdict, Wishes
from modelreg_cli.scanners.subject import artifacts_of, of_artifact, of_path

_COLUMNS = [Column("status", "STATUS"), Column("tool", "SCANNER"), Column("file", "FILE"), Column("found", "FOUND"), Column("of", "OF")]

_What = Annotated[
    list[str],
    typer.Argument(help="Models, versions or artifacts of the catalog; or files and folders of this machine.", metavar="REF|PATH..."),
]
_Files = Annotated[
    list[Path] | None,
    typer.Option("--files", help="Where the files of REF lie on this machine: a folder or file; several.", metavar="PATH"),
]
_Model = Annotated[str | None, typer.Option(help="The model or version whose artifact PATH is.", metavar="REF")]
_Artifact = Annotated[str | None, typer.Option(help="Its artifact.", metavar="ID")]
_Tool = Annotated[list[str] | None, typer.Option("--tool", help=f"Only this scanner ({', '.join(all_scanners)}); several.", metavar="NAME")]
_Database = Annotated[Path | None, typer.Option(help="A folder of signatures, for ClamAV (else those of this machine).", metavar="DIR")]
_Rescan = Annotated[bool, typer.Option("--rescan", help="Scan again what the same scanner has judged.")]
_Deadline = Annotated[float, typer.Option(help="Seconds that servers have, and an outside scanner with one artifact.", metavar="SECONDS")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Scan and tell, and write nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="What was found as JSON.")]


def scan(
    what: _What,
    files: _Files = None,
    model: _Model = None,
    artifact: _Artifact = None,
    tools: _Tool = None,
    database: _Database = None,
    rescan: _Rescan = False,
    deadline: _Deadline = 600.0,
    root: Root = None,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    quiet: Quiet = False,
) -> None:
    """Look for code in files of weights, and write down what was found of which bytes.

    A record for each scanner and artifact; a path alone is told of, and nothing is written. Exit code 1 where something failed. See docs/scan.md.
    """
    if database is not None and tools and clamav.NAME not in tools:
        raise ModelregError("--database is for ClamAV, which --tool leaves out", "add --tool clamav")
    used, absent = chosen(tools or (), Wishes(database, deadline))
    if model is None and (files or artifact) and any(_is_path(one, root) for one in what):
        raise ModelregError("--files and --artifact speak of models of the catalog", "--model REF says whose files a path holds")
    if model is None:
        told = [answer for one in what for answer in _one(one, files or [], artifact, used, root, deadline, dry_run, rescan)]
    elif files:
        raise ModelregError("with --model the paths are the files", "leave --files out")
    else:
        told = _of_catalog(model, [Path(one) for one in what], artifact, used, root, deadline, dry_run, rescan, whole=True)
    failed = any(_status(one) == "failed" for one in told)
    if as_json:
        sys.stdout.write(structured(_value(told, absent, dry_run), "json"))
    else:
        _tell(told, absent, dry_run, quiet)
    sys.stdout.flush()
    if failed:
        raise typer.Exit(NO)


def _one(one: str, files: list[Path], artifact: str | None, tools: Sequence[Scanner], root: Path | None, *given: Any) -> list[Told]:
    if not _is_path(one, root):
        return _of_catalog(one, files, artifact, tools, root, *given, whole=False)
    with bar("scanning", "MiB") as progress:
        return scan_path(of_path(Path(one)), tools, progress)


def _of_catalog(
    ref: str,
    files: list[Path],
    artifact: str | None,
    tools: Sequence[Scanner],
    root: Path | None,
    deadline: float,
    dry_run: bool,
    rescan: bool,
    *,
    whole: bool,
) -> list[Told]:
    """`whole`: the files are one artifact's; else of several artifacts those are scanned of which files are there."""
    top = top_of(root)
    target = resolve_ref(index_of(top), ref)
    if target.artifact and artifact not in (None, target.artifact):
        raise ModelregError(f"{ref} names the artifact {target.artifact}, and --artifact {artifact}", "leave one of them out")
    catalog = read(top)
    desk = Desk(top, catalog, datetime.now(UTC).date().isoformat(), not dry_run, rescan)
    wanted = artifacts_of(catalog, target.version, artifact or target.artifact, one=whole)
    told: list[Told] = []
    for made in wanted:
        subject = of_artifact(target.version, made, files, _headers(Deadline(deadline)))
        if files and len(wanted) > 1 and not any(item.file for item in subject.items):
            print(f"note: no file of {subject.name} is there; it is left as it is", file=sys.stderr)
            continue
        with bar("scanning", "MiB") as progress:
            told += scan_artifact(desk, subject, tools, progress)
    return told


def _headers(deadline: Deadline) -> Callable[[Artifact, File], Verdict]:
    return lambda artifact, file: remote.look(artifact, file, deadline, lambda line: print(shown(line), file=sys.stderr))


def _is_path(text: str, root: Path | None) -> bool:
    """Whether something typed is a path: by its beginning, or as it is there and no model is called so.

    Raises:
        Ambiguous: it is both.
        ModelregError: it is neither, and there is no catalog to ask.
    """
    if text in (".", "..") or text.startswith(("/", "./", "../")):
        return True
    there = os.path.lexists(text)
    try:
        target: Target | None = resolve_ref(index_of(top_of(root)), text)
    except UnknownRef:
        target = None
    except ModelregError:
        if not there:
            raise ModelregError(f"there is no file {text}, and no catalog that could have a model called so", "--root names one") from None
        target = None
    if there and target:
        raise Ambiguous(f"{text} is a path here, and {target.ref} of the catalog", f"write ./{text} for the path")
    return there


def _status(one: Told) -> str:
    return one.judged.status if one.judged else str((one.data or {}).get("status", ""))


def _files(one: Told) -> list[dict[str, Any]]:
    """Its files, as it found them now or as its record has them."""
    if one.judged:
        return [
            {"path": file.path, "sha256": file.sha256, "status": file.status, "findings": list(file.findings)} for file in one.judged.files
        ]
    listed: Any = (one.data or {}).get("files") or []
    return [{**file, "findings": file.get("findings") or []} for file in listed]


def _value(told: list[Told], absent: list[Absent], dry_run: bool) -> dict[str, Any]:
    scans = [
        {
            **{"of": one.subject, "tool": one.tool.name, "tool_version": one.tool.version, "database": one.tool.database},
            **{"status": _status(one) or None, "reason": one.judged.reason if one.judged else (one.data or {}).get("reason")},
            **{"digest": one.judged.digest if one.judged else (one.data or {}).get("digest"), "record": one.path},
            **{"state": _state(one, dry_run) or None, "files": _files(one)},
        }
        for one in told
    ]
    return {"scans": scans, "absent": [one._asdict() for one in absent]}


def _state(one: Told, dry_run: bool) -> str:
    return "would be new" if dry_run and one.state == "new" else one.state


def _tell(told: list[Told], absent: list[Absent], dry_run: bool, quiet: bool) -> None:
    found = [
        {"status": file["status"], "tool": one.tool.name, "file": file["path"], "found": "; ".join(file["findings"]), "of": one.subject}
        for one in told
        for file in _files(one)
        if not quiet or file["status"] == "failed"
    ]
    if found:
        sys.stdout.write(rows(_COLUMNS, found, Style(), "file"))
        sys.stdout.flush()
    if quiet:
        return
    for one in told:
        for line in _lines(one, dry_run):
            print(shown(line), file=sys.stderr)
    for missing in absent:
        print(f"note: without {missing.tool}: {missing.why} ({missing.hint})", file=sys.stderr)


def _lines(one: Told, dry_run: bool) -> list[str]:
    """What is to be said of one answer beside its files."""
    status = _status(one)
    if one.judged is None and one.path is None:
        return [f"{one.tool.name}: nothing of {one.subject} is here that it looks at"]
    reason = one.judged.reason if one.judged else (one.data or {}).get("reason")
    said = f"{status}: {reason}" if reason else status
    release = " ".join(filter(None, [one.tool.name, one.tool.version, one.tool.database]))
    if one.path is None:
        return [f"{one.subject}: {release}: {said} ({plural(len(_files(one)), 'file')})"]
    state = {"known": "known (--rescan scans again)"}.get(one.state, _state(one, dry_run))
    return [f"{state}: {one.path}: {said}"]
