"""Forges on this machine that keep pull requests, each with the interface of its kind."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers import Exchange

KINDS = ("github", "gitlab", "forgejo")
TOKEN = {"github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "forgejo": "FORGEJO_TOKEN"}
_PATHS = {
    "github": r"/api/v3/repos/team/registry/pulls(?:/(\d+))?",
    "gitlab": r"/api/v4/projects/team%2Fregistry/merge_requests(?:/(\d+))?",
    "forgejo": r"/api/v1/repos/team/registry/pulls(?:/(\d+))?",
}


@dataclass
class Forge:
    """`pulls`: branch, base, title, body, draft by number; `trouble`: a status and words that answer everything that changes something."""

    kind: str
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    trouble: tuple[int, str] | None = None

    def answer(self, asked: Exchange) -> None:
        """As that kind answers."""
        parts = urlsplit(asked.path)
        found = re.fullmatch(_PATHS[self.kind], parts.path)
        secret = asked.headers.get("private-token" if self.kind == "gitlab" else "authorization", "")
        if not secret.endswith("s3cret"):
            asked.answer(401, b'{"message": "who are you?"}')
        elif not found:
            asked.answer(404, b"{}")
        elif asked.method == "GET":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._say(asked, [self._told(number) for number in self._asked(query)])
        elif self.trouble:
            asked.answer(self.trouble[0], json.dumps({"message": self.trouble[1]}).encode())
        elif asked.method == "POST":
            number = len(self.pulls) + 7
            self.pulls[number] = self._read(json.loads(asked.body))
            self._say(asked, self._told(number), 201)
        else:
            told = json.loads(asked.body)
            self.pulls[int(found[1])]["body"] = told["description" if self.kind == "gitlab" else "body"]
            self._say(asked, self._told(int(found[1])), 201 if self.kind == "forgejo" else 200)

    def _asked(self, query: dict[str, str]) -> list[int]:
        if self.kind == "forgejo":
            return list(self.pulls)
        branch = unquote(query["source_branch" if self.kind == "gitlab" else "head"]).removeprefix("team:")
        base = query["target_branch" if self.kind == "gitlab" else "base"]
        return [number for number, pull in self.pulls.items() if (pull["branch"], pull["base"]) == (branch, base)]

    def _read(self, told: dict[str, Any]) -> dict[str, Any]:
        if self.kind == "gitlab":
            draft = told["title"].startswith("Draft: ")
            title, body = told["title"].removeprefix("Draft: "), told["description"]
            return {"branch": told["source_branch"], "base": told["target_branch"], "title": title, "body": body, "draft": draft}
        draft = told["draft"] if self.kind == "github" else told["title"].startswith("WIP: ")
        title = told["title"].removeprefix("WIP: ")
        return {"branch": told["head"], "base": told["base"], "title": title, "body": told["body"], "draft": draft}

    def _told(self, number: int) -> dict[str, Any]:
        pull = self.pulls[number]
        url = f"https://forge.example/team/registry/{number}"
        if self.kind == "gitlab":
            return {"iid": number, "id": number + 1000, "web_url": url, "description": pull["body"]}
        head = {"ref": pull["branch"], "repo": {"full_name": pull.get("of", "team/registry")}}
        return {"number": number, "html_url": url, "body": pull["body"], "head": head, "base": {"ref": pull["base"]}}

    def _say(self, asked: Exchange, value: Any, status: int = 200) -> None:
        asked.answer(status, json.dumps(value).encode(), content_type="application/json")
