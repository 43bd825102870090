"""A disk that is really full, for what is pulled and for a channel: a file system of a few kilobytes in memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.release.conftest import Publish, answer
from tests.repositories import Repo

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.getuid() != 0, reason="only root of a Linux can mount a small file system"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """2 MB in memory."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fills a disk but for so many bytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
    ballast.write_bytes(bytes(max(0, free - leave)))
    return ballast


def test_where_it_is_pulled_to(
    publish_to: Publish, pull_from: Publish, run: Run, repo: Repo, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is left, from nothing to almost enough: the old one stays, and with room the pull succeeds."""
    monkeypatch.setenv("MODELREG_HOME", str(small_disk))
    publish_to(tmp_path / "channel")
    assert pull_from(tmp_path / "channel").code == 0
    repo.commit({"catalog/models/acme/tiny/1.1.0.yaml": "released: 2026-02-01\nstatus: active\n"})
    publish_to(tmp_path / "channel")
    there = sorted(one.name for one in (small_disk / "small").iterdir())
    size = max(one.stat().st_size for one in (small_disk / "small").iterdir())
    for leave in (0, 4096, 8192, size // 2, size - 4096, size, size + 4096):
        ballast = fill(small_disk, leave)
        ran = pull_from(tmp_path / "channel")
        assert ran.code == 3 and "No space left on device" in ran.err and "hint: " in ran.err, ran
        assert answer(run) == ["acme/tiny@1.0.0"] and run("verify").code == 0
        ballast.unlink()
        # what the next pull can go on with may stay
        assert all(one.suffix in (".part", ".db", ".json") for one in (small_disk / "small").iterdir() if one.name not in there)
    assert pull_from(tmp_path / "channel").code == 0
    assert len(run("versions", "acme/tiny", "--json").json) == 2
    assert len(list((small_disk / "small").iterdir())) == len(there) + 2


def test_where_it_is_published_to(publish_to: Publish, pull_from: Publish, run: Run, repo: Repo, small_disk: Path) -> None:
    """Readers of the channel keep the old state, and nothing half is left."""
    channel = small_disk / "channel"
    publish_to(channel)
    assert pull_from(channel).code == 0
    before = {one: one.read_bytes() for one in channel.rglob("*") if one.is_file()}
    for turn, leave in enumerate((0, 4096, 8192, 12288)):
        repo.commit({f"catalog/models/acme/tiny/1.{turn + 1}.0.yaml": "released: 2026-02-01\nstatus: active\n"})
        ballast = fill(small_disk, leave)
        ran = publish_to(channel)
        assert ran.code == 3 and "No space left on device" in ran.err and "hint: " in ran.err, ran
        assert (channel / "latest.json").read_bytes() == before[channel / "latest.json"]
        assert not list(channel.rglob(".*.tmp"))
        assert pull_from(channel).code == 0 and answer(run) == ["acme/tiny@1.0.0"]
        ballast.unlink()
    assert publish_to(channel).code == 0 and pull_from(channel).code == 0
    assert len(run("versions", "acme/tiny", "--json").json) == 5
