"""Channels that are down, slow, or something else: a clear message in time, and what is held stays in use."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modelreg_cli.http import client
from tests.conftest import Ran, Run
from tests.release.conftest import Publish, answer
from tests.release.test_web import ranging
from tests.repositories import Repo
from tests.servers import Exchange, free_port, serving

Answering = Callable[[Exchange], None]
DEADLINE = 3


@pytest.fixture
def folder(tmp_path: Path, publish_to: Publish, pull_from: Publish, repo: Repo) -> Path:
    """What is served: state 2, while state 1 is held."""
    (tmp_path / "site").mkdir()
    assert publish_to(tmp_path / "site").code == 0 and pull_from(tmp_path / "site").code == 0
    repo.commit({"catalog/models/acme/tiny/1.1.0.yaml": "released: 2026-02-01\nstatus: active\n"})
    assert publish_to(tmp_path / "site").code == 0
    return tmp_path / "site"


@pytest.fixture
def fails(run: Run, folder: Path, tmp_path: Path, pull_from: Publish) -> Callable[[str], Ran]:
    """A pull that does not come to its end: said in time, with what to do; questions are answered as before."""
    home = tmp_path / "home" / "small"
    before = {one: one.read_bytes() for one in home.rglob("*") if one.is_file()}

    def call(address: str) -> Ran:
        started = time.monotonic()
        ran = pull_from(address, "--deadline", str(DEADLINE), "--allow-http")
        assert time.monotonic() - started < DEADLINE + 3
        assert ran.code == 3 and ran.err.count("error: ") == 1 and "hint: " in ran.err and "Traceback" not in ran.err, ran
        assert {one: one.read_bytes() for one in before} == before
        assert answer(run) == ["acme/tiny@1.0.0"] and run("verify").code == 0
        return ran

    return call


def trickle(one: Exchange) -> None:
    """A byte now and then."""
    one.start(200, {"content-length": "100000"})
    while True:
        one.write(b"x")
        time.sleep(0.1)


def hang(one: Exchange) -> None:
    """Nothing at all."""
    time.sleep(20)


def status(number: int) -> Answering:
    """Always the same refusal."""
    return lambda one: one.answer(number, b"down")


def circle(one: Exchange) -> None:
    """Leads back to itself."""
    one.answer(302, location=one.path)


def page(one: Exchange) -> None:
    """A page of a login, with a status that says that all is well."""
    one.answer(200, b"<!doctype html><title>Sign in</title>", content_type="text/html")


def cut(one: Exchange) -> None:
    """Ends in the middle."""
    one.start(200, {"content-length": "100000"})
    one.write(b"x" * 100)
    raise OSError


KINDS = {"trickle": trickle, "hang": hang, "circle": circle, "page": page, "cut": cut} | {
    str(number): status(number) for number in (401, 403, 429, 500, 502, 503, 504)
}


@pytest.mark.parametrize("name", KINDS)
def test_from_the_first_answer(fails: Callable[[str], Ran], name: str) -> None:
    with serving(KINDS[name]) as server:
        fails(server.url)


@pytest.mark.parametrize("name", [*KINDS, "404"])
def test_while_files_are_brought(fails: Callable[[str], Ran], folder: Path, name: str) -> None:
    kind = KINDS.get(name, status(404))
    with serving(lambda one: (ranging(folder) if one.path == "/latest.json" else kind)(one)) as server:
        fails(server.url)


def test_nobody_listens(fails: Callable[[str], Ran]) -> None:
    fails(f"http://127.0.0.1:{free_port()}")


def test_a_name_that_nobody_has(fails: Callable[[str], Ran]) -> None:
    """A name that never resolves (RFC 6761)."""
    fails("https://modelreg.invalid/")


def test_a_folder_that_is_gone(folder: Path, run: Run, pull_from: Publish) -> None:
    folder.rename(folder.with_name("elsewhere"))
    ran = pull_from(folder)
    assert ran.code == 1 and "nothing was published" in ran.err
    assert answer(run) == ["acme/tiny@1.0.0"]


@pytest.mark.parametrize("after", [0, 1, 1000, 5000])
def test_cut_once_and_taken_up_again(
    run: Run, folder: Path, pull_from: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Every request is answered in part before it is answered whole."""
    monkeypatch.setattr(client, "_SILENCE", 1.0)
    seen: set[str] = set()

    def once(one: Exchange) -> None:
        key = f"{one.path} {one.headers.get('range', '')}"
        if key in seen:
            ranging(folder)(one)
            return
        seen.add(key)
        raw = (folder / one.path.lstrip("/")).read_bytes()
        one.start(200, {"content-length": str(len(raw))})
        one.write(raw[:after] if after < len(raw) else raw[:-1])
        raise OSError

    with serving(once) as server:
        ran = pull_from(server.url)
    assert ran.code == 0 and run("verify").code == 0, ran.err
