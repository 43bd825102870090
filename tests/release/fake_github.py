"""GitHub on this machine, as far as a channel asks it: refs, trees, commits, one release, and its assets on a storage of their own.

Every request and every answer is held against GitHub's own description (tests/forge/contract.py).
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.forge.contract import Contract
from tests.servers import Exchange, Server, ranged, serving

TOKEN = "s3cret"
PREFIX = "/api/v3/repos/acme/models"
_PAGE = 2


@dataclass
class Fake:
    """One repository. `troubles`: what answers in place of it, by method and path; `stored`: what the storage gives for bytes."""

    url: str = ""
    storage: Server | None = None
    private: bool = False
    empty: bool = False
    immutable: bool = False
    direct: bool = False
    refs: dict[str, str] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    release: bool = False
    assets: dict[int, dict[str, Any]] = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)
    seen: list[Exchange] = field(default_factory=list)
    trouble: Callable[[Exchange], bool] = lambda _asked: False
    stored: Callable[[bytes], bytes] = lambda raw: raw
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Exchange) -> None:
        """As GitHub answers: what one may not see is not there."""
        self.seen.append(asked)
        known = asked.headers.get("authorization")
        if self.trouble(asked):
            return
        if known not in (None, f"Bearer {TOKEN}"):
            self._no(asked, 401, "Bad credentials")
        elif (self.private or asked.method != "GET") and known is None:
            self._no(asked, 404, "Not Found")
        else:
            with self.lock:
                self._answered(asked)

    def _answered(self, asked: Exchange) -> None:
        parts = urlsplit(asked.path)
        if not parts.path.startswith(PREFIX):
            self._no(asked, 404, "Not Found")
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        steps = parts.path.removeprefix(PREFIX).strip("/").split("/")
        match asked.method, steps:
            case "GET", [""]:
                self._say(asked, {"id": 1, "name": "models"})
            case "GET", ["git", "ref", *ref]:
                self._ref(asked, "/".join(ref))
            case "GET", ["contents", path]:
                self._content(asked, path, query["ref"])
            case "GET" | "POST", ["releases", *rest]:
                self._releases(asked, rest, query)
            case "DELETE", ["releases", "assets", number]:
                gone = self.assets.pop(int(number), None)
                asked.answer(204) if gone else self._no(asked, 404, "Not Found")
            case _ if self.empty:
                self._no(asked, 409, "Git Repository is empty.")
            case "POST", ["git", kind] if kind in ("trees", "commits"):
                sha = hashlib.sha1(asked.body).hexdigest()
                self.objects[sha] = json.loads(asked.body)
                self._say(asked, {"sha": sha}, 201)
            case ("POST", ["git", "refs"]) | ("PATCH", ["git", "refs", *_]):
                self._moved(asked, json.loads(asked.body))
            case _:
                self._no(asked, 404, "Not Found")

    def _ref(self, asked: Exchange, ref: str) -> None:
        if self.empty:
            self._no(asked, 409, "Git Repository is empty.")
        elif sha := self.refs.get(f"refs/{ref}"):
            self._say(asked, {"ref": f"refs/{ref}", "object": {"type": "commit", "sha": sha}})
        else:
            self._no(asked, 404, "Not Found")

    def _moved(self, asked: Exchange, told: dict[str, Any]) -> None:
        """Refs are made where there is none, and moved to commits that follow."""
        if asked.method == "POST":
            ref, now = told["ref"], self.refs.get(told["ref"])
            if now:
                self._no(asked, 422, "Reference already exists")
                return
        else:
            ref = "refs/" + urlsplit(asked.path).path.partition("/git/refs/")[2]
            now = self.refs.get(ref)
            if now != told["sha"] and now not in self.objects[told["sha"]]["parents"] and not told.get("force"):
                self._no(asked, 422, "Update is not a fast forward" if now else "Reference does not exist")
                return
        self.refs[ref] = told["sha"]
        self._say(asked, {"ref": ref, "object": {"type": "commit", "sha": told["sha"]}}, 201 if asked.method == "POST" else 200)

    def _content(self, asked: Exchange, path: str, commit: str) -> None:
        files = {one["path"]: one["content"].encode() for one in self.objects[self.objects[commit]["tree"]]["tree"]}
        if path not in files:
            self._no(asked, 404, "Not Found")
            return
        raw, url = files[path], "https://github.example/x"
        self._say(asked, {
            "type": "file", "encoding": "base64", "size": len(raw), "name": path, "path": path, "sha": "0" * 40,
            "content": base64.encodebytes(raw).decode(), "url": url, "git_url": url, "html_url": url, "download_url": url,
            "_links": {"git": url, "html": url, "self": url},
        })  # fmt: skip

    def _releases(self, asked: Exchange, steps: list[str], query: dict[str, str]) -> None:
        match asked.method, steps:
            case "POST", []:
                if self.empty or self.release:
                    self._no(asked, 422, "Repository is empty." if self.empty else "Validation Failed", code="already_exists")
                    return
                self.release = True
                self._say(asked, self._release(), 201)
            case "GET", ["tags", "modelreg-files"] if self.release:
                self._say(asked, self._release())
            case "GET", ["7", "assets"] if self.release:
                page = int(query.get("page", "1"))
                listed = list(self.assets.values())
                onward = f'<{self.url}{PREFIX}/releases/7/assets?page={page + 1}>; rel="next"'
                self._say(asked, listed[(page - 1) * _PAGE : page * _PAGE], link=onward if len(listed) > page * _PAGE else "")
            case "POST", ["7", "assets"]:
                self._upload(asked, query["name"])
            case "GET", ["assets", number] if int(number) in self.assets:
                self._download(asked, int(number))
            case _:
                self._no(asked, 404, "Not Found")

    def _release(self) -> dict[str, Any]:
        upload = f"{self.url}{PREFIX}/releases/7/assets{{?name,label}}"
        return {"id": 7, "tag_name": "modelreg-files", "upload_url": upload}

    def _upload(self, asked: Exchange, name: str) -> None:
        name = re.sub(r"[^A-Za-z0-9._-]", ".", name).strip(".")  # as GitHub renames them
        if self.immutable:
            self._no(asked, 422, "Cannot upload assets to an immutable release.")
        elif any(one["name"] == name for one in self.assets.values()):
            self._no(asked, 422, "Validation Failed", code="already_exists")
        else:
            self._say(asked, self.add(name, asked.body), 201)

    def add(self, name: str, raw: bytes, **more: Any) -> dict[str, Any]:
        """An asset."""
        number = max(self.assets, default=100) + 1
        digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        self.assets[number] = {"id": number, "name": name, "size": len(raw), "state": "uploaded", "digest": digest, **more}
        self.data[number] = raw
        return self.assets[number]

    def _download(self, asked: Exchange, number: int) -> None:
        assert asked.headers["accept"] == "application/octet-stream"
        if self.direct:
            ranged(asked, self.stored(self.data[number]))
        else:
            assert self.storage
            asked.answer(302, location=f"{self.storage.url}/{number}?signature=hush")

    def give(self, asked: Exchange) -> None:
        """The storage: whoever has the signed address may read, and nobody shows a token there."""
        assert "authorization" not in asked.headers and asked.path.endswith("?signature=hush")
        ranged(asked, self.stored(self.data[int(asked.path.strip("/").partition("?")[0])]))

    def _say(self, asked: Exchange, value: Any, status: int = 200, link: str = "") -> None:
        asked.answer(status, json.dumps(value).encode(), content_type="application/json", **({"link": link} if link else {}))

    def _no(self, asked: Exchange, status: int, words: str, code: str = "") -> None:
        errors = [{"resource": "x", "field": "name", "code": code}] if code else []
        asked.answer(status, json.dumps({"message": words, "errors": errors}).encode(), content_type="application/json")


@contextmanager
def github() -> Iterator[Fake]:
    """A running one; whatever breaks GitHub's description fails the test."""
    fake, contract = Fake(), Contract("github")
    with serving(contract.guard(fake.answer)) as server, serving(fake.give) as storage:
        fake.url, fake.storage = server.url, storage
        yield fake
    assert not contract.broken, contract.broken
