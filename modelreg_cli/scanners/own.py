"""The scanner that is always there: formats without code by their headers, pickles by a list of what they may import."""

import json
from collections.abc import Sequence

from modelreg_cli import __version__
from modelreg_cli.scanners.scanner import Sight, Verdict, Wishes, skipped, verdict
from modelreg_cli.weights import gguf, pickle, safetensors
from modelreg_cli.weights.source import LocalFile, NotKnownHere, Source, WrongWeights

NAME = "modelreg"
_MAX_JSON = 64 * 1024 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class Own:
    """Looks at every file itself."""

    name = NAME
    version = __version__
    database = None

    def covers(self, _path: str) -> bool:
        """Of every file it says something."""
        return True

    def look(self, files: Sequence[Sight]) -> list[Verdict]:
        """One verdict for each file."""
        return [_look(one) for one in files]


def made(_wishes: Wishes) -> Own:
    """It needs nothing."""
    return Own()


def _look(one: Sight) -> Verdict:
    try:
        source = LocalFile(one.file)
        head = source.read(0, 8)
        form = form_of(one.path, head)
        if form:
            return header(form, source)
        if one.path.lower().endswith(".json"):
            return _json(source)
        if one.path.lower().endswith((*pickle.ENDINGS, ".npy", ".npz")) or head.startswith((*_ZIP, b"\x80", b"\x93NUMPY")):
            return _pickles(source, head)
    except NotKnownHere as error:
        return skipped(error.message)
    except WrongWeights as error:
        return verdict("failed", [error.message])
    return skipped("of no form that is known here")


def form_of(path: str, head: bytes = b"") -> str | None:
    """The format without code that a file is said to have: by its name, else by its first bytes."""
    ending = path.lower().rpartition(".")[2]
    return ending if ending in ("gguf", "safetensors") else "gguf" if head[:4] == b"GGUF" else None


def header(form: str, source: Source) -> Verdict:
    """What the header of such a file says.

    Raises:
        WrongWeights: it is not of the format, cut or hostile; NotKnownHere where it may well be sound.
        Unavailable: the server does not answer.
    """
    if form == "safetensors":
        return verdict("passed", [_tensors("safetensors", len(safetensors.read(source).tensors))])
    found = gguf.read(source)
    if source.size is not None and source.size - found.end >= found.alignment:
        return verdict("failed", [f"GGUF, and {source.size - found.end:,} bytes behind it that belong to no tensor"])
    return verdict("passed", [_tensors("GGUF", len(found.tensors))])


def _tensors(form: str, count: int) -> str:
    return f"{form} of {count:,} tensor{'' if count == 1 else 's'}: no code"


def _json(source: LocalFile) -> Verdict:
    if source.size > _MAX_JSON:
        return skipped(f"more than {_MAX_JSON:,} bytes of JSON")
    try:
        json.loads(source.read(0, source.size))
    except (ValueError, RecursionError):
        return skipped("is called JSON and is none")
    return verdict("passed", ["JSON: no code"])


def _pickles(source: LocalFile, head: bytes) -> Verdict:
    found = pickle.read(source)
    names = [f"imports {one.name}{f' ({one.member})' if one.member else ''}" for one in found.imports if not one.allowed]
    if not names and not found.imports and not head.startswith((*_ZIP, b"\x80", b"\x93NUMPY")) and found.flags:
        return skipped(f"neither a pickle nor of another form that is known here: {found.flags[0]}")
    if names or found.flags:
        return verdict("failed", [*names, *found.flags])
    if found.unknown:
        return verdict("skipped", found.unknown)
    return verdict("passed", ["imports nothing but what tensors need"])
