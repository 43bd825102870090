"""What a type checker sees of the Python API, and that its keywords are those of the table of axes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.registry import keywords

GOOD = """\
from datetime import date
from modelreg_cli import ModelConfig, ModelNotFound, RateLimit, Registry

with Registry(index="index.db") as registry:
    found = registry.search("llama", license=["mit"], min_context="100k", max_price_in=0.5, commercial=True, min={"mmlu": 70})
    for row in (*found, *registry.search(since=date(2025, 1, 1))):
        name: str = row.ref
        scores: float = row.scores["mmlu"]
    total: int = registry.search(task="chat").total
    cheapest: float | None = registry.search(sort="price-in")[0].price_in
    config: ModelConfig | None = registry.get("openai/gpt-4o")
    models: tuple[ModelConfig, ...] = registry.list(provider="openai")
    limits: tuple[RateLimit, ...] = models[0].rate_limits
    code: str = ModelNotFound.code
    why: str = registry.recommend(quality="mmlu", weigh={"quality": 2}).picks[0].reason
    gone: bool = registry.resolve("x").status == "retired"
"""
BAD = """\
from modelreg_cli import Registry

registry = Registry(index=7)
registry.search(licence="mit")
registry.search(commercial="yes")
registry.search("llama")[0].contxt
registry.get("x").id
registry.search("llama")[0].ref = "y"
"""


def test_keywords_are_those_of_the_axes() -> None:
    assert keywords.TARGET.read_text("utf-8") == keywords.written(), "run `python -m tests.registry.keywords`"


def checked(folder: Path, text: str) -> list[str]:
    pytest.importorskip("mypy")
    file = folder / "caller.py"
    file.write_text(text, "utf-8")
    argv = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--config-file=",
        "--cache-dir",
        str(folder / "cache"),
        str(file),
    ]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return [line.partition("caller.py:")[2] for line in done.stdout.splitlines() if "error:" in line]


def test_callers_are_checked(tmp_path: Path) -> None:
    assert checked(tmp_path, GOOD) == []
    found = checked(tmp_path, BAD)
    assert [line.partition(":")[0] for line in found] == ["3", "4", "5", "6", "7"], found
    assert 'did you mean "license"' in found[1] or "licence" in found[1]
