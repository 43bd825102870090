"""Where files of weights lie: on this machine, on the Hugging Face hub, or on another server."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from modelreg_cli.catalog.load import Progress
from modelreg_cli.errors import ModelregError
from modelreg_cli.http import Client, Deadline
from modelreg_cli.weights.source import LocalFile, RemoteFile, Source

_HUB = "https://huggingface.co"
_ON_HUB = re.compile(r"/([^/?#]+)/([^/?#]+)/(?:resolve|blob)/([^/?#]+)/([^?#]+)")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_SUM = re.compile(r'"?([0-9a-f]{64})"?\Z')
_MIB = 1024 * 1024
File = dict[str, Any]
Talk = Callable[[str], None]


class Place(NamedTuple):
    """A file, or a folder (its name ends in /): `url` is where it is asked for, `repo`, `revision` and `path` where on the hub."""

    typed: str
    url: str | None
    repo: str | None = None
    revision: str | None = None
    path: str | None = None

    def uri(self, commit: str | None, whole: bool) -> str | None:
        """As an artifact has it: pinned to a commit where one is known; of several files the repository."""
        if self.repo is None:
            return self.url.partition("?")[0] if self.url and self.url.startswith("https://") and not whole else None
        return f"hf://{self.repo}@{commit or self.revision}{'' if whole else f'/{self.path}'}"

    def shown(self, name: str, commit: str | None) -> str:
        """The address of the copy that was read; a file of this machine has its name only."""
        if self.repo is not None:
            return f"{_HUB}/{self.repo}/blob/{commit or self.revision}/{quote(self.path or name)}"
        return self.url.partition("?")[0] if self.url else f"file:{quote(name)}"


def place_of(typed: str) -> Place:
    """What was typed: a path, an address, or hf://owner/repo@revision/file.

    Raises:
        ModelregError: an address that is incomplete.
    """
    endpoint = _endpoint()
    if typed.startswith("hf://"):
        found = re.fullmatch(r"hf://([^/@]+/[^/@]+)@([^/]+)/(.+)", typed)
        if not found:
            raise ModelregError(f"{typed} does not name a file", "write hf://owner/repository@revision/file")
        repo, revision, path = found.groups()
        return Place(typed, f"{endpoint}/{repo}/resolve/{quote(revision, safe='')}/{quote(path)}", repo, revision, path)
    if not typed.startswith(("http://", "https://")):
        return Place(typed, None)
    for hub in (endpoint, _HUB):
        found = _ON_HUB.match(typed.removeprefix(hub)) if typed.startswith(f"{hub}/") else None
        if found:
            owner, name, revision, path = found.groups()
            repo, path = f"{owner}/{name}", unquote(path)
            return Place(typed, f"{hub}/{repo}/resolve/{revision}/{quote(path)}", repo, unquote(revision), path)
    return Place(typed, typed)


def opened(place: Place, deadline: Deadline, talk: Talk) -> tuple[Source, Client | None]:
    """The file, and the client that it is asked for with; HF_TOKEN goes to the hub and nowhere else."""
    if place.url is None:
        return LocalFile(Path(place.typed)), None
    token, secret = os.environ.get("HF_TOKEN"), {}
    if token and place.repo:
        secret = {"authorization": f"Bearer {token}"}
    base = _endpoint() if place.url.startswith(f"{_endpoint()}/") else _HUB
    client = Client(deadline, base=base if place.repo else "", secret=secret, talk=talk)
    return RemoteFile(client, place.url), client


class Told(NamedTuple):
    """Files with size and digest, None where one of them is not told; the commit that a server names."""

    files: list[File] | None
    commit: str | None


def told_files(place: Place, sources: Iterable[Source], client: Client | None, progress: Progress) -> Told:
    """What is known of files without fetching them: those of this machine are read, of others the server's word is taken."""
    if client is None:
        return Told(_hashed([one for one in sources if isinstance(one, LocalFile)], progress), None)
    if place.repo is None:
        return Told(None, None)
    files: list[File] = []
    commits: set[str] = set()
    folder = (place.path or "").rpartition("/")[0]
    complete = True
    for source in sources:
        if not isinstance(source, RemoteFile):
            continue
        headers = client.head(source.url, follow=False).headers
        commits |= {commit for commit in [headers.get("x-repo-commit", "")] if _COMMIT.match(commit)}
        digest = _SUM.match(headers.get("x-linked-etag", ""))
        size = headers.get("x-linked-size", "")
        complete = complete and digest is not None and re.fullmatch(r"[0-9]{1,15}", size) is not None
        if complete and digest:
            files.append({"path": f"{folder}/{source.name}" if folder else source.name, "bytes": int(size), "sha256": digest[1]})
    return Told(files if complete and files else None, commits.pop() if len(commits) == 1 else None)


def _hashed(sources: list[LocalFile], progress: Progress) -> list[File]:
    total, done, files = sum(one.size for one in sources), 0, []
    for one in sources:
        digest = hashlib.sha256()
        with one.path.open("rb") as file:
            while piece := file.read(4 * _MIB):
                digest.update(piece)
                done += len(piece)
                progress(done // _MIB, total // _MIB)
        files.append({"path": one.name, "bytes": one.size, "sha256": digest.hexdigest()})
    return files


def _endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")
