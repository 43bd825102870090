"""Releases of GitHub as channels, on a server that keeps to GitHub's description."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelreg_cli.http import Deadline, HttpError
from modelreg_cli.release import github as channel
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Channel, Way
from modelreg_cli.release.github_access import site_of
from modelreg_cli.release.manifest import is_safe
from tests.conftest import Run
from tests.release.conftest import Publish, journey, replaced_once
from tests.release.fake_github import TOKEN, Fake, github
from tests.repositories import Repo
from tests.servers import Exchange

ADDRESS = "github://acme/models"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A repository, and a token that may write there."""
    monkeypatch.setattr(channel, "_PAUSE", 0.01)
    for name in ("GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with github() as found:
        monkeypatch.setenv("GITHUB_API_URL", f"{found.url}/api/v3")
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield found


def there(address: str = ADDRESS, seconds: float = 20) -> Channel:
    """The channel."""
    return channel_of(address, Way(Deadline(seconds)))


def refusing(
    status: int, method: str = "GET", part: str = "/", times: int = 10**9, headers: dict[str, str] | None = None
) -> Callable[[Exchange], bool]:
    """Answers so, some times."""
    left = [times]

    def trouble(asked: Exchange) -> bool:
        if asked.method != method or part not in asked.path or not left[0]:
            return False
        left[0] -= 1
        asked.answer(status, b'{"message": "not now"}', **{name.replace("-", "_"): one for name, one in (headers or {}).items()})
        return True

    return trouble


def test_the_whole_journey(publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, fake: Fake) -> None:
    journey(ADDRESS, publish_to, pull_from, repo, run)
    assert [name[:18] for name in there().names("manifests/")] == ["manifests/00000003", "manifests/00000004"]
    assert len(there().names("files/")) == 4 and len(fake.assets) == 6
    assert fake.storage and fake.storage.seen


def test_few_requests_are_made(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    """Without a token GitHub answers 60 an hour."""
    publish_to(ADDRESS)
    counts = []
    for _ in range(2):
        fake.seen.clear()
        assert pull_from(ADDRESS).code == 0
        counts.append(len(fake.seen))
    assert counts == [5, 2]


def test_no_state_is_lost_where_several_publish(raced: Callable[..., None], fake: Fake) -> None:
    raced(ADDRESS, GITHUB_API_URL=f"{fake.url}/api/v3", GITHUB_TOKEN=TOKEN)
    commits = [one for one in fake.objects.values() if "parents" in one]
    chain, at = 0, fake.refs["refs/heads/modelreg-latest"]
    while at:
        chain, at = chain + 1, next(iter(fake.objects[at]["parents"]), "")
    assert chain == 3 <= len(commits)


def test_only_what_was_read_is_replaced(fake: Fake) -> None:
    replaced_once(there(), there())


def test_an_answer_that_was_lost_is_no_defeat(fake: Fake) -> None:
    """The branch was made, and the server fails to say so."""

    def trouble(asked: Exchange) -> bool:
        if asked.method != "POST" or not asked.path.endswith("/git/refs") or fake.refs:
            return False
        told = json.loads(asked.body)
        fake.refs[told["ref"]] = told["sha"]
        asked.answer(502)
        return True

    fake.trouble = trouble
    there().swap(b"1", None)
    found = there().latest()
    assert found and found.raw == b"1"


def test_a_branch_that_may_not_be_moved_is_told(fake: Fake) -> None:
    there().swap(b"1", None)
    fake.trouble = refusing(422, "PATCH")
    with pytest.raises(HttpError, match="not now"):
        there().swap(b"2", there().latest())


@pytest.mark.parametrize("direct", [False, True])
def test_a_part_of_a_file(fake: Fake, tmp_path: Path, direct: bool) -> None:
    fake.direct = direct
    raw = bytes(range(256)) * 40_000
    (tmp_path / "file").write_bytes(raw)
    there().put("files/x_y+z@1.", tmp_path / "file")
    assert there().has("files/x_y+z@1.") == len(raw) and there().has("files/y") is None
    for start in (0, 1, 5_000_000, len(raw)):
        assert b"".join(there().get("files/x_y+z@1.", start)) == raw[start:]


def test_a_name_that_is_there(fake: Fake, tmp_path: Path) -> None:
    """The same bytes stay; others, and what broke off, are replaced."""
    file = tmp_path / "file"
    file.write_bytes(b"new")
    one = there()
    told: list[tuple[bytes, dict[str, Any]]] = [(b"old", {}), (b"", {"state": "open"}), (b"new", {"digest": None})]
    for number, (raw, more) in enumerate(told):
        fake.release = True
        fake.add(f"files_2fx{number}", raw, **more)
        assert one.has(f"files/x{number}") == (None if more.get("state") else len(raw))
        one.put(f"files/x{number}", file)
        assert b"".join(one.get(f"files/x{number}")) == b"new"
    numbers = list(fake.assets)
    one.put("files/x0", file)
    assert list(fake.assets) == numbers


def test_an_upload_that_broke_off(fake: Fake, tmp_path: Path) -> None:
    """GitHub says 502, and keeps an asset without bytes."""
    (tmp_path / "file").write_bytes(b"whole")

    def trouble(asked: Exchange) -> bool:
        if asked.method != "POST" or "/assets" not in asked.path or fake.data:
            return False
        fake.add("files_2fx", b"", state="open")
        asked.answer(502)
        return True

    fake.trouble = trouble
    there().put("files/x", tmp_path / "file")
    assert b"".join(there().get("files/x")) == b"whole"


def test_a_download_goes_on_where_it_broke_off(publish_to: Publish, pull_from: Publish, fake: Fake, tmp_path: Path) -> None:
    publish_to(ADDRESS)
    raw = next(one for number, one in fake.data.items() if fake.assets[number]["name"].startswith("files_2f"))
    (told,) = [one for one in fake.assets.values() if one["name"].startswith("files_2f")]
    home = tmp_path / "home" / "small"
    home.mkdir(parents=True)
    (home / f".{told['digest'][7:23]}.part").write_bytes(raw[: len(raw) // 2])
    assert json.loads(pull_from(ADDRESS, "--json").out)["received"] == len(raw) - len(raw) // 2


@pytest.mark.parametrize(("stored", "words"), [(lambda raw: raw[:-5], "not what the manifest says"), (lambda raw: raw[::-1], "not what")])
def test_bytes_that_are_others(
    publish_to: Publish, pull_from: Publish, run: Run, fake: Fake, stored: Callable[[bytes], bytes], words: str
) -> None:
    publish_to(ADDRESS)
    fake.stored = stored
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and words in ran.err and run("search").code == 3


def test_a_file_that_is_gone(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    publish_to(ADDRESS)
    fake.assets.clear()
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "has no files/index-" in ran.err


def test_without_a_token(publish_to: Publish, pull_from: Publish, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_to(ADDRESS)
    monkeypatch.delenv("GITHUB_TOKEN")
    assert pull_from(ADDRESS).code == 0
    fake.private = True
    ran = pull_from(ADDRESS)
    assert ran.code == 3 and "without a token, private things look absent" in ran.err
    ran = publish_to("github://acme/other")
    assert ran.code == 3
    fake.private, fake.refs = False, {}
    ran = publish_to(ADDRESS)
    assert ran.code == 2 and "set GITHUB_TOKEN or GH_TOKEN" in ran.err


def test_with_a_wrong_token(publish_to: Publish, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "hush-hush")
    ran = publish_to(ADDRESS)
    assert ran.code == 3 and "a token is missing or wrong" in ran.err and "hush" not in ran.err


def test_a_token_goes_to_nobody_else(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    """Neither to the storage that GitHub leads to (the fake one looks), nor to another place for uploads."""
    assert publish_to(ADDRESS).code == 0 and pull_from(ADDRESS).code == 0
    fake.url = fake.url.replace("127.0.0.1", "localhost")
    ran = publish_to(ADDRESS, "--fresh", "365")
    assert ran.code == 3 and "files were to be sent to localhost" in ran.err and TOKEN not in ran.err


def test_a_server_of_ones_own(pull_from: Publish, publish_to: Publish, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_API_URL")
    address = ADDRESS.replace("github://", fake.url.replace("http://", "github://") + "/")
    ran = publish_to(address)
    assert ran.code == 2 and "GH_ENTERPRISE_TOKEN" in ran.err
    assert not any("authorization" in one.headers for one in fake.seen)
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", TOKEN)
    assert publish_to(address).code == 0 and pull_from(address).code == 0


def test_whose_token_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_API_URL", raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", "public")
    monkeypatch.setenv("GITHUB_ENTERPRISE_TOKEN", "own")
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN", raising=False)
    assert site_of("", False)[:3] == ("https://api.github.com", frozenset(("api.github.com", "uploads.github.com")), "public")
    assert site_of("github.com", False) == site_of("", False)
    assert site_of("git.acme.example", False)[:3:2] == ("https://git.acme.example/api/v3", "own")
    monkeypatch.setenv("GITHUB_API_URL", "https://git.acme.example/api/v3")
    assert site_of("", False)[:3:2] == site_of("git.acme.example", False)[:3:2] == ("https://git.acme.example/api/v3", "public")
    assert site_of("other.example", False).token == "own"


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [(503, {}, "answered 503"), (429, {"retry-after": "3600"}, "asks to wait 3,600 s"),
     (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}, "set a token")],
)  # fmt: skip
def test_a_server_that_can_not_just_now(pull_from: Publish, fake: Fake, status: int, headers: dict[str, str], words: str) -> None:
    fake.trouble = refusing(status, headers=headers)
    ran = pull_from(ADDRESS, "--deadline", "1")
    assert ran.code == 3 and words in ran.err


def test_a_server_that_can_a_moment_later(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    fake.trouble = refusing(503, "POST", times=3)
    assert publish_to(ADDRESS).code == 0 and pull_from(ADDRESS).code == 0


def test_repositories_that_are_no_place_for_it(publish_to: Publish, pull_from: Publish, fake: Fake) -> None:
    fake.empty = True
    assert pull_from(ADDRESS).code == 1
    ran = publish_to(ADDRESS)
    assert ran.code == 3 and "Repository is empty" in ran.err and "first commit" in ran.err
    fake.empty, fake.immutable = False, True
    ran = publish_to(ADDRESS)
    assert ran.code == 3 and "immutable release" in ran.err
    fake.objects = {"1" * 40: {"tree": "2" * 40, "parents": []}, "2" * 40: {"tree": [{"path": "README.md", "content": "Hello"}]}}
    fake.refs = {"refs/heads/modelreg-latest": "1" * 40}
    ran = pull_from(ADDRESS)
    assert ran.code == 2 and "something else than a catalog" in ran.err


@pytest.mark.parametrize(
    "address", ["github://", "github://acme", "github://a/b/c/d", "github://u:p@host/a/b", "github://a/..", "github://a/b?x=y"]
)
def test_addresses_without_a_repository(pull_from: Publish, address: str) -> None:
    assert pull_from(address).code == 2


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,9}(/[A-Za-z0-9][A-Za-z0-9._@+-]{0,9}){0,2}", fullmatch=True))
def test_every_name_is_found_again(name: str) -> None:
    """GitHub changes names of assets that have other characters, or a dot at an end."""
    flat = channel._flat(name)
    assert is_safe(name) and channel._name(flat) == name
    assert set(flat) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") and flat.strip(".") == flat
