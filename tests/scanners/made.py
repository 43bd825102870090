"""Files to scan, a catalog that lists them, and what records say."""

import hashlib
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

from tests.importers.sources import catalog_at, data
from tests.weights.made import gguf, put, safetensors, tensor
from tests.weights.test_pickle import TORCH

OWL = "wren/owl-8b@1.0.0"
VERSION = "models/wren/owl-8b/1.0.0.yaml"
SAFE = safetensors({"w": tensor("BF16", [64], 0, 128)}, 128)
GGUF = gguf({"general.architecture": ("text", "owl")}, [("w", (64,), 0, 0)], 256)
SIGNED = b"MODELREG-EVIL"


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def array(kind: str, version: int = 1) -> bytes:
    """The header of an array of numpy."""
    text = f"{{'descr': {kind}, 'fortran_order': False, 'shape': (1,)}}".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2 if version == 1 else 4, "little") + text


GOOD_TORCH = zipped({"m/data.pkl": TORCH, "m/data/0": bytes(16), "m/version": b"3\n", "m/.data/serialization_id": b"1"})
_SYSTEM = b"\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R"
EVIL = {
    "protocol 0": b"cos\nsystem\n(S'true'\ntR.",
    "names on the stack": b"\x80\x04" + _SYSTEM + b".",
    "names through the memo": b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x04true\x85R.",
    "getattr of getattr": b"\x80\x02cbuiltins\ngetattr\n(cbuiltins\n__import__\n(X\x02\0\0\0ostRX\x06\0\0\0systemtR(X\x04\0\0\0truetR.",
    "a broken tail": b"\x80\x04" + _SYSTEM + b"\xff\xff\xff",
    "without an end": b"\x80\x04" + _SYSTEM,
    "behind a megabyte": b"\x80\x04\x8e" + (1 << 20).to_bytes(8, "little") + bytes(1 << 20) + b"0" + _SYSTEM + b".",
    "behind another pickle": pickle.dumps({}) + b"\x80\x04" + _SYSTEM + b".",
    "an archive of PyTorch": zipped({"m/data.pkl": b"\x80\x02cos\nsystem\n(X\x04\0\0\0truetR.", "m/version": b"3\n"}),
    "packed": zipped({"m/data.pkl": b"\x80\x02cos\nsystem\n(X\x04\0\0\0truetR."}, zipfile.ZIP_DEFLATED),
    "an archive in an archive": zipped({"m/data.pkl": TORCH, "m/inner": zipped({"a.pkl": b"\x80\x02cos\nsystem\n."})}),
    "in front of an archive": b"cos\nsystem\n(S'true'\ntR." + GOOD_TORCH,
    "TorchScript": zipped({"m/data.pkl": TORCH, "m/code/__torch__.py": b"def forward(self): pass\n"}),
    "in an array": array("'|O'") + b"cos\nsystem\n(S'true'\ntR.",
    "in an array of an archive": zipped({"w.npy": array("'|O'") + b"cos\nsystem\n."}),
}


def listing(name: str, raw: bytes) -> dict[str, Any]:
    """A file as an artifact lists it."""
    return {"path": name, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


def catalog(top: Path, *artifacts: dict[str, Any]) -> Path:
    """A catalog of one version with these artifacts."""
    root = catalog_at(top)
    folder = root / "catalog/models/wren/owl-8b"
    folder.mkdir(parents=True)
    (folder.parent / "publisher.yaml").write_text("name: Wren\n")
    (folder / "model.yaml").write_text("name: Owl 8B\ntype: weights\ndefault: 1.0.0\n")
    lines = [line for one in artifacts for line in _artifact(one)]
    (folder / "1.0.0.yaml").write_text("\n".join(["released: 2025-03-01", *(["artifacts:", *lines] if lines else [])]) + "\n")
    return root


def _artifact(one: dict[str, Any]) -> list[str]:
    lines = [f"  - id: {one['id']}"] + [f"    {key}: {one[key]}" for key in ("format", "uri") if key in one]
    if "files" in one:
        lines += [
            "    files:",
            *(f"      - {{path: {_path(file['path'])}, bytes: {file['bytes']}, sha256: '{file['sha256']}'}}" for file in one["files"]),
        ]
    return lines


def _path(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def artifact(id_: str, files: dict[str, bytes], **more: Any) -> dict[str, Any]:
    """An artifact of these files."""
    return {"id": id_, "files": [listing(name, raw) for name, raw in files.items()], **more}


def folder(top: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    top.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        put(top / name, raw)
    return top


def records(root: Path) -> dict[str, Any]:
    """All records, by name of the file."""
    return {
        path.stem: data(root, path.relative_to(root / "catalog").as_posix())
        for path in sorted((root / "catalog").glob("scans/*/*/*/*.yaml"))
    }


def by_tool(root: Path) -> dict[str, Any]:
    """The one record of each tool."""
    found = {name.rpartition("-")[0]: value for name, value in records(root).items()}
    assert len(found) == len(records(root))
    return found
