"""LiteLLM's price map becomes offerings; what can not is written down."""

import json
import os
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.importers.litellm import meters
from modelreg_cli.importers.litellm.meters import is_price, read
from modelreg_cli.importers.litellm.providers import MEANT
from modelreg_cli.rules.check import check
from tests.conftest import Run
from tests.importers.markets import DAY, OWL, ROOT, bring, decide, last_price, market, price_map, told
from tests.importers.sources import data, decisions, everything, loaded

_KEYS = (Path(__file__).parent / "litellm_keys.txt").read_text("utf-8").split()
REAL = Path(os.environ.get("MODELREG_LITELLM", ROOT.parent / "shared" / "data" / "litellm-sample.json"))
_PER = {"input": 1_000_000, "output": 1_000_000, "cache_read": 1_000_000, "minute": 1, "search": 1000, "request": 1000, "image": 1}


def _entry(provider: str = "nest", **fields: Any) -> dict[str, Any]:
    return {"litellm_provider": provider, "mode": "chat", "input_cost_per_token": 1.5e-06, "output_cost_per_token": 6e-06, **fields}


def _import(tmp_path: Path, entries: dict[str, Any]) -> Path:
    root = market(tmp_path)
    bring(root, "litellm", price_map(tmp_path, entries))
    loaded(root)
    return root


def test_an_entry_becomes_an_offering(tmp_path: Path) -> None:
    entry = _entry(
        "cloud",
        source="https://cloud.example/pricing",
        deprecation_date="2027-01-31",
        rpm=60,
        tpm=10_000.0,
        max_input_tokens=16_000,
        max_output_tokens=4_000,
        supports_function_calling=True,
        supports_prompt_caching=True,
        supported_regions=["eu-west-1"],
    )
    root = _import(tmp_path, {"cloud/wren/owl-3": entry, "sample_spec": {"litellm_provider": "one of ..."}})
    assert data(root, "providers/cloud/wren--owl-3.yaml") == {
        "wire_id": "wren/owl-3",
        "serves": {"version": OWL, "pinned": False},
        "deprecation": {"retires": "2027-01-31"},
        "billing": "metered",
        "limits": {"input": 16_000, "output": 4_000},
        "capabilities": ["prompt-caching"],  # tools are the version's already
        "rate_limits": [{"plan": "default", "rpm": 60, "tpm": 10_000}],
        "regions": ["eu-west-1"],
        "prices": [{"observed": DAY, "currency": "USD", "rates": {"input": 1.5, "output": 6}}],
        "sources": {
            "litellm": {
                "url": "https://github.com/BerriAI/litellm/blob/abcdef1/model_prices_and_context_window.json",
                "retrieved": DAY,
                "note": "it names https://cloud.example/pricing",
            }
        },
        "sourced": {"": "litellm"},
    }


def test_tiers_batches_and_context_are_variants(tmp_path: Path) -> None:
    entry = _entry(
        "cloud",
        input_cost_per_token_batches=7.5e-07,
        input_cost_per_token_above_200k_tokens=3e-06,
        input_cost_per_token_above_200k_tokens_priority=6e-06,
        output_cost_per_token_flex=6e-06,
        search_context_cost_per_query=dict.fromkeys(("search_context_size_low", "search_context_size_high"), 0.01),
    )
    root = _import(tmp_path, {"cloud/wren/owl-3": entry})
    price = last_price(root, "cloud/wren--owl-3")
    assert price["rates"] == {"input": 1.5, "output": 6, "search": 10}
    assert price["variants"] == [
        {"when": {"context_over": 200_000}, "rates": {"input": 3}},
        {"when": {"context_over": 200_000, "tier": "priority"}, "rates": {"input": 6}},
        {"when": {"tier": "batch"}, "rates": {"input": 0.75}},
    ]  # flex costs what is usual, and is no variant


def test_tiered_pricing_is_context_over(tmp_path: Path) -> None:
    tiers = [
        {"range": [0, 256_000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07},
        {"range": [256_000.0, 1e6], "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06},
    ]
    root = _import(tmp_path, {"cloud/wren/owl-3": {"litellm_provider": "cloud", "mode": "chat", "tiered_pricing": tiers}})
    price = last_price(root, "cloud/wren--owl-3")
    assert price["rates"] == {"input": 0.05, "output": 0.4}
    assert price["variants"] == [{"when": {"context_over": 256_000}, "rates": {"input": 0.25, "output": 2}}]


def test_tiers_that_are_not_all_understood_are_told_whole(tmp_path: Path) -> None:
    tiers = [{"range": [0, 1000], "input_cost_per_token": 5e-08, "input_cost_per_wish": 1}]
    root = _import(tmp_path, {"cloud/wren/owl-3": _entry("cloud", tiered_pricing=tiers)})
    assert "tiered_pricing" in told(root, "litellm", "cloud")["providers/cloud", "unknown-price-key"]["detail"]
    assert "variants" not in last_price(root, "cloud/wren--owl-3")


def test_a_price_below_a_region_is_a_variant(tmp_path: Path) -> None:
    regional = _entry("azure", input_cost_per_token=1.65e-06, output_cost_per_token=6.6e-06)
    root = _import(tmp_path, {"azure/owl-3": _entry("azure"), "azure/eu/owl-3": regional, "azure/us/owl-embed": regional})
    assert last_price(root, "azure/owl-3")["variants"] == [{"when": {"region": "eu"}, "rates": {"input": 1.65, "output": 6.6}}]
    assert "owl-embed" in told(root, "litellm", "azure")["providers/azure", "no-usual-price"]["detail"]


@given(st.decimals(min_value="0.000001", max_value="99999", allow_nan=False, places=6))
def test_costs_of_one_token_become_exact_rates(rate: Decimal) -> None:
    cost = json.loads(json.dumps(float(rate / 1_000_000)), parse_float=Decimal)
    got = read({"input_cost_per_token": cost}, _PER).tariff.entry(DAY)["rates"]["input"]
    assert Decimal(str(got)) == rate


@pytest.mark.parametrize("mode", ["chat", *meters.BY_MODE])
def test_every_real_key_of_a_price_is_mapped_or_told(tmp_path: Path, mode: str) -> None:
    """Keys as LiteLLM 1.109.1 has them, each with a price of its own, that of input highest."""
    root = market(tmp_path)
    model = root / "catalog/models/wren/owl-3/model.yaml"
    model.write_text(model.read_text("utf-8").replace("tasks: [chat]\n", ""), "utf-8")
    costs = {key: Decimal(1000 * key.startswith("input_cost_per_token") + at + 1) / 10**7 for at, key in enumerate(_KEYS)}
    entry = {key: float(cost) for key, cost in costs.items()} | {"litellm_provider": "cloud", "mode": mode}
    bring(root, "litellm", price_map(tmp_path, {"cloud/wren/owl-3": entry}))
    price = last_price(root, "cloud/wren--owl-3")
    every = [price["rates"], *(variant["rates"] for variant in price["variants"])]
    written = {Decimal(str(rate)) for rates in every for rate in rates.values()}
    detail = " ".join(entry["detail"] for entry in told(root, "litellm", "cloud").values())
    reported = set(re.findall(r"[a-zA-Z0-9_.]+", detail))
    mapped = {key for key, cost in costs.items() if written & {cost * units for units in (1_000_000, 1000, 60, 1)}}
    assert mapped | reported >= set(_KEYS), sorted(set(_KEYS) - mapped - reported)
    assert not mapped & reported
    assert len(mapped) > 60


@pytest.mark.skipif(not REAL.exists(), reason="no copy of LiteLLM's price map beside the repository, nor in MODELREG_LITELLM")
def test_a_real_map_into_the_shipped_catalog(tmp_path: Path) -> None:
    entries = json.loads(REAL.read_text("utf-8"))
    keys = {key for name, entry in entries.items() if name != "sample_spec" for key in entry if is_price(key)}
    assert keys <= set(_KEYS), sorted(keys - set(_KEYS))
    shutil.copytree(ROOT / "catalog", tmp_path / "catalog")
    made = bring(tmp_path, "litellm", REAL, "2026-07-02")
    assert made.counts("created")["offering"] > 50 and made.counts("changed")["offering"] > 100
    assert [finding for finding in check(load(Folder(tmp_path)), date.today()) if finding.severity == "error"] == []
    before = everything(tmp_path)
    bring(tmp_path, "litellm", REAL, "2026-07-02")
    assert everything(tmp_path) == before


@pytest.mark.parametrize("value", ["free", None, True, -1, {"a": 1}, [1], float("1e300")])
def test_a_price_that_is_none_is_told(tmp_path: Path, value: Any) -> None:
    root = _import(tmp_path, {"cloud/wren/owl-3": _entry("cloud", cache_read_input_token_cost=value)})
    assert "cache_read_input_token_cost" in told(root, "litellm", "cloud")["providers/cloud", "not-understood"]["detail"]
    assert last_price(root, "cloud/wren--owl-3")["rates"] == {"input": 1.5, "output": 6}


def test_zeros(tmp_path: Path) -> None:
    nothing = {"input_cost_per_token": 0, "output_cost_per_token": 0.0}
    root = _import(
        tmp_path,
        {
            "cloud/wren/owl-3": _entry("cloud", **nothing),
            "cloud/wren/owl-embed": _entry("cloud", mode="embedding", output_cost_per_token=0),
            "perch/wren/owl-3": _entry("perch", cache_read_input_token_cost=2e-06),
        },
    )
    assert "prices" not in data(root, "providers/cloud/wren--owl-3.yaml")
    got = told(root, "litellm", "cloud")
    assert got["providers/cloud", "zero-price"]["detail"].endswith("(1): wren/owl-3")
    assert got["providers/cloud", "zero-rate"]["detail"].endswith("(1): output")
    assert last_price(root, "cloud/wren--owl-embed")["rates"] == {"input": 1.5}
    assert ("providers/perch", "cache-read-above-input") in told(root, "litellm", "perch")


@pytest.mark.parametrize(
    ("key", "entry", "group", "decision"),
    [
        ("nobody/owl-3", _entry("nobody"), "nobody", ("providers/nobody", "no-provider")),
        ("1024-x-1024/owl-3", _entry("azure"), "azure", ("providers/azure", "not-a-wire-id")),
        ("cloud/heron-9", _entry("cloud"), "cloud", ("heron-9", "no-certain-link")),
        ("cloud/wren/owl-3", _entry("cloud", mode="embedding"), "cloud", ("wren/owl-3", "mode-contradicts-task")),
        ("cloud/wren/owl-embed", _entry("cloud"), "cloud", ("wren/owl-embed", "mode-contradicts-task")),
        ("cloud/wren/owl-3", _entry("cloud", max_output_tokens=9_000), "cloud", ("wren/owl-3", "limit-above-version")),
        ("cloud/wren/owl-3", _entry("cloud", max_output_tokens=0), "cloud", ("wren/owl-3", "zero-limit")),
        ("cloud/wren/owl-3", _entry("cloud", supports_humming=True), "cloud", ("providers/cloud", "not-carried")),
        ("cloud/wren/owl-3", _entry("cloud", deprecation_date="soon"), "cloud", ("providers/cloud", "not-carried")),
        ("cloud/wren/owl-3", "text", "litellm", ("providers/litellm", "not-understood")),
    ],
)
def test_what_is_not_certain_is_a_decision(tmp_path: Path, key: str, entry: Any, group: str, decision: tuple[str, str]) -> None:
    root = _import(tmp_path, {key: entry, "perch/wren/owl-3": _entry("perch")})
    assert decision in told(root, "litellm", group)


def test_prices_without_a_meter_stand_in_the_summary(tmp_path: Path, run: Run) -> None:
    entries = {f"{name}/wren/owl-3": _entry(name, input_cost_per_pixel=1e-9, rpm=-1, tpm=7) for name in ("cloud", "perch")}
    argv = ("import", "litellm", str(price_map(tmp_path, entries)), "--root", str(market(tmp_path)), "--observed", DAY, "--dry-run")
    assert run(*argv).lines[-1] == "prices without a meter: 2 (input_cost_per_pixel 2)"
    assert run(*argv, "--json").json["unmapped"] == {"input_cost_per_pixel": 2}
    assert run(*argv[:-1]).code == 0
    assert data(tmp_path / "c", "providers/cloud/wren--owl-3.yaml")["rate_limits"] == [{"plan": "default", "tpm": 7}]
    assert "rpm" in told(tmp_path / "c", "litellm", "cloud")["providers/cloud", "not-carried"]["detail"]


def test_people_link(tmp_path: Path) -> None:
    root = market(tmp_path)
    source = price_map(tmp_path, {"cloud/heron-9": _entry("cloud")})
    bring(root, "litellm", source)
    decide(root, "litellm", "cloud", "heron-9", action="link", version=OWL)
    made = bring(root, "litellm", source)
    assert made.tally == {"taken": 1}
    assert data(root, "providers/cloud/heron-9.yaml")["serves"] == {"version": OWL, "pinned": False}


def test_an_alias_of_a_provider_names_it(tmp_path: Path) -> None:
    root = market(tmp_path)
    path = root / "catalog/providers/cloud/provider.yaml"
    path.write_text(path.read_text("utf-8") + 'aliases: ["litellm:nimbus"]\n', "utf-8")
    bring(root, "litellm", price_map(tmp_path, {"nimbus/wren/owl-3": _entry("nimbus")}))
    assert data(root, "providers/cloud/wren--owl-3.yaml")["wire_id"] == "wren/owl-3"


def test_an_offering_that_is_here_keeps_its_link_and_gains_what_it_lacks(tmp_path: Path) -> None:
    root = market(tmp_path)
    path = root / "catalog/providers/nest/owl-3.yaml"
    path.write_text(path.read_text("utf-8").replace("rates: {input: 1.5,", "rates: {input: 1.5,  # as agreed\n     "), "utf-8")
    entry = _entry("nest", cache_read_input_token_cost=1.5e-07, output_cost_per_token_batches=3e-06, supports_vision=True)
    made = bring(root, "litellm", price_map(tmp_path, {"nest/owl-3": entry}))
    assert made.reasons() == {}
    offering = data(root, "providers/nest/owl-3.yaml")
    assert offering["prices"] == [
        {
            "observed": "2026-05-01",
            "currency": "USD",
            "rates": {"input": 1.5, "output": 6, "cache_read": 0.15},
            "variants": [{"when": {"tier": "batch"}, "rates": {"output": 3}}],
        }
    ]
    assert offering["capabilities"] == ["vision"]
    assert offering["sourced"] == {
        "": "models-dev",
        "/capabilities": "litellm",
        "/prices/0/rates/cache_read": "litellm",
        "/prices/0/variants/0": "litellm",
    }
    loaded(root)


def test_another_price_here_is_a_conflict_until_people_take_it(tmp_path: Path) -> None:
    root = market(tmp_path)
    source = price_map(tmp_path, {"nest/owl-3": _entry("nest", input_cost_per_token=2e-06)})
    bring(root, "litellm", source)
    (entry,) = told(root, "litellm", "nest").values()
    assert (entry["reason"], entry["field"]) == ("conflict", "prices")
    assert entry["upstream"] == {"currency": "USD", "rates": {"input": 2, "output": 6}}
    before = everything(root)
    bring(root, "litellm", source, "2026-06-09")
    assert everything(root) == before  # the same prices of another day are no other question
    decide(root, "litellm", "nest", "owl-3", action="accept")
    bring(root, "litellm", source, "2026-06-09")
    prices = data(root, "providers/nest/owl-3.yaml")["prices"]
    assert [(price["observed"], price["rates"], price.get("source")) for price in prices] == [
        ("2026-05-01", {"input": 1.5, "output": 6}, None),
        ("2026-06-09", {"input": 2, "output": 6}, "litellm"),
    ]


def test_a_new_price_of_the_list_is_a_new_entry(tmp_path: Path) -> None:
    root = _import(tmp_path, {"cloud/wren/owl-3": _entry("cloud")})
    bring(root, "litellm", price_map(tmp_path, {"cloud/wren/owl-3": _entry("cloud", input_cost_per_token=2e-06)}), "2026-07-01")
    prices = data(root, "providers/cloud/wren--owl-3.yaml")["prices"]
    assert [(price["observed"], price["rates"]["input"]) for price in prices] == [(DAY, 1.5), ("2026-07-01", 2)]


def test_rounding_is_no_other_price(tmp_path: Path) -> None:
    root = _import(tmp_path, {"nest/owl-3": _entry("nest", input_cost_per_token=1.5003e-06)})
    assert decisions(root, "nest") == [] and told(root, "litellm", "nest") == {}
    assert last_price(root, "nest/owl-3")["rates"] == {"input": 1.5, "output": 6}


def test_the_same_map_twice_changes_nothing(tmp_path: Path) -> None:
    entries = {
        "cloud/wren/owl-3": _entry("cloud", deprecation_date="2026-01-01", max_input_tokens=1000, supports_function_calling=False),
        "nest/owl-3": _entry("nest", cache_read_input_token_cost=1e-07),
        "azure/eu/owl-3": _entry("azure"),
        "azure/owl-3": _entry("azure"),
        "nobody/x": _entry("nobody"),
    }
    root = _import(tmp_path, entries)
    assert data(root, "providers/cloud/wren--owl-3.yaml")["status"] == "retired"  # it had ended before the map was read
    before = everything(root)
    bring(root, "litellm", price_map(tmp_path, entries), "2026-06-20")
    assert everything(root) == before


@given(entry=st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=3)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_breaks_it(tmp_path_factory: pytest.TempPathFactory, entry: Any) -> None:
    tmp_path = tmp_path_factory.mktemp("f")
    fields = dict.fromkeys((*_KEYS[::7], "max_input_tokens", "rpm", "deprecation_date", "supported_regions", "source", "mode"), entry)
    _import(tmp_path, {"cloud/wren/owl-3": {**fields, "litellm_provider": "cloud"}})


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"a": 1}', "[" * 100_000])
def test_another_file_is_refused(tmp_path: Path, run: Run, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    got = run("import", "litellm", str(tmp_path / "m.json"), "--root", str(market(tmp_path)))
    assert (got.code, got.out) == (2, "")
    assert "m.json is not" in got.err and "hint: " in got.err


def test_names_that_stand_twice_are_told(tmp_path: Path) -> None:
    root = market(tmp_path)
    one = json.dumps(_entry("cloud"))
    source = tmp_path / "m.json"
    source.write_text(f'{{"cloud/wren/owl-3": {one}, "cloud/wren/owl-3": {one}}}')
    bring(root, "litellm", source)
    assert told(root, "litellm", "cloud")["providers/cloud", "listing-twice"]["detail"].endswith("cloud/wren/owl-3")


def test_providers_that_it_means_are_in_the_shipped_catalog() -> None:
    named = {name for meant in MEANT.values() for name in (meant.provider, meant.slashed) if name}
    assert named <= {path.name for path in (ROOT / "catalog" / "providers").iterdir()}


def test_what_people_took_away_does_not_come_back_with_something_new(tmp_path: Path) -> None:
    root = _import(tmp_path, {"nest/owl-3": _entry("nest", cache_read_input_token_cost=1e-07)})
    path = root / "catalog/providers/nest/owl-3.yaml"
    path.write_text(path.read_text("utf-8").replace(", cache_read: 0.1", "").replace("/prices/0/rates/cache_read", "/prices/0"), "utf-8")
    before = path.read_bytes()
    more = _entry("nest", cache_read_input_token_cost=1e-07, cache_creation_input_token_cost=2e-06)
    bring(root, "litellm", price_map(tmp_path, {"nest/owl-3": more}))
    assert path.read_bytes() == before
    assert ("owl-3", "conflict") in told(root, "litellm", "nest")


def test_a_name_that_is_not_written_as_the_providers_ids_are_is_told(tmp_path: Path) -> None:
    slashed = {f"cloud/{name}/owl-3": _entry("cloud") for name in ("wren", "WREN", "Wren")}
    root = _import(tmp_path, slashed)
    known = root / "catalog/providers/cloud"
    for number in range(5):
        text = (known / "wren--owl-3.yaml").read_text("utf-8").replace("wire_id: wren/owl-3", f"wire_id: wren/owl-{number}-x")
        (known / f"wren--owl-{number}-x.yaml").write_text(text, "utf-8")
    bring(root, "litellm", price_map(tmp_path, {"cloud/owl-embed": _entry("cloud", mode="embedding"), **slashed}))
    assert told(root, "litellm", "cloud")["providers/cloud", "not-a-wire-id"]["detail"].endswith("(1): owl-embed")
    assert not (known / "owl-embed.yaml").exists()
