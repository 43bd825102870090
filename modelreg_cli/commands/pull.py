"""modelreg pull"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from modelreg_cli.commands.paths import keys_of
from modelreg_cli.config import config
from modelreg_cli.dates import told
from modelreg_cli.errors import ModelregError, Unavailable, listed
from modelreg_cli.http import Deadline
from modelreg_cli.index.held import Held, all_held, damaged, held
from modelreg_cli.index.states import State, state_at, states_of
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Channel, Way
from modelreg_cli.release.manifest import SKEW, Manifest, moment_of
from modelreg_cli.release.past import bring, note, note_all
from modelreg_cli.release.pull import Progress, Pulled, Wish
from modelreg_cli.release.pull import pull as pull_state
from modelreg_cli.render.progress import bar
from modelreg_cli.render.structured import structured


def pull(
    channel: Annotated[
        str | None,
        typer.Argument(help="Where to pull from, or a name in config.toml (default: as that says, or as last time).", metavar="[CHANNEL]"),
    ] = None,
    catalog: Annotated[str, typer.Option(help="Name of the catalog, where several are pulled.", metavar="NAME")] = "",
    trust: Annotated[Path | None, typer.Option(help="Keys that may have signed, as OpenSSH's allowed_signers.", metavar="FILE")] = None,
    locked: Annotated[str, typer.Option(help="The digest that the manifest must have.", metavar="DIGEST")] = "",
    at: Annotated[
        str,
        typer.Option(help="Bring the state of a commit or date as well, beside the newest: for --at of questions.", metavar="DATE|COMMIT"),
    ] = "",
    history: Annotated[int, typer.Option(help="Bring as many states before the newest as well.", metavar="N", min=0)] = 0,
    allow_older: Annotated[bool, typer.Option("--allow-older", help="Take a state that is older than the one held.")] = False,
    deadline: Annotated[float, typer.Option(help="Seconds that the channel has.", metavar="SECONDS", min=1)] = 600.0,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Ask a web site over http; what it gives is verified all the same.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was pulled, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the path of the index, and nothing else.")] = False,
) -> None:
    """Bring a published index here, so that every question is answered offline.

    Keys are pinned at the first pull; from then on nothing that they did not sign is used, and nothing older than what is held.
    The exit code is 3 where the newest state was to be replaced by now; it is used all the same.
    """
    source = _source(channel, catalog)
    trusted = keys_of(trust or Path(source.trust)) if trust or source.trust else ()
    way = Way(Deadline(deadline), (lambda words: None) if quiet else (lambda words: print(words, file=sys.stderr)), allow_http)
    now = datetime.now(UTC)
    wish = Wish(source.catalog, trusted, locked, allow_older, patience=deadline)
    with bar("pulling", "bytes", shown=not quiet) as progress:
        done = pull_state(found := channel_of(source.channel, way), wish, now, progress)
        older = _older(found, done.manifest, at, history, progress)
    manifest = done.manifest
    for line in () if quiet else done.pinned:
        print(f"{manifest.catalog}: trusted from now on: {line}", file=sys.stderr)
    if as_json:
        answer = {"catalog": manifest.catalog, "sequence": manifest.sequence, "manifest": manifest.digest(), "commit": manifest.commit}
        sys.stdout.write(structured({**answer, "path": str(done.path), "new": done.new, "received": done.received, "older": older}, "json"))
    elif quiet:
        sys.stdout.write(f"{done.path}\n")
    else:
        _say(done, older)
    _told_age(done, now, quiet)


def _say(done: Pulled, older: list[dict[str, object]]) -> None:
    manifest = done.manifest
    word = f"pulled, {done.received:,} bytes" if done.new else "is held already"
    counts = ", ".join(f"{count:,} {name}s" for name, count in manifest.counts.items())
    sys.stdout.write(f"{manifest.catalog}: state {manifest.sequence} of {manifest.made[:10]} {word} ({counts})\n")
    for one in older:
        sys.stdout.write(f"{manifest.catalog}: state {one['sequence']} of {one['made']} is held beside it\n")


def _older(channel: Channel, newest: Manifest, at: str, history: int, progress: Progress | None) -> list[dict[str, object]]:
    """Brings the older states that were asked for; which ones there are is noted in any case.

    Raises:
        Unavailable: the channel has one of them no more.
    """
    if not at and not history:
        note(channel, newest)
        return []
    end = note_all(channel, newest)
    known = states_of(newest.catalog)
    wanted = [state for state in known if newest.sequence - history <= state.sequence < newest.sequence]
    if at and (one := _meant(newest.catalog, at, end)) not in wanted and one.sequence != newest.sequence:
        wanted.insert(0, one)
    return [
        {"sequence": one.sequence, "made": told(one.made), "commit": one.commit, "path": str(bring(channel, newest.catalog, one, progress))}
        for one in wanted
    ]


def _meant(catalog: str, at: str, end: str) -> State:
    try:
        return state_at(catalog, at)
    except Unavailable as error:
        raise Unavailable(f"{error.message} ({end})" if end else error.message, "the channel keeps the last states only") from None


def _told_age(done: Pulled, now: datetime, quiet: bool) -> None:
    """Says what the clock here makes of a state: its sequence alone decides whether it is used.

    Raises:
        Unavailable: it was to be replaced by now.
    """
    manifest = done.manifest
    if moment_of(manifest.made) > now + SKEW and not quiet:
        print(
            f"note: state {manifest.sequence} was made on {manifest.made[:10]}, says its publisher: one of the clocks is wrong",
            file=sys.stderr,
        )
    if done.late:
        days = (now - moment_of(manifest.expires)).days
        raise Unavailable(
            f"{manifest.catalog}: nothing newer is there, and state {manifest.sequence} was to be replaced by {manifest.expires[:10]}, "
            f"{days} {'day' if days == 1 else 'days'} ago; it is in use",
            "its publisher has stopped, or somebody keeps newer ones back: ask them; a wrong clock here looks the same",
        )


class _Source(NamedTuple):
    channel: str
    trust: str = ""
    catalog: str = ""


def _source(channel: str | None, catalog: str) -> _Source:
    """Where to pull from: as it was typed, as config.toml says, as it was last time.

    Raises:
        ModelregError: nobody says.
    """
    mine = config()
    name = channel if channel in mine.catalogs else "" if channel else catalog or mine.catalog
    if name in mine.catalogs:
        return _Source(*mine.catalogs[name], catalog or name)
    if channel:
        return _Source(channel, catalog=catalog)
    known = _known(name)
    return _Source(known.address, catalog=known.catalog)


def _known(catalog: str) -> Held:
    """The catalog that was pulled before.

    Raises:
        ModelregError: none was, or several.
    """
    if catalog:
        found = held(catalog)
        if found is None:
            raise ModelregError(f"{catalog} was not pulled yet", "name its channel: modelreg pull CHANNEL")
        return found
    if hurt := damaged():
        raise ModelregError(f"where {listed(hurt, 'and')} came from is not known any more", "name its channel: modelreg pull CHANNEL")
    there = all_held()
    if len(there) != 1:
        names = f"these were pulled: {listed([one.catalog for one in there], 'and')}; name one with --catalog" if there else ""
        raise ModelregError("where to pull from is not known", names or "name a channel: modelreg pull CHANNEL")
    return there[0]
