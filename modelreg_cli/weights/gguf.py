"""GGUF, versions 2 and 3, of both byte orders: key/values and tensors of the header, without the list of tokens.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import re
import struct
from typing import NamedTuple

from modelreg_cli.weights.source import NotKnownHere, Reader, Source, WrongWeights, cut
from modelreg_cli.weights.types import GGML, GGUF_FILE

#: Bounds on a header: bytes of it, values, tensors, files of one model; bytes of a name and of a text; items of a list that are kept.
MAX_HEADER = 64 * 1024 * 1024
MAX_VALUES = 10_000
MAX_TENSORS = 65_536
MAX_SPLITS = 1000
_MAX_NAME = 65_535
_MAX_TEXT = 1024 * 1024
_MAX_TEXTS = 8 * 1024 * 1024
_MAX_KEPT = 4096
_MAX_DIMENSIONS = 4
_MAX_DEPTH = 4
_MAX_LISTS = 10_000
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 10: "Q", 11: "q", 12: "d"}
_BOOL, _TEXT, _LIST = 7, 8, 9
_SPLIT = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf\Z", re.DOTALL)

Scalar = int | float | bool | str


class Items(NamedTuple):
    """A list of values; `kept` is None where it is one of texts, of lists, or too long to be of interest."""

    count: int  # type: ignore[assignment]  # as the format calls it
    kept: tuple[Scalar, ...] | None


class Tensor(NamedTuple):
    """Shape as the file has it (the fastest dimension first); `offset` counts from the start of the file's data."""

    name: str
    shape: tuple[int, ...]
    type: str
    offset: int
    bytes: int

    @property
    def elements(self) -> int:
        """Numbers of weights."""
        return math.prod(self.shape)


class Gguf(NamedTuple):
    """A header. `data` is where the tensors' bytes begin, `end` where they end, without what pads the last one to `alignment`."""

    version: int
    big_endian: bool
    values: dict[str, Scalar | Items]
    tensors: tuple[Tensor, ...]
    data: int
    end: int
    alignment: int

    def number(self, key: str) -> int | None:
        """A value that is a whole number of zero or more."""
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def text(self, key: str) -> str | None:
        """A value that is a text."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    @property
    def quantization(self) -> str | None:
        """What the file says it is, else the one type of all its tensors of two dimensions and more."""
        told = self.number("general.file_type")
        kinds = {tensor.type for tensor in self.tensors if len(tensor.shape) > 1}
        return GGUF_FILE.get(-1 if told is None else told) or (kinds.pop() if len(kinds) == 1 else None)

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all tensors, without what pads them."""
        return sum(tensor.bytes for tensor in self.tensors)


def read(source: Source) -> Gguf:
    """The header of one file.

    Raises:
        WrongWeights: it is no GGUF, cut, hostile, or of a version or type that is not known.
        Unavailable: the server does not answer.
    """
    return _Header(source).read()


def read_all(source: Source) -> tuple[Gguf, list[Source]]:
    """The header of a model over all files that it is split into, and those files in order.

    Raises:
        WrongWeights: a file is wrong (see read), missing, or belongs to another model.
    """
    first = read(source)
    count = first.number("split.count") or 1
    if count <= 1:
        return first, [source]
    named = _SPLIT.match(source.name)
    if count > MAX_SPLITS or named is None or int(named[3]) != count:
        raise WrongWeights(
            f"{source.name} is one of {count} files, and its name does not tell the others",
            "files of a split model are called <name>-00001-of-00003.gguf",
        )
    sources = [source if at == int(named[2]) else source.beside(f"{named[1]}-{at:05}-of-{count:05}.gguf") for at in range(1, count + 1)]
    headers = [first if one is source else read(one) for one in sources]
    for at, (one, header) in enumerate(zip(sources, headers, strict=True)):
        if header.number("split.no") != at or header.number("split.count") != count:
            raise WrongWeights(f"{one.name} says that it is another file of the split", "the files are mixed up: fetch them again")
    tensors = tuple(tensor for header in headers for tensor in header.tensors)
    told = headers[0].number("split.tensors.count")
    if len({tensor.name for tensor in tensors}) != len(tensors) or (told is not None and told != len(tensors)):
        raise WrongWeights(
            f"{source.name} and its siblings do not hold the tensors they tell of", "the files are mixed up: fetch them again"
        )
    return headers[0]._replace(tensors=tensors), sources


class _Header:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._reader = Reader(source, MAX_HEADER)
        self._order = "<"
        self._texts = self._lists = 0

    def read(self) -> Gguf:
        if self._reader.take(4) != b"GGUF":
            raise self._wrong("is not GGUF: it does not begin with these letters")
        version = self._number("I")
        if version & 0xFFFF == 0 and version:
            self._order = ">"
            version = int.from_bytes(version.to_bytes(4, "little"), "big")
        if version not in (2, 3):
            raise self._unknown(f"is GGUF of version {version}; 2 and 3 can be read")
        tensors, values = self._number("Q"), self._number("Q")
        if tensors > MAX_TENSORS or values > MAX_VALUES:
            raise self._wrong(f"tells of {tensors:,} tensors and {values:,} values; {MAX_TENSORS:,} and {MAX_VALUES:,} are the most")
        known = self._values(values)
        listed = self._tensors(tensors)
        alignment = known.get("general.alignment", 32)
        if not isinstance(alignment, int) or isinstance(alignment, bool) or not 0 < alignment <= 2**20 or alignment & (alignment - 1):
            raise self._wrong(f"has an alignment of {alignment!r}")
        data = -(-self._reader.place // alignment) * alignment if listed else self._reader.place
        return Gguf(version, self._order == ">", known, listed, data, self._end(listed, data, alignment), alignment)

    def _values(self, count: int) -> dict[str, Scalar | Items]:
        found: dict[str, Scalar | Items] = {}
        for _ in range(count):
            key = self._text(_MAX_NAME)
            if key in found:
                raise self._wrong(f"has the key {key[:80]!r} twice")
            found[key] = self._value(self._number("I"), 0)
        return found

    def _value(self, kind: int, depth: int) -> Scalar | Items:
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind == _BOOL:
            return self._bool(self._reader.take(1)[0])
        if kind == _TEXT:
            return self._text(_MAX_TEXT)
        if kind == _LIST:
            return self._list(depth)
        raise self._wrong(f"has a value of the unknown type {kind}")

    def _list(self, depth: int) -> Items:
        self._lists += 1
        if depth >= _MAX_DEPTH or self._lists > _MAX_LISTS:
            raise self._wrong("has lists in lists, too many or too deep")
        kind, count = self._number("I"), self._number("Q")
        width = 1 if kind == _BOOL else struct.calcsize(f"<{_NUMBERS[kind]}") if kind in _NUMBERS else 8 if kind == _TEXT else 12
        if count * width > MAX_HEADER:
            raise self._wrong(f"has a list of {count:,} items, which is longer than a header may be")
        if kind in _NUMBERS or kind == _BOOL:
            if count > _MAX_KEPT:
                self._reader.skip(count * width)
                return Items(count, None)
            raw = self._reader.take(count * width)
            if kind == _BOOL:
                return Items(count, tuple(self._bool(byte) for byte in raw))
            return Items(count, struct.unpack(f"{self._order}{count}{_NUMBERS[kind]}", raw))
        if kind == _TEXT:
            self._reader.skip_texts(count, struct.Struct(f"{self._order}Q").unpack_from, 8)
            return Items(count, None)
        if kind != _LIST:
            raise self._wrong(f"has a list of the unknown type {kind}")
        for _ in range(count):
            self._list(depth + 1)
        return Items(count, None)

    def _tensors(self, count: int) -> tuple[Tensor, ...]:
        found: dict[str, Tensor] = {}
        for _ in range(count):
            name = self._text(_MAX_NAME)
            dimensions = self._number("I")
            if dimensions > _MAX_DIMENSIONS:
                raise self._wrong(f"has a tensor of {dimensions:,} dimensions; {_MAX_DIMENSIONS} are the most")
            shape = tuple(self._number("Q") for _ in range(dimensions))
            kind, offset = self._number("I"), self._number("Q")
            if name in found:
                raise self._wrong(f"has the tensor {name[:80]!r} twice")
            if kind not in GGML:
                raise self._unknown(f"has a tensor of type {kind}, which is not known here")
            type_, elements, size = GGML[kind]
            if (shape[0] if shape else 1) % elements:
                raise self._wrong(f"has the tensor {name[:80]!r} of {shape[0]:,} columns; {type_} is stored by {elements}")
            if math.prod(shape) >= 2**60:
                raise self._wrong(f"has the tensor {name[:80]!r} of an impossible size")
            found[name] = Tensor(name, shape, type_, offset, math.prod(shape) // elements * size)
        return tuple(found.values())

    def _end(self, tensors: tuple[Tensor, ...], data: int, alignment: int) -> int:
        """Where the data ends; tensors neither overlap nor lie behind the end of the file."""
        end = 0
        for tensor in sorted(tensors, key=lambda one: (one.offset, one.bytes)):
            if tensor.offset % alignment or tensor.offset < end:
                raise self._wrong(f"has the tensor {tensor.name[:80]!r} where another one is, or between two places")
            end = tensor.offset + tensor.bytes
        if self._source.size is not None and data + end > self._source.size:
            raise cut(self._source)
        return data + end

    def _number(self, kind: str) -> int:
        layout = f"{self._order}{kind}"
        value: int = struct.unpack(layout, self._reader.take(struct.calcsize(layout)))[0]
        return value

    def _bool(self, byte: int) -> bool:
        if byte > 1:
            raise self._wrong(f"has {byte} where true or false belongs")
        return byte == 1

    def _text(self, longest: int) -> str:
        length = self._number("Q")
        self._texts += length
        if length > longest or self._texts > _MAX_TEXTS:
            raise self._wrong(f"has a text of {length:,} bytes; {longest:,} are the most, and {_MAX_TEXTS:,} for all")
        return self._reader.take(length).decode("utf-8", "replace")

    def _wrong(self, words: str) -> WrongWeights:
        return WrongWeights(f"{self._source.name} {words}", "is it the right file, and whole? fetch it again")

    def _unknown(self, words: str) -> NotKnownHere:
        return NotKnownHere(f"{self._source.name} {words}", "a newer release may know it")
