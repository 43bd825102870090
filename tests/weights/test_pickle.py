"""Pickles are listed and never loaded: crafted ones do nothing and are flagged, those of tensors are clean."""

import builtins
import collections
import io
import os
import pickle as python
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.weights import pickle
from modelreg_cli.weights.source import LocalFile
from tests.weights.made import put


class Call:
    """Something that calls a function when it is loaded."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def read(path: Path, raw: bytes) -> pickle.Pickles:
    return pickle.read(LocalFile(put(path, raw)))


def names(found: pickle.Pickles) -> set[str]:
    return {one.name for one in found.imports if not one.allowed}


@pytest.mark.parametrize("protocol", range(6))
def test_calls_are_listed_in_every_protocol(tmp_path: Path, protocol: int) -> None:
    marker = tmp_path / "ran"
    raw = python.dumps({"w": [1, Call(os.system, f"touch {marker}")]}, protocol=protocol)
    found = read(tmp_path / "m.bin", raw)
    assert names(found) == {f"{os.system.__module__} system"} and not found.clean
    assert not marker.exists()


def test_tensors_of_plain_values_are_clean(tmp_path: Path) -> None:
    for protocol in range(6):
        found = read(tmp_path / "m.bin", python.dumps(collections.OrderedDict(a=1, b=[1.5, "x", None, (1, 2)], c={1}), protocol=protocol))
        assert found.clean, found


def _global(module: str, name: str, *, memo: bool = False) -> bytes:
    """A name that is put together on the stack."""
    parts = [b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name)]
    return b"\x94".join(parts) + b"\x94\x93" if memo else parts[0] + parts[1] + b"\x93"


CRAFTED = {
    "through the memo": (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93.", {"os system"}),
    "put and get": (b"\x80\x02X\x02\0\0\0osq\x05X\x06\0\0\0systemq\x060h\x05h\x06\x93.", {"os system"}),
    "long put and get": (b"\x80\x02X\x02\0\0\0osr\x05\0\0\0X\x06\0\0\0systemr\x06\0\0\x000j\x05\0\0\0j\x06\0\0\0\x93.", {"os system"}),
    "twice the same": (b"\x80\x04\x8c\x02os2\x93.", {"os os"}),
    "instance": (b"(S'true'\nios\nsystem\n.", {"os system"}),
    "global": (b"cos\nsystem\n(S'true'\ntR.", {"os system"}),
    "dotted": (b"\x80\x04" + _global("torch", "storage.os.system") + b".", {"torch storage.os.system"}),
    "a space in a name": (b"\x80\x04" + _global("torch", "_utils _rebuild_tensor") + b".", {"torch _utils _rebuild_tensor"}),
    "pickle in a pickle": (b"\x80\x04" + _global("pickle", "loads") + b"C\x05cos\n.\x85R.", {"pickle loads"}),
    "eval": (b"\x80\x04" + _global("builtins", "eval") + b".", {"builtins eval"}),
    "getattr": (b"\x80\x04" + _global("builtins", "getattr") + b".", {"builtins getattr"}),
    "timeit": (b"\x80\x04" + _global("timeit", "timeit") + b".", {"timeit timeit"}),
    "a second pickle": (python.dumps({}) + b"cos\nsystem\n.", {"os system"}),
}
FLAGGED = {
    "name of a list": b"\x80\x04]\x8c\x06system\x93.",
    "name that is computed": b"\x80\x04" + _global("builtins", "str") + b"\x8c\x02os\x85R\x8c\x06system\x93.",
    "name from a persistent id": b"\x80\x04\x8c\x01aQ\x8c\x06system\x93.",
    "name of nothing": b"\x80\x04\x93.",
    "a memo that is not there": b"\x80\x04h\x07\x8c\x06system\x93.",
    "name by number": b"\x80\x02\x82\x01.",
    "noise": b"\x80\x04\xff\xfe\xfd",
    "without an end": b"\x80\x04]",
    "a text of 2^60 bytes": b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b"x.",
}


@pytest.mark.parametrize("name", CRAFTED)
def test_crafted_names_are_found(tmp_path: Path, name: str) -> None:
    raw, expected = CRAFTED[name]
    found = read(tmp_path / "m.pkl", raw)
    assert expected <= names(found) and not found.clean


@pytest.mark.parametrize("name", FLAGGED)
def test_what_is_not_understood_is_flagged(tmp_path: Path, name: str) -> None:
    assert not read(tmp_path / "m.pkl", FLAGGED[name]).clean


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


TORCH = b"".join(
    (
        b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n",
        b"((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQK\0K\x04\x85K\x01\x85\x89",
        b"ccollections\nOrderedDict\n)RtRu.",
    )
)


def test_archives_of_torch(tmp_path: Path) -> None:
    tensors = b"\x80\x02cos\nsystem\n."  # the numbers of a tensor may look like anything
    found = read(tmp_path / "m.bin", _zip({"m/data.pkl": TORCH, "m/data/0": tensors, "m/version": b"3\n"}))
    assert found.clean and {one.member for one in found.imports} == {"m/data.pkl"}
    for member in ("m/data.pkl", "m/deep/er/x.pkl", "m/constants.pkl", "extra.bin", "strange"):
        found = read(tmp_path / "m.bin", _zip({"m/data.pkl": TORCH} | {member: b"\x80\x02cos\nsystem\n."}))
        assert names(found) == {"os system"}, member
    assert not read(tmp_path / "m.bin", _zip({"m/inner": _zip({"a.pkl": TORCH})})).clean


def test_a_pickle_with_an_archive_behind_it(tmp_path: Path) -> None:
    found = read(tmp_path / "m.bin", b"\x80\x02cos\nsystem\n." + _zip({"m/data.pkl": TORCH}))
    assert "os system" in names(found) and not found.clean


def test_old_files_of_torch(tmp_path: Path) -> None:
    parts = [python.dumps(0x1950A86A20F9469CFC6C, 2), python.dumps(1001, 2), python.dumps({"little_endian": True}, 2), TORCH]
    raw = b"".join([*parts, python.dumps(["0"], 2)]) + struct.pack("<q4f", 4, 1, 2, 3, 4)
    assert read(tmp_path / "m.pt", raw).clean
    evil = b"".join([*parts[:3], b"\x80\x02cos\nsystem\n.", python.dumps(["0"], 2)])
    assert names(read(tmp_path / "m.pt", evil)) == {"os system"}


def test_nothing_is_ever_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("loaded")

    for where, name in ((python, "loads"), (python, "load"), (builtins, "eval"), (builtins, "exec")):
        monkeypatch.setattr(where, name, never)
    for raw, _ in CRAFTED.values():
        read(tmp_path / "m.pkl", raw)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pickletools")
@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(TORCH) - 1), st.integers(0, 255)), max_size=5), st.binary(max_size=20))
def test_damage_is_a_list_with_flags(tmp_path: Path, changes: list[tuple[int, int]], more: bytes) -> None:
    raw = bytearray(TORCH)
    for at, byte in changes:
        raw[at] = byte
    read(tmp_path / "m.pkl", bytes(raw) + more)
