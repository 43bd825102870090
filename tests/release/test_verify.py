"""What was published and pulled, checked again; each damage is found by the check that is there for it."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.commands import verify as command
from tests.conftest import Run
from tests.release.conftest import Publish, new_key
from tests.repositories import Repo

Failed = Callable[..., list[str]]


@pytest.fixture
def failed(run: Run) -> Failed:
    """Names of the checks that do not hold; the exit code says the same."""

    def call(*argv: Any) -> list[str]:
        ran = run("verify", *map(str, argv))
        names = [line.split()[1].rstrip(":") for line in ran.out.splitlines() if line.startswith("  NO")]
        assert ran.code == bool(names), ran.err
        assert ran.out.count("\n") > 4
        return names

    return call


def held(tmp_path: Path) -> Path:
    """The index on this machine."""
    (found,) = (tmp_path / "home" / "small").glob("index-*.db")
    return found


def test_all_is_well(failed: Failed, channel: Path, repo: Repo, tmp_path: Path) -> None:
    assert failed() == [] and failed(channel) == [] and failed(held(tmp_path)) == []
    assert failed("--rebuild", "--root", repo.top) == [] and failed(channel, "--rebuild", "--root", repo.top) == []


def test_a_value_that_was_changed(failed: Failed, channel: Path, tmp_path: Path) -> None:
    with sqlite3.connect(held(tmp_path)) as connection:
        connection.execute("UPDATE version SET context = 1")
    assert failed() == ["index", "content"]


def test_bytes_after_the_end(failed: Failed, channel: Path, tmp_path: Path) -> None:
    held(tmp_path).write_bytes(held(tmp_path).read_bytes() + bytes(4096))
    assert failed() == ["index"]


def test_a_file_of_the_channel(failed: Failed, run: Run, channel: Path) -> None:
    (file,) = (channel / "files").iterdir()
    raw = file.read_bytes()
    file.write_bytes(raw[:-1])
    assert failed(channel) == [f"files/{file.name}"]
    file.unlink()
    assert run("verify", str(channel)).code == 1
    assert failed() == []


def test_another_key(failed: Failed, channel: Path, tmp_path: Path) -> None:
    public = Path(f"{new_key(tmp_path / 'other')}.pub").read_text()
    (tmp_path / "signers").write_text(f"publisher {public}")
    assert failed("--trust", tmp_path / "signers") == ["signature"]


def test_a_manifest_that_was_changed(failed: Failed, channel: Path) -> None:
    file = channel / "latest.json"
    file.write_text(file.read_text().replace('\\"sequence\\":1', '\\"sequence\\":9'))
    assert failed(channel) == ["signature"]


def test_an_older_state(failed: Failed, channel: Path, repo: Repo, publish_to: Publish, pull_from: Publish, tmp_path: Path) -> None:
    old = (channel / "latest.json").read_bytes()
    repo.commit({"README.md": "Moved.\n"})
    publish_to(channel)
    pull_from(channel)
    (channel / "latest.json").write_bytes(old)
    assert failed(channel) == ["sequence"]


def test_a_state_that_is_old(failed: Failed, tmp_path: Path, repo: Repo, channel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock went on by 31 days."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls.fromtimestamp(datetime.now(tz).timestamp() + 31 * 86400, tz)

    monkeypatch.setattr(command, "datetime", Later)
    assert failed() == ["age"]


def test_nothing_to_verify(run: Run, tmp_path: Path, pull_from: Publish) -> None:
    assert run("verify").code == 2
    (tmp_path / "index.db").write_bytes(b"x")
    assert run("verify", str(tmp_path / "index.db")).code == 2
    assert run("verify", str(tmp_path / "nowhere")).code == 1
