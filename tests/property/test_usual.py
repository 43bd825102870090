"""The quick reader of usual text never says anything that the strict reader does not."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog import document, usual
from modelreg_cli.catalog.format import dump
from modelreg_cli.catalog.text import Unreadable, decode
from modelreg_cli.catalog.tree import Folder
from tests.catalog.hostile import texts
from tests.conftest import CATALOGS
from tests.property.values import collections

#: Pieces of lines that mean something to YAML, and what stands beside them.
_PIECES = (
    *("a", "b:", "c: ", "- ", "  ", "    ", "\n", "\n", "\n  ", "\n- ", "\n  - ", "x", "1", "1.0", "0x1", "no", "y: ", '"', '"q"', "'s'"),
    *(
        "[",
        "]",
        "{",
        "}",
        ", ",
        ",",
        ": ",
        ":",
        "#",
        " #",
        "# c",
        "|",
        ">",
        "&a",
        "*a",
        "!t",
        "?",
        "%",
        "@",
        "`",
        "~",
        "null",
        "true",
        "...",
    ),
    *("---", "2024-01-01", "12:30", "http://a.b/c", "hf:Q/w", "é", "\t", "\r\n", "=", "<<: ", "-", "-1", ".5", "1e3", "[a, b]", "{a: b}"),
    *("{a: b, a: c}", "[a: b]", "[a,b]", "{a:b}", '{"": x, /y: z}', "[[a], {b: [c]}]", "[]", "{}", "key with space: v", "/p/q: r"),
)


def _same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


def _check(text: str) -> bool:
    """Whether the quick reader said something; then the strict one says the same."""
    try:
        decoded = decode(text.encode("utf-8", "surrogateescape"))
    except Unreadable:
        return False
    value = usual.read(decoded)
    if value is not None:
        assert _same(value, document.strictly(decoded)), decoded
    return value is not None


@settings(max_examples=3000, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
@example("a: [x]: y\n")
@example("a:\n  b: 1\n c: 2\n")
@example("a: 1\n  b\n")
@example("a:\n- b\n")
@example("a: b: c\n")
@example("a:\nb: 1\n")
@example("x: {a: b:, c: d}\n")
@example("x: {a: {b: c:, d: e}}\n")
@example("x: [a:, b]\n")
@example("a: {b: [c, d: e]}\n")
@example("- a: 1\n  b: 2\n")
@example("a:\n  - b: 1\n    c:\n      d: 1\n  - e\n")
def test_pieces_of_yaml(text: str) -> None:
    _check(text)


@settings(max_examples=500, deadline=None)
@given(value=collections(), cut=st.randoms(use_true_random=False))
def test_canonical_text_and_text_that_was_spoilt(value: Any, cut: random.Random) -> None:
    text = dump({"a": value}, None)
    _check(text)
    for _ in range(5):
        place = cut.randrange(len(text))
        _check(text[:place] + cut.choice(_PIECES) + text[place + cut.randrange(3) :])


@pytest.mark.parametrize("name", texts)
def test_hostile_texts(name: str) -> None:
    _check(texts[name][:20_000].decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("catalog", [CATALOGS / "good", CATALOGS / "questions", Path(__file__).parents[2]], ids=lambda path: path.name)
def test_every_file_of_a_catalog(catalog: Path) -> None:
    tree = Folder(catalog)
    files = [path for path in tree.paths() if path.endswith(".yaml")]  # and not signed statements
    quick = [_check(raw.decode("utf-8")) for _, raw in tree.read(files)]
    assert sum(quick) > 0.9 * len(quick), "most files are usual, or nothing is gained"
