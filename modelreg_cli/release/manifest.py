"""What a published state of a catalog consists of: every file by its digest, in an order that nobody can turn back."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from modelreg_cli.errors import ModelregError, Unavailable

FORMAT = 1
#: How far clocks may differ before it is told.
SKEW = timedelta(hours=1)
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?\Z")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a channel: its name there, bytes, sha256.

    `made_of` names the file that a packed one unpacks to, or that a difference is from; empty for a plain file.
    """

    name: str
    bytes: int
    sha256: str
    role: str
    made_of: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One published state. `sequence` grows by one; `previous` is sha256 of the manifest before it, empty for the first.

    `made` and `expires` are moments in UTC; after `expires` whoever holds it is told that it is old. `signers` are the
    keys that may sign the next one, as lines of OpenSSH's allowed_signers. `protected` are tags that the gate of this catalog gives: a
    catalog that lies over it does not take them over.
    """

    catalog: str
    sequence: int
    previous: str
    made: str
    expires: str
    commit: str
    tree: str
    program: str
    schema_version: int
    logical_digest: str
    sqlite: str
    counts: dict[str, int]
    protected: tuple[str, ...]
    files: tuple[File, ...]
    signers: tuple[str, ...]

    def text(self) -> bytes:
        """Canonical JSON: what is signed."""
        told = {"format": FORMAT, **asdict(self)}
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"

    def digest(self) -> str:
        """sha256 of its text, in hex."""
        return hashlib.sha256(self.text()).hexdigest()

    def file(self, role: str, made_of: str | None = None) -> File | None:
        """The file of a role, such as index; of differences the one from some file."""
        return next((one for one in self.files if one.role == role and made_of in (None, one.made_of)), None)

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now > moment_of(self.expires)


def moment(when: datetime) -> str:
    """A moment as manifests write it."""
    return when.astimezone(UTC).strftime(_MOMENT)


def moment_of(told: str) -> datetime:
    """A moment from what manifests write."""
    return datetime.strptime(told, _MOMENT).replace(tzinfo=UTC)


def catalog_id(name: str) -> str:
    """The name of a catalog as a channel and a folder can have it.

    Raises:
        ModelregError: nothing of it is left.
    """
    found = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64].strip("-._")
    if not _NAME.match(found):
        raise ModelregError(f"{name!r} gives no name for a catalog", "`name` in catalog/catalog.yaml needs letters or digits")
    return found


def read(raw: bytes) -> Manifest:
    """A manifest from its text.

    Raises:
        Unavailable: it is none, or another text would say the same.
        ModelregError: it is of another format.
    """
    try:
        told: dict[str, Any] = json.loads(raw)
        if told.pop("format") != FORMAT:
            raise ModelregError("the manifest has a newer format", "install a newer modelreg")
        files = tuple(File(**one) for one in told.pop("files"))
        found = Manifest(files=files, signers=tuple(told.pop("signers")), protected=tuple(told.pop("protected")), **told)
        _checked(found)
        if found.text() != raw:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unavailable("the manifest is none, or damaged", "is it the right channel?") from None
    return found


def _checked(one: Manifest) -> None:
    """Types and forms that the rest of the program relies on.

    Raises:
        ValueError: one is not so.
    """
    whole = (one.sequence, one.schema_version, *one.counts.values(), *(file.bytes for file in one.files))
    words = (one.catalog, one.previous, one.commit, one.tree, one.program, one.logical_digest, one.sqlite, *one.signers, *one.protected)
    digests = (*(file.sha256 for file in one.files), *([one.previous] if one.previous else []))
    fine = (
        all(type(number) is int and number >= 0 for number in whole)
        and all(isinstance(word, str) for word in words)
        and all(_DIGEST.match(digest) for digest in digests)
        and _NAME.match(one.catalog)
        and all(is_safe(file.name) and isinstance(file.role, str) and isinstance(file.made_of, str) for file in one.files)
        and all("\n" not in line for line in one.signers)
    )
    for told in (one.made, one.expires):
        datetime.strptime(told, _MOMENT)
    if not fine:
        raise ValueError


def is_safe(name: str) -> bool:
    """Whether a name on a channel leads nowhere else: plain steps, no dots alone."""
    return bool(re.match(r"[A-Za-z0-9][A-Za-z0-9._@+-]*(?:/[A-Za-z0-9][A-Za-z0-9._@+-]*)*\Z", name)) and len(name) < 500
