"""modelreg init"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from modelreg_cli.catalog.new import New, new_repository
from modelreg_cli.errors import ModelregError
from modelreg_cli.git import Repository, repository


def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the repository; it is made where it is missing.", metavar="[DIR]")] = Path(),
    name: Annotated[str | None, typer.Option(help="Name of the catalog (else the folder's).", metavar="NAME")] = None,
    forge: Annotated[str | None, typer.Option(help="Add a pipeline that validates: github, gitlab or forgejo.", metavar="FORGE")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing.")] = False,
) -> None:
    """Make a new catalog repository, in which `modelreg validate` and `modelreg search` work at once.

    Files that are there stay as they are. All is written or nothing.
    """
    made = new_repository(folder, name, forge)
    if not dry_run:
        made.write()
        git = _begun(made.folder)
    if not quiet:
        told = [*(f"create  {path}" for path in made.texts), *(f"keep    {path}" for path in made.left)]
        sys.stdout.write("".join(f"{line}\n" for line in told))
        sys.stdout.flush()
        print(_left(made) + ("Nothing was written." if dry_run else f"{git}{_next(folder)}"), file=sys.stderr)


def _begun(folder: Path) -> str:
    """Makes it a Git repository where it is in none; a word about it."""
    try:
        if repository(folder) is not None:
            return ""
        Repository(folder).run("init", "--quiet")
    except ModelregError as error:
        return f"It is no Git repository yet: {error.message}. "
    return "Made a Git repository. "


def _left(made: New) -> str:
    return f"{len(made.left)} of {len(made.left) + len(made.texts)} files were there already and stay as they are. " if made.left else ""


def _next(folder: Path) -> str:
    there = "" if folder == Path() else f"  cd {folder}\n"
    return (
        f"Next:\n{there}  modelreg validate\n  modelreg search\n"
        "  modelreg import models-dev SOURCE    # public facts, if you want them\n"
        "then fill in ci/policy.yaml, and replace the sample below catalog/models/example/."
    )
