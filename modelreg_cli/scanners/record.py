"""What a scanner said -> a file of the catalog, whose name follows from what identifies the scan."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from modelreg_cli.catalog import document, layout
from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.catalog.revise import fresh
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.scanners.judge import Judged
from modelreg_cli.scanners.scanner import Scanner
from modelreg_cli.scanners.subject import Subject

Data = dict[str, Any]


class Record(NamedTuple):
    """A record and its place; `new` is false where the file there says the same, on whatever day."""

    path: str
    data: Data
    new: bool

    @property
    def text(self) -> str:
        """The file."""
        return fresh(self.path, self.data, "scan")


def begun(subject: Subject, tool: Scanner, day: str) -> Data:
    """The record of a scan that has not ended."""
    return _data(subject, tool, day, "scanning")


def ended(subject: Subject, tool: Scanner, day: str, judged: Judged) -> Data:
    """The record of what it said."""
    files = [
        {"path": one.path, "sha256": one.sha256, "status": one.status} | ({"findings": list(one.findings)} if one.findings else {})
        for one in judged.files
        if one.sha256
    ]
    data = _data(subject, tool, day, judged.status)
    data |= {"digest": judged.digest} if judged.digest else {}
    data |= {"files": files} if files else {}
    return data | ({"reason": judged.reason} if judged.reason else {})


def _data(subject: Subject, tool: Scanner, day: str, status: str) -> Data:
    data = {"tool": tool.name, "tool_version": tool.version, "database": tool.database, "date": day, "status": status}
    return {key: value for key, value in data.items() if value is not None} | {"artifact": subject.artifact}


def known(catalog: Catalog, subject: Subject, tool: Scanner) -> str | None:
    """The newest record that the same release with the same signatures made of the same bytes, and that is an answer."""
    digest = _digest(subject)
    want = {"tool": tool.name, "tool_version": tool.version, "database": tool.database, "artifact": subject.artifact, "digest": digest}
    found = [
        (loaded.data["date"], loaded.location.path)
        for id_, loaded in catalog.of("scan").items()
        if digest
        and id_.rpartition("/")[0] == subject.version
        and all(loaded.data.get(key) == value for key, value in want.items())
        and loaded.data["status"] in ("passed", "failed")
    ]
    return max(found)[1] if found else None


def unfinished(catalog: Catalog, subject: Subject, tool: Scanner) -> list[str]:
    """Records of scans of this artifact that did not end: this scanner was stopped, and this one takes them up."""
    return [
        loaded.location.path
        for id_, loaded in catalog.of("scan").items()
        if id_.rpartition("/")[0] == subject.version
        and (loaded.data["tool"], loaded.data.get("artifact"), loaded.data["status"]) == (tool.name, subject.artifact, "scanning")
    ]


def forget(root: Path, paths: Iterable[str]) -> None:
    """Takes away those that still say `scanning`."""
    for path in paths:
        if (_there(root / path) or {}).get("status") == "scanning":
            (root / path).unlink()


def placed(root: Path, subject: Subject, data: Data, ours: str | None = None, *, again: bool = False) -> Record:
    """Where a record belongs: the name of the scan, unless another answer has it; then that of the scan and its answer.

    A record of a scan that did not end is no answer; `ours` is the one that was written when this one began. Who asks `again` on
    another day gets a record of that day, as a policy may ask for one that is not old.
    """
    for name in _names(subject, data):
        path = layout.path_of("scan", *_steps(subject), f"{data['tool']}-{name}")
        there = _there(root / path)
        if path == ours or there is None or there.get("status") == "scanning":
            return Record(path, data, True)
        if {**there, "date": data["date"]} == data and (not again or there["date"] == data["date"]):
            return Record(path, data, False)
    raise AssertionError("the last name says all that the record says")


def _names(subject: Subject, data: Data) -> Iterator[str]:
    scan = [data["tool"], data.get("tool_version"), data.get("database"), subject.artifact, _digest(subject)]
    answer = {key: value for key, value in data.items() if key != "date"}
    for told, digits in ((scan, 8), ([*scan, answer], 8), ([*scan, answer, data["date"]], 8), ([*scan, answer, data["date"]], 64)):
        yield hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:digits]


def _digest(subject: Subject) -> str | None:
    return artifact_digest([one.model_dump(include={"path", "bytes", "sha256"}) for one in subject.listed or ()])


def _steps(subject: Subject) -> tuple[str, str, str]:
    model, _, version = subject.version.partition("@")
    publisher, _, name = model.partition("/")
    return publisher, name, version


def _there(file: Path) -> Data | None:
    """The record at a place; one that does not read is somebody's to mend, and taken for another answer."""
    try:
        found = document.load(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, Unreadable):
        found = None
    return found if isinstance(found, dict) else {}
