"""Brings a history up to date in a child process."""

import subprocess
import sys

from modelreg_cli.errors import Unavailable


def renew(root: str, path: str) -> None:
    """Runs the writer; the reader that waits for it never loads what only the writer needs.

    Raises:
        Unavailable: it failed; the reason is on stderr.
    """
    command = [sys.executable, "-m", "modelreg_cli", "history", "--output", path, "--quiet"]
    try:
        done = subprocess.run(command, cwd=root, check=False)
    except OSError as error:
        raise Unavailable(f"the history could not be brought up to date: {error}", "run `modelreg history -o FILE` to see why") from None
    if done.returncode != 0:
        raise Unavailable("the history could not be brought up to date", "the reason is above; `modelreg history -o FILE` tells it again")
