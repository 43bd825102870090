"""Fields as people type them, and what the schema of a kind says of them: limits.context, artifacts[bf16].uri, /sourced/~1limits."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from modelreg_cli.catalog.schema import schema_of
from modelreg_cli.errors import ModelregError, did_you_mean, listed

Steps = tuple[str | int, ...]
Schema = dict[str, Any]
#: Fields that name an item of a list.
NAMES = ("id", "plan", "label", "path", "hardware", "release", "of", "subject", "benchmark")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


class Field(NamedTuple):
    """A field of a document: how it was typed, the steps to it, and the forms that the schema lets it have."""

    typed: str
    steps: Steps
    forms: tuple[Schema, ...]

    @property
    def is_list(self) -> bool:
        """Whether it may be a list."""
        return any(form.get("type") == "array" for form in self.forms)


def field_of(kind: str, value: Any, typed: str, within: Steps = ()) -> Field:
    """The field of a document that is meant, whether it has a value or not; `within` are steps to where the path begins.

    Raises:
        ModelregError: the kind has no such field, or a list no such item.
    """
    schema = schema_of(kind)
    defs = schema.get("$defs", {})
    forms, at = _forms(schema, defs), value
    steps: Steps = ()
    for step in (*within, *_parsed(typed)):
        found, forms = _step(_Here(kind, typed, steps, forms, at), step, defs)
        steps = (*steps, found)
        at = _below(at, found)
    return Field(typed, steps, forms)


def _parsed(typed: str) -> tuple[str, ...]:
    if typed.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in typed[1:].split("/"))
    steps, end = [], 0
    while end < len(typed):
        hit = _STEP.match(typed, end)
        if hit is None or (end == 0 and typed.startswith((".", "["))):
            raise ModelregError(f"{typed!r} is no field", "write limits.context, prices[-1].rates.input or artifacts[ID].uri")
        steps.append(hit.group(1) if hit.group(1) is not None else hit.group(2))
        end = hit.end()
    return tuple(steps)


class _Here(NamedTuple):
    """Where a path has led so far."""

    kind: str
    typed: str
    steps: Steps
    forms: tuple[Schema, ...]
    value: Any

    @property
    def name(self) -> str:
        return name_of(self.steps) or f"a {self.kind}"


def _step(here: _Here, step: str | int, defs: Schema) -> tuple[str | int, tuple[Schema, ...]]:
    lists = [form for form in here.forms if form.get("type") == "array"]
    if lists and (isinstance(here.value, list) or not _maps(here.forms)):
        return _item(here, str(step)), tuple(found for form in lists for found in _forms(form.get("items", {}), defs))
    name = str(step)
    found = tuple(form for below in _fields(here, name) for form in _forms(below, defs))
    if not found:
        raise _no_field(here, name)
    return name, found


def _fields(here: _Here, name: str) -> Iterator[Schema]:
    """What the schema says of a field, in every form that the value may have."""
    for form in _alike(_maps(here.forms), here.value):
        if name in form.get("properties", {}):
            yield form["properties"][name]
        elif isinstance(others := form.get("additionalProperties", not form.get("properties")), dict):
            yield others
        elif others:
            yield {}


def _alike(forms: list[Schema], value: Any) -> list[Schema]:
    """Of several forms of a mapping those that it has, told by their constant field."""
    kind = value.get("kind") if isinstance(value, dict) else None
    same = [form for form in forms if form.get("properties", {}).get("kind", {}).get("const", kind) == kind]
    return same if kind else forms


def _maps(forms: tuple[Schema, ...]) -> list[Schema]:
    return [form for form in forms if form.get("type", "object") == "object" and "const" not in form and "enum" not in form]


def _no_field(here: _Here, name: str) -> ModelregError:
    known = list(dict.fromkeys(field for form in _alike(_maps(here.forms), here.value) for field in form.get("properties", {})))
    if not known:
        return ModelregError(f"{here.name} has no fields, so there is no {here.typed}", "set it as a whole")
    near = did_you_mean(name, known)
    return ModelregError(f"{here.name} has no field {name!r}", near or f"it has {listed(known, 'and')}")


def _item(here: _Here, step: str) -> int:
    """The place of an item that is there: by number, or by what names it."""
    items = here.value if isinstance(here.value, list) else []
    if re.fullmatch(r"-?[0-9]+", step) and -len(items) <= int(step) < len(items):
        return int(step) % len(items)
    found = places_of(items, step)
    if len(found) == 1:
        return found[0]
    names = [name for item in items if (name := named(item))]
    told = listed(names, "and") if names else "items" if items else ""
    has = f"it has {len(items)}: {told}" if names else f"it has {len(items)}, counted from 0" if items else "it is empty"
    if len(found) > 1:
        raise ModelregError(f"{len(found)} items of {here.name} are called {step!r}", "name one by its number, from 0")
    raise ModelregError(f"{here.name} has no item {step!r}", f"{has}; {here.name}+=... adds one")


def places_of(items: list[Any], name: str) -> list[int]:
    """Where the items of that name are."""
    return [at for at, item in enumerate(items) if named(item) == name]


def named(item: Any) -> str | None:
    """What names an item of a list: its id, plan, path, ..."""
    if not isinstance(item, dict):
        return None
    return next((item[name] for name in NAMES if isinstance(item.get(name), str)), None)


def _below(value: Any, step: str | int) -> Any:
    if isinstance(value, list) and isinstance(step, int):
        return value[step] if step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def value_at(value: Any, steps: Steps) -> Any:
    """The value there, or None."""
    for step in steps:
        value = _below(value, step)
    return value


def name_of(steps: Steps, value: Any = None) -> str:
    """Steps as people type them; items of lists by what names them in the value, else by number."""
    out = ""
    for step in steps:
        items = value if isinstance(value, list) else []
        value = _below(value, step)
        name = named(value) if items else None
        shown = name if name is not None and len(places_of(items, name)) == 1 else step
        plain = isinstance(step, str) and re.fullmatch(r"[^.\[\]/=]+", step)
        out += f"{'.' if out else ''}{step}" if plain else f"[{shown}]"
    return out


def _forms(schema: Schema, defs: Schema) -> tuple[Schema, ...]:
    """The forms that a schema allows, without references."""
    if "$ref" in schema:
        return _forms({**defs[schema["$ref"].rpartition("/")[2]], **{key: schema[key] for key in schema if key == "description"}}, defs)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return tuple(found for form in schema[word] for found in _forms(form, defs))
    return (schema,)


def fields_of(kind: str) -> list[str]:
    """The fields of a kind at the top."""
    return list(schema_of(kind)["properties"])
