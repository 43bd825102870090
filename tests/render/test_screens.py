"""What people see, kept in tests/golden/screens/: `MODELREG_UPDATE=1 pytest tests/render/test_screens.py` writes it anew."""

import os
from pathlib import Path

import pytest

from tests.conftest import Run

GOLDEN = Path(__file__).parents[1] / "golden" / "screens"
SCREENS = {
    "search": "search atlas --format table",
    "search-scores": "search --min quiz=60 --sort quiz --format table",
    "facets": "search --facets license,region --format table",
    "show": "show acme/atlas-8b",
    "show-hosted": "show acme-cloud:acme-pro",
    "show-unknown": "show aurore-mini",
    "versions": "versions acme/atlas-8b --format table",
    "compare": "compare acme/atlas-8b acme/pro borealis/atlas-8b --format table",
    "leaderboard": "leaderboard quiz --format table",
    "resolve": "resolve atlas3.1:8b --format yaml",
    "stats": "stats --format table",
    "sql": "sql --format table SELECT*FROM(publisher)",
    "ambiguous": "show atlas-8b",
    "unknown": "resolve atlas-9b",
    "search-fits": "search --fits 24GB --context 8k --format table",
    "search-fits-unknown": "search --gpu rtx-4090 --precision bf16 --sequences 2 --unknown --format table",
    "fit": "fit acme/atlas-8b#gguf-q4_k_m --gpu 4090 --kv q8_0 --format table",
    "fit-artifacts": "fit atlas-8b-1.1 --gpu strix-halo --format table",
    "fit-unknown": "fit acme/embed-small --gpu 8GB --format table",
    "fit-gpu": "fit acme/atlas-8b --gpu a100",
    "resolve-refused": "resolve acme/atlas-8b --max-vram 6GB",
    "misspelt": "search --capability tols",
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen(ask: Run, name: str) -> None:
    got = ask(*SCREENS[name].split())
    text = f"$ modelreg {SCREENS[name]}\n{got.out}--- stderr\n{got.err}--- exit code {got.code}\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("MODELREG_UPDATE"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def test_no_screen_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SCREENS)
