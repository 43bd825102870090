"""A manifest with its signatures as one object, so that whoever reads it has the old state or the new one, and no mix."""

import base64
import json
import struct
from dataclasses import dataclass
from pathlib import Path

from modelreg_cli.errors import Refused, Unavailable
from modelreg_cli.release.manifest import Manifest, read
from modelreg_cli.signing import Signers, sign

NAMESPACE = "modelreg-manifest@v1"
#: The principal that keys of a catalog are trusted as.
PRINCIPAL = "publisher"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A manifest's text and signatures over it, in PEM."""

    text: bytes
    signatures: tuple[str, ...]

    @property
    def manifest(self) -> Manifest:
        """What it says.

        Raises:
            Unavailable: it is no manifest.
        """
        return read(self.text)

    def raw(self) -> bytes:
        """The bytes of the object."""
        return json.dumps({"manifest": self.text.decode(), "signatures": list(self.signatures)}, indent=1).encode() + b"\n"

    def why_not(self, trusted: tuple[str, ...]) -> str:
        """Why no trusted key signed it, or nothing; `trusted` are lines of allowed_signers."""
        if not self.signatures:
            return "it is not signed"
        signers = Signers("".join(f"{line}\n" for line in trusted).encode())
        whys = [signers.why_not(PRINCIPAL, self.text, one.encode(), NAMESPACE) for one in self.signatures]
        return "" if "" in whys else whys[0]

    def keys(self) -> tuple[str, ...]:
        """The public keys that the signatures say they are by, as lines of allowed_signers: what a first pull may pin."""
        return tuple(f"{PRINCIPAL} {line}" for line in map(_key_of, self.signatures) if line)


def sealed(manifest: Manifest, keys: list[Path]) -> Envelope:
    """The manifest, signed by each key."""
    return Envelope(manifest.text(), tuple(sign(manifest.text(), key, NAMESPACE).decode() for key in keys))


def opened(raw: bytes) -> Envelope:
    """An envelope from its bytes; nothing is verified.

    Raises:
        Unavailable: it is none.
    """
    try:
        told = json.loads(raw)
        text, signatures = told["manifest"].encode(), tuple(told["signatures"])
        if not all(isinstance(one, str) for one in signatures):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unavailable("the channel's manifest is damaged, or something else", "is it the right address?") from None
    return Envelope(text, signatures)


def verified(envelope: Envelope, trusted: tuple[str, ...]) -> Manifest:
    """The manifest, where a trusted key signed it.

    Raises:
        Refused: none did.
    """
    if why := envelope.why_not(trusted):
        raise Refused(
            f"the published index is not to be trusted: {why}", "ask its publishers; `modelreg pull --trust FILE` takes over new keys"
        )
    return envelope.manifest


def _key_of(signature: str) -> str | None:
    """The public key inside an SSH signature (openssh PROTOCOL.sshsig), as `type base64`."""
    try:
        blob = base64.b64decode("".join(line for line in signature.splitlines() if "-----" not in line))
        if blob[:6] != b"SSHSIG":
            return None
        (size,) = struct.unpack(">I", blob[10:14])
        key = blob[14 : 14 + size]
        (named,) = struct.unpack(">I", key[:4])
        return f"{key[4 : 4 + named].decode('ascii')} {base64.b64encode(key).decode()}"
    except (ValueError, struct.error):
        return None
