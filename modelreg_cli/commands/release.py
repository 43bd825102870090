"""modelreg release"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.commands.edited import DryRun, Json, Quiet, Reason, Root, finish, read, ref_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.editing.assign import assignment, is_assignment
from modelreg_cli.editing.derived import made_from
from modelreg_cli.editing.files import Files
from modelreg_cli.editing.release import Wish, base_of, next_version
from modelreg_cli.editing.semver import Step
from modelreg_cli.editing.values import from_file
from modelreg_cli.errors import ModelregError

_Words = Annotated[
    list[str],
    typer.Argument(
        help="The model; its new version, or none with a step; then field=value of it.", metavar="MODEL [VERSION] [FIELD=VALUE]..."
    ),
]
_Base = Annotated[str | None, typer.Option("--from", help="The version it follows (else the default one).", metavar="VERSION")]
_Released = Annotated[str | None, typer.Option(help="The day it can first be had (else today).", metavar="DATE")]
_Changelog = Annotated[str | None, typer.Option(help="What is new; @FILE takes it from a file.", metavar="TEXT")]
_Default = Annotated[bool, typer.Option("--default/--no-default", help="Make it what a ref without a version means.")]
_As = Annotated[str | None, typer.Option("--as", help="A new model that was made from it, publisher/model.", metavar="MODEL")]
_Relation = Annotated[
    Literal["finetune", "adapter", "merge", "quantized", "distill", "continued"], typer.Option(help="With --as: how that one was made.")
]
_Name = Annotated[str | None, typer.Option(help="With --as: its name for people.", metavar="TEXT")]
_Anyway = Annotated[bool, typer.Option("--anyway", help="Take a smaller step than the change asks for, or a licence that forbids it.")]


def release(
    words: _Words,
    major: Annotated[bool, typer.Option("--major", help="Another architecture or vocabulary.")] = False,
    minor: Annotated[bool, typer.Option("--minor", help="Tuning, or a new capability.")] = False,
    patch: Annotated[bool, typer.Option("--patch", help="A fix.")] = False,
    base: _Base = None,
    released: _Released = None,
    changelog: _Changelog = None,
    default: _Default = False,
    as_model: _As = None,
    relation: _Relation = "finetune",
    name: _Name = None,
    anyway: _Anyway = False,
    reason: Reason = "",
    root: Root = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the file of a new version from the default one, or with --as a new model with its lineage.

    major: another architecture or vocabulary; minor: tuning or a new capability; patch: fixes. What is taken over, and what is not, is
    told in docs/editing.md.
    """
    top = top_of(root)
    wish = _wish(words[1:], [("major", major), ("minor", minor), ("patch", patch)], released, changelog, anyway, default)
    model, _, version = ref_of(top, words[0]).partition("#")[0].partition("@")
    if as_model is None and (relation != "finetune" or name):
        raise ModelregError("--relation and --name belong to --as", "they say how a new model was made, and what it is called")
    if as_model and wish.step:
        raise ModelregError(
            f"--{wish.step} is a step of one model, and --as makes another", "its first version is 1.0.0, or the one you name"
        )
    files, catalog = Files(top, reason), read(top)
    protected = protected_tags(Folder(top))
    chosen = base_of(files, catalog, model, base or version or None)
    if as_model:
        done = made_from(files, catalog, f"{model}@{chosen}", as_model, relation, name, wish, protected)
    else:
        done = next_version(files, catalog, model, chosen, wish, protected)
    finish(files, done.notes, dry_run=dry_run, as_json=as_json, quiet=quiet, catalog=catalog, ref=done.ref, step=done.step)


def _wish(
    words: list[str], flags: list[tuple[Step, bool]], released: str | None, changelog: str | None, anyway: bool, default: bool
) -> Wish:
    steps = [step for step, given in flags if given]
    names = [word for word in words if not is_assignment(word)]
    if len(steps) > 1 or len(names) > 1 or (steps and names):
        told = " and ".join([*(f"--{step}" for step in steps), *names])
        raise ModelregError(f"{told} are more than one version", "name the version, or one step")
    return Wish(
        names[0] if names else None,
        steps[0] if steps else None,
        released or datetime.now(UTC).date().isoformat(),
        from_file("--changelog", changelog) if changelog else None,
        anyway,
        default,
        tuple(assignment(word) for word in words if is_assignment(word)),
    )
