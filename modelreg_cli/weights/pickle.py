"""What a pickle would import, listed by pickletools; nothing is ever loaded.

The stack is followed as far as names need it: every name that is computed, and every opcode that hides one, is flagged. What
is not on the list of what PyTorch's own files import is flagged too, so a file is clean only if all of it was understood.
"""

import io
import pickletools
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from modelreg_cli.weights.source import LocalFile, WrongWeights

#: Bounds: pickled bytes that are read of one file, opcodes, members of an archive, names that are told.
MAX_PICKLE = 256 * 1024 * 1024
MAX_OPCODES = 20_000_000
MAX_MEMBERS = 100_000
MAX_NAMES = 10_000
_LONGEST_TEXT = 4096
#: The first number of PyTorch's format before 1.6: pickles one after the other, then raw storages.
_OLD_TORCH = 0x1950A86A20F9469CFC6C
_OLD_TORCH_PICKLES = 5

#: What PyTorch's files of tensors import, and what is harmless when it is called with anything.
ALLOWED = frozenset(
    {
        "collections OrderedDict",
        "torch._utils _rebuild_tensor",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        "torch._utils _rebuild_qtensor",
        "torch._tensor _rebuild_from_type_v2",
        "torch.nn.parameter Parameter",
        "torch.serialization _get_layout",
        "torch.storage UntypedStorage",
        "torch Size",
        "torch Tensor",
        "torch device",
        "numpy dtype",
        "numpy ndarray",
        "numpy.core.multiarray _reconstruct",
        "numpy._core.multiarray _reconstruct",
        "numpy.core.multiarray scalar",
        "numpy._core.multiarray scalar",
        "_codecs encode",
        "builtins set",
        "builtins frozenset",
        "builtins complex",
        "builtins bytearray",
        "__builtin__ set",
        "__builtin__ frozenset",
        "__builtin__ bytearray",
        "copyreg _reconstructor",
        "copy_reg _reconstructor",
        "builtins object",
        "__builtin__ object",
        *(
            f"torch {kind}Storage"
            for kind in (
                *("Float", "Half", "BFloat16", "Double", "Byte", "Char", "Short", "Int", "Long", "Bool"),
                *("ComplexFloat", "ComplexDouble"),
            )
        ),
        *(
            f"torch {kind}"
            for kind in (
                *("float16", "float32", "float64", "bfloat16", "uint8", "int8", "int16", "int32", "int64", "bool"),
                *("complex64", "complex128"),
            )
        ),
    }
)


class Import(NamedTuple):
    """A name that a pickle asks for; `member` is the file inside an archive, empty of a bare pickle."""

    member: str
    name: str
    allowed: bool


class Pickles(NamedTuple):
    """All names of a file, and what was not understood in it; `clean` if all are allowed and nothing was not."""

    imports: tuple[Import, ...]
    flags: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Nothing but what PyTorch's own files of tensors import."""
        return not self.flags and all(one.allowed for one in self.imports)


def read(source: LocalFile) -> Pickles:
    """The imports of a .bin, .pt, .pth, .ckpt or .pkl file.

    Raises:
        WrongWeights: it can not be read.
    """
    found = _Found()
    try:
        archive = zipfile.is_zipfile(source.path)
        if archive:
            _archive(source, found)
        with source.path.open("rb") as file:
            head = file.read(2)
            file.seek(0)
            # a file may be both: a pickle with an archive behind it
            if not archive or head[:1] == b"\x80":
                _bare(io.BytesIO(file.read(MAX_PICKLE)), source.size, found)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise WrongWeights(f"{source.name} can not be read: {error}", "is it a file of PyTorch, and whole?") from None
    return found.told()


class _Found:
    def __init__(self) -> None:
        self.imports: dict[Import, None] = {}
        self.flags: dict[str, None] = {}

    def name(self, member: str, name: str) -> None:
        if len(self.imports) < MAX_NAMES:
            self.imports[Import(member, name[:300], name in ALLOWED)] = None
        else:
            self.flag(member, f"more than {MAX_NAMES:,} names")

    def flag(self, member: str, words: str) -> None:
        if len(self.flags) < MAX_NAMES:
            self.flags[f"{member}: {words}" if member else words] = None

    def told(self) -> Pickles:
        return Pickles(tuple(self.imports), tuple(self.flags))


def _archive(source: LocalFile, found: _Found) -> None:
    with zipfile.ZipFile(source.path) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            found.flag("", f"an archive of {len(members):,} files; {MAX_MEMBERS:,} are looked at")
        left = MAX_PICKLE
        for member in members[:MAX_MEMBERS]:
            name = member.filename
            if member.flag_bits & 1:
                found.flag(name, "is encrypted")
                continue
            with archive.open(member) as file:
                head = file.read(4)
                inside = name.lower().endswith((".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib", ".dill"))
                # storages of tensors are raw and any of them may begin like a pickle: they are called <name>/data/<number>
                raw = name.rpartition("/")[0].endswith("data") and name.rpartition("/")[2].isdigit()
                if head == b"PK\x03\x04":
                    found.flag(name, "is an archive in an archive, which is not looked into")
                elif inside or (head[:1] == b"\x80" and not raw):
                    data = head + file.read(left + 1)
                    left -= len(data)
                    if left < 0:
                        found.flag(name, f"more than {MAX_PICKLE:,} bytes of pickles; the rest is not looked at")
                        return
                    _bare(io.BytesIO(data), len(data), found, name)


def _bare(file: io.BytesIO, size: int, found: _Found, member: str = "") -> None:
    """Pickles one after the other; behind those of old PyTorch files come raw bytes."""
    old, number = False, 0
    if size > len(file.getbuffer()):
        found.flag(member, f"more than {MAX_PICKLE:,} bytes; the rest is not looked at")
    while file.tell() < len(file.getbuffer()):
        first = _pickle(file, found, member)
        if first is None:
            return
        old = old or (number == 0 and first == _OLD_TORCH)
        number += 1
        if old and number == _OLD_TORCH_PICKLES:
            return


class _Unknown:
    """A value that is computed: no name can be told from it."""


_UNKNOWN = _Unknown()
_MARK = object()


def _pickle(file: io.BytesIO, found: _Found, member: str) -> Any:
    """One pickle: its first constant, or None where it was not understood to its end."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    first: Any = _UNKNOWN
    try:
        for count, (opcode, argument, _) in enumerate(_opcodes(file)):
            if count > MAX_OPCODES:
                found.flag(member, f"more than {MAX_OPCODES:,} opcodes")
                return None
            name = opcode.name
            if name in ("GLOBAL", "INST"):
                found.name(member, str(argument))
            elif name == "STACK_GLOBAL":
                pair = stack[-2:]
                if len(pair) == 2 and all(isinstance(part, str) for part in pair):
                    found.name(member, f"{pair[0]} {pair[1]}")
                else:
                    found.flag(member, "a name that is computed while it is loaded")
            elif name in ("EXT1", "EXT2", "EXT4"):
                found.flag(member, f"a name by number ({name} {argument}), which only the loading program knows")
            _step(opcode, argument, stack, memo)
            if first is _UNKNOWN and isinstance(argument, int) and name in ("LONG1", "LONG4", "LONG", "INT"):
                first = argument
    except Exception as error:  # pickletools raises many kinds; whatever it is, this file was not understood
        found.flag(member, f"is no whole pickle: {str(error)[:200]}")
        return None
    return first


def _opcodes(file: io.BytesIO) -> Iterator[tuple[pickletools.OpcodeInfo, Any, int | None]]:
    return pickletools.genops(file)


def _step(opcode: pickletools.OpcodeInfo, argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    """Follows the stack: texts as they are, everything else as unknown."""
    special = _SPECIAL.get(opcode.name)
    if special:
        special(argument, stack, memo)
        return
    before = opcode.stack_before
    if pickletools.markobject in before:
        while stack and stack.pop() is not _MARK:
            pass
        for _ in range(before.index(pickletools.markobject)):
            if stack:
                stack.pop()
    else:
        for _ in before:
            if stack:
                stack.pop()
    text = (
        argument if isinstance(argument, str) and len(argument) <= _LONGEST_TEXT and len(opcode.stack_after) == 1 and not before else None
    )
    text = text if "UNICODE" in opcode.name or "STRING" in opcode.name else None
    for kind in opcode.stack_after:
        stack.append(_MARK if kind is pickletools.markobject else _UNKNOWN if text is None else text)


def _memoize(_argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    memo[len(memo)] = stack[-1] if stack else _UNKNOWN


def _put(argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    memo[int(argument)] = stack[-1] if stack else _UNKNOWN


def _get(argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    stack.append(memo.get(int(argument), _UNKNOWN))


def _duplicate(_argument: Any, stack: list[Any], _memo: dict[int, Any]) -> None:
    stack.append(stack[-1] if stack else _UNKNOWN)


def _pop(_argument: Any, stack: list[Any], _memo: dict[int, Any]) -> None:
    if stack:
        stack.pop()


_SPECIAL: dict[str, Callable[[Any, list[Any], dict[int, Any]], None]] = {
    "MEMOIZE": _memoize,
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "GET": _get,
    "BINGET": _get,
    "LONG_BINGET": _get,
    "DUP": _duplicate,
    "POP": _pop,
}
