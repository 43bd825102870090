"""The network: deadlines, bounds, retries, secrets, ranges and pages, against real servers."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate

import httpx
import pytest

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Client, Deadline, HttpError, shown
from modelreg_cli.http import deadline as pauses
from modelreg_cli.http.address import onward
from tests.servers import Exchange, free_port, serving

SECRET = {"authorization": "Bearer hf_0123456789"}
DATA = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Own pauses are a tenth of a second at the longest."""
    monkeypatch.setattr(pauses, "_LONGEST", 0.1)


def client(base: str = "", seconds: float = 20, **more: object) -> Client:
    return Client(Deadline(seconds), base=base, **more)  # type: ignore[arg-type]


def test_json_is_read_and_written() -> None:
    def answering(one: Exchange) -> None:
        one.answer(201 if one.method == "POST" else 200, json.dumps({"path": one.path, "sent": one.body.decode()}).encode())

    with serving(answering) as server, client(f"{server.url}/api") as http:
        assert http.get_json("models", params={"limit": 3, "q": "a b&c"})["path"] in (
            "/api/models?limit=3&q=a+b%26c",
            "/api/models?limit=3&q=a%20b%26c",
        )
        answer = http.request("POST", "/pulls", body={"title": "ü"})
        assert answer.status == 201 and json.loads(answer.json()["sent"]) == {"title": "ü"} and answer.json()["path"] == "/api/pulls"
        assert server.seen[1].headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"", b"[" * 100_000, b"\xff\xfe{}"])
def test_what_is_not_json_is_said_and_not_repeated(body: bytes) -> None:
    with serving(lambda one: one.answer(200, body)) as server, client(server.url) as http:
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1.*not JSON") as caught:
            http.get_json("x?key=hush")
        assert caught.value.hint and "hush" not in caught.value.message and len(server.seen) == 1


def _drip_body(one: Exchange) -> None:
    one.start(200, {"content-length": "1000000"})
    while True:
        one.write(b"x")
        time.sleep(0.05)


def _drip_headers(one: Exchange) -> None:
    one.write(b"HTTP/1.1 200 OK\r\nx: ")
    while True:
        one.write(b"x")
        time.sleep(0.05)


def _silence(one: Exchange) -> None:
    time.sleep(5)


@pytest.mark.parametrize("answering", [_drip_body, _drip_headers, _silence])
def test_nothing_that_a_server_does_outlasts_the_deadline(answering: object) -> None:
    with serving(answering) as server, client(server.url, seconds=0.4) as http:  # type: ignore[arg-type]
        started = time.monotonic()
        with pytest.raises(Unavailable, match=r"the 0\.4 seconds of this command are over") as caught:
            http.get_json("/slow")
        assert time.monotonic() - started < 1.0
        assert caught.value.exit_code == 3 and "--deadline" in str(caught.value.hint)
        with pytest.raises(Unavailable, match="are over"):  # and nothing is asked any more
            http.get_json("/slow")
        assert len(server.seen) == 1


def test_clients_share_a_deadline() -> None:
    shared = Deadline(0.2)
    with serving(lambda one: one.answer(200, b"1")) as server:
        assert Client(shared, base=server.url).get_json("/") == 1
        time.sleep(0.25)
        with pytest.raises(Unavailable, match="are over"):
            Client(shared, base=server.url).get_json("/")


def test_a_body_without_end_is_refused_at_its_bound() -> None:
    sent = 0
    ended = threading.Event()

    def answering(one: Exchange) -> None:
        nonlocal sent
        one.start(200, {})
        try:
            while True:
                one.write(b"x" * 10_000)
                sent += 10_000
        finally:
            ended.set()

    with serving(answering) as server, client(server.url) as http:
        with pytest.raises(Unavailable, match="more than 100,000 bytes"):
            http.get_json("/", limit=100_000)
        assert ended.wait(5), "the connection is closed"
        assert len(server.seen) == 1


def test_a_compressed_body_is_refused() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    with serving(lambda one: one.answer(200, bomb, content_encoding="gzip")) as server, client(server.url) as http:
        with pytest.raises(Unavailable, match="compressed"):
            http.get_json("/")
        assert server.seen[0].headers["accept-encoding"] == "identity"


def _then(*answers: tuple[int, dict[str, str]]) -> tuple[list[int], object]:
    """Answers one after the other, then 200."""
    left = list(answers)
    asked: list[int] = []

    def answering(one: Exchange) -> None:
        asked.append(1)
        status, headers = left.pop(0) if left else (200, {})
        one.answer(status, b'{"ok": true}', **headers)

    return asked, answering


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_and_that_is_told(status: int) -> None:
    asked, answering = _then((status, {}), (status, {}))
    told: list[str] = []
    with serving(answering) as server, client(server.url, talk=told.append) as http:  # type: ignore[arg-type]
        assert http.get_json("/busy?sig=hush") == {"ok": True}
    assert len(asked) == 3 and len(told) == 2
    assert f"answered {status}; attempt 2 of 5 in 0." in told[0] and "/busy" in told[0] and "hush" not in told[0]


def test_it_gives_up_after_its_attempts() -> None:
    asked, answering = _then(*[(503, {})] * 9)
    with serving(answering) as server, client(server.url, attempts=3) as http:  # type: ignore[arg-type]
        with pytest.raises(HttpError) as caught:
            http.get_json("/")
        assert caught.value.status == 503 and caught.value.exit_code == 3
    assert len(asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_other_answers_are_for_the_caller(status: int) -> None:
    def answering(one: Exchange) -> None:
        one.answer(status, b'{"message": "no\\u001b[2J hf_0123456789 here"}')

    with serving(answering) as server, client(server.url, secret=SECRET) as http:
        with pytest.raises(HttpError) as caught:
            http.get_json("/")
        assert caught.value.status == status and len(server.seen) == 1
        assert caught.value.said == "no [2J *** here" and f"answered {status}: no" in caught.value.message
        assert b"hf_" in caught.value.answer.body


def test_a_server_says_how_long_to_wait() -> None:
    for headers in ({"retry_after": "1"}, {"retry_after": formatdate(time.time() + 3, usegmt=True)}):
        told: list[str] = []
        _, answering = _then((503, headers))
        with serving(answering) as server, client(server.url, talk=told.append) as http:  # type: ignore[arg-type]
            started = time.monotonic()
            assert http.get_json("/") == {"ok": True}
            assert 0.7 < time.monotonic() - started < 3


def test_a_limit_that_is_used_up_is_waited_for() -> None:
    used_up = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(time.time()) + 1)}
    for answer in ((403, used_up), (429, used_up), (403, {"retry_after": "0"})):
        asked, answering = _then(answer)
        with serving(answering) as server, client(server.url) as http:  # type: ignore[arg-type]
            assert http.get_json("/") == {"ok": True}
        assert len(asked) == 2


def test_it_never_sleeps_past_the_deadline() -> None:
    _, answering = _then((429, {"retry_after": "3600"}))
    with serving(answering) as server, client(server.url) as http:  # type: ignore[arg-type]
        started = time.monotonic()
        with pytest.raises(Unavailable, match="no time is left") as caught:
            http.get_json("/")
        assert time.monotonic() - started < 2 and "3,600 s" in str(caught.value.hint)


def test_writing_is_not_repeated_unless_it_is_safe() -> None:
    asked, answering = _then((503, {}))
    with serving(answering) as server, client(server.url) as http:  # type: ignore[arg-type]
        with pytest.raises(HttpError):
            http.request("POST", "/", body={})
        assert len(asked) == 1
    asked, answering = _then((503, {}))
    with serving(answering) as server, client(server.url) as http:  # type: ignore[arg-type]
        assert http.request("PUT", "/", body={}, safe=True).status == 200
        assert len(asked) == 2
    with client(f"http://127.0.0.1:{free_port()}") as http, pytest.raises(Unavailable) as caught:
        http.request("POST", "/", body={})
    assert "look before you repeat" in str(caught.value.hint)


def test_nobody_there() -> None:
    told: list[str] = []
    with client(f"http://127.0.0.1:{free_port()}", talk=told.append, attempts=3) as http:
        with pytest.raises(Unavailable, match=r"GET http://127\.0\.0\.1.*failed") as caught:
            http.get_json("/")
        assert caught.value.hint and len(told) == 2


def test_a_truncated_body_is_asked_for_again() -> None:
    tries: list[int] = []

    def answering(one: Exchange) -> None:
        tries.append(1)
        one.start(200, {"content-length": "10", "connection": "close"})
        one.write(b'{"a": 1234'[: 5 if len(tries) == 1 else 10] if len(tries) == 1 else b'{"a": 123}')
        raise ConnectionError

    with serving(answering) as server, client(server.url) as http:
        assert http.get_json("/") == {"a": 123}
    assert len(tries) == 2


def test_a_server_that_does_not_speak_http() -> None:
    with (
        serving(lambda one: one.write(b"220 ready\r\n" * 10)) as server,
        client(server.url, attempts=2) as http,
        pytest.raises(Unavailable, match="failed"),
    ):
        http.get_json("/")


def test_a_secret_goes_to_its_own_server_only() -> None:
    with serving(lambda one: one.answer(200, b"{}")) as other:

        def answering(one: Exchange) -> None:
            here = {"/near": "/end", "/far": f"{other.url}/file?sig=1"}.get(one.path)
            one.answer(302 if here else 200, b"{}", **({"location": here} if here else {}))

        with serving(answering) as server, client(server.url, secret=SECRET) as http:
            http.get_json("/near")
            assert [one.headers.get("authorization") for one in server.seen] == [SECRET["authorization"]] * 2
            http.get_json("/far")
            http.get_json(f"{other.url}/directly")
            assert [one.path for one in other.seen] == ["/file?sig=1", "/directly"]
            assert not any("authorization" in one.headers for one in other.seen)


@pytest.mark.parametrize("base", ["", "http://example.org"])
def test_a_secret_is_not_sent_in_the_clear(base: str) -> None:
    with pytest.raises(ModelregError, match="a token is not sent to"):
        client(base, secret=SECRET)


def test_a_redirect_that_is_not_safe_or_has_no_end() -> None:
    for location in ("file:///etc/passwd", "https://", "", "javascript:alert(1)", "http://[::1"):
        with (
            serving(lambda one, to=location: one.answer(302, location=to)) as server,
            client(server.url) as http,
            pytest.raises(Unavailable, match=r"not safe|failed: "),
        ):  # type: ignore[misc]  # httpx itself refuses some
            http.get_json("/")
    with (
        serving(lambda one: one.answer(302, location=one.path + "x")) as server,
        client(server.url) as http,
        pytest.raises(Unavailable, match="more than 10 times"),
    ):
        http.get_json("/")


def test_from_https_nothing_leads_to_http() -> None:
    assert onward(httpx.URL("https://a.example/x"), "http://a.example/x") is None
    assert str(onward(httpx.URL("https://a.example/x"), "//b.example/y?z")) == "https://b.example/y?z"
    assert str(onward(httpx.URL("http://a.example/x"), "https://me:pw@a.example/y")) == "https://a.example/y"


def test_a_write_follows_no_redirect() -> None:
    with serving(lambda one: one.answer(307, location="/other")) as server, client(server.url) as http:
        with pytest.raises(HttpError) as caught:
            http.request("POST", "/", body={})
        assert caught.value.status == 307 and len(server.seen) == 1


def test_head_tells_headers_of_a_redirect() -> None:
    def answering(one: Exchange) -> None:
        if one.path == "/file":
            one.answer(302, location="/cdn", x_linked_etag='"abc"')
        else:
            one.answer(200, b"12345")

    with serving(answering) as server, client(server.url) as http:
        answer = http.head("/file", follow=False)
        assert answer.status == 302 and answer.headers["x-linked-etag"] == '"abc"'
        answer = http.head("/file")
        assert answer.status == 200 and answer.headers["content-length"] == "5" and answer.url == f"{server.url}/cdn"


def ranges(one: Exchange) -> None:
    """A server that knows ranges."""
    first, last = (int(part) for part in one.headers["range"].removeprefix("bytes=").split("-"))
    if first >= len(DATA):
        one.answer(416, content_range=f"bytes */{len(DATA)}")
    else:
        part = DATA[first : last + 1]
        one.answer(206, part, content_range=f"bytes {first}-{first + len(part) - 1}/{len(DATA)}")


@pytest.mark.parametrize("answering", [ranges, lambda one: one.answer(200, DATA)])
def test_bytes_of_a_file(answering: object) -> None:
    with serving(answering) as server, client(server.url) as http:  # type: ignore[arg-type]
        for start, length in ((0, 1), (0, 256), (100, 1000), (len(DATA) - 3, 10), (len(DATA), 5), (len(DATA) + 7, 5)):
            piece = http.get_bytes("/w", start, length)
            assert piece.data == DATA[start : start + length] and piece.total == len(DATA)


def test_a_server_that_ignores_ranges_is_read_no_further_than_needed() -> None:
    sent = [0]

    def answering(one: Exchange) -> None:
        one.start(200, {"content-length": str(10**12)})
        while True:
            one.write(b"x" * 10_000)
            sent[0] += 10_000

    with serving(answering) as server, client(server.url) as http:
        piece = http.get_bytes("/w", 50_000, 10)
        assert piece.data == b"x" * 10 and piece.total == 10**12
        with pytest.raises(Unavailable, match="ignores ranges"):
            http.get_bytes("/w", 10**11, 10)
        assert sent[0] < 30_000_000


@pytest.mark.parametrize(
    "told", ["bytes 5-14/10240", "bytes 0-98/10240", "bytes 0-9", "items 0-9/10240", "bytes */10240", "bytes 0-99999999999999999999/5"]
)
def test_other_bytes_than_were_asked_for(told: str) -> None:
    with (
        serving(lambda one: one.answer(206, DATA[:10], content_range=told)) as server,
        client(server.url) as http,
        pytest.raises(Unavailable, match="other bytes"),
    ):
        http.get_bytes("/w", 0, 10)


def test_more_bytes_than_were_asked_for() -> None:
    with (
        serving(lambda one: one.answer(206, DATA, content_range="bytes 0-9/10240")) as server,
        client(server.url) as http,
        pytest.raises(Unavailable, match="more than 10 bytes"),
    ):
        http.get_bytes("/w", 0, 10)


def test_pages() -> None:
    def answering(one: Exchange) -> None:
        page = int(one.path.rpartition("=")[2])
        links = f'<{server.url}/list?page=1>; rel="first", <{server.url}/list?page={page + 1}>; rel="next"'
        one.answer(200, json.dumps([page]).encode(), **({"link": links} if page < 3 else {"link": '</list?page=2>; rel="prev"'}))

    with serving(answering) as server, client(server.url) as http:
        assert list(http.pages("/list", params={"page": 1})) == [[1], [2], [3]]


def test_pages_in_a_circle_end() -> None:
    with serving(lambda one: one.answer(200, b"[]", link="</list>; rel=next")) as server, client(server.url) as http:
        pages: Iterator[object] = http.pages("/list")
        assert next(pages) == []
        with pytest.raises(Unavailable, match="do not end"):
            next(pages)


@pytest.mark.parametrize(
    "url", ["ftp://a.example/x", "a.example", "http://", "https://me:hush@a.example/x", "http://[::1/x", "http://a\x00b/"]
)
def test_addresses_that_are_not_asked(url: str) -> None:
    with client() as http, pytest.raises(ModelregError) as caught:
        http.get_json(url)
    assert caught.value.hint and caught.value.exit_code == 2 and "hush" not in caught.value.message


def test_an_address_is_shown_without_what_signs_it() -> None:
    assert shown("https://me:hush@a.example/x/y?sig=hush#hush") == "https://a.example/x/y"
    assert shown("http://[::1/x?hush") == "(no address)"
