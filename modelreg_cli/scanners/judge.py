"""Files and scanners -> what each scanner says of each file."""

from collections.abc import Sequence
from typing import NamedTuple

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.catalog.load import Progress
from modelreg_cli.entities.version import File
from modelreg_cli.scanners import own
from modelreg_cli.scanners.files import CHANGED, Held, held
from modelreg_cli.scanners.scanner import Scanner, Sight, Status, Verdict, line_of, skipped, verdict
from modelreg_cli.scanners.subject import Item, Subject

_MIB = 1024 * 1024
_WORST: tuple[Status, ...] = ("failed", "skipped", "passed")


class Entry(NamedTuple):
    """One file by one scanner; sha256 is that of the bytes that were read, or that are listed and skipped."""

    path: str
    sha256: str | None
    status: Status
    findings: tuple[str, ...]


class Judged(NamedTuple):
    """All files by one scanner; `digest` is the artifact's, where every byte of it was read; `read`: files that were here."""

    status: Status
    reason: str | None
    digest: str | None
    files: tuple[Entry, ...]
    read: int


def judge(subject: Subject, tools: Sequence[Scanner], progress: Progress) -> list[Judged]:
    """What each scanner says, in their order.

    Every file is read once for its digest, then looked at by each scanner, and asked at the end whether it is still the same.
    """
    total = sum(item.file.stat().st_size for item in subject.items if item.file and item.file.exists())
    done = 0

    def count(piece: int) -> None:
        nonlocal done
        done += piece
        progress(done // _MIB, total // _MIB)

    read = {item.path: held(item.file, count) for item in subject.items if item.file}
    here = {path: one for path, one in read.items() if isinstance(one, Held)}
    sights = [Sight(path, one.file, one.bytes) for path, one in here.items()]
    said = {tool.name: dict(zip(here, tool.look(sights), strict=True)) for tool in tools}
    changed = {path for path, one in here.items() if one.changed}
    whole = not changed and all(
        item.listed and item.path in here and _differs(item.listed, here[item.path]) is None for item in subject.items
    )
    digest = artifact_digest([one.model_dump(include={"path", "bytes", "sha256"}) for one in subject.listed or ()]) if whole else None
    return [_judged(subject, tool, read, said[tool.name], changed, digest) for tool in tools]


def _judged(
    subject: Subject, tool: Scanner, read: dict[str, Held | str], said: dict[str, Verdict], changed: set[str], digest: str | None
) -> Judged:
    entries = []
    for item in subject.items:
        one = read.get(item.path)
        if isinstance(one, Held):
            told = _of_held(subject, item, one, said[item.path], tool, item.path in changed)
            entries.append(Entry(item.path, _sha256(item, one, told), *told))
        else:
            told = skipped(one) if one else _away(item, tool)
            # what a header elsewhere says is said of an address, not of the bytes that are listed
            entries.append(Entry(item.path, item.listed.sha256 if item.listed and told.status == "skipped" else None, *told))
    status: Status = next((one for one in _WORST if any(entry.status == one for entry in entries)), "skipped")
    return Judged(status, _reason(status, entries, subject), digest, tuple(entries), len(said))


def _of_held(subject: Subject, item: Item, one: Held, said: Verdict, tool: Scanner, changed: bool) -> Verdict:
    """What a scanner said of a file, in the light of what the artifact lists."""
    differs = _differs(item.listed, one) if item.listed else None
    if said.status == "failed" or (differs and tool.name == own.NAME):
        return verdict("failed", [*([differs] if differs else []), *said.findings])
    if changed:
        return skipped(CHANGED)
    if differs:
        return skipped("other bytes than the artifact lists")
    if subject.version and not item.listed and said.status == "passed":
        return verdict("skipped", [*said.findings, "the artifact lists no digest, so nothing says that these are its bytes"])
    return said


def _sha256(item: Item, one: Held, told: Verdict) -> str:
    """A scanner that says nothing of other bytes speaks of those that are listed."""
    return item.listed.sha256 if item.listed and told.status == "skipped" else one.sha256


def _away(item: Item, tool: Scanner) -> Verdict:
    return item.away if item.away and tool.name == own.NAME else skipped(item.why)


def _differs(listed: File, one: Held) -> str | None:
    if (listed.bytes, listed.sha256) == (one.bytes, one.sha256):
        return None
    return f"{one.bytes:,} bytes with sha256 {one.sha256}, where the artifact lists {listed.bytes:,} bytes with {listed.sha256}"


def _reason(status: Status, entries: list[Entry], subject: Subject) -> str | None:
    """Why it did not pass, of all files of that status."""
    if status == "passed":
        return None
    if not entries:
        return "the artifact lists no files" if subject.version else "there are no files"
    those = [entry for entry in entries if entry.status == status]
    words = "; ".join(dict.fromkeys(finding for entry in those for finding in entry.findings[:1]))
    return line_of(f"{len(those):,} of {len(entries):,} files: {words}" if len(entries) > 1 else words)
