"""Documents and schemas: nothing is missing from them, and the same index gives the same bytes."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from modelreg_cli.catalog.tree import Folder
from modelreg_cli.forms.all_forms import make
from modelreg_cli.forms.made import Made
from modelreg_cli.index.build import build
from modelreg_cli.zstd import zstd
from tests.conftest import CATALOGS
from tests.forms.conftest import Sources

BOTH = ("schemas", "documents")


def told(files: list[Made], name: str) -> Any:
    """A document by its name."""
    return json.loads(next(one for one in files if one.name == name).file.read_bytes())


@pytest.mark.parametrize("which", ["questions", "reference"])
def test_the_whole_catalog_is_the_files_of_the_catalog(
    source_of: Sources, tmp_path: Path, which: str, request: pytest.FixtureRequest
) -> None:
    """Every entity by kind and id, as SQLite has it: an oracle that goes another way."""
    source = source_of(request.getfixturevalue(which))
    files = make(("documents",), source, {}, tmp_path)
    whole = told(files, "catalog.json")
    rows = source.index.rows("SELECT kind, id, json FROM document WHERE json IS NOT NULL")
    assert {(kind, id_): values for kind, named in whole["documents"].items() for id_, values in named.items()} == {
        (row["kind"], row["id"]): json.loads(row["json"]) for row in rows
    }
    packed = next(one for one in files if one.name == "catalog.json.zst")
    assert zstd.decompress(packed.file.read_bytes()) == (tmp_path / "catalog.json").read_bytes()


def test_every_version_offering_result_scan_and_approval_is_in_a_model(questions: Path, source_of: Sources, tmp_path: Path) -> None:
    source = source_of(questions)
    files = make(("documents",), source, {}, tmp_path)
    models = [json.loads(one.file.read_bytes()) for one in files if one.name.startswith("models/")]
    versions = [version for model in models for version in model["versions"]]

    def ids(sql: str) -> list[str]:
        return sorted(source.index.column(sql))

    assert [model["id"] for model in models] == ids("SELECT id FROM model")
    assert sorted(version["ref"] for version in versions) == ids("SELECT ref FROM version")
    for name, sql in {
        "offerings": "SELECT id FROM offering WHERE number IS NOT NULL",
        "results": "SELECT id FROM document WHERE kind = 'results'",
        "scans": "SELECT id FROM scan",
        "approvals": "SELECT path FROM approval",
    }.items():
        assert sorted(one["id"] for version in versions for one in version[name]) == ids(sql) != []
    assert sorted(one["ref"] for version in versions for one in version["artifacts"]) == ids("SELECT ref FROM artifact")
    aliases = sorted(one["alias"] for model in models for one in model["aliases"])
    assert aliases == ids("SELECT namespace || ':' || name FROM alias WHERE kind IN ('model', 'version', 'artifact')")
    assert [one["id"] for model in models for one in model["bindings"]] == ids("SELECT id FROM binding")
    atlas = next(model for model in models if model["id"] == "acme/atlas-8b")
    assert "llm" in atlas["versions"][0]["labels"]["tag"], "implied by a tag of its own"
    assert atlas["licenses"]["apache-2.0"]["terms"]["commercial"] == "yes"


def test_prices_are_the_decimals_of_their_authors(reference: Path, source_of: Sources, tmp_path: Path) -> None:
    """Of every offering: the text of each rate, read as text, is what YAML has."""
    source = source_of(reference)
    make(("documents",), source, {}, tmp_path)
    root = Path(__file__).parents[2] / "catalog/providers"
    seen = 0
    for file in sorted((tmp_path / "models").rglob("*.json")):
        for version in json.loads(file.read_text("utf-8"), parse_float=str, parse_int=str)["versions"]:
            for one in version["offerings"]:
                yaml = (root / f"{one['id']}.yaml").read_text("utf-8")
                for price in one["document"].get("prices", ()):
                    for meter, rate in price["rates"].items():
                        assert re.search(rf"\b{meter}: {re.escape(rate)}\b", yaml), (one["id"], meter, rate)
                        seen += 1
    assert seen > 1000


def test_the_list_names_every_file_by_its_bytes(questions: Path, source_of: Sources, tmp_path: Path) -> None:
    files = make(BOTH, source_of(questions), {"model": 9}, tmp_path)
    index = told(files, "index.json")
    named = {**index["files"], **{model["path"]: model for model in index["models"]}}
    there = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    raw = there.pop("index.json")
    assert {name: (one["bytes"], one["sha256"]) for name, one in named.items()} == {
        name: (len(text), hashlib.sha256(text).hexdigest()) for name, text in there.items()
    }
    assert (index["catalog"], index["commit"], index["counts"]) == ("small", "c" * 40, {"model": 9})
    atlas = next(model for model in index["models"] if model["id"] == "acme/atlas-8b")
    assert (atlas["default"], atlas["commercial"], atlas["limits"]["context"]) == ("acme/atlas-8b@1.1.0", "yes", 131072)
    assert len(raw.splitlines()) == len(named) + 3, "a line for each, so that states are compared by any tool"


def test_the_same_catalog_gives_the_same_bytes(source_of: Sources, tmp_path: Path) -> None:
    found = []
    for number in range(2):
        folder = tmp_path / str(number)
        build(Folder(CATALOGS / "questions"), folder / "index.db")
        files = make(BOTH, source_of(folder / "index.db"), {}, folder / "forms")
        found.append([(one.name, one.sha256) for one in files])
    assert found[0] == found[1]


def test_a_change_of_one_model_changes_its_document_alone(checkout: Path, source_of: Sources, tmp_path: Path) -> None:
    def digests(name: str) -> dict[str, str]:
        build(Folder(checkout), tmp_path / f"{name}.db")
        files = make(BOTH, source_of(tmp_path / f"{name}.db"), {}, tmp_path / name)
        return {one.name: one.sha256 for one in files}

    before = digests("before")
    file = checkout / "catalog/models/acme/embed-small/1.0.0.yaml"
    file.write_text(file.read_text("utf-8") + "changelog: Another line.\n", "utf-8")
    now = digests("now")
    changed = {name for name in before if before[name] != now[name]}
    assert changed == {"models/acme/embed-small.json", "catalog.json", "catalog.json.zst", "index.json"}


def test_schemas_are_whole_and_judge_the_documents(questions: Path, source_of: Sources, tmp_path: Path) -> None:
    files = make(BOTH, source_of(questions), {}, tmp_path)
    schemas = told(files, "schemas.json")
    assert {f"schemas/{name}" for name in schemas} == {one.name for one in files if one.name.startswith("schemas/")}
    judged = 0
    for kind, named in told(files, "catalog.json")["documents"].items():
        if kind:
            schema = json.loads((tmp_path / f"schemas/{kind}.schema.json").read_text("utf-8"))
            assert schema == schemas[schema["$id"]]
            for values in named.values():
                jsonschema.validate(values, schema, cls=jsonschema.Draft202012Validator)
                judged += 1
    assert judged > 50
