"""Where pull requests are judged: the forge and the repository that a command was told of, or that its pipeline knows."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.commands.asked_forge import address_of_repository
from modelreg_cli.errors import ModelregError
from modelreg_cli.forge.address import address_of
from modelreg_cli.forge.all_forges import reviews_of
from modelreg_cli.gate.judge import Court, Judged
from modelreg_cli.gate.report import record
from modelreg_cli.git import repository
from modelreg_cli.git.bare import Remote, bare
from modelreg_cli.git.work import remotes
from modelreg_cli.http import Deadline


class Place(NamedTuple):
    """A clone that has objects already, the address or the remote's name, the kind of forge, the catalog's folder."""

    here: Path
    remote: str | None
    forge: str | None
    folder: str


class Records(NamedTuple):
    """That verdicts are kept on a branch of the remote, and the key that signs them."""

    key: Path | None


@contextmanager
def court(place: Place, deadline: Deadline, today: date, named: str = "", records: Records | None = None) -> Iterator[Court]:
    """A court that ends with the block; `named` is the owner/name that an event has of the repository.

    Raises:
        ModelregError: where the repository is is not known, or the event is about another one.
    """
    source = repository(place.here)
    address = address_of_repository(place.remote, remotes(source) if source else {})
    found = reviews_of(address, place.forge, os.environ, deadline, lambda words: print(words, file=sys.stderr))
    told = address_of(address)
    if named and told and told.name.lower() != named.lower():
        raise ModelregError(f"the event is about {named[:200]!r}, and the repository is {told.name}", "name the right one with --remote")
    with bare(source) as inside:
        there = Remote(inside, address, deadline.left, found.token)

        def keep(judged: Judged) -> None:
            if records:
                record(inside, there, judged, today.isoformat(), records.key)

        yield Court(inside, there, found.reviews, found.kind, today, place.folder, keep if records else None)


def page_of(environment: Mapping[str, str], forge: str) -> str:
    """The page of the pipeline that runs this, where it tells it."""
    if job := environment.get("CI_JOB_URL"):
        return job
    # Forgejo and Gitea call their pages by the number of the run
    run = environment.get("GITHUB_RUN_NUMBER" if forge == "forgejo" else "GITHUB_RUN_ID")
    server, name = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    return f"{server}/{name}/actions/runs/{run}" if server and name and run else ""
