"""JSON of the whole catalog, and of each model with everything that concerns it.

The same index gives the same bytes: keys stand as authors wrote them, or in the order of this file; numbers are the authors' decimals.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modelreg_cli.forms.made import Made, Source, made, of_file
from modelreg_cli.index.numbers import after
from modelreg_cli.query.opened import Index
from modelreg_cli.zstd import zstd

Values = dict[str, Any]
_HOW: dict[int, int] = {zstd.CompressionParameter.compression_level: 9, zstd.CompressionParameter.checksum_flag: 1}
_TOGETHER = 1000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False).encode


def documents(source: Source, folder: Path) -> Iterator[Made]:
    """`models/<publisher>/<model>.json` for each model, `catalog.json`, and that one packed."""
    for (id_,) in source.index.rows("SELECT id FROM model ORDER BY id"):
        yield made(folder, f"models/{id_}.json", as_json(model_document(source.index, id_)))
    with (folder / "catalog.json").open("wb") as stream:
        stream.writelines(_catalog(source))
    whole = of_file(folder, "catalog.json")
    yield whole
    packed = zstd.compress(whole.file.read_bytes(), options=_HOW)
    yield made(folder, "catalog.json.zst", packed, listed=True)


def as_json(values: Any) -> bytes:
    """One line of JSON; text that no UTF-8 can hold is escaped."""
    text = _encode(values)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:
        return f"{json.dumps(values, separators=(',', ':'), allow_nan=False)}\n".encode()


def model_document(index: Index, id_: str) -> Values:
    """Everything that the catalog says of a model."""
    row = index.must("SELECT publisher, default_version FROM model WHERE id = ?", (id_,))
    versions = index.rows("SELECT number, ref, license, is_default FROM version WHERE model = ? ORDER BY position", (id_,))
    licenses = sorted({version["license"] for version in versions if version["license"]})
    return {
        "id": id_,
        "publisher": {"id": row["publisher"], **index.document("publisher", row["publisher"])},
        "document": index.document("model", id_),
        "default": row["default_version"],
        "versions": [_version(index, version["number"], version["ref"], version["license"]) for version in versions],
        "licenses": {one: index.document("license", one) for one in licenses},
        "lineage": _lineage(index, id_),
        "aliases": _aliases(index, id_),
        "bindings": _bindings(index, id_),
    }


def _version(index: Index, number: int, ref: str, license_: str | None) -> Values:
    labels: dict[str, list[str]] = {}
    for axis, value in index.rows("SELECT axis, value FROM label WHERE version = ? ORDER BY axis, value", (number,)):
        labels.setdefault(axis, []).append(value)
    scores = index.rows("SELECT benchmark, metric, value, stderr, run FROM score WHERE version = ? ORDER BY benchmark, metric", (number,))
    return {
        "ref": ref,
        "license": license_,
        "labels": labels,
        "document": index.document("version", ref),
        "artifacts": [dict(row) for row in index.rows("SELECT ref, bytes, digest FROM artifact WHERE version = ? ORDER BY ref", (ref,))],
        "offerings": [_offering(index, row) for row in index.rows("SELECT * FROM offering WHERE number = ? ORDER BY id", (number,))],
        "scores": [dict(row) for row in scores],
        "results": _documents(index, "results", f"{ref}/"),
        "scans": _documents(index, "scan", f"{ref}/"),
        "approvals": _documents(index, "", f"catalog/approvals/{ref.replace('@', '/')}/"),
    }


def _offering(index: Index, row: Any) -> Values:
    return {
        "id": row["id"],
        "ref": f"{row['provider']}:{row['wire_id']}",
        "in_service": bool(row["in_service"]),
        "price_in": row["price_in"],
        "price_out": row["price_out"],
        "document": index.document("offering", row["id"]),
    }


def _lineage(index: Index, id_: str) -> Values:
    children = index.rows(
        "SELECT model, relation, parent FROM lineage WHERE parent = ? OR parent BETWEEN ? AND ? ORDER BY model, relation, parent",
        _below(id_),
    )
    parents = index.rows("SELECT relation, parent FROM lineage WHERE model = ? ORDER BY relation, parent", (id_,))
    return {"parents": [dict(row) for row in parents], "children": [dict(row) for row in children]}


def _aliases(index: Index, id_: str) -> list[Values]:
    rows = index.rows(
        "SELECT namespace, name, target FROM alias WHERE (target = ? OR target BETWEEN ? AND ?) "
        "AND kind IN ('model', 'version', 'artifact') ORDER BY namespace, name, target",
        _below(id_),
    )
    return [{"alias": f"{row['namespace']}:{row['name']}", "of": row["target"]} for row in rows]


def _bindings(index: Index, id_: str) -> list[Values]:
    rows = index.column("SELECT id FROM binding WHERE model = ? OR model BETWEEN ? AND ? ORDER BY id", _below(id_))
    return [{"id": one, "document": index.document("binding", one)} for one in rows]


def _below(model: str) -> tuple[str, str, str]:
    """A model, and the range of refs of its versions and artifacts."""
    return model, f"{model}@", after(f"{model}@")


def _documents(index: Index, kind: str, prefix: str) -> list[Values]:
    """Entities of a kind whose ids begin so."""
    sql = "SELECT id, json FROM document WHERE kind = ? AND id BETWEEN ? AND ? AND json IS NOT NULL ORDER BY id"
    return [{"id": row["id"], "document": index.mapping(row["json"], row["id"])} for row in index.rows(sql, (kind, prefix, after(prefix)))]


def _catalog(source: Source) -> Iterator[bytes]:
    """The whole catalog: what it is, and every entity as its author wrote it, by kind and id."""
    meta = source.index.meta()
    state = {"catalog": source.catalog, "commit": source.commit, "tree": source.tree, "digest": meta.get("digest")}
    yield as_json({**state, "schema_version": int(meta["schema_version"])})[:-2] + b',"documents":{'
    kind = None
    cursor = source.index.connection.execute("SELECT kind, id, json FROM document WHERE json IS NOT NULL ORDER BY kind, id")
    while rows := cursor.fetchmany(_TOGETHER):
        for row in rows:
            comma = b"," if kind == row["kind"] else b"" if kind is None else b"},"
            opening = b"" if kind == row["kind"] else as_json(row["kind"])[:-1] + b":{"
            yield comma + opening + as_json(row["id"])[:-1] + b":" + row["json"].encode()
            kind = row["kind"]
    yield b"}}}\n" if kind is not None else b"}}\n"
