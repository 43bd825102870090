"""modelreg gate"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from modelreg_cli.commands.court import Place, Records, court, page_of
from modelreg_cli.errors import NO, PENDING, UNAVAILABLE, ModelregError
from modelreg_cli.gate.decide import decide
from modelreg_cli.gate.docket import STATE_OF, Clerk, Entry, hear
from modelreg_cli.gate.event import LARGEST, Wanted, wanted
from modelreg_cli.gate.gather import Proposal, gather
from modelreg_cli.gate.judge import Court, Judged
from modelreg_cli.gate.queue import judge_group
from modelreg_cli.gate.verdict import Outcome
from modelreg_cli.git import repository
from modelreg_cli.git.bare import bare
from modelreg_cli.git.work import main_branch
from modelreg_cli.http import Deadline
from modelreg_cli.render import dockets, verdicts
from modelreg_cli.render.output import Style
from modelreg_cli.render.structured import structured

_EXITS: dict[Outcome, int] = {"passed": 0, "refused": NO, "pending": PENDING}


_Pull = Annotated[int | None, typer.Option("--pr", help="Number of the pull request.", metavar="N")]
_Event = Annotated[
    Path | None,
    typer.Option(help="What woke the pipeline, as the forge tells it ($GITHUB_EVENT_PATH): what it is about is judged.", metavar="FILE"),
]
_Sweep = Annotated[bool, typer.Option("--sweep", help="Judge every open pull request; the exit code says whether all could be judged.")]
_Base = Annotated[str | None, typer.Option(help="Without a forge: the branch or commit that the change goes into.", metavar="REV")]
_Head = Annotated[str | None, typer.Option(help="Without a forge: the newest commit of the change (default: HEAD).", metavar="REV")]
_Forge = Annotated[str | None, typer.Option(help="github, gitlab, forgejo, or offline: signed statements only.", metavar="KIND")]
_Remote = Annotated[str | None, typer.Option(help="Address of the repository, or name of a remote (default: origin).", metavar="URL")]
_Folder = Annotated[str, typer.Option(help="Where the catalog lies below the top of the repository.", metavar="DIR")]
_Root = Annotated[Path | None, typer.Option(help="A clone whose objects need not be fetched again (default: here).", metavar="DIR")]
_Status = Annotated[
    bool, typer.Option("--status", help="Publish the verdict as the commit status modelreg/gate, on the commit that was judged.")
]
_Record = Annotated[
    bool, typer.Option("--record", help="Keep verdicts that passed on protected tags on the branch modelreg-verdicts of the remote.")
]
_RecordKey = Annotated[
    Path | None,
    typer.Option("--record-key", help="SSH key of a recorder, to sign what is kept; without one it proves nothing.", metavar="FILE"),
]
_SummaryFile = Annotated[
    Path | None, typer.Option(help="Append the verdict to this file, as Markdown (with --event: $GITHUB_STEP_SUMMARY).", metavar="FILE")
]
_Deadline = Annotated[float, typer.Option(help="Seconds to wait for the forge and the repository.", metavar="SECONDS")]
_Format = Annotated[Literal["text", "json", "yaml", "markdown", "github"], typer.Option("--format", help="How to write the verdict.")]
_Json = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
_Color = Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour: auto is a terminal without NO_COLOR.")]


def gate(
    pr: _Pull = None,
    event: _Event = None,
    sweep: _Sweep = False,
    base: _Base = None,
    head: _Head = None,
    forge: _Forge = None,
    remote: _Remote = None,
    folder: _Folder = "",
    root: _Root = None,
    status: _Status = False,
    record: _Record = False,
    record_key: _RecordKey = None,
    summary: _SummaryFile = None,
    deadline: _Deadline = 120.0,
    format_: _Format = "text",
    as_json: _Json = False,
    color: _Color = "auto",
) -> None:
    """Judge a proposed change: who approved it, and whether protected tags are earned.

    The policy is that of the branch that the change goes into; the change is read as Git objects and never checked out.
    Exit codes: 0 passed, 1 refused, 2 bad policy, 3 forge or Git unavailable, 5 pending (only approvals are missing, or something moved).
    """
    below = f"{folder.strip('/')}/" if folder.strip("/") else ""
    place = Place(root or Path.cwd(), remote, forge, below)
    style = _Style("json" if as_json else format_, color, summary or _summary(event))
    today = datetime.now(UTC).date()
    if forge == "offline" or (base is not None and (pr, event, sweep) == (None, None, False)):
        code = _shown([Entry(0, "", _offline(place, base, head, today))], style)
    else:
        asked = _asked(pr, event, sweep)
        records = Records(record_key) if record or record_key else None
        with court(place, Deadline(deadline), today, asked.repository, records) as bench:
            clerk = Clerk(bench, dockets.words, page_of(os.environ, bench.forge)) if status else None
            code = _group(bench, asked, clerk, style) if asked.group else _pulls(bench, asked, clerk, style)
    if code:
        raise typer.Exit(code)


class _Style(NamedTuple):
    kind: str
    color: str
    summary: Path | None


def _summary(event: Path | None) -> Path | None:
    """Where a pipeline that an event woke shows what came of it."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    return Path(named) if event and named else None


def _asked(pr: int | None, event: Path | None, sweep: bool) -> Wanted:
    """What is to be judged.

    Raises:
        ModelregError: nothing, two things, or the event is none.
    """
    if [pr is not None, event is not None, sweep].count(True) != 1:
        raise ModelregError("which change is to be judged?", "one of --pr N, --event FILE, --sweep, or --base REV --head REV")
    if pr is not None:
        return Wanted((pr,))
    if event is None:
        return Wanted(every=True)
    try:
        with event.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ModelregError(f"the event cannot be read: {error.strerror or error}", "GitHub names the file in $GITHUB_EVENT_PATH") from None
    if len(raw) > LARGEST:
        raise ModelregError(f"{event} is larger than any event", "GitHub names the file in $GITHUB_EVENT_PATH")
    return wanted(raw)


def _offline(place: Place, base: str | None, head: str | None, today: date) -> Judged:
    source = repository(place.here)
    if source is None:
        raise ModelregError(f"{place.here} is not in a Git repository", "run it in a clone, or name one with --root")
    ends = source.resolve(base or main_branch(source)), source.resolve(head or "HEAD")
    with bare(source) as inside:
        facts = gather(Proposal(inside, *ends, today, folder=place.folder))
        return Judged(decide(facts), facts)


def _pulls(bench: Court, asked: Wanted, clerk: Clerk | None, style: _Style) -> int:
    """Judges pull requests; the exit code. A sweep tells of each as soon as it is judged."""
    if asked.every:
        entries = []
        for entry in hear(bench, None, clerk):
            entries.append(entry)
            if style.kind == "text":
                print(dockets.line(entry), end="", flush=True)
        return _shown(entries, style, sweep=True)
    numbers = [one.number for one in bench.reviews.open_pulls() if one.head == asked.head] if asked.head else list(asked.pulls)
    entries = list(hear(bench, numbers, clerk))
    if not entries:
        print("no open pull request: nothing to judge", file=sys.stderr)
    return _shown(entries, style)


def _shown(entries: list[Entry], style: _Style, sweep: bool = False) -> int:
    """Writes what came of pull requests; the exit code.

    Raises:
        Exception: the only one could not be judged, or there is a defect.
    """
    errors = [one.error for one in entries if one.error]
    if style.summary and entries:
        _append(style.summary, dockets.markdown(entries))
    if len(entries) == 1 and not sweep and entries[0].judged and not errors:
        _write(entries[0].judged, style)
    elif sweep or len(entries) > 1:
        _write_all(entries, style, sweep)
    for error in errors:
        if not isinstance(error, ModelregError) or (len(entries) == 1 and not sweep):
            raise error
    if errors:
        return UNAVAILABLE
    codes = [] if sweep else [_EXITS[one.judged.verdict.outcome] for one in entries if one.judged]
    return next((code for code in (NO, PENDING) if code in codes), 0)


def _write(judged: Judged, style: _Style) -> None:
    if style.kind in ("json", "yaml"):
        told = structured(verdicts.as_value(judged), style.kind)
    elif style.kind == "markdown":
        told = verdicts.markdown(judged)
    elif style.kind == "github":
        told = verdicts.annotations(judged)
    else:
        told = verdicts.text(judged, Style(color=style.color).colored)
    sys.stdout.write(told)
    sys.stdout.flush()


def _write_all(entries: Sequence[Entry], style: _Style, told: bool) -> None:
    """Several; as text in a line each, unless they were told already."""
    if style.kind in ("json", "yaml"):
        sys.stdout.write(structured(dockets.as_value(entries), style.kind))
    elif style.kind == "markdown":
        sys.stdout.write(dockets.markdown(entries))
    elif style.kind == "github":
        sys.stdout.write(dockets.annotations(entries))
    elif not told:
        sys.stdout.write("".join(dockets.line(one) for one in entries))
    sys.stdout.flush()


def _group(bench: Court, asked: Wanted, clerk: Clerk | None, style: _Style) -> int:
    """Judges a group of a merge queue; the exit code. The verdict is published on the head of the group."""
    assert asked.group
    try:
        queued = judge_group(bench, asked.group)
    except Exception as error:
        if clerk:
            clerk.tell(asked.group.head, "error", f"could not be judged: {type(error).__name__}")
        raise
    if clerk:
        clerk.tell(queued.head, STATE_OF[queued.outcome], dockets.headline(queued))
    if style.summary:
        _append(style.summary, dockets.of_group(queued, "markdown"))
    value = style.kind in ("json", "yaml")
    sys.stdout.write(
        structured(dockets.group_as_value(queued), style.kind)
        if value
        else dockets.of_group(queued, style.kind, Style(color=style.color).colored)
    )
    sys.stdout.flush()
    return _EXITS[queued.outcome]


def _append(file: Path, told: str) -> None:
    try:
        with file.open("a", encoding="utf-8") as summary:
            summary.write(told)
    except OSError as error:
        raise ModelregError(f"{file} cannot be written: {error.strerror}", "--summary takes a file in a folder that is there") from None
