"""The hub's dataset repositories on this machine, as its own client asks them: commits, large files, and a storage of their own."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers import Exchange, Server, ranged, serving

TOKEN = "hf_s3cret"
API = "/api/datasets/acme/models"
FIRST = "1" * 40
_PAGE = 2


@dataclass
class Fake:
    """One dataset. `commits`: files by commit, each a large one or not, and its bytes; `sent`: large ones by their sha256."""

    url: str = ""
    storage: Server | None = None
    private: bool = False
    gated: bool = False
    readers: tuple[str, ...] = ()
    branches: dict[str, str] = field(default_factory=lambda: {"main": FIRST})
    commits: dict[str, dict[str, tuple[bool, bytes]]] = field(default_factory=lambda: {FIRST: {".gitattributes": (False, b"x")}})
    sent: dict[str, bytes] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    seen: list[Exchange] = field(default_factory=list)
    trouble: Callable[[Exchange], bool] = lambda _asked: False
    stored: Callable[[bytes], bytes] = lambda raw: raw
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Exchange) -> None:
        """As the hub answers: what one may not see is not there."""
        self.seen.append(asked)
        if self.trouble(asked):
            return
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        path = unquote(urlsplit(asked.path).path)
        if token not in ("", TOKEN, *self.readers):
            _no(asked, 401, "", "Invalid credentials in Authorization header")
        elif not re.match(r"(/api)?/datasets/acme/models(\.git)?/", path) or (self.private and not token):
            _no(asked, 404 if token else 401, "RepoNotFound", "Repository not found")
        elif asked.method != "GET" and token != TOKEN:
            _no(asked, 403, "", "you must use a write token")
        else:
            with self.lock:
                self._answered(asked, path)

    def _answered(self, asked: Exchange, path: str) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        what, _, rest = path.removeprefix(API).strip("/").partition("/")
        file = re.fullmatch(r"/datasets/acme/models/resolve/([0-9a-f]{40})/(.+)", path)
        if file:
            self._file(asked, file[1], file[2])
        elif path.endswith(".git/info/lfs/objects/batch"):
            self._batch(asked)
        elif what == "tree":
            self._tree(asked, rest, int(query.get("cursor", "0")))
        elif rest not in self.branches:
            _no(asked, 404, "RevisionNotFound", "Invalid rev id")
        elif what == "revision":
            _say(asked, {"id": "acme/models", "sha": self.branches[rest], "tags": [], "siblings": []})
        elif what == "preupload":
            told = json.loads(asked.body)
            assert told["gitIgnore"] == ""
            files = [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if one["path"].endswith(".zst") else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for one in told["files"]
            ]
            _say(asked, {"files": files})
        else:
            self._commit(asked, rest)

    def _file(self, asked: Exchange, commit: str, name: str) -> None:
        found = self.commits.get(commit, {}).get(name)
        if self.gated:
            _no(asked, 403, "GatedRepo", "Access to it is restricted")
        elif found is None:
            _no(asked, 404, "EntryNotFound", "Entry not found")
        elif found[0]:
            assert self.storage
            asked.answer(302, location=f"{self.storage.url}/{hashlib.sha256(found[1]).hexdigest()}?signature=hush")
        else:
            ranged(asked, found[1])

    def _tree(self, asked: Exchange, commit: str, start: int) -> None:
        found: list[dict[str, Any]] = [{"type": "directory", "path": "files", "oid": "0" * 40, "size": 0}]
        for path, (large, raw) in sorted(self.commits[commit].items()):
            blob = hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()
            lfs = {"lfs": {"oid": hashlib.sha256(raw).hexdigest(), "size": len(raw), "pointerSize": 130}} if large else {}
            found.append({"type": "file", "path": path, "oid": blob, "size": len(raw), **lfs})
        onward = f'<{self.url}{API}/tree/{commit}?recursive=true&cursor={start + _PAGE}>; rel="next"'
        asked.answer(
            200, json.dumps(found[start : start + _PAGE]).encode(), **({"link": onward} if start + _PAGE < len(found) else {})
        )  # fmt: skip

    def _batch(self, asked: Exchange) -> None:
        """What is there already needs no way to it."""
        told = []
        for one in json.loads(asked.body)["objects"]:
            assert self.storage
            upload = {"actions": {"upload": {"href": f"{self.storage.url}/{one['oid']}?signature=hush"}}}
            told.append({**one, **({} if one["oid"] in self.sent else upload)})
        _say(asked, {"transfer": "basic", "objects": told})

    def _commit(self, asked: Exchange, branch: str) -> None:
        header, *lines = [json.loads(line) for line in asked.body.splitlines()]
        parent = self.branches[branch]
        if header["value"].get("parentCommit", parent) != parent:
            _no(asked, 412, "", "A commit has happened since. Please refresh and try again.")
            return
        files = dict(self.commits[parent])
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "file":
                    files[value["path"]] = False, base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = True, self.sent[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        commit = hashlib.sha1(parent.encode() + asked.body).hexdigest()
        self.branches[branch], self.commits[commit] = commit, files
        self.words.append(header["value"]["summary"])
        _say(asked, {"commitUrl": f"{self.url}/datasets/acme/models/commit/{commit}", "commitOid": commit, "success": True})

    def give(self, asked: Exchange) -> None:
        """The storage: whoever has the signed address may read and write, and nobody shows a token there."""
        assert "authorization" not in asked.headers and asked.path.endswith("?signature=hush")
        sha = asked.path.strip("/").partition("?")[0]
        if self.trouble(asked):
            return
        if asked.method == "PUT":
            assert hashlib.sha256(asked.body).hexdigest() == sha
            self.sent[sha] = asked.body
            asked.answer(200)
        else:
            ranged(asked, self.stored(self.sent[sha]))


def _say(asked: Exchange, value: Any) -> None:
    asked.answer(200, json.dumps(value).encode(), content_type="application/json")


def _no(asked: Exchange, status: int, code: str, words: str) -> None:
    told = {"x_error_code": code} if code else {}
    asked.answer(status, json.dumps({"error": words}).encode(), x_error_message=words, content_type="application/json", **told)


@contextmanager
def hub() -> Iterator[Fake]:
    """A running one."""
    fake = Fake()
    with serving(fake.answer) as server, serving(fake.give) as storage:
        fake.url, fake.storage = server.url, storage
        yield fake
