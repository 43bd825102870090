"""How each forge tells of one and the same world: what was proposed, what was said of it, and when."""

import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.servers import Exchange

PREFIX = {
    "github": "/api/v3/repos/team/registry/",
    "gitlab": "/api/v4/",
    "forgejo": "/api/v1/repos/team/registry/",
}
TOKEN = {"github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "forgejo": "FORGEJO_TOKEN"}
#: Where Git finds the head of a proposal.
HEADS = {"github": "refs/pull/{}/head", "gitlab": "refs/merge-requests/{}/head", "forgejo": "refs/pull/{}/head"}
#: Accounts of the server itself, for what those did whose accounts are gone.
_GHOST = {"gitlab": {"id": 7, "username": "ghost"}, "forgejo": {"id": -1, "login": "Ghost"}}


class Kept(Protocol):
    """What a forge keeps. Reviews are told as GitHub does; the others tell less of them, or in other words."""

    pulls: dict[int, dict[str, Any]]
    reviews: dict[int, list[dict[str, Any]]]
    events: dict[int, list[dict[str, Any]]]
    versions: dict[int, list[tuple[str, str]]]
    statuses: list[tuple[str, dict[str, Any]]]

    def head(self, number: int) -> str:
        """The head of a proposal."""

    def account(self, who: str) -> dict[str, Any]:
        """Number, login and type of an account."""


def answer(kept: Kept, kind: str, asked: Exchange) -> None:
    """As a forge of that kind answers, two items a page."""
    parts = urlsplit(asked.path)
    steps = parts.path.removeprefix(PREFIX[kind]).removeprefix("projects/team%2Fregistry/").split("/")
    found = _ANSWERS[kind](kept, asked, steps)
    if found is None:
        asked.answer(404, b'{"message": "Not Found"}')
    elif isinstance(found, list):
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        asked.answer(200, json.dumps(found[page * 2 - 2 : page * 2]).encode(), **_pages(kind, steps, parts.path, page, len(found)))
    else:
        asked.answer(201 if asked.method == "POST" else 200, json.dumps(found).encode())


def _pages(kind: str, steps: list[str], path: str, page: int, total: int) -> dict[str, str]:
    """Headers: a list of one page has no Link on GitHub, and the reviews of Forgejo never have one."""
    if kind == "forgejo" and steps[-1] == "reviews":
        return {"x_total_count": str(total)}
    links = [f'<{path}?page={page - 1}>; rel="prev"'] if page > 1 else []
    links += [f'<{path}?page={page + 1}>; rel="next"'] if total > page * 2 else []
    return {"link": ", ".join(links)} if links else {}


def _github(kept: Kept, asked: Exchange, steps: list[str]) -> Any:
    match asked.method, steps:
        case "GET", ["pulls"]:
            return [_github_pull(kept, number, whole=False) for number, one in kept.pulls.items() if one["state"] == "open"]
        case "GET", ["pulls", number]:
            return _github_pull(kept, int(number))
        case "GET", ["pulls", number, "reviews"]:
            return kept.reviews[int(number)]
        case "GET", ["issues", number, "timeline"]:
            return [{"event": "commented"}, *kept.events[int(number)]]
        case "GET", ["commits", commit, "pulls"]:
            return [_github_pull(kept, number, whole=False) for number, one in kept.pulls.items() if one.get("merged") == commit]
        case "GET", ["commits", commit, "statuses"]:
            return [told for at, told in reversed(kept.statuses) if at == commit]
        case "POST", ["statuses", commit]:
            kept.statuses.append((commit, json.loads(asked.body)))
            return kept.statuses[-1][1]
    return None


def _github_pull(kept: Kept, number: int, whole: bool = True) -> dict[str, Any]:
    told = kept.pulls[number]
    return {
        "number": number, "state": told["state"], "user": kept.account(told["author"]),
        "html_url": f"http://forge.example/team/registry/pull/{number}",
        "head": {"sha": told.get("head") or kept.head(number)}, "base": {"ref": told.get("base", "main")},
        "merge_commit_sha": told.get("merged"), "merged_at": "2026-11-02T10:00:00Z" if told.get("merged") else None,
        **({"merged": bool(told.get("merged"))} if whole else {}),
    }  # fmt: skip


def _forgejo(kept: Kept, asked: Exchange, steps: list[str]) -> Any:
    match asked.method, steps:
        case "GET", ["pulls"]:
            return [_forgejo_pull(kept, number) for number, one in kept.pulls.items() if one["state"] == "open"]
        case "GET", ["pulls", number]:
            return _forgejo_pull(kept, int(number))
        case "GET", ["pulls", number, "reviews"]:
            dismissed = {one["dismissed_review"]["review_id"]: one["dismissed_review"]["state"].upper() for one in kept.events[int(number)]}
            return [_forgejo_review(one, dismissed) for one in kept.reviews[int(number)]]
        case "GET", ["commits", commit, "pull"]:
            return next((_forgejo_pull(kept, number) for number, one in kept.pulls.items() if one.get("merged") == commit), None)
        case "GET", ["commits", commit, "statuses"]:
            told = [(at, {**one, "id": place, "status": one["state"]}) for place, (at, one) in enumerate(kept.statuses)]
            return [{name: value for name, value in one.items() if name != "state"} for at, one in told if at == commit]
        case "POST", ["statuses", commit]:
            told_now = json.loads(asked.body)
            kept.statuses.append((commit, told_now))
            return {"id": len(kept.statuses), "status": told_now["state"], "context": told_now["context"]}
    return None


def _forgejo_pull(kept: Kept, number: int) -> dict[str, Any]:
    told = kept.pulls[number]
    head = told.get("head") or kept.head(number)
    return {
        "id": number + 5000, "number": number, "state": told["state"], "user": _forgejo_user(kept.account(told["author"])),
        "html_url": f"http://forge.example/team/registry/pulls/{number}", "body": "", "title": "", "merged": bool(told.get("merged")),
        "head": {"sha": head, "ref": "change", "label": "change"}, "base": {"ref": told.get("base", "main"), "sha": "", "label": "main"},
        "merge_commit_sha": told.get("merged"),
    }  # fmt: skip


def _forgejo_user(told: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": told["id"], "login": told["login"]} if told else _GHOST["forgejo"]


def _forgejo_review(told: dict[str, Any], dismissed: dict[int, str]) -> dict[str, Any]:
    """A dismissed review keeps its state; who dismissed it is not told."""
    state = dismissed.get(told["id"], told["state"])
    words = {"CHANGES_REQUESTED": "REQUEST_CHANGES", "COMMENTED": "COMMENT"}
    return {
        "id": told["id"], "user": _forgejo_user(told["user"]), "state": words.get(state, state), "commit_id": told["commit_id"] or "",
        "dismissed": told["id"] in dismissed, "stale": False, "official": True,
        # a server in another zone
        "submitted_at": told["submitted_at"].replace("T09:", "T11:").replace("T10:", "T12:").replace("Z", "+02:00"),
    }  # fmt: skip


def _gitlab(kept: Kept, asked: Exchange, steps: list[str]) -> Any:
    match asked.method, steps:
        case "GET", ["users", number]:
            who = next(one for one in _accounts(kept) if one["id"] == int(number))
            return {"id": who["id"], "username": who["username"], "bot": who.get("type") == "Bot"}
        case "GET", ["merge_requests"]:
            return [_gitlab_pull(kept, number) for number, one in kept.pulls.items() if one["state"] == "open"]
        case "GET", ["merge_requests", number]:
            return _gitlab_pull(kept, int(number))
        case "GET", ["merge_requests", number, what]:
            return _GITLAB_PARTS[what](kept, int(number)) if what in _GITLAB_PARTS else None
        case "GET", ["repository", "commits", commit, "merge_requests"]:
            return [_gitlab_pull(kept, number) for number, one in kept.pulls.items() if one.get("merged") == commit]
        case "GET", ["repository", "commits", commit, "statuses"]:
            return [_gitlab_status(place, at, one) for place, (at, one) in enumerate(kept.statuses) if at == commit]
        case "POST", ["statuses", commit]:
            kept.statuses.append((commit, json.loads(asked.body)))
            return _gitlab_status(len(kept.statuses) - 1, *kept.statuses[-1])
    return None


def _gitlab_status(place: int, commit: str, told: dict[str, Any]) -> dict[str, Any]:
    return {"id": place, "sha": commit, "status": told["state"], "name": told["name"], "description": told["description"]}


def _gitlab_pull(kept: Kept, number: int) -> dict[str, Any]:
    told = kept.pulls[number]
    return {
        "id": number + 1000, "iid": number, "state": "merged" if told.get("merged") else "opened" if told["state"] == "open" else "closed",
        "author": _gitlab_user(kept.account(told["author"])), "web_url": f"http://forge.example/team/registry/-/merge_requests/{number}",
        "sha": told.get("head") or kept.head(number), "target_branch": told.get("base", "main"), "source_branch": "change",
        "description": "", "title": "", "merge_commit_sha": told.get("merged"),
    }  # fmt: skip


def _gitlab_user(told: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": told["id"], "username": told["login"]} if told else _GHOST["gitlab"]


def _accounts(kept: Kept) -> list[dict[str, Any]]:
    told = [one["user"] for reviews in kept.reviews.values() for one in reviews if one["user"]]
    return [_GHOST["gitlab"], *({**one, "username": one["login"]} for one in told)]


def _standing(kept: Kept, number: int, state: str) -> list[dict[str, Any]]:
    """The newest review of each account, where it is of that state and was not dismissed."""
    newest = {one["user"]["id"] if one["user"] else 0: one for one in kept.reviews[number] if one["state"] != "COMMENTED"}
    return [one for one in newest.values() if one["state"] == state]


def _approvals(kept: Kept, number: int) -> dict[str, Any]:
    return {
        "approved_by": [
            {"user": _gitlab_user(one["user"]), **({"approved_at": one["submitted_at"]} if one["commit_id"] else {})}
            for one in _standing(kept, number, "APPROVED")
        ]
    }


def _versions(kept: Kept, number: int) -> list[dict[str, Any]]:
    told = [{"id": place, "head_commit_sha": head, "created_at": at} for place, (head, at) in enumerate(kept.versions[number])]
    return told[::-1]


def _reviewers(kept: Kept, number: int) -> list[dict[str, Any]]:
    return [{"user": _gitlab_user(one["user"]), "state": "requested_changes"} for one in _standing(kept, number, "CHANGES_REQUESTED")]


def _notes(kept: Kept, number: int) -> list[dict[str, Any]]:
    """Notes of the server; of an objection one stays, whatever becomes of the reviewer."""
    dismissed = {one["dismissed_review"]["review_id"]: one["dismissed_review"]["state"].upper() for one in kept.events[number]}
    told = [(one, dismissed.get(one["id"], one["state"])) for one in kept.reviews[number]]
    words = {"CHANGES_REQUESTED": "requested changes", "APPROVED": "approved this merge request"}
    return [
        {"id": one["id"], "author": _gitlab_user(one["user"]), "system": state in words, "body": words.get(state, "requested changes?"),
         "created_at": one["submitted_at"]}
        for one, state in told
    ]  # fmt: skip


_GITLAB_PARTS: dict[str, Callable[[Kept, int], Any]] = {
    "approvals": _approvals,
    "versions": _versions,
    "reviewers": _reviewers,
    "notes": _notes,
}
_ANSWERS: dict[str, Callable[[Kept, Exchange, list[str]], Any]] = {"github": _github, "gitlab": _gitlab, "forgejo": _forgejo}
