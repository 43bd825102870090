"""modelreg gate"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli.commands.asked_forge import address_of_repository
from modelreg_cli.errors import NO, PENDING, ModelregError
from modelreg_cli.forge.all_forges import reviews_of
from modelreg_cli.gate.decide import decide
from modelreg_cli.gate.gather import Proposal, gather
from modelreg_cli.gate.judge import Court, Judged
from modelreg_cli.gate.verdict import Outcome
from modelreg_cli.git import repository
from modelreg_cli.git.bare import Remote, bare
from modelreg_cli.git.work import main_branch, remotes
from modelreg_cli.http import Deadline
from modelreg_cli.render import verdicts
from modelreg_cli.render.output import Style
from modelreg_cli.render.structured import structured

_EXITS: dict[Outcome, int] = {"passed": 0, "refused": NO, "pending": PENDING}
_STATES: dict[Outcome, Literal["success", "failure", "pending"]] = {"passed": "success", "refused": "failure", "pending": "pending"}


def gate(
    pr: Annotated[int | None, typer.Option("--pr", help="Number of the pull request.", metavar="N")] = None,
    base: Annotated[
        str | None, typer.Option(help="Without a forge: the branch or commit that the change goes into.", metavar="REV")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="Without a forge: the newest commit of the change (default: HEAD).", metavar="REV")
    ] = None,
    forge: Annotated[str | None, typer.Option(help="github, gitlab, forgejo, or offline: signed statements only.", metavar="KIND")] = None,
    remote: Annotated[
        str | None, typer.Option(help="Address of the repository, or name of a remote (default: origin).", metavar="URL")
    ] = None,
    folder: Annotated[str, typer.Option(help="Where the catalog lies below the top of the repository.", metavar="DIR")] = "",
    root: Annotated[
        Path | None, typer.Option(help="A clone whose objects need not be fetched again (default: here).", metavar="DIR")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Publish the verdict as the commit status modelreg/gate.")] = False,
    summary: Annotated[Path | None, typer.Option(help="Append the verdict to this file, as Markdown.", metavar="FILE")] = None,
    deadline: Annotated[float, typer.Option(help="Seconds to wait for the forge and the repository.", metavar="SECONDS")] = 120.0,
    format_: Annotated[
        Literal["text", "json", "yaml", "markdown", "github"], typer.Option("--format", help="How to write the verdict.")
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour: auto is a terminal without NO_COLOR.")] = "auto",
) -> None:
    """Judge a proposed change: who approved it, and whether protected tags are earned.

    The policy is that of the branch that the change goes into; the change is read as Git objects and never checked out.
    Exit codes: 0 passed, 1 refused, 2 bad policy, 3 forge or Git unavailable, 5 pending (only approvals are missing, or something moved).
    """
    today = datetime.now(UTC).date()
    below = f"{folder.strip('/')}/" if folder.strip("/") else ""
    if forge == "offline" or (pr is None and base is not None):
        judged = _offline(root or Path.cwd(), base, head, below, today)
    elif pr is None:
        raise ModelregError("which change is to be judged?", "name a pull request with --pr N, or commits with --base REV --head REV")
    else:
        with _court(root or Path.cwd(), remote, forge, below, Deadline(deadline), today) as court:
            judged = court.judge(pr)
            if status:
                court.reviews.tell(judged.facts.head, _STATES[judged.verdict.outcome], verdicts.headline(judged.verdict), "")
    _write(judged, "json" if as_json else format_, color, summary)
    if code := _EXITS[judged.verdict.outcome]:
        raise typer.Exit(code)


def _offline(here: Path, base: str | None, head: str | None, folder: str, today: date) -> Judged:
    source = repository(here)
    if source is None:
        raise ModelregError(f"{here} is not in a Git repository", "run it in a clone, or name one with --root")
    ends = source.resolve(base or main_branch(source)), source.resolve(head or "HEAD")
    with bare(source) as inside:
        facts = gather(Proposal(inside, *ends, today, folder=folder))
        return Judged(decide(facts), facts)


@contextmanager
def _court(here: Path, remote: str | None, forge: str | None, folder: str, deadline: Deadline, today: date) -> Iterator[Court]:
    source = repository(here)
    address = address_of_repository(remote, remotes(source) if source else {})
    found = reviews_of(address, forge, os.environ, deadline, lambda words: print(words, file=sys.stderr))
    with bare(source) as inside:
        yield Court(
            inside,
            Remote(inside, address, deadline.left, found.token),
            found.reviews,
            found.kind,
            today,
            folder,
        )


def _write(judged: Judged, kind: str, color: str, summary: Path | None) -> None:
    if kind in ("json", "yaml"):
        sys.stdout.write(structured(verdicts.as_value(judged), kind))
    elif kind == "markdown":
        sys.stdout.write(verdicts.markdown(judged))
    elif kind == "github":
        sys.stdout.write(verdicts.annotations(judged))
    else:
        sys.stdout.write(verdicts.text(judged, Style(color=color).colored))
    sys.stdout.flush()
    if summary:
        with summary.open("a", encoding="utf-8") as file:
            file.write(verdicts.markdown(judged))
