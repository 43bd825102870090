"""show, versions, stats: what the index holds about a ref, or about itself."""

from typing import Any

from modelreg_cli.index.numbers import after, bound
from modelreg_cli.memory import Use
from modelreg_cli.query import sets
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.largest import how, memory_of
from modelreg_cli.query.layers import layers
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import Target
from modelreg_cli.query.runtimes import usual_runtime

#: Tokens at which memory is shown.
_SHOWN_AT = 32768
_COUNTED = (
    "publisher",
    "model",
    "version",
    "artifact",
    "provider",
    "offering",
    "price",
    "benchmark",
    "result",
    "license",
    "tag",
    "alias",
    "hardware",
    "runtime",
    "engine",
    "binding",
    "tenant",
)


def show(index: Index, target: Target) -> dict[str, Any]:
    """Everything about what a ref means: values as authored, with what points at it."""
    model = _document(index, "model", target.model)
    version = _document(index, "version", target.version)
    number = index.column("SELECT number FROM version WHERE ref = ?", (target.version,))[0]
    artifacts = f"{target.version}#"
    answer: dict[str, Any] = {"ref": target.ref, "kind": target.kind, "via": target.via, "model": {"id": target.model, **model}}
    answer["version"] = {"ref": target.version, **version}
    answer["versions"] = versions(index, target.model)
    answer["license"] = license_of(index, number)
    answer["labels"] = _labels(index, number)
    answer["artifacts"] = _artifacts(index, target)
    answer["memory"] = _memory(index, target)
    answer["offerings"] = offerings(index, number, target.offering)
    answer["results"] = results(index, target.version)
    answer["lineage"] = _lineage(index, target)
    answer["aliases"] = [
        {"alias": f"{row['namespace']}:{row['name']}", "of": row["target"]}
        for row in index.rows(
            "SELECT namespace, name, target FROM alias WHERE target IN (?, ?) OR target BETWEEN ? AND ? ORDER BY namespace, name",
            (target.model, target.version, artifacts, after(artifacts)),
        )
    ]
    answer["scans"] = [dict(row) for row in index.rows("SELECT * FROM scan WHERE version = ? ORDER BY date DESC, id", (target.version,))]
    answer["approvals"] = _approvals(index, target)
    answer["bindings"] = [
        dict(row)
        for row in index.rows(
            "SELECT * FROM binding WHERE model IN (?, ?) OR model BETWEEN ? AND ? ORDER BY id",
            (target.model, target.version, artifacts, after(artifacts)),
        )
    ]
    answer["sources"] = _sources(index, target)
    used = [("model", target.model), ("version", target.version), *([("license", answer["license"]["id"])] if answer["license"] else [])]
    answer["layers"] = layers(index, [*used, *(("offering", one["id"]) for one in answer["offerings"])])
    return answer


def _lineage(index: Index, target: Target) -> dict[str, list[dict[str, Any]]]:
    parents = index.rows("SELECT relation, parent FROM lineage WHERE model = ? ORDER BY parent", (target.model,))
    named = (target.model, target.version)
    children = index.rows("SELECT relation, model FROM lineage WHERE parent IN (?, ?) ORDER BY model", named)
    return {"parents": [dict(row) for row in parents], "children": [dict(row) for row in children]}


def _approvals(index: Index, target: Target) -> list[dict[str, Any]]:
    """What signed statements say of the version."""
    folder = f"catalog/approvals/{(target.version or '').replace('@', '/')}/"
    found = index.rows(
        "SELECT tag, decision, person, made, expires, path FROM approval WHERE path BETWEEN ? AND ? ORDER BY tag, made, path",
        (folder, after(folder)),
    )
    return [dict(row) for row in found]


def _memory(index: Index, target: Target) -> dict[str, Any] | None:
    """What each artifact needs at 32k tokens; None where nobody can run it, or no runtime's use of memory is known."""
    runtime = usual_runtime(index)
    row = index.rows("SELECT * FROM version WHERE ref = ?", (target.version,))[0]
    if runtime is None:
        return None
    usual = Fits(0, Use(_SHOWN_AT, runtime.cache_type("", None)), runtime)
    names = [one["artifact"] for one in _artifacts(index, target)] or [None]
    needs = [{"artifact": name, **need} for name in names if (need := memory_of(index, row, name, usual))]
    return {**how(usual), "needs": needs} if needs else None


def _document(index: Index, kind: str, id_: str) -> dict[str, Any]:
    return {
        name: value
        for name, value in index.document(kind, id_).items()
        if name not in ("sources", "sourced", "aliases", "lineage", "artifacts")
    }


def _labels(index: Index, number: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for axis, value in index.rows("SELECT axis, value FROM label WHERE version = ? ORDER BY axis, value", (number,)):
        found.setdefault(axis, []).append(value)
    return found


def license_of(index: Index, number: int) -> dict[str, Any] | None:
    """The licence of a version with its terms, conditions and obligations; None where it is unknown."""
    row = index.one("SELECT license FROM version WHERE number = ?", (number,))
    if row is None or row["license"] is None:
        return None
    told = index.document("license", row["license"])
    return {
        "id": row["license"],
        "name": told.get("name"),
        "spdx": told.get("spdx"),
        "url": told.get("url"),
        "terms": told.get("terms", {}),
        "conditions": told.get("conditions", {}),
        "obligations": told.get("obligations", []),
        "restrictions": told.get("restrictions", []),
    }


def _artifacts(index: Index, target: Target) -> list[dict[str, Any]]:
    found = []
    for row in index.rows("SELECT * FROM artifact WHERE version = ? ORDER BY artifact", (target.version,)):
        if target.artifact in (None, row["artifact"]):
            files = index.rows("SELECT path, bytes, sha256 FROM artifact_file WHERE artifact = ? ORDER BY path", (row["ref"],))
            found.append({**dict(row), "files": [dict(file) for file in files]})
    return found


def offerings(index: Index, number: int, only: str | None = None) -> list[dict[str, Any]]:
    """Who serves a version, the cheapest first, with every rate that holds now."""
    sql = "SELECT * FROM offering WHERE number = ? ORDER BY in_service DESC, price_in IS NULL, price_in, price_out, id"
    found = []
    for row in index.rows(sql, (number,)):
        if only not in (None, row["id"]):
            continue
        offering = dict(row)
        del offering["number"]
        offering["context"], offering["output"] = bound(row["context"]), bound(row["output"])
        offering["rates"] = rates(index, row["id"])
        found.append(offering)
    return found


def rates(index: Index, offering: str) -> list[dict[str, Any]]:
    """The newest price entry of an offering: usual rates first, then each variant with its condition."""
    rows = index.rows(
        "SELECT meter, rate, factor, currency, observed, condition FROM price WHERE offering = ? "
        "AND entry = (SELECT max(entry) FROM price WHERE offering = ?) ORDER BY variant, meter",
        (offering, offering),
    )
    return [{**dict(row), "condition": index.mapping(row["condition"], offering) if row["condition"] else None} for row in rows]


def results(index: Index, version: str) -> list[dict[str, Any]]:
    """Every measurement of a version."""
    return [
        dict(row)
        for row in index.rows(
            "SELECT r.*, m.unit FROM result r LEFT JOIN metric m ON m.benchmark = r.benchmark AND m.metric = r.metric "
            "WHERE r.run BETWEEN ? AND ? ORDER BY r.benchmark, r.basis, r.date DESC, r.run, r.position",
            (f"{version}/", f"{version}0"),  # the character after the slash
        )
    ]


def _sources(index: Index, target: Target) -> list[dict[str, Any]]:
    pairs = [("model", target.model), ("version", target.version)]
    found = []
    for kind, id_ in pairs:
        for row in index.rows("SELECT source, url, retrieved FROM source WHERE kind = ? AND id = ? ORDER BY source", (kind, id_)):
            pointers = index.column(
                "SELECT pointer FROM sourced WHERE kind = ? AND id = ? AND source = ? ORDER BY pointer", (kind, id_, row["source"])
            )
            found.append({"of": kind, **dict(row), "values": pointers})
    return found


def versions(index: Index, model: str) -> list[dict[str, Any]]:
    """Versions of a model, the newest first."""
    found = []
    sql = (
        "SELECT ref, version, is_default, released, status, weights, context, output, params, price_in, price_out, offers, "
        "deprecated, retires, replacement FROM version WHERE model = ? ORDER BY position"
    )
    for row in index.rows(sql, (model,)):
        values = dict(row)
        values["is_default"] = bool(row["is_default"])
        values["context"], values["output"] = bound(row["context"]), bound(row["output"])
        found.append(values)
    return found


def stats(index: Index) -> dict[str, Any]:
    """Counts of the catalog, and how much of it is known."""
    meta = index.meta()
    counts = {table: index.column(f"SELECT count(*) FROM {table}")[0] for table in _COUNTED if table != "result"}
    counts = {table: counts.get(table, int(meta.get("results", 0))) for table in _COUNTED}
    total = counts["model"] or 1
    default = sets.having(index, "is", "default")
    layers = "SELECT count(*) FROM version v WHERE v.is_default = 1 AND EXISTS (SELECT 1 FROM layer l WHERE l.version = v.number)"
    scored = sets.any_of(
        index, "known", index.column("SELECT word FROM posting WHERE axis = 'known' AND word BETWEEN 'score/' AND 'score0'")
    )
    known = {
        "license": sum(count for _, count in sets.counts(index, "license", default)),
        "context": (sets.known(index, "context") & default).bit_count(),
        "params": (sets.known(index, "params") & default).bit_count(),
        "architecture": index.column(layers)[0],
        "price": (sets.known(index, "price_in") & default).bit_count(),
        "score": (scored & default).bit_count(),
    }
    groups = {
        axis: sorted(sets.counts(index, axis, default), key=lambda item: (-item[1], item[0])) for axis in ("status", "weights", "task")
    }
    unknown = default.bit_count() - sum(count for _, count in groups["weights"])
    groups["weights"] = sorted([*groups["weights"], *([("unknown", unknown)] if unknown else [])], key=lambda item: (-item[1], item[0]))
    return {
        "catalog": meta.get("name"),
        "tree": meta.get("tree"),
        "digest": meta.get("digest"),
        "program": meta.get("program"),
        "counts": counts,
        "known": {name: {"models": value, "share": round(value / total, 3)} for name, value in known.items()},
        "models_by": {name: dict(found) for name, found in groups.items()},
    }
