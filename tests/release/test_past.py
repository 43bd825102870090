"""`--at` of a pulled catalog: older states are brought beside the one in use, proven by it, and asked offline."""

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.commands import publish as publishing
from modelreg_cli.release.envelope import opened, sealed
from tests.conftest import Ran, Run
from tests.release.conftest import Publish, new_key
from tests.repositories import Repo, made

DAYS = ("2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10")
PublishOn = Callable[..., str]


@pytest.fixture
def publish_on(publish_to: Publish, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublishOn:
    """Names the model after a day, and publishes that on the day at noon; the commit."""

    def call(day: str, *argv: str) -> str:
        class Then(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> "Then":
                return cls.fromisoformat(f"{day}T12:00:00+00:00")

        monkeypatch.setattr(publishing, "datetime", Then)
        commit = repo.commit({"catalog/models/acme/tiny/model.yaml": f"name: {day}\ntype: weights\ndefault: 1.0.0\n"})
        ran = publish_to(tmp_path / "channel", "--fresh", "9999", *argv)
        assert ran.code == 0, ran.err
        return commit

    return call


@pytest.fixture
def four(publish_on: PublishOn) -> list[str]:
    """Four states; their commits."""
    return [publish_on(day) for day in DAYS]


@pytest.fixture
def pull(pull_from: Publish, tmp_path: Path) -> Publish:
    """Pulls, on a machine that has no catalog."""
    return lambda *argv: pull_from(tmp_path / "channel", *argv)


@pytest.fixture
def asked(run: Run) -> Publish:
    """Asks for the model's name."""
    return lambda *argv: run("sql", "SELECT name FROM model", "--json", *argv)


def name(ran: Ran) -> str:
    return str(ran.json[0]["name"])


def states(tmp_path: Path) -> Path:
    return tmp_path / "home" / "small" / "states"


def test_a_state_is_brought_and_asked(four: list[str], pull: Publish, asked: Publish, publish_on: PublishOn) -> None:
    assert pull().code == 0
    ran = asked("--at", "2026-02-28")
    assert ran.code == 3 and "state 2 of 2026-02-10T12:00:00Z of small is not here" in ran.err
    assert "held: 4 of 2026-04-10" in ran.err and "modelreg pull --catalog small --at 2026-02-28" in ran.err
    told = pull("--at", "2026-02-28")
    assert "state 2 of 2026-02-10T12:00:00Z is held beside it" in told.out
    ran = asked("--at", "2026-02-28")
    assert name(ran) == "2026-02-10" and f"As of state 2 of small, published 2026-02-10T12:00:00Z, commit {four[1][:12]}." in ran.err
    assert name(asked()) == "2026-04-10", "what is in use stays in use"
    for day in ("2026-05-01", "2026-05-02", "2026-05-03"):
        publish_on(day)
        pull()
    assert name(asked("--at", "2026-02-28")) == "2026-02-10", "what was asked for is not tidied away"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-01-10T12:00:00Z", "2026-01-10"), ("2026-02-10T11:59:59Z", "2026-01-10"), ("2026-02", "2026-02-10"),
        ("2026-03-10", "2026-03-10"),
        ("2026-03-09", "2026-02-10"), ("2026", "2026-04-10"),
        ("9999", "2026-04-10"),
    ],
)  # fmt: skip
def test_dates(four: list[str], pull: Publish, asked: Publish, at: str, told: str) -> None:
    assert pull("--history", "9").code == 0
    assert name(asked("--at", at)) == told


def test_commits(four: list[str], pull: Publish, asked: Publish) -> None:
    told = json.loads(pull("--at", four[0][:12], "--history", "1", "--json").out)
    assert [(one["sequence"], one["commit"]) for one in told["older"]] == [(1, four[0]), (3, four[2])]
    assert [name(asked("--at", commit)) for commit in (four[0], four[2][:10].upper(), four[3][:8])] == [DAYS[0], DAYS[2], DAYS[3]]
    ran = asked("--at", "0" * 40)
    assert ran.code == 3 and "no known state" in ran.err and "1 of 2026-01-10" in ran.err
    assert asked("--at", "main").code == 2


def test_before_the_first(four: list[str], pull: Publish, asked: Publish) -> None:
    pull()
    assert asked("--at", "2025").code == 3
    ran = pull("--at", "2025")
    assert ran.code == 3 and "no known state of small is as old" in ran.err
    assert name(asked()) == DAYS[3]


def test_what_the_channel_keeps_no_more(publish_on: PublishOn, pull: Publish, asked: Publish) -> None:
    for day in DAYS:
        publish_on(day, "--keep", "2")
    assert pull("--at", "2026-03-10").code == 0
    ran = pull("--at", "2026-01-31")
    assert ran.code == 3 and "the channel keeps the last states only" in ran.err
    ran = asked("--at", "2026-02-28")
    assert ran.code == 3 and "3 of 2026-03-10" in ran.err


def test_where_states_between_are_not_known_none_is_guessed(publish_on: PublishOn, pull: Publish, asked: Publish) -> None:
    publish_on(DAYS[0])
    pull()
    for day in DAYS[1:]:
        publish_on(day, "--keep", "1")
    pull()
    ran = asked("--at", "2026-02-28")
    assert ran.code == 3 and "came after state 1 of 2026-01-10T12:00:00Z is not known" in ran.err
    assert name(asked("--at", "2026")) == DAYS[3]


def test_the_state_before_is_there_without_asking(publish_on: PublishOn, pull: Publish, asked: Publish, tmp_path: Path) -> None:
    for day in DAYS[:2]:
        publish_on(day)
        pull()
    assert name(asked("--at", "2026-01-31")) == DAYS[0]
    shutil.rmtree(tmp_path / "channel" / "files")
    pull("--at", "2026-01-31")
    assert len(list(states(tmp_path).glob("*.db"))) == 1, "it is copied, not fetched"


def manifests(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "channel" / "manifests").iterdir())


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("way", ["another state", "another text", "another key", "no signature"])
def test_an_older_state_that_the_newest_does_not_vouch_for(
    four: list[str], pull: Publish, asked: Publish, tmp_path: Path, way: str, noted: bool
) -> None:
    pull()
    if not noted:
        shutil.rmtree(states(tmp_path))
    file = manifests(tmp_path)[1]
    envelope = opened(file.read_bytes())
    if way == "another state":
        shutil.copyfile(manifests(tmp_path)[0], file)
    elif way == "another text":
        file.write_text(file.read_text().replace("2026-02-10", "2026-02-11"))
    elif way == "another key":
        file.write_bytes(sealed(envelope.manifest, [new_key(tmp_path / "mallory")]).raw())
    else:
        file.write_bytes(sealed(envelope.manifest, []).raw())
    ran = pull("--at", "2026-02-28")
    assert ran.code == 1 and ("another state 2" in ran.err or "not to be trusted" in ran.err)
    assert list(states(tmp_path).glob("*.db")) == []
    assert name(asked()) == DAYS[3]


def test_an_older_index_that_is_damaged_on_the_channel(four: list[str], pull: Publish, tmp_path: Path) -> None:
    pull()
    (packed,) = (one for one in opened(manifests(tmp_path)[1].read_bytes()).manifest.files if one.role == "index.zst")
    file = tmp_path / "channel" / packed.name
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    assert pull("--at", "2026-02-28").code == 3
    assert list(states(tmp_path).glob("*.db")) == []


def test_older_states_are_verified_as_well(four: list[str], pull: Publish, run: Run, repo: Repo, tmp_path: Path) -> None:
    pull("--history", "2")
    ran = run("verify", "--rebuild", "--root", str(repo.top))
    assert ran.code == 0 and ran.out.count("yes chain: state") == 2 and ran.out.count("yes rebuilt bytes") == 3
    old = sorted(states(tmp_path).glob("*.db"))[0]
    assert run("verify", str(old)).code == 0
    old.write_bytes(old.read_bytes()[:-1])
    assert run("verify", str(old)).code == 1 and "NO  index" in run("verify").out
    sorted(states(tmp_path).glob("*.json"))[2].unlink()
    ran = run("verify", str(old))
    assert "NO  chain: the manifest of state 3" in ran.out


def test_a_note_that_is_damaged_counts_as_none(four: list[str], pull: Publish, asked: Publish, tmp_path: Path) -> None:
    pull()
    sorted(states(tmp_path).glob("*.json"))[1].write_text("{")
    assert asked("--at", "2026-02-28").code == 3
    assert pull("--at", "2026-02-28").code == 0
    assert name(asked("--at", "2026-02-28")) == DAYS[1]


def test_what_killed_pulls_left_is_swept(four: list[str], pull: Publish, tmp_path: Path) -> None:
    pull()
    old, new = (states(tmp_path) / f".{name}" for name in ("a.json.x.new", "b.part"))
    for file, age in ((old, 0), (new, 0)):
        file.write_text("x")
        os.utime(file, (time.time() - age * 86400,) * 2)
    pull()
    assert not old.exists() and new.exists()


def test_a_channel_that_began_anew(four: list[str], pull: Publish, asked: Publish, run: Run, publish_on: PublishOn, tmp_path: Path) -> None:
    """States of the line before are not mixed into the new one."""
    pull("--history", "3")
    shutil.rmtree(tmp_path / "channel")
    publish_on("2026-05-10")
    assert pull("--allow-older").code == 0
    assert asked("--at", "2026-04-20").code == 3
    assert name(asked("--at", "2026-05-10")) == "2026-05-10"
    ran = run("verify")
    assert ran.code == 1 and ran.out.count("NO  chain: state 1, which is in use, does not follow it") == 3


def test_where_no_state_is_known_what_tells_them_is_said(four: list[str], pull: Publish, asked: Publish, tmp_path: Path) -> None:
    pull()
    shutil.rmtree(states(tmp_path))
    ran = asked("--at", "2026-02-28")
    assert ran.code == 3 and "modelreg pull --catalog small --at 2026-02-28" in ran.err


def test_which_catalog_is_asked(
    four: list[str], pull: Publish, run: Run, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull("--at", "2026-02-10")
    question = ("sql", "SELECT name FROM model", "--json", "--at", "2026-02-10")
    other = made(tmp_path / "other")
    other.commit({"catalog/catalog.yaml": "name: other\nschema_version: 1\n"})
    assert run("publish", str(tmp_path / "second"), "--key", str(key), "--root", str(other.top), "--fresh", "9999").code == 0
    assert run("pull", str(tmp_path / "second")).code == 0
    assert run(*question).code == 3, "there are two"
    assert name(run(*question, "--catalog", "small")) == DAYS[1]
    monkeypatch.setenv("MODELREG_CATALOG", "small")
    assert name(run(*question)) == DAYS[1]
    monkeypatch.delenv("MODELREG_CATALOG")
    assert run(*question, "--catalog", "none").code == 3
    monkeypatch.chdir(other.top)
    assert "no commit is as old" in run(*question).err, "a checkout's own past comes first"
    assert name(run(*question, "--catalog", "small")) == DAYS[1]


@pytest.mark.parametrize(("schema", "hint"), [(1, "build it in a clone"), (99, "install a newer modelreg")])
def test_a_state_that_this_program_cannot_read_is_not_taken(
    publish_on: PublishOn, pull: Publish, asked: Publish, monkeypatch: pytest.MonkeyPatch, schema: int, hint: str
) -> None:
    publish_on(DAYS[0])
    pull()
    monkeypatch.setattr(publishing, "SCHEMA_VERSION", schema)
    publish_on(DAYS[1])
    ran = pull()
    assert ran.code == 3 and f"state 2 has schema version {schema}" in ran.err and hint in ran.err
    assert name(asked()) == DAYS[0], "the one that is held stays"
