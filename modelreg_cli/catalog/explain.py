"""Why a document does not fit its schema, in words: jsonschema finds the places, this file finds the words.

Only files that the fast validator refused come here, so speed does not matter and clarity does.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema

from modelreg_cli.catalog import codes
from modelreg_cli.catalog.schema import schema_of
from modelreg_cli.catalog.text import escape
from modelreg_cli.errors import did_you_mean
from modelreg_cli.finding import Finding

_TYPE_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
# In the largest public catalog, providers disagree on these for 36 to 70 % of the models that several of them serve.
_MODEL_FACTS = {
    "release_date": "`released` of the version",
    "released": "`released` of the version",
    "knowledge": "`knowledge` of the version",
    "knowledge_cutoff": "`knowledge` of the version",
    "family": "`family` of the model",
    "license": "`license` of the model or version",
    "licence": "`license` of the model or version",
    "open_weights": "`weights` of the version",
    "weights": "`weights` of the version",
    "architecture": "`architecture` of the version",
    "dimensions": "`dimensions` of the version",
    "lineage": "`lineage` of the model",
    "tasks": "`tasks` of the model",
    "languages": "`languages` of the model",
}


def _strict_pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    """As the fast validator and the entities take it: in Python alone `$` also stands before a final newline."""
    strict = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(strict, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_extend: Any = jsonschema.validators.extend  # untyped in the stubs
_Checker = _extend(jsonschema.Draft202012Validator, {"pattern": _strict_pattern})


@cache
def checker(kind: str) -> Any:
    """The validator that names every place."""
    return _Checker(schema_of(kind))


def explain(path: str, kind: str, data: Any) -> list[Finding]:
    """All findings of a document that its schema refuses; at least one."""
    found = [finding for error in checker(kind).iter_errors(data) for finding in _explain(path, error)]
    if kind == "offering":
        found = [_model_fact(finding) for finding in found]
    return sorted(set(found)) or [codes.WRONG_VALUE.about(path, "the file does not fit its schema", hint=f"schemas/{kind}.schema.json")]


def _model_fact(finding: Finding) -> Finding:
    """Says why a provider's file may not tell what is the model's to tell."""
    place = _MODEL_FACTS.get(finding.pointer.removeprefix("/")) if finding.code == codes.UNKNOWN_KEY.name else None
    if place is None:
        return finding
    return replace(
        finding, hint=f"model-level facts are forbidden in an offering, because providers contradict each other on them: use {place}"
    )


def _explain(path: str, error: Any) -> Iterator[Finding]:
    if error.validator in ("anyOf", "oneOf") and error.context:
        yield from _choice(path, error)
    elif "propertyNames" in list(error.relative_schema_path)[-2:-1]:
        yield _wrong_key(path, error)
    else:
        yield from _WORDS.get(error.validator, _other)(path, error)


def _pointer(error: Any) -> str:
    return "".join(f"/{escape(str(step))}" for step in error.absolute_path)


def _where(error: Any) -> str:
    last = error.absolute_path[-1] if error.absolute_path else None
    if last is None:
        return "the file"
    return f"item {last + 1}" if isinstance(last, int) else f"`{last}`"


def _unknown_keys(path: str, error: Any) -> Iterator[Finding]:
    known = list(error.schema.get("properties", {}))
    for key in sorted(set(error.instance) - set(known)):
        hint = did_you_mean(key, known) or f"known here: {', '.join(known)}"
        yield codes.UNKNOWN_KEY.about(
            path, f"{_shown(key)} is not a field of {_where(error)}", f"{_pointer(error)}/{escape(key)}", hint, on_key=True
        )


def _wrong_key(path: str, error: Any) -> Finding:
    # the checker reports the mapping; the key itself is the instance
    pointer = f"{_pointer(error)}/{escape(str(error.instance))}"
    hint = _pattern_hint(error.schema) if error.validator == "pattern" else "it is too long"
    return codes.WRONG_VALUE.about(path, f"{_shown(error.instance)} can not be a key of {_where(error)}", pointer, hint, on_key=True)


def _required(path: str, error: Any) -> Iterator[Finding]:
    for key in error.validator_value:
        if key not in error.instance and f"'{key}'" in error.message:
            yield codes.MISSING_KEY.about(
                path, f"{_where(error)} needs `{key}`", _pointer(error), f"add `{key}: {_example(error.schema, key)}`"
            )


def _type(path: str, error: Any) -> Iterator[Finding]:
    wanted, value = error.validator_value, error.instance
    words = _TYPE_WORDS.get(str(wanted), str(wanted))
    found = codes.WRONG_TYPE.about(
        path, f"{_where(error)} must be {words}, not {_shown(value)}", _pointer(error), _type_hint(wanted, value)
    )
    # only text that lacks its quotes can be repaired without knowing what was meant
    yield replace(found, fixable=wanted == "string" and isinstance(value, (int, float)))


def _choices(path: str, error: Any) -> Iterator[Finding]:
    values = error.validator_value if error.validator == "enum" else [error.validator_value]
    allowed = [str(item) for item in values]
    hint = did_you_mean(str(error.instance), allowed) or f"one of: {', '.join(allowed)}"
    yield codes.WRONG_VALUE.about(path, f"{_where(error)} can not be {_shown(error.instance)}", _pointer(error), hint)


def _pattern(path: str, error: Any) -> Iterator[Finding]:
    yield codes.WRONG_VALUE.about(
        path, f"{_where(error)} can not be {_shown(error.instance)}", _pointer(error), _pattern_hint(error.schema)
    )


def _bound(path: str, error: Any) -> Iterator[Finding]:
    words = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than"}[error.validator]
    hint = str(error.schema.get("description", ""))
    yield codes.WRONG_VALUE.about(
        path, f"{_where(error)} must be {words} {error.validator_value}, not {_shown(error.instance)}", _pointer(error), hint
    )


def _length(path: str, error: Any) -> Iterator[Finding]:
    few = str(error.validator).startswith("min")
    if few and error.validator_value == 1:
        what = "can not be empty"
        hint = "leave the key out: absent means unknown"
    else:
        what = f"has {len(error.instance):,} of {'at least' if few else 'at most'} {error.validator_value:,}"
        what += " characters" if isinstance(error.instance, str) else " items"
        hint = str(error.schema.get("description", ""))
    yield codes.WRONG_VALUE.about(path, f"{_where(error)} {what}", _pointer(error), hint)


def _other(path: str, error: Any) -> Iterator[Finding]:
    hint = str(error.schema.get("description", "")) if isinstance(error.schema, dict) else ""
    yield codes.WRONG_VALUE.about(path, f"{_where(error)}: {error.message}"[:300], _pointer(error), hint)


def _choice(path: str, error: Any) -> Iterator[Finding]:
    """A value that fits none of several forms: the form that was meant is the one whose type or `kind` fits."""
    forms: dict[int, list[Any]] = {}
    for inner in error.context:
        forms.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    kinds = list(error.schema.get("discriminator", {}).get("mapping", ())) if isinstance(error.instance, dict) else []
    if kinds and error.instance.get("kind") not in kinds:
        yield _wrong_kind(path, error, kinds)
        return
    best = min(forms.values(), key=lambda errors: _misfit(errors, len(error.absolute_path)))
    if _misfit(best, len(error.absolute_path))[0]:
        yield codes.WRONG_TYPE.about(
            path, f"{_where(error)} can not be {_shown(error.instance)}", _pointer(error), f"it is {_forms(error.schema)}"
        )
        return
    for inner in best:
        yield from _explain(path, inner)


def _misfit(errors: Iterable[Any], depth: int) -> tuple[int, int]:
    """Errors at the value itself (wrong type, wrong kind) weigh more than errors inside it."""
    items = list(errors)
    at_value = sum(1 for item in items if len(item.absolute_path) == depth and item.validator in ("type", "enum", "const"))
    at_kind = sum(1 for item in items if item.validator == "const" and item.absolute_path and item.absolute_path[-1] == "kind")
    return at_value + at_kind, len(items)


def _wrong_kind(path: str, error: Any, kinds: list[str]) -> Finding:
    has = error.instance.get("kind")
    if has is None:
        return codes.MISSING_KEY.about(path, f"{_where(error)} needs `kind`", _pointer(error), f"one of: {', '.join(kinds)}")
    return codes.WRONG_VALUE.about(path, f"kind {_shown(has)} is not known", f"{_pointer(error)}/kind", f"one of: {', '.join(kinds)}")


_WORDS: dict[str, Callable[[str, Any], Iterator[Finding]]] = {
    "additionalProperties": _unknown_keys,
    "pattern": _pattern,
    "required": _required,
    "type": _type,
    "enum": _choices,
    "const": _choices,
    "minimum": _bound,
    "exclusiveMinimum": _bound,
    "maximum": _bound,
    "exclusiveMaximum": _bound,
    "minLength": _length,
    "maxLength": _length,
    "minItems": _length,
    "maxItems": _length,
    "minProperties": _length,
}


def _forms(schema: dict[str, Any]) -> str:
    words = []
    for form in schema.get("anyOf", schema.get("oneOf", [])):
        if "enum" in form:
            words.append(" or ".join(map(str, form["enum"])))
        elif "const" in form:
            words.append(str(form["const"]))
        else:
            words.append(_TYPE_WORDS.get(form.get("type", "object"), "a mapping"))
    return ", or ".join(words)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _type_hint(wanted: Any, value: Any) -> str:
    if wanted == "string" and isinstance(value, (int, float)):
        return f'write "{str(value).lower() if isinstance(value, bool) else value}"'
    if wanted in ("integer", "number") and isinstance(value, str):
        return "write the number without quotes and units"
    if wanted == "array":
        return "write [a, b] or a line starting with `- ` for each"
    return ""


def _pattern_hint(schema: dict[str, Any]) -> str:
    examples = schema.get("examples")
    told = str(schema.get("description", ""))
    if examples:
        return f"{told} For example {examples[0]}".strip()
    return told or f"it must match {schema.get('pattern')}"


def _example(schema: dict[str, Any], key: str) -> str:
    field = schema.get("properties", {}).get(key, {})
    examples = field.get("examples")
    if examples and not isinstance(examples[0], (dict, list)):
        return str(examples[0])
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    return "..."
