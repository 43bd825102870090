"""modelreg diff"""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli.catalog.tree import Commit, Tree, commit_of, open_tree
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import NO
from modelreg_cli.git.work import main_branch
from modelreg_cli.render import changes
from modelreg_cli.render.output import Style
from modelreg_cli.render.structured import structured
from modelreg_cli.review.changeset import changeset


def diff(
    base: Annotated[
        str | None,
        typer.Argument(help="Branch, tag or commit; what counts is where the line of work left it.", metavar="[BASE]", show_default="main"),
    ] = None,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    at: Annotated[
        str | None, typer.Option(help="The newer state: a commit, tag or branch instead of the files here.", metavar="REV")
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Compare with BASE itself, and not with where the work left it.")] = False,
    format_: Annotated[Literal["text", "json", "yaml", "markdown"], typer.Option("--format", help="How to write the change.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where anything differs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Refs only, one a line.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour: auto is a terminal without NO_COLOR.")] = "auto",
) -> None:
    """What a branch changes, in the words of the catalog: protected tags, bytes, licences, prices, what is new and gone.

    The newer state is the files as they lie here, committed or not. Files that changed in form only are not told.
    """
    top = top_of(root, at)
    before, after, title = sides(top, base, at, exact)
    found = changeset(before, after)
    if quiet:
        sys.stdout.write("".join(f"{ref}\n" for ref in changes.refs_of(found)))
    elif as_json or format_ in ("json", "yaml"):
        value = {"base": before.commit, "head": after.commit if isinstance(after, Commit) else None, **changes.as_value(found)}
        sys.stdout.write(structured(value, "yaml" if format_ == "yaml" else "json"))
    elif format_ == "markdown":
        sys.stdout.write(changes.markdown(found, title))
    else:
        sys.stdout.write(changes.text(found, title, Style(color=color).colored))
    sys.stdout.flush()
    if exit_code and found:
        raise typer.Exit(NO)


def sides(top: Path, base: str | None, at: str | None, exact: bool = False) -> tuple[Commit, Tree, str]:
    """The older state, the newer one, and words for both.

    Raises:
        ModelregError: no repository, no such commit, or no common history.
    """
    head = commit_of(top, at or "HEAD")
    name = base or main_branch(head.repository)
    start = head.repository.resolve(name) if exact else head.repository.fork(name, at or "HEAD")
    before = Commit(head.repository, start, head.folder)
    return before, open_tree(top, at), f"{name} ({start[:8]}) -> {at or 'files here'}"
