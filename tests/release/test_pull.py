"""From a commit to a channel to another machine: folders."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modelreg_cli.lock import being_made
from tests.conftest import Ran, Run
from tests.release.conftest import Publish, answer, journey, new_key
from tests.repositories import Repo, made


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / "channel"


@pytest.fixture
def publish(run: Run, repo: Repo, key: Path, channel: Path) -> Publish:
    """Publishes HEAD."""

    def call(*argv: str, key_: Path = key) -> Ran:
        return run("publish", str(channel), "--key", str(key_), "--root", str(repo.top), "--forms", "none", *argv)

    return call


@pytest.fixture
def pull(pull_from: Publish, channel: Path) -> Publish:
    """Pulls, on a machine that has no catalog."""
    return lambda *argv: pull_from(channel, *argv)


def test_published_pulled_asked(publish: Publish, pull: Publish, run: Run) -> None:
    assert run("search").code == 3
    assert publish().code == 0
    ran = pull()
    assert ran.code == 0 and "state 1" in ran.out and "trusted from now on: publisher ssh-ed25519" in ran.err
    assert answer(run) == ["acme/tiny@1.0.0"]
    assert "is held already" in run("pull").out


def test_the_same_state_is_published_once(publish: Publish) -> None:
    first = publish("--json")
    (told,) = json.loads(publish("--json").out)
    assert not told["new"] and told["sequence"] == 1
    assert told["manifest"] == json.loads(first.out)[0]["manifest"]


def test_a_change_comes_as_a_difference(publish: Publish, pull: Publish, repo: Repo, run: Run) -> None:
    publish()
    whole = json.loads(pull("--json").out)["received"]
    repo.commit({"catalog/models/acme/tiny/1.1.0.yaml": "released: 2026-02-01\nstatus: active\n"})
    publish()
    told = json.loads(pull("--json").out)
    assert told["sequence"] == 2 and told["received"] < whole / 2
    assert len(json.loads(run("versions", "acme/tiny", "--json").out)) == 2


def test_what_somebody_else_signed_is_not_used(publish: Publish, pull: Publish, repo: Repo, run: Run, tmp_path: Path) -> None:
    publish()
    pull()
    repo.commit({"catalog/models/acme/evil/model.yaml": "name: Evil\ntype: weights\n"})
    assert publish(key_=new_key(tmp_path / "mallory")).code == 0
    ran = pull()
    assert ran.code == 1 and "not to be trusted" in ran.err
    assert answer(run) == ["acme/tiny@1.0.0"]


def test_keys_are_passed_on(publish: Publish, pull: Publish, repo: Repo, tmp_path: Path) -> None:
    """The old key names the new one; from then on that one signs."""
    new = new_key(tmp_path / "new")
    publish("--next-key", str(new))
    pull()
    repo.commit({"README.md": "Moved.\n"})
    publish(key_=new)
    assert pull().code == 0
    repo.commit({"README.md": "Moved again.\n"})
    publish()
    assert pull().code == 1


def test_an_older_state_is_not_used(publish: Publish, pull: Publish, repo: Repo, channel: Path) -> None:
    publish()
    old = (channel / "latest.json").read_bytes()
    repo.commit({"README.md": "Moved.\n"})
    publish()
    pull()
    (channel / "latest.json").write_bytes(old)
    ran = pull()
    assert ran.code == 1 and "--allow-older" in ran.err
    assert pull("--allow-older").code == 0


@pytest.mark.parametrize("at", [0, 5, 100, -200, -1])
def test_a_byte_that_flipped_is_found(publish: Publish, pull: Publish, run: Run, channel: Path, at: int) -> None:
    publish()
    (file,) = (channel / "files").iterdir()
    raw = bytearray(file.read_bytes())
    raw[at] ^= 1
    file.write_bytes(raw)
    ran = pull()
    assert ran.code == 3 and "Traceback" not in ran.err
    assert run("search").code == 3


def test_a_download_goes_on_where_it_broke_off(publish: Publish, pull: Publish, channel: Path, tmp_path: Path) -> None:
    publish()
    (file,) = (channel / "files").iterdir()
    raw = file.read_bytes()
    file.write_bytes(raw[: len(raw) // 2])
    assert pull().code == 3


def test_locked_to_a_digest(publish: Publish, pull: Publish) -> None:
    (told,) = json.loads(publish("--json").out)
    assert pull("--locked", "0" * 64).code == 1
    assert pull("--locked", told["manifest"]).code == 0


def test_several_catalogs_by_name(publish: Publish, pull: Publish, run: Run, tmp_path: Path, key: Path) -> None:
    publish()
    pull()
    other = made(tmp_path / "other")
    other.commit({"catalog/catalog.yaml": "name: Acme Internal\nschema_version: 1\n"})
    assert run("publish", str(tmp_path / "second"), "--key", str(key), "--root", str(other.top)).code == 0
    assert run("pull", str(tmp_path / "second")).code == 0
    ran = run("search")
    assert ran.code == 3 and "several catalogs were pulled: acme-internal, small" in ran.err
    assert run("search", "--catalog", "acme-internal", "-q").lines == ["acme/tiny"]
    ran = run("search", "--catalog", "smal")
    assert ran.code == 3 and "did you mean small?" in ran.err
    assert run("search", "--catalog", "small", "--index", "x").code == 2
    assert run("search", "--catalog", "small", "--at", "main").code == 2


def test_an_old_one_is_told_once_a_day(publish: Publish, pull: Publish, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    publish("--fresh", "1")
    pull()
    assert "to be pulled again" not in run("search").err
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 5 * 86_400)
    assert "small was to be pulled again by 4 days ago" in run("search").err
    assert "to be pulled again" not in run("search").err
    monkeypatch.setattr(time, "time", lambda: now + 7 * 86_400)
    assert "to be pulled again by 6 days ago" in run("search").err


def test_the_whole_journey(publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, channel: Path) -> None:
    journey(str(channel), publish_to, pull_from, repo, run)
    assert [one.name[:8] for one in sorted((channel / "manifests").iterdir())] == ["00000003", "00000004"]
    assert len(list((channel / "files").iterdir())) == 4  # two indexes and the differences to them


def test_no_state_is_lost_where_several_publish(raced: Callable[..., None], channel: Path) -> None:
    raced(str(channel))


def test_a_file_that_is_being_written_is_not_tidied_away(publish: Publish, repo: Repo, channel: Path) -> None:
    publish()
    half, left = (channel / "files" / f".index-0000000000000000.db.zst.{who}.tmp" for who in ("abc", "dead"))
    for one in (half, left):
        one.write_bytes(b"half of it")
    repo.commit({"README.md": "Moved.\n"})
    with being_made(half):
        publish("--keep", "1")
    assert half.exists() and not left.exists()


def test_what_another_publisher_is_bringing_is_not_tidied_away(publish: Publish, repo: Repo, channel: Path) -> None:
    """A manifest of the next state names a file that nothing else names."""
    publish()
    (latest,) = (channel / "manifests").iterdir()
    (file,) = (channel / "files").iterdir()
    told = latest.read_text().replace(file.name, "index-coming.db.zst").replace('\\"sequence\\":1', '\\"sequence\\":2')
    (channel / "manifests" / "00000002-coming.json").write_text(told)
    coming, stray = file.with_name("index-coming.db.zst"), file.with_name("index-stray.db.zst")
    coming.write_bytes(b"x")
    stray.write_bytes(b"x")
    repo.commit({"README.md": "Moved.\n"})
    assert publish("--keep", "1").code == 0
    assert coming.exists() and not stray.exists()
