"""The state of a checkout as a build sees it: taken, compared with the last one, and kept beside the index (stamp.py reads it)."""

import os
import stat as modes
import threading
from array import array
from collections.abc import Mapping
from typing import NamedTuple

from modelreg_cli.errors import Unavailable
from modelreg_cli.index.stamp import GONE, LARGE, State, head_of, identity_of, made_by, note_of, state_in


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
    base = f"{root}/"
    there: set[str] | None = None
    times, sizes = _looked_at(base, known.paths)
    for place, path in enumerate(known.paths):
        if times[place] == known.times[place] and sizes[place] == known.sizes[place]:
            continue
        mode = os.lstat(base + path).st_mode if os.path.lexists(base + path) else 0
        if modes.S_ISDIR(mode):
            there = there if there is not None else set(known.paths)
            _list_again(root, path, there, new)
        elif modes.S_ISREG(mode) or not mode:
            differ[path] = bool(mode)
        else:
            return None
    for place, path in enumerate(known.paths):
        if times[place] != GONE:
            now.paths.append(path)
            now.times.append(times[place])
            now.sizes.append(sizes[place])
    for path, time, size in zip(new.paths, new.times, new.sizes, strict=True):
        mode = os.lstat(base + path).st_mode if os.path.lexists(base + path) else 0
        if modes.S_ISREG(mode):
            differ[path] = True
        elif not modes.S_ISDIR(mode):
            return None
        now.paths.append(path)
        now.times.append(time)
        now.sizes.append(size)
    return now, differ


def _looked_at(base: str, paths: list[str]) -> tuple["array[int]", "array[int]"]:
    """Times and sizes of files as they are now; of many, two threads ask, as the file system answers both."""
    times, sizes = (array("q", [GONE]) * len(paths) for _ in range(2))
    lstat = os.lstat

    def look(first: int, last: int) -> None:
        for place in range(first, last):
            try:
                stat = lstat(base + paths[place])
            except OSError:
                continue
            times[place], sizes[place] = stat.st_mtime_ns, stat.st_size

    middle = len(paths) // 2 if len(paths) > LARGE else 0
    other = threading.Thread(target=look, args=(0, middle))
    other.start()
    look(middle, len(paths))
    other.join()
    return times, sizes


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


def keep(index: str, state: State, git: str, identity: str, folders: Mapping[str, str]) -> None:
    """Notes which state an index file has; of two builds at once, neither can sign for the other's file.

    Raises:
        Unavailable: it cannot be written.
    """
    file = note_of(index)
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
        with open(note_of(index), "rb") as file:
            head = head_of(file.readline())
            if head is None or head[1] != identity_of(index):
                return None
            state = state_in(file.read(int(head[4]) + 16 * int(head[3])), int(head[3]))
            parts = file.read(int(head[5])).decode("utf-8", "surrogateescape").split("\0")
        return Stamp(head[1], head[2], state, dict(zip(parts[::2], parts[1::2], strict=True)) if len(parts) > 1 else {})
    except (OSError, ValueError):  # ValueError: the note is damaged
        return None
