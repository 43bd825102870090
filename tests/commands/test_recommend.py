"""`recommend`: the front, weights, reasons, near misses, and what is unknown, on a small catalog and on the shipped one."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run


def picks(ask: Run, *argv: str) -> dict[str, str]:
    return {row["model"]: row["reason"] for row in ask("recommend", *argv, "--json").json["picks"]}


def test_the_front_has_the_best_and_the_cheapest(ask: Run) -> None:
    assert picks(ask, "--quality", "quiz") == {"acme/atlas-70b": "best quality", "acme/atlas-8b": "cheapest"}


def test_a_price_is_the_blend_that_one_offering_asks(ask: Run) -> None:
    for row in ask("recommend", "--quality", "quiz", "--json").json["picks"]:
        assert row["price"] == pytest.approx((3 * row["price_in"] + row["price_out"]) / 4)
        found = ask(
            "sql", f"SELECT min(3 * price_in + price_out) / 4 FROM offering WHERE version = '{row['ref']}' AND price_in > 0", "--json"
        )
        assert [row["price"]] == [pytest.approx(price) for price in found.json[0].values()]
    (input_only, *_) = ask("recommend", "--quality", "quiz", "--ratio", "1:0", "--json").json["picks"]
    assert input_only["price"] == input_only["price_in"]
    free = ask("recommend", "--quality", "quiz", "--billing", "free", "--json").json["picks"]
    assert [(row["model"], row["price"]) for row in free] == [("acme/atlas-8b", 0)]


def test_of_a_cost_less_is_better(ask: Run) -> None:
    answer = ask("recommend", "--quality", "lag", "--json").json
    assert [row["model"] for row in answer["picks"]] == ["acme/atlas-8b"]
    assert answer["near"][0]["reason"] == "not dominated except by acme/atlas-8b: 360 better and $0.4925 less"


def test_what_has_no_score_stands_apart_and_is_never_0(ask: Run) -> None:
    answer = ask("recommend", "--quality", "arena", "--json").json
    (apart,) = answer["unknown"]
    assert (apart["model"], apart["quality"], apart["scores"], apart["reason"]) == (
        "acme/atlas-8b", None, {"arena": None}, "no comparable score"
    )  # fmt: skip
    assert answer["unknown_total"] == 1


def test_a_licence_that_keeps_the_best_out_is_told(ask: Run) -> None:
    answer = ask("recommend", "--quality", "quiz", "--license", "apache-2.0", "--json").json
    assert [row["model"] for row in answer["picks"]] == ["acme/atlas-8b"]
    assert [(row["model"], row["reason"]) for row in answer["near"]] == [
        ("acme/atlas-70b", "would be first, but its license is acme-community, not apache-2.0")
    ]


def test_each_condition_is_told_in_its_words(shell: Run, checkout: Path) -> None:
    licence = checkout / "catalog" / "licenses" / "acme-community.yaml"
    text = licence.read_text("utf-8").replace("commercial: conditional", 'commercial: "no"')
    licence.write_text(text, "utf-8")
    asked = ("recommend", "--quality", "quiz", "--json")
    told = {
        "--commercial": "its licence forbids commercial use",
        "--max-params=10B": "its parameter count is 70,600,000,000",
        "--min-context=100k": None,
        "--not-license=acme-community": "license is acme-community",
    }
    for option, why in told.items():
        near = shell(*asked, option, cwd=checkout).json["near"]
        reasons = [row["reason"] for row in near if row["model"] == "acme/atlas-70b"]
        assert why is None or reasons == [f"would be first, but {why}"], option


def test_weights_order_what_is_known(ask: Run) -> None:
    quality = ask("recommend", "--quality", "quiz", "--weigh", "quality=9,price=1", "--json").json["picks"]
    price = ask("recommend", "--quality", "quiz", "--weigh", "quality=1,price=9", "--json").json["picks"]
    assert [row["model"] for row in quality] == ["acme/atlas-70b", "acme/atlas-8b"] == [row["model"] for row in reversed(price)]
    scaled = ask("recommend", "--quality", "quiz", "--weigh", "quality=0.1,price=0.9", "--json").json["picks"]
    assert scaled == price


def test_memory_counts_where_it_is_asked_for(ask: Run) -> None:
    answer = ask("recommend", "--quality", "quiz", "--over", "quality,memory", "--precision", "q4_k_m", "--context", "8k", "--json").json
    by_model = {row["model"]: row for row in (*answer["picks"], *answer["unknown"])}
    need = ask("fit", "acme/atlas-8b#gguf-q4_k_m", "--context", "8k", "--json").json["needs"][0]["total"]
    assert by_model["acme/atlas-8b"]["memory"] == need
    assert "acme/atlas-70b" in by_model


def test_every_format(ask: Run) -> None:
    asked = ("--quality", "quiz")
    assert ask("recommend", *asked, "-q").out == "acme/atlas-70b\nacme/atlas-8b\n"
    assert ask("recommend", *asked).lines[0].startswith("model\tquiz\tprice\t")
    assert ask("recommend", *asked, "--fields", "ref,price", "--format", "csv").lines[0] == "ref,price"
    table = ask("recommend", "--quality", "lag", terminal=True)
    assert "\nnearly\n" in table.out and "candidates; 1 that no other beats in quality and price." in table.err


@pytest.mark.parametrize(
    "argv, message",
    [
        ((), "what good is must be said"),
        (("--quality", "quizz"), "no benchmark is called 'quizz'"),
        (("--quality", "quiz,arena"), "arena is measured in elo without bounds"),
        (("--quality", "quiz", "--over", "prise"), "nothing is recommended by 'prise'"),
        (("--quality", "quiz", "--weigh", "price"), "--weigh takes NAME=N"),
        (("--quality", "quiz", "--weigh", "price=0"), "--weigh takes NAME=N"),
        (("--quality", "quiz", "--weigh", "price=nan"), "--weigh takes NAME=N"),
        (("--quality", "quiz", "--weigh", "speed=1"), "nothing is called 'speed'"),
        (("--quality", "quiz", "--weigh", "price=1,price=2"), "names price twice"),
        (("--quality", "quiz", "--weigh", "price=1", "--over", "price"), "exclude each other"),
        (("--quality", "quiz", "--ratio", "3"), "--ratio takes two numbers"),
        (("--quality", "quiz", "--ratio", "0:0"), "--ratio takes two numbers"),
        (("--quality", "quiz", "--limit", "-1"), "--limit takes 0 or more"),
        (("--quality", "quiz", "--context", "32k"), "--context says how it is run"),
    ],
)
def test_wrong_words_are_told(ask: Run, argv: tuple[str, ...], message: str) -> None:
    got = ask("recommend", *argv)
    assert got.code == 2 and message in got.err, got.err


@pytest.mark.parametrize("ratio", ["3:1", "1:1"])
def test_the_front_of_the_shipped_catalog_is_what_a_plain_reading_gives(run: Run, reference: Path, ratio: str) -> None:
    """The same front from SQL and two loops."""
    benchmark, (into, out) = "swe-bench-verified", map(float, ratio.split(":"))

    def sql(query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = run("sql", "--index", str(reference), query, "--limit", "0", "--json").json
        return rows

    board = run("leaderboard", "--index", str(reference), benchmark, "--limit", "0", "--json").json["rows"]
    score = {row["ref"]: row["value"] for row in board}
    blend: dict[str, float] = {}
    for row in sql(
        "SELECT o.version, o.price_in, o.price_out FROM offering o JOIN version v ON v.ref = o.version "
        "WHERE v.is_default = 1 AND o.in_service = 1 AND o.price_in IS NOT NULL AND o.price_out IS NOT NULL"
    ):
        price = (into * row["price_in"] + out * row["price_out"]) / (into + out)
        if price > 0 or row["version"] not in blend:
            blend[row["version"]] = min(price, blend.get(row["version"]) or price)
    points = {ref: (score[ref], -blend[ref]) for ref in score.keys() & blend.keys()}
    beaten = {
        one for one, other in itertools.permutations(points, 2)
        if all(a <= b for a, b in zip(points[one], points[other], strict=True)) and points[one] != points[other]
    }  # fmt: skip
    asked = ("recommend", "--index", str(reference), "--quality", benchmark, "--ratio", ratio, "--limit", "0", "--json")
    answer = run(*asked).json
    assert {row["ref"] for row in answer["picks"]} == points.keys() - beaten
    assert len(answer["picks"]) >= 4
