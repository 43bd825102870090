"""A dataset repository of the Hugging Face hub as a channel: one commit for each state.

It is made only where the branch is still at the commit that was read. Reading takes a commit of the branch and stays with it. https://huggingface.co/docs/hub/api
"""

import hashlib
import importlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Client, HttpError
from modelreg_cli.release.channel import LATEST, Latest, Moved, Way
from modelreg_cli.release.pieces import pieces, settled
from modelreg_cli.release.within import within

_ADDRESS = re.compile(r"hf://datasets/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w./-]*))?/?\Z", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
#: The most bytes of an envelope.
_MOST = 1 << 20
Found = TypeVar("Found")


class Listed(NamedTuple):
    """A file of a commit; `digest` is `sha256:...` of its bytes where it is a large one, else `git:...`, the name of its blob."""

    bytes: int
    digest: str


class HubChannel:
    """One dataset repository; HF_TOKEN is needed to write, and to read a private one. HF_ENDPOINT names another hub."""

    paths = False

    def __init__(self, address: str, way: Way) -> None:
        parts = _ADDRESS.match(address)
        if not parts:
            raise ModelregError(
                f"{address.partition('?')[0]} names no dataset of the hub", "write hf://datasets/org/name, or hf://datasets/org/name@branch"
            )
        self.address, self._way = address.rstrip("/"), way
        self._name, self._branch = parts[1], parts[2] or "main"
        self._endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        token = os.environ.get("HF_TOKEN", "")
        secret = {"authorization": f"Bearer {token}"} if token else None
        self._client = Client(way.deadline, base=self._endpoint, secret=secret, talk=way.talk)
        self._commit = ""
        self._files: dict[str, Listed] = {}
        self._coming: dict[str, tuple[Listed, Any]] = {}
        self._writer: Any = None

    def latest(self) -> Latest | None:
        """The newest envelope; its mark is the commit, which all files are read of from now on."""
        branch = quote(self._branch, safe="")
        told = self._asked(lambda: self._client.get_json(f"api/datasets/{self._name}/revision/{branch}"))
        commit = told.get("sha") if isinstance(told, dict) else None
        if not isinstance(commit, str) or not _COMMIT.match(commit):
            raise Unavailable(f"the hub names no commit of {self._name}", "is HF_ENDPOINT a hub?")
        self._files, self._commit, self._coming = self._listed(commit), commit, {}
        if LATEST not in self._files:
            return None
        found = self._asked(lambda: self._client.request("GET", self._where(LATEST), limit=_MOST))
        return Latest(found.body, commit)

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Makes one commit of every file that was put, and the envelope, on top of the one that was read."""
        if not self._commit and self.latest() and before is None:
            raise Moved(self.address)
        parent = before.mark if before else self._commit
        writer = self._writing()
        added = [one for _listed, one in self._coming.values()]
        made = self._within(lambda: writer.commit([*added, writer.added(LATEST, raw)], parent, "Publish a state"))
        if made is None:
            now = self.latest()
            if now is None or now.raw != raw:  # else it was done, and only the answer was lost
                if self._commit == parent:
                    raise Unavailable(f"{self.address} takes no commit", "may HF_TOKEN write there, and not only open pull requests?")
                raise Moved(self.address)
            return
        self._commit = made
        self._files |= {LATEST: Listed(len(raw), _blob(raw)), **{name: listed for name, (listed, _one) in self._coming.items()}}
        self._coming = {}

    def has(self, name: str) -> int | None:
        """Bytes of a file."""
        self._pinned()
        found = self._files.get(name)
        return found.bytes if found else None

    def put(self, name: str, source: Path) -> None:
        """Sends a file; it is there from the next swap on."""
        self._pinned()
        raw = source.read_bytes()
        sha = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        if name not in self._files or self._files[name].digest not in (sha, _blob(raw)):
            writer = self._writing()
            self._coming[name] = Listed(len(raw), sha), self._within(lambda: writer.added(name, raw))

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file; large ones lie with another host, which is told no token."""
        self._pinned()
        if name not in self._files:
            raise Unavailable(f"{self.address} has no {name}", "its publisher has to publish it again")
        yield from pieces(self._client, self._asked(lambda: settled(self._client, self._where(name))), start)

    def names(self, prefix: str) -> list[str]:
        """Names that begin so."""
        self._pinned()
        return sorted(name for name in self._files if name.startswith(prefix))

    def remove(self, *names: str) -> None:
        """Takes files away, in one commit; the history of the repository keeps them."""
        self._pinned()
        there = [name for name in names if name in self._files]
        if there:
            writer, parent = self._writing(), self._commit
            made = self._within(lambda: writer.commit([writer.removed(name) for name in there], parent, "Take older states away"))
            if made is None:
                raise Moved(self.address)
            self._commit = made
            self._files = {name: listed for name, listed in self._files.items() if name not in there}

    def _pinned(self) -> None:
        if not self._commit:
            self.latest()

    def _where(self, name: str) -> str:
        return f"datasets/{self._name}/resolve/{self._commit}/{quote(name)}"

    def _listed(self, commit: str) -> dict[str, Listed]:
        path = f"api/datasets/{self._name}/tree/{commit}"
        try:
            pages = self._asked(lambda: list(self._client.pages(path, params={"recursive": "true"})))
            return {one["path"]: _of(one) for page in pages for one in page if one["type"] == "file"}
        except (KeyError, TypeError):
            raise Unavailable(f"what the hub says of {self._name} is not understood", "is HF_ENDPOINT a hub?") from None

    def _writing(self) -> Any:
        """The hub's own client; it waits and tries again by itself, as long as it likes: the clock is ours."""
        if self._writer is None:
            if not os.environ.get("HF_TOKEN"):
                raise ModelregError(f"{self.address} is written with a token only", "set HF_TOKEN, of a user who may write to that dataset")
            try:
                module = importlib.import_module("modelreg_cli.release.huggingface_commit")  # an extra, and slow to load
            except ImportError:
                raise ModelregError("the client of the Hugging Face hub is not installed", "pip install 'modelreg[hf]'") from None
            self._writer = module.Writer(self._endpoint, self._name, self._branch, self._way)
        return self._writer

    def _within(self, call: Callable[[], Found]) -> Found:
        return within(self._way.deadline, self.address, call)

    def _asked(self, ask: Callable[[], Found]) -> Found:
        try:
            return ask()
        except HttpError as error:
            code, words = (error.answer.headers.get(name, "") for name in ("x-error-code", "x-error-message"))
            if code == "GatedRepo":
                hint = "HF_TOKEN must be of somebody who agreed to its terms"
                raise Unavailable(f"the dataset {self._name} is gated", hint) from None
            if code == "RevisionNotFound":
                raise Unavailable(f"the dataset {self._name} has no branch {self._branch}", "make it on the hub first") from None
            # to whom may not see a repository, and to whom nobody knows, the hub says the same
            if code == "RepoNotFound" or (error.status == 401 and "Invalid credentials" not in words):
                hint = "make it on the hub first; capitals count, and a private one needs HF_TOKEN"
                raise Unavailable(f"the hub has no dataset {self._name}, or it is not for you to see", hint) from None
            raise


def _of(told: dict[str, Any]) -> Listed:
    large = told.get("lfs")
    return Listed(int(told["size"]), f"sha256:{large['oid']}" if large else f"git:{told['oid']}")


def _blob(raw: bytes) -> str:
    header = b"blob %d\0" % len(raw)
    return f"git:{hashlib.sha1(header + raw, usedforsecurity=False).hexdigest()}"
