"""Several at once: publishers, pulls, readers while the index is replaced; and processes killed at each request to a server."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import Run
from tests.release.conftest import Publish, answer, race
from tests.release.test_bucket import bucket as bucket  # noqa: PLC0414 - a fixture
from tests.release.test_bucket import pytestmark as needs_bucket
from tests.release.test_web import ranging
from tests.repositories import Repo, made
from tests.servers import Exchange, serving

ROUNDS = 4
#: Every so many requests one is the last; 1 for all.
STRIDE = int(os.environ.get("MODELREG_STRIDE", "5"))


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / "channel"


def version(number: int) -> dict[str, str | None]:
    """One more version."""
    return {f"catalog/models/acme/tiny/1.{number}.0.yaml": "released: 2026-02-01\nstatus: active\n"}


def test_publishers_in_many_rounds(shell: Run, key: Path, tmp_path: Path, channel: Path, run: Run) -> None:
    """Two processes each time: every state is published once, and the channel is whole after each round."""
    repos = [made(tmp_path / f"racer{number}") for number in range(2)]
    signers = tmp_path / "signers"
    signers.write_text(f"publisher {Path(f'{key}.pub').read_text()}")
    for turn in range(ROUNDS):
        for number, one in enumerate(repos):
            one.commit(version(10 * number + turn + 1))
        race([lambda one=one: shell("publish", str(channel), "--key", str(key), "--root", str(one.top), "--keep", "1") for one in repos])
        assert run("verify", str(channel), "--trust", str(signers)).code == 0
        assert json.loads(json.loads((channel / "latest.json").read_text())["manifest"])["sequence"] == 2 * (turn + 1)


def test_two_pulls_into_one_home(
    shell: Run, publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, channel: Path, tmp_path: Path
) -> None:
    publish_to(channel)
    for turn in range(ROUNDS):
        repo.commit(version(turn + 1))
        publish_to(channel)
        race([lambda: shell("pull", str(channel), cwd=tmp_path / "elsewhere") for _ in range(3)])
        assert run("verify").code == 0 and len(run("versions", "acme/tiny", "--json").json) == turn + 2
    assert not [one for one in (tmp_path / "home" / "small").iterdir() if one.suffix in (".tmp", ".part")]


def test_a_pull_waits_for_another_and_not_for_ever(
    publish_to: Publish, pull_from: Publish, run: Run, channel: Path, tmp_path: Path
) -> None:
    publish_to(channel)
    pull_from(channel)
    code = "import fcntl, sys\nfile = open(sys.argv[1], 'ab')\nfcntl.flock(file, fcntl.LOCK_EX)\nprint(flush=True)\nsys.stdin.read()"
    lock = tmp_path / "home" / "small" / ".lock"
    with subprocess.Popen([sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline()
        ran = pull_from(channel, "--deadline", "1")
        assert ran.code == 3 and "another process is at work in" in ran.err and "hint: " in ran.err
        assert answer(run) == ["acme/tiny@1.0.0"]
        other.communicate()
    assert pull_from(channel).code == 0


def test_readers_while_the_index_is_replaced(
    shell: Run, publish_to: Publish, pull_from: Publish, repo: Repo, channel: Path, tmp_path: Path
) -> None:
    """Each answer is that of a state that was the newest at some time while it was asked."""
    publish_to(channel)
    pull_from(channel)
    newest, stop, wrong = [1], threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            before = newest[0]
            ran = shell("versions", "acme/tiny", "--json", cwd=tmp_path / "elsewhere")
            # the next one may be in use before its pull says so
            if ran.code or not before <= len(json.loads(ran.out)) <= newest[0] + 1:
                wrong.append(ran)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    try:
        for turn in range(2 * ROUNDS):
            repo.commit(version(turn + 1))
            publish_to(channel)
            assert pull_from(channel).code == 0
            newest[0] = turn + 2
    finally:
        stop.set()
        for one in readers:
            one.join()
    assert wrong == []


def killed_at_requests(
    answering: Callable[[Exchange], None], start: Callable[[str], subprocess.Popen[bytes]], check: Callable[[], None], stride: int = STRIDE
) -> int:
    """Kills a process at every so many of its requests, in turns before and after the server did what was asked; how many times."""
    tried, number = 0, 1
    while True:
        seen: list[Exchange] = []
        running: list[subprocess.Popen[bytes]] = []

        def killing(one: Exchange, number: int = number, before: bool = bool(tried % 2)) -> None:
            seen.append(one)  # noqa: B023 - the server ends with this turn
            fatal = len(seen) == number  # noqa: B023
            if not (fatal and before):
                answering(one)
            if fatal:
                running[0].kill()  # noqa: B023

        with serving(killing) as server:
            running.append(start(server.url))
            code = running[0].wait(60)
        check()
        if code != -9:
            assert code == 0
            return tried
        tried, number = tried + 1, number + stride


def begun(*argv: str) -> subprocess.Popen[bytes]:
    """A process of the program."""
    return subprocess.Popen([sys.executable, "-m", "modelreg_cli", *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_pull_from_a_site_killed_at_requests(
    publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, channel: Path, tmp_path: Path
) -> None:
    publish_to(channel)
    pull_from(channel)
    seen = [1]

    def check() -> None:
        assert run("verify").code == 0 and len(run("versions", "acme/tiny", "--json").json) in (seen[0], seen[0] + 1)
        assert pull_from(channel).code == 0
        seen[0] += 1
        assert len(run("versions", "acme/tiny", "--json").json) == seen[0]
        repo.commit(version(seen[0]))
        assert publish_to(channel).code == 0

    repo.commit(version(1))
    publish_to(channel)
    tried = killed_at_requests(ranging(channel), lambda url: begun("pull", url), check, 1)
    print("killed at a request of a pull from a site:", tried)
    assert tried >= 2


@needs_bucket
def test_publishing_to_a_bucket_killed_at_requests(
    publish_to: Publish, pull_from: Publish, repo: Repo, key: Path, run: Run, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is the newest is whole each time, and the next publisher goes on."""
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    publish_to(bucket)
    assert pull_from(bucket).code == 0
    seen = [1]

    def forward(one: Exchange) -> None:
        sent = {name: value for name, value in one.headers.items() if name not in ("host", "connection")}
        found = httpx.request(one.method, f"{endpoint}{one.path}", content=one.body, headers=sent, timeout=30)
        kept = {
            name: value
            for name, value in found.headers.items()
            if name not in ("connection", "transfer-encoding", "content-length", "date")
        }
        size = found.headers.get("content-length", "0") if one.method == "HEAD" else str(len(found.content))
        one.start(found.status_code, {**kept, "content-length": size})
        if one.method != "HEAD":
            one.write(found.content)

    def start(url: str) -> subprocess.Popen[bytes]:
        repo.commit(version(seen[0]))
        env = {**os.environ, "AWS_ENDPOINT_URL": url}
        argv = ["publish", bucket, "--key", str(key), "--root", str(repo.top), "--keep", "2"]
        return subprocess.Popen(
            [sys.executable, "-m", "modelreg_cli", *argv], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def check() -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        assert pull_from(bucket).code == 0 and run("verify").code == 0
        assert len(run("versions", "acme/tiny", "--json").json) in (seen[0], seen[0] + 1)
        ran = publish_to(bucket, "--keep", "2")
        assert ran.code == 0, ran.err
        assert pull_from(bucket).code == 0
        seen[0] += 1
        assert len(run("versions", "acme/tiny", "--json").json) == seen[0]

    tried = killed_at_requests(forward, start, check)
    print("killed at a request of publishing to a bucket:", tried)
    assert tried >= 4
