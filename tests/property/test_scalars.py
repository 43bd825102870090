"""What our reader takes as text, a number or a word, YAML 1.1 and YAML 1.2 readers take the same way."""

import io
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from modelreg_cli.catalog import document
from modelreg_cli.catalog.scalars import Refusal, plain
from modelreg_cli.catalog.text import Unreadable
from tests.property.values import is_visible, text

_V12 = YAML(typ="safe", pure=True)
_V11 = YAML(typ="safe", pure=True)
_V11.version = (1, 1)


class _WithoutDates(yaml.SafeLoader):
    """YAML 1.1 as PyYAML reads it, except that a date stays text: dates are text in a catalog."""


_WithoutDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not (tag.endswith(":timestamp"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _ours(source: str) -> Any:
    try:
        return document.load(source.encode("utf-8"))
    except Unreadable:
        return Unreadable


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _dated(value: Any) -> Any:
    """A date of another reader as the text that it was written as."""
    return value.isoformat() if type(value).__name__ == "date" else value


@settings(max_examples=3000, deadline=None)
@given(text)
@example("2024-01-01 10:00:00")
@example("2024-02-30")
@example("1:2")
@example("=")
@example("0o17")
@example("08")
@example("1_000.5")
@example("-")
@example("a #b")
@example("a: b")
def test_a_plain_scalar_is_the_same_everywhere(plain: str) -> None:
    if not is_visible(plain) or "\n" in plain or plain.lstrip()[:1] in tuple("|>'\""):
        return  # not a plain scalar
    for source, pick in (
        (f"key: {plain}\n", lambda value: value["key"]),
        (f"- {plain}\n", lambda value: value[0]),
        (f"{{key: {plain}}}\n", lambda value: value["key"]),
    ):
        ours = _ours(source)
        if ours is Unreadable:
            continue
        value = pick(ours)
        if isinstance(value, (dict, list)):
            continue
        readers = (
            yaml.load(source, Loader=_WithoutDates),
            _dated_load(_V12, source),
            _dated_load(_V11, source),
        )
        for other in readers:
            assert _same(value, _dated(pick(other))), (source, value, other)


def _dated_load(reader: YAML, source: str) -> Any:
    try:
        return reader.load(io.StringIO(source))
    except ValueError:
        # a day that no calendar has: a reader that makes dates refuses it, and so does our rule not-a-date
        return document.load(source.encode("utf-8"))


@settings(max_examples=1000, deadline=None)
@given(text)
def test_a_key_is_the_same_everywhere(plain: str) -> None:
    if not is_visible(plain) or "\n" in plain:
        return
    source = f"{plain}: x\n"
    ours = _ours(source)
    if ours is Unreadable or not isinstance(ours, dict):
        return
    other = yaml.load(source, Loader=_WithoutDates)
    assert list(ours) == list(other)


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,8})\.[0-9]{1,18}", fullmatch=True))
def test_a_number_that_is_taken_gives_its_decimal_back(written: str) -> None:
    try:
        value = plain(written)
    except Refusal:
        assert len(written.replace("-", "").replace(".", "").strip("0")) > 15  # every shorter one is taken
        return
    assert Decimal(repr(value)) == Decimal(written)


def test_whole_numbers_are_taken_below_two_to_the_53() -> None:
    assert plain(str(2**53 - 1)) == 2**53 - 1
    assert plain(str(-(2**53) + 1)) == -(2**53) + 1
    for written in (str(2**53), str(-(2**53)), "9" * 17, "9" * 5000):
        with pytest.raises(Refusal):
            plain(written)
