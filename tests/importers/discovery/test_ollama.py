"""`modelreg import ollama`, against a server on this machine that answers as Ollama documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers.discovery.tags import address
from tests.conftest import Ran, Run
from tests.importers.discovery.made import OTHER, SUM, decisions, everything, lay, ollama, read, tagged
from tests.servers import Exchange, serving

DAY = "2026-06-01"
FOUR = "wren/owl-3-4b@1.0.0#gguf-q4_k_m"
EIGHT = "wren/owl-3-4b@1.0.0#gguf-q8_0"


@pytest.fixture
def bring(run: Run, top: Path) -> Run:
    """modelreg import ollama URL --engine desk ..."""

    def call(url: str, *argv: str, engine: str = "desk") -> Ran:
        named = ["--engine", engine] if engine else []
        return run("import", "ollama", url, *named, "--root", str(top), "--observed", DAY, *argv)

    return call


def states(ran: Ran) -> dict[str, tuple[str, str | None]]:
    """Name -> state and ref, of a listing in JSON."""
    return {one["name"]: (one["state"], one["ref"]) for one in ran.json["listing"]}


def test_a_server_becomes_an_engine_with_bindings(bring: Run, top: Path, run: Run) -> None:
    with ollama([tagged("owl3:4b", SUM), tagged("unheard:of")]) as server:
        dry = bring(server.url, "--dry-run")
        assert not (top / "catalog/engines").exists()
        got = bring(server.url)
        before = everything(top)
        again = bring(server.url)
    assert got.code == 0, got.err
    assert got.out.splitlines()[:4] == [
        f"new       owl3:4b     is {FOUR}",
        "new       unheard:of  neither its bytes nor an alias tell which artifact it is",
        "listed: 2 (new 2, changed 0, vanished 0, known 0)",
        "",
    ]
    assert "engine desk is new" in got.err and "would be created: 2 (binding 1, engine 1)" in dry.out
    endpoint = {"id": "api", "type": "rest", "protocol": "ollama", "url": server.url}
    assert read(top, "engines/desk/engine.yaml") == {
        "name": "desk", "runtime": "ollama", "release": "0.12.3", "endpoints": [endpoint],
        "sources": {"listing": {"url": f"{server.url}/api/version", "retrieved": DAY}}, "sourced": {"": "listing"},
    }  # fmt: skip
    assert read(top, "engines/desk/owl3_3a4b.yaml") == {
        "model": FOUR, "available_model_id": "owl3:4b", "extra_config": {"digest": "d" * 64},
        "sources": {"listing": {"url": f"{server.url}/api/tags", "retrieved": DAY}}, "sourced": {"": "listing"},
    }  # fmt: skip
    assert decisions(top, "ollama", "desk") == [("unheard:of", "no-certain-link")]
    assert "listed: 2 (new 1, changed 0, vanished 0, known 1)" in again.out and everything(top) == before
    assert run("validate", "--root", str(top)).code == 0


def test_ollamas_own_client_sees_the_same(bring: Run) -> None:
    client = pytest.importorskip("ollama", reason="the client of Ollama is not installed")
    with ollama([tagged("owl3:4b", SUM), tagged("b:latest"), tagged("c:1")]) as server:
        theirs = client.Client(host=server.url)
        names = [one.model for one in theirs.list().models]
        shown = theirs.show("owl3:4b")
        got = bring(server.url, "--json")
    assert list(states(got)) == names
    assert f"sha256-{SUM}" in shown.modelfile and states(got)["owl3:4b"] == ("new", FOUR)


HOSTS = [
    "", "1.2.3.4", ":56789", "1.2.3.4:56789", "http://1.2.3.4", "https://1.2.3.4", "example.com", "example.com/", "example.com:56789/path/",
    "https://example.com:56789/path", "[0001:002:003:0004::1]", "[0001:002:003:0004::1]:56789", "http://[::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_are_read_as_ollama_reads_them(host: str) -> None:
    client = pytest.importorskip("ollama._client", reason="the client of Ollama is not installed")
    assert address(host) == client._parse_host(host)


def test_a_host_that_is_listened_on_is_this_machine() -> None:
    assert address("0.0.0.0:8080") == "http://127.0.0.1:8080"
    for wrong in ("http://a:port", "a:99999", "[::1"):
        with pytest.raises(ModelregError):
            address(wrong)


def test_what_a_tag_is(bring: Run, top: Path) -> None:
    models = [
        tagged("anything:goes", SUM),
        tagged("owl3:8bit", OTHER),
        tagged("hf.co/Wren/Owl-3-4B-GGUF:Q8_0"),
        tagged("nest-embed:latest", capabilities=["embedding"], model_info={"general.architecture": "bert", "bert.embedding_length": 384}),
        tagged("tuned", SUM, modelfile=f"FROM /blobs/sha256-{SUM}\nADAPTER /blobs/sha256-{OTHER}\n"),
        tagged("owl-3:4b"),
        tagged("like", model_info={"general.architecture": "owl", "general.parameter_count": 4100000000}),
    ]
    with ollama(models) as server:
        got = bring(server.url, "--json")
    assert states(got) == {
        "anything:goes": ("new", FOUR),
        "owl3:8bit": ("new", EIGHT),
        "hf.co/Wren/Owl-3-4B-GGUF:Q8_0": ("new", EIGHT),
        "nest-embed:latest": ("new", "wren/nest@1.0.0"),
        "tuned": ("new", None),
        "owl-3:4b": ("new", None),
        "like": ("new", None),
    }
    assert got.json["linked"] == {"alias": 2, "digest": 1, "repository": 1}
    words = {one["name"]: one["words"] for one in got.json["listing"]}
    assert words["owl-3:4b"] == words["like"] == "may be wren/owl-3-4b@1.0.0"
    assert words["tuned"] == "an adapter sits on its weights"
    assert read(top, "engines/desk/nest-embed_3alatest.yaml")["extra_config"]["dim"] == 384


def test_other_bytes_under_a_known_name(bring: Run, top: Path) -> None:
    text = (top / "catalog/models/wren/owl-3-4b/1.0.0.yaml").read_text("utf-8")
    lay(top, {"models/wren/owl-3-4b/1.0.0.yaml": text.replace("gguf-q4_k_m, format", "gguf-q4_k_m, aliases: ['ollama:owl3:4b'], format")})
    with ollama([tagged("owl3:4b", OTHER)]) as server:
        bring(server.url)
    assert decisions(top, "ollama", "desk") == [("owl3:4b", "other-bytes")]
    assert not (top / "catalog/engines/desk/owl3_3a4b.yaml").exists()


def test_changed_and_vanished(bring: Run, top: Path) -> None:
    with ollama([tagged("owl3:4b", SUM), tagged("owl3:8bit")]) as server:
        bring(server.url)
    lay(top, {"engines/desk/byhand.yaml": f"model: {FOUR}\nname: By hand\n", "engines/other/engine.yaml": "name: O\nruntime: ollama\n"})
    lay(top, {"engines/other/mine.yaml": f"model: {FOUR}\n"})
    with ollama([tagged("owl3:8bit", digest="e" * 64)], version="0.13.0") as server:
        got = bring(server.url)
    for line in (f"changed   owl3:8bit  is {EIGHT}", f"vanished  byhand     is {FOUR}", f"vanished  owl3:4b    is {FOUR}"):
        assert line in got.out
    assert decisions(top, "ollama", "desk") == [("byhand", "vanished-upstream"), ("owl3:4b", "vanished-upstream")]
    assert read(top, "engines/desk/owl3_3a8bit.yaml")["extra_config"] == {"digest": "e" * 64}
    engine = read(top, "engines/desk/engine.yaml")
    assert engine["release"] == "0.13.0" and engine["endpoints"][0]["url"] != server.url, "where people reach it is theirs to say"
    assert (top / "catalog/engines/desk/owl3_3a4b.yaml").exists()


def test_what_people_wrote_of_an_engine_stays(bring: Run, top: Path) -> None:
    engine = "name: The desk in the hall\nruntime: ollama\nendpoints: [{id: lan, type: rest, url: http://desk.lan}]\n"
    binding = f"# on purpose\nmodel: {FOUR}\navailable_model_id: big:one\nvram_required_mb: 4000\n"
    lay(top, {"engines/desk/engine.yaml": engine, "engines/desk/b.yaml": binding})
    with ollama([tagged("big:one")]) as server:
        got = bring(server.url, "--json")
        assert states(got) == {"big:one": ("changed", FOUR)}, "its digest is new"
        before = everything(top)
        assert states(bring(server.url, "--json")) == {"big:one": ("known", FOUR)}
        assert everything(top) == before
    told = read(top, "engines/desk/engine.yaml")
    assert (told["name"], told["endpoints"][0]["url"], told["release"]) == ("The desk in the hall", "http://desk.lan", "0.12.3")
    assert told["sourced"] == {"/release": "listing"} and decisions(top, "ollama", "desk") == []
    text = (top / "catalog/engines/desk/b.yaml").read_text("utf-8")
    assert "# on purpose" in text and "vram_required_mb: 4000" in text
    assert read(top, "engines/desk/b.yaml")["sourced"] == {"/extra_config/digest": "listing"}


def test_people_link(bring: Run, top: Path) -> None:
    taken = f"decisions:\n  - {{subject: 'my:own', reason: no-certain-link, taken: {{action: link, version: '{EIGHT}'}}}}\n"
    lay(top, {"decisions/ollama/desk.yaml": taken})
    with ollama([tagged("my:own")]) as server:
        assert bring(server.url, "--json").json["linked"] == {"taken": 1}
    assert read(top, "engines/desk/my_3aown.yaml")["model"] == EIGHT


def test_which_engine(bring: Run, top: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with ollama([tagged("owl3:4b", SUM)]) as server:
        got = bring(server.url, engine="")
        assert got.code == 2 and "--engine is missing" in got.err
        assert bring(server.url).code == 0
        assert bring(server.url, engine="").code == 0, "its address is known now"
        monkeypatch.setenv("OLLAMA_HOST", server.url.removeprefix("http://"))
        assert run("import", "ollama", "--root", str(top), "--observed", DAY).code == 0
        lay(top, {"engines/fleet/engine.yaml": "name: F\nruntime: vllm\n"})
        assert "engine fleet runs vllm, not ollama" in bring(server.url, engine="fleet").err
        assert "is no id" in bring(server.url, engine="../up").err


def test_a_server_with_nothing_is_refused(bring: Run, top: Path) -> None:
    before = everything(top)
    with ollama([]) as server:
        got = bring(server.url)
    assert (got.code, got.out) == (1, "") and "answered with no models" in got.err
    assert everything(top) == before


def test_an_embedding_model_needs_the_length_of_its_vectors(bring: Run, top: Path, run: Run) -> None:
    text = (top / "catalog/models/wren/nest/1.0.0.yaml").read_text("utf-8")
    with ollama([tagged("nest-embed")]) as server:
        bring(server.url)
        assert read(top, "engines/desk/nest-embed.yaml")["extra_config"]["dim"] == 384, "the version says it"
        lay(top, {"models/wren/nest/1.0.0.yaml": text.replace("dimensions: 384\n", "")})
        bring(server.url, engine="attic")
    assert decisions(top, "ollama", "attic") == [("nest-embed", "does-not-fit")]


ODD: list[Any] = [
    None, 7, {}, {"model": 7}, {"model": ""}, {"model": "a\nb"}, {"model": "x" * 400}, {"model": "owl3:4b", "digest": 7},
    {"name": "old:server"}, {"model": "b", "digest": "sha256:zz"},
]  # fmt: skip
SHOWS: list[Any] = [
    [], "x", {}, {"modelfile": 7, "details": [], "model_info": [], "capabilities": {}}, {"modelfile": "FROM sha256-12"},
    {"capabilities": ["embedding", 7], "model_info": {"general.architecture": [], "general.parameter_count": "many"}},
]  # fmt: skip


@pytest.mark.parametrize("show", SHOWS)
def test_odd_answers_break_nothing(bring: Run, top: Path, run: Run, show: Any) -> None:
    answers: dict[str, Any] = {"/api/version": {"version": ["x"]}, "/api/tags": {"models": ODD}, "/api/show": show}
    with serving(lambda asked: asked.answer(200, json.dumps(answers[asked.path]).encode())) as server:
        got = bring(server.url, "--json")
    assert got.code == 0, got.err
    assert list(states(got)) == ["owl3:4b", "old:server", "b"]
    assert ("desk", "not-understood") in decisions(top, "ollama", "desk")
    assert run("validate", "--root", str(top)).code == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"Ollama is running", b'{"models": {}}'])
def test_no_ollama(bring: Run, body: bytes) -> None:
    with serving(lambda asked: asked.answer(200, body)) as server:
        got = bring(server.url)
    assert (got.code, got.out) == (3, "") and "hint: " in got.err


def test_nobody_listens(bring: Run) -> None:
    got = bring("http://127.0.0.1:9", "--deadline", "1")
    assert got.code == 3 and "http://127.0.0.1:9" in got.err


def test_a_tag_that_goes_away_meanwhile_is_known_by_its_name(bring: Run) -> None:
    tags = {"models": [{"model": "gone"}, {"model": "owl3:8bit"}], "version": "1"}
    with serving(lambda asked: asked.answer(404 if asked.path == "/api/show" else 200, json.dumps(tags).encode())) as server:
        assert states(bring(server.url, "--json")) == {"gone": ("new", None), "owl3:8bit": ("new", EIGHT)}


def test_a_server_that_stumbles_is_asked_again(bring: Run) -> None:
    troubles = [503]
    tag, show = tagged("owl3:4b", SUM)
    answers = {"/api/version": {"version": "1"}, "/api/tags": {"models": [tag]}, "/api/show": show}

    def answer(asked: Exchange) -> None:
        if asked.path == "/api/show" and troubles:
            asked.answer(troubles.pop(), retry_after="0")
        else:
            asked.answer(200, json.dumps(answers[asked.path]).encode())

    with serving(answer) as server:
        assert states(bring(server.url, "--json")) == {"owl3:4b": ("new", FOUR)}
