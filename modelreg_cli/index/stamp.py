"""Which state of a checkout an index was made from: times and sizes of every file and folder of the catalog.

Imported by every reading command, before each answer. The names are kept, so that a reader only asks the file system
about what it knows, and need not list folders: a new or removed name changes the time of its folder. In a large catalog even
that takes long, so there a reader asks for what Git noted last: the commit and the time of .git/index.
"""

import os
import stat as modes
from array import array
from collections.abc import Mapping
from typing import NamedTuple

from modelreg_cli import __version__
from modelreg_cli.errors import Unavailable
from modelreg_cli.index.place import git_of, read_line

#: Catalogs with more files and folders are compared with what Git noted.
LARGE = 20_000


class State:
    """Every file and folder below catalog/ with the time (nanoseconds) and size that it has; -1 is unknown."""

    __slots__ = ("paths", "sizes", "times")

    def __init__(self, paths: list[str], times: "array[int]", sizes: "array[int]") -> None:
        self.paths, self.times, self.sizes = paths, times, sizes

    def add(self, root: str, path: str) -> None:
        """Adds one file or folder as it is now; a link is told of itself."""
        try:
            stat = os.lstat(f"{root}/{path}")
            time, size = stat.st_mtime_ns, stat.st_size
        except OSError:
            time = size = -1
        self.paths.append(path)
        self.times.append(time)
        self.sizes.append(size)


class Stamp(NamedTuple):
    """What is kept beside an index: which file it is of, what Git noted, the state of the files, Git ids of the parts of catalog/."""

    identity: str
    git: str
    state: State
    folders: dict[str, str]


def _empty() -> State:
    return State([], array("q"), array("q"))


def state_of(root: str) -> State:
    """The state of a checkout's catalog now."""
    state = _empty()
    _walk(root, "catalog", state)
    return state


def _walk(root: str, top: str, state: State) -> None:
    todo = [top]
    while todo:
        folder = todo.pop()
        state.add(root, folder)
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(path)
                    else:
                        state.add(root, path)
        except OSError:  # it vanished while we looked, or is closed to us: the build says so
            continue


def changes(root: str, known: State) -> tuple[State, dict[str, bool]] | None:
    """The state now, and the paths of files that may differ from a known state with whether a plain file is there.

    None where something is there that is neither file nor folder. Only folders whose time is new are listed.
    """
    now, new = _empty(), _empty()
    differ: dict[str, bool] = {}
    lstat, base = os.lstat, f"{root}/"
    there: set[str] | None = None
    for path, time, size in zip(known.paths, known.times, known.sizes, strict=True):
        try:
            stat = lstat(base + path)
        except OSError:
            differ[path] = False
            continue
        now.paths.append(path)
        now.times.append(stat.st_mtime_ns)
        now.sizes.append(stat.st_size)
        if stat.st_mtime_ns == time and stat.st_size == size:
            continue
        if modes.S_ISDIR(stat.st_mode):
            there = there if there is not None else set(known.paths)
            _list_again(root, path, there, new)
        elif modes.S_ISREG(stat.st_mode):
            differ[path] = True
        else:
            return None
    for path, time, size in zip(new.paths, new.times, new.sizes, strict=True):
        mode = lstat(base + path).st_mode if os.path.lexists(base + path) else 0
        if modes.S_ISREG(mode):
            differ[path] = True
        elif not modes.S_ISDIR(mode):
            return None
        now.paths.append(path)
        now.times.append(time)
        now.sizes.append(size)
    return now, differ


def _list_again(root: str, folder: str, known: set[str], new: State) -> None:
    """Adds what is new in a folder."""
    try:
        names = os.listdir(f"{root}/{folder}")
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if path not in known:
            if os.path.isdir(f"{root}/{path}") and not os.path.islink(f"{root}/{path}"):
                _walk(root, path, new)
            else:
                new.add(root, path)


def _told(path: str) -> str:
    """Time and size of one file, as text."""
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


def keep(index: str, state: State, git: str, identity: str, folders: Mapping[str, str]) -> None:
    """Notes which state an index file has; of two builds at once, neither can sign for the other's file.

    Raises:
        Unavailable: it cannot be written.
    """
    file = _file(index)
    paths = "\0".join(state.paths).encode("utf-8", "surrogateescape")
    parts = "\0".join(f"{path}\0{id_}" for path, id_ in folders.items()).encode("utf-8", "surrogateescape")
    head = "\0".join((made_by(), identity, git, str(len(state.paths)), str(len(paths)), str(len(parts))))
    try:
        with open(f"{file}.new", "wb") as out:
            out.write(b"\n".join((head.encode("utf-8", "surrogateescape"), paths + state.times.tobytes() + state.sizes.tobytes() + parts)))
        os.replace(f"{file}.new", file)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}", "is the disk full?") from None


def kept(index: str) -> Stamp | None:
    """What was noted of an index file, if it is by this program and of that very file."""
    try:
        with open(_file(index), "rb") as file:
            head = _head(file.readline())
            if head is None or head[1] != identity_of(index):
                return None
            state = _state(file.read(int(head[4]) + 16 * int(head[3])), int(head[3]))
            parts = file.read(int(head[5])).decode("utf-8", "surrogateescape").split("\0")
        return Stamp(head[1], head[2], state, dict(zip(parts[::2], parts[1::2], strict=True)) if len(parts) > 1 else {})
    except (OSError, ValueError):  # ValueError: the note is damaged
        return None


def _head(line: bytes) -> list[str] | None:
    """Program, identity, what Git noted, how many paths, lengths of paths and of parts; None if by another program."""
    head = line.decode("utf-8", "surrogateescape").rstrip("\n").split("\0")
    return head if len(head) == 6 and head[0] == made_by() else None


def _state(data: bytes, count: int) -> State:
    end = len(data) - 16 * count
    paths = data[:end].decode("utf-8", "surrogateescape").split("\0")
    if len(paths) != count:
        raise ValueError("the note is cut off")
    return State(paths, array("q", data[end : end + 8 * count]), array("q", data[end + 8 * count :]))


def is_current(root: str, index: str) -> bool:
    """Whether an index file was made by this program from the catalog as it lies there now (a large one: as Git noted it)."""
    try:
        with open(_file(index), "rb") as file:
            head = _head(file.readline())
            if head is None or head[1] != identity_of(index):
                return False
            if int(head[3]) > LARGE and head[2]:
                return head[2] == git_state(root)
            state = _state(file.read(int(head[4]) + 16 * int(head[3])), int(head[3]))
        lstat, base = os.lstat, f"{root}/"
        for path, time, size in zip(state.paths, state.times, state.sizes, strict=True):
            stat = lstat(base + path)
            if stat.st_mtime_ns != time or stat.st_size != size:
                return False
    except (OSError, ValueError):  # ValueError: the note is damaged
        return False
    return True


def is_large(index: str) -> bool:
    """Whether the catalog of an index is compared with what Git noted, and not with its files."""
    try:
        with open(_file(index), "rb") as file:
            head = _head(file.readline())
        return head is not None and bool(head[2]) and int(head[3]) > LARGE
    except (OSError, ValueError):
        return False


def _file(index: str) -> str:
    return f"{index.removesuffix('.db')}.stamp"


def made_by() -> str:
    """Changes when the code that writes rows does (in a checkout of the program; an installed one has its version)."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        times = sorted(entry.stat().st_mtime_ns for entry in entries if entry.name.endswith(".py"))
    return f"{__version__} {times}"
