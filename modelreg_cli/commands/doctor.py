"""modelreg doctor"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli.catalog.tree import Folder, open_tree
from modelreg_cli.catalog.write import write_all
from modelreg_cli.commands.asked_forge import address_of_repository
from modelreg_cli.commands.paths import top_of
from modelreg_cli.dates import day_of
from modelreg_cli.doctor.check import Check, Premises
from modelreg_cli.doctor.checkup import offline_checks, premises_of
from modelreg_cli.doctor.files import forge_by_files, made_files
from modelreg_cli.doctor.guards import guards_checks
from modelreg_cli.errors import NO, UNAVAILABLE, ModelregError, Unavailable, listed
from modelreg_cli.forge.all_forges import guards_of, kind_at
from modelreg_cli.git import repository
from modelreg_cli.git.work import remotes
from modelreg_cli.http import Deadline
from modelreg_cli.render import checkups
from modelreg_cli.render.output import Style
from modelreg_cli.render.structured import structured

_UNSEEN = "whether the branch is guarded, only the forge can tell"


def doctor(
    forge: Annotated[
        str | None, typer.Option(help="github, gitlab or forgejo, where neither the address nor the files tell.", metavar="KIND")
    ] = None,
    remote: Annotated[
        str | None, typer.Option(help="Address of the repository, or name of a remote (default: origin).", metavar="URL")
    ] = None,
    branch: Annotated[str | None, typer.Option(help="Branch that changes go into (default: the forge's default).", metavar="NAME")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Look at files only, and do not ask the forge.")] = False,
    at: Annotated[str | None, typer.Option(help="Look at the files of a commit.", metavar="REV")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Write pipelines and CODEOWNERS as this release of the program has them.")] = False,
    deadline: Annotated[float, typer.Option(help="Seconds to wait for the forge.", metavar="SECONDS")] = 60.0,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    format_: Annotated[Literal["text", "json", "yaml", "markdown"], typer.Option("--format", help="How to write the report.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    today: Annotated[str | None, typer.Option(hidden=True, metavar="DATE")] = None,
    color: Annotated[str, typer.Option(help="Colour: auto is a terminal without NO_COLOR.", metavar="auto|always|never")] = "auto",
) -> None:
    """Look whether the catalog is guarded as its policy says, and tell how each weakness is mended.

    Files are looked at first: policy, people, keys, pipelines, CODEOWNERS. Then, with a token (GITHUB_TOKEN, GITLAB_TOKEN,
    FORGEJO_TOKEN), the rules that the forge has for the branch; they are read and never changed.
    Exit codes: 0 nothing is weak, 1 something is, 3 the forge did not answer. What a token may not see is unknown, never ok.
    """
    if fix and at:
        raise ModelregError("--fix and --at do not go together", "a commit cannot be edited; check it out first")
    top = top_of(root, at)
    tree = open_tree(top, at)
    address = _address(top, remote)
    kind = kind_at(address, forge) or forge_by_files(tree)
    if fix:
        _fix(top, kind)
    premises = premises_of(tree, kind, day_of(today))
    checks = list(offline_checks(premises))
    down = None
    try:
        checks += _online(premises, None if offline else address, branch, Deadline(deadline), offline)
    except Unavailable as error:
        down = error
        checks.append(Check(kind or "forge", "rules", "unknown", (error.message,), _UNSEEN, error.hint or ""))
    _write(checks, kind, "json" if as_json else format_, color)
    if down is not None:
        raise typer.Exit(UNAVAILABLE)
    if checkups.outcome(checks) == "weak":
        raise typer.Exit(NO)


def _online(premises: Premises, address: str | None, branch: str | None, deadline: Deadline, offline: bool) -> list[Check]:
    """What the forge tells; without a way to ask it, one check that says so."""
    kind = premises.forge

    def unseen(told: str, needs: str) -> list[Check]:
        return [Check(kind or "forge", "rules", "unknown", (told,), _UNSEEN, needs)]

    if offline:
        return unseen("the forge was not asked", "leave out --offline")
    if address is None:
        return unseen("where the repository is is not known", "--remote, or a remote called origin")
    if kind is None:
        return unseen("which forge this is on is not known", "--forge github, gitlab or forgejo")
    guards, tokens = guards_of(address, kind, os.environ, deadline, lambda words: print(words, file=sys.stderr))
    if guards is None:
        return unseen(
            "the forge was not asked: there is no token", f"{listed(list(tokens))} in the environment; docs/doctor.md has the rights"
        )
    return list(guards_checks(guards, premises.policy, kind, branch))


def _address(top: Path, remote: str | None) -> str | None:
    """Where the repository is, where anything says it."""
    source = repository(top)
    try:
        return address_of_repository(remote, remotes(source) if source else {})
    except ModelregError:
        return None


def _fix(top: Path, kind: str | None) -> None:
    if kind is None:
        raise ModelregError("which forge this is on is not known", "name it: --forge github, gitlab or forgejo")
    files = made_files(Folder(top), kind)
    write_all({top / path: text for path, text in files.items()})
    for path in files:
        print(f"wrote {path}", file=sys.stderr)


def _write(checks: list[Check], kind: str | None, form: str, color: str) -> None:
    written: dict[str, Callable[[], str]] = {
        "text": lambda: checkups.text(checks, Style(color=color).colored),
        "markdown": lambda: checkups.markdown(checks),
    }
    sys.stdout.write(written[form]() if form in written else structured(checkups.as_value(checks, kind), form))
    sys.stdout.flush()
