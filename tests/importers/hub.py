"""A hub on this machine: repositories as its interface describes them, and their small files."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.servers import Exchange, Server, serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def sum_of(path: str) -> str:
    """A digest for a file that nobody has."""
    return hashlib.sha256(path.encode()).hexdigest()


@dataclass
class Hub:
    """`repositories`: info by name; `texts`: contents by (name, path); `troubles`: statuses that come before an answer."""

    server: Server
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    troubles: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def add(self, name: str, weights: dict[str, int] | None = None, texts: dict[str, str] | None = None, **info: Any) -> dict[str, Any]:
        """A repository with weights (path: bytes) and small texts."""
        small: list[tuple[str, int, dict[str, Any]]] = [(path, len(text), {}) for path, text in (texts or {}).items()]
        large: list[tuple[str, int, dict[str, Any]]] = [
            (path, size, {"lfs": {"sha256": sum_of(f"{name} {path}"), "size": size, "pointerSize": 135}})
            for path, size in (weights or {}).items()
        ]
        siblings = [{"rfilename": path, "size": size, "blobId": "b" * 40, **more} for path, size, more in (*small, *large)]
        self.repositories[name] = {
            "_id": "0", "id": name, "modelId": name, "sha": COMMIT, "private": False, "gated": False, "disabled": False,
            "downloads": 1, "likes": 1, "lastModified": "2026-05-06T07:08:09.000Z", "createdAt": "2026-03-04T05:06:07.000Z",
            "tags": [], "siblings": siblings,
            "author": name.partition("/")[0], **info,
        }  # fmt: skip
        for path, text in (texts or {}).items():
            self.texts[name, path] = text
        return self.repositories[name]

    def answer(self, asked: Exchange) -> None:
        """As the hub answers."""
        self.tokens.append(asked.headers.get("authorization", ""))
        if self.troubles:
            asked.answer(self.troubles.pop(0))
            return
        path = unquote(asked.path.partition("?")[0])
        api = re.fullmatch(r"/api/models/([^/]+/[^/]+?)(?:/revision/(.+))?", path)
        file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if api and api[1] in self.renamed:
            onto = path.replace(api[1], self.renamed[api[1]])
            asked.answer(307, location=onto + ("?" + asked.path.partition("?")[2] if "?" in asked.path else ""))
        elif api and api[1] in self.repositories:
            info = self.repositories[api[1]]
            if api[2] not in (None, "main", info.get("sha")):
                asked.answer(404, b"{}", x_error_code="RevisionNotFound")
            else:
                asked.answer(200, json.dumps(info).encode(), content_type="application/json")
        elif file and file[1] in self.gated:
            asked.answer(403, b"{}", x_error_code="GatedRepo", x_error_message="Access to it is restricted")
        elif file and (file[1], file[3]) in self.texts:
            body = self.texts[file[1], file[3]].encode()
            asked.answer(200, body, etag=f'"{hashlib.sha1(body).hexdigest()}"', x_repo_commit=self.repositories[file[1]]["sha"])
        else:
            asked.answer(404, b"{}", x_error_code="RepoNotFound" if api else "EntryNotFound")


@contextmanager
def hub() -> Iterator[Hub]:
    """A running hub."""
    found: list[Hub] = []
    with serving(lambda asked: found[0].answer(asked)) as server:  # noqa: PLW0108 - it is not there yet
        found.append(Hub(server))
        yield found[0]
