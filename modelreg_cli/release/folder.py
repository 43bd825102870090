"""A folder as a channel: on this machine, or shared by a file server."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from modelreg_cli.errors import Unavailable
from modelreg_cli.release.channel import LATEST, Latest, Moved
from modelreg_cli.release.lock import locked

_CHUNK = 1 << 20


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
            with locked(self.folder / ".lock"):
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
        """Names that begin so."""
        # what another publisher is writing has a name with a dot, and is no file yet
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.name[0] != "." and path.is_file())
        return sorted(name for name in found if name.startswith(prefix))

    def remove(self, name: str) -> None:
        """Takes a file away."""
        (self.folder / name).unlink(missing_ok=True)

    def _written(self, name: str, write: Callable[[Path], object]) -> None:
        target = self.folder / name
        temporary: Path | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, made = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
            os.close(handle)
            temporary = Path(made)
            write(temporary)
            temporary.chmod(0o644)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            raise self._no(error) from None
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def _no(self, error: OSError) -> Unavailable:
        return Unavailable(f"{self.address}: {error.strerror or error}", "is the folder there, may it be written, and is space left?")
