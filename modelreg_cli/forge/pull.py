"""Pull requests, the same on every forge."""

from typing import Any, NamedTuple, Protocol

from modelreg_cli.errors import Unavailable

#: What stands between these is ours, and is brought up to date; the rest of the text belongs to people.
_BEGIN, _END = "<!-- modelreg: change -->", "<!-- modelreg: end -->"


class Pull(NamedTuple):
    """An open pull request: number, web address, text."""

    number: int
    url: str
    body: str


class Proposals(Protocol):
    """What proposing a change needs of a forge.

    Every method raises Unavailable or HttpError where the forge does not answer, or says no.
    """

    def find(self, branch: str, base: str) -> Pull | None:
        """The open pull request of a branch."""

    def open(self, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
        """A new pull request."""

    def describe(self, pull: Pull, body: str) -> None:
        """Gives a pull request another text."""

    def page(self, branch: str, base: str) -> str:
        """Where people open it by hand."""


def pull_of(told: Any, number: str, url: str, body: str) -> Pull:
    """A pull request as a forge tells it, under its own names of the fields.

    Raises:
        Unavailable: it is told in another way than the forge's interface says.
    """
    if not (isinstance(told, dict) and isinstance(told.get(number), int) and isinstance(told.get(url), str)):
        raise Unavailable("what the forge says of the pull request is not understood", "is it the right --forge?")
    return Pull(told[number], told[url], str(told.get(body) or ""))


def text_with(body: str, change: str) -> str:
    """The text of a pull request with the change in its place, or at its end."""
    ours = f"{_BEGIN}\n{change.rstrip()}\n{_END}"
    start, end = body.find(_BEGIN), body.find(_END)
    if start < 0 or end < start:
        return f"{body.rstrip()}\n\n{ours}\n".lstrip()
    return f"{body[:start]}{ours}{body[end + len(_END) :]}"
