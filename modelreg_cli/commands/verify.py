"""modelreg verify"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from modelreg_cli.catalog.tree import commit_of
from modelreg_cli.commands.paths import keys_of, top_of
from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.http import Deadline
from modelreg_cli.index.build import build
from modelreg_cli.index.held import Held, all_held, damaged, held
from modelreg_cli.index.states import FOLDER
from modelreg_cli.lock import work_folder
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Channel, Way
from modelreg_cli.release.envelope import Envelope, opened
from modelreg_cli.release.here import envelope_of, keys_in
from modelreg_cli.release.manifest import Manifest
from modelreg_cli.release.past import why_unchained
from modelreg_cli.release.verify import Check, Known, Rebuild, of_envelope, of_files, of_index, of_use
from modelreg_cli.render.structured import structured
from modelreg_cli.settings import catalogs_home


def verify(
    target: Annotated[
        str | None,
        typer.Argument(
            help="An index beside its manifest.json, or a channel (default: everything that was pulled).", metavar="[FILE|CHANNEL]"
        ),
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(help="Keys that may have signed, in place of those that are pinned.", metavar="FILE")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build the commit again in this checkout, and compare.")] = False,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository, for --rebuild.", metavar="DIR")] = None,
    deadline: Annotated[float, typer.Option(help="Seconds that the channel has.", metavar="SECONDS", min=1)] = 600.0,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Ask a web site over http.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every check, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code tells.")] = False,
) -> None:
    """Check a published index again: signature, sequence, age, the bytes of every file, and what is in them.

    The exit code is 1 where a check does not hold.
    """
    keys = keys_of(trust) if trust else ()
    again = _rebuilding(root) if rebuild else None
    way = Way(Deadline(deadline), lambda words: None if quiet else print(words, file=sys.stderr), allow_http)
    if target and not Path(target).is_file():
        done = [(target, _of_channel(channel_of(target, way), keys, again))]
    else:
        files = [Path(target)] if target else [file for one in all_held() for file in (Path(one.path), *_older(one))]
        done = [(str(file), _of_file(file, keys, again)) for file in files]
        done += [] if target else [(name, [Check("use", False, "it is not known which index is in use")]) for name in damaged()]
    if not done:
        raise ModelregError("nothing was pulled yet", "name an index or a channel: modelreg verify FILE")
    if as_json:
        value = [{"of": of, "holds": not _failed(checks), "checks": [one._asdict() for one in checks]} for of, checks in done]
        sys.stdout.write(structured(value, "json"))
    elif not quiet:
        for of, checks in done:
            sys.stdout.write(f"{of}\n" + "".join(map(_lines_of, checks)))
    failed = [name for _, checks in done for name in _failed(checks)]
    if failed:
        raise Refused(f"not to be trusted as it is: {', '.join(failed)}", "pull again, or ask its publishers")


def _failed(checks: list[Check]) -> list[str]:
    return [one.name for one in checks if one.holds is False]


def _lines_of(check: Check) -> str:
    word = {True: "yes", False: "NO", None: "-"}[check.holds]
    return f"  {word:<3} {check.name}: {check.words}\n" + "".join(f"        {line}\n" for line in check.more)


def _of_file(file: Path, keys: tuple[str, ...], again: Rebuild | None) -> list[Check]:
    envelope = _beside(file)
    if file.absolute().parent.name == FOLDER:
        return _of_older(file.absolute(), envelope.manifest, again)
    trusted = keys or keys_in(file.parent)
    with work_folder() as folder:
        checks = of_envelope(envelope, Known(trusted, 0, datetime.now(UTC)))
        one = held(file.absolute().parent.name)
        checks += [of_use(one, envelope.manifest)] if one and Path(one.path) == file.absolute() else []
        return checks + of_index(file, envelope.manifest, folder, again)


def _older(one: Held) -> list[Path]:
    """The indexes of older states that were brought here."""
    return sorted((Path(one.path).parent / FOLDER).glob("*.db"))


def _of_older(file: Path, manifest: Manifest, again: Rebuild | None) -> list[Check]:
    one = held(file.parents[1].name)
    why = why_unchained(manifest.catalog, manifest, _beside(Path(one.path)).manifest) if one else "no state of its catalog is in use here"
    chain = Check("chain", not why, why or f"state {manifest.sequence} of {manifest.made}, before the one in use")
    with work_folder() as folder:
        return [chain, *of_index(file, manifest, folder, again)]


def _of_channel(channel: Channel, keys: tuple[str, ...], again: Rebuild | None) -> list[Check]:
    latest = channel.latest()
    if latest is None:
        raise Refused(f"nothing was published at {channel.address}", "is it the right address?")
    envelope = opened(latest.raw)
    manifest = envelope.manifest
    before = held(manifest.catalog)
    trusted = keys or keys_in(Path(catalogs_home()) / manifest.catalog)
    checks = of_envelope(envelope, Known(trusted, before.sequence if before else 0, datetime.now(UTC)))
    with work_folder() as folder:
        files, index = of_files(channel, manifest, folder)
        return checks + files + (of_index(index, manifest, folder, again) if index else [])


def _beside(file: Path) -> Envelope:
    """The manifest that lies beside an index, with its name or as manifest.json.

    Raises:
        ModelregError: there is none.
    """
    try:
        mine = envelope_of(file)
        return opened((mine if mine.is_file() else file.with_name("manifest.json")).read_bytes())
    except OSError:
        raise ModelregError(f"there is no manifest.json beside {file}", "name an index that was pulled, or a channel") from None


def _rebuilding(root: Path | None) -> Rebuild:
    top = top_of(root, "HEAD")

    def again(commit: str, target: Path) -> str:
        try:
            found = commit_of(top, commit)
        except Unavailable:
            raise
        except ModelregError as error:
            wanted = f"`git fetch origin {commit}` brings it, where this is the catalog's repository"
            raise ModelregError(f"the commit {commit} is not in {top}", wanted if (top / ".git").exists() else error.hint) from None
        return build(found, target, partial=True).digest

    return again
