"""What a server said, and the error of a status that is no success."""

import json
from typing import Any, NamedTuple

from modelreg_cli.errors import Unavailable
from modelreg_cli.http.address import shown

_HINTS = {
    401: "a token is missing or wrong",
    403: "the token may not do this, or the terms of a gated repository were not agreed to",
    404: "is the name right? without a token, private things look absent",
    429: "too many requests: wait, or set a token, which raises the limit",
}
_TROUBLE = "the server is in trouble: try again later"


class Answer(NamedTuple):
    """Status, headers (names in small letters), body; `url` is where it was found after redirects."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Unavailable: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Unavailable(
                f"{shown(self.url)} answered with something that is not JSON: {str(error)[:100]}",
                "is it the address of an API? a proxy or a login page may stand in front of it",
            ) from None

    def words(self) -> str:
        """The server's own explanation in a body such as {"message": ...}; empty where there is none."""
        try:
            found = json.loads(self.body[:100_000])
        except (ValueError, RecursionError):
            return ""
        for key in ("message", "error", "error_description", "detail"):
            said = found.get(key) if isinstance(found, dict) else None
            said = said.get("message") if isinstance(said, dict) else said
            if isinstance(said, str) and said:
                return said
        return ""


class Piece(NamedTuple):
    """Bytes of a file; `total` is the size of the whole file, None where the server does not say."""

    data: bytes
    total: int | None
    headers: dict[str, str]


class HttpError(Unavailable):
    """A status that the caller may have a better word for. `said` is the server's own explanation, fit for a terminal."""

    def __init__(self, method: str, answer: Answer, said: str) -> None:
        words = f"{method} {shown(answer.url)} answered {answer.status}"
        super().__init__(f"{words}: {said}" if said else words, _HINTS.get(answer.status, _TROUBLE if answer.status >= 500 else None))
        self.status = answer.status
        self.answer = answer
        self.said = said
