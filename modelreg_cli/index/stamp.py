"""Which state of a checkout an index was made from: times and sizes of every file and folder of the catalog.

Imported by every reading command, before each answer. The names are kept, so that a reader only asks the file system
about what it knows, and need not list folders: a new or removed name changes the time of its folder. In a large catalog even
that takes long, so there a reader asks for what Git noted last: the commit and the time of .git/index.
"""

import os
import stat as modes
from typing import NamedTuple

from modelreg_cli import __version__
from modelreg_cli.errors import Unavailable
from modelreg_cli.index.place import git_of, read_line

#: Catalogs with more files and folders are compared with what Git noted.
LARGE = 20_000


class Stamp(NamedTuple):
    """What is kept beside an index: the state of each file and folder, what Git noted, the Git ids of the parts of catalog/."""

    program: str
    identity: str
    git: str
    told: dict[str, str]
    folders: dict[str, str]


def state_of(root: str) -> dict[str, str]:
    """The state of a checkout's catalog now: every file and folder with its time and size."""
    told: dict[str, str] = {}
    _walk(root, "catalog", told)
    return told


def _walk(root: str, top: str, told: dict[str, str]) -> None:
    todo = [top]
    while todo:
        folder = todo.pop()
        told[folder] = _told(f"{root}/{folder}")
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(path)
                    else:
                        told[path] = _told(f"{root}/{path}")
        except OSError:  # it vanished while we looked, or is closed to us: the build says so
            continue


def changes(root: str, known: dict[str, str]) -> tuple[dict[str, str], dict[str, bool]] | None:
    """The state now, and the paths of files that may differ from a known state with whether a plain file is there.

    None where something is there that is neither file nor folder. Only folders whose time is new are listed.
    """
    now: dict[str, str] = {}
    differ: dict[str, bool] = {}
    lstat, base = os.lstat, f"{root}/"
    for path, before in known.items():
        try:
            stat = lstat(base + path)
        except OSError:
            differ[path] = False
            continue
        told = f"{stat.st_mtime_ns} {stat.st_size}"
        now[path] = told
        if told == before:
            continue
        if modes.S_ISDIR(stat.st_mode):
            _list_again(root, path, known, now)
        elif modes.S_ISREG(stat.st_mode):
            differ[path] = True
        else:
            return None
    for path in now.keys() - known.keys():
        mode = lstat(base + path).st_mode if os.path.lexists(base + path) else 0
        if modes.S_ISREG(mode):
            differ[path] = True
        elif not modes.S_ISDIR(mode):
            return None
    return now, differ


def _list_again(root: str, folder: str, known: dict[str, str], now: dict[str, str]) -> None:
    """Adds what is new in a folder."""
    try:
        names = os.listdir(f"{root}/{folder}")
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if path not in known:
            if os.path.isdir(f"{root}/{path}") and not os.path.islink(f"{root}/{path}"):
                _walk(root, path, now)
            else:
                now[path] = _told(f"{root}/{path}")


def _told(path: str) -> str:
    """Time and size of one file or folder; a link is told of itself."""
    try:
        stat = os.lstat(path)
    except OSError:
        return ""
    return f"{stat.st_mtime_ns} {stat.st_size}"


def git_state(root: str) -> str:
    """What Git noted last of the repository around a checkout: its commit, and the time and size of its list of files; else empty."""
    git = git_of(root)
    head = read_line(f"{git.folder}/HEAD") if git else None
    if git is None or head is None:
        return ""
    if head.startswith("ref: "):
        name = head.removeprefix("ref: ")
        head = read_line(f"{git.shared}/{name}") or f"{name} {_told(f'{git.shared}/packed-refs')}"
    return f"{head} {_told(f'{git.folder}/index')}"


def identity_of(index: str) -> str:
    """Tells one index file from another at the same path; survives a rename."""
    stat = os.stat(index)
    return f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}"


def keep(index: str, told: dict[str, str], git: str, identity: str, folders: dict[str, str]) -> None:
    """Notes which state an index file has; of two builds at once, neither can sign for the other's file.

    Raises:
        Unavailable: it cannot be written.
    """
    file = _file(index)
    parts = (made_by(), identity, git, str(len(told)), *(("\0".join(part)) for part in (told, told.values(), folders, folders.values())))
    try:
        with open(f"{file}.new", "wb") as out:
            out.write("\0\0".join(parts).encode("utf-8", "surrogateescape"))
        os.replace(f"{file}.new", file)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}", "is the disk full?") from None


def kept(index: str) -> Stamp | None:
    """What was noted of an index file, if it is by this program and of that very file."""
    try:
        with open(_file(index), "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
        program, identity, git, _, *rest = text.split("\0\0")
        paths, told, folders, ids = ([] if not part else part.split("\0") for part in rest)
        if program != made_by() or identity != identity_of(index):
            return None
        return Stamp(program, identity, git, dict(zip(paths, told, strict=True)), dict(zip(folders, ids, strict=True)))
    except (OSError, ValueError):  # ValueError: the note is damaged
        return None


def is_current(root: str, index: str) -> bool:
    """Whether an index file was made by this program from the catalog as it lies there now (a large one: as Git noted it)."""
    try:
        with open(_file(index), "rb") as file:
            head = file.read(4096).decode("utf-8", "surrogateescape")
            program, identity, git, count, _ = head.split("\0\0", 4)
            if program != made_by() or identity != identity_of(index):
                return False
            if int(count) > LARGE and git:
                return git == git_state(root)
            file.seek(0)
            _, _, _, _, paths, told, _ = file.read().decode("utf-8", "surrogateescape").split("\0\0", 6)
        lstat, base = os.lstat, f"{root}/"
        for path, known in zip(paths.split("\0"), told.split("\0"), strict=True):
            stat = lstat(base + path)
            if f"{stat.st_mtime_ns} {stat.st_size}" != known:
                return False
    except (OSError, ValueError):  # ValueError: the note is damaged
        return False
    return True


def is_large(index: str) -> bool:
    """Whether the catalog of an index is compared with what Git noted, and not with its files."""
    try:
        with open(_file(index), "rb") as file:
            _, _, git, count, _ = file.read(4096).decode("utf-8", "surrogateescape").split("\0\0", 4)
        return bool(git) and int(count) > LARGE
    except (OSError, ValueError):
        return False


def _file(index: str) -> str:
    return f"{index.removesuffix('.db')}.stamp"


def made_by() -> str:
    """Changes when the code that writes rows does (in a checkout of the program; an installed one has its version)."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        times = sorted(entry.stat().st_mtime_ns for entry in entries if entry.name.endswith(".py"))
    return f"{__version__} {times}"
