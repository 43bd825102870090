"""Zstandard: files packed whole, and as differences from an older file that the reader has.

A difference is the new file packed with the old one as its dictionary, over a window that reaches through all of it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

from modelreg_cli.errors import Unavailable

_LEVEL = 19
_CHUNK = 1 << 20
#: The largest window that packing and unpacking agree about, as a power of two of bytes: 2 GB.
_WIDEST = 31


def digest_of(file: Path) -> tuple[int, str]:
    """Bytes and sha256 of a file."""
    found, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
            size += len(chunk)
    return size, found.hexdigest()


def pack(source: Path, target: Path, old: Path | None = None) -> None:
    """Packs a file, as a difference where an older one is given."""
    size = source.stat().st_size + (old.stat().st_size if old else 0)
    window = min(_WIDEST, max(10, size.bit_length()))
    known = zstandard.ZstdCompressionDict(old.read_bytes(), dict_type=zstandard.DICT_TYPE_RAWCONTENT) if old else None
    # the same bytes on every machine: threads would cut the file by their number
    how = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=window, enable_ldm=True, write_checksum=True, threads=0)
    packer = zstandard.ZstdCompressor(dict_data=known, compression_params=how)
    with source.open("rb") as read, target.open("wb") as write:
        packer.copy_stream(read, write, size=source.stat().st_size)


def unpacked(source: Path, most: int, old: Path | None = None) -> Iterator[bytes]:
    """The bytes of a packed file; never more than `most`.

    Raises:
        Unavailable: it is damaged, or larger than it should be.
    """
    known = zstandard.ZstdCompressionDict(old.read_bytes(), dict_type=zstandard.DICT_TYPE_RAWCONTENT) if old else None
    opener = zstandard.ZstdDecompressor(dict_data=known, max_window_size=1 << _WIDEST)
    done = 0
    try:
        with source.open("rb") as stream, opener.stream_reader(stream) as reader:
            while chunk := reader.read(_CHUNK):
                done += len(chunk)
                if done > most:
                    raise Unavailable("a published file unpacks to more than its manifest says", "its publisher has to publish it again")
                yield chunk
    except zstandard.ZstdError as error:
        raise Unavailable(
            f"a published file does not unpack: {error}", "pull again; if it stays so, its publisher has to publish it again"
        ) from None


def write_hashed(chunks: Iterable[bytes], target: Path) -> tuple[int, str]:
    """Writes chunks; how many bytes they were, and their sha256."""
    found, size = hashlib.sha256(), 0
    with target.open("wb") as stream:
        for chunk in chunks:
            found.update(chunk)
            size += len(chunk)
            stream.write(chunk)
    return size, found.hexdigest()
