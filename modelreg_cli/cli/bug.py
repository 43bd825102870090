"""What is printed when the program itself is wrong: a log that can be pasted into a report."""

import platform
import sqlite3
import traceback
from pathlib import Path

from modelreg_cli import __version__
from modelreg_cli.cli.table import all_commands


def report(error: Exception, given: list[str]) -> str:
    """The log, without the paths of the machine that it happened on.

    Bytes that changed inside an index can make any nonsense of it that SQLite does not notice, so a question of one has two suspects.
    """
    hint = "please report it with the lines below"
    entry = all_commands.get(given[0]) if given else None
    if entry and entry.reads:
        hint = f"build the index again with `modelreg build`, or fetch it again: its file may be damaged; if that does not help, {hint}"
    frames = traceback.extract_tb(error.__traceback__)
    steps = "\n".join(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames)
    return (
        f"error: a bug in modelreg: {type(error).__name__}: {error}\n"
        f"hint: {hint}\n"
        "--- log\n"
        f"modelreg {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()}\n"
        f"command: modelreg {' '.join(given)}\n{steps}\n---"
    )
