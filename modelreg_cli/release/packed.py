"""Zstandard: files packed whole, and as differences from an older file that the reader has.

A difference is the new file packed with the old one as its dictionary, over a window that reaches through all of it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from modelreg_cli.errors import Unavailable
from modelreg_cli.zstd import zstd

#: 19 makes a file that is a seventh smaller and takes twelve times as long (docs/performance.md).
_LEVEL = 12
_CHUNK = 1 << 20
#: Windows as powers of two of bytes: 128 MB of a whole file, as every unpacker takes, and up to 2 GB of a difference.
_WINDOW, _WIDEST = 27, 31


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
    size = source.stat().st_size
    reach = size + (old.stat().st_size if old else 0)
    name = zstd.CompressionParameter
    options: dict[int, int] = {
        name.compression_level: _LEVEL,
        name.window_log: min(_WIDEST if old else _WINDOW, max(10, reach.bit_length())),
        name.enable_long_distance_matching: 1,
        name.checksum_flag: 1,
        # any number of threads makes the same bytes, but none sees an older file whole
        name.nb_workers: 0 if old else os.cpu_count() or 1,
    }
    packer = zstd.ZstdCompressor(options=options, zstd_dict=_as_prefix(old))
    packer.set_pledged_input_size(size)
    with source.open("rb") as read, target.open("wb") as write:
        while chunk := read.read(_CHUNK):
            write.write(packer.compress(chunk))
        write.write(packer.flush())


def unpacked(source: Path, most: int, old: Path | None = None) -> Iterator[bytes]:
    """The bytes of a packed file; never more than `most`.

    Raises:
        Unavailable: it is damaged, or larger than it should be.
    """
    opener = zstd.ZstdDecompressor(zstd_dict=_as_prefix(old), options={zstd.DecompressionParameter.window_log_max: _WIDEST})
    done = 0
    try:
        with source.open("rb") as stream:
            while not opener.eof:
                chunk = opener.decompress(stream.read(_CHUNK) if opener.needs_input else b"", _CHUNK)
                if not chunk and opener.needs_input and stream.tell() == source.stat().st_size:
                    raise zstd.ZstdError("it ends too early")
                done += len(chunk)
                if done > most:
                    raise Unavailable("a published file unpacks to more than its manifest says", "its publisher has to publish it again")
                yield chunk
    except zstd.ZstdError as error:
        raise Unavailable(
            f"a published file does not unpack: {error}", "pull again; if it stays so, its publisher has to publish it again"
        ) from None


def _as_prefix(old: Path | None) -> tuple[zstd.ZstdDict, int] | None:
    """A file as what goes before another one, all of which can be referred to (as `zstd --patch-from` does it)."""
    return zstd.ZstdDict(old.read_bytes(), is_raw=True).as_prefix if old else None


def write_hashed(chunks: Iterable[bytes], target: Path) -> tuple[int, str]:
    """Writes chunks; how many bytes they were, and their sha256."""
    found, size = hashlib.sha256(), 0
    with target.open("wb") as stream:
        for chunk in chunks:
            found.update(chunk)
            size += len(chunk)
            stream.write(chunk)
    return size, found.hexdigest()
