"""One publisher at a time in a folder, on every system that Python runs on."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PAUSE = 0.05  # seconds

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(_PAUSE)
            else:
                return

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits until nobody else holds the lock of a file; the system frees it when the process ends.

    Raises:
        OSError: the file can not be made, or its file system has no locks.
    """
    with path.open("w") as file:
        _lock(file)
        yield
