"""A named file or folder, read once and within bounds, before any reader looks at it."""

import json
import stat
import struct
import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.zstd import zstd

#: Bytes of a result file, and of one member of an archive when it is unpacked.
MAX_FILE = 64 * 1024 * 1024
#: Bytes of the table of contents of an archive.
MAX_TABLE = 16 * 1024 * 1024
#: What a packer may make a reader remember, as a power of two of bytes (8 MB); files that it should be able to read need no more.
_WINDOW = 23
#: Endings of files that are no JSON, however they begin.
_OTHERS = (".yaml", ".yml", ".md", ".markdown", ".csv")
_ZSTANDARD = 93
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")


class Material:
    """One path of the command line. Contents are read when a reader asks for them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError):
            raise ModelregError(f"there is no file {path}", "name result files, or the folder of a HELM run") from None
        self.is_folder = stat.S_ISDIR(mode)
        if not self.is_folder and not stat.S_ISREG(mode):
            raise ModelregError(f"{path} is neither a file nor a folder", "name result files, or the folder of a HELM run")

    @cached_property
    def raw(self) -> bytes:
        """The bytes of a file.

        Raises:
            ModelregError: there are too many, or they cannot be read.
        """
        return b"" if self.is_folder or self.is_archive else bounded(self.path)

    @cached_property
    def is_archive(self) -> bool:
        """Whether it is a zip archive, which `.eval` files are."""
        if self.is_folder:
            return False
        try:
            with self.path.open("rb") as file:
                return file.read(4) == b"PK\x03\x04"
        except OSError as error:
            raise ModelregError(f"{self.path} cannot be read: {error.strerror}", "check its permissions") from None

    @cached_property
    def text(self) -> str:
        """The text of a file, which is UTF-8.

        Raises:
            ModelregError: it is not.
        """
        return decoded(self.raw, self.path)

    @cached_property
    def value(self) -> Any:
        """The value of a JSON file; None where it is none."""
        if self.is_folder or self.is_archive or self.path.suffix.lower() in _OTHERS or self.text.lstrip()[:1] not in ("{", "["):
            return None
        if self.path.suffix == ".jsonl" or self._is_samples:
            raise ModelregError(
                f"{self.path} has one line for each sample", "name the results file beside it (lm-eval: results_<time>.json)"
            )
        return parsed(self.text, self.path)

    @property
    def _is_samples(self) -> bool:
        first, _, rest = self.text.partition("\n")
        return first.startswith('{"doc_id"') and rest.lstrip().startswith("{")

    def inside(self, name: str) -> Any:
        """The value of a JSON file in a folder or archive; None where there is no such file.

        Raises:
            ModelregError: it is a link, too large, or no JSON.
        """
        if self.is_archive:
            raw = _member(self.path, name)
            return None if raw is None else parsed(decoded(raw, self.path / name), self.path / name)
        file = self.path / name
        if file.is_symlink():
            raise ModelregError(f"{file} is a link", "name the folder with the files themselves")
        return parsed(decoded(bounded(file), file), file) if file.is_file() else None


def bounded(path: Path) -> bytes:
    """The bytes of a file of reasonable size.

    Raises:
        ModelregError: there are too many, or they cannot be read.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ModelregError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None
    if len(raw) > MAX_FILE:
        hint = "result files are small: is it a file of samples? Of an Inspect log take the .eval form, whose header alone is read"
        raise ModelregError(f"{path} has more than {MAX_FILE:,} bytes", hint)
    return raw


def decoded(raw: bytes, path: Path) -> str:
    """Text of bytes.

    Raises:
        ModelregError: they are not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelregError(f"{path} is not UTF-8 (byte {error.start:,})", "result files are UTF-8; convert it, or write it anew") from None


def parsed(text: str, path: Path) -> Any:
    """The value of a JSON text; NaN and Infinity stay what they are, for the reader to refuse them by name.

    Raises:
        ModelregError: it is no JSON, is nested too deep, or has a key twice.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise ModelregError(f"{path} has the key {twice[:60]!r} twice in one mapping", "keep one of them; readers take different ones")
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except RecursionError:
        raise ModelregError(f"{path} is nested too deep", "this is not a result file") from None
    except ValueError as error:
        raise ModelregError(f"{path} is not JSON: {str(error)[:200]}", "was the run stopped while it was written?") from None


def _member(path: Path, name: str) -> bytes | None:
    """One file of an archive, unpacked within bounds; Zstandard too, which `zipfile` leaves out before Python 3.14."""
    try:
        _check_table(path)
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            try:
                info = archive.getinfo(name)
            except KeyError:
                return None
            if info.file_size > MAX_FILE or info.compress_size > MAX_FILE:
                raise ModelregError(f"{name} in {path} has {info.file_size:,} bytes", f"at most {MAX_FILE:,} are read")
            raw = _unpacked(archive, info, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise ModelregError(f"{path} is not a readable archive: {error}", "was the run stopped while it was written?") from None
    if len(raw) > MAX_FILE:
        raise ModelregError(f"{name} in {path} unpacks to more than {MAX_FILE:,} bytes", "it is refused")
    return raw


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: IO[bytes]) -> bytes:
    """At most one byte more than is allowed."""
    if info.compress_type != _ZSTANDARD:
        with archive.open(info) as stream:
            return stream.read(MAX_FILE + 1)
    file.seek(info.header_offset)
    header = _LOCAL.unpack(file.read(_LOCAL.size))
    file.seek(header[9] + header[10], 1)
    opener = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})
    try:
        raw = opener.decompress(file.read(info.compress_size), MAX_FILE + 1)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from None
    if len(raw) <= MAX_FILE and not opener.eof:
        raise ValueError("a file in it ends too early")
    return raw


def _check_table(path: Path) -> None:
    """The table of contents is read whole, so its size is looked at first."""
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError("it has no end")
    table = _END.unpack_from(tail, at)[5]
    if table > MAX_TABLE:
        raise ValueError(f"its table of contents has {table:,} bytes")
