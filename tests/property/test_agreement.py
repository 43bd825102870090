"""The fast validator, the explaining one and the entities agree on every document.

The one exception is documented: JSON Schema takes 1.0 for a whole number, the entities do not. Such a file is
refused all the same, because an entity is built of every file.
"""

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from modelreg_cli.catalog.explain import checker, explain
from modelreg_cli.catalog.load import load, validator
from modelreg_cli.catalog.schema import all_schemas, schema_of, stale
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.entities.all_kinds import all_kinds
from tests.property.values import text
from tests.rules.samples import BAD, GOOD

_SAMPLES = [(item.location.kind, item.data) for tree in (GOOD, BAD / "overlay-target") for item in load(Folder(tree)).all()]
_NEW = st.one_of(
    st.sampled_from(
        [True, False, 0, 1, -1, 7, 0.5, -0.5, 10**12, "", "x", "X", "a b", "none", "unlimited", "yes", "no", [], {}, ["a"], {"a": 1}]
    ),
    st.sampled_from(
        [
            "2024-02-29",
            "2024-13-01",
            "2024-1-1",
            "2024",
            "2024-05",
            "hf:a",
            "hf:",
            "hf: a",
            "zz:a",
            "a/b",
            "a/b@1",
            "a/b@1#c",
            "a/b#c",
            "A/b",
        ]
    ),
    st.sampled_from(
        ["https://a.b", "http://", "ftp://a", "file://x", "USD", "usd", "12:00-13:00", "open", "active", "chat\n", "a\n", "2024-07-23\n"]
    ),
    st.sampled_from(
        ["٣", "ⅷ", "é", "a" * 129, "a" * 301, "x" * 4001, "en", "en-GB", "e", "/a", "a-", "-a", "a.b", "${X}", "a\x85b", "full", "mla"]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**40), 2**40),
    text,
    st.lists(st.sampled_from(["a", "b", 1, {}]), max_size=3),
)


def _steps(value: Any) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [step for key, item in pairs for step in ((key,), *((key, *rest) for rest in _steps(item)))]


def _change(data: st.DataObject, value: Any) -> Any:
    """One value replaced, removed, renamed or added, anywhere."""
    changed = copy.deepcopy(value)
    path = data.draw(st.sampled_from(_steps(changed) or [()]))
    if not path:
        return changed
    *above, last = path
    holder = changed
    for step in above:
        holder = holder[step]
    match data.draw(st.sampled_from(["replace", "replace", "replace", "remove", "rename", "add"])):
        case "replace":
            holder[last] = data.draw(_NEW)
        case "remove":
            del holder[last]
        case "rename" if isinstance(holder, dict):
            holder[data.draw(st.one_of(text, st.sampled_from(["name", "from", "from_", "kind", "A", "a-b"])))] = holder.pop(last)
        case _:
            if isinstance(holder, list):
                holder.append(data.draw(_NEW))
            else:
                holder[data.draw(st.sampled_from(["status", "tags", "notes", "extra", "limits", "x", "sources", "max", "url"]))] = (
                    data.draw(_NEW)
                )
    return changed


def _has_whole_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_whole_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_whole_float, value))
    return isinstance(value, float) and value.is_integer()


def _entity_takes(kind: str, value: Any) -> bool:
    try:
        all_kinds[kind].model_validate(value)
    except ValidationError:
        return False
    return True


@settings(max_examples=4000, deadline=None)
@given(st.data())
def test_three_in_agreement(data: st.DataObject) -> None:
    kind, value = data.draw(st.sampled_from(_SAMPLES))
    for _ in range(data.draw(st.integers(1, 2))):
        value = _change(data, value)
    if not isinstance(value, dict) or _has_whole_float(value):
        return
    fast = validator(kind).is_valid(value)
    assert fast == checker(kind).is_valid(value)
    assert fast == _entity_takes(kind, value)
    if not fast:
        findings = explain("catalog/x.yaml", kind, value)
        assert findings
        assert all("does not fit its schema" not in finding.message for finding in findings)


def test_the_exception_is_still_refused() -> None:
    value = {"name": "x", "schema_version": 1.0}
    assert validator("catalog").is_valid(value)
    assert not _entity_takes("catalog", value)


@pytest.mark.parametrize("kind", all_kinds)
def test_a_schema_is_one(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))
    assert any(sample == kind for sample, _ in _SAMPLES), "the good catalog has every kind"


def test_the_schemas_of_the_repository_are_fresh() -> None:
    root = GOOD.parents[2]
    assert stale(root) == [], "run `modelreg validate --fix`"
    assert len(list((root / "schemas").iterdir())) == len(all_schemas())


@pytest.mark.parametrize("kind", all_kinds)
def test_a_field_says_what_it_is(kind: str) -> None:
    schema = schema_of(kind)
    for place in (schema, *schema.get("$defs", {}).values()):
        for name, field in place.get("properties", {}).items():
            assert field.get("description"), f"{kind}: {name} needs a description"
