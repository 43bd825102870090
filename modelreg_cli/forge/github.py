"""GitHub, by its REST interface (https://docs.github.com/en/rest/pulls/pulls)."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.listing import every
from modelreg_cli.forge.pull import Pull, pull_of
from modelreg_cli.forge.reviews import CONTEXT, Account, OpenPull, Opinion, PullRequest, State
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Client

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
API = "GITHUB_API_URL"
_FIELDS = ("number", "html_url", "body")


def base_of(address: Address) -> str:
    """Where the interface is: github.com has a host for it, an enterprise server a path."""
    return "https://api.github.com" if address.host == "github.com" else f"{address.site}/api/v3"


def secret_of(token: str) -> dict[str, str]:
    """The header that says who asks."""
    return {"authorization": f"Bearer {token}"}


class GitHub:
    """Pull requests of one repository."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client, self._address = client, address
        self._repository = f"repos/{quote(address.name)}"
        self._pulls = f"{self._repository}/pulls"

    def find(self, branch: str, base: str) -> Pull | None:
        """The open pull request of a branch."""
        owner = self._address.name.partition("/")[0]
        found = self._client.get_json(self._pulls, params={"head": f"{owner}:{branch}", "base": base, "state": "open"})
        return pull_of(found[0], *_FIELDS) if isinstance(found, list) and found else None

    def open(self, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
        """A new pull request."""
        told = {"title": title, "head": branch, "base": base, "body": body, "draft": draft}
        return pull_of(self._client.request("POST", self._pulls, body=told).json(), *_FIELDS)

    def describe(self, pull: Pull, body: str) -> None:
        """Gives a pull request another text."""
        self._client.request("PATCH", f"{self._pulls}/{pull.number}", body={"body": body}, safe=True)

    def page(self, branch: str, base: str) -> str:
        """Where people open it by hand."""
        return f"{self._address.site}/{self._address.name}/compare/{quote(base)}...{quote(branch)}?expand=1"

    def pull(self, number: int) -> PullRequest:
        """One pull request."""
        return _pull(Told(self._client.get_json(f"{self._pulls}/{number}"), "the pull request"))

    def pull_of(self, commit: str) -> PullRequest | None:
        """The merged pull request whose merge made a commit."""
        for told in self._every(f"{self._repository}/commits/{commit}/pulls"):
            if told.get("merged_at") and told.get("merge_commit_sha") == commit:
                return _pull(told)
        return None

    def opinions(self, number: int) -> list[Opinion]:
        """Reviews; what a dismissed one said, and who dismissed it, the timeline tells."""
        reviews = list(self._every(f"{self._pulls}/{number}/reviews"))
        dismissed = self._dismissed(number) if any(one.text("state") == "DISMISSED" for one in reviews) else {}
        return [opinion for one in reviews if (opinion := _opinion(one, dismissed))]

    def open_pulls(self) -> list[OpenPull]:
        """All of them, the oldest first."""
        told = self._every(self._pulls, state="open")
        return sorted(OpenPull(one.number("number"), one.of("head").text("sha"), one.of("base").text("ref")) for one in told)

    def says(self, commit: str, state: State, words: str) -> bool:
        """Whether the newest status says just that; statuses of a commit are told the newest first."""
        path = f"{self._repository}/commits/{commit}/statuses"
        told = Told.each(self._client.get_json(path, params={_SIZE[0]: _SIZE[1]}), "statuses")
        newest = next((one for one in told if one.get("context") == CONTEXT), None)
        return newest is not None and (newest.get("state"), newest.get("description")) == (state, words[:_LONGEST])

    def tell(self, commit: str, state: State, words: str, url: str) -> None:
        """A commit status; GitHub takes 140 characters."""
        told = {"state": state, "context": CONTEXT, "description": words[:_LONGEST], **({"target_url": url} if url else {})}
        self._client.request("POST", f"{self._repository}/statuses/{commit}", body=told, safe=True)

    def _dismissed(self, number: int) -> dict[int, tuple[str, Account | None]]:
        """What each dismissed review said, and who set it aside."""
        found = {}
        for event in self._every(f"{self._repository}/issues/{number}/timeline"):
            if event.get("event") == "review_dismissed":
                what = event.of("dismissed_review")
                found[what.number("review_id")] = what.text("state"), _account(event.of("actor")) if event.get("actor") else None
        return found

    def _every(self, path: str, **asked: str) -> Iterator[Told]:
        return every(self._client, path, _SIZE, **asked)


_SIZE = ("per_page", 100)
_LONGEST = 140
_SAYS: dict[str, Literal["approved", "changes requested"]] = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested"}


def _pull(told: Told) -> PullRequest:
    number = told.number("number")
    author, head, base = _account(told.of("user")), told.of("head").text("sha"), told.of("base").text("ref")
    return PullRequest(number, told.text("html_url"), author, head, f"refs/pull/{number}/head", base, told.text("state") == "open")


def _account(told: Told) -> Account:
    return Account(told.number("id"), told.text("login"))


def _opinion(told: Told, dismissed: dict[int, tuple[str, Account | None]]) -> Opinion | None:
    """One review; None for a remark, for one that was not sent, and for one of an account that is gone."""
    state = told.text("state")
    if not told.get("user") or state in ("COMMENTED", "PENDING"):
        return None
    user = told.of("user")
    # of a dismissed review that no event tells of, the worst is supposed: that it was an objection
    said, by = dismissed.get(told.number("id"), ("changes_requested", None)) if state == "DISMISSED" else (state, None)
    if said.upper() not in _SAYS:
        return None
    commit = told.get("commit_id")
    bot = user.text("type") != "User" or user.text("login").endswith("[bot]")
    when = told.text("submitted_at")
    return Opinion(_account(user), _SAYS[said.upper()], commit if isinstance(commit, str) else None, when, bot, state == "DISMISSED", by)
