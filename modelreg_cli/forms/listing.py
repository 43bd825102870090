"""`index.json`: which state this is, every published file by its digest, and of each model what pickers ask for."""

from pathlib import Path
from typing import Any

from modelreg_cli.forms.documents import as_json
from modelreg_cli.forms.made import Made, Source, made
from modelreg_cli.index.numbers import bound

NAME = "index.json"
_FACTS = (
    "name",
    "publisher",
    "family",
    "type",
    "status",
    "released",
    "weights",
    "license",
    "commercial",
    "params",
    "price_in",
    "price_out",
)
_SQL = """
SELECT m.id, m.default_version, coalesce(m.name, v.name) AS name, m.publisher, m.family, m.type, v.status, v.released, v.weights,
  coalesce(v.license, m.license) AS license, l.commercial, v.context, v.output AS most, v.params, v.price_in, v.price_out, v.number
FROM model m LEFT JOIN version v ON v.ref = m.default_version LEFT JOIN license l ON l.id = coalesce(v.license, m.license) ORDER BY m.id
"""


def listing(source: Source, files: list[Made], counts: dict[str, int], folder: Path) -> Made:
    """The list of all files but itself; a line for each file and model, so that states are compared by any tool."""
    there = {one.name: one for one in files}
    meta = source.index.meta()
    head: dict[str, Any] = {"catalog": source.catalog, "commit": source.commit, "tree": source.tree, "digest": meta.get("digest")}
    head |= {"schema_version": int(meta["schema_version"]), "counts": counts}
    lines = [as_json(head)[:-2] + b',"files":{\n']
    lines.append(
        _joined(as_json(name)[:-1] + b":" + as_json(_file(one))[:-1] for name, one in sorted(there.items()) if not _of_model(name))
    )
    lines.append(b'\n},"models":[\n')
    labels = _labels(source)
    lines.append(_joined(as_json(_model(row, labels, there))[:-1] for row in source.index.rows(_SQL)))
    lines.append(b"\n]}\n")
    return made(folder, NAME, b"".join(lines), listed=True)


def paths_of(told: Any) -> dict[str, str]:
    """sha256 by name of every file that a list names.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no such list.
    """
    found = {name: file["sha256"] for name, file in told["files"].items()}
    return found | {model["path"]: model["sha256"] for model in told["models"] if "path" in model}


def _joined(lines: Any) -> bytes:
    return b",\n".join(lines)


def _of_model(name: str) -> bool:
    return name.startswith("models/")


def _file(one: Made) -> dict[str, Any]:
    return {"bytes": one.bytes, "sha256": one.sha256}


def _model(row: Any, labels: dict[int, dict[str, list[str]]], there: dict[str, Made]) -> dict[str, Any]:
    path = f"models/{row['id']}.json"
    file = {"path": path, **_file(there[path])} if path in there else {}
    facts = {name: row[name] for name in _FACTS}
    limits = {"context": bound(row["context"]), "output": bound(row["most"])}
    words = labels.get(row["number"], {})
    return {
        "id": row["id"],
        **file,
        "default": row["default_version"],
        **facts,
        "limits": limits,
        "tasks": words.get("task", []),
        "capabilities": words.get("capability", []),
        "tags": words.get("tag", []),
        "modalities": {"input": words.get("modality_in", []), "output": words.get("modality_out", [])},
    }


def _labels(source: Source) -> dict[int, dict[str, list[str]]]:
    """Labels of default versions, by version.number and axis."""
    found: dict[int, dict[str, list[str]]] = {}
    sql = "SELECT l.version, l.axis, l.value FROM version v JOIN label l ON l.version = v.number WHERE v.is_default = 1 ORDER BY 1, 2, 3"
    for number, axis, value in source.index.rows(sql):
        found.setdefault(number, {}).setdefault(axis, []).append(value)
    return found
