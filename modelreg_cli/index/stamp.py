"""Which state of a checkout an index was made from: times and sizes of every file and folder of the catalog.

Imported by every reading command, before each answer. The names are kept, so that a reader only asks the file system
about what it knows, and need not list folders: a new or removed name changes the time of its folder. In a large catalog even
that takes long, so there a reader asks for what Git noted last: the commit and the time of .git/index.
"""

import os
from array import array

from modelreg_cli import __version__
from modelreg_cli.index.place import git_of, read_line

#: Catalogs with more files and folders are compared with what Git noted.
LARGE = 20_000
#: Time and size of what cannot be looked at.
GONE = -1


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
            time = size = GONE
        self.paths.append(path)
        self.times.append(time)
        self.sizes.append(size)


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


def head_of(line: bytes) -> list[str] | None:
    """Program, identity, what Git noted, how many paths, lengths of paths and of parts; None if by another program."""
    head = line.decode("utf-8", "surrogateescape").rstrip("\n").split("\0")
    return head if len(head) == 6 and head[0] == made_by() else None


def state_in(data: bytes, count: int) -> State:
    """The state in a note: paths, then times, then sizes.

    Raises:
        ValueError: it is cut off.
    """
    end = len(data) - 16 * count
    paths = data[:end].decode("utf-8", "surrogateescape").split("\0")
    if len(paths) != count:
        raise ValueError("the note is cut off")
    return State(paths, array("q", data[end : end + 8 * count]), array("q", data[end + 8 * count :]))


def is_current(root: str, index: str) -> bool:
    """Whether an index file was made by this program from the catalog as it lies there now (a large one: as Git noted it)."""
    try:
        with open(note_of(index), "rb") as file:
            head = head_of(file.readline())
            if head is None or head[1] != identity_of(index):
                return False
            if int(head[3]) > LARGE and head[2]:
                return head[2] == git_state(root)
            state = state_in(file.read(int(head[4]) + 16 * int(head[3])), int(head[3]))
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
        with open(note_of(index), "rb") as file:
            head = head_of(file.readline())
        return head is not None and bool(head[2]) and int(head[3]) > LARGE
    except (OSError, ValueError):
        return False


def note_of(index: str) -> str:
    """The file that the state of an index is noted in."""
    return f"{index.removesuffix('.db')}.stamp"


def made_by() -> str:
    """Changes when the code that writes rows does (in a checkout of the program; an installed one has its version)."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        times = sorted(entry.stat().st_mtime_ns for entry in entries if entry.name.endswith(".py"))
    return f"{__version__} {times}"
