"""Publish and pull, killed and failing at their steps; bench/faults.py tries every step, these tests some."""

import sys
from pathlib import Path

import pytest

from tests.release.faults import SCENES, Scene

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot kill itself there")


@pytest.mark.parametrize("name", SCENES)
def test_disturbed_at_a_step(tmp_path: Path, name: str) -> None:
    """The state in use is the old one or the new one, and the next run ends as if nothing had happened."""
    scene = Scene(tmp_path, name)
    assert len(scene.steps) > 30
    done = list(scene.disturbed(stride=60))
    assert len(done) >= len(scene.steps) // 20
    assert [one for one in done if one.wrong] == []


@pytest.mark.parametrize("name", ["publish change", "pull change"])
def test_killed_where_files_are_replaced(tmp_path: Path, name: str) -> None:
    """Every rename, each time before it happens."""
    scene = Scene(tmp_path, name)
    steps = [number for number, step in enumerate(scene.steps, 1) if "os.rename" in step and f"{scene.work}/tmp/" not in step]
    assert len(steps) >= 4
    assert [one for one in scene.at(steps, "kill") if one.wrong] == []
