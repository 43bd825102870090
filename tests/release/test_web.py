"""Web sites as channels: real servers, with ranges and without, and some that never end."""

import functools
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.http import Client, Deadline
from modelreg_cli.release import pieces as piecewise
from tests.conftest import Run
from tests.release.conftest import Publish, answer
from tests.repositories import Repo
from tests.servers import Exchange, Server, ranged, serving


class Plain(SimpleHTTPRequestHandler):
    """Python's own, which has no ranges."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is served."""
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@pytest.fixture
def plain(folder: Path) -> Iterator[str]:
    """A server without ranges."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Plain, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def ranging(folder: Path) -> Callable[[Exchange], None]:
    """Answers with files, and with parts of them."""

    def answering(one: Exchange) -> None:
        file = folder / one.path.lstrip("/")
        if not file.is_file():
            one.answer(404)
            return
        ranged(one, file.read_bytes())

    return answering


@pytest.fixture
def site(folder: Path) -> Iterator[Server]:
    """A server with ranges."""
    with serving(ranging(folder)) as server:
        yield server


def test_pulled_from_a_site_without_ranges(publish_to: Publish, pull_from: Publish, run: Run, folder: Path, plain: str) -> None:
    publish_to(folder)
    assert pull_from(plain).code == 0
    assert answer(run) == ["acme/tiny@1.0.0"]
    assert "is held already" in run("pull").out


def test_a_difference_from_a_site(publish_to: Publish, pull_from: Publish, folder: Path, site: Server, repo: Repo) -> None:
    publish_to(folder)
    whole = json.loads(pull_from(site.url, "--json").out)["received"]
    repo.commit({"README.md": "Moved.\n", "catalog/tags/new.yaml": "description: New.\n"})
    publish_to(folder)
    assert json.loads(pull_from(site.url, "--json").out)["received"] < whole / 2


@pytest.mark.parametrize("where", ["site", "plain"])
def test_a_download_goes_on(
    publish_to: Publish, pull_from: Publish, folder: Path, tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    """A pull that broke off left the first half behind."""
    (told,) = json.loads(publish_to(folder, "--json").out)
    server = request.getfixturevalue(where)
    (file,) = (folder / "files").iterdir()
    manifest = json.loads(json.loads((folder / "latest.json").read_text())["manifest"])
    sha = next(one["sha256"] for one in manifest["files"] if one["role"] == "index.zst")
    raw, home = file.read_bytes(), tmp_path / "home" / "small"
    home.mkdir(parents=True)
    (home / f".{sha[:16]}.part").write_bytes(raw[: len(raw) // 2])
    pulled = json.loads(pull_from(server if where == "plain" else server.url, "--json").out)
    assert pulled["received"] == len(raw) - len(raw) // 2 and told["manifest"] == pulled["manifest"]


@pytest.mark.parametrize("start", [0, 1, 9_999, 70_000, 99_999, 100_000])
@pytest.mark.parametrize("size", [4096, 100_000, 200_000])
@pytest.mark.parametrize("where", ["site", "plain"])
def test_every_byte_once(
    folder: Path, where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, start: int, size: int
) -> None:
    raw = bytes(number % 251 for number in range(100_000))
    (folder / "file").write_bytes(raw)
    server = request.getfixturevalue(where)
    monkeypatch.setattr(piecewise, "_PIECE", size)
    with Client(Deadline(30), base=server if where == "plain" else server.url) as client:
        assert b"".join(piecewise.pieces(client, "file", start)) == raw[start:]


def test_a_slow_site_ends_by_the_deadline(publish_to: Publish, pull_from: Publish, folder: Path) -> None:
    publish_to(folder)

    def drip(one: Exchange) -> None:
        if one.path == "/latest.json":
            ranging(folder)(one)
            return
        one.start(200, {})
        while True:
            one.write(b"x")
            time.sleep(0.02)

    with serving(drip) as server:
        started = time.monotonic()
        ran = pull_from(server.url, "--deadline", "2")
    assert ran.code == 3 and "--deadline" in ran.err and time.monotonic() - started < 10


def test_an_endless_site_is_read_no_further_than_the_file(publish_to: Publish, pull_from: Publish, folder: Path) -> None:
    publish_to(folder)

    def pour(one: Exchange) -> None:
        if one.path == "/latest.json":
            ranging(folder)(one)
            return
        one.start(200, {})
        while True:
            one.write(b"x" * 1_000_000)

    with serving(pour) as server:
        ran = pull_from(server.url, "--deadline", "30")
    assert ran.code == 3 and "larger than its manifest says" in ran.err


def test_a_site_is_read_only(publish_to: Publish, plain: str) -> None:
    ran = publish_to(plain)
    assert ran.code == 2 and "publish to a folder" in ran.err


def test_nothing_was_published(pull_from: Publish, plain: str) -> None:
    assert pull_from(plain).code == 1


@pytest.mark.parametrize("address", ["http://192.0.2.1/x", "https://host.invalid/x?sig=hush", "gopher://x"])
def test_addresses_that_are_not_asked(pull_from: Publish, address: str) -> None:
    ran = pull_from(address, "--deadline", "1")
    assert ran.code == 2 and "hush" not in ran.err and "hint:" in ran.err


def test_http_where_it_is_allowed(pull_from: Publish) -> None:
    """A network that documents are written about (RFC 5737): nobody answers there."""
    assert pull_from("http://192.0.2.1/x", "--allow-http", "--deadline", "1").code == 3


@pytest.mark.parametrize("where", ["site", "plain"])
def test_an_older_state_of_a_site_that_lists_nothing(
    publish_to: Publish, pull_from: Publish, run: Run, repo: Repo, folder: Path, where: str, request: pytest.FixtureRequest
) -> None:
    found: Server | str = request.getfixturevalue(where)
    address = found if isinstance(found, str) else found.url
    commits = [repo.git("rev-parse", "HEAD")]
    for number in range(4):
        publish_to(folder, "--keep", "3")
        commits.append(repo.commit({f"catalog/tags/t{number}.yaml": "description: T.\n"}))
    assert pull_from(address).code == 0
    asked = len(found.seen) if isinstance(found, Server) else 0
    assert pull_from(address).code == 0
    assert not isinstance(found, Server) or len(found.seen) == asked + 1, "what was noted is not asked for again"
    ran = run("search", "--at", commits[1])
    assert ran.code == 3 and "1 of " not in ran.err and "2 of " in ran.err, "what the site has no more is not told"
    (told,) = json.loads(pull_from(address, "--at", commits[1], "--json").out)["older"]
    assert told["sequence"] == 2
    assert run("search", "-q", "--at", commits[1]).lines == ["acme/tiny"]
    ran = run("pull", address, "--at", commits[0])
    assert ran.code == 3 and "answered 404" in ran.err
