"""A catalog with two models, two providers and the real vocabulary, and price lists to import into it."""

import json
import shutil
from pathlib import Path
from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.revise import fresh
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.importers.all_importers import importer_called
from modelreg_cli.importers.draft import Request
from modelreg_cli.importers.plan import Plan, plan, write
from tests.importers.sources import base, catalog_at, data, lay, offer, provider, run

ROOT = Path(__file__).parents[2]
DAY = "2026-06-01"
OWL = "wren/owl-3@2025-03-01"


def market(tmp_path: Path) -> Path:
    """Models owl-3 and owl-embed of wren; nest sells owl-3 for 1.5 and 6; azure, cloud and openai sell nothing yet."""
    root = catalog_at(tmp_path / "c")
    shutil.copytree(ROOT / "catalog" / "vocabulary", root / "catalog" / "vocabulary")
    files = {f"providers/{name}/provider.toml": provider(name) for name in ("nest", "azure", "cloud", "openai", "perch")}
    files |= {"models/wren/owl-3.toml": base(), "models/wren/owl-embed.toml": base("Owl Embed")}
    run(root, lay(tmp_path / "md", {**files, "providers/nest/models/owl-3.toml": offer("wren/owl-3")}))
    return root


def price_map(tmp_path: Path, entries: dict[str, Any]) -> Path:
    """A file of LiteLLM's form."""
    target = tmp_path / "map.json"
    target.write_text(json.dumps(entries), "utf-8")
    return target


def sellers(tmp_path: Path, files: dict[str, str]) -> Path:
    """A folder of genai-prices' form: name of a provider -> the YAML of its models."""
    return lay(
        tmp_path / "g", {f"prices/providers/{name}.yml": f"id: {name}\nname: {name}\nmodels:\n{text}" for name, text in files.items()}
    )


def bring(root: Path, importer: str, source: Path, observed: str = DAY) -> Plan:
    """One import, written."""
    made = plan(importer_called(importer), Request(str(source), load(Folder(root)), observed, "abcdef1"), root)
    write(root, made)
    return made


def told(root: Path, importer: str, group: str) -> dict[tuple[str, str], dict[str, Any]]:
    """(subject, reason) -> entry of the decisions of one group."""
    path = root / "catalog" / "decisions" / importer / f"{group}.yaml"
    entries = document.load(path.read_bytes())["decisions"] if path.exists() else []
    return {(entry["subject"], entry["reason"]): entry for entry in entries}


def last_price(root: Path, offering: str) -> dict[str, Any]:
    """The price of an offering that holds."""
    found: dict[str, Any] = data(root, f"providers/{offering}.yaml")["prices"][-1]
    return found


def decide(root: Path, importer: str, group: str, subject: str, **taken: str) -> None:
    """People's answer to the decisions on one subject."""
    path = f"catalog/decisions/{importer}/{group}.yaml"
    value = document.load((root / path).read_bytes())
    for entry in value["decisions"]:
        if entry["subject"] == subject:
            entry["taken"] = {**taken, "by": "ann", "date": "2026-06-02"}
    (root / path).write_text(fresh(path, value, "decisions"), "utf-8")
