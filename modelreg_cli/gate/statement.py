"""Signed statements: a person says yes or no to the governed values of a version, whatever forge or branch they are on.

The form is an in-toto Statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) in canonical JSON,
signed with `ssh-keygen -Y sign`.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from modelreg_cli.errors import ModelregError, Unavailable

NAMESPACE = "modelreg-approval@v1"
SIGNERS = "ci/allowed_signers"
REVOKED = "ci/revoked_keys"
_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://modelreg.dev/approval/v1"
_FIELDS = ("catalog", "decision", "evidence", "expires", "made", "person", "policy", "tag")


class Approval(NamedTuple):
    """What a statement says. Digests are sha256 in hex: of the governed values, of the policy, of the evidence on the base."""

    ref: str
    governed: str
    catalog: str
    tag: str
    decision: Literal["approve", "reject"]
    policy: str
    evidence: str
    person: str
    made: str
    expires: str

    def text(self) -> bytes:
        """The bytes that are signed."""
        predicate = {field: getattr(self, field) for field in _FIELDS}
        subject = [{"name": self.ref, "digest": {"sha256": self.governed}}]
        return canonical({"_type": _TYPE, "subject": subject, "predicateType": _PREDICATE, "predicate": predicate})

    def path(self) -> str:
        """Where it lies in the catalog, without its ending."""
        model, _, version = self.ref.partition("@")
        return f"catalog/approvals/{model}/{version}/{self.person}-{hashlib.sha256(self.text()).hexdigest()[:8]}"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8, with a final newline."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def digest(value: Any) -> str:
    """sha256 of the canonical JSON of a value, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def read(raw: bytes) -> Approval:
    """What the bytes of a statement say.

    Raises:
        ValueError: they are no such statement, or another text would say the same.
    """
    try:
        told = json.loads(raw)
        (subject,) = told["subject"]
        predicate = told["predicate"]
        found = Approval(ref=subject["name"], governed=subject["digest"]["sha256"], **{field: predicate[field] for field in _FIELDS})
        date.fromisoformat(found.made), date.fromisoformat(found.expires)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("it is no statement of an approval") from None
    if found.decision not in ("approve", "reject") or found.text() != raw:
        raise ValueError("its text is not canonical")
    return found


@dataclass(frozen=True, slots=True)
class Signers:
    """Keys that may sign, as the base has them: ci/allowed_signers, and ci/revoked_keys where there is one."""

    allowed: bytes
    revoked: bytes | None = None

    def why_not(self, principal: str, text: bytes, signature: bytes, moment: str | None = None, namespace: str = NAMESPACE) -> str:
        """Why a signature does not count as the principal's, or nothing; `moment` (YYYYMMDDhhmmss, UTC) asks for the past.

        Raises:
            Unavailable: ssh-keygen is not installed.
        """
        with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
            names = {"signers": self.allowed, "signature": signature, "revoked": self.revoked}
            for name, raw in names.items():
                if raw is not None:
                    (Path(folder) / name).write_bytes(raw)
            command = [keygen(), "-Y", "verify", "-f", "signers", "-I", principal, "-n", namespace, "-s", "signature"]
            command += ["-r", "revoked"] if self.revoked is not None else []
            command += ["-O", f"verify-time={moment}Z"] if moment else []
            done = subprocess.run(command, cwd=folder, input=text, capture_output=True, check=False)
        if done.returncode == 0:
            return ""
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines() or ["no message"]
        return f"the signature does not count: {' '.join(said[0].split())[:160]}"


def sign(text: bytes, key: Path, namespace: str = NAMESPACE) -> bytes:
    """A signature by a person's key; an agent or a passphrase is asked for as ssh does it.

    Raises:
        Unavailable: ssh-keygen is not installed.
        ModelregError: the key does not sign.
    """
    with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
        file = Path(folder) / "statement"
        file.write_bytes(text)
        command = [keygen(), "-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(file)]
        done = subprocess.run(command, stdin=None, capture_output=True, check=False)
        made = Path(f"{file}.sig")
        if done.returncode != 0 or not made.exists():
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines() or ["no message"]
            raise ModelregError(f"{key} does not sign: {said[-1]}", "name a private key, or a public one whose other half ssh-agent holds")
        return made.read_bytes()


def public_key(key: Path) -> str:
    """The public half of a key, as one word of base64: from the file beside it, or from itself.

    Raises:
        ModelregError: there is no such key.
    """
    beside = key if key.suffix == ".pub" else Path(f"{key}.pub")
    try:
        words = beside.read_text("utf-8", "replace").split()
    except OSError:
        done = subprocess.run([keygen(), "-y", "-f", str(key)], stdin=None, capture_output=True, text=True, check=False)
        words = done.stdout.split()
    if len(words) < 2:
        raise ModelregError(f"{key} is no key", "name a private key with --key, or a public one whose other half ssh-agent holds")
    return words[1]


def keygen() -> str:
    """The program that signs and verifies.

    Raises:
        Unavailable: it is not installed.
    """
    found = shutil.which("ssh-keygen")
    if found is None:
        raise Unavailable("ssh-keygen is not installed", "install OpenSSH 8.9 or newer")
    return found
