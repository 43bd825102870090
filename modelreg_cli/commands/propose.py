"""modelreg propose"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import Refused, listed
from modelreg_cli.forge.all_forges import Found, forge_of
from modelreg_cli.http import Deadline
from modelreg_cli.render import changes
from modelreg_cli.render.findings import shown, summary, text
from modelreg_cli.render.output import Style
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured
from modelreg_cli.review import propose as steps
from modelreg_cli.review.changeset import ChangeSet
from modelreg_cli.rules.report import Report

_SUBJECT = 72


def propose(
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="Of the commit; its first line is the title.", metavar="TEXT")
    ] = None,
    branch: Annotated[
        str | None, typer.Option(help="Branch for the work, begun where there is none (default: the current one).", metavar="NAME")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Branch to propose to (default: that of the remote, else main or master).", metavar="NAME")
    ] = None,
    remote: Annotated[str | None, typer.Option(help="Where to push (default: origin).", metavar="NAME")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Open the pull request as a draft.")] = False,
    forge: Annotated[str | None, typer.Option(help="github, gitlab or forgejo, where the address does not tell.", metavar="KIND")] = None,
    no_push: Annotated[bool, typer.Option("--no-push", help="Commit only.")] = False,
    deadline: Annotated[float, typer.Option(help="Seconds to wait for the forge.", metavar="SECONDS")] = 60.0,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be proposed, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was done, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the address or the branch, and nothing else.")] = False,
    color: Annotated[str, typer.Option(help="Colour: auto is a terminal without NO_COLOR.", metavar="auto|always|never")] = "auto",
) -> None:
    """Format, check, commit, push, and open a pull request with the change as its text.

    Everything below catalog/ that differs is proposed. A second run goes on where the first one stopped.
    """
    work = steps.begin(steps.Wanted(top_of(root), datetime.now(UTC).date(), base, branch, remote))
    talk = _silent if quiet else _talk
    # asked for first, so that a wrong name stops it before anything is done
    found = None if no_push or work.address is None else forge_of(work.address, forge, os.environ, Deadline(deadline), talk)
    change = _change(work)
    if dry_run:
        sys.stdout.write(changes.text(change, f"{work.base} -> files here", Style(color=color).colored))
        return
    change = _made_ready(work, quiet, color, talk)
    title, words = _message(change, message)
    name, commit, new = steps.committed(work, lambda: words, lambda: steps.branch_name(changes.refs_of(change), words))
    talk(f"{'committed' if new else 'there is nothing to commit;'} {commit[:8]} on the branch {name}")
    pushed = not no_push and _pushed(work, name, talk)
    pull = _opened(work, found, name, title, changes.markdown(change, "This change"), draft, talk) if pushed else None
    told = {"branch": name, "commit": commit, "base": work.base, "pushed": pushed, "pull_request": pull}
    sys.stdout.write(structured({**told, "left_out": steps.left_out(change)}, "json") if as_json else f"{pull['url'] if pull else name}\n")
    sys.stdout.flush()


def _change(work: steps.Work) -> ChangeSet:
    """What there is to propose.

    Raises:
        Refused: nothing.
    """
    change = steps.change_of(work)
    if not change.files and not any(one.path.startswith("catalog/") for one in change.beside):
        raise Refused(f"nothing below catalog/ differs from {work.base}", "edit the catalog, and then propose")
    return change


def _made_ready(work: steps.Work, quiet: bool, color: str, talk: Callable[[str], None]) -> ChangeSet:
    """Formats and checks; the change as it is then."""
    for path in steps.formatted(work):
        talk(f"formatted {path}")
    _check(work, quiet, color)
    change = steps.change_of(work)
    left = steps.left_out(change)
    if left:
        talk(f"note: not part of it, as it is no catalog data: {', '.join(map(shown, left[:5]))}{', ...' if len(left) > 5 else ''}")
    return change


def _check(work: steps.Work, quiet: bool, color: str) -> None:
    """Refuses a change with errors, and shows them; nothing was committed yet."""
    with bar("validating", "files", shown=not quiet) as progress:
        report = steps.checked(work, progress)
    if report.findings and not (quiet and not report.failed):
        errors = Report(
            [one for one in report.findings if one.severity == "error" or not quiet],
            report.models,
            report.offerings,
            report.files,
            report.seconds,
        )
        sys.stderr.write(text(errors, Style(color=color).colored))
        print(summary(report), file=sys.stderr)
    if report.failed:
        raise Refused("the change has errors, so nothing was committed", "repair them, and propose again")


def _message(change: ChangeSet, given: str | None) -> tuple[str, str]:
    """Title and whole message: what was given, or what changes in a few words."""
    lines = [line for line in changes.lines_of(change) if line.heading not in ("Protected tags", "Outside the catalog")]
    if given is not None and given.strip():
        return given.strip().splitlines()[0], given.strip() + "\n"
    refs = changes.refs_of(change)
    title = (
        f"{lines[0].subject}: {lines[0].told}".rstrip(": ")
        if len(lines) == 1
        else f"{', '.join(refs[:3])}{f' and {len(refs) - 3} more' if len(refs) > 3 else ''}"
    )
    title = shown(title) if len(title) <= _SUBJECT else f"{shown(title)[: _SUBJECT - 3]}..."
    body = [f"{shown(line.subject)}: {shown(line.told)}".rstrip(": ") for line in lines[:40]]
    more = [f"and {len(lines) - 40} more"] if len(lines) > 40 else []
    return title, "\n".join([title, "", *body, *more]) + "\n"


def _pushed(work: steps.Work, branch: str, talk: Callable[[str], None]) -> bool:
    """Whether there is a remote, which has the branch now."""
    if work.remote is None:
        talk("note: there is no remote to push to; `git remote add origin ADDRESS` names one")
        return False
    steps.pushed(work, branch)
    talk(f"pushed to {work.remote}")
    return True


def _opened(
    work: steps.Work, found: Found | None, branch: str, title: str, body: str, draft: bool, talk: Callable[[str], None]
) -> dict[str, Any] | None:
    """The pull request, new or brought up to date; None where there is no forge to ask, with the reason told."""
    if found is None:
        talk(f"note: {work.remote} is on no forge, so there is no pull request; the branch is {branch}")
        return None
    if not found.token:
        page = found.forge.page(branch, work.base)
        talk(f"note: open the pull request at {page}; with {listed(list(found.tokens))} set it is opened from here")
        return None
    pull, new = steps.opened(work, found.forge, branch, title, body, draft)
    talk("opened a pull request" if new else "the pull request is open already; it tells of the change as it is now")
    return {"number": pull.number, "url": pull.url, "new": new}


def _talk(line: str) -> None:
    print(shown(line), file=sys.stderr)


def _silent(_line: str) -> None:
    """Nobody listens."""
