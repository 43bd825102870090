"""Files of weights, made byte by byte, so that wrong ones can be made as well."""

import json
import struct
from pathlib import Path
from typing import Any

_NUMBERS = {"u8": (0, "B"), "i8": (1, "b"), "u16": (2, "H"), "i16": (3, "h"), "u32": (4, "I"), "i32": (5, "i")}
_NUMBERS |= {"f32": (6, "f"), "u64": (10, "Q"), "i64": (11, "q"), "f64": (12, "d")}
Value = tuple[str, Any]


def gguf(
    values: dict[str, Value] | list[tuple[str, Value]],
    tensors: list[tuple[str, tuple[int, ...], int, int]] = [],  # noqa: B006
    data: bytes | int = 0,
    *,
    order: str = "<",
    version: int = 3,
    alignment: int = 32,
    counts: tuple[int, int] | None = None,
) -> bytes:
    """A GGUF file; a tensor is (name, shape, type, offset), `data` its bytes or how many zeros."""
    pairs = list(values.items()) if isinstance(values, dict) else values
    how_many = counts or (len(tensors), len(pairs))
    out = b"GGUF" + struct.pack(f"{order}IQQ", version, *how_many)
    for key, value in pairs:
        out += _text(key, order) + _value(value, order)
    for name, shape, kind, offset in tensors:
        out += _text(name, order) + struct.pack(f"{order}I{len(shape)}QIQ", len(shape), *shape, kind, offset)
    body = bytes(data) if isinstance(data, int) else data
    return out + bytes(-len(out) % alignment) + body if tensors else out


def _text(text: str, order: str) -> bytes:
    raw = text.encode()
    return struct.pack(f"{order}Q", len(raw)) + raw


def _value(value: Value, order: str) -> bytes:
    kind, content = value
    if kind in _NUMBERS:
        number, letter = _NUMBERS[kind]
        return struct.pack(f"{order}I{letter}", number, content)
    if kind == "bool":
        return struct.pack(f"{order}IB", 7, content)
    if kind == "text":
        return struct.pack(f"{order}I", 8) + _text(content, order)
    if kind == "raw":
        return bytes(content)
    inner = kind.removeprefix("list ")
    number = _NUMBERS[inner][0] if inner in _NUMBERS else {"bool": 7, "text": 8, "list": 9}[inner.split()[0]]
    items = b"".join(_value((inner, item), order)[4:] for item in content)
    return struct.pack(f"{order}IIQ", 9, number, len(content)) + items


def model(name: str, **values: Any) -> dict[str, Value]:
    """Key/values of an architecture: `block_count=2` is <name>.block_count; __ is a dot."""
    found: dict[str, Value] = {"general.architecture": ("text", name)}
    for key, value in values.items():
        kind = "list i32" if isinstance(value, list) else "text" if isinstance(value, str) else "u32"
        found[f"{name}.{key.replace('__', '.')}"] = (kind, value)
    return found


def safetensors(entries: dict[str, Any] | str, data: bytes | int = 0, *, length: int | None = None) -> bytes:
    """A safetensors file; entries are JSON, or its text as it is."""
    text = (entries if isinstance(entries, str) else json.dumps(entries)).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + (bytes(data) if isinstance(data, int) else data)


def tensor(kind: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    """One entry."""
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


def put(path: Path, raw: bytes) -> Path:
    """Writes a file."""
    path.write_bytes(raw)
    return path
