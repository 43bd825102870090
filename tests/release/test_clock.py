"""Clocks that are wrong: the sequence orders states, and no time does; what a clock finds odd is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.commands import publish as publishing
from modelreg_cli.commands import pull as pulling
from modelreg_cli.commands import verify as verifying
from tests.conftest import Run
from tests.release.conftest import Publish, answer
from tests.repositories import Repo

YEARS = 3 * 365
Clock = Callable[[int], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Turns the clock by so many days from the right time."""

    def turn(days: int) -> None:
        class Turned(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + timedelta(days=days)

        for module in (publishing, pulling, verifying):
            monkeypatch.setattr(module, "datetime", Turned)

    return turn


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / "channel"


@pytest.mark.parametrize(("first", "second"), [(YEARS, 0), (0, YEARS), (-YEARS, 0), (0, -YEARS), (YEARS, -YEARS)])
def test_publishers_whose_clocks_differ(
    publish_to: Publish, pull_from: Publish, run: Run, repo: Repo, channel: Path, clock: Clock, first: int, second: int
) -> None:
    """The second state replaces the first one, whatever their clocks said."""
    clock(first)
    assert publish_to(channel).code == 0
    clock(0)
    assert pull_from(channel).code == (0 if first >= 0 else 3)
    repo.commit({"catalog/models/acme/tiny/1.1.0.yaml": "released: 2026-02-01\nstatus: active\n"})
    clock(second)
    ran = publish_to(channel)
    assert ran.code == 0 and "state 2 published" in ran.out
    assert ("one of the clocks is wrong" in ran.err) == (first > second)
    clock(0)
    ran = pull_from(channel)
    assert ran.code == (0 if second >= 0 else 3)
    assert ("one of the clocks is wrong" in ran.err) == (second > 0)
    assert len(run("versions", "acme/tiny", "--json").json) == 2


@pytest.mark.parametrize("days", [-YEARS, -1, 1, YEARS])
def test_a_reader_whose_clock_is_wrong(publish_to: Publish, pull_from: Publish, run: Run, channel: Path, clock: Clock, days: int) -> None:
    """It is pulled and used; a clock that is far ahead looks like a channel that has stopped."""
    publish_to(channel)
    clock(days)
    ran = pull_from(channel)
    assert ran.code == (3 if days > 30 else 0), ran.err
    assert ("clock" in ran.err) == (days != 1)
    assert answer(run) == ["acme/tiny@1.0.0"]


def test_a_channel_that_somebody_holds_still(publish_to: Publish, pull_from: Publish, run: Run, channel: Path, clock: Clock) -> None:
    """The same state for ever: from its last day on every pull says for how long, and fails."""
    publish_to(channel, "--fresh", "10")
    assert pull_from(channel).code == 0
    clock(9)
    assert pull_from(channel).code == 0
    clock(10 + 45)
    for _ in range(2):
        ran = pull_from(channel)
        assert ran.code == 3 and "state 1 was to be replaced by" in ran.err and "45 days ago" in ran.err
        assert "is held already" in ran.out and answer(run) == ["acme/tiny@1.0.0"]
    assert run("verify").code == 1


def test_a_state_is_renewed_before_its_time_is_over(publish_to: Publish, pull_from: Publish, channel: Path, clock: Clock) -> None:
    """Publishing the same commit each day keeps readers content."""
    publish_to(channel, "--fresh", "10")
    clock(4)
    assert "state 1 is there already" in publish_to(channel, "--fresh", "10").out
    clock(6)
    assert "state 2 published" in publish_to(channel, "--fresh", "10").out
    clock(14)
    assert pull_from(channel).code == 0
