"""A document of each kind in which every field has a value, in every form that the field may have."""

import re
from collections.abc import Iterator
from typing import Any

from modelreg_cli.catalog.schema import schema_of

_TEXTS = (
    "a", "2024-01-01", "https://a.example/b", "hf:a", "a/b", "a/b@1.0.0", "USD", "00:00-01:00", "0" * 64, "0" * 40, "0" * 12, "/a",
    "hf://a/b", "en", "Apache-2.0", "A_KEY",
)  # fmt: skip


def documents(kind: str) -> Iterator[dict[str, Any]]:
    """As many documents as the field with the most forms has forms."""
    schema = schema_of(kind)
    defs = schema.get("$defs", {})
    most = max(len(form["anyOf" if "anyOf" in form else "oneOf"]) for form in _unions(schema)) if list(_unions(schema)) else 1
    for which in range(most):
        yield _value(schema, defs, which)


def _unions(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "anyOf" in node or "oneOf" in node:
            yield node
        for below in node.values():
            yield from _unions(below)
    elif isinstance(node, list):
        for below in node:
            yield from _unions(below)


def _value(schema: dict[str, Any], defs: dict[str, Any], which: int) -> Any:
    if "$ref" in schema:
        return _value(defs[schema["$ref"].rpartition("/")[2]], defs, which)
    forms = schema.get("anyOf") or schema.get("oneOf")
    if forms:
        return _value(forms[which % len(forms)], defs, which)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][which % len(schema["enum"])]
    kind = schema.get("type")
    if kind == "object":
        fields = {name: _value(below, defs, which) for name, below in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties")
        if others is True:
            fields["any"] = 3
        elif isinstance(others, dict):
            fields[_text(schema.get("propertyNames", {}))] = _value(others, defs, which)
        return fields
    if kind == "array":
        return [_value(schema["items"], defs, which)]
    return _scalar(schema)


def _scalar(schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "boolean":
        return True
    if kind == "integer":
        return 3
    if kind == "number":
        return 0.5
    return _text(schema)


def _text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    return next(text for text in _TEXTS if re.search(pattern, text))


def leaves(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every scalar with the steps to it."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*steps, key))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from leaves(below, (*steps, at))
    else:
        yield steps, value


def typed(value: Any) -> str:
    """A scalar as people type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
