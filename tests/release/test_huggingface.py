"""Dataset repositories of a hub as channels, written with the hub's own client."""

import importlib
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Deadline
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Channel, Way
from tests.conftest import Run
from tests.release.conftest import Publish, journey, replaced_once
from tests.release.fake_hub import FIRST, TOKEN, Fake, hub
from tests.repositories import Repo
from tests.servers import Exchange

ADDRESS = "hf://datasets/acme/models"

pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A dataset, and a token that may write to it; large files go the way that needs no server of another protocol."""
    monkeypatch.setattr(importlib.import_module("huggingface_hub.constants"), "HF_HUB_DISABLE_XET", True)
    with hub() as found:
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield found


def there(address: str = ADDRESS, seconds: float = 20) -> Channel:
    """The channel."""
    return channel_of(address, Way(Deadline(seconds)))


def refusing(status: int, method: str = "GET", part: str = "/", times: int = 10**9, retry_after: str = "") -> Callable[[Exchange], bool]:
    """Answers so, some times."""
    left = [times]

    def trouble(asked: Exchange) -> bool:
        if asked.method != method or part not in asked.path or not left[0]:
            return False
        left[0] -= 1
        asked.answer(status, b'{"error": "not now"}', **({"retry_after": retry_after} if retry_after else {}))
        return True

    return trouble


def test_the_whole_journey(publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, fake: Fake) -> None:
    journey(ADDRESS, publish_to, pull_from, repo, run)
    assert [name[:18] for name in there().names("manifests/")] == ["manifests/00000003", "manifests/00000004"]
    assert len(there().names("files/")) == 4  # two indexes and the differences to them
    # one commit for a state, and one that tidies up
    assert fake.words == ["Publish a state"] * 3 + ["Take older states away", "Publish a state", "Take older states away"]
    assert ".gitattributes" in fake.commits[fake.branches["main"]]


def test_no_state_is_lost_where_several_publish(raced: Callable[..., None], fake: Fake) -> None:
    raced(ADDRESS, HF_ENDPOINT=fake.url, HF_TOKEN=TOKEN, HF_HUB_DISABLE_XET="1")
    assert fake.words.count("Publish a state") == 3


def test_a_branch(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    fake.branches["next/one"] = FIRST
    assert publish_to(f"{ADDRESS}@next/one").code == 0 and pull_from(f"{ADDRESS}@next/one").code == 0
    assert fake.branches["main"] == FIRST
    ran = pull_from(f"{ADDRESS}@other")
    assert ran.code == 3 and "has no branch other" in ran.err


def test_only_what_was_read_is_replaced(fake: Fake) -> None:
    replaced_once(there(), there())


def test_a_reader_stays_with_one_commit(fake: Fake, tmp_path: Path) -> None:
    """What is put is there with the swap, and what is taken away stays with whoever read before."""
    (tmp_path / "file").write_bytes(b"one")
    writer, reader = there(), there()
    writer.put("files/x", tmp_path / "file")
    assert reader.has("files/x") is None and writer.has("files/x") is None
    writer.swap(b"1", None)
    assert reader.has("files/x") is None and writer.has("files/x") == 3
    reader.latest()
    writer.remove("files/x", "files/y")
    assert b"".join(reader.get("files/x")) == b"one" and there().names("files/") == []
    with pytest.raises(Unavailable):
        list(there().get("files/x"))


def test_an_answer_that_was_lost_is_no_defeat(fake: Fake) -> None:
    """The commit was made, and the server fails to say so."""

    def trouble(asked: Exchange) -> bool:
        if "/commit/" not in asked.path or fake.words:
            return False
        answer = asked.answer
        asked.answer = lambda *_words, **_headers: None  # type: ignore[method-assign]
        fake._answered(asked, "/api/datasets/acme/models/commit/main")
        answer(502)
        return True

    fake.trouble = trouble
    one = there()
    one.swap(b"1", None)
    found = there().latest()
    assert found and found.raw == b"1" and fake.words == ["Publish a state"]


def test_a_hub_that_takes_no_commit(fake: Fake) -> None:
    """Tokens that may only open pull requests are answered as if somebody had been quicker."""
    fake.trouble = refusing(412, "POST", "/commit/")
    with pytest.raises(Unavailable, match="takes no commit"):
        there().swap(b"1", None)


def test_a_part_of_a_file(fake: Fake, tmp_path: Path) -> None:
    raw = bytes(range(256)) * 40_000
    (tmp_path / "file").write_bytes(raw)
    for name in ("files/x.zst", "files/x+y@z"):  # a large one, and one within the repository
        one = there()
        one.put(name, tmp_path / "file")
        one.swap(b"1", None)
        for start in (0, 1, 5_000_000, len(raw)):
            assert b"".join(there().get(name, start)) == raw[start:]
        fake.branches["main"] = FIRST


def test_a_name_that_is_there(fake: Fake, tmp_path: Path) -> None:
    """The same bytes are not sent again, others are."""
    file = tmp_path / "file"
    for name in ("files/x.zst", "files/x"):
        for number, raw in enumerate((b"old", b"new", b"new")):
            file.write_bytes(raw)
            one = there()
            before = one.latest()
            fake.seen.clear()
            one.put(name, file)
            assert bool(fake.seen) == (number < 2)
            one.swap(f"{name} {number}".encode(), before)
            assert b"".join(there().get(name)) == raw


def test_a_download_goes_on_where_it_broke_off(publish_to: Publish, pull_from: Publish, fake: Fake, tmp_path: Path) -> None:
    publish_to(ADDRESS)
    ((sha, raw),) = fake.sent.items()
    home = tmp_path / "home" / "small"
    home.mkdir(parents=True)
    (home / f".{sha[:16]}.part").write_bytes(raw[: len(raw) // 2])
    assert json.loads(pull_from(ADDRESS, "--json").out)["received"] == len(raw) - len(raw) // 2


@pytest.mark.parametrize("stored", [lambda raw: raw[:-5], lambda raw: raw[::-1]])
def test_bytes_that_are_others(publish_to: Publish, pull_from: Publish, run: Run, fake: Fake, stored: Callable[[bytes], bytes]) -> None:
    publish_to(ADDRESS)
    fake.stored = stored
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "not what the manifest says" in ran.err and run("search").code == 3


def test_without_a_token(publish_to: Publish, pull_from: Publish, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_to(ADDRESS)
    monkeypatch.delenv("HF_TOKEN")
    assert pull_from(ADDRESS).code == 0
    ran = publish_to(ADDRESS, "--fresh", "365")
    assert ran.code == 2 and "set HF_TOKEN" in ran.err
    fake.private = True
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "has no dataset acme/models" in ran.err and "HF_TOKEN" in ran.err
    assert "has no dataset acme/other" in pull_from("hf://datasets/acme/other").err


def test_with_other_tokens(publish_to: Publish, pull_from: Publish, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_hush")
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "a token is missing or wrong" in ran.err and "hf_hush" not in ran.err
    fake.readers = ("hf_hush",)
    ran = publish_to(ADDRESS)
    assert ran.code == 3 and "403: you must use a write token" in ran.err and "may write" in ran.err and "hf_hush" not in ran.err


def test_a_gated_dataset(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    publish_to(ADDRESS)
    fake.gated = True
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "is gated" in ran.err and "agreed to its terms" in ran.err


@pytest.mark.parametrize(("status", "after", "words"), [(503, "", "answered 503"), (429, "3600", "asks to wait 3,600 s")])
def test_a_hub_that_can_not_be_read_just_now(pull_from: Publish, fake: Fake, status: int, after: str, words: str) -> None:
    fake.trouble = refusing(status, retry_after=after)
    ran = pull_from(ADDRESS, "--deadline", "1")
    assert ran.code == 3 and words in ran.err


@pytest.mark.parametrize(("part", "status"), [("/preupload/", 503), ("/batch", 503), ("/commit/", 503), ("/commit/", 429)])
def test_a_hub_that_can_not_be_written_just_now(publish_to: Publish, fake: Fake, part: str, status: int) -> None:
    """The hub's client would wait for minutes."""
    fake.trouble = refusing(status, "POST", part, retry_after="3600" if status == 429 else "")
    started = time.monotonic()
    ran = publish_to(ADDRESS, "--deadline", "2")
    assert ran.code == 3 and "--deadline" in ran.err and time.monotonic() - started < 15
    assert fake.words == [] and "signature" not in ran.err


def test_addresses_that_are_signed_are_told_nobody(publish_to: Publish, fake: Fake) -> None:
    """The hub's client logs what it asks for again."""
    told: list[str] = []

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    logger, handler = logging.getLogger("huggingface_hub"), Told()
    logger.addHandler(handler)
    fake.trouble = refusing(503, "PUT")
    ran = publish_to(ADDRESS, "--deadline", "3")
    logger.removeHandler(handler)
    assert ran.code == 3 and "signature" not in ran.err + "".join(told)
    assert any("signature" in one.path for one in (fake.storage.seen if fake.storage else ()))


def test_a_hub_that_can_a_moment_later(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    fake.trouble = refusing(503, "POST", "/commit/", times=2)
    assert publish_to(ADDRESS).code == 0 and pull_from(ADDRESS).code == 0


@pytest.mark.parametrize("told", [b"[]", b'{"sha": "main"}', b"<html>"])
def test_what_is_no_hub(pull_from: Publish, fake: Fake, told: bytes) -> None:

    def trouble(asked: Exchange) -> bool:
        asked.answer(200, told)
        return True

    fake.trouble = trouble
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "hint:" in ran.err


def test_reading_needs_no_client_of_the_hub(publish_to: Publish, pull_from: Publish, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_to(ADDRESS)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.delitem(sys.modules, "modelreg_cli.release.huggingface_commit")
    assert pull_from(ADDRESS).code == 0
    ran = publish_to(ADDRESS, "--fresh", "365")
    assert ran.code == 2 and "modelreg[hf]" in ran.err


@pytest.mark.parametrize(
    "address", ["hf://", "hf://acme/models", "hf://datasets/acme", "hf://datasets/a/b/c", "hf://datasets/a/b?x=y", "hf://datasets/a/b@"]
)
def test_addresses_without_a_dataset(address: str) -> None:
    with pytest.raises(ModelregError, match="names no dataset"):
        there(address)
