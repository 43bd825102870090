"""GitLab, by its REST interface (https://docs.gitlab.com/api/merge_requests/)."""

from urllib.parse import quote, urlencode

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.pull import Pull, pull_of
from modelreg_cli.http import Client

TOKENS = ("GITLAB_TOKEN",)
API = "CI_API_V4_URL"
_FIELDS = ("iid", "web_url", "description")


def base_of(address: Address) -> str:
    """Where the interface is."""
    return f"{address.site}/api/v4"


def secret_of(token: str) -> dict[str, str]:
    """The header that says who asks."""
    return {"private-token": token}


class GitLab:
    """Merge requests of one project."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client, self._address = client, address
        self._pulls = f"projects/{quote(address.name, safe='')}/merge_requests"

    def find(self, branch: str, base: str) -> Pull | None:
        """The open merge request of a branch."""
        found = self._client.get_json(self._pulls, params={"source_branch": branch, "target_branch": base, "state": "opened"})
        return pull_of(found[0], *_FIELDS) if isinstance(found, list) and found else None

    def open(self, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
        """A new merge request; a draft is one by its title."""
        told = {"source_branch": branch, "target_branch": base, "title": f"Draft: {title}" if draft else title, "description": body}
        return pull_of(self._client.request("POST", self._pulls, body=told).json(), *_FIELDS)

    def describe(self, pull: Pull, body: str) -> None:
        """Gives a merge request another text."""
        self._client.request("PUT", f"{self._pulls}/{pull.number}", body={"description": body}, safe=True)

    def page(self, branch: str, base: str) -> str:
        """Where people open it by hand."""
        asked = urlencode({"merge_request[source_branch]": branch, "merge_request[target_branch]": base})
        return f"{self._address.site}/{self._address.name}/-/merge_requests/new?{asked}"
