"""picklescan, the program of that name, in a process of its own: what is hostile to it ends that process and not this one."""

import importlib.metadata
import importlib.util
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from modelreg_cli.scanners.outside import linked, run
from modelreg_cli.scanners.own import form_of
from modelreg_cli.scanners.scanner import NotHere, Sight, Verdict, Wishes, skipped, verdict

NAME = "picklescan"
#: Prints what it found as JSON, and every warning: with those it passes over what it could not read.
_PROGRAM = """
import json, logging, sys
said = []
handler = logging.Handler()
handler.emit = lambda record: said.append(record.getMessage())
logger = logging.getLogger("picklescan")
logger.addHandler(handler)
logger.propagate = False
from picklescan.scanner import scan_file_path
found = scan_file_path(sys.argv[1])
names = [[one.module, one.name, one.safety.value] for one in found.globals]
print(json.dumps({"files": found.scanned_files, "issues": found.issues_count, "broken": found.scan_err, "names": names, "said": said}))
"""
_UNREAD = ("WARNING: could not parse", "Invalid file", "ERROR: parsing")


class Picklescan:
    """Looks at pickles only."""

    name = NAME
    database = None

    def __init__(self, version: str, seconds: float) -> None:
        self.version, self._seconds = version, seconds

    def covers(self, path: str) -> bool:
        """Formats that are no pickles are nothing to it."""
        return form_of(path) is None

    def look(self, files: Sequence[Sight]) -> list[Verdict]:
        """One verdict for each file."""
        end = time.monotonic() + self._seconds
        with linked(files) as links:
            return [
                self._look(str(link), end - time.monotonic()) if self.covers(one.path) else skipped("no kind of file that picklescan reads")
                for one, link in zip(files, links, strict=True)
            ]

    def _look(self, link: str, seconds: float) -> Verdict:
        done = run([sys.executable, "-P", "-c", _PROGRAM, link], seconds)
        if done.code is None:
            return skipped("picklescan had no time left to end")
        try:
            told = json.loads(done.out.splitlines()[-1]) if done.code == 0 else None
        except (ValueError, IndexError):
            told = None
        if not isinstance(told, dict):
            return skipped(f"picklescan could not read it: {(done.err.strip().splitlines() or ['it said nothing'])[-1]}")
        return _verdict(told, link)


def made(wishes: Wishes) -> Picklescan:
    """The package, where it is installed.

    Raises:
        NotHere: it is not.
    """
    if importlib.util.find_spec("picklescan") is None:
        raise NotHere("picklescan is not installed", "pip install 'modelreg[scan]'")
    return Picklescan(importlib.metadata.version("picklescan"), wishes.seconds)


def _verdict(told: dict[str, Any], link: str) -> Verdict:
    names = [f"{safety} import {module} {name}" for module, name, safety in sorted(told["names"]) if safety != "innocuous"]
    unread = [
        words.replace(link, "it").removeprefix("WARNING: ").removeprefix("ERROR: ") for words in told["said"] if words.startswith(_UNREAD)
    ]
    if told["issues"]:
        return verdict("failed", names)
    if told["broken"] or unread:
        return verdict("skipped", [*unread, *names] or ["picklescan could not read all of it"])
    if not told["files"]:
        return skipped("picklescan found no pickle in it")
    return verdict("passed", names)
