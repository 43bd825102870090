"""Whether a document fits its schema, by the schema files: the entities, which they are made of, are not loaded."""

import json
from functools import cache
from pathlib import Path

import jsonschema_rs


@cache
def validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a kind, from the file that was made of its entity."""
    text = (_schemas() / f"{kind}.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text), validate_formats=True)


@cache
def _schemas() -> Path:
    """The program's own schemas: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "schemas"
    return inside if inside.is_dir() else package.parent / "schemas"
