"""Runs `modelreg` and counts its steps: every call that asks or changes the file system below a folder, or starts a program.

    python tests/release/tracer.py FOLDER LOG STEP FAULT COMMAND ...

At step number STEP (0 for none) the FAULT happens: `kill` ends the process with SIGKILL, in the middle of what it writes; the name
of an error, such as ENOSPC, is what the call fails with. LOG gets a line for each step.
"""

import builtins
import errno
import io
import os
import runpy
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

#: Events of the interpreter (PEP 578) that are steps; the first argument of those of files is a path.
_FILES = "open os.rename os.remove os.rmdir os.mkdir os.chmod os.truncate os.link os.listdir os.scandir"
EVENTS = frozenset((*_FILES.split(), "fcntl.flock", "subprocess.Popen", "socket.connect"))
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Tracer:
    """Counts, and lets the fault happen."""

    def __init__(self, folder: str, log: str, step: int, fault: str) -> None:
        self.folder, self.step, self.fault = os.path.realpath(folder), step, fault
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.count = 0

    def concerns(self, path: Any) -> bool:
        """Whether a path lies below the folder."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        return isinstance(path, (str, os.PathLike)) and str(Path(path).absolute()).startswith(f"{self.folder}{os.sep}")

    def passes(self, name: str, half: Any = None) -> None:
        """One step; `half` does half of it."""
        self.count += 1
        os.write(self.log, f"{self.count} {name}\n".encode())
        if self.count != self.step:
            return
        if self.fault == "kill":
            if half:
                half()
            os.kill(os.getpid(), signal.SIGKILL)
        number = getattr(errno, self.fault)
        if name.startswith("sqlite"):
            raise sqlite3.OperationalError("database or disk is full" if self.fault == "ENOSPC" else "disk I/O error")
        raise OSError(number, os.strerror(number), name.partition(" ")[2])

    def heard(self, event: str, args: tuple[Any, ...]) -> None:
        """An event of the interpreter."""
        if event not in EVENTS:
            return
        if event in ("fcntl.flock", "subprocess.Popen", "socket.connect"):
            self.passes(event)
        elif self.concerns(args[0]):
            writes = event == "open" and isinstance(args[2], int) and args[2] & WRITING
            self.passes(f"{event}{' to write' if writes else ''} {os.fspath(args[0])}")


def install(tracer: Tracer) -> None:
    """From here on everything is counted; writes, syncs and statements of SQLite are no events, so they are wrapped."""
    plain_open, plain_sync, plain_send, plain_connect = io.open, os.fsync, os.sendfile, sqlite3.connect

    class Raw(io.FileIO):
        def write(self, data: Any) -> int:
            tracer.passes(f"write {self.name!r}", lambda: io.FileIO.write(self, bytes(data)[: len(data) // 2]))
            return super().write(data)

    def opened(file: Any, mode: str = "r", buffering: int = -1, *text: Any, **more: Any) -> Any:
        if not set(mode) & set("wax+") or not tracer.concerns(file):
            return plain_open(file, mode, buffering, *text, **more)
        raw = Raw(file, mode.replace("b", "").replace("t", ""))
        stream: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return stream if "b" in mode else io.TextIOWrapper(stream, *text, **more)

    def synced(file: int) -> None:
        tracer.passes("fsync")
        plain_sync(file)

    def sent(to: int, source: int, offset: int, count: int) -> int:
        tracer.passes("sendfile", lambda: plain_send(to, source, offset, max(1, os.fstat(source).st_size // 2)))
        return plain_send(to, source, offset, count)

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> Any:
            if not sql.lstrip().upper().startswith(("SELECT", "PRAGMA")):
                tracer.passes(f"sqlite {sql[:30]!r}")
            return super().execute(sql, *values)

        def executemany(self, sql: str, *values: Any) -> Any:
            tracer.passes(f"sqlite {sql[:30]!r}")
            return super().executemany(sql, *values)

    io.open = builtins.open = opened
    os.fsync, os.sendfile = synced, sent
    sqlite3.connect = lambda *args, **more: plain_connect(*args, **{"factory": Connection, **more})  # type: ignore[assignment]
    sys.addaudithook(tracer.heard)


if __name__ == "__main__":
    where, note, number, what, *command = sys.argv[1:]
    sys.argv = ["modelreg", *command]
    sys.path.pop(0)
    install(Tracer(where, note, int(number), what))
    runpy.run_module("modelreg_cli", run_name="__main__")
