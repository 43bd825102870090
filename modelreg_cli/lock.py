"""Locks that end with the process that holds them, however it ends.

What is being made is locked as long as somebody makes it, so what the dead leave behind is known and can be taken away.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modelreg_cli.errors import Unavailable

_PAUSE = 0.05  # seconds
_WORK = "modelreg-work-"

if sys.platform == "win32":
    import msvcrt

    #: Seconds after which something is of the dead: neither folders nor files that are written can be locked there.
    _OLD = 86_400

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    @contextmanager
    def being_made(path: Path) -> Iterator[bool]:
        """Marks a file or folder as being made."""
        yield True

    def remove_left(path: Path) -> None:
        """Takes a file or folder away that a process left behind."""
        if path.lstat().st_mtime + _OLD < time.time():
            _remove(path)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _opened(path: Path) -> int:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)

    @contextmanager
    def being_made(path: Path) -> Iterator[bool]:
        """Marks a file or folder as being made; False where another process took it for left behind before it was marked."""
        try:
            handle = _opened(path)
        except FileNotFoundError:
            yield False
            return
        try:
            yield _take(handle) and path.exists()
        finally:
            os.close(handle)

    def remove_left(path: Path) -> None:
        """Takes a file or folder away, where nobody is making it any more.

        Raises:
            OSError: it is gone, or may not be touched.
        """
        handle = _opened(path)
        try:
            if _take(handle):
                _remove(path)
        finally:
            os.close(handle)


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Waits until nobody else holds the lock of a file, so many seconds at the longest.

    Raises:
        Unavailable: somebody else holds it all the time.
        OSError: the file can not be made, or its file system has no locks.
    """
    until = time.monotonic() + seconds
    with path.open("ab") as file:
        while not _take(file.fileno()):
            if time.monotonic() > until:
                raise Unavailable(f"another process is at work in {path.parent}", "wait until it is done, or end it")
            time.sleep(_PAUSE)
        yield


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for the work of this process, gone afterwards; those of processes that were killed are taken away first."""
    for old in Path(tempfile.gettempdir()).glob(f"{_WORK}*"):
        with suppress(OSError):
            remove_left(old)
    ours = False
    while not ours:
        with tempfile.TemporaryDirectory(prefix=_WORK, ignore_cleanup_errors=True) as made, being_made(Path(made)) as ours:
            if ours:
                yield Path(made)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
