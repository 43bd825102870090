"""The client: requests, retries, redirects, ranges and pages, within one deadline.

Every exchange runs on a thread of its own, so that nothing a server does (a name that does not resolve, a header that drips
in byte by byte) outlasts the deadline: httpx itself bounds single operations only. Bodies are read whole and are bounded.
"""

import json
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

from modelreg_cli.errors import Unavailable
from modelreg_cli.http.address import address, carries_secrets, onward, origin, shown
from modelreg_cli.http.answer import Answer, HttpError, Piece
from modelreg_cli.http.deadline import Deadline, asked_pause, own_pause

#: Bytes of a body, unless the caller knows better.
MAX_BODY = 32 * 1024 * 1024
_ATTEMPTS = 5
_SILENCE = 30.0  # seconds
_HOPS = 10
_PAGES = 1000
_AGAIN = frozenset((429, 502, 503, 504))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_NEXT = re.compile(r"<([^>]*)>[^,<]*?;\s*rel=\"?next\"?(?=[\s;,]|\Z)", re.IGNORECASE)
_JSON = {"accept": "application/json"}


class _Request(NamedTuple):
    """`limit`: bytes of a body. `first`: of an answer 200 only so many bytes are wanted."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    content: bytes | Path | None
    limit: int
    first: int | None

    def __str__(self) -> str:
        return f"{self.method} {shown(str(self.url))}"


class _Failed(Exception):
    """An exchange that gave no answer; `again`: it may give one when it is repeated."""

    def __init__(self, words: str, again: bool = True) -> None:
        super().__init__(words)
        self.again = again


class Client:
    """One command's way to servers.

    `secret` are headers (such as Authorization) that go to the origin of `base` and nowhere else, neither after a redirect
    nor into a message. `talk` is told of every retry. Relative addresses start at `base`.

    Every method raises HttpError for a status that is no success; Unavailable where there is no network or no time, where a
    body has no end or a server does not keep to the protocol; ModelregError for an address that can not be used.
    """

    def __init__(
        self,
        deadline: Deadline,
        *,
        base: str = "",
        secret: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        talk: Callable[[str], None] = lambda _words: None,
        attempts: int = _ATTEMPTS,
    ) -> None:
        self._deadline, self._talk, self._attempts = deadline, talk, attempts
        self._base = address(base.rstrip("/") + "/") if base else None
        self._secret = dict(secret or {})
        if self._secret:
            carries_secrets(self._base)
        # nothing is compressed, so nothing unfolds to a thousand times its size
        always = {"user-agent": "modelreg", "accept-encoding": "identity", **(headers or {})}
        self._client = httpx.Client(headers=always, follow_redirects=False, timeout=_SILENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def get_json(self, url: str, *, params: Mapping[str, str | int] | None = None, limit: int = MAX_BODY) -> Any:
        """The JSON at an address."""
        return self.request("GET", url, params=params, headers=_JSON, limit=limit).json()

    def get_bytes(self, url: str, start: int, length: int) -> Piece:
        """At most `length` bytes of a file from `start`: fewer at its end, none behind it.

        A server that ignores ranges is read up to the end of the range, where that lies within MAX_BODY.
        """
        asked = {"range": f"bytes={start}-{start + length - 1}"}
        answer = self.request("GET", url, headers=asked, limit=length, first=start + length, also=(416,))
        span = re.fullmatch(r"bytes (?:(\d{1,19})-(\d{1,19})|\*)/(\d{1,19}|\*)", answer.headers.get("content-range", ""))
        total = int(span[3]) if span and span[3] != "*" else None
        if answer.status == 416:
            return Piece(b"", total, answer.headers)
        if answer.status == 200:
            size = answer.headers.get("content-length", "")
            return Piece(answer.body[start:], int(size) if re.fullmatch(r"\d{1,19}", size) else None, answer.headers)
        if not span or span[1] is None or int(span[1]) != start or int(span[2]) - start + 1 != len(answer.body):
            raise Unavailable(f"{shown(answer.url)} sent other bytes than were asked for", "the server or a proxy breaks ranges")
        return Piece(answer.body, total, answer.headers)

    def head(self, url: str, *, follow: bool = True) -> Answer:
        """Status and headers; without `follow` a redirect is an answer as well (its headers may tell a digest)."""
        return self.request("HEAD", url, follow=follow)

    def pages(self, url: str, *, params: Mapping[str, str | int] | None = None, limit: int = MAX_BODY) -> Iterator[Any]:
        """The JSON of every page of a listing whose pages are chained by a Link header."""
        seen: set[str] = set()
        while True:
            answer = self.request("GET", url, params=params, headers=_JSON, limit=limit)
            yield answer.json()
            seen.add(answer.url)
            found = _NEXT.search(answer.headers.get("link", ""))
            if not found:
                return
            onto = onward(httpx.URL(answer.url), found[1])
            if onto is None or str(onto) in seen or len(seen) >= _PAGES:
                raise Unavailable(f"the pages of {shown(url)} do not end", "its Link headers lead in a circle, or nowhere")
            url, params = str(onto), None

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_BODY,
        first: int | None = None,
        safe: bool | None = None,
        follow: bool | None = None,
        also: tuple[int, ...] = (),
    ) -> Answer:
        """Any method; `body` is sent as JSON, bytes and the file of a path as they are.

        `safe`: doing it twice does no harm, so it may be repeated (default: GET and HEAD). `follow`: go where redirects
        lead (the same default). `also`: statuses that are answers. `first`: of an answer 200 only so many bytes are wanted.
        """
        reads = method in ("GET", "HEAD")
        again, follow = reads if safe is None else safe, reads if follow is None else follow
        target = address(str(self._base.join(url.lstrip("/"))) if self._base and "://" not in url else url)
        plain = body is None or isinstance(body, (bytes, Path))
        content = body if plain else json.dumps(body).encode()
        sent = {**(headers or {}), **({} if plain else {"content-type": "application/json"})}
        asked = _Request(method, target.copy_merge_params(dict(params)) if params else target, sent, content, limit, first)
        welcome = {*also, *(() if follow else _REDIRECTS if reads else ())}
        return self._repeated(asked, self._attempts if again else 1, follow, welcome)

    def _repeated(self, asked: _Request, attempts: int, follow: bool, welcome: set[int]) -> Answer:
        for attempt in range(1, attempts + 1):
            pause = None
            try:
                answer = self._followed(asked, follow)
            except _Failed as error:
                words = str(error)
                if attempt == attempts or not error.again:
                    raise Unavailable(f"{asked} {words}", _hint(asked, error.again)) from None
            else:
                if 200 <= answer.status < 300 or answer.status in welcome:
                    return answer
                pause, words = asked_pause(answer.headers), f"answered {answer.status}"
                if attempt == attempts or not (answer.status in _AGAIN or (answer.status == 403 and pause is not None)):
                    raise HttpError(asked.method, answer, self._clean(answer.words()))
            self._pause(f"{asked} {words}", attempt, pause)
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, words: str, attempt: int, asked: float | None) -> None:
        """Waits before the next attempt, as long as was asked for; never past the deadline."""
        pause = own_pause(attempt) if asked is None else asked
        if pause >= self._deadline.left():
            hint = "try again, or give it more time with --deadline SECONDS"
            if asked is not None:
                hint = f"it asks to wait {asked:,.0f} s: try again then, or set a token, which raises limits"
            raise Unavailable(f"{words}, and no time is left for another attempt", hint)
        self._talk(f"{words}; attempt {attempt + 1} of {self._attempts} in {pause:.1f} s")
        time.sleep(pause)

    def _followed(self, asked: _Request, follow: bool) -> Answer:
        for _hop in range(_HOPS):
            mine = self._secret if self._base and origin(asked.url) == origin(self._base) else {}
            answer = self._timed(asked._replace(headers={**asked.headers, **mine}))
            if not follow or answer.status not in _REDIRECTS:
                return answer
            onto = onward(asked.url, answer.headers.get("location", ""))
            if onto is None:
                raise _Failed("redirects to where it is not safe to go", again=False)
            asked = asked._replace(url=onto)
        raise _Failed(f"redirects more than {_HOPS} times", again=False)

    def _timed(self, asked: _Request) -> Answer:
        """One exchange on its own thread, for as long as there is time."""
        result: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()
        given_up = threading.Event()

        def work() -> None:
            try:
                result.put(self._exchange(asked, given_up))
            except Exception as error:  # whatever it is, the one who waits has to hear of it
                result.put(error)

        found: Answer | Exception | None = None
        try:
            if left := self._deadline.left():
                threading.Thread(target=work, daemon=True).start()
                found = result.get(timeout=left)
        except queue.Empty:
            pass
        finally:
            given_up.set()
        if isinstance(found, Answer):
            return found
        if isinstance(found, (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)):
            words = self._clean(str(found)) or type(found).__name__
            raise _Failed(f"failed: {words}", again="CERTIFICATE_VERIFY_FAILED" not in words)
        if found is not None:
            raise found
        raise Unavailable(
            f"{asked}: the {self._deadline.seconds:g} seconds of this command are over",
            "try again, or give it more time with --deadline SECONDS",
        )

    def _exchange(self, asked: _Request, given_up: threading.Event) -> Answer:
        with (
            asked.content.open("rb") if isinstance(asked.content, Path) else nullcontext(asked.content) as content,
            self._client.stream(asked.method, asked.url, headers=asked.headers, content=content) as response,
        ):
            status, told = response.status_code, {name.lower(): value for name, value in response.headers.items()}
            if told.get("content-encoding", "identity") != "identity":
                raise _Failed("answered with a compressed body, which was not asked for", again=False)
            enough = asked.first if status == 200 else None
            if enough and enough > max(MAX_BODY, asked.limit):
                raise _Failed(f"ignores ranges, and the bytes asked for lie behind the first {MAX_BODY:,}", again=False)
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if given_up.is_set() or (enough and len(body) >= enough):
                    break
                if not enough and len(body) > asked.limit:
                    if 200 <= status < 300:
                        raise _Failed(f"answered with more than {asked.limit:,} bytes", again=False)
                    break
            return Answer(status, told, bytes(body[: enough or asked.limit]), str(asked.url))

    def _clean(self, words: str) -> str:
        """Words of others without secrets and control characters."""
        for value in self._secret.values():
            for part in (value, value.rpartition(" ")[2]):
                words = words.replace(part, "***") if part else words
        return "".join(char if char.isprintable() else " " for char in words)[:300]


def _hint(asked: _Request, reached: bool) -> str:
    if asked.method not in ("GET", "HEAD"):
        return "whether it was done is not known: look before you repeat it"
    return (
        "is the network up, and the address right? proxies are taken from HTTPS_PROXY"
        if reached
        else "the server does not serve this as it should: another place, or a copy on this machine, may do"
    )
