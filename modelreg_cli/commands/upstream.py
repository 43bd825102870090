"""modelreg upstream"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from modelreg_cli.catalog.layers import ROOT, extends, over
from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.placed import placed
from modelreg_cli.catalog.tree import Folder, Planned, open_tree
from modelreg_cli.commands.paths import keys_of, top_of
from modelreg_cli.dates import day_of
from modelreg_cli.editing.files import Files
from modelreg_cli.errors import NO, ModelregError
from modelreg_cli.http import Deadline
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Way
from modelreg_cli.release.pull import Wish, pull
from modelreg_cli.release.upstream import Pin, bring, is_here, taken
from modelreg_cli.render import edits
from modelreg_cli.render.findings import findings_text
from modelreg_cli.render.output import Style
from modelreg_cli.render.progress import bar
from modelreg_cli.rules.check import check


def upstream(
    channel: Annotated[
        str | None, typer.Argument(help="Where the catalog underneath is published (default: as `extends` says).", metavar="[CHANNEL]")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Take its newest state, and write that into catalog/catalog.yaml.")] = False,
    at: Annotated[
        str | None, typer.Option(help="Bring the state that this commit names, in place of the files here.", metavar="REV")
    ] = None,
    trust: Annotated[Path | None, typer.Option(help="Keys that may have signed, as OpenSSH's allowed_signers.", metavar="FILE")] = None,
    allow_older: Annotated[bool, typer.Option("--allow-older", help="Take a state that is older than the one held.")] = False,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Ask a web site over http.")] = False,
    deadline: Annotated[float, typer.Option(help="Seconds that the channel has.", metavar="SECONDS", min=1)] = 600.0,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing.")] = False,
) -> None:
    """Bring the published catalog that this one lies over; see docs/overlays.md.

    The state is named in catalog/catalog.yaml by the digest of its manifest, so everybody builds the same.
    """
    if update and at:
        raise ModelregError("--update writes into the files here, and --at names a commit", "leave one of them out")
    top = top_of(root, at)
    named = extends(next((raw for _, raw in open_tree(top, at).read([ROOT])), b""))
    address = channel or (named or {}).get("channel")
    way = Way(Deadline(deadline), (lambda words: None) if quiet else (lambda words: print(words, file=sys.stderr)), allow_http)
    if not update:
        told = _brought(Pin(**named), channel, way, quiet) if named else "this catalog lies over none: --update CHANNEL lays it over one"
        if not quiet:
            print(told, file=sys.stderr)
        return
    if address is None:
        raise ModelregError("where the catalog underneath is published is not known", "modelreg upstream --update CHANNEL")
    wish = Wish((named or {}).get("catalog", "") if channel is None else "", keys_of(trust) if trust else (), "", allow_older)
    with bar("pulling", "bytes", shown=not quiet) as progress:
        pulled = pull(channel_of(address, way), wish, datetime.now(UTC), progress)
    for line in () if quiet else pulled.pinned:
        print(f"{pulled.manifest.catalog}: trusted from now on: {line}", file=sys.stderr)
    files = Files(top)
    files.put(ROOT, {**files.value(ROOT), "extends": taken(pulled, address).value()})
    _write(files, quiet)


def _brought(pin: Pin, channel: str | None, way: Way, quiet: bool) -> str:
    if not is_here(pin):
        with bar("pulling", "bytes", shown=not quiet) as progress:
            bring(channel_of(channel or pin.channel, way), pin, progress)
    return f"state {pin.sequence} of {pin.catalog} is here"


def _write(files: Files, quiet: bool) -> None:
    """Writes the root, where the catalog is valid over what it names then; what it was over before need not be here.

    Raises:
        typer.Exit: it would not be; nothing was written.
    """
    changes = files.changes
    tree = over(Planned(Folder(files.root), files.texts))
    found = [one for one in placed(check(load(tree), day_of(None)), tree) if one.severity == "error"] if changes else []
    sys.stderr.write(findings_text(found, Style().colored))
    if changes and not found:
        files.write()
    if not quiet:
        sys.stdout.write(edits.text(changes))
        print(edits.ending(changes, bool(changes) and not found, bool(found)), file=sys.stderr)
    if found:
        raise typer.Exit(NO)
