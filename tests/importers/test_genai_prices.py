"""genai-prices' dated and tiered prices become offerings, by exact names only."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.importers.markets import DAY, OWL, bring, decide, last_price, market, sellers, told
from tests.importers.sources import catalog_at, data, everything, loaded, packed

_OWL = """
  - id: wren/owl-3
    match:
      or:
        - equals: wren/owl-3
        - equals: wren/Owl_3
        - starts_with: wren/owl-3-
    context_window: 16000
    prices_checked: 2026-05-20
    price_comments: words
    prices:
      input_mtok: 1.5
      output_mtok:
        base: 6
        tiers: [{start: 200000, price: 9.5}]
      cache_write_1h_mtok: 3
      web_searches_kcount: 10
"""


def _import(tmp_path: Path, files: dict[str, str], observed: str = DAY) -> Path:
    root = market(tmp_path)
    bring(root, "genai-prices", sellers(tmp_path, files), observed)
    loaded(root)
    return root


def _model(prices: str, more: str = "") -> str:
    return f"  - id: wren/owl-3\n    match: {{equals: wren/owl-3}}\n{more}    prices: {prices}\n"


def test_a_model_becomes_an_offering(tmp_path: Path) -> None:
    root = _import(tmp_path, {"cloud": _OWL})
    assert data(root, "providers/cloud/wren--owl-3.yaml") == {
        "wire_id": "wren/owl-3",
        "serves": {"version": OWL, "pinned": False},
        "billing": "metered",
        "limits": {"context": 16000},
        "prices": [
            {
                "observed": DAY,
                "currency": "USD",
                "rates": {"input": 1.5, "output": 6, "search": 10},
                "variants": [{"when": {"context_over": 200000}, "rates": {"output": 9.5}}],
            }
        ],
        "sources": {
            "genai-prices": {
                "url": "https://github.com/pydantic/genai-prices/blob/abcdef1/prices/providers/cloud.yml",
                "retrieved": DAY,
                "note": "prices checked by it on 2026-05-20",
            }
        },
        "sourced": {"": "genai-prices"},
    }
    got = told(root, "genai-prices", "cloud")
    assert set(got) == {
        ("providers/cloud", "unknown-price-key"),
        ("providers/cloud", "name-by-pattern"),
        ("providers/cloud", "not-carried"),
    }
    assert "cache_write_1h_mtok" in got["providers/cloud", "unknown-price-key"]["detail"]
    assert "starts_with wren/owl-3-" in got["providers/cloud", "name-by-pattern"]["detail"]
    assert "price_comments" in got["providers/cloud", "not-carried"]["detail"]


_DATED = """
      - prices: {input_mtok: 5, output_mtok: 25}
      - constraint: {start_date: 2026-03-13}
        prices: {input_mtok: 4, output_mtok: 20}
      - constraint: {start_date: 2026-09-01}
        prices: {input_mtok: 3, output_mtok: 15}
"""


def test_dated_prices_are_entries_with_their_day(tmp_path: Path) -> None:
    root = _import(tmp_path, {"cloud": _model(_DATED)})
    prices = data(root, "providers/cloud/wren--owl-3.yaml")["prices"]
    assert [(price.get("from"), price["rates"]["input"]) for price in prices] == [("2026-03-13", 4)]
    assert "wren/owl-3" in told(root, "genai-prices", "cloud")["providers/cloud", "future-price"]["detail"]
    bring(root, "genai-prices", sellers(tmp_path, {"cloud": _model(_DATED)}), "2026-09-02")
    prices = data(root, "providers/cloud/wren--owl-3.yaml")["prices"]
    assert [(price.get("from"), price["rates"]["input"]) for price in prices] == [("2026-03-13", 4), ("2026-09-01", 3)]
    loaded(root)
    early = _import(tmp_path / "early", {"cloud": _model(_DATED)}, "2026-03-01")
    assert [(price.get("from"), price["rates"]["input"]) for price in data(early, "providers/cloud/wren--owl-3.yaml")["prices"]] == [
        (None, 5)
    ]


def test_hours_are_a_variant(tmp_path: Path) -> None:
    hours = """
      - prices: {input_mtok: 1, output_mtok: 2}
      - constraint: {start_time: 00:30:00Z, end_time: 16:30:00Z}
        prices: {input_mtok: 2, output_mtok: 4}
"""
    root = _import(tmp_path, {"cloud": _model(hours)})
    assert last_price(root, "cloud/wren--owl-3")["variants"] == [{"when": {"between": "00:30-16:30"}, "rates": {"input": 2, "output": 4}}]


@pytest.mark.parametrize(
    ("prices", "reason", "name"),
    [
        ("[{constraint: {weekday: monday}, prices: {input_mtok: 1}}]", "not-understood", "constraint"),
        ("{input_mtok: cheap}", "not-understood", "input_mtok"),
        ("{input_mtok: {base: 1, tiers: [{start: 5}]}}", "not-understood", "input_mtok"),
        ("{input_mtok: -1}", "not-understood", "input_mtok"),
        ("{input_mtok: .inf}", "not-understood", "input_mtok"),
        ("7", "not-understood", "prices"),
        ("{input_mtok: 1, dreams_kcount: 2}", "unknown-price-key", "dreams_kcount"),
        ("{input_mtok: 0, output_mtok: 0}", "zero-price", "wren/owl-3"),
        ("{input_mtok: 1, output_mtok: 0}", "zero-rate", "output"),
        ("{input_mtok: 1, cache_read_mtok: 2}", "cache-read-above-input", "cache_read"),
    ],
)
def test_what_is_not_certain_is_told(tmp_path: Path, prices: str, reason: str, name: str) -> None:
    root = _import(tmp_path, {"cloud": _model(prices)})
    assert name in told(root, "genai-prices", "cloud")["providers/cloud", reason]["detail"]


def test_what_has_ended(tmp_path: Path) -> None:
    root = _import(
        tmp_path,
        {
            "cloud": _model("{input_mtok: 1}", "    deprecated: true\n"),
            "perch": _model("{input_mtok: 1}", "    removed: true\n"),
            "nobody": _model("{input_mtok: 1}"),
        },
    )
    assert data(root, "providers/cloud/wren--owl-3.yaml")["status"] == "deprecated"
    assert data(root, "providers/perch/wren--owl-3.yaml")["status"] == "retired"
    assert ("providers/nobody", "no-provider") in told(root, "genai-prices", "nobody")


def test_a_name_in_another_spelling_is_the_offering_that_is_here(tmp_path: Path) -> None:
    model = "  - id: OWL_3\n    match: {equals: owl-3}\n    prices: {input_mtok: 1.5, output_mtok: 7}\n"
    root = _import(tmp_path, {"nest": model})
    assert [path.name for path in sorted((root / "catalog/providers/nest").iterdir())] == ["owl-3.yaml", "provider.yaml"]
    (entry,) = told(root, "genai-prices", "nest").values()
    assert (entry["subject"], entry["reason"], entry["upstream"]["rates"]) == ("owl-3", "conflict", {"input": 1.5, "output": 7})
    decide(root, "genai-prices", "nest", "owl-3", action="keep")
    before = everything(root)
    bring(root, "genai-prices", sellers(tmp_path, {"nest": model}), "2026-06-08")
    assert set(everything(root)) == set(before)
    assert last_price(root, "nest/owl-3")["rates"] == {"input": 1.5, "output": 6}


def test_an_archive_twice_changes_nothing(tmp_path: Path) -> None:
    root = market(tmp_path)
    text = f"id: cloud\nname: c\nmodels:{_OWL}"
    source = packed(tmp_path / "g.tar.gz", {"top/prices/providers/cloud.yml": text, "top/prices/providers/bad.yml": "id: *x"})
    bring(root, "genai-prices", source)
    assert "has an alias" in told(root, "genai-prices", "bad")["providers/bad", "not-understood"]["detail"]
    before = everything(root)
    made = bring(root, "genai-prices", source, "2026-06-09")
    assert everything(root) == before and made.unchanged == {"offering": 1}


def test_another_source_is_refused(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty").mkdir()
    got = run("import", "genai-prices", str(tmp_path / "empty"), "--root", str(catalog_at(tmp_path / "c")))
    assert (got.code, got.out) == (2, "")
    assert "holds no providers" in got.err and "hint: " in got.err


def test_a_day_before_ours_does_not_put_a_price_before_ours(tmp_path: Path) -> None:
    model = "  - id: owl-3\n    match: {equals: owl-3}\n    prices:\n"
    model += "      - {prices: {input_mtok: 9}}\n      - {constraint: {start_date: 2026-03-13}, prices: {input_mtok: 2}}\n"
    root = _import(tmp_path, {"nest": model})
    decide(root, "genai-prices", "nest", "owl-3", action="accept")
    bring(root, "genai-prices", sellers(tmp_path, {"nest": model}))
    prices = data(root, "providers/nest/owl-3.yaml")["prices"]
    assert [(price["observed"], price.get("from"), price["rates"]) for price in prices] == [
        ("2026-05-01", None, {"input": 1.5, "output": 6}),
        (DAY, None, {"input": 2, "output": 6}),
    ]
