"""GitHub, by its REST interface (https://docs.github.com/en/rest/pulls/pulls)."""

from urllib.parse import quote

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.pull import Pull, pull_of
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
        self._pulls = f"repos/{quote(address.name)}/pulls"

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
