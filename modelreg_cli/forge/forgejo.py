"""Forgejo and Gitea, by the interface that both have (https://forgejo.org/docs/latest/user/api-usage/)."""

from typing import Any
from urllib.parse import quote

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.pull import Pull, pull_of
from modelreg_cli.http import Client

TOKENS = ("FORGEJO_TOKEN", "GITEA_TOKEN")
API = "FORGEJO_API_URL"
_FIELDS = ("number", "html_url", "body")
_A_PAGE = 50


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
        self._pulls = f"repos/{quote(address.name)}/pulls"

    def find(self, branch: str, base: str) -> Pull | None:
        """The open pull request of a branch; the interface has no question for it, so all open ones are looked at."""
        for page in self._client.pages(self._pulls, params={"state": "open", "limit": _A_PAGE}):
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


def _at(told: Any, *steps: str) -> Any:
    for step in steps:
        told = told.get(step) if isinstance(told, dict) else None
    return told
