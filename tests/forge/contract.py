"""What a forge publishes of its interface, held against every request of the client and every answer of a fake forge.

GitHub's is its own OpenAPI description (github_openapi.json); of GitLab and Forgejo the shapes are written down from their
documentation (documented.py). A fake tells what matters; what else an answer must have is filled in, and then all of it is
checked. What the description does not know may be neither asked nor told.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema

from tests.forge import documented
from tests.servers import Answering, Exchange

_PREFIX = {"github": "/api/v3", "gitlab": "/api/v4", "forgejo": "/api/v1"}
#: Which alternative of GitHub's timeline an event is.
_EVENTS = {"review_dismissed": "review-dismissed-issue-event", "commented": "timeline-comment-event"}
_FORMATS = {"date-time": "2026-11-01T09:00:00Z", "uri": "https://forge.example/x"}
_EMPTY: dict[str, Callable[[], Any]] = {"string": str, "integer": int, "number": int, "boolean": bool, "array": list}


def _description(kind: str) -> dict[str, Any]:
    if kind == "github":
        found: dict[str, Any] = json.loads((Path(__file__).parent / "github_openapi.json").read_text("utf-8"))
        return found
    return documented.INTERFACES[kind]


class Broken(Exception):
    """A request or an answer that does not keep to the contract."""


class Contract:
    """The interface of one kind of forge; `broken` has every breach, which no test may leave behind."""

    def __init__(self, kind: str) -> None:
        self._prefix = _PREFIX[kind]
        self._description = _description(kind)
        self.broken: list[str] = []
        self.kept = 0

    def guard(self, answering: Answering) -> Answering:
        """The same answers, held against the contract; the repository itself is no part of it."""

        def answer(asked: Exchange) -> None:
            path = urlsplit(asked.path).path
            if not path.startswith(f"{self._prefix}/"):
                answering(asked)
                return
            send = asked.answer
            try:
                operation = self._operation(asked.method, path.removeprefix(self._prefix))
                self._request(operation, asked)
            except Broken as error:
                self._breach(asked, error)
                return

            def checked(status: int = 200, body: bytes = b"", **headers: str) -> None:
                if 200 <= status < 300 and asked.headers.get("accept") != "application/octet-stream":
                    try:
                        whole = self._answer(operation, status, json.loads(body or b"null"))
                        body = b"" if whole is None else json.dumps(whole).encode()
                    except Broken as error:
                        self._breach(asked, error, send)
                        return
                send(status, body, **headers)

            asked.answer = checked  # type: ignore[method-assign]
            answering(asked)

        return answer

    def _breach(self, asked: Exchange, error: Broken, send: Callable[..., None] | None = None) -> None:
        self.broken.append(f"{asked.method} {asked.path}: {error}")
        (send or asked.answer)(500, b'{"message": "the contract is broken"}')

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        steps = path.split("/")
        for pattern, methods in self._description["paths"].items():
            wanted = pattern.split("/")
            # owner and name of a repository, a number, a commit: {...} stands for one step, at the end a name or a path for all
            if wanted[-1] in ("{ref}", "{path}") and len(steps) > len(wanted):
                wanted = [*wanted, *["{...}"] * (len(steps) - len(wanted))]
            if len(wanted) == len(steps) and all(one.startswith("{") or one == step for one, step in zip(wanted, steps, strict=True)):
                found: dict[str, Any] | None = methods.get(method.lower())
                if found:
                    return found
        raise Broken("there is no such operation")

    def _request(self, operation: dict[str, Any], asked: Exchange) -> None:
        for name, values in parse_qs(urlsplit(asked.path).query, keep_blank_values=True).items():
            if name not in operation["query"]:
                raise Broken(f"{operation['id']} takes no {name}")
            schema = self._resolved(operation["query"][name])
            for value in values:
                self._fits(int(value) if schema.get("type") == "integer" and value.isdecimal() else value, schema, name)
        if operation["body"] is None:
            if asked.body:
                raise Broken("a body was sent to what takes none")
            return
        if operation["body"].get("format") == "binary":
            return
        body = json.loads(asked.body)
        unknown = set(body) - set(self._resolved(operation["body"])["properties"])
        if unknown:
            raise Broken(f"{operation['id']} takes no {sorted(unknown)}")
        self._fits(body, operation["body"], "the body")

    def _answer(self, operation: dict[str, Any], status: int, told: Any) -> Any:
        if str(status) not in operation["answers"]:
            raise Broken(f"{operation['id']} never answers {status}")
        schema = operation["answers"][str(status)]
        if schema is None:
            if told is not None:
                raise Broken(f"{operation['id']} answers {status} without a body")
            self.kept += 1
            return None
        whole = self._filled(schema, told)
        self._fits(whole, schema, "the answer")
        self.kept += 1
        return whole

    def _fits(self, value: Any, schema: dict[str, Any], what: str) -> None:
        validator = jsonschema.Draft202012Validator({**schema, "schemas": self._description["schemas"]})
        wrong = next(iter(validator.iter_errors(value)), None)
        if wrong:
            raise Broken(f"{what}: {wrong.json_path}: {wrong.message[:200]}")

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._description["schemas"][schema["$ref"].removeprefix("#/schemas/")]
        return schema

    def _filled(self, schema: dict[str, Any], told: Any) -> Any:
        """A value with what it must have beside what is told of it."""
        schema = self._resolved(schema)
        if "anyOf" in schema:
            return None if told is None else self._filled(self._alternative(schema, told), told)
        if isinstance(told, list):
            return [self._filled(schema.get("items", {}), one) for one in told]
        if isinstance(told, dict) and "properties" in schema:
            unknown = set(told) - set(schema["properties"])
            if unknown:
                raise Broken(f"{sorted(unknown)} is nothing that this forge tells")
            needed = {name: self._least(schema["properties"][name]) for name in schema.get("required", ()) if name not in told}
            return {**needed, **{name: self._filled(schema["properties"][name], one) for name, one in told.items()}}
        return told

    def _alternative(self, schema: dict[str, Any], told: Any) -> dict[str, Any]:
        if isinstance(told, dict) and told.get("event") in _EVENTS and len(schema["anyOf"]) > 2:
            chosen = {"$ref": f"#/schemas/{_EVENTS[told['event']]}"}
            self._fits(self._filled(chosen, told), chosen, "an event")
            return chosen
        return next(one for one in schema["anyOf"] if one != {"type": "null"})

    def _least(self, schema: dict[str, Any]) -> Any:
        """The smallest value that fits a schema."""
        schema = self._resolved(schema)
        if {"type": "null"} in schema.get("anyOf", ()):
            return None
        for name in ("anyOf", "oneOf", "allOf"):
            if name in schema:
                return self._least(schema[name][0])
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object")
        if kind == "object":
            return self._filled(schema, {}) if "properties" in schema else {}
        return _FORMATS[schema["format"]] if schema.get("format") in _FORMATS else _EMPTY[kind]()
