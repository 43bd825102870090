"""Cuts GitHub's OpenAPI description to the operations that the program uses: tests/forge/github_openapi.json.

npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
python -m tests.forge.cut_openapi package/generated/api.github.com.json
"""

import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "/repos/{owner}/{repo}/pulls": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ("get",),
    "/repos/{owner}/{repo}/issues/{issue_number}/timeline": ("get",),
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls": ("get",),
    "/repos/{owner}/{repo}/commits/{ref}/statuses": ("get",),
    "/repos/{owner}/{repo}/statuses/{sha}": ("post",),
    "/repos/{owner}/{repo}": ("get",),
    "/repos/{owner}/{repo}/contents/{path}": ("get",),
    "/repos/{owner}/{repo}/git/ref/{ref}": ("get",),
    "/repos/{owner}/{repo}/git/refs": ("post",),
    "/repos/{owner}/{repo}/git/refs/{ref}": ("patch",),
    "/repos/{owner}/{repo}/git/trees": ("post",),
    "/repos/{owner}/{repo}/git/commits": ("post",),
    "/repos/{owner}/{repo}/releases": ("post",),
    "/repos/{owner}/{repo}/releases/tags/{tag}": ("get",),
    "/repos/{owner}/{repo}/releases/{release_id}/assets": ("get", "post"),
    "/repos/{owner}/{repo}/releases/assets/{asset_id}": ("get", "delete"),
}
TARGET = Path(__file__).parent / "github_openapi.json"
#: What a schema says that decides nothing.
_WORDS = ("description", "title", "example", "examples", "default", "deprecated", "externalDocs", "readOnly")
_LISTS = ("anyOf", "oneOf", "allOf")


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """Operations by path and method, and the schemas that they reach, as JSON Schema."""
    paths: dict[str, dict[str, Any]] = {}
    for path, methods in OPERATIONS.items():
        for method in methods:
            told = whole["paths"][path][method]
            asked = [_resolved(one, whole) for one in told["parameters"]]
            paths.setdefault(path, {})[method] = {
                "id": told["operationId"],
                "query": {one["name"]: _schema(one["schema"]) for one in asked if one["in"] == "query"},
                "body": _schema(_content(told["requestBody"])) if "requestBody" in told else None,
                "answers": {status: _schema(_content(answer)) for status, answer in told["responses"].items() if status.startswith("2")},
            }
    found: dict[str, Any] = {}
    _reach(paths, whole, found)
    info = whole["info"]
    about = f"{info['title']} {info['version']}, cut by tests/forge/cut_openapi.py; {info['license']['name']} licence"
    return {"about": about, "paths": paths, "schemas": dict(sorted(found.items()))}


def _content(told: dict[str, Any]) -> Any:
    """The schema of a body; None where there is none."""
    kinds = told.get("content", {})
    return next((kinds[one]["schema"] for one in ("application/json", "application/octet-stream") if one in kinds), None)


def _resolved(told: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in told:
        there: Any = whole
        for step in told["$ref"].removeprefix("#/").split("/"):
            there = there[step]
        told = there
    return told


def _schema(told: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema: `nullable` is a type of its own there."""
    if isinstance(told, list):
        return [_schema(one) for one in told]
    if not isinstance(told, dict):
        return told
    kept: dict[str, Any] = {}
    for name, value in told.items():
        if name == "properties":
            kept[name] = {field: _schema(one) for field, one in value.items()}
        elif name == "$ref":
            kept[name] = f"#/schemas/{value.rsplit('/', 1)[1]}"
        elif name not in ("nullable", *_WORDS) and not name.startswith("x-"):
            kept[name] = _schema(value) if isinstance(value, dict) or name in _LISTS else value
    if told.get("nullable"):
        return {"anyOf": [kept, {"type": "null"}]}
    return kept


def _reach(part: Any, whole: dict[str, Any], found: dict[str, Any]) -> None:
    if isinstance(part, list):
        for one in part:
            _reach(one, whole, found)
    elif isinstance(part, dict):
        name = str(part.get("$ref", "")).removeprefix("#/schemas/")
        if name and name not in found:
            found[name] = _schema(whole["components"]["schemas"][name])
            _reach(found[name], whole, found)
        for one in part.values():
            _reach(one, whole, found)


def main() -> None:
    """Writes the cut."""
    told = cut(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    lines = [f'{{"about": {json.dumps(told["about"])}']
    for part in ("paths", "schemas"):
        inner = ",\n".join(f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'))}" for name, one in told[part].items())
        lines.append(f'"{part}": {{\n{inner}\n}}')
    TARGET.write_text(",\n".join(lines) + "}\n", "utf-8")


if __name__ == "__main__":
    main()
