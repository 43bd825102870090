"""The JSON Schemas: a file for each kind, and all of them in one."""

import json
from collections.abc import Iterator
from pathlib import Path

from modelreg_cli.catalog.schema import all_schemas
from modelreg_cli.forms.made import Made, Source, made


def schemas(_source: Source, folder: Path) -> Iterator[Made]:
    """`schemas/<kind>.schema.json`, as the program that built the index knows them; `schemas.json` has each by its id."""
    texts = all_schemas()
    for name, text in sorted(texts.items()):
        yield made(folder, f"schemas/{name}", text.encode())
    by_id = {told["$id"]: told for told in map(json.loads, (text for _, text in sorted(texts.items())))}
    yield made(folder, "schemas.json", json.dumps(by_id, ensure_ascii=False, separators=(",", ":")).encode() + b"\n", listed=True)
