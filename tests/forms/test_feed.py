"""The feed of changes: by the rules of RFC 4287, and by another reader of feeds."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import Ran, Run
from tests.repositories import OFFERING, SMALL, Repo, made

feedparser = pytest.importorskip("feedparser", reason="feedparser is not installed")
ATOM = "{http://www.w3.org/2005/Atom}"
VERSION = "catalog/models/acme/tiny/1.0.0.yaml"
MODEL = "catalog/models/acme/tiny/model.yaml"
OFFER = "catalog/providers/shop/acme--tiny__11.yaml"
SHOP = {"catalog/providers/shop/provider.yaml": "name: Shop\ncurrency: USD\n", OFFER: OFFERING}
NEWER = "  - observed: 2026-06-01\n    currency: USD\n    rates: {input: 2.50, output: 15}\n"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A small catalog with an offering."""
    return made(tmp_path / "repo", {**SMALL, **SHOP})


@pytest.fixture
def published(run: Run, repo: Repo, key: Path, tmp_path: Path) -> Callable[..., Ran]:
    """Publishes HEAD with its feed."""
    return lambda *argv: run("publish", str(tmp_path / "site"), "--key", str(key), "--root", str(repo.top), "--forms", "feed", *argv)


@pytest.fixture
def feed(published: Callable[..., Ran], tmp_path: Path) -> Callable[..., list[ElementTree.Element]]:
    """Entries of the feed of HEAD, after it was judged."""

    def call(*argv: str) -> list[ElementTree.Element]:
        ran = published(*argv)
        assert ran.code == 0, ran.err
        return judged((tmp_path / "site" / "feed.xml").read_bytes())

    return call


def judged(raw: bytes) -> list[ElementTree.Element]:
    """Entries, after all that RFC 4287 says of feeds (4.1.1) and entries (4.1.2) was found to be so."""
    top = ElementTree.fromstring(raw)
    assert top.tag == f"{ATOM}feed"
    entries = top.findall(f"{ATOM}entry")
    for one in (top, *entries):
        names = [child.tag.removeprefix(ATOM) for child in one]
        assert all(names.count(name) == 1 for name in ("id", "title", "updated")), names
        uuid.UUID(str(one.findtext(f"{ATOM}id")).removeprefix("urn:uuid:"))
        assert _MOMENT.match(str(one.findtext(f"{ATOM}updated")))
        assert str(one.findtext(f"{ATOM}title")).strip()
    for entry in entries:
        assert [name.text for name in entry.findall(f"{ATOM}author/{ATOM}name")] != [None]
        assert entry.find(f"{ATOM}content") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    when = [str(entry.findtext(f"{ATOM}updated")) for entry in entries]
    assert top.findtext(f"{ATOM}updated") in (when[:1] or [top.findtext(f"{ATOM}updated")])
    told = feedparser.parse(raw)
    assert not told.bozo and told.version == "atom10"
    assert ["".join(one.title.split()) for one in told.entries] == ["".join(title.split()) for title in titles(entries)]
    return entries


def titles(entries: list[ElementTree.Element]) -> list[str]:
    """What people see of entries."""
    return [str(entry.findtext(f"{ATOM}title")) for entry in entries]


def test_each_sort_of_change(feed: Callable[..., list[ElementTree.Element]], repo: Repo) -> None:
    assert titles(feed()) == ["acme/tiny: new model Tiny", "acme/tiny@1.0.0: new version, released 2026-01-01, tags small"]
    repo.commit({VERSION: SMALL[VERSION].replace("[small]", "[small, curated]")}, "2026-06-01T12:00:00Z", who="Bea")
    (curated, *_) = feed()
    assert titles([curated]) == ["acme/tiny@1.0.0: tag curated given"]
    assert curated.findtext(f"{ATOM}updated") == "2026-06-01T12:00:00Z" and curated.findtext(f"{ATOM}author/{ATOM}name") == "Bea"
    repo.commit({OFFER: OFFERING + NEWER}, "2026-06-02T12:00:00Z")
    repo.commit({VERSION: SMALL[VERSION].replace("active", "deprecated") + "deprecation: {retires: 2027-01-01}\n"}, "2026-06-03T12:00:00Z")
    newest = feed()
    assert titles(newest)[0] == "acme/tiny@1.0.0: deprecation retires 2027-01-01, and 2 more"
    assert newest[0].findtext(f"{ATOM}content") == "deprecation retires 2027-01-01\nstatus active -> deprecated\ntag curated taken off"
    assert titles(newest)[1:3] == ["shop:Acme/Tiny: price input 3 -> 2.5 USD/1M token", "acme/tiny@1.0.0: tag curated given"]
    assert [one.get("term") for one in newest[0].findall(f"{ATOM}category")] == ["deprecation", "status", "tag"]
    link = newest[1].find(f"{ATOM}link")
    assert link is not None and link.get("href") == "models/acme/tiny.json"


def test_what_is_no_news_is_left_out(feed: Callable[..., list[ElementTree.Element]], repo: Repo) -> None:
    before = titles(feed())
    repo.commit({VERSION: SMALL[VERSION].replace("8192", "4096"), MODEL: SMALL[MODEL] + "description: Another.\n"})
    repo.commit({"README.md": "Hello.\n"})
    assert titles(feed()) == before


def test_ids_stay(feed: Callable[..., list[ElementTree.Element]], repo: Repo) -> None:
    ids = [entry.findtext(f"{ATOM}id") for entry in feed()]
    repo.commit({OFFER: OFFERING + NEWER})
    assert [entry.findtext(f"{ATOM}id") for entry in feed()][1:] == ids


HOSTILE = ["<script>&amp;]]>", "\u202egnp\u2066", "a\u0085b \ufffe", "\U0001f600 " + "x" * 100, "'\"<!--"]


@pytest.mark.parametrize("name", HOSTILE)
def test_text_of_others_stays_text(feed: Callable[..., list[ElementTree.Element]], repo: Repo, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\ufffe", "\\uFFFE").replace("\u0085", "\\u0085")
    quoted = quoted.replace("\u202e", "\\u202E").replace("\u2066", "\\u2066")
    repo.write({"catalog/models/acme/odd/model.yaml": f'name: "{quoted}"\ntype: weights\n'})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x", who="E\x01ve<b>&")
    (entry, *_) = feed()
    assert re.sub("[\ufffe\u0085]", "\ufffd", name) in str(entry.findtext(f"{ATOM}content")) and not entry.findall(f"{ATOM}content/*")
    assert str(entry.findtext(f"{ATOM}author/{ATOM}name")).endswith("veb&")  # Git takes the brackets away


def test_the_last_200_and_no_more(feed: Callable[..., list[ElementTree.Element]], repo: Repo) -> None:
    repo.commit({f"catalog/models/acme/m{number:03}/model.yaml": f"name: M{number}\ntype: weights\n" for number in range(300)})
    found = titles(feed())
    assert len(found) == 200 and found[0] == "acme/m000: new model M0"


def test_years_that_no_feed_has(feed: Callable[..., list[ElementTree.Element]], repo: Repo) -> None:
    repo.commit({OFFER: OFFERING + NEWER}, when="@253402300900 +0000")
    assert feed()[0].findtext(f"{ATOM}updated") == "9999-12-31T23:59:59Z"


def test_a_commit_before_head(feed: Callable[..., list[ElementTree.Element]], repo: Repo) -> None:
    before = titles(feed())
    repo.commit({OFFER: OFFERING + NEWER})
    assert titles(feed("--at", "HEAD~1")) == before != titles(feed("--at", "HEAD"))


def test_where_git_does_not_tell_all(published: Callable[..., Ran], run: Run, repo: Repo, key: Path, tmp_path: Path) -> None:
    """A shallow clone, and a commit beside the line of HEAD: a note, and no feed that would be wrong."""
    repo.commit({OFFER: OFFERING + NEWER})
    clone = Repo(tmp_path / "shallow")
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(clone.root))
    ran = run("publish", str(tmp_path / "other"), "--key", str(key), "--root", str(clone.top), "--forms", "schemas,feed")
    assert ran.code == 0 and "shallow" in ran.err and "--unshallow" in ran.err
    assert (tmp_path / "other/schemas.json").exists() and not (tmp_path / "other/feed.xml").exists()
    repo.git("checkout", "-q", "-b", "side", "HEAD~1")
    repo.commit({MODEL: SMALL[MODEL] + "description: Beside.\n"})
    repo.git("checkout", "-q", "main")
    ran = published("--at", "side")
    assert ran.code == 0 and "not on the line of HEAD" in ran.err and not (tmp_path / "site/feed.xml").exists()
