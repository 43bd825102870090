"""ci/revoked_keys, asked as ssh-keygen reads it: plain keys, or a list that it made itself."""

import subprocess
import tempfile
from pathlib import Path

from modelreg_cli.gate.statement import keygen

REVOKED_KEY = "REVOKED"


def asked(revoked: bytes, key: str) -> str:
    """REVOKED_KEY; nothing where the key is not on the list; else what ssh-keygen has against the list.

    Raises:
        Unavailable: ssh-keygen is not installed.
    """
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
