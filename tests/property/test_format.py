"""Laws of the canonical text."""

import re
from typing import Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog import document
from modelreg_cli.catalog.format import dump, format_text
from modelreg_cli.catalog.quoting import number
from modelreg_cli.catalog.text import Unreadable
from tests.property.documents import documents
from tests.property.values import collections, numbers, text


@settings(max_examples=600, deadline=None)
@given(collections())
def test_dump_loads_back(value: dict[str, Any]) -> None:
    made = dump(value, None)
    assert document.load(made.encode("utf-8")) == value
    assert format_text(made, None) == made


@settings(max_examples=2000, deadline=None)
@given(text)
def test_any_text_survives_everywhere(string: str) -> None:
    value = {"a": string, "b": [string, {"c": string}], "d": {"e": string, "f": [string]}}
    made = dump(value, None)
    assert document.load(made.encode("utf-8")) == value
    # and a reader of YAML 1.1 takes it the same way, but for dates
    if not re.match(r"\d{4}-\d\d-\d\d", string):
        assert yaml.safe_load(made) == value


@settings(max_examples=1000, deadline=None)
@given(numbers)
def test_a_number_has_no_exponent_and_is_the_same(value: int | float) -> None:
    made = number(value)
    assert "e" not in made.lower()
    assert float(made) == value
    read = document.load(f"a: {made}\n".encode())["a"]
    assert type(read) is type(value)
    assert read == value


@settings(max_examples=1500, deadline=None)
@given(documents(), st.sampled_from([None, "model", "version"]))
def test_fmt_keeps_values_and_every_comment(made: tuple[str, list[str]], kind: str | None) -> None:
    source, comments = made
    try:
        value = document.load(source.encode("utf-8"))
    except Unreadable:
        assume(False)
    once = format_text(source, kind)
    assert document.load(once.encode("utf-8")) == value, source
    for comment in comments:
        assert len(re.findall(f"{re.escape(comment)}$", once, re.MULTILINE)) == 1, (comment, source, once)
    assert once.count("#") == source.count("#"), (source, once)
    assert format_text(once, kind) == once, (source, once)


@settings(max_examples=300, deadline=None)
@given(documents())
def test_crlf_is_only_style(made: tuple[str, list[str]]) -> None:
    source, _ = made
    try:
        document.load(source.encode("utf-8"))
    except Unreadable:
        assume(False)
    assert format_text(source.replace("\n", "\r\n"), "model") == format_text(source, "model")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.data())
def test_repeated_items_go_and_their_comments_stay(items: list[str], data: st.DataObject) -> None:
    marked = [data.draw(st.booleans()) for _ in items]
    source = "tags:\n" + "".join(
        f"  - {item}{f' # {at}' if mark else ''}\n" for at, (item, mark) in enumerate(zip(items, marked, strict=True))
    )
    made = format_text(source, "model", unique=True)
    assert document.load(made.encode())["tags"] == list(dict.fromkeys(items))
    assert made.count("#") == sum(marked)
    assert format_text(made, "model", unique=True) == made
