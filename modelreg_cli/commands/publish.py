"""modelreg publish"""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from modelreg_cli import __version__
from modelreg_cli.catalog import document
from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.catalog.tree import Commit, commit_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.forms.all_forms import NONE, USUAL, all_forms, forms_of, make
from modelreg_cli.forms.made import Source
from modelreg_cli.forms.postgres import Database, database_of, is_database, load
from modelreg_cli.http import Deadline
from modelreg_cli.index.build import build, counts_of
from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.lock import work_folder
from modelreg_cli.query.opened import open_index
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Way
from modelreg_cli.release.envelope import PRINCIPAL
from modelreg_cli.release.manifest import catalog_id
from modelreg_cli.release.publish import Published, State, Wish
from modelreg_cli.release.publish import publish as publish_state
from modelreg_cli.release.within import within
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured
from modelreg_cli.signing import public_key


def publish(
    channels: Annotated[
        list[str], typer.Argument(help="Where to publish: a folder, or an address as docs/publish.md tells.", metavar="CHANNEL...")
    ],
    key: Annotated[list[Path] | None, typer.Option(help="SSH key to sign with; several. A database takes none.", metavar="FILE")] = None,
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
    allow_older: Annotated[
        bool, typer.Option("--allow-older", help="Load a commit into a database that does not build on the one there.")
    ] = False,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was published, as JSON.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the digest of the manifest (of a database: the commit), and nothing else.")
    ] = False,
) -> None:
    """Publish the compiled index of a commit, signed, where others pull it from.

    What is published twice is published once. Readers see the old state or the new one, and never a mix.
    """
    databases = {one: database_of(one) for one in channels if is_database(one)}
    signed = len(databases) < len(channels)
    wanted, top = forms_of(forms) if signed else (), top_of(root, at)
    commit, wish = commit_of(top, at), _wish(key or [], next_key or [], timedelta(days=fresh), keep, signed)
    talk = _nobody if quiet else functools.partial(print, file=sys.stderr)
    with work_folder() as folder:
        state = _state(commit, folder / "index.db", quiet)
        with _opened(state, top, talk) as source:
            state = replace(state, forms=tuple(make(wanted, source, state.counts, folder / "forms")))
            done = [
                _loaded(databases[one], source, allow_older, Deadline(deadline))
                if one in databases
                else _value(one, publish_state(channel_of(one, Way(Deadline(deadline), talk)), state, wish, talk))
                for one in channels
            ]
    sys.stdout.write(structured(done, "json") if as_json else "".join(f"{_words(one, quiet)}\n" for one in done))


def _nobody(_words: str) -> None:
    pass


def _wish(keys: list[Path], next_keys: list[Path], fresh: timedelta, keep: int, signed: bool) -> Wish:
    """How to publish.

    Raises:
        ModelregError: what is published has to be signed, and no key was named.
    """
    if signed and not keys:
        raise ModelregError("what is published on a channel is signed, and no key was named", "such as --key ~/.ssh/id_ed25519")
    signers = tuple(f"{PRINCIPAL} {_line(one)}" for one in [*keys, *next_keys])
    return Wish(tuple(keys), signers, fresh, keep, datetime.now(UTC))


def _loaded(database: Database, source: Source, older: bool, deadline: Deadline) -> dict[str, Any]:
    """Loads the tables into a database; what came of it."""
    found = within(deadline, database.shown, lambda: load(database, source, older, deadline.left()))
    told = {"channel": database.shown, "catalog": source.catalog, "commit": source.commit}
    return {**told, "new": found.new, "rows": found.rows}


def _words(one: dict[str, Any], quiet: bool) -> str:
    """What came of one channel, or one database."""
    mark = one["manifest"] if "manifest" in one else one["commit"]
    if quiet:
        return str(mark)
    if "manifest" in one:
        return f"{one['channel']}: state {one['sequence']} {'published' if one['new'] else 'is there already'}, manifest {mark}"
    rows = f", {one['rows']:,} rows" if one["rows"] else ""
    return f"{one['channel']}: commit {mark[:8]} {'loaded' if one['new'] else 'is there already'}{rows}"


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


@contextlib.contextmanager
def _opened(state: State, top: Path, talk: Callable[[str], None]) -> Iterator[Source]:
    """The index of a state, as the source of its forms."""
    index = open_index(str(state.index), shared=True)
    with contextlib.closing(index.connection):
        yield Source(index, state.catalog, state.commit, state.tree, str(top), talk)


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


def _value(address: str, one: Published) -> dict[str, Any]:
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
