"""Values as people type them -> values as the schema of a field wants them; nothing is guessed."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs

from modelreg_cli.editing.fields import Field, Schema
from modelreg_cli.errors import ModelregError, did_you_mean, listed

_INTEGER = re.compile(r"(-?[0-9]+(?:[,_][0-9]{3})*(?:\.[0-9]+)?)(k|m|b|t|ki|mi|gi)?\Z", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e-?[0-9]+)?\Z", re.IGNORECASE)
FACTORS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_ORDER = ("boolean", "integer", "number", "array", "object", None, "string")
_WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping as JSON",
    None: "a value as JSON",
    "string": "a text",
}


_EXAMPLES = {"integer": "for example 8192, 8,192, 128Ki or 8.03B", "number": "for example 0.5"}


class _NotThis(Exception):
    """The text is not of this form; the hint says what would be."""


def value_of(field: Field, text: str, item: bool = False) -> Any:
    """The value of a field, or with `item` of the items to add to or take from a list; a list then in any case.

    Raises:
        ModelregError: it can have no such value, or a file cannot be read.
    """
    text = from_file(field.typed, text)
    forms = tuple(form for form in field.forms if form.get("type") == "array") if item else field.forms
    hints: list[str] = []
    for form in sorted(forms, key=lambda one: _ORDER.index(one.get("type"))):
        try:
            return _of_form(form, text, item)
        except _NotThis as error:
            hints.append(str(error))
    words = listed(list(dict.fromkeys(word for form in forms for word in _words(form))))
    told = f"{text[:60]}..." if len(text) > 60 else text
    raise ModelregError(f"{field.typed} takes {words}, not {told!r}", next(filter(None, hints), None))


def _words(form: Schema) -> list[str]:
    return [str(word) for word in form["enum"]] if "enum" in form else [_WORDS[form.get("type")]]


def from_file(typed: str, text: str) -> str:
    """@FILE is what is in the file, without the last line breaks; @@ is an @."""
    if not text.startswith("@") or text.startswith("@@"):
        return text[1:] if text.startswith("@@") else text
    try:
        return Path(text[1:]).read_text("utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ModelregError(f"{typed}: {text[1:]} cannot be read: {why}", "@FILE takes the text of a file; write @@ for an @") from None


def _of_form(form: Schema, text: str, item: bool) -> Any:
    kind = form.get("type")
    if kind == "array":
        return _list(form, text, item)
    if kind == "object" or kind is None:
        return _json(text, dict if kind else None)
    value: Any = text
    if kind == "boolean":
        value = {"true": True, "false": False}.get(text)
    elif kind == "integer":
        value = _integer(text)
    elif kind == "number":
        value = _number(text)
    if value is None:
        raise _NotThis(_EXAMPLES.get(kind, ""))
    return _fitting(form, value)


def _fitting(form: Schema, value: Any) -> Any:
    """The value, where it fits what the schema says beyond the type."""
    own = {key: form[key] for key in form if key not in ("description", "examples", "default", "discriminator")}
    if jsonschema_rs.is_valid(own, value):
        return value
    if "enum" in form:
        raise _NotThis(did_you_mean(str(value), map(str, form["enum"])) or f"known: {', '.join(map(str, form['enum']))}")
    if value in ("", "null"):
        raise _NotThis("--unset FIELD takes a value away: absent means unknown")
    examples = form.get("examples")
    hint = f"{form.get('description', '')}{f' For example {examples[0]}' if examples else ''}".strip()
    raise _NotThis(hint or f"it must fit {json.dumps({key: own[key] for key in own if key != 'type'})}")


def _integer(text: str) -> int | None:
    """8192, 8,192, 8_192, 8.03B (exactly 8,030,000,000), 128Ki; None where it is none."""
    hit = _INTEGER.match(text)
    if not hit:
        return None
    value = Decimal(hit.group(1).replace(",", "").replace("_", "")) * FACTORS[(hit.group(2) or "").lower()]
    if value != value.to_integral_value():
        raise _NotThis(_EXAMPLES["integer"])
    return int(value) if "." not in hit.group(1) or hit.group(2) else None


def _number(text: str) -> int | float | None:
    if not _NUMBER.match(text):
        return None
    return int(text) if re.fullmatch("-?[0-9]+", text) else float(text)


def _json(text: str, wanted: type | None) -> Any:
    """JSON; where anything goes, what is no JSON is a text."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except ValueError as error:
        if wanted is None and not text.lstrip().startswith(("{", "[", '"')):
            return text
        raise _NotThis(f"not JSON: {error}; for example field='{{\"a\": 1}}'") from None
    if wanted is not None and not isinstance(value, wanted):
        raise _NotThis
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key for the second time")
    return dict(pairs)


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no number here")


def _list(form: Schema, text: str, item: bool) -> list[Any]:
    """JSON, one item, or several with commas between them where every part can be an item."""
    if text.lstrip().startswith("["):
        value = _json(text, list)
        assert isinstance(value, list)
        return value
    if text.lstrip().startswith("{"):
        if item:
            return [_json(text, dict)]
        raise _NotThis(f"a list as JSON is [{text[:20]}...]; += adds an item")
    items = form.get("items", {})
    if not items.get("type") or items["type"] in ("object", "array"):
        raise _NotThis('write JSON: [{"id": ...}]')
    bounded = items["type"] != "string" or "pattern" in items or "enum" in items
    parts = [part.strip() for part in text.split(",")]
    if bounded and len(parts) > 1:
        try:
            return [_of_form(items, part, item) for part in parts]
        except _NotThis:
            if items["type"] != "string":
                raise
    return [_of_form(items, text, item)]
