"""Brings the index of a checkout up to date in a child process."""

import subprocess
import sys

from modelreg_cli.errors import Unavailable


def rebuild(root: str) -> None:
    """Builds the index of a checkout; the reader that waits for it never loads what only the writer needs.

    Raises:
        Unavailable: it cannot be built; the reason is on stderr.
    """
    try:
        done = subprocess.run([sys.executable, "-m", "modelreg_cli", "build", "--root", root, "--auto"], check=False)
    except OSError as error:
        raise Unavailable(f"the index could not be built: {error}", "run `modelreg build` to see why") from None
    if done.returncode != 0:
        raise Unavailable("the index could not be built", "run `modelreg build` and `modelreg validate` to see why")
