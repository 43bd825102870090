"""What tests of all channels share: a small catalog, a publisher's key, a machine to pull to."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.http import deadline as pauses
from modelreg_cli.release.channel import Channel, Moved
from tests.conftest import Ran, Run
from tests.repositories import Repo, made

#: Publishes HEAD to an address, pulls from one.
Publish = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Own pauses are a tenth of a second at the longest."""
    monkeypatch.setattr(pauses, "_LONGEST", 0.1)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A small catalog."""
    return made(tmp_path / "repo")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The publisher's."""
    return new_key(tmp_path / "key")


@pytest.fixture
def publish_to(run: Run, repo: Repo, key: Path) -> Publish:
    """Publishes HEAD to an address, the index alone; what else is published, tests/forms tells."""
    return lambda address, *argv: run("publish", str(address), "--key", str(key), "--root", str(repo.top), "--forms", "none", *argv)


@pytest.fixture
def pull_from(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Pulls, on a machine that has no catalog."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(elsewhere)
    return lambda address, *argv: run("pull", str(address), *argv)


@pytest.fixture
def channel(tmp_path: Path, publish_to: Publish, pull_from: Publish) -> Path:
    """A folder with a state that was published and pulled."""
    folder = tmp_path / "channel"
    assert publish_to(folder).code == 0 and pull_from(folder).code == 0
    return folder


def new_key(path: Path) -> Path:
    """A key without a passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)], check=True)
    return path


def answer(run: Run) -> list[str]:
    """What a question finds here."""
    return [one["ref"] for one in json.loads(run("search", "--json").out)]


def journey(address: str, publish_to: Publish, pull_from: Publish, repo: Repo, run: Run) -> dict[str, Any]:
    """What every channel has to do: publish once, pull, change, pull the difference, keep the last two; what was pulled last."""
    told = publish_to(address, "--json")
    assert told.code == 0, told.err
    assert not json.loads(publish_to(address, "--json").out)[0]["new"]
    first = pull_from(address, "--json")
    assert first.code == 0, first.err
    assert answer(run) == ["acme/tiny@1.0.0"]
    for number in (2, 3, 4):
        repo.commit({f"catalog/models/acme/tiny/1.{number}.0.yaml": "released: 2026-02-01\nstatus: active\n"})
        ran = publish_to(address, "--keep", "2")
        assert ran.code == 0 and f"state {number} published" in ran.out, ran.err
        last: dict[str, Any] = json.loads(pull_from(address, "--json").out)
        assert last["sequence"] == number and last["received"] < json.loads(first.out)["received"] / 2
    shutil.rmtree(Path(last["path"]).parent)  # a machine that has none of them yet
    (older,) = json.loads(pull_from(address, "--history", "3", "--json").out)["older"]
    assert older["sequence"] == 3 and len(json.loads(run("versions", "acme/tiny", "--json", "--at", older["commit"]).out)) == 3
    return last


def replaced_once(one: Channel, other: Channel) -> None:
    """What two publishers have to find of an empty channel: only what was read is replaced."""
    assert one.latest() is None
    one.swap(b"1", None)
    with pytest.raises(Moved):
        other.swap(b"2", None)
    before = other.latest()
    one.swap(b"3", one.latest())
    with pytest.raises(Moved):
        other.swap(b"4", before)
    found = other.latest()
    assert found and found.raw == b"3"


def race(publishers: list[Callable[[], Ran]]) -> None:
    """All at once; every one of them says that it did it."""
    ready, codes = threading.Barrier(len(publishers)), []

    def work(publish: Callable[[], Ran]) -> None:
        ready.wait()
        codes.append(publish())

    threads = [threading.Thread(target=work, args=(one,)) for one in publishers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ran.code for ran in codes] == [0] * len(publishers), [ran.err for ran in codes]


@pytest.fixture
def raced(shell: Run, key: Path, tmp_path: Path, run: Run, pull_from: Publish) -> Callable[..., None]:
    """Three processes publish three states at once: all of them become states, one after the other, and the newest is whole."""

    def call(address: str, **env: str) -> None:
        repos = [made(tmp_path / f"racer{number}") for number in range(3)]
        for number, one in enumerate(repos):
            one.commit({"README.md": f"Racer {number}.\n", f"catalog/tags/t{number}.yaml": "description: T.\n"})
        race(
            [lambda one=one: shell("publish", address, "--key", str(key), "--root", str(one.top), "--keep", "1", env=env) for one in repos]
        )
        told = json.loads(pull_from(address, "--json").out)
        assert told["sequence"] == 3 and answer(run) == ["acme/tiny@1.0.0"]

    return call
