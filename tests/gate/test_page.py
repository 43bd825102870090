"""The examples of docs/gate.md are what the program prints."""

import os
import re
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.gate.conftest import Approve, Gate
from tests.gate.test_audit import merged
from tests.gate.world import POLICY, PUBLISHER, RESULTS, SCAN, VERSION, World, days_ago, results, scan, worn

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"


def settled(text: str) -> str:
    """Ids and days as they were when the page was written."""
    known: dict[str, str] = {}
    names = iter(("3f2a91c", "77ab01d", "1c09e2f", "9d4e8b0", "5b6c7d8", "a1b2c3d", "e4f5a6b"))
    for found in re.findall(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,8}\b(?!\.(?:yaml|\.\.))", text):
        known.setdefault(found, next(names))
    for old, new in known.items():
        text = text.replace(old, new)
    return re.sub(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b", "2026-06-14", text)


def check(name: str, text: str) -> None:
    """The block of the page is this text; MODELREG_UPDATE writes it."""
    page = PAGE.read_text("utf-8")
    if os.environ.get("MODELREG_UPDATE") and f"\n{name}```" in page:
        PAGE.write_text(page.replace(f"\n{name}```", f"\n{text}```"), "utf-8")
        return
    assert text in page, text


def test_the_policy_of_the_page(world: World) -> None:
    check("POLICY", POLICY)


def test_refused_and_then_passed(world: World, gate: Gate) -> None:
    world.base({RESULTS: results("new", samples=880, date=days_ago(322)), SCAN: None})
    number = world.propose({VERSION: worn()})
    world.review(number, "bob")
    world.commit({PUBLISHER: "name: Acme Ltd\n"}, "The publisher's new name", "dana")
    world.push(number)
    world.review(number, "carol")
    refused = gate(number)
    assert refused.code == 1
    check("REFUSED", settled(refused.out))
    world.base({"catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml": results("new", 0.68), SCAN: scan("new")}, "Measured", "eve")
    world.review(number, "bob")
    passed = gate(number)
    assert passed.code == 0, passed.out
    check("PASSED", settled(passed.out))


def test_an_audit(world: World, approve: Approve, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    number = world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    merged(world, number)
    world.base({VERSION: worn("swapped")}, "A small fix")
    monkeypatch.chdir(world.work)
    check("AUDIT", settled(run("audit", "--offline").out))
