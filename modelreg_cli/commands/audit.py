"""modelreg audit"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli import dates
from modelreg_cli.catalog.tree import Commit, commit_of
from modelreg_cli.commands.asked_forge import address_of_repository
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import NO, PENDING
from modelreg_cli.forge.all_forges import reviews_of
from modelreg_cli.gate.audit import Auditor, Moment, worn_now
from modelreg_cli.gate.report import BRANCH
from modelreg_cli.git.bare import Remote, bare
from modelreg_cli.git.work import remotes
from modelreg_cli.history.ask import History, open_history
from modelreg_cli.history.current import find_history
from modelreg_cli.history.keep import Audited, keep
from modelreg_cli.http import Deadline
from modelreg_cli.render import audits
from modelreg_cli.render.output import Style
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured


def audit(
    ref: Annotated[str | None, typer.Argument(help="One model or version (default: all).", metavar="[REF]")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no forge: signed statements are the only evidence.")] = False,
    since: Annotated[str | None, typer.Option(help="Only what happened since then: a date, month or year.", metavar="DATE")] = None,
    again: Annotated[bool, typer.Option("--again", help="Audit commits again that were audited before.")] = False,
    forge: Annotated[str | None, typer.Option(help="github, gitlab or forgejo, where the address does not tell.", metavar="KIND")] = None,
    remote: Annotated[
        str | None, typer.Option(help="Address of the repository, or name of a remote (default: origin).", metavar="URL")
    ] = None,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository, or a bare clone.", metavar="DIR")] = None,
    deadline: Annotated[float, typer.Option(help="Seconds to wait for the forge.", metavar="SECONDS")] = 600.0,
    format_: Annotated[Literal["text", "json", "jsonl", "yaml"], typer.Option("--format", help="How to write what was found.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what is not proven.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour: auto is a terminal without NO_COLOR.")] = "auto",
) -> None:
    """Prove, commit by commit, that whoever wears a protected tag had earned it when it was given.

    Every commit of the first-parent line is judged by the policy of the commit before it and on its own day: its approvals
    (signed statements; where the forge is asked also the reviews of its pull request), its scans and scores. Findings are kept
    in history.db, so that the next audit goes on where this one ended. Exit codes: 0 all proven, 1 something refuted,
    5 something unproven.
    """
    here = commit_of(top_of(root, "HEAD"), "HEAD")
    path = Path(find_history(str(here.repository.folder)))
    first = None if since is None else dates.span(since, "--since").first
    with _auditor(here, offline, forge, remote, Deadline(deadline)) as auditor:
        _renew(auditor, here, path, first, again)
        worn = worn_now(auditor.repository, here.commit, here.folder)
        place = {step.commit: at for at, step in enumerate(auditor.line(here.commit))}
    kept = _found(open_history(str(path)), ref, first, auditor.forge)
    found = sorted(kept, key=lambda one: (one.ref, one.tag, place.get(one.commit, 0)))
    if as_json or format_ != "text":
        kind = "json" if as_json else format_
        sys.stdout.write(structured([audits.as_value(one, worn) for one in found], kind))
    else:
        sys.stdout.write(audits.text(found, worn, Style(color=color).colored, quiet))
    sys.stdout.flush()
    proofs = {one.proof for one in found}
    if code := NO if "refuted" in proofs else PENDING if "unproven" in proofs else 0:
        raise typer.Exit(code)


@contextmanager
def _auditor(here: Commit, offline: bool, forge: str | None, remote: str | None, deadline: Deadline) -> Iterator[Auditor]:
    with bare(here.repository) as inside:
        verdicts = _verdicts(here)
        if offline:
            yield Auditor(inside, here.folder, verdicts=verdicts)
            return
        address = address_of_repository(remote, remotes(here.repository))
        asked = reviews_of(address, forge, os.environ, deadline, lambda words: print(words, file=sys.stderr))
        there = Remote(inside, address, deadline.left, asked.token)
        yield Auditor(inside, here.folder, asked.kind, asked.reviews, there.fetch, verdicts)


def _verdicts(here: Commit) -> str | None:
    """The tip of the branch of reports, as it was fetched or lies here."""
    names = [f"refs/remotes/origin/{BRANCH}", f"refs/heads/{BRANCH}"]
    found = here.repository.run("for-each-ref", "--format=%(objectname) %(refname)", *names).decode().split()
    return found[0] if found else None


def _renew(auditor: Auditor, here: Commit, path: Path, first: int | None, again: bool) -> None:
    """Audits the commits of the line that were not, and keeps what was found."""
    history = open_history(str(path))
    # what was not proven may be by now: by a report that was fetched, or another answer of the forge
    sql = "SELECT commit_id FROM audited WHERE basis = ?1 EXCEPT SELECT commit_id FROM audit_event WHERE basis = ?1 AND proof <> 'proven'"
    known = set() if again else {row[0] for row in history.rows(sql, (_basis(auditor),))}
    steps = [step for step in auditor.line(here.commit, first) if step.commit not in known]
    if not steps:
        return
    basis = _basis(auditor)
    found: list[Audited] = []
    with bar("auditing", "commits") as progress:
        for done, step in enumerate(steps):
            progress(done, len(steps))
            found.extend(_kept(moment, basis) for moment in auditor.moments(step))
    keep(path, found, [step.commit for step in steps], basis)


def _basis(auditor: Auditor) -> str:
    return "statements" if auditor.reviews is None else auditor.forge


def _kept(one: Moment, basis: str) -> Audited:
    return Audited(one.commit, one.ref, one.tag, basis, one.time, one.action, one.proof, one.approved_by, one.governed, one.told, one.pull)


def _found(history: History, ref: str | None, first: int | None, forge: str) -> list[Moment]:
    """What is kept of this line."""
    basis = "statements" if forge == "offline" else forge
    rows = history.rows("SELECT * FROM audit_event WHERE basis = ? ORDER BY ref, tag", (basis,))
    return [
        Moment(
            row["commit_id"], row["time"], row["ref"], row["tag"], row["action"], row["proof"], tuple(json.loads(row["approved_by"])),
            row["governed"], tuple(json.loads(row["told"])), row["pull"],
        )
        for row in rows
        if (first is None or row["time"] >= first) and (ref is None or row["ref"] == ref or row["ref"].startswith(f"{ref}@"))
    ]  # fmt: skip
