"""GitLab, by its REST interface (https://docs.gitlab.com/api/merge_requests/)."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.gitlab_opinions import OBJECTED, opinions_of
from modelreg_cli.forge.listing import every
from modelreg_cli.forge.pull import Pull, pull_of
from modelreg_cli.forge.reviews import CONTEXT, Account, OpenPull, Opinion, PullRequest, State
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Client

TOKENS = ("GITLAB_TOKEN",)
API = "CI_API_V4_URL"
_FIELDS = ("iid", "web_url", "description")
_SIZE = ("per_page", 100)
_LONGEST = 255
#: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
_STATES: dict[State, str] = {"success": "success", "failure": "failed", "error": "failed", "pending": "pending"}


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
        self._project = f"projects/{quote(address.name, safe='')}"
        self._pulls = f"{self._project}/merge_requests"

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

    def pull(self, number: int) -> PullRequest:
        """One merge request."""
        return _pull(Told(self._client.get_json(f"{self._pulls}/{number}"), "the merge request"))

    def pull_of(self, commit: str) -> PullRequest | None:
        """The merged merge request whose merge made a commit (https://docs.gitlab.com/api/commits/)."""
        for told in self._every(f"{self._project}/repository/commits/{commit}/merge_requests"):
            if told.text("state") == "merged" and commit in (told.get("merge_commit_sha"), told.get("squash_commit_sha")):
                return _pull(told)
        return None

    def opinions(self, number: int) -> list[Opinion]:
        """Approvals, and requests for changes."""
        path = f"{self._pulls}/{number}"
        approvals = Told(self._client.get_json(f"{path}/approvals"), "approvals")
        return opinions_of(
            Told.each(approvals.get("approved_by"), "approvals"),
            list(self._every(f"{path}/versions")),
            list(self._every(f"{path}/reviewers")),
            [note for note in self._every(f"{path}/notes", sort="asc") if note.get("system") is True and OBJECTED(note.text("body"))],
            self._is_bot,
        )

    def open_pulls(self) -> list[OpenPull]:
        """All of them, the oldest first."""
        told = self._every(self._pulls, state="opened", scope="all", order_by="created_at", sort="asc")
        return sorted({OpenPull(one.number("iid"), str(one.get("sha") or ""), one.text("target_branch")) for one in told})

    def says(self, commit: str, state: State, words: str) -> bool:
        """Whether the newest status says just that; a pending one that is told again is refused, so its words do not matter."""
        path = f"{self._project}/repository/commits/{commit}/statuses"
        told = Told.each(self._client.get_json(path, params={"name": CONTEXT, _SIZE[0]: _SIZE[1]}), "statuses")
        newest = max((one for one in told if one.get("name") == CONTEXT), key=lambda one: one.number("id"), default=None)
        if newest is None or newest.get("status") != _STATES[state]:
            return False
        return state == "pending" or newest.get("description") == words[:_LONGEST]

    def tell(self, commit: str, state: State, words: str, url: str) -> None:
        """A status of the commit's pipeline."""
        told = {"state": _STATES[state], "name": CONTEXT, "description": words[:_LONGEST], **({"target_url": url} if url else {})}
        self._client.request("POST", f"{self._project}/statuses/{commit}", body=told, safe=True)

    def _is_bot(self, account: Account) -> bool:
        """Approvals tell an account in short; whether it is a bot, its own page tells (https://docs.gitlab.com/api/users/)."""
        return Told(self._client.get_json(f"users/{account.id}"), "the user").get("bot") is not False

    def _every(self, path: str, **asked: str) -> Iterator[Told]:
        return every(self._client, path, _SIZE, **asked)


def _pull(told: Told) -> PullRequest:
    number, author = told.number("iid"), told.of("author")
    return PullRequest(
        number,
        told.text("web_url"),
        Account(author.number("id"), author.text("username")),
        told.text("sha"),
        f"refs/merge-requests/{number}/head",
        told.text("target_branch"),
        told.text("state") == "opened",
    )
