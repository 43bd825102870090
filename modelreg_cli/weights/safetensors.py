"""Safetensors: 8 bytes of length and a JSON header, which is read entry by entry; single files and shards with an index.

The format: https://github.com/huggingface/safetensors#format
"""

import json
import math
import re
from typing import Any, NamedTuple

from modelreg_cli.weights.source import NotKnownHere, Source, WrongWeights, cut
from modelreg_cli.weights.types import SAFETENSORS

#: Bounds: bytes of a header (as the original has it), tensors of a file, files of a model, bytes of an index and of one entry.
MAX_HEADER = 100_000_000
MAX_TENSORS = 262_144
MAX_SHARDS = 2000
MAX_INDEX = 64 * 1024 * 1024
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
# possessive, so that nothing is kept to be tried again
_KEY = re.compile(r'[ \t\r\n]*("(?:[^"\\]++|\\.)*+")[ \t\r\n]*:[ \t\r\n]*')
_WHOLE = r"(?:0|[1-9]\d{0,17})"
#: A tensor as every known writer writes it: one match in place of a key, an object and their checks.
_USUAL = re.compile(
    r'"([^"\\\x00-\x1f]*+)": ?\{"dtype": ?"([A-Z0-9_]+)", ?"shape": ?'
    rf'\[((?:{_WHOLE}(?:, ?{_WHOLE}){{0,63}})?)\], ?"data_offsets": ?\[({_WHOLE}), ?({_WHOLE})\]\}}([,}}]) *',
    re.ASCII,
)
_ENTRY = re.compile(r"\{[^{}]{0,4096}\}")
_TEXTS = re.compile(r'\{(?:[^"{}]++|"(?:[^"\\]++|\\.)*+")*+\}')
_ON = re.compile(r"[ \t\r\n]*([,}])[ \t\r\n]*")
_EMPTY = re.compile(r"\{[ \t\r\n]*\}[ \t\r\n]*\Z")


class Tensor(NamedTuple):
    """`start` and `end` count from the start of the file's data."""

    name: str
    type: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def elements(self) -> int:
        """Numbers of weights."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Bytes in the file."""
        return self.end - self.start


class Safetensors(NamedTuple):
    """A header; `metadata` are texts that its writer put there."""

    metadata: dict[str, str]
    tensors: tuple[Tensor, ...]

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.bytes for tensor in self.tensors)


def read(source: Source) -> Safetensors:
    """The header of one file.

    Raises:
        WrongWeights: it is no safetensors, cut, or hostile.
        Unavailable: the server does not answer.
    """
    raw = source.read(0, 8)
    length = int.from_bytes(raw, "little")
    if len(raw) < 8:
        raise cut(source)
    if length > MAX_HEADER:
        raise _wrong(source, f"tells of a header of {length:,} bytes; {MAX_HEADER:,} are the most")
    if source.size is not None and 8 + length > source.size:
        raise cut(source)
    text = _text(source, length)
    metadata, tensors = _entries(source, text)
    end = 0
    for tensor in sorted(tensors, key=lambda one: (one.start, one.end)):
        if tensor.start != end:
            raise _wrong(source, f"has the tensor {tensor.name[:80]!r} at {tensor.start:,}, where {end:,} is next: a hole or an overlap")
        end = tensor.end
    if source.size is not None and 8 + length + end != source.size:
        if 8 + length + end > source.size:
            raise cut(source)
        raise _wrong(source, f"has {source.size - 8 - length - end:,} bytes that belong to no tensor")
    return Safetensors(metadata, tensors)


def read_all(index: Source) -> tuple[Safetensors, list[Source]]:
    """The header of a model over all shards that its index names, and those files sorted by name.

    Raises:
        WrongWeights: index or a shard is wrong, or they do not tell the same.
    """
    map_ = _weight_map(index)
    names = sorted(set(map_.values()))
    if len(names) > MAX_SHARDS:
        raise _wrong(index, f"names {len(names):,} files; {MAX_SHARDS:,} are the most")
    sources = [index.beside(name) for name in names]
    tensors: list[Tensor] = []
    metadata: dict[str, str] = {}
    for name, source in zip(names, sources, strict=True):
        header = read(source)
        metadata = metadata or header.metadata
        tensors += header.tensors
        if len(tensors) > MAX_TENSORS:
            raise _wrong(index, f"leads to more than {MAX_TENSORS:,} tensors")
        astray = next((tensor.name for tensor in header.tensors if map_.get(tensor.name) != name), None)
        if astray is not None:
            raise _wrong(index, f"does not say that {name} holds {astray[:80]!r}")
    if len(tensors) != len(map_):
        raise _wrong(index, f"names {len(map_):,} tensors, and the files hold {len(tensors):,}")
    return Safetensors(metadata, tuple(tensors)), sources


def _weight_map(index: Source) -> dict[str, str]:
    raw = index.read(0, MAX_INDEX + 1)
    try:
        found = json.loads(raw.decode("utf-8")) if len(raw) <= MAX_INDEX else None
    except (ValueError, RecursionError):
        found = None
    names = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(names, dict) or not names or not all(isinstance(name, str) for name in names.values()):
        raise _wrong(index, "is not an index: it has no weight_map from tensors to files")
    return names


def _text(source: Source, length: int) -> str:
    pieces, at = [], 8
    while at < 8 + length:
        piece = source.read(at, min(8 * 1024 * 1024, 8 + length - at))
        if not piece:
            raise cut(source)
        pieces.append(piece)
        at += len(piece)
    try:
        return b"".join(pieces).decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(source, "is not safetensors: its header is no text") from None


def _entries(source: Source, text: str) -> tuple[dict[str, str], tuple[Tensor, ...]]:
    """Entry by entry, so that memory is bounded by the tensors that are there and not by what the text nests."""
    found: dict[str, Tensor] = {}
    metadata: dict[str, str] | None = None
    at, on = 1, ","
    if not text.startswith("{"):
        raise _wrong(source, "is not safetensors: its header is no JSON object")
    if _EMPTY.match(text):
        return {}, ()
    while on == ",":
        usual = _USUAL.match(text, at)
        if usual and usual[1] not in found and usual[1] != "__metadata__" and len(found) < MAX_TENSORS:
            shape = tuple(map(int, usual[3].split(","))) if usual[3] else ()
            found[usual[1]] = _sized(source, usual[1], usual[2], shape, int(usual[4]), int(usual[5]))
            at, on = usual.end(), usual[6]
            continue
        key = _KEY.match(text, at)
        if not key:
            raise _wrong(source, f"has a damaged header, at byte {at:,} or so")
        name = _json(source, key[1])
        entry = (_TEXTS if name == "__metadata__" else _ENTRY).match(text, key.end())
        onward = _ON.match(text, entry.end()) if entry else None
        if entry is None or onward is None:
            raise _wrong(source, f"has a damaged header: {str(name)[:80]!r} is not described")
        if name == "__metadata__" and metadata is None:
            metadata = _json(source, entry[0])
            if not all(isinstance(value, str) for value in metadata.values()):
                raise _wrong(source, "has metadata that are no texts")
        elif name in found or name == "__metadata__":
            raise _wrong(source, f"has {str(name)[:80]!r} twice")
        else:
            found[name] = _tensor(source, name, _json(source, entry[0]))
        if len(found) > MAX_TENSORS:
            raise _wrong(source, f"has more than {MAX_TENSORS:,} tensors")
        at, on = onward.end(), onward[1]
    if at != len(text):
        raise _wrong(source, "has something behind its header")
    return metadata or {}, tuple(found.values())


def _json(source: Source, text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise _wrong(source, f"has a damaged header: {text[:80]!r}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _never(_word: str) -> None:
    raise ValueError("no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_never)


def _tensor(source: Source, name: str, entry: dict[str, Any]) -> Tensor:
    kind, shape, place = entry.get("dtype"), _numbers(entry.get("shape")), _numbers(entry.get("data_offsets"))
    if shape is None or place is None or len(place) != 2:
        raise _wrong(source, f"has the tensor {name[:80]!r} without a shape or a place")
    return _sized(source, name, str(kind), shape, *place)


def _sized(source: Source, name: str, kind: str, shape: tuple[int, ...], start: int, end: int) -> Tensor:
    if kind not in SAFETENSORS:
        words = f"{source.name} has the tensor {name[:80]!r} of type {kind[:40]!r}, which is not known here"
        raise NotKnownHere(words, "a newer release may know it")
    if math.prod(shape) * SAFETENSORS[kind] != 8 * (end - start):
        raise _wrong(source, f"has the tensor {name[:80]!r} in {end - start:,} bytes, which is not its shape times its type")
    return Tensor(name, kind, shape, start, end)


def _numbers(value: Any) -> tuple[int, ...] | None:
    """A short list of whole numbers."""
    sound = isinstance(value, list) and len(value) <= 64 and all(type(item) is int and 0 <= item < 2**63 for item in value)
    return tuple(value) if sound else None


def _wrong(source: Source, words: str) -> WrongWeights:
    return WrongWeights(f"{source.name} {words}", "is it the right file, and whole? fetch it again")
