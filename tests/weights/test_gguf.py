"""GGUF: what is read, what is refused, and the package `gguf` as oracle."""

import random
from pathlib import Path

import gguf as oracle
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.weights import gguf, types
from modelreg_cli.weights.gguf import Items
from modelreg_cli.weights.source import LocalFile, WrongWeights
from tests.measured import within
from tests.weights.made import Value, model, put
from tests.weights.made import gguf as made

ALL: dict[str, Value] = {
    "general.architecture": ("text", "owl"),
    "general.file_type": ("u32", 15),
    "a.u8": ("u8", 200),
    "a.i8": ("i8", -3),
    "a.u16": ("u16", 60_000),
    "a.i16": ("i16", -300),
    "a.i32": ("i32", -70_000),
    "a.f32": ("f32", 0.5),
    "a.u64": ("u64", 2**63),
    "a.i64": ("i64", -(2**40)),
    "a.f64": ("f64", 0.1),
    "a.bool": ("bool", True),
    "a.text": ("text", "ü"),
    "a.numbers": ("list i32", [3, -1, 4]),
    "a.bools": ("list bool", [True, False]),
    "a.texts": ("list text", ["a", "", "ccc"]),
    "a.lists": ("list list i32", [[1, 2], [3]]),
}
TENSORS = [("token_embd.weight", (64, 10), 0, 0), ("blk.0.w", (256, 3), 12, 2560), ("odd", (7,), 1, 2560 + 448)]
DATA = 2560 + 448 + 14


def read(path: Path, raw: bytes) -> gguf.Gguf:
    return gguf.read(LocalFile(put(path, raw)))


@pytest.mark.parametrize(("order", "version"), [("<", 3), (">", 3), ("<", 2)])
def test_every_type_in_both_orders(tmp_path: Path, order: str, version: int) -> None:
    header = read(tmp_path / "m.gguf", made(ALL, TENSORS, DATA, order=order, version=version))
    assert (header.version, header.big_endian) == (version, order == ">")
    assert header.values["a.u64"] == 2**63 and header.values["a.i64"] == -(2**40) and header.values["a.f64"] == 0.1
    assert header.values["a.i8"] == -3 and header.values["a.bool"] is True and header.values["a.text"] == "ü"
    assert header.values["a.numbers"] == Items(3, (3, -1, 4)) and header.values["a.bools"] == Items(2, (True, False))
    assert header.values["a.texts"] == Items(3, None) and header.values["a.lists"] == Items(2, None)
    assert [tensor[1:] for tensor in header.tensors] == [
        ((64, 10), "f32", 0, 2560),
        ((256, 3), "q4_k", 2560, 432),
        ((7,), "f16", 3008, 14),
    ]
    assert header.quantization == "q4_k_m" and header.end - header.data == DATA and header.tensor_bytes == 2560 + 432 + 14


def test_the_tables_of_types_are_those_of_the_package() -> None:
    sizes = {int(kind): (kind.name.lower(), *size) for kind, size in oracle.GGML_QUANT_SIZES.items()}
    assert {kind: sizes[kind] for kind in types.GGML if kind in sizes} == {kind: row for kind, row in types.GGML.items() if kind in sizes}
    assert set(sizes) <= set(types.GGML)
    names = {int(kind): kind.name.removeprefix("MOSTLY_").removeprefix("ALL_").lower() for kind in oracle.LlamaFileType}
    assert {kind: names[kind] for kind in types.GGUF_FILE if kind in names} == {k: v for k, v in types.GGUF_FILE.items() if k in names}


def test_files_of_the_package_are_read_as_the_package_reads_them(tmp_path: Path) -> None:
    for order in (oracle.GGUFEndian.LITTLE, oracle.GGUFEndian.BIG):
        path = tmp_path / f"{order.name}.gguf"
        writer = oracle.GGUFWriter(path, "llama", endianess=order)
        writer.add_block_count(2)
        writer.add_context_length(4096)
        writer.add_token_list([f"token {at}" for at in range(3000)])
        writer.add_array("llama.attention.head_count_kv", [1, 2])
        writer.add_tensor("a.weight", np.zeros((64, 32), dtype=np.float32))
        writer.add_tensor("b.weight", np.zeros((4, 34), dtype=np.uint8), raw_dtype=oracle.GGMLQuantizationType.Q8_0)
        writer.add_tensor("c", np.zeros(7, dtype=np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        ours, theirs = gguf.read(LocalFile(path)), oracle.GGUFReader(path)
        assert ours.data == theirs.data_offset
        assert [(one.name, one.shape, one.bytes, ours.data + one.offset) for one in ours.tensors] == [
            (one.name, tuple(int(size) for size in one.shape), int(one.n_bytes), int(one.data_offset)) for one in theirs.tensors
        ]
        assert ours.number("llama.context_length") == 4096 and ours.values["tokenizer.ggml.tokens"] == Items(3000, None)
        assert ours.values["llama.attention.head_count_kv"] == Items(2, (1, 2))


def test_ours_are_read_by_the_package(tmp_path: Path) -> None:
    """The files that these tests make are GGUF to others as well."""
    flat = {key: value for key, value in ALL.items() if key != "a.lists"}
    theirs = oracle.GGUFReader(put(tmp_path / "m.gguf", made(flat, TENSORS, DATA)))
    assert [tensor.name for tensor in theirs.tensors] == [tensor[0] for tensor in TENSORS]


_HUGE = 2**60
WRONG = {
    "other format": b"PK\x03\x04" + bytes(100),
    "empty": b"",
    "version 1": made({}, version=1),
    "version 9": made({}, version=9),
    "2^60 tensors": made({}, counts=(_HUGE, 0)),
    "2^60 values": made({}, counts=(0, _HUGE)),
    "more values than there are": made({"a": ("u8", 1)}, counts=(0, 5)),
    "a text of 2^60 bytes": made([("a", ("raw", b"\x08\0\0\0" + _HUGE.to_bytes(8, "little")))]),
    "a text of 4 GB": made([("a", ("raw", b"\x08\0\0\0" + (2**32).to_bytes(8, "little")))]),
    "a list of 2^60 numbers": made([("a", ("raw", b"\x09\0\0\0\x05\0\0\0" + _HUGE.to_bytes(8, "little")))]),
    "a list of 2^60 texts": made([("a", ("raw", b"\x09\0\0\0\x08\0\0\0" + _HUGE.to_bytes(8, "little")))]),
    "a list of many lists": made([("a", ("raw", b"\x09\0\0\0\x09\0\0\0" + (10**6).to_bytes(8, "little") + bytes(12 * 10**6)))]),
    "lists in lists in lists": made({"a": ("list list list list list i32", [[[[[1]]]]])}),
    "an unknown type": made([("a", ("raw", b"\x63\0\0\0"))]),
    "a list of an unknown type": made([("a", ("raw", b"\x09\0\0\0\x63\0\0\0" + (1).to_bytes(8, "little")))]),
    "a truth of 7": made({"a": ("bool", 7)}),
    "a key twice": made([("a", ("u8", 1)), ("a", ("u8", 2))]),
    "a tensor twice": made({}, [("t", (32,), 0, 0), ("t", (32,), 0, 128)], 256),
    "five dimensions": made({}, [("t", (1, 1, 1, 1, 1), 0, 0)], 4),
    "2^32 dimensions": made({}, [("t", (), 0, 0)], 4)[:-44].replace(b"\x01\0\0\0\0\0\0\0t\0\0\0\0", b"\x01\0\0\0\0\0\0\0t\xff\xff\xff\xff"),
    "a tensor of 2^200": made({}, [("t", (2**63, 2**63, 2**63), 0, 0)], 4),
    "a type that is gone": made({}, [("t", (32,), 4, 0)], 128),
    "half a block": made({}, [("t", (33,), 8, 0)], 128),
    "tensors that overlap": made({}, [("t", (32,), 0, 0), ("u", (32,), 0, 64)], 256),
    "between two places": made({}, [("t", (32,), 0, 7)], 256),
    "an alignment of 0": made({"general.alignment": ("u32", 0)}, [("t", (32,), 0, 0)], 128),
    "an alignment of 3": made({"general.alignment": ("u32", 3)}, [("t", (32,), 0, 0)], 128),
    "an alignment of text": made({"general.alignment": ("text", "32")}, [("t", (32,), 0, 0)], 128),
    "cut in the data": made(ALL, TENSORS, DATA)[:-1],
    "cut in the header": made(ALL, TENSORS, DATA)[:200],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_soon_and_in_little_memory(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "m.gguf", WRONG[name])
    with within(1, 20_000_000), pytest.raises(WrongWeights) as caught:
        gguf.read(LocalFile(path))
    assert caught.value.message.startswith("m.gguf ") or "m.gguf:" in caught.value.message
    assert caught.value.hint and caught.value.exit_code == 2


def test_a_claim_that_a_sparse_file_seems_to_bear_out(tmp_path: Path) -> None:
    """A file may say that it is large without being it."""
    path = put(tmp_path / "m.gguf", made([("a", ("raw", b"\x09\0\0\0\x08\0\0\0" + (2**22).to_bytes(8, "little")))]))
    with path.open("r+b") as file:
        file.truncate(2**36)
    with within(20, 50_000_000):
        header = gguf.read(LocalFile(path))
    assert header.values["a"] == Items(2**22, None)


def test_split_files(tmp_path: Path) -> None:
    for at in range(3):
        extra: dict[str, Value] = {"split.no": ("u16", at), "split.count": ("u16", 3), "split.tensors.count": ("i32", 3)}
        first = model("llama", block_count=1) if at == 0 else {}
        put(tmp_path / f"m-0000{at + 1}-of-00003.gguf", made({**first, **extra}, [(f"t{at}", (32,), 0, 0)], 128))
    for start in (1, 3):
        header, sources = gguf.read_all(LocalFile(tmp_path / f"m-0000{start}-of-00003.gguf"))
        assert [source.name for source in sources] == [f"m-0000{at}-of-00003.gguf" for at in (1, 2, 3)]
        assert [tensor.name for tensor in header.tensors] == ["t0", "t1", "t2"] and header.number("llama.block_count") == 1
    (tmp_path / "m-00002-of-00003.gguf").rename(tmp_path / "gone")
    with pytest.raises(WrongWeights, match="m-00002-of-00003"):
        gguf.read_all(LocalFile(tmp_path / "m-00001-of-00003.gguf"))
    put(tmp_path / "m-00002-of-00003.gguf", (tmp_path / "m-00003-of-00003.gguf").read_bytes())
    with pytest.raises(WrongWeights, match="another file of the split"):
        gguf.read_all(LocalFile(tmp_path / "m-00001-of-00003.gguf"))
    renamed = put(tmp_path / "first.gguf", (tmp_path / "m-00001-of-00003.gguf").read_bytes())
    with pytest.raises(WrongWeights, match="does not tell the others"):
        gguf.read_all(LocalFile(renamed))


_VALID = made(ALL, TENSORS, DATA)


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(_VALID) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(_VALID)))
def test_damage_is_a_result_or_the_one_error(tmp_path: Path, changes: list[tuple[int, int]], end: int) -> None:
    raw = bytearray(_VALID)
    for at, byte in changes:
        raw[at] = byte
    try:
        read(tmp_path / "m.gguf", bytes(raw[: end if end % 3 == 0 else None]))
    except WrongWeights as error:
        assert error.hint


def test_noise_behind_the_magic(tmp_path: Path) -> None:
    noise = random.Random(7)
    for _ in range(200):
        head = b"GGUF\x03\0\0\0" + noise.randrange(1, 5).to_bytes(8, "little") + noise.randrange(1, 9).to_bytes(8, "little")
        with pytest.raises(WrongWeights):
            read(tmp_path / "m.gguf", head + noise.randbytes(400))
