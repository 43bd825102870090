"""modelreg drift"""

import json
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.conftest import Ran, Run
from tests.importers.hub import hub
from tests.importers.markets import bring, decide, market, price_map, sellers
from tests.importers.sources import everything, offer
from tests.importers.sources import run as run_models_dev

_DAY = ("--observed", "2026-06-01")


def _entry(provider: str, per_million: float = 1.5, **fields: Any) -> dict[str, Any]:
    cost = per_million / 1_000_000
    return {"litellm_provider": provider, "mode": "chat", "input_cost_per_token": cost, "output_cost_per_token": 6e-06, **fields}


@pytest.fixture
def drift(run: Run, tmp_path: Path) -> Run:
    """The market, asked for drift."""
    market(tmp_path)

    def call(*argv: str) -> Ran:
        return run("drift", *argv, *_DAY, "--root", str(tmp_path / "c"))

    return call


def test_what_agrees_is_silent(tmp_path: Path, drift: Run) -> None:
    got = drift(f"litellm:{price_map(tmp_path, {'nest/owl-3': _entry('nest')})}", "--exit-code")
    assert (got.code, got.out) == (0, "the catalog and its sources agree\n")


def test_a_disagreement_with_both_sides_and_their_days(tmp_path: Path, drift: Run) -> None:
    before = everything(tmp_path / "c")
    entry = _entry("nest", 2, max_output_tokens=4000, cache_read_input_token_cost=1e-7)
    source = price_map(tmp_path, {"nest/owl-3": entry, "cloud/wren/owl-3": _entry("cloud")})
    got = drift(f"litellm:{source}")
    assert got.lines == [
        "1 values of 1 files disagree: 1 proposed, 0 implausible; only upstream: 1 files, 1 values",
        "",
        "nest:owl-3",
        "  price input",
        "    here     1.5  2026-05-01",
        "    litellm    2  2026-06-01  proposed",
    ]
    assert everything(tmp_path / "c") == before
    assert drift(f"litellm:{source}", "--exit-code").code == 1


def test_sources_side_by_side(tmp_path: Path, drift: Run) -> None:
    litellm = f"litellm:{price_map(tmp_path, {'nest/owl-3': _entry('nest', 2)})}"

    def other(price: float) -> dict[str, Any]:
        text = f"  - id: owl-3\n    match: {{equals: owl-3}}\n    prices: {{input_mtok: {price}}}\n"
        found = drift(litellm, f"genai-prices:{sellers(tmp_path, {'nest': text})}", "--json").json["disagreements"]
        assert [(one["field"], one["ours"]) for one in found] == [("price input", 1.5)]
        return dict(found[0])

    both = other(2)
    assert [(voice["source"], voice["value"]) for voice in both["sources"]] == [("litellm", 2), ("genai-prices", 2)]
    assert (both["proposed"], both["why_not"]) == (2, None)
    assert (other(3)["proposed"], other(3)["why_not"]) == (None, "the sources disagree")
    assert (other(1.5)["proposed"], other(1.5)["why_not"]) == (None, "genai-prices agrees with ours")


@pytest.mark.parametrize(("price", "told"), [(1.6 * 8, None), (1.7 * 8, "8.5 times"), (1.6 / 8.1, "0.123 times"), (1.6 / 7.9, None)])
def test_far_from_what_others_ask_is_never_proposed(tmp_path: Path, drift: Run, price: float, told: str | None) -> None:
    root = tmp_path / "c"
    bring(root, "litellm", price_map(tmp_path, {f"{name}/wren/owl-3": _entry(name, 1.6) for name in ("cloud", "perch")}))
    (one,) = drift(f"litellm:{price_map(tmp_path, {'nest/owl-3': _entry('nest', price)})}", "--json").json["disagreements"]
    (voice,) = one["sources"]
    if told is None:
        assert (voice["implausible"], one["why_not"]) == (None, None) and one["proposed"] == pytest.approx(price)
    else:
        assert voice["implausible"] == f"{told} the median of 2 other offers"
        assert (one["proposed"], one["why_not"]) == (None, "implausible")


@pytest.mark.parametrize("action", ["keep", "ignore"])
def test_what_people_decided_is_not_asked_again(tmp_path: Path, drift: Run, action: str) -> None:
    source = price_map(tmp_path, {"nest/owl-3": _entry("nest", 2)})
    bring(tmp_path / "c", "litellm", source)
    assert drift(f"litellm:{source}", "--json").json["disagreements"]
    decide(tmp_path / "c", "litellm", "nest", "owl-3", action=action)
    assert drift(f"litellm:{source}").lines[0] == "the catalog and its sources agree"
    changed = price_map(tmp_path, {"nest/owl-3": _entry("nest", 3)})
    assert [one["proposed"] for one in drift(f"litellm:{changed}", "--json").json["disagreements"]] == [3]


def test_what_upstream_has_dropped(tmp_path: Path, drift: Run) -> None:
    bring(tmp_path / "c", "litellm", price_map(tmp_path, {"cloud/wren/owl-3": _entry("cloud")}))
    source = price_map(tmp_path, {"perch/wren/owl-3": _entry("perch")})
    got = drift(f"litellm:{source}")
    assert got.lines[-2:] == ["Gone upstream", "  cloud:wren/owl-3  litellm has it no more"]
    assert drift(f"litellm:{source}", "--json").json["vanished"] == [{"source": "litellm", "group": "cloud", "subject": "wren/owl-3"}]


def test_markdown_obeys_nothing_that_others_wrote(tmp_path: Path, drift: Run) -> None:
    root = tmp_path / "c"
    path = root / "catalog/providers/nest/owl-3.yaml"
    wire = "owl|3@everyone`<b>"
    path.write_text(path.read_text("utf-8").replace("wire_id: owl-3", f"wire_id: {json.dumps(wire)}"), "utf-8")
    entry = _entry("nest", 2)
    got = drift(f"litellm:{price_map(tmp_path, {f'nest/{wire}': entry, 'nest/owl-3': entry})}", "--format", "markdown")
    tokens = [child for token in MarkdownIt("gfm-like", {"linkify": False}).parse(got.out) for child in token.children or ()]
    assert not any(token.type.startswith(("html", "link")) for token in tokens)
    assert got.out.startswith("**Drift against `litellm` of 2026-06-01**")
    assert drift("litellm:" + str(price_map(tmp_path, {"nest/owl-3": entry})), "--format", "yaml").code == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "drift needs a source"),
        (("nosuch:x",), "no importer is called 'nosuch'"),
        (("litellm",), "litellm needs a source"),
        (("litellm:missing.json",), "there is no file missing.json"),
    ],
)
def test_wrong_use(drift: Run, argv: tuple[str, ...], words: str) -> None:
    got = drift(*argv)
    assert (got.code, got.out) == (2, "")
    assert words in got.err and "hint: " in got.err


def test_a_price_that_is_gone_is_asked_of_once(tmp_path: Path, drift: Run) -> None:
    source = tmp_path / "md"
    offering = source / "providers/nest/models/owl-3.toml"
    offering.write_text(offer("wren/owl-3", cost=""), "utf-8")
    found = drift(f"models-dev:{source}", "--json").json["disagreements"]
    assert [(one["field"], one["ours"], one["sources"][0]["value"]) for one in found] == [
        ("billing", "metered", None),
        ("price input", 1.5, None),
        ("price output", 6, None),
    ]
    assert {one["why_not"] for one in found} == {"gone upstream"}
    run_models_dev(tmp_path / "c", source)
    decide(tmp_path / "c", "models-dev", "nest", "owl-3", action="ignore")
    assert drift(f"models-dev:{source}", "--json").json["disagreements"] == []


def test_the_hub(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    root = market(tmp_path)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with hub() as site:
        monkeypatch.setenv("HF_ENDPOINT", site.server.url)
        config = {"model_type": "llama", "max_position_embeddings": 32768}
        site.add("Wren/Swim-7B", {"model.safetensors": 1000}, {"config.json": json.dumps(config)}, pipeline_tag="text-generation")
        assert run("import", "hf:Wren/Swim-7B", "--root", str(root)).code == 0
        agrees = run("drift", "hf:Wren/Swim-7B", "--root", str(root))
        assert agrees.lines[0].startswith("the catalog and its sources agree")
        site.texts["Wren/Swim-7B", "config.json"] = json.dumps(config | {"max_position_embeddings": 65536})
        (one,) = run("drift", "hf:Wren/Swim-7B", "--root", str(root), "--json").json["disagreements"]
        assert (one["ref"], one["field"], one["ours"], one["proposed"]) == ("wren/swim-7b@2026-03-04", "limits.context", 32768, 65536)
