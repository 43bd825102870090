"""How a forge guards a branch: the same questions to every forge."""

from typing import Literal, NamedTuple, Protocol
from urllib.parse import quote

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Client, HttpError

Question = Literal[
    "protected", "pushes", "merges", "force", "deletion", "gate", "validate", "source", "current", "reviews", "stale", "authors",
    "objections", "owners", "bypass", "tokens", "pipelines",
]  # fmt: skip
GATE, VALIDATE = "modelreg/gate", "modelreg/validate"


class Answer(NamedTuple):
    """Whether it is so, None where the forge does not tell; what it says; the setting, or the right that a token needs to see it."""

    question: Question
    holds: bool | None
    told: str
    setting: str


class Wanted(NamedTuple):
    """What is asked about: a branch, and how many approvals the policy asks of every change at least."""

    branch: str
    reviews: int

    def counted(self, required: int) -> str:
        """How many approvals the forge requires, beside the policy's number."""
        return f"approvals required: {required}; the policy asks for {self.reviews} at least"


class Guards(Protocol):
    """What looking at the rules of a branch needs of a forge.

    Every method raises Unavailable where the forge does not answer; what a token may not see is an answer.
    """

    def main(self) -> str:
        """The branch that changes go into, unless told otherwise."""

    def answers(self, wanted: Wanted) -> list[Answer]:
        """All that the forge tells of the branch."""

    def number(self, login: str) -> int | None:
        """The number of an account; None where no account is called so."""


class OfRepository:
    """What GitHub and Forgejo answer alike: https://docs.github.com/en/rest/repos/repos, https://docs.gitea.com/api/."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client = client
        self._repository = f"repos/{quote(address.name)}"

    def main(self) -> str:
        """The default branch."""
        return Told(self._client.get_json(self._repository), "the repository").text("default_branch")

    def number(self, login: str) -> int | None:
        """The number of an account."""
        try:
            return Told(self._client.get_json(f"users/{quote(login, safe='')}"), "the account").number("id")
        except HttpError as error:
            if error.status != 404:
                raise
            return None


def hidden(error: HttpError) -> bool:
    """Whether a forge does not show it to this token; forges say of that, too, that nothing is there."""
    return error.status in (401, 403, 404)
