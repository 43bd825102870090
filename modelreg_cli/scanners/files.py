"""Files on this machine: where they lie, which links are followed, their digests, and whether they changed meanwhile."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.errors import ModelregError

Progress = Callable[[int], None]
_BLOCK = 4 * 1024 * 1024
_MOST = 100_000
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFDIR: "a folder"}


class Place(NamedTuple):
    """Where a file lies, by its path in the artifact or folder; without a `file` it can not be read, and `why` says so."""

    path: str
    file: Path | None
    why: str = ""


class Held(NamedTuple):
    """A file that was read whole; `mark` is what changes when somebody writes to it."""

    file: Path
    bytes: int
    sha256: str
    mark: tuple[int, ...]

    @property
    def changed(self) -> bool:
        """Whether it is another file now than when it was read."""
        try:
            return _mark(self.file.stat()) != self.mark
        except OSError:
            return True


def walked(top: Path) -> list[Place]:
    """A file, or everything in a folder, sorted; what is not read is told.

    Raises:
        ModelregError: there is no such path, or there are too many files in it.
    """
    if not os.path.lexists(top):
        raise ModelregError(f"there is no {top}", "name a file or folder; publisher/model names one of the catalog")
    if not top.is_dir():
        return [_place(top.name, top, top.parent, named=True)]
    found = []
    for file in _below(top, top):
        found.append(_place(file.relative_to(top).as_posix(), file, top))
        if len(found) > _MOST:
            raise ModelregError(f"{top} holds more than {_MOST:,} files", "name the folder of one model")
    return sorted(found)


def _below(folder: Path, top: Path) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise ModelregError(f"{folder} can not be read: {error.strerror}", "may it be read?") from None
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), top)
        else:
            yield Path(entry.path)


def found_in(places: Iterable[Path], paths: list[str]) -> dict[str, Place]:
    """Where the files of an artifact lie: by their path below a folder, else by their name where no other has it.

    What is found is only believed by its digest, so a name is enough.
    """
    names = [path.rpartition("/")[2] for path in paths]
    found: dict[str, Place] = {}
    for top in places:
        for path, name in zip(paths, names, strict=True):
            if path in found:
                continue
            if not top.is_dir():
                if top.name == name and names.count(name) == 1 and os.path.lexists(top):
                    found[path] = _place(path, top, top.parent, named=True)
                continue
            tries = [top / path] if _stays(path) else []
            tries += [top / name] if names.count(name) == 1 and _stays(name) else []
            hit = next((file for file in tries if os.path.lexists(file)), None)
            if hit is not None:
                found[path] = _place(path, hit, top)
    return found


def _stays(path: str) -> bool:
    return not path.startswith("/") and "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def _place(path: str, file: Path, top: Path, *, named: bool = False) -> Place:
    """A plain file; a link is followed where somebody typed it, or where it stays in the folder or in its hub's cache."""
    try:
        if not named and not _inside(file, top):
            return Place(path, None, "a link that leads out of its folder, which is not followed")
        mode = file.stat().st_mode
    except (OSError, RuntimeError):
        return Place(path, None, "a link that leads nowhere" if file.is_symlink() else "can not be read")
    if not stat.S_ISREG(mode):
        return Place(path, None, f"{_KINDS.get(stat.S_IFMT(mode), 'no plain file')}, which is not read")
    return Place(path, file)


def _inside(file: Path, top: Path) -> bool:
    """Whether a file really lies below the folder; snapshots of a hub's cache are links to the blobs beside them."""
    real, home = file.resolve(strict=True), top.resolve()
    blobs = next((one.parent / "blobs" for one in (home, *home.parents) if one.name == "snapshots"), None)
    return real.is_relative_to(home) or (blobs is not None and real.is_relative_to(blobs))


def held(file: Path, progress: Progress) -> Held | str:
    """Reads a file to its end for its digest, or why that can not be.

    It is opened once, and without waiting: what was a file may have become a pipe.
    """
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(handle, "rb", buffering=0) as opened:
            was = os.fstat(handle)
            if not stat.S_ISREG(was.st_mode):
                return "no plain file"
            digest, size = hashlib.sha256(), 0
            # what grows as fast as it is read has no end
            while size <= was.st_size and (piece := opened.read(_BLOCK)):
                digest.update(piece)
                size += len(piece)
                progress(len(piece))
            now = os.fstat(handle)
    except OSError as error:
        return f"can not be read: {error.strerror}"
    if size != was.st_size or _mark(now) != _mark(was):
        return CHANGED
    return Held(file, size, digest.hexdigest(), _mark(was))


CHANGED = "it changed while it was read: scan it again"


def _mark(told: os.stat_result) -> tuple[int, ...]:
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns
