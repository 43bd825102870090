"""ci/allowed_signers, as ssh-keygen(1) describes it under ALLOWED SIGNERS: principals, options, key."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

_WORD = re.compile(r'\s*((?:"[^"]*"|[^\s"])+)')
_OPTION = re.compile(r'([A-Za-z-]+)(?:="([^"]*)"|=([^",]*))?(?:,|\Z)')
_TYPES = re.compile(r"(?:sk-)?(?:ssh-(?:ed25519|rsa|dss|ed448)|ecdsa-sha2-nistp\d+)(?:-cert-v01)?(?:@openssh\.com)?\Z")
_FORMS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_WEAKEST = 3072  # bits of RSA: NIST SP 800-57 part 1, 128 bits of security


class Signer(NamedTuple):
    """A key that may sign. Times are UTC; None of `until` is for ever; `namespaces` empty is all of them."""

    line: int
    principals: tuple[str, ...]
    key_type: str
    key: str
    namespaces: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    authority: bool = False

    def signs(self, namespace: str) -> bool:
        """Whether it may sign what is named so; a pattern with `!` takes out of the others."""
        if any(one.startswith("!") and fnmatchcase(namespace, one[1:]) for one in self.namespaces):
            return False
        return not self.namespaces or any(fnmatchcase(namespace, one) for one in self.namespaces)

    def weakness(self) -> str:
        """Why the key is too weak, or empty."""
        if "dss" in self.key_type:
            return "is a DSA key, which newer programs refuse"
        if self.key_type == "ssh-rsa" and (bits := _bits(self.key)) < _WEAKEST:
            return f"is an RSA key of {bits} bits, and {_WEAKEST} are the least"
        return ""


class Wrong(NamedTuple):
    """A line that ssh-keygen does not take."""

    line: int
    why: str


def signers_of(raw: bytes) -> Iterator[Signer | Wrong]:
    """Every line that is neither empty nor a comment."""
    for at, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                yield _signer(at, _WORD.findall(line))
            except ValueError as error:
                yield Wrong(at, str(error))


def _signer(line: int, words: list[str]) -> Signer:
    at = next((at for at, word in enumerate(words[1:3], start=1) if _TYPES.match(word)), None)
    if at is None or len(words) <= at + 1:
        raise ValueError("it is no `principal [options] key-type key`")
    key_type, key = words[at : at + 2]
    if _kind(key) != key_type:
        raise ValueError(f"its key is no {key_type} key")
    options = _options(words[1]) if at == 2 else {}
    return Signer(
        line,
        tuple(words[0].strip('"').split(",")),
        key_type,
        key,
        tuple(options["namespaces"].split(",")) if "namespaces" in options else (),
        _moment(options.get("valid-after")),
        _moment(options.get("valid-before")),
        "cert-authority" in options,
    )


def _options(word: str) -> dict[str, str]:
    found, at = {}, 0
    while at < len(word):
        one = _OPTION.match(word, at)
        if one is None or one[1].lower() not in ("namespaces", "valid-after", "valid-before", "cert-authority"):
            raise ValueError(f"an option that is not known: {word[at:][:60]}")
        found[one[1].lower()] = one[2] if one[2] is not None else one[3] or ""
        at = one.end()
    return found


def _moment(told: str | None) -> datetime | None:
    """YYYYMMDD or YYYYMMDDHHMM[SS], with Z in UTC; without it the clock of whoever verifies counts, taken for UTC here."""
    if told is None:
        return None
    digits = told.removesuffix("Z")
    if not digits.isdigit() or len(digits) not in _FORMS:
        raise ValueError(f"{told!r} is no time: YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC")
    return datetime.strptime(digits, _FORMS[len(digits)]).replace(tzinfo=UTC)


def _parts(key: str) -> list[bytes]:
    """The pieces of a key, each with its length before it (RFC 4253, section 6.6)."""
    raw = base64.b64decode(key, validate=True)
    pieces, at = [], 0
    while at + 4 <= len(raw):
        size = int.from_bytes(raw[at : at + 4], "big")
        pieces.append(raw[at + 4 : at + 4 + size])
        at += 4 + size
    return pieces


def _kind(key: str) -> str:
    try:
        return _parts(key)[0].decode("ascii", "replace")
    except (ValueError, IndexError):
        return ""


def _bits(key: str) -> int:
    pieces = _parts(key)
    return int.from_bytes(pieces[2], "big").bit_length() if len(pieces) > 2 else 0
