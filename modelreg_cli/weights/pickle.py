"""Files that hold pickles: bare ones, PyTorch's archives and older format, arrays of numpy; nothing is ever loaded.

What a loader would run is listed (weights/opcodes.py). A member of an archive that is neither a pickle nor of a form that
holds no code is told as unknown.
"""

import ast
import io
import lzma
import re
import zipfile
import zlib

from modelreg_cli.weights.opcodes import Found, Import, Pickles, follow
from modelreg_cli.weights.source import LocalFile, WrongWeights

__all__ = ["ENDINGS", "Import", "Pickles", "read"]

#: Endings of files that are loaded as pickles.
ENDINGS = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib", ".dill")
#: Bounds: pickled bytes that are read of one file, members of an archive, bytes of the header of an array (as numpy has it).
MAX_PICKLE = 256 * 1024 * 1024
MAX_MEMBERS = 100_000
_MAX_ARRAY_HEADER = 10_000
#: The first number of PyTorch's format before 1.6: pickles one after the other, then raw storages.
_OLD_TORCH = 0x1950A86A20F9469CFC6C
_OLD_TORCH_PICKLES = 5
#: Members of PyTorch's archives that are no pickles: storages of tensors, which are raw, and short notes.
_STORAGE = re.compile(r"(?:.*/)?data/[0-9]+\Z", re.DOTALL)
_NOTE = re.compile(r"(?:.*/)?(?:version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id)\Z", re.DOTALL)
_LONGEST_NOTE = 1024
_PROGRAM = (".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".sh")
_ARRAY = b"\x93NUMPY"
#: Types of numpy whose elements are plain bytes.
_PLAIN_TYPE = re.compile(r"[<>|=]?[biufcmMSUV?][0-9]*(?:\[[^\]]*\])?")


def read(source: LocalFile) -> Pickles:
    """The imports of a .bin, .pt, .pth, .ckpt, .pkl, .joblib, .npy or .npz file.

    Raises:
        WrongWeights: it can not be read.
    """
    found = Found()
    try:
        archive = zipfile.is_zipfile(source.path)
        if archive:
            _archive(source, found)
        with source.path.open("rb") as file:
            head = file.read(8)
            file.seek(0)
            # a file may be both: a pickle with an archive behind it, which a loader tells by its first bytes
            if not archive or not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
                data = file.read(MAX_PICKLE)
                _stream(data, source.size, found)
    except (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise WrongWeights(f"{source.name} can not be read: {error}", "is it a file of PyTorch, and whole?") from None
    return found.told()


def _archive(source: LocalFile, found: Found) -> None:
    with zipfile.ZipFile(source.path) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            found.flag("", f"an archive of {len(members):,} files; {MAX_MEMBERS:,} are looked at")
        left = MAX_PICKLE
        for member in members[:MAX_MEMBERS]:
            if member.flag_bits & 1:
                found.flag(member.filename, "is encrypted")
            elif not member.is_dir():
                left = _member(archive, member, left, found)
                if left < 0:
                    found.flag(member.filename, f"more than {MAX_PICKLE:,} bytes of pickles; the rest is not looked at")
                    return


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, found: Found) -> int:
    """Looks at one member; bytes that may be read after it."""
    name = member.filename
    with archive.open(member) as file:
        head = file.read(8)
        # a storage may begin like anything
        raw = _STORAGE.match(name) is not None
        if head.startswith(b"PK\x03\x04"):
            found.flag(name, "is an archive in an archive, which is not looked into")
        elif name.lower().endswith(_PROGRAM):
            found.flag(name, "is a program")
        elif name.lower().endswith((*ENDINGS, ".npy")) or head.startswith(_ARRAY) or (head[:1] == b"\x80" and not raw):
            data = head + file.read(left + 1)
            if len(data) <= left:
                _stream(data, len(data), found, name)
            return left - len(data)
        elif not raw and not (_NOTE.match(name) and member.file_size <= _LONGEST_NOTE):
            found.unknown(f"{name} is of no form that is known here")
    return left


def _stream(data: bytes, size: int, found: Found, member: str = "") -> None:
    """Pickles, or an array that may hold one."""
    if not data.startswith(_ARRAY):
        _bare(io.BytesIO(data), size, found, member)
        return
    wide = 4 if data[6:7] > b"\x01" else 2
    start, length = 8 + wide, int.from_bytes(data[8 : 8 + wide], "little")
    try:
        header = ast.literal_eval(data[start : start + length].decode("latin-1").strip()) if length <= _MAX_ARRAY_HEADER else None
        kinds = _types(header["descr"])  # type: ignore[index]
    except (ValueError, SyntaxError, TypeError, LookupError, MemoryError, RecursionError):
        found.flag(member, "is no whole array of numpy")
        return
    if not all(_PLAIN_TYPE.fullmatch(kind) for kind in kinds):
        _bare(io.BytesIO(data[start + length :]), size - start - length, found, member)


def _types(described: object) -> list[str]:
    """The types of an array, or of the fields of its records."""
    if isinstance(described, str):
        return [described]
    if not isinstance(described, list):
        raise TypeError
    return [kind for field in described for kind in _types(field[1])]


def _bare(file: io.BytesIO, size: int, found: Found, member: str = "") -> None:
    """Pickles one after the other; behind those of old PyTorch files come raw bytes."""
    old, number, held = False, 0, len(file.getbuffer())
    while file.tell() < held:
        first = follow(file, found, member)
        if first is None:
            break
        old = old or (number == 0 and first == _OLD_TORCH)
        number += 1
        if old and number == _OLD_TORCH_PICKLES:
            return
    if size > held:
        found.flag(member, f"more than {MAX_PICKLE:,} bytes; the rest is not looked at")
