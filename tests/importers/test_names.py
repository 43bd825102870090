"""Which wire ids can name which base model."""

import pytest

from modelreg_cli.importers.linking.ids import HUB
from modelreg_cli.importers.linking.names import contradiction, is_dated, name_of, precision
from modelreg_cli.importers.models_dev.shape import BaseFacts, Weights
from modelreg_cli.importers.models_dev.source import Base

_BASES = {
    base.key: base
    for base in (
        Base("wren", id_, BaseFacts(name=name, release_date=day, weights=[Weights(url=f"{HUB}{repo}")] if repo else []), "")
        for id_, name, day, repo in (
            ("lark-4-0", "Lark 4 (latest)", "2025-05-22", ""),
            ("lark-4-20250514", "Lark 4", "2025-05-22", ""),
            ("lark-4-5-20250929", "Lark 4.5", "2025-09-29", ""),
            ("lark-5.2", "Lark 5.2", "2025-12-11", ""),
            ("lark-5.2-pro", "Lark 5.2 Pro", "2025-12-11", ""),
            ("finch-r1", "Finch-R1", "2025-01-20", "Wren/Finch-R1"),
            ("finch-reasoner", "Finch Reasoner", "2025-12-01", "Wren/Finch-V3.2"),
            ("swift-small-2603", "Swift Small 4", "2026-03-16", "Wren/Swift-Small-4-119B-2603"),
            ("swift-large-latest", "Swift Large (latest)", "2025-12-02", ""),
            ("robin3-235b-a22b", "Robin3 235B-A22B", "2025-04", "Wren/Robin3-235B-A22B"),
            ("robin3.1-lite-preview", "Robin 3.1 Lite Preview", "2026-03-03", ""),
            ("robin3.1-lite", "Robin 3.1 Lite", "2026-05-07", ""),
            ("robin3.1-max-preview", "Robin 3.1 Max Preview", "2026-03-03", ""),
            ("kite-k2.7-code", "Kite K2.7 Code", "2026-06-12", "Wren/Kite-K2.7-Code"),
            ("kite-k2.7-code-highspeed", "Kite K2.7 Code Highspeed", "2026-06-12", "Wren/Kite-K2.7-Code"),
            ("owl-m2.5", "Owl-M2.5", "2026-02-12", "Wren/Owl-M2.5"),
            ("heron-3-super-120b-a12b", "Heron 3 Super 120B A12B", "2026-03-11", ""),
            ("heron-nano-9b-v2", "Heron Nano 9B v2", "2025-08-18", ""),
        )
    )
}  # fmt: skip
_NAMES = {key: name_of(base) for key, base in _BASES.items()}


@pytest.mark.parametrize(
    ("wire_id", "key"),
    [
        ("lark-4", "lark-4-0"),  # the name tells that 4.0 is 4
        ("wren/lark-4.5", "lark-4-5-20250929"),
        ("us.wren.lark-4-5-20250929-v1:0", "lark-4-5-20250929"),
        ("lark-4@20250514", "lark-4-20250514"),
        ("hosted-lark-52", "lark-5.2"),  # 52 is 5.2 without its dot
        ("lark-5-2", "lark-5.2"),
        ("wren/lark-5.2:free", "lark-5.2"),
        ("@cf/wren/lark-5.2-fp8-fast", "lark-5.2"),
        ("route/lark-5.2-6bit", "lark-5.2"),
        ("lark-5.2-202k", "lark-5.2"),
        ("Wren/Lark-5.2-TEE", "lark-5.2"),
        ("lark-5.2-nvfp4", "lark-5.2"),
        ("swift-small-4-119b-2603", "swift-small-2603"),  # the repository says the size
        ("owl-m25", "owl-m2.5"),
        ("hf:Wren/Owl-M2.5", "owl-m2.5"),
        ("wren/chat-completion/models/Owl-M2_5", "owl-m2.5"),
        ("robin-3-1-max", "robin3.1-max-preview"),  # nothing else is called so
        ("heron-3-super:120b", "heron-3-super-120b-a12b"),
        ("wren/Heron-120B-A12B", "heron-3-super-120b-a12b"),  # the sizes tell
        ("wren.heron-super-3-120b", "heron-3-super-120b-a12b"),
        ("heron-nano-9b-v2", "heron-nano-9b-v2"),
        ("kite-k2.7-code-flex", "kite-k2.7-code"),
        ("nest-turbo", "kite-k2.7-code"),  # a provider's own brand says nothing
    ],
)
def test_accepted(wire_id: str, key: str) -> None:
    assert contradiction(wire_id, _NAMES[f"wren/{key}"], _NAMES.values()) is None


@pytest.mark.parametrize(
    ("wire_id", "key", "word"),
    [
        ("hosted-lark-4", "lark-4-5-20250929", "'5'"),  # another generation
        ("lark-5.2", "lark-4-5-20250929", "'2'"),
        ("@cf/wren/finch-r1-distill-robin-32b", "finch-r1", "distill"),  # another model, trained from it
        ("wren/finch-r1", "finch-reasoner", "r1"),
        ("route/swift-small-2503", "swift-small-2603", "2503"),  # another date
        ("swift-large2", "swift-large-latest", "'2'"),
        ("Robin3-235B-A22B-Instruct-2507", "robin3-235b-a22b", "instruct"),
        ("robin3-32b-a22b", "robin3-235b-a22b", "32b"),  # another size
        ("hosted-robin-3-1-lite", "robin3.1-lite-preview", "robin3.1-lite fits"),
        ("route/lark-5.2", "lark-5.2-pro", "lark-5.2 fits"),
        ("kite-k2.7-code-highspeed", "kite-k2.7-code", "highspeed fits"),
        ("heron-nano-9b-v3", "heron-nano-9b-v2", "v3"),
        ("lark-5.2-thinking", "lark-5.2", "thinking"),
        ("lark-5.2-non-pro", "lark-5.2-pro", "non"),
    ],
)
def test_refused(wire_id: str, key: str, word: str) -> None:
    against = contradiction(wire_id, _NAMES[f"wren/{key}"], _NAMES.values())
    assert against is not None and word in against


@pytest.mark.parametrize(
    ("wire_id", "version", "dated"),
    [
        ("gull-2024-08-06", "2024-08-06", True),
        ("gull@20240806", "2024-08-06", True),
        ("gull-2512", "2512", True),
        ("gull-08-2024", "08-2024", True),
        ("gull", "2512", False),
        ("gull-25120", "2512", False),  # part of another number
        ("gull-3", "3", False),
    ],
)
def test_dated(wire_id: str, version: str, dated: bool) -> None:
    assert is_dated(wire_id, version) is dated


def test_precision() -> None:
    assert precision("wren/Lark-5.2-FP8") == "fp8"
    assert precision("wren/lark-5.2") is None
