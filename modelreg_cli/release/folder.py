"""A folder as a channel: on this machine, or shared by a file server."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from modelreg_cli.errors import Unavailable
from modelreg_cli.index.file import sync_folder
from modelreg_cli.lock import being_made, locked, remove_left
from modelreg_cli.release.channel import LATEST, Latest, Moved

_CHUNK = 1 << 20
_PATIENCE = 60.0  # seconds; who has the lock only renames a file


class FolderChannel:
    """Files below a folder; what is newest is replaced under a lock, by rename."""

    paths = True

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, str(folder)

    def latest(self) -> Latest | None:
        """The newest envelope."""
        try:
            raw = (self.folder / LATEST).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._no(error) from None
        return Latest(raw, hashlib.sha256(raw).hexdigest())

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Makes an envelope the newest one."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / ".lock", _PATIENCE):
                now = self.latest()
                if (now and now.mark) != (before and before.mark):
                    raise Moved(self.address)
                self._written(LATEST, lambda file: file.write_bytes(raw))
        except OSError as error:
            raise self._no(error) from None

    def has(self, name: str) -> int | None:
        """Bytes of a file."""
        try:
            return (self.folder / name).stat().st_size
        except OSError:
            return None

    def put(self, name: str, source: Path) -> None:
        """Puts a file."""
        self._written(name, lambda file: shutil.copyfile(source, file))

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file."""
        try:
            with (self.folder / name).open("rb") as file:
                file.seek(start)
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise self._no(error) from None

    def names(self, prefix: str) -> list[str]:
        """Names that begin so; what publishers that were killed had begun to write is taken away."""
        try:
            found = list(_files(self.folder))
            for left in (one for one in found if one.name[0] == "." and one.suffix == ".tmp"):
                with suppress(FileNotFoundError):
                    remove_left(left)
        except OSError as error:
            raise self._no(error) from None
        # what another publisher is writing has a name with a dot, and is no file yet
        names = (path.relative_to(self.folder).as_posix() for path in found if path.name[0] != ".")
        return sorted(name for name in names if name.startswith(prefix))

    def remove(self, *names: str) -> None:
        """Takes files away."""
        try:
            for name in names:
                (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._no(error) from None

    def _written(self, name: str, write: Callable[[Path], object]) -> None:
        target = self.folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            while not self._made(target, write):
                pass
            sync_folder(target.parent)
        except OSError as error:
            raise self._no(error) from None

    def _made(self, target: Path, write: Callable[[Path], object]) -> bool:
        """Whether a file was made; not where another publisher took its beginning for one that was left behind."""
        handle, made = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        os.close(handle)
        temporary = Path(made)
        try:
            with being_made(temporary) as ours:
                if ours:
                    write(temporary)
                    temporary.chmod(0o644)
                    with temporary.open("rb+") as file:
                        os.fsync(file.fileno())
                    temporary.replace(target)
            return ours
        finally:
            temporary.unlink(missing_ok=True)

    def _no(self, error: OSError) -> Unavailable:
        return Unavailable(f"{self.address}: {error.strerror or error}", "is the folder there, may it be written, and is space left?")


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder.

    Raises:
        OSError: a folder cannot be listed, so that what is in it may look as if it were not there.
    """
    for path in folder.iterdir() if folder.exists() else ():
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path
