"""The catalog that results are ingested into, and the command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Ran, Run
from tests.importers.runs.made import with_benchmarks

Ingest = Callable[..., Ran]


@pytest.fixture
def catalog(checkout: Path) -> Path:
    """A checkout with benchmarks for the sample files."""
    return with_benchmarks(checkout)


@pytest.fixture
def ingest(run: Run, catalog: Path) -> Ingest:
    """`modelreg bench ingest` for one artifact of acme/atlas-8b."""

    def call(*argv: object, model: str = "acme/atlas-8b@1.1.0", by: str = "open-lab", artifact: str | None = "bf16", **given: Any) -> Ran:
        chosen = ["--artifact", artifact] if artifact else []
        root = given.pop("root", catalog)
        return run("bench", "ingest", *map(str, argv), "--model", model, "--by", by, *chosen, "--root", str(root), **given)

    return call


def results_of(root: Path) -> dict[str, dict[str, Any]]:
    """Files that a test added: path below catalog/results -> contents."""
    old = ("harness-", "card-", "arena-", "other-")
    files = sorted((root / "catalog/results").rglob("*.yaml"))
    return {
        str(file.relative_to(root / "catalog/results")): yaml.safe_load(file.read_text("utf-8"))
        for file in files
        if not file.name.startswith(old)
    }


def only(root: Path) -> dict[str, Any]:
    """The one file that a test added."""
    (value,) = results_of(root).values()
    return json.loads(json.dumps(value, default=str))  # type: ignore[no-any-return]
