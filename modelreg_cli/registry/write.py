"""The writes of the Python API: drafts of files, checked with the whole catalog as it would be, then written, all or none."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.layout import slug
from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.editing.files import Files
from modelreg_cli.errors import ModelregError, UnknownRef
from modelreg_cli.importers.draft import Draft
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.query.words import check_word
from modelreg_cli.registry.config import ModelConfig
from modelreg_cli.registry.wrong import InvalidModel

_one_at_a_time = threading.Lock()
_OF_OFFERINGS = ("input_cost", "output_cost", "billing", "rate_limits", "latency_p50_ms", "latency_p99_ms", "provider")
_OF_VERSIONS = ("type", "license", "weights", "released", "tasks")
_WITH_SOURCE = ("quality", "scores")


def register(index: Index, root: str, config: ModelConfig) -> None:
    """Writes the files of a model or an offering that is new.

    Raises:
        InvalidModel: it is there already, or it or the catalog with it is not valid.
    """
    with _one_at_a_time:
        if given := [name for name in _WITH_SOURCE if getattr(config, name)]:
            raise InvalidModel(f"{given[0]} needs a source, which a ModelConfig has no room for", "write it into the file of the version")
        drafts = _model(config) if "/" in config.id.partition(":")[0] else _offering(index, config)
        if wrong := [draft.path for draft in drafts if layout.locate(draft.path) is None]:
            raise InvalidModel(f"{config.id} has no place in a catalog", f"{wrong[0]}: ids are small letters, digits and ._- inside")
        files = Files(Path(root))
        there = [draft for draft in drafts if files.has(draft.path)]
        if taken := [draft.path for draft in there if not draft.once]:
            raise InvalidModel(f"{config.id} is registered already", f"its file is {taken[0]}; edit it there")
        _same(files, there)
        for draft in drafts:
            if draft not in there:
                files.put(draft.path, draft.data)
        _write(files, config.id)


def set_status(index: Index, root: str, target: Target, status: str) -> None:
    """Writes the status of a version or offering.

    Raises:
        InvalidModel: there is no such status, or the catalog would not be valid with it.
    """
    with _one_at_a_time:
        kind, id_ = ("offering", target.offering) if target.offering else ("version", target.version)
        row = index.must("SELECT path FROM document WHERE kind = ? AND id = ?", (kind, id_))
        files = Files(Path(root))
        value = files.value(row["path"])
        try:
            value["status"] = check_word(index, "--status", "status", status)
        except ModelregError as error:
            raise InvalidModel(error.message, error.hint) from None
        files.put(row["path"], value)
        if files.changes:
            _write(files, target.ref)


def _model(config: ModelConfig) -> list[Draft]:
    """publisher.yaml and model.yaml where they are missing, and the version."""
    model, _, version = config.id.partition("@")
    ids = (*model.split("/"), version)
    if len(ids) != 3 or not all(ids):
        raise InvalidModel(f"{config.id} names no version", "write publisher/model@version, such as acme/tiny@1.0.0, or provider:wire-id")
    if given := [name for name in _OF_OFFERINGS if getattr(config, name)]:
        raise InvalidModel(f"{given[0]} belongs to a provider", f"register provider:wire-id with model={config.id!r} for it")
    if config.type is None:
        raise InvalidModel(f"{config.id} has no type", "type is weights, hosted, adapter or router")
    modalities = {"input": list(config.input_modalities), "output": list(config.output_modalities)}
    shared = {
        "name": config.name or ids[1],
        "type": config.type,
        "tasks": list(config.tasks),
        "modalities": _said(modalities),
        "license": config.license,
        "default": version,
    }
    own = {
        "released": config.released,
        "status": None if config.status == "active" else config.status,
        "weights": config.weights,
        "limits": _limits(config),
        "capabilities": list(config.capabilities),
    }
    return [
        Draft("publisher", ids[:1], {"name": ids[0]}, ids[0], config.id, once=True),
        Draft("model", ids[:2], _said(shared), ids[0], config.id, once=True),
        Draft("version", ids, _said(own), ids[0], config.id),
    ]


def _same(files: Files, drafts: list[Draft]) -> None:
    """A model that is there already must not be told to be something else."""
    for draft in drafts:
        if draft.kind == "model":
            there = files.value(draft.path)
            for name in ("type", "tasks", "modalities", "license"):
                if name in draft.data and draft.data[name] != there.get(name):
                    raise InvalidModel(f"{draft.path} says of its {name}: {there.get(name)!r}", "change it there, or leave it out")


def _offering(index: Index, config: ModelConfig) -> list[Draft]:
    provider, colon, wire_id = config.id.partition(":")
    if not colon or not wire_id or config.provider not in (None, provider):
        raise InvalidModel(f"{config.id!r} is no id of a model", "write publisher/model@version or provider:wire-id")
    if config.model is None:
        raise InvalidModel(f"{config.id} does not say which model it serves", "model is publisher/model@version")
    if given := [name for name in _OF_VERSIONS if getattr(config, name)]:
        raise InvalidModel(f"{given[0]} belongs to the model, not to who serves it", f"it is said in the files of {config.model}")
    try:
        version = resolve_ref(index, config.model).version
    except UnknownRef as error:
        raise InvalidModel(error.message, error.hint) from None
    rates = _said({"input": config.input_cost, "output": config.output_cost})
    today = datetime.now(UTC).date().isoformat()
    value = {
        "wire_id": wire_id,
        "serves": {"version": version, "pinned": False},
        "name": config.name,
        "status": None if config.status == "active" else config.status,
        "billing": config.billing or ("metered" if rates else None),
        "limits": _limits(config),
        "modalities": _said({"input": list(config.input_modalities), "output": list(config.output_modalities)}),
        "capabilities": list(config.capabilities),
        "rate_limits": [_said(limit._asdict()) for limit in config.rate_limits],
        "latency": _said({"p50_ms": config.latency_p50_ms, "p99_ms": config.latency_p99_ms}),
        "prices": [{"observed": today, "currency": "USD", "rates": rates}] if rates else [],
    }
    return [Draft("offering", (provider, slug(wire_id)), _said(value), provider, config.id)]


def _limits(config: ModelConfig) -> dict[str, Any]:
    return _said({"context": config.context_window, "output": config.max_output_tokens})


def _said(value: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {name: item for name, item in value.items() if item not in (None, [], {})}


def _write(files: Files, about: str) -> None:
    """Writes files that the catalog is valid with.

    Raises:
        InvalidModel: it would not be.
    """
    errors = [one for one in files.findings(load(Folder(files.root))) if one.severity == "error"]
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise InvalidModel(f"{about} is not valid: {first.path}{first.pointer and f' {first.pointer}'}: {first.message}{more}", first.hint)
    files.write()
