"""Scans, and their records: each says `scanning` from before the first byte is read until its answer takes its place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.catalog.load import Catalog, Progress
from modelreg_cli.editing.checked import write_checked
from modelreg_cli.scanners import own, record
from modelreg_cli.scanners.judge import Judged, judge
from modelreg_cli.scanners.scanner import Scanner
from modelreg_cli.scanners.subject import Subject


class Told(NamedTuple):
    """One scanner's answer about one subject.

    `path` is its record; `state`: new (or would be), unchanged (the same was there), known (not scanned again), or empty: no record.
    """

    subject: str
    tool: Scanner
    judged: Judged | None
    path: str | None = None
    state: str = ""
    data: Mapping[str, object] | None = None


class Desk(NamedTuple):
    """The catalog that records are written to, and how."""

    root: Path
    catalog: Catalog
    day: str
    write: bool = True
    again: bool = False


def scan_path(subject: Subject, tools: Sequence[Scanner], progress: Progress) -> list[Told]:
    """What scanners say of a path; nothing is written."""
    return [Told(subject.name, tool, judged) for tool, judged in zip(tools, judge(subject, tools, progress), strict=True)]


def scan_artifact(desk: Desk, subject: Subject, tools: Sequence[Scanner], progress: Progress) -> list[Told]:
    """What scanners say of an artifact, written down; what the same scanner said of the same bytes is not asked again.

    Raises:
        Refused: the catalog would not be valid with a record.
        ModelregError: a record can not be written.
    """
    left = {tool.name: record.unfinished(desk.catalog, subject, tool) for tool in tools}
    found = {tool.name: None if desk.again or left[tool.name] else record.known(desk.catalog, subject, tool) for tool in tools}
    asked = [tool for tool in tools if found[tool.name] is None and _has_work(subject, tool)]
    starts = {tool.name: record.placed(desk.root, subject, record.begun(subject, tool, desk.day)) for tool in asked}
    with _begun(desk, {one.path: one.text for one in starts.values()}) as begun:
        answers = dict(zip((tool.name for tool in asked), judge(subject, asked, progress), strict=True))
        ends = {}
        for tool in asked:
            data = record.ended(subject, tool, desk.day, answers[tool.name])
            ends[tool.name] = record.placed(desk.root, subject, data, starts[tool.name].path, again=desk.again)
        begun.update({one.path: one.text for one in ends.values() if one.new})
    if desk.write:
        record.forget(desk.root, {path for tool in asked for path in left[tool.name]})
    told = []
    for tool in tools:
        if tool.name in ends:
            end = ends[tool.name]
            told.append(Told(subject.name, tool, answers[tool.name], end.path, "new" if end.new else "unchanged", end.data))
        elif path := found[tool.name]:
            there = next(one for one in desk.catalog.of("scan").values() if one.location.path == path)
            told.append(Told(subject.name, tool, None, path, "known", there.data))
        else:
            told.append(Told(subject.name, tool, None))
    return told


def _has_work(subject: Subject, tool: Scanner) -> bool:
    """Others need bytes of their kind; what nobody read is told once, by the scanner that reads headers."""
    return tool.name == own.NAME or any(item.file and tool.covers(item.path) for item in subject.items)


@contextmanager
def _begun(desk: Desk, starts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Records that say `scanning` while something lasts; gives a dictionary for what is written in their place.

    Where it fails or is interrupted, everything is as it was; only a process that is killed leaves them.
    """
    ends: dict[str, str] = {}
    if not desk.write or not starts:
        yield ends
        if ends:
            write_checked(desk.root, desk.catalog, ends, write=False)
        return
    before = {path: _bytes(desk.root / path) for path in starts}
    made = [folder for path in starts for folder in (desk.root / path).parents if not folder.exists()]
    try:
        write_checked(desk.root, desk.catalog, starts, write=True)
        yield ends
        write_checked(desk.root, desk.catalog, ends, write=True)
    except BaseException:
        for path, was in before.items():
            _restore(desk.root / path, starts[path], was)
        for folder in sorted(set(made), key=lambda one: -len(one.parts)):
            with suppress(OSError):
                folder.rmdir()
        raise
    for path in starts.keys() - ends.keys():
        _restore(desk.root / path, starts[path], None)


def _restore(file: Path, ours: str, was: bytes | None) -> None:
    """Takes back what was written, where it is still that."""
    if _bytes(file) != ours.encode("utf-8"):
        return
    if was is None:
        file.unlink()
    else:
        file.write_bytes(was)


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
