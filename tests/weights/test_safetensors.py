"""Safetensors: what is read, what is refused, and the package `safetensors` as oracle."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from modelreg_cli.weights import parameters, safetensors
from modelreg_cli.weights.source import LocalFile, WrongWeights
from tests.measured import within
from tests.weights.made import put, tensor
from tests.weights.made import safetensors as made


def read(path: Path, raw: bytes) -> safetensors.Safetensors:
    return safetensors.read(LocalFile(put(path, raw)))


def test_files_of_the_package_are_read_as_the_package_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    kinds = (np.float16, np.float32, np.float64, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.bool_)
    save_file({f"t.{np.dtype(kind).name} ü": np.zeros((2, at, 3), dtype=kind) for at, kind in enumerate(kinds)}, path, {"k": 'v{}"\\'})
    ours = safetensors.read(LocalFile(path))
    assert ours.metadata == {"k": 'v{}"\\'}
    with safe_open(path, framework="numpy") as theirs:
        assert sorted(one.name for one in ours.tensors) == sorted(theirs.keys())
        for one in ours.tensors:
            part = theirs.get_slice(one.name)
            assert (list(one.shape), one.type) == (part.get_shape(), part.get_dtype())


ONE = {"a": tensor("F32", [2, 3], 0, 24)}
RIGHT: dict[str, bytes] = {
    "one": made(ONE, 24),
    "none": made({}),
    "none, with space": made("{ }   "),
    "padded": made(json.dumps(ONE) + "     ", 24),
    "no dimensions": made({"a": tensor("F32", [], 0, 4)}, 4),
    "no elements": made({"a": tensor("F32", [0, 7], 0, 0)}),
    "half bytes": made({"a": tensor("F4", [2, 3], 0, 3)}, 3),
    "spaces and lines": made(json.dumps({"__metadata__": {"a": "}{"}, **ONE}, indent=2), 24),
    "out of order": made({"b": tensor("U8", [2], 4, 6), "a": tensor("F32", [1], 0, 4)}, 6),
}
_DEEP = "[" * 200_000
WRONG: dict[str, bytes] = {
    "empty": b"",
    "seven bytes": bytes(7),
    "2^60 bytes of header": made("{}", length=2**60),
    "2^64-1 bytes of header": made("{}", length=2**64 - 1),
    "101 MB of header": made("{}", length=101_000_000),
    "more header than file": made("{}", length=1000),
    "no object": made("[]"),
    "text": made("hello"),
    "not UTF-8": made("{}")[:8] + b"\xff}",
    "cut": made(ONE, 23),
    "more bytes than tensors": made(ONE, 25),
    "twice": made(f'{{"a": {json.dumps(ONE["a"])}, "a": {json.dumps(ONE["a"])}}}', 24),
    "a field twice": made('{"a": {"dtype": "F32", "dtype": "F16", "shape": [2, 3], "data_offsets": [0, 24]}}', 24),
    "metadata twice": made('{"__metadata__": {}, "__metadata__": {}}'),
    "metadata of numbers": made({"__metadata__": {"a": 1}}),
    "overlap": made({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 2, 6)}, 6),
    "hole": made({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 6, 10)}, 10),
    "not from the start": made({"a": tensor("U8", [4], 2, 6)}, 6),
    "backwards": made({"a": tensor("U8", [4], 4, 0)}, 4),
    "wrong size": made({"a": tensor("F32", [2, 3], 0, 12)}, 12),
    "unknown type": made({"a": tensor("F128", [1], 0, 16)}, 16),
    "type of a number": made({"a": {"dtype": 5, "shape": [1], "data_offsets": [0, 4]}}, 4),
    "shape below zero": made({"a": tensor("U8", [-1], 0, 0)}),
    "shape of 2^62 squared": made({"a": tensor("U8", [2**62, 2**62], 0, 8)}, 8),
    "shape of fractions": made('{"a": {"dtype": "U8", "shape": [1.0], "data_offsets": [0, 1]}}', 1),
    "shape of truths": made('{"a": {"dtype": "U8", "shape": [true], "data_offsets": [0, 1]}}', 1),
    "a number of 5,000 digits": made('{"a": {"dtype": "U8", "shape": [' + "9" * 5000 + '], "data_offsets": [0, 1]}}', 1),
    "not a number": made('{"a": {"dtype": "U8", "shape": [NaN], "data_offsets": [0, 1]}}', 1),
    "deep": made(f'{{"a": {_DEEP}}}'),
    "deep in an entry": made(f'{{"a": {{"dtype": {_DEEP}}}}}'),
    "open text": made('{"a'),
    "open metadata": made('{"__metadata__": {"' + "a" * 100_000),
    "a comma too many": made('{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},}', 1),
    "behind the end": made('{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}} {', 1),
    "bare words": made("{a: 1}"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_right_to_both(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "m.safetensors", RIGHT[name])
    ours = safetensors.read(LocalFile(path))
    with safe_open(path, framework="numpy") as theirs:
        assert sorted(one.name for one in ours.tensors) == sorted(theirs.keys())


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_soon_and_in_little_memory(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "m.safetensors", WRONG[name])
    with within(1, 20_000_000), pytest.raises(WrongWeights) as caught:
        safetensors.read(LocalFile(path))
    assert caught.value.hint and "m.safetensors" in caught.value.message


#: Where this reader is stricter than the package: fields and tensors told twice, of which the package takes the last.
STRICTER = ("twice", "a field twice", "metadata twice")


@pytest.mark.parametrize("name", [name for name in WRONG if name not in STRICTER])
def test_what_is_wrong_is_wrong_to_the_package(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "m.safetensors", WRONG[name])
    with pytest.raises((SafetensorError, OSError, ValueError)), safe_open(path, framework="numpy"):
        pass


_VALID = made({"__metadata__": {"format": "pt"}, "a.b": tensor("F16", [2, 3], 0, 12), "c": tensor("I64", [1], 12, 20)}, 20)


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(_VALID) - 1), st.integers(0, 255)), max_size=5), st.integers(0, len(_VALID)))
def test_damage_is_a_result_or_the_one_error(tmp_path: Path, changes: list[tuple[int, int]], end: int) -> None:
    raw = bytearray(_VALID)
    for at, byte in changes:
        raw[at] = byte
    path = put(tmp_path / "m.safetensors", bytes(raw[: end if end % 3 == 0 else None]))
    try:
        ours = safetensors.read(LocalFile(path))
    except WrongWeights:
        return
    with safe_open(path, framework="numpy") as theirs:  # never more lenient than the package
        assert sorted(one.name for one in ours.tensors) == sorted(theirs.keys())


def _sharded(folder: Path, **changes: Any) -> LocalFile:
    map_ = {"a": "m-1.safetensors", "b": "m-2.safetensors", **changes}
    put(folder / "m-1.safetensors", made({"a": tensor("F16", [4], 0, 8)}, 8))
    put(folder / "m-2.safetensors", made({"b": tensor("BF16", [2], 0, 4)}, 4))
    map_ = {key: value for key, value in map_.items() if value}
    return LocalFile(put(folder / safetensors.INDEX, json.dumps({"metadata": {}, "weight_map": map_}).encode()))


def test_shards(tmp_path: Path) -> None:
    header, sources = safetensors.read_all(_sharded(tmp_path))
    assert [one.name for one in sources] == ["m-1.safetensors", "m-2.safetensors"] and header.tensor_bytes == 12
    assert parameters.count(header, None) == {"total": 6} and parameters.precision(header) == "f16"


@pytest.mark.parametrize(
    "changes",
    [
        {"a": "../m-1.safetensors"},
        {"a": "/etc/passwd"},
        {"a": "m-1.safetensors\0"},
        {"a": "gone.safetensors"},
        {"a": "m-2.safetensors"},
        {"c": "m-1.safetensors"},
        {"a": "", "b": ""},
        {"a": 7},
    ],
)
def test_an_index_that_does_not_fit_its_files(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(WrongWeights):
        safetensors.read_all(_sharded(tmp_path, **changes))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weight_map": []}', "[" * 100_000, "\x00"])
def test_an_index_that_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongWeights, match="not an index"):
        safetensors.read_all(LocalFile(put(tmp_path / safetensors.INDEX, text.encode())))


def test_parameters_are_counted_over_what_is_a_weight() -> None:
    def header(**shapes: tuple[str, int]) -> safetensors.Safetensors:
        return safetensors.Safetensors({}, tuple(safetensors.Tensor(name, kind, (size,), 0, 0) for name, (kind, size) in shapes.items()))

    mixture = {"a.experts.0.w": ("BF16", 6000), "a.experts.1.w": ("BF16", 6000), "a.shared_experts.w": ("BF16", 500), "b": ("F32", 100)}
    assert parameters.count(header(**mixture), None) == {"total": 12_600}
    assert parameters.count(header(**mixture), {"total": 2, "active": 1}) == {"total": 12_600, "active": 6_600}
    scaled = {"w": ("F8_E4M3", 10_000), "w_scale_inv": ("F32", 100), "e": ("F8_E8M0", 300), "position_ids": ("I64", 5)}
    assert parameters.count(header(**scaled), None) == {"total": 10_000}
    assert parameters.count(header(w=("F16", 100), qweight=("I32", 10_000)), None) is None
    assert parameters.count(header(), None) is None
