"""A made-up source of models.dev's form, and a catalog to import it into."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.load import Catalog, load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.importers.all_importers import importer_called
from modelreg_cli.importers.draft import Request
from modelreg_cli.importers.plan import Plan, plan, write

DAY = "2026-05-01"

PROVIDER = """
name = "{name}"
env = ["KEY"]
npm = "@ai-sdk/openai-compatible"
api = "https://api.example.org/v1"
doc = "https://example.org/docs"
"""

BASE = """
name = "{name}"
family = "owl"
release_date = "2025-03-01"
last_updated = "2025-03-01"
attachment = false
reasoning = false
temperature = true
tool_call = true
open_weights = true
limit = {{ context = 32000, output = 8000 }}
modalities = {{ input = ["text"], output = ["text"] }}
"""

OFFER = """
base_model = "{base}"
cost = {{ input = 1.5, output = 6.0 }}
"""


def base(name: str = "Owl 3", **changes: str) -> str:
    """A base model; `changes` replace or add lines by key, an empty one drops it."""
    return _changed(BASE.format(name=name), changes)


def offer(of: str = "", **changes: str) -> str:
    """An offering; without `of` it has no human link."""
    text = OFFER.format(base=of) if of else 'name = "A model"\ncost = { input = 1.5, output = 6.0 }\n'
    return _changed(text, changes)


def provider(name: str = "Nest") -> str:
    """A provider.toml."""
    return PROVIDER.format(name=name)


def _changed(text: str, changes: dict[str, str]) -> str:
    lines = [line for line in text.strip().splitlines() if line.partition(" =")[0] not in changes]
    return "\n".join([*lines, *(f"{key} = {value}" for key, value in changes.items() if value)]) + "\n"


def lay(root: Path, files: dict[str, str]) -> Path:
    """Writes the files of a source, and only those."""
    for old in sorted(root.rglob("*"), reverse=True) if root.exists() else ():
        old.rmdir() if old.is_dir() and not old.is_symlink() else old.unlink()
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


def packed(target: Path, members: dict[str, str | Callable[[tarfile.TarInfo], bytes]], mtime: int = 1_777_600_000) -> Path:
    """A .tar.gz; a function as a member sets the header as it likes and gives the contents."""
    with tarfile.open(target, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.mtime = mtime
            raw = content.encode() if isinstance(content, str) else content(info)
            if info.isreg():
                info.size = info.size or len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return target


def catalog_at(root: Path) -> Path:
    """An empty catalog."""
    (root / "catalog").mkdir(parents=True, exist_ok=True)
    (root / "catalog" / "catalog.yaml").write_text("name: test\nschema_version: 1\n", "utf-8")
    return root


def run(root: Path, source: Path, observed: str | None = DAY, revision: str | None = "abcdef1") -> Plan:
    """One import, written."""
    made = plan(importer_called("models-dev"), Request(str(source), load(Folder(root)), observed, revision), root)
    write(root, made)
    return made


def loaded(root: Path) -> Catalog:
    """The catalog, which must be without any finding of its reader."""
    catalog = load(Folder(root))
    assert [finding for finding in catalog.findings if finding.severity == "error"] == []
    return catalog


def data(root: Path, path: str) -> Any:
    """The value of one file."""
    return document.load((root / "catalog" / path).read_bytes())


def decisions(root: Path, group: str) -> list[dict[str, Any]]:
    """The decisions of one provider or publisher."""
    path = root / "catalog" / "decisions" / "models-dev" / f"{group}.yaml"
    return list(document.load(path.read_bytes())["decisions"]) if path.exists() else []


def reasons(root: Path, group: str) -> list[tuple[str, str]]:
    """(subject, reason) of the decisions of one group."""
    return [(entry["subject"], entry["reason"]) for entry in decisions(root, group)]


def everything(root: Path) -> dict[str, bytes]:
    """All files of the catalog."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
