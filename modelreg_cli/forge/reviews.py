"""What a forge knows of a proposal and of those who looked at it, the same on every forge."""

from datetime import UTC, datetime
from typing import Literal, NamedTuple, Protocol

from modelreg_cli.errors import Unavailable

#: The name of the commit status.
CONTEXT = "modelreg/gate"


class Account(NamedTuple):
    """An account on the forge that is asked; the number is what counts."""

    id: int
    login: str


class Opinion(NamedTuple):
    """What an account said of the pull request.

    `commit` is what it was said of, None where the forge does not tell; `at` orders opinions (any text that sorts by time);
    `dismissed_by` is who set it aside, where it was and that is known.
    """

    account: Account
    says: Literal["approved", "changes requested"]
    commit: str | None
    at: str
    bot: bool = False
    dismissed: bool = False
    dismissed_by: Account | None = None


class PullRequest(NamedTuple):
    """A proposal: `head` is its newest commit, `ref` where Git fetches that, `base` the branch that it goes into."""

    number: int
    url: str
    author: Account
    head: str
    ref: str
    base: str
    open: bool


class OpenPull(NamedTuple):
    """What a list tells of an open pull request."""

    number: int
    head: str
    base: str


State = Literal["success", "failure", "error", "pending"]


class Reviews(Protocol):
    """What judging a proposal needs of a forge.

    Every method raises Unavailable or HttpError where the forge does not answer, says no, or answers in part.
    """

    def pull(self, number: int) -> PullRequest:
        """One pull request."""

    def pull_of(self, commit: str) -> PullRequest | None:
        """The merged pull request that a commit of its target branch came by."""

    def opinions(self, number: int) -> list[Opinion]:
        """All that was said of it; of what was said at one time, the last counts."""

    def open_pulls(self) -> list[OpenPull]:
        """All of them, the oldest first."""

    def says(self, commit: str, state: State, words: str) -> bool:
        """Whether the newest status `modelreg/gate` of a commit says just that."""

    def tell(self, commit: str, state: State, words: str, url: str) -> None:
        """Puts the verdict on a commit, as the status `modelreg/gate`."""


def moment(told: str) -> str:
    """A time as forges tell it, as text that sorts by time whatever the zone.

    Raises:
        Unavailable: it is none.
    """
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise Unavailable(f"the forge tells a time that is none: {told[:40]!r}", "is it the right --forge?") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
