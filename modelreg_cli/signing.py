"""SSH signatures over bytes, by `ssh-keygen -Y`: made with a person's key, checked against a file of allowed signers."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.lock import work_folder


@dataclass(frozen=True, slots=True)
class Signers:
    """Keys that may sign, in the form of OpenSSH's allowed_signers; `revoked` are public keys, or a revocation list."""

    allowed: bytes
    revoked: bytes | None = None

    def why_not(self, principal: str, text: bytes, signature: bytes, namespace: str, moment: str | None = None) -> str:
        """Why a signature does not count as the principal's, or nothing; `moment` (YYYYMMDDhhmmss, UTC) asks for the past.

        Raises:
            Unavailable: ssh-keygen is not installed.
        """
        with work_folder() as folder:
            names = {"signers": self.allowed, "signature": signature, "revoked": self.revoked}
            for name, raw in names.items():
                if raw is not None:
                    (folder / name).write_bytes(raw)
            command = [keygen(), "-Y", "verify", "-f", "signers", "-I", principal, "-n", namespace, "-s", "signature"]
            command += ["-r", "revoked"] if self.revoked is not None else []
            command += ["-O", f"verify-time={moment}Z"] if moment else []
            done = subprocess.run(command, cwd=folder, input=text, capture_output=True, check=False)
        if done.returncode == 0:
            return ""
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines() or ["no message"]
        return f"the signature does not count: {' '.join(said[0].split())[:160]}"


def sign(text: bytes, key: Path, namespace: str) -> bytes:
    """A signature by a person's key; an agent or a passphrase is asked for as ssh does it.

    Raises:
        Unavailable: ssh-keygen is not installed.
        ModelregError: the key does not sign.
    """
    with work_folder() as folder:
        file = folder / "statement"
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
