"""`modelreg import anthropic` and `import openai`, against servers on this machine."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.importers.discovery.made import anthropic, decisions, everything, lay, listed, openai, read, trill
from tests.servers import Exchange, serving

DAY = "2026-06-01"


@pytest.fixture
def bring(run: Run, top: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """modelreg import IMPORTER URL ..., with a key of Anthropic."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-good")

    def call(importer: str, *argv: str) -> Ran:
        return run("import", importer, *argv, "--root", str(top), "--observed", DAY)

    return call


def states(ran: Ran) -> dict[str, tuple[str, str | None]]:
    """Name -> state and ref, of a listing in JSON."""
    return {one["name"]: (one["state"], one["ref"]) for one in ran.json["listing"]}


def test_a_listing_is_read_to_its_end(bring: Run, top: Path) -> None:
    ids = [f"bird-{number}" for number in range(7)]
    with anthropic([trill(id_) for id_ in ids]) as server:
        got = bring("anthropic", server.url, "--provider", "finch", "--json")
        assert [name for name, (state, _) in states(got).items() if state != "vanished"] == ids
        assert [asked.path.partition("after_id=")[2] for asked in server.seen] == ["", "bird-1", "bird-3", "bird-5"]


def test_anthropics_own_client_sees_the_same(bring: Run) -> None:
    client = pytest.importorskip("anthropic", reason="the client of Anthropic is not installed")
    entries = [trill(f"bird-{number}", "deprecated", retires_at="2026-09-01T00:00:00Z") for number in range(5)]
    with anthropic(entries) as server:
        theirs = list(client.Anthropic(api_key="sk-ant-good", base_url=server.url).models.list())
        ours = states(bring("anthropic", server.url, "--provider", "finch", "--json"))
    assert [one.id for one in theirs] == [name for name, (state, _) in ours.items() if state == "new"] and len(theirs) == 5
    assert {(one.lifecycle, str(one.retires_at)[:10], one.max_input_tokens, one.max_tokens) for one in theirs} == {
        ("deprecated", "2026-09-01", 200000, 64000)
    }


def test_openais_own_client_sees_the_same(bring: Run) -> None:
    client = pytest.importorskip("openai", reason="the client of OpenAI is not installed")
    with openai([listed("b", shutdown_date="2026-10-01"), listed("a")]) as server:
        theirs = list(client.OpenAI(api_key="x", base_url=f"{server.url}/v1").models.list())
        ours = states(bring("openai", f"{server.url}/v1", "--provider", "grove", "--json"))
    assert sorted(one.id for one in theirs) == sorted(name for name, (state, _) in ours.items() if state == "new") == ["a", "b"]
    assert [one.shutdown_date for one in theirs] == ["2026-10-01", None]


def test_new_known_changed_and_vanished(bring: Run, top: Path, run: Run) -> None:
    first = [trill("trill-4-20250514"), trill("trill-5-20260301", max_input_tokens=1000000), trill("quail-1")]
    lay(top, {"providers/finch/lark.yaml": "wire_id: lark\nserves: {version: finch/trill-5@20260301, pinned: true}\nbilling: free\n"})
    with anthropic(first) as server:
        dry = bring("anthropic", server.url, "--provider", "finch", "--dry-run")
        assert not (top / "catalog/decisions").exists()
        got = bring("anthropic", server.url, "--provider", "finch")
    assert got.code == 0, got.err
    screen = [
        "new       quail-1           nothing here has this name",
        "new       trill-5-20260301  is finch/trill-5@20260301",
        "vanished  lark              is finch/trill-5@20260301",
        "listed: 4 (new 2, changed 0, vanished 1, known 2)",
    ]
    assert [line for line in got.out.splitlines() if line in screen] == screen
    assert [line for line in dry.out.splitlines() if line in screen] == screen
    source = {"listing": {"url": f"{server.url}/v1/models", "retrieved": DAY}}
    assert read(top, "providers/finch/trill-5-20260301.yaml") == {
        "wire_id": "trill-5-20260301", "serves": {"version": "finch/trill-5@20260301", "pinned": True}, "limits": {"context": 1000000},
        "sources": source, "sourced": {"": "listing"},
    }  # fmt: skip
    assert decisions(top, "anthropic", "finch") == [("lark", "vanished-upstream"), ("quail-1", "no-certain-link")]
    second = [trill("trill-4-20250514", "deprecated", deprecated_at="2026-05-14T00:00:00Z", retires_at="2026-09-01T17:00:00Z"), *first[1:]]
    with anthropic(second) as server:
        got = bring("anthropic", server.url, "--provider", "finch")
        before = everything(top)
        again = bring("anthropic", server.url, "--provider", "finch")
    assert "changed   trill-4-20250514  is finch/trill-4@20250514" in got.out
    assert "changed 0" in again.out and everything(top) == before
    offering = read(top, "providers/finch/trill-4-20250514.yaml")
    assert (offering["status"], offering["deprecation"]) == ("deprecated", {"date": "2026-05-14", "retires": "2026-09-01"})
    assert offering["sourced"] == {field: "listing" for field in ("/deprecation/date", "/deprecation/retires", "/status")}
    assert "# ours" in (top / "catalog/providers/finch/trill-4-20250514.yaml").read_text("utf-8")
    assert run("validate", "--root", str(top)).code == 0


def test_a_name_that_is_listed_by_its_date_has_not_vanished(bring: Run, top: Path) -> None:
    with anthropic([trill("trill-4-20250514")]) as server:
        got = bring("anthropic", server.url, "--provider", "finch", "--json")
        assert states(got)["trill-4"] == ("known", "finch/trill-4@20250514")
    with anthropic([trill("trill-5-20260301")]) as server:
        assert states(bring("anthropic", server.url, "--provider", "finch", "--json"))["trill-4"][0] == "vanished"
    assert ("trill-4", "vanished-upstream") in decisions(top, "anthropic", "finch")
    text = (top / "catalog/providers/finch/trill-4.yaml").read_text("utf-8")
    lay(top, {"providers/finch/trill-4.yaml": f"{text}status: retired\n"})
    with anthropic([trill("trill-5-20260301")]) as server:
        assert "trill-4" not in states(bring("anthropic", server.url, "--provider", "finch", "--json")), "it is out of use here too"


def test_a_withdrawn_end_is_withdrawn_here(bring: Run, top: Path) -> None:
    for stage, day in (("deprecated", "2026-09-01T00:00:00Z"), ("active", None)):
        with anthropic([trill("trill-4-20250514", stage, retires_at=day)]) as server:
            bring("anthropic", server.url, "--provider", "finch")
    offering = read(top, "providers/finch/trill-4-20250514.yaml")
    assert offering["status"] == "active" and "deprecation" not in offering


def test_what_is_retired_there(bring: Run, top: Path) -> None:
    ended = {"deprecated_at": "2026-01-01T00:00:00Z", "retires_at": "2026-05-01T00:00:00Z"}
    with anthropic([trill("trill-4-20250514", "retired", **ended), trill("trill-5-20260301", "retired", **ended)]) as server:
        got = bring("anthropic", server.url, "--provider", "finch", "--json")
    assert read(top, "providers/finch/trill-4-20250514.yaml")["status"] == "retired"
    assert "trill-5-20260301" not in states(got), "what was never here and is over is no news"
    assert not (top / "catalog/providers/finch/trill-5-20260301.yaml").exists()


def test_people_settle(bring: Run, top: Path) -> None:
    taken = "decisions:\n  - subject: quail-1\n    reason: no-certain-link\n    taken: {action: link, version: finch/trill-5@20260301}\n"
    taken += "  - {subject: odd, reason: no-certain-link, taken: {action: link, version: finch/gone@1}}\n"
    taken += "  - {subject: trill-4-20250514, reason: vanished-upstream, taken: {action: ignore}}\n"
    lay(top, {"decisions/anthropic/finch.yaml": taken, "decisions/anthropic/other.yaml": "decisions: [{subject: x, reason: odd}]\n"})
    with anthropic([trill("quail-1"), trill("odd")]) as server:
        got = bring("anthropic", server.url, "--provider", "finch", "--json")
    assert got.code == 0, got.err
    assert read(top, "providers/finch/quail-1.yaml")["serves"] == {"version": "finch/trill-5@20260301", "pinned": False}
    assert got.json["decisions"] == {"taken-names-nothing": 1, "vanished-upstream": 1}
    assert decisions(top, "anthropic", "other") == [("x", "odd")], "another provider was not asked about"


def test_a_listing_of_nothing_is_refused(bring: Run, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(top)
    with anthropic([]) as server:
        got = bring("anthropic", server.url, "--provider", "finch")
    assert (got.code, got.out) == (1, "")
    assert "answered with no models" in got.err and "hint: ANTHROPIC_API_KEY" in got.err
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-bad")
    with anthropic([trill("a")]) as server:
        got = bring("anthropic", server.url, "--provider", "finch")
    assert got.code == 3 and "answered 401: invalid key" in got.err and "hint: ANTHROPIC_API_KEY is of another server" in got.err
    assert "sk-ant-bad" not in got.err and everything(top) == before


def test_a_key_goes_to_its_server_alone(bring: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with openai([listed("wren/owl-3-4b")]) as there:

        def onward(asked: Exchange) -> None:
            asked.answer(302, location=f"{there.url}/v1/models")

        with serving(onward) as server:
            got = bring("openai", f"{server.url}/v1", "--provider", "grove")
        assert got.code == 0
        assert [asked.headers.get("authorization") for asked in server.seen] == ["Bearer sk-secret"]
        assert [asked.headers.get("authorization") for asked in there.seen] == [None]
    assert f"note: OPENAI_API_KEY is sent to {server.url}/v1" in got.err and "sk-secret" not in got.err + got.out
    assert "a token is not sent to" in bring("openai", "http://198.51.100.1/v1", "--provider", "grove").err


def test_whose_server_it_is(bring: Run, top: Path) -> None:
    with openai([listed("wren/owl-3-4b")]) as server:
        address = f"{server.url}/v1"
        assert "--provider is missing" in bring("openai", address).err
        unknown = bring("openai", address, "--provider", "groove")
        assert unknown.code == 4 and "did you mean grove" in unknown.err
        text = (top / "catalog/providers/grove/provider.yaml").read_text("utf-8")
        lay(top, {"providers/grove/provider.yaml": text.replace("http://127.0.0.1:9/v1", f"{address}/")})
        assert bring("openai", address).code == 0
        assert bring("openai", f"{address}/models").code == 0
        lay(top, {"providers/hill/provider.yaml": text.replace("http://127.0.0.1:9/v1", address)})
        several = bring("openai", address)
        assert several.code == 2 and "several have" in several.err
    assert "import openai takes no --engine" in bring("openai", address, "--engine", "x").err


def test_what_compatible_servers_add(bring: Run, top: Path) -> None:
    entries = [
        listed("owl", root="Wren/Owl-3-4B", parent=None, max_model_len=16384),
        listed("owl-tuned", root="Wren/Owl-3-4B", parent="owl"),
        listed("wren/owl-3-4b", context_window=32768, max_completion_tokens=8192, shutdown_date="2026-12-31"),
        listed("owl-3-4b", context_window=0, max_completion_tokens=-1),
        listed("tiny", context_window=1000, max_completion_tokens=2000, shutdown_date="soon"),
    ]
    with openai(entries) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "grove", "--json")
    assert states(got) == {
        "owl": ("new", "wren/owl-3-4b@1.0.0"),
        "owl-3-4b": ("new", "wren/owl-3-4b@1.0.0"),
        "owl-tuned": ("new", None),
        "tiny": ("new", None),
        "wren/owl-3-4b": ("changed", "wren/owl-3-4b@1.0.0"),
        "owl-old": ("vanished", "wren/owl-3-4b@1.0.0"),
    }
    assert read(top, "providers/grove/owl.yaml")["limits"] == {"context": 16384}
    assert "limits" not in read(top, "providers/grove/owl-3-4b.yaml"), "0 is no limit"
    known = read(top, "providers/grove/wren--owl-3-4b.yaml")
    assert (known["limits"], known["deprecation"]) == ({"output": 8192}, {"retires": "2026-12-31"}), "the context is the version's own"
    assert ("tiny", "not-understood") in decisions(top, "openai", "grove")


def test_a_value_that_people_wrote_stays_until_they_settle_it(bring: Run, top: Path) -> None:
    path = "providers/grove/wren--owl-3-4b.yaml"
    lay(top, {path: (top / "catalog" / path).read_text("utf-8") + "limits: {output: 1000}\n"})
    with openai([listed("wren/owl-3-4b", max_completion_tokens=8192), listed("owl-old")]) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "grove", "--json")
        assert states(got)["wren/owl-3-4b"][0] == "changed"
        assert read(top, path)["limits"] == {"output": 1000}
        file = top / "catalog/decisions/openai/grove.yaml"
        assert decisions(top, "openai", "grove") == [("wren/owl-3-4b", "conflict")]
        file.write_text(f"{file.read_text('utf-8').rstrip()}\n    taken: {{action: keep}}\n", "utf-8")
        assert states(bring("openai", f"{server.url}/v1", "--provider", "grove", "--json"))["wren/owl-3-4b"][0] == "known"


def test_an_output_above_the_context_is_left_out(bring: Run, top: Path, run: Run) -> None:
    with openai([listed("wren/owl-3-4b", context_window=4096, max_completion_tokens=8192)]) as server:
        bring("openai", f"{server.url}/v1", "--provider", "grove")
    assert ("wren/owl-3-4b", "output-above-context") in decisions(top, "openai", "grove")
    assert run("validate", "--root", str(top)).code == 0


def test_a_name_of_several_versions_is_a_question(bring: Run, top: Path) -> None:
    other = {"providers/finch/owl.yaml": "wire_id: owl-9\nserves: {version: finch/trill-4@20250514, pinned: true}\nbilling: free\n"}
    grove = {"providers/grove/owl-9.yaml": "wire_id: owl-9\nserves: {version: wren/owl-3-4b@1.0.0, pinned: true}\nbilling: free\n"}
    lay(top, {**other, **grove, "providers/hill/provider.yaml": "name: Hill\n"})
    with openai([listed("owl-9"), listed("WREN/Owl-3-4B"), listed("owl-3-4b-turbo"), listed("trill-45")]) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "hill", "--json")
    assert states(got)["owl-9"] == ("new", None) and states(got)["WREN/Owl-3-4B"] == ("new", "wren/owl-3-4b@1.0.0")
    words = {one["name"]: one["words"] for one in got.json["listing"]}
    assert words["owl-9"] == "may be finch/trill-4@20250514, wren/owl-3-4b@1.0.0"
    assert words["owl-3-4b-turbo"] == "may be wren/owl-3-4b@1.0.0"
    assert words["trill-45"] == "nothing here has this name", "trill-4 is another number"


ODD: list[Any] = [
    None, 7, "x", [], {}, {"id": None}, {"id": ""}, {"id": 7}, {"id": "a\nb"}, {"id": " a"}, {"id": "x" * 301}, {"id": "\u202eevil"},
    {"id": "../../etc"}, {"id": "con"}, {"id": "a", "shutdown_date": {}}, {"id": "b", "max_model_len": "many"},
    {"id": "c", "context_window": -1, "max_completion_tokens": True}, {"id": "d", "root": ["x"], "shutdown_date": "2026-13-40"},
    {"id": "owl", "root": "Wren/Owl-3-4B", "max_model_len": 10**30}, {"id": "a"},
]  # fmt: skip


def test_odd_entries_are_told_and_nothing_breaks(bring: Run, top: Path, run: Run) -> None:
    with openai(ODD) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "grove", "--json")
        before = everything(top)
        bring("openai", f"{server.url}/v1", "--provider", "grove")
    assert got.code == 0, got.err
    assert [name for name, (state, _) in states(got).items() if state == "new"] == ["../../etc", "a", "b", "c", "con", "d", "owl"]
    assert everything(top) == before
    assert ("providers/grove", "not-understood") in decisions(top, "openai", "grove")
    assert "limits" not in read(top, "providers/grove/owl.yaml")
    assert run("validate", "--root", str(top)).code == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": {}}', b'{"data": null}', b"<html>", b"[" * 100_000, b'{"data": "x"}'])
def test_another_answer_than_a_listing(bring: Run, body: bytes) -> None:
    with serving(lambda asked: asked.answer(200, body)) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "grove")
    assert (got.code, got.out) == (3, "") and "hint: " in got.err


@pytest.mark.parametrize("last", ["a", None, 7])
def test_pages_that_do_not_end(bring: Run, last: Any) -> None:
    page = json.dumps({"data": [trill("a")], "has_more": True, "last_id": last}).encode()
    with serving(lambda asked: asked.answer(200, page)) as server:
        got = bring("anthropic", server.url, "--provider", "finch")
        assert len(server.seen) <= 2
    assert got.code == 3 and "do not end" in got.err


def test_the_usual_address(bring: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with anthropic([trill("trill-4-20250514")]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        assert bring("anthropic", "--provider", "finch").code == 0
    with openai([listed("wren/owl-3-4b")]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        assert bring("openai", "--provider", "grove").code == 0


def test_a_server_that_stumbles_is_asked_again(bring: Run) -> None:
    troubles = [503, 429]

    def answer(asked: Exchange) -> None:
        if troubles:
            asked.answer(troubles.pop(), retry_after="0")
        else:
            asked.answer(200, json.dumps({"data": [listed("wren/owl-3-4b")]}).encode())

    with serving(answer) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "grove")
    assert got.code == 0 and got.err.count("attempt") == 2


def test_a_server_that_is_slow_is_given_up(bring: Run) -> None:
    with serving(lambda asked: asked.answer(503)) as server:
        got = bring("openai", f"{server.url}/v1", "--provider", "grove", "--deadline", "0.4")
    assert got.code == 3 and "--deadline" in got.err
