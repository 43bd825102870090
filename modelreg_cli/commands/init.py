"""modelreg init"""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli.catalog import document
from modelreg_cli.catalog.new import files_of, put
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.commands.answer import plural
from modelreg_cli.entities.policy import Policy
from modelreg_cli.errors import ModelregError
from modelreg_cli.git import Repository, repository
from modelreg_cli.rules.codeowners import CODEOWNERS, codeowners, wanted
from modelreg_cli.rules.policy import POLICY

#: Words in the address of a remote -> forge.
_HOSTS = {"github": "github", "gitlab": "gitlab", "codeberg": "forgejo", "forgejo": "forgejo", "gitea": "forgejo"}


def init(
    folder: Annotated[Path, typer.Argument(help="Where; made if need be.", metavar="[DIR]")] = Path(),
    name: Annotated[str | None, typer.Option(help="Name of the catalog (else that of the folder).", metavar="NAME")] = None,
    forge: Annotated[
        Literal["github", "gitlab", "forgejo"] | None,
        typer.Option(help="Add its pipelines and CODEOWNERS (else as the remote `origin` suggests)."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; list the files.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Begin a new catalog repository.

    Vocabulary, licences, schemas, a policy to be filled in, settings for editors and pre-commit, and a sample model: `modelreg
    validate` and `modelreg search` work at once. Files that are there already stay as they are.
    """
    root = folder.resolve()
    if root.exists() and not root.is_dir():
        raise ModelregError(f"{folder} is not a folder", "name a folder, or leave it out for this one")
    git = repository(root) if root.is_dir() else None
    chosen, why = (forge, "") if forge else _guess(git)
    called = name or root.name or "catalog"
    if not called.isprintable() or len(called) > 300:
        raise ModelregError(f"no catalog can be called {called!r}", "--name takes a line of text")
    files = files_of(called, chosen)
    if chosen:
        files = dict(sorted({**files, CODEOWNERS: _owners(root, files[POLICY], chosen)}.items()))
    if dry_run:
        print("\n".join(path for path in files if not (root / path).exists()))
        return
    new, left = put(root, files)
    if git is None:
        Repository(root).run("init", "--quiet", "--initial-branch=main")
    if not quiet:
        _tell(root, new, left, chosen, why)


def _owners(root: Path, template: str, forge: str) -> str:
    """CODEOWNERS by the policy that is there already, or by the one that is about to be."""
    policy = Policy.model_validate(document.load(template.encode()))
    return wanted(Folder(root), forge) or codeowners(policy, forge)


def _guess(git: Repository | None) -> tuple[str | None, str]:
    """The forge of the remote `origin`, and why it was taken or none was."""
    try:
        address = git.run("config", "--get", "remote.origin.url").decode("utf-8", "replace").strip().lower() if git else ""
    except ModelregError:
        address = ""
    found = next((forge for word, forge in _HOSTS.items() if word in address), None)
    return found, "as the remote origin is there" if found else ""


def _tell(root: Path, new: list[str], left: list[str], forge: str | None, why: str) -> None:
    said = [f"{root.name or root}: {plural(len(new), 'file')} written"]
    if left:
        said.append(f"left as they were: {', '.join(left)}")
    pipeline = (
        f"pipelines for {forge}{f', {why}' if why else ''}"
        if forge
        else "no pipelines: name a forge with --forge github, gitlab or forgejo"
    )
    said.append(pipeline)
    said.append("next: modelreg validate; modelreg search; then fill in ci/policy.yaml (modelreg doctor tells what is missing), and commit")
    print("\n".join(said), file=sys.stderr)
