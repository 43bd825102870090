"""A small catalog that running servers are held against."""

import shutil
from pathlib import Path

import pytest

from tests.importers.discovery.made import lay

ROOT = Path(__file__).parents[3]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A catalog with the words and runtimes of the shipped one, three publishers and three providers."""
    for folder in ("vocabulary", "licenses", "tags", "runtimes"):
        shutil.copytree(ROOT / "catalog" / folder, tmp_path / "catalog" / folder)
    shutil.copyfile(ROOT / "catalog/catalog.yaml", tmp_path / "catalog/catalog.yaml")
    return lay(tmp_path)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that the tests run on."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)
