"""modelreg publish"""

import contextlib
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from modelreg_cli import __version__
from modelreg_cli.catalog import document
from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.catalog.tree import Commit, commit_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.forms.all_forms import NONE, USUAL, all_forms, forms_of, make
from modelreg_cli.forms.made import Source
from modelreg_cli.http import Deadline
from modelreg_cli.index.build import build, counts_of
from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.query.opened import open_index
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Way
from modelreg_cli.release.envelope import PRINCIPAL
from modelreg_cli.release.manifest import catalog_id
from modelreg_cli.release.publish import Published, State, Wish
from modelreg_cli.release.publish import publish as publish_state
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured
from modelreg_cli.signing import public_key


def publish(
    channels: Annotated[
        list[str], typer.Argument(help="Where to publish: a folder, or an address as docs/publish.md tells.", metavar="CHANNEL...")
    ],
    key: Annotated[list[Path], typer.Option(help="SSH key to sign with; several.", metavar="FILE")],
    at: Annotated[str, typer.Option(help="The commit, tag or branch to publish.", metavar="REV")] = "HEAD",
    next_key: Annotated[
        list[Path] | None, typer.Option("--next-key", help="Key that may sign the next state as well (rotation).", metavar="FILE")
    ] = None,
    fresh: Annotated[int, typer.Option(help="Days until readers are told that it is old.", metavar="DAYS", min=1)] = 30,
    keep: Annotated[int, typer.Option(help="States to keep on the channel.", metavar="N", min=1)] = 10,
    forms: Annotated[
        str,
        typer.Option(help=f"What else it is published as: {', '.join(all_forms)}, with commas between them, or {NONE}.", metavar="NAMES"),
    ] = ",".join(USUAL),
    deadline: Annotated[float, typer.Option(help="Seconds that each channel has.", metavar="SECONDS", min=1)] = 600.0,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was published, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the digest of the manifest, and nothing else.")] = False,
) -> None:
    """Publish the compiled index of a commit, signed, where others pull it from.

    What is published twice is published once. Readers see the old state or the new one, and never a mix.
    """
    top, wanted = top_of(root, at), forms_of(forms)
    commit = commit_of(top, at)
    signers = tuple(f"{PRINCIPAL} {_line(one)}" for one in [*key, *(next_key or [])])
    wish = Wish(tuple(key), signers, timedelta(days=fresh), keep, datetime.now(UTC))

    def talk(words: str) -> None:
        if not quiet:
            print(words, file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
        state = _with_forms(_state(commit, Path(folder) / "index.db", quiet), wanted, top, Path(folder) / "forms", talk)
        done = [(address, publish_state(channel_of(address, Way(Deadline(deadline), talk)), state, wish, talk)) for address in channels]
    sys.stdout.write(structured([_value(address, one) for address, one in done], "json") if as_json else _words(done, quiet))


def _words(done: list[tuple[str, Published]], quiet: bool) -> str:
    lines = []
    for address, one in done:
        told = f"{address}: state {one.manifest.sequence} {'published' if one.new else 'is there already'}, manifest "
        lines.append(f"{'' if quiet else told}{one.manifest.digest()}\n")
    return "".join(lines)


def _state(commit: Commit, target: Path, quiet: bool) -> State:
    """The canonical index of a commit.

    Raises:
        Refused: it has errors.
    """
    with bar("building index", "files", shown=not quiet) as progress:
        built = build(commit, target, progress)
    if built.left_out:
        raise Refused(f"{len(built.left_out)} files have errors, so nothing was published", "`modelreg validate` tells them")
    found = dict(commit.read(["catalog/catalog.yaml"]))
    told = document.load(found["catalog/catalog.yaml"])
    return State(
        catalog=catalog_id(str(told["name"])),
        index=target,
        commit=commit.commit,
        tree=commit.id(),
        program=__version__,
        schema_version=SCHEMA_VERSION,
        logical_digest=built.digest,
        counts=counts_of(target),
        protected=tuple(sorted(protected_tags(commit))),
    )


def _with_forms(state: State, wanted: tuple[str, ...], top: Path, folder: Path, talk: Callable[[str], None]) -> State:
    """The state with what else it is published as."""
    index = open_index(str(state.index))
    with contextlib.closing(index.connection):
        source = Source(index, state.catalog, state.commit, state.tree, str(top), talk)
        return replace(state, forms=tuple(make(wanted, source, state.counts, folder)))


def _line(key: Path) -> str:
    """The public half of a key, as allowed_signers has it.

    Raises:
        ModelregError: there is no such key.
    """
    blob = public_key(key.expanduser())
    kinds = {"AAAAC3NzaC1lZDI1NTE5": "ssh-ed25519", "AAAAB3NzaC1yc2E": "ssh-rsa", "AAAAE2VjZHNh": "ecdsa-sha2-nistp256"}
    for start, kind in kinds.items():
        if blob.startswith(start):
            return f"{kind} {blob}"
    raise ModelregError(f"{key} is of a kind that is not known", "Ed25519 is the usual one: ssh-keygen -t ed25519")


def _value(address: str, one: Published) -> dict[str, object]:
    manifest = one.manifest
    return {
        "channel": address,
        "catalog": manifest.catalog,
        "sequence": manifest.sequence,
        "manifest": manifest.digest(),
        "commit": manifest.commit,
        "new": one.new,
        "sent": one.sent,
    }
