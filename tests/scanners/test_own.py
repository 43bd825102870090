"""The program's own scanner: what passes, what fails, and what it says nothing of."""

import os
import pickle as python
import zipfile
from pathlib import Path

import pytest

from modelreg_cli.scanners.own import Own
from modelreg_cli.scanners.scanner import Sight, Verdict, line_of, verdict
from modelreg_cli.weights import pickle
from tests.scanners.made import EVIL, GGUF, GOOD_TORCH, SAFE, array, zipped
from tests.weights.made import gguf, put, safetensors, tensor
from tests.weights.test_pickle import TORCH


def look(tmp_path: Path, name: str, raw: bytes) -> Verdict:
    file = put(tmp_path / "file", raw)
    return Own().look([Sight(name, file, len(raw))])[0]


@pytest.mark.parametrize("name", EVIL)
def test_evil_fails_under_every_name_that_is_loaded_as_a_pickle(tmp_path: Path, name: str) -> None:
    for ending in (*pickle.ENDINGS, ".BIN"):
        found = look(tmp_path, f"model{ending}", EVIL[name])
        assert found.status == "failed" and found.findings, (ending, found)
    assert look(tmp_path, "model.safetensors", EVIL[name]).status == "failed"
    for other in ("model.gguf", "model.onnx", "model", "model.json", "model.npz"):
        assert look(tmp_path, other, EVIL[name]).status != "passed"


def test_nothing_of_an_evil_file_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> int:
        raise AssertionError("it ran")

    monkeypatch.setattr(os, "system", never)
    for raw in EVIL.values():
        look(tmp_path, "m.bin", raw)


PASSED = {
    "model.safetensors": SAFE,
    "model.gguf": GGUF,
    "pytorch_model.bin": GOOD_TORCH,
    "weights.pkl": TORCH,
    "model.safetensors.index.json": b'{"weight_map": {}}',
    "w.npy": array("'<f4'") + bytes(16),
    "records.npy": array("[('a', '<f4'), ('b', '|S8', (2,))]", version=2) + bytes(32),
    "w.npz": zipped({"a.npy": array("'<f4'") + bytes(16)}),
    # padded up to where the next tensor would begin, as writers do
    "padded.gguf": gguf({}, [("w", (3,), 0, 0)], 32),
}


@pytest.mark.parametrize("name", PASSED)
def test_what_holds_no_code_passes(tmp_path: Path, name: str) -> None:
    assert look(tmp_path, name, PASSED[name]).status == "passed"


def _damaged() -> bytes:
    """An archive whose packed bytes do not unpack."""
    raw = bytearray(zipped({"m/data.pkl": TORCH * 40}, zipfile.ZIP_DEFLATED))
    raw[45:75] = bytes(30)
    return bytes(raw)


FAILED = {
    "cut.safetensors": (SAFE[:-1], "ends after"),
    "long.safetensors": (SAFE + b"x", "belong to no tensor"),
    "zip.safetensors": (SAFE + zipped({"a": b"b"}), "belong to no tensor"),
    "cut.gguf": (GGUF[:-1], "ends after"),
    "long.gguf": (GGUF + bytes(32), "32 bytes behind it"),
    "zip.gguf": (GGUF + zipped({"a": b"b"}), "behind it that belong to no tensor"),
    "other.gguf": (SAFE, "does not begin with these letters"),
    "records.npy": (array("[('a', '<f4'), ('b', '|O')]") + b"cos\nsystem\n.", "os system"),
    "odd.npy": (array("[0]"), "no whole array"),
    "damaged.bin": (_damaged(), "can not be read"),
}


@pytest.mark.parametrize("name", FAILED)
def test_what_is_not_what_it_says_fails(tmp_path: Path, name: str) -> None:
    raw, words = FAILED[name]
    found = look(tmp_path, name, raw)
    assert found.status == "failed" and words in found.findings[0], found


SKIPPED = {
    "model.onnx": b"\x08\x07",
    "model": b"",
    "config.json": b"{",
    "ggml-model.bin": b"lmgg\x01\0\0\0",
    "openvino_model.bin": bytes(100),
    "model.keras": zipped({"config.json": b"{}", "model.weights.h5": b"\x89HDF"}),
    "notes.bin": zipped({"m/data.pkl": TORCH, "m/notes": b"cos\nsystem\n."}),
    "new.gguf": gguf({}, [("w", (32,), 999, 0)], 64),
    "newer.gguf": gguf({}, version=9),
    "new.safetensors": safetensors({"w": tensor("F1", [8], 0, 1)}, 1),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_of_what_is_not_known_nothing_is_said(tmp_path: Path, name: str) -> None:
    found = look(tmp_path, name, SKIPPED[name])
    assert found.status == "skipped" and found.findings


def test_old_files_of_torch_may_be_longer_than_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = b"".join(python.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {})) + TORCH + python.dumps(["0"], 2)
    monkeypatch.setattr(pickle, "MAX_PICKLE", len(start) + 10)
    assert look(tmp_path, "m.pt", start + bytes(100)).status == "passed"
    monkeypatch.setattr(pickle, "MAX_PICKLE", len(start) - 10)
    assert look(tmp_path, "m.pt", start + bytes(100)).status == "failed"


def test_findings_fit_a_record() -> None:
    found = verdict("failed", [f"imports {at}" for at in range(50)] + ["imports 0"])
    assert len(found.findings) == 21 and found.findings[-1] == "30 more"
    assert line_of("a\nb\x1b[2J\u202e\ud800") == "a\\nb\\x1b[2J\\u202e\\ud800"
    assert len(line_of("x" * 1000)) == 300


def test_what_lies_behind_the_bytes_that_are_read_is_not_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle, "MAX_PICKLE", len(TORCH))
    assert look(tmp_path, "m.pkl", TORCH).status == "passed"
    assert look(tmp_path, "m.pkl", TORCH + EVIL["protocol 0"]).status == "failed"
