"""JSON Schemas (draft 2020-12), generated from the entities."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from modelreg_cli.entities.all_kinds import all_kinds, beside

# Fields that every kind has come after its own.
_LAST = ("sources", "sourced", "notes")


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind; made once, so it is not to be changed."""
    entity = (all_kinds | beside)[kind]
    made = _without_titles(entity.model_json_schema(by_alias=True))
    fields = made["properties"]
    made["properties"] = {name: fields[name] for name in sorted(fields, key=_LAST.count)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{kind}.schema.json",
        "title": kind,
        **made,
    }


def all_schemas() -> dict[str, str]:
    """File name below schemas/ -> its text."""
    return {f"{kind}.schema.json": json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n" for kind in (*all_kinds, *beside)}


def stale(root: Path) -> list[str]:
    """File names below schemas/ that are missing, differ, or belong to no kind."""
    wanted = all_schemas()
    folder = root / "schemas"
    there = {path.name for path in folder.glob("*.schema.json")} if folder.is_dir() else set()
    wrong = [name for name, text in wanted.items() if name not in there or (folder / name).read_text("utf-8") != text]
    return sorted({*wrong, *(there - set(wanted))})


def _without_titles(node: Any) -> Any:
    """Drops generated titles and `null` (absent means unknown; null is refused)."""
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    for key, value in node.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "default" and value is None:
            continue
        if key in ("properties", "$defs", "patternProperties"):
            out[key] = {name: _without_titles(item) for name, item in value.items()}
            continue
        if key in ("examples", "const", "enum"):
            out[key] = value
            continue
        out[key] = _without_titles(value)
    patterns = out.pop("patternProperties", None)
    if patterns:
        # pydantic leaves keys that fit no pattern unchecked; here they are refused
        ((pattern, value),) = patterns.items()
        out["propertyNames"] = {**out.get("propertyNames", {}), "pattern": pattern}
        out["additionalProperties"] = value
    choices = out.get("anyOf")
    if choices and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del out["anyOf"]
        out = {**rest[0], **out} if len(rest) == 1 else {"anyOf": rest, **out}
    return out
