"""Real servers on this machine, each on a free port, whose answers are functions."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Exchange:
    """One request as a function sees it, and its way to answer."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        self._handler = handler
        self.method, self.path, self.body = handler.command, handler.path, body
        self.headers = {name.lower(): value for name, value in handler.headers.items()}

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """A whole answer; `content_length="9"` is the header content-length."""
        given = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.start(status, given)
        if self.method != "HEAD":
            self.write(body)

    def start(self, status: int, headers: dict[str, str]) -> None:
        """Status and headers alone."""
        self._handler.send_response_only(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()


Answering = Callable[[Exchange], None]


class Server:
    """`url` without a slash at its end; `seen` are all requests so far."""

    def __init__(self, url: str, seen: list[Exchange]) -> None:
        self.url, self.seen = url, seen


@contextmanager
def serving(answering: Answering) -> Iterator[Server]:
    """A server whose requests are answered by a function, each on a thread of its own."""
    seen: list[Exchange] = []

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            exchange = Exchange(self, self.rfile.read(int(self.headers.get("content-length", 0))))
            seen.append(exchange)
            try:
                answering(exchange)
            except OSError:
                self.close_connection = True  # the client went away, as it may

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ranged(asked: Exchange, raw: bytes) -> None:
    """Bytes, or the part of them that is asked for (RFC 9110, section 14)."""
    span = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("range", ""))
    if not span:
        asked.answer(200, raw)
    elif int(span[1]) >= len(raw):
        asked.answer(416, content_range=f"bytes */{len(raw)}")
    else:
        first, last = int(span[1]), min(int(span[2]), len(raw) - 1)
        asked.answer(206, raw[first : last + 1], content_range=f"bytes {first}-{last}/{len(raw)}")
