"""Worlds to judge in, and how they are judged."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.gate.world import World
from tests.servers import serving

Gate = Callable[..., Ran]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A forge with one guarded repository; nothing of this machine's settings or tokens takes part."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "GITHUB_", "CI_"))]:
        monkeypatch.delenv(name)
    made = World(tmp_path).begin()
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    with serving(made.answer) as server:
        made.url = server.url
        (home / ".gitconfig").write_text(f'[url "{made.site}"]\n\tinsteadOf = {server.url}/team/registry.git\n', "utf-8")
        yield made


@pytest.fixture
def gate(world: World, run: Run) -> Gate:
    """Judges a pull request."""

    def call(number: int, *argv: str, **given: Any) -> Ran:
        remote = f"{world.url}/team/registry.git"
        return run("gate", "--pr", str(number), "--forge", "github", "--remote", remote, "--root", str(world.work), *argv, **given)

    return call
