"""Bytes of a file by range: a local file, or one on a server, asked for in blocks."""

import posixpath
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Client, shown

_LOCAL_BLOCK = 256 * 1024
_REMOTE_BLOCK = 1024 * 1024
_LONGEST_BLOCK = 8 * 1024 * 1024


class WrongWeights(ModelregError):
    """A file of weights that is cut, hostile, or of another format."""


class NotKnownHere(WrongWeights):
    """A file of weights of a version or type that is newer or rarer than this program; it may well be sound."""


class Source(Protocol):
    """A file of weights; `name` is its own name, `size` its bytes where that is known."""

    name: str

    @property
    def size(self) -> int | None:
        """Bytes of the whole file."""

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; fewer only at the end of the file."""

    def beside(self, name: str) -> "Source":
        """The file of that name in the same place."""


class LocalFile:
    """A file of this machine.

    Raises:
        WrongWeights: it is missing, or no plain file.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        try:
            told = path.stat()
        except OSError as error:
            raise WrongWeights(f"there is no {path.name}: {error.strerror}", "name a file that can be read") from None
        if not stat.S_ISREG(told.st_mode):
            raise WrongWeights(f"{path.name} is no file", "name a file of weights")
        self._size = told.st_size

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._size

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; fewer only at the end of the file."""
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(min(length, max(0, self._size - start)))
        except OSError as error:
            raise WrongWeights(f"{self.name} can not be read: {error.strerror}", "may it be read?") from None

    def beside(self, name: str) -> "LocalFile":
        """The file of that name in the same folder."""
        return LocalFile(self.path.parent / plain(name))


class RemoteFile:
    """A file on a server that gives ranges; one that does not is read from its start, within bounds."""

    def __init__(self, client: Client, url: str) -> None:
        self._client, self.url = client, url
        path = url.partition("?")[0].partition("#")[0]
        self.name = unquote(posixpath.basename(path))
        self._size: int | None = None
        self._mark: str | None = None

    @property
    def size(self) -> int | None:
        """Bytes of the whole file, known once something was read of it."""
        return self._size

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; fewer only at the end of the file."""
        piece = self._client.get_bytes(self.url, start, length)
        mark = piece.headers.get("etag") or piece.headers.get("last-modified")
        if self._mark is not None and mark is not None and mark != self._mark:
            raise Unavailable(f"{shown(self.url)} changed while it was read", "start again")
        self._mark, self._size = mark or self._mark, piece.total if piece.total is not None else self._size
        return piece.data

    def beside(self, name: str) -> "RemoteFile":
        """The file of that name in the same folder of the server, asked for in the same way."""
        path, mark, query = self.url.partition("?")
        return RemoteFile(self._client, f"{path.rpartition('/')[0]}/{quote(plain(name))}{mark}{query}")


def plain(name: str) -> str:
    """A name that stays in its folder.

    Raises:
        WrongWeights: it leads elsewhere.
    """
    if name in ("", ".", "..") or any(char in name for char in "/\\\0") or not name.isprintable() or len(name.encode()) > 255:
        raise WrongWeights(f"{name[:80]!r} is not the name of a file beside this one", "the list of files is damaged or hostile")
    return name


class Reader:
    """Bytes of a source one after the other, in blocks that grow; never more than `limit` of them."""

    def __init__(self, source: Source, limit: int) -> None:
        self._source, self._limit = source, limit
        self._block = _LOCAL_BLOCK if isinstance(source, LocalFile) else _REMOTE_BLOCK
        self._buffer, self._from, self._at = b"", 0, 0

    @property
    def place(self) -> int:
        """Bytes from the start of the file."""
        return self._from + self._at

    def take(self, count: int) -> bytes:
        """The next bytes.

        Raises:
            WrongWeights: the file ends before, or the header is longer than it may be.
        """
        if self._at + count > len(self._buffer):
            self._fill(count)
        self._at += count
        return self._buffer[self._at - count : self._at]

    def skip(self, count: int) -> None:
        """Goes on behind the next bytes without reading them."""
        self._check(self.place + count)
        if self._at + count <= len(self._buffer):
            self._at += count
        else:
            self._from, self._at, self._buffer = self.place + count, 0, b""

    def skip_texts(self, count: int, length: Callable[[bytes, int], tuple[int]], width: int) -> None:
        """Goes on behind `count` texts, of which each has its length before it: vocabularies have hundreds of thousands."""
        buffer, at = self._buffer, self._at
        for _ in range(count):
            if at + width > len(buffer):
                self._at = at
                self._fill(width)
                buffer, at = self._buffer, self._at
            at += width + length(buffer, at)[0]
            if at > len(buffer):
                self._at = len(buffer)
                self.skip(at - len(buffer))
                buffer, at = self._buffer, self._at
        self._at = at

    def _check(self, end: int) -> None:
        if end > self._limit:
            raise WrongWeights(
                f"{self._source.name}: its header is longer than {self._limit:,} bytes", "no known model has such a header: it is damaged"
            )
        if self._source.size is not None and end > self._source.size:
            raise cut(self._source)

    def _fill(self, count: int) -> None:
        start = self.place
        self._check(start + count)
        wanted = max(count, min(self._block, self._limit - start))
        rest = self._buffer[self._at :]
        more = self._source.read(start + len(rest), wanted - len(rest))
        self._buffer, self._from, self._at = rest + more, start, 0
        self._block = min(self._block * 2, _LONGEST_BLOCK)
        if len(self._buffer) < count:
            raise cut(self._source)


def cut(source: Source) -> WrongWeights:
    """The error of a file that ends too early."""
    size = f" after {source.size:,} bytes" if source.size is not None else ""
    return WrongWeights(f"{source.name} ends{size}, before what its header tells", "it is cut or damaged: fetch it again")
