"""modelreg adopt"""

from typing import Annotated

import typer

from modelreg_cli.catalog.layers import Layered, over
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.commands.edited import DryRun, Json, Quiet, Root, finish, target_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.editing import adopt as adopting
from modelreg_cli.editing.files import Files
from modelreg_cli.errors import Refused


def adopt(
    refs: Annotated[list[str], typer.Argument(help="Versions of the catalog underneath (a model: its default version).", metavar="REF...")],
    root: Root = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Copy versions from the catalog underneath into this one, where the gate can judge them.

    A copy stays as it is when the catalog underneath moves on. See docs/overlays.md.
    """
    top = top_of(root)
    tree = over(Folder(top))
    if not isinstance(tree, Layered):
        raise Refused("this catalog extends none", "`modelreg upstream --update CHANNEL` lays it over the newest state of one")
    files = Files(top)
    for ref in refs:
        adopting.adopt(files, tree, target_of(top, ref).version)
    finish(files, [], dry_run=dry_run, as_json=as_json, quiet=quiet)
