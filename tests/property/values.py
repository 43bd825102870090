"""Generated values and documents."""

from typing import Any

from hypothesis import strategies as st

from modelreg_cli.catalog.text import FORBIDDEN

#: Any text that a file can carry.
any_text = st.text(st.characters(codec="utf-8"), max_size=40)
#: Text that looks like something else: numbers, dates, words of YAML 1.1, syntax.
tricky = st.one_of(
    st.sampled_from(
        [
            "no",
            "On",
            "Y",
            "null",
            "~",
            "",
            " ",
            "true",
            "False",
            "1e3",
            ".5",
            "5.",
            "0x1F",
            "0o7",
            "010",
            "1_000",
            "12:30",
            "12:30:45",
            "1:2",
            "2024-01-01",
            "2024-1-1",
            "2024-01-01 10:00:00",
            "2024-01-01T10:00:00Z",
            "<<",
            "=",
            "-",
            "- a",
            "?",
            "? a",
            ":",
            "a: b",
            "a:b",
            "a:",
            "#a",
            "a #b",
            "a#b",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "'a'",
            '"a"',
            "[a",
            "a]",
            "{a}",
            "a, b",
            "...",
            "---",
            "a\nb",
            "a\n",
            "\na",
            "a\n\nb",
            " a\nb",
            "a \nb",
            "a\n b",
            "\t",
            "a\tb",
            "\x85",
            "\u2028",
            "\ufeff",
            "\x00",
            "\x7f",
            "é",
            "\U000e0100",
            "😀",
            ".inf",
            "-.NaN",
            "+1",
            "-0",
            "0",
            "1",
            "1.0",
            "-1.5",
            "+.5",
            "0b11",
            "1e-5",
            "1.e5",
            "190:20:30",
            "0.",
            "1__0",
            "http://a/b",
            "a://b:c",
            "#\n",
            "a\n#b",
            "a\n# b\n",
            "- a\n- b",
            "key: |\n  x",
            "x:\ny",
            "\\",
            '\\"',
            "a\\nb",
            "\r",
            "a\r\nb",
            "/a",
            "(a",
            "+a",
            "..",
            ".a",
        ]
    ),
    st.text("0123456789-+.:_eExXobTZ ~nyft,[]{}#&*!|>'\"%@`", max_size=12),
    st.from_regex(r"[-+]?[0-9_]{1,4}([.:][0-9_]{0,3}){0,2}([eE][-+]?[0-9]{1,2})?", fullmatch=True),
)
text = st.one_of(any_text, tricky)
numbers = st.one_of(
    st.integers(1 - 2**53, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1e-5),
    st.sampled_from([5e-324, 1e-320, 1e22]),
)
scalars: st.SearchStrategy[Any] = st.one_of(st.booleans(), numbers, text)
keys = st.one_of(st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), text.filter(lambda key: len(key) < 60))


def collections(leaves: st.SearchStrategy[Any] = scalars) -> st.SearchStrategy[Any]:
    """Mappings at the top, anything below."""
    inner = st.recursive(leaves, lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4), max_leaves=12)
    return st.dictionaries(keys, inner, max_size=5)


def is_visible(string: str) -> bool:
    """Whether it may stand in a file as it is."""
    return not FORBIDDEN.search(string)
