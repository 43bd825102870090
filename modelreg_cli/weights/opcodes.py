"""The names that one pickle imports, listed by pickletools; nothing is ever loaded.

The stack is followed as far as names need it: every name that is computed, and every opcode that hides one, is flagged. What
is not on the list of what PyTorch's own files import is flagged too, so a pickle is clean only if all of it was understood.
"""

import io
import pickletools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

#: Bounds: opcodes of one pickle, names that are told.
MAX_OPCODES = 20_000_000
MAX_NAMES = 10_000
_LONGEST_TEXT = 4096

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
    """All names of a file, what in its pickles was not understood, and what in it is of no form that is known here."""

    imports: tuple[Import, ...]
    flags: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def strange(self) -> list[str]:
        """Names that are not allowed, and what was not understood."""
        return [one.name for one in self.imports if not one.allowed] + list(self.flags)

    @property
    def clean(self) -> bool:
        """Nothing but what PyTorch's own files of tensors import."""
        return not self.strange and not self.unknown


class Found:
    """Names and flags so far; what is told of a file is bounded."""

    def __init__(self) -> None:
        self.imports: dict[Import, None] = {}
        self.flags: dict[str, None] = {}
        self.others: dict[str, None] = {}

    def name(self, member: str, name: str) -> None:
        """A name that is imported."""
        if len(self.imports) < MAX_NAMES:
            self.imports[Import(member, name[:300], name in ALLOWED)] = None
        else:
            self.flag(member, f"more than {MAX_NAMES:,} names")

    def flag(self, member: str, words: str) -> None:
        """Something in a pickle that was not understood."""
        if len(self.flags) < MAX_NAMES:
            self.flags[f"{member}: {words}" if member else words] = None

    def unknown(self, words: str) -> None:
        """Something that is of no form that is known here."""
        if len(self.others) < MAX_NAMES:
            self.others[words] = None

    def told(self) -> Pickles:
        """All of it."""
        return Pickles(tuple(self.imports), tuple(self.flags), tuple(self.others))


class _Unknown:
    """A value that is computed: no name can be told from it."""


_UNKNOWN = _Unknown()
_MARK = object()


def follow(file: io.BytesIO, found: Found, member: str) -> Any:
    """One pickle from where the file stands: its first constant, or None where it was not understood to its end."""
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
