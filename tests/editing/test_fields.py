"""Every field of every kind can be set by its path, and edits are undone by their inverse, byte for byte."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog import document
from modelreg_cli.catalog.format import format_text
from modelreg_cli.catalog.load import load, validator
from modelreg_cli.catalog.planned import with_texts
from modelreg_cli.catalog.revise import revised
from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.catalog.tree import Folder, Planned
from modelreg_cli.editing.assign import Assignment, assignment, edited
from modelreg_cli.editing.fields import name_of, value_at
from modelreg_cli.entities.all_kinds import all_kinds
from modelreg_cli.errors import ModelregError
from tests.conftest import CATALOGS
from tests.editing.whole import documents, leaves, typed


@pytest.mark.parametrize("kind", all_kinds)
def test_every_field_can_be_set(kind: str) -> None:
    seen = 0
    for whole in documents(kind):
        assert validator(kind).is_valid(whole), kind
        for steps, value in leaves(whole):
            without = copy.deepcopy(whole)
            above = value_at(without, steps[:-1])
            if isinstance(above, dict):
                del above[steps[-1]]
            for path in (name_of(steps), pointer_to(*steps)):
                got = edited(kind, without, [Assignment(path, "=", typed(value))])
                assert got.value == whole, path
                assert type(value_at(got.value, steps)) is type(value), path
                assert assignment(f"{path}={typed(value)}") == Assignment(path, "=", typed(value))
            seen += 1
    assert seen >= len(all_kinds[kind].model_fields)


@pytest.mark.parametrize("kind", all_kinds)
def test_every_field_can_be_taken_away(kind: str) -> None:
    for whole in documents(kind):
        for steps, _ in leaves(whole):
            gone = edited(kind, whole, [Assignment(name_of(steps), "unset")]).value
            assert value_at(gone, steps[:-1]) is None or len(value_at(gone, steps[:-1])) == len(value_at(whole, steps[:-1])) - 1
            assert not any(value in ({}, []) for value in _collections(gone)), "what became empty goes too"


def _collections(value: Any) -> list[Any]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for item in below for one in ([item] if isinstance(item, (dict, list)) else []) + _collections(item)]


_FILES = [
    (loaded.location, (CATALOGS / "questions" / loaded.location.path).read_text("utf-8"))
    for loaded in load(Folder(CATALOGS / "questions")).all()
]
_WORDS = {"string": ["b", "2025-02-02", "https://b.example", "Some words: here"], "other": ["7", "0.25", "true", "unlimited", "none"]}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_the_inverse_gives_the_same_bytes(data: st.DataObject) -> None:
    place, text = data.draw(st.sampled_from(_FILES))
    lines = format_text(text, place.kind).split("\n")
    for at in data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=4, unique=True)):
        lines[at] = f"{lines[at]} # c{at}" if lines[at] and data.draw(st.booleans()) else f"# c{at}\n{lines[at]}"
    before = format_text("\n".join(lines), place.kind)
    value = document.load(before.encode("utf-8"))
    steps, was = data.draw(st.sampled_from(list(leaves(value))))
    path = name_of(steps)
    new = data.draw(st.sampled_from(_WORDS["string"] + _WORDS["other"]))
    try:
        after = edited(place.kind, value, [Assignment(path, "=", new)]).value
    except ModelregError:
        return  # a value that the field does not take
    text = revised(before, after, place.kind)
    assert sorted(_comments(text)) == sorted(_comments(before)), "no comment is lost"
    back = edited(place.kind, document.load(text.encode("utf-8")), [Assignment(path, "=", typed(was))]).value
    again = revised(text, back, place.kind)
    if _comments(before) and before.count("\n") != text.count("\n"):
        # what did not fit its line any more has its comment above it now, and there it stays
        assert (document.load(again.encode("utf-8")), sorted(_comments(again))) == (value, sorted(_comments(before)))
    else:
        assert again == before


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_item_that_comes_and_goes(data: st.DataObject) -> None:
    place, text = data.draw(st.sampled_from([one for one in _FILES if one[0].kind in ("model", "version", "offering")]))
    before = format_text(text, place.kind)
    value = document.load(before.encode("utf-8"))
    field = data.draw(st.sampled_from(["tags", "aliases"]))
    item = data.draw(st.sampled_from(["hf:zz/zz", "zz"] if field == "aliases" else ["zz", "y"]))
    try:
        after = edited(place.kind, value, [Assignment(field, "+=", item)]).value
    except ModelregError:
        assert (field, item) == ("aliases", "zz")
        return
    assert after[field][-1] == item
    text = revised(before, after, place.kind)
    assert edited(place.kind, after, [Assignment(field, "+=", item)]).value == after, "adding it again changes nothing"
    back = edited(place.kind, document.load(text.encode("utf-8")), [Assignment(field, "-=", item)]).value
    assert revised(text, back, place.kind) == before


def _comments(text: str) -> list[str]:
    return [word for word in text.replace("\n", " ").split(" ") if word.startswith("c") and word[1:].isdigit()]


_TEXTS = {
    "catalog/tags/edge.yaml": ["description: Other.\n", "nonsense: true\n", "- a\n", None],
    "catalog/tags/Edge.yaml": ["description: Other.\n", None],
    "catalog/models/acme/atlas-8b/9.0.0.yaml": ["limits: {context: 3}\n", "limits: {context: x}\n"],
    "catalog/models/acme/atlas-8b/model.yaml": ["name: X\ntype: weights\ndefault: 7\n", "name: X\ntype: weights\n", None],
}


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({}, optional={path: st.sampled_from(texts) for path, texts in _TEXTS.items()}))
def test_the_catalog_with_some_files_is_what_would_be_loaded(texts: dict[str, str | None]) -> None:
    folder = Folder(CATALOGS / "questions")
    quick, slow = with_texts(load(folder), folder, texts), load(Planned(folder, texts))
    assert sorted(quick.findings) == sorted(slow.findings)
    assert {kind: list(ids) for kind, ids in quick.by_kind.items()} == {kind: list(ids) for kind, ids in slow.by_kind.items()}
    assert quick.by_kind == slow.by_kind
    assert {kind: ids for kind, ids in quick.refused.items() if ids} == slow.refused
    assert quick.files == slow.files
