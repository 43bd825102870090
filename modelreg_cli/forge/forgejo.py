"""Forgejo and Gitea, by the interface that both have (https://forgejo.org/docs/latest/user/api-usage/).

Every server describes its own at /swagger.v1.json; fields are named as there.
"""

from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.listing import every
from modelreg_cli.forge.pull import Pull, pull_of
from modelreg_cli.forge.reviews import CONTEXT, Account, OpenPull, Opinion, PullRequest, State, moment
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Client, HttpError

TOKENS = ("FORGEJO_TOKEN", "GITEA_TOKEN")
API = "FORGEJO_API_URL"
_FIELDS = ("number", "html_url", "body")
#: The most that a server gives unless its owner says otherwise.
_SIZE = ("limit", 50)
_LONGEST = 255
_SAYS: dict[str, Literal["approved", "changes requested"]] = {"APPROVED": "approved", "REQUEST_CHANGES": "changes requested"}


def base_of(address: Address) -> str:
    """Where the interface is."""
    return f"{address.site}/api/v1"


def secret_of(token: str) -> dict[str, str]:
    """The header that says who asks."""
    return {"authorization": f"token {token}"}


class Forgejo:
    """Pull requests of one repository."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client, self._address = client, address
        self._repository = f"repos/{quote(address.name)}"
        self._pulls = f"{self._repository}/pulls"

    def find(self, branch: str, base: str) -> Pull | None:
        """The open pull request of a branch; the interface has no question for it, so all open ones are looked at."""
        for page in self._client.pages(self._pulls, params={"state": "open", _SIZE[0]: _SIZE[1]}):
            for told in page if isinstance(page, list) else ():
                if (_at(told, "head", "ref"), _at(told, "base", "ref")) == (branch, base) and self._is_ours(told):
                    return pull_of(told, *_FIELDS)
        return None

    def _is_ours(self, told: Any) -> bool:
        """Whether its branch is of this repository, and not of a fork."""
        return str(_at(told, "head", "repo", "full_name")).lower() == self._address.name.lower()

    def open(self, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
        """A new pull request; a draft is one by its title."""
        told = {"title": f"WIP: {title}" if draft else title, "head": branch, "base": base, "body": body}
        return pull_of(self._client.request("POST", self._pulls, body=told).json(), *_FIELDS)

    def describe(self, pull: Pull, body: str) -> None:
        """Gives a pull request another text."""
        self._client.request("PATCH", f"{self._pulls}/{pull.number}", body={"body": body}, safe=True)

    def page(self, branch: str, base: str) -> str:
        """Where people open it by hand."""
        return f"{self._address.site}/{self._address.name}/compare/{quote(base)}...{quote(branch)}"

    def pull(self, number: int) -> PullRequest:
        """One pull request."""
        return _pull(Told(self._client.get_json(f"{self._pulls}/{number}"), "the pull request"))

    def pull_of(self, commit: str) -> PullRequest | None:
        """The merged pull request whose merge made a commit."""
        try:
            told = Told(self._client.get_json(f"{self._repository}/commits/{commit}/pull"), "the pull request")
        except HttpError as error:
            if error.status == 404:
                return None
            raise
        return _pull(told) if told.get("merged") is True and told.get("merge_commit_sha") == commit else None

    def opinions(self, number: int) -> list[Opinion]:
        """Reviews. One that was dismissed keeps its state; who dismissed it is not told."""
        return [opinion for one in self._every(f"{self._pulls}/{number}/reviews") if (opinion := _opinion(one))]

    def open_pulls(self) -> list[OpenPull]:
        """All of them, the oldest first."""
        told = self._every(self._pulls, state="open", sort="oldest")
        return sorted({OpenPull(one.number("number"), one.of("head").text("sha"), one.of("base").text("ref")) for one in told})

    def says(self, commit: str, state: State, words: str) -> bool:
        """Whether the newest status says just that; here a status is numbered, and its state is called `status`."""
        path = f"{self._repository}/commits/{commit}/statuses"
        told = Told.each(self._client.get_json(path, params={"sort": "highestindex", _SIZE[0]: _SIZE[1]}), "statuses")
        ours = [one for one in told if one.get("context") == CONTEXT]
        newest = max(ours, key=lambda one: one.number("id"), default=None)
        return newest is not None and (newest.get("status"), newest.get("description")) == (state, words[:_LONGEST])

    def tell(self, commit: str, state: State, words: str, url: str) -> None:
        """A commit status."""
        told = {"state": state, "context": CONTEXT, "description": words[:_LONGEST], **({"target_url": url} if url else {})}
        self._client.request("POST", f"{self._repository}/statuses/{commit}", body=told, safe=True)

    def _every(self, path: str, **asked: str) -> Iterator[Told]:
        return every(self._client, path, _SIZE, **asked)


def _pull(told: Told) -> PullRequest:
    number = told.number("number")
    author, head, base = _account(told.of("user")), told.of("head").text("sha"), told.of("base").text("ref")
    return PullRequest(number, told.text("html_url"), author, head, f"refs/pull/{number}/head", base, told.text("state") == "open")


def _account(told: Told) -> Account:
    return Account(told.number("id"), told.text("login"))


def _opinion(told: Told) -> Opinion | None:
    """One review; None for a remark, a request for a review, one that was not sent, and one of a team."""
    state = told.text("state")
    if state not in _SAYS or not told.get("user"):
        return None
    account = _account(told.of("user"))
    # two reviews of one second: the later one has the larger number
    when = f"{moment(told.text('submitted_at'))} {told.number('id'):020}"
    # numbers below one are the server's own: those whose account is gone, and its pipelines
    return Opinion(account, _SAYS[state], told.get("commit_id") or None, when, account.id < 1, told.get("dismissed") is not False)


def _at(told: Any, *steps: str) -> Any:
    for step in steps:
        told = told.get(step) if isinstance(told, dict) else None
    return told
