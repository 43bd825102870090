"""Worlds to judge in, and how they are judged."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.forge.contract import Contract
from tests.gate.forges import TOKEN
from tests.gate.world import POLICY, World
from tests.servers import serving

Gate = Callable[..., Ran]
Approve = Callable[..., Ran]
#: Without a forge, nobody but those who sign can say anything.
OFFLINE = POLICY.replace("data: {approvals: {required: 1, from: curators}}", "data: {approvals: none}")


@contextmanager
def guarded(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str = "github") -> Iterator[World]:
    """A forge with one guarded repository; nothing of this machine's settings or tokens takes part, and no contract is broken."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "GITHUB_", "GITLAB_", "FORGEJO_", "GITEA_", "CI_"))]:
        monkeypatch.delenv(name)
    made = World(folder, kind=kind).begin()
    home = folder / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv(TOKEN[kind], "s3cret")
    contract = Contract(kind)
    with serving(contract.guard(made.answer)) as server:
        made.url, made.asked = server.url, server.seen
        (home / ".gitconfig").write_text(f'[url "{made.site}"]\n\tinsteadOf = {server.url}/team/registry.git\n', "utf-8")
        yield made
    assert contract.broken == []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """On GitHub."""
    with guarded(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def gate(world: World, run: Run) -> Gate:
    """Judges a pull request."""

    def call(number: int, *argv: str, **given: Any) -> Ran:
        remote = f"{world.url}/team/registry.git"
        return run("gate", "--pr", str(number), "--forge", world.kind, "--remote", remote, "--root", str(world.work), *argv, **given)

    return call


@pytest.fixture
def keys(world: World) -> dict[str, Path]:
    """A key for each curator and the evaluator; the base knows them."""
    found = {}
    lines = []
    for who in ("alice", "bob", "carol", "eve", "mallory"):
        key = world.folder / f"key-{who}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(key)], check=True)
        found[who] = key
        if who != "mallory":
            lines.append(f"{who} {Path(f'{key}.pub').read_text('ascii')}")
    world.base({"ci/policy.yaml": OFFLINE, "ci/allowed_signers": "".join(lines)})
    world.signers = "".join(lines)
    return found


@pytest.fixture
def approve(world: World, run: Run, keys: dict[str, Path]) -> Approve:
    """A person signs, and commits it on the branch."""

    def call(who: str, *argv: str, commit: bool = True, ref: str = "acme/tiny@1.1.0") -> Ran:
        ran = run("approve", ref, "--tag", "curated", "--key", str(keys[who]), "--base", "main", "--root", str(world.work), "--yes", *argv)
        if ran.code == 0 and commit and "--dry-run" not in argv:
            world.commit({}, f"Approval by {who}", who)
        return ran

    return call
