"""ci/revoked_keys, as `ssh-keygen -Y verify -r` reads it: public keys, one a line, or a list that `ssh-keygen -k` made."""

import subprocess
import tempfile
from pathlib import Path

from modelreg_cli.signing import keygen

REVOKED_KEY = "REVOKED"
#: PROTOCOL.krl of OpenSSH.
_MADE = b"SSHKRL\n\0"


def asked(revoked: bytes, key_type: str, key: str) -> str:
    """REVOKED_KEY; nothing where the key is not on the list; else why ssh-keygen does not read the list.

    Raises:
        Unavailable: ssh-keygen is not installed.
    """
    return _made(revoked, f"{key_type} {key}\n") if revoked.startswith(_MADE) else _plain(revoked, key)


def _plain(revoked: bytes, key: str) -> str:
    for at, line in enumerate(revoked.decode("utf-8", "replace").splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) < 2 or not words[1].startswith("AAAA"):
            return f"line {at} is no `key-type key`, so no signature at all would count"
        if words[1] == key:
            return REVOKED_KEY
    return ""


def _made(revoked: bytes, key: str) -> str:
    with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
        for name, raw in (("list", revoked), ("key.pub", key.encode())):
            (Path(folder) / name).write_bytes(raw)
        command = [keygen(), "-Q", "-f", "list", "key.pub"]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return ""
    if done.stdout.strip().endswith(REVOKED_KEY):
        return REVOKED_KEY
    return " ".join((done.stderr or done.stdout).split())[:160] or "ssh-keygen does not read it"
