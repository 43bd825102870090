"""What a protected tag asks for beside benchmarks: licence, sources, findings, scans."""

from collections.abc import Iterator

from modelreg_cli.entities.policy import Requires
from modelreg_cli.gate.facts import Evidence, Facts, Subject
from modelreg_cli.gate.rows import older_than
from modelreg_cli.gate.verdict import Check

#: Terms that must be told before a licence counts as known.
TERMS = ("commercial", "derivatives", "redistribution")
#: Types of models that have bytes to scan.
_WITH_BYTES = ("weights", "adapter")


def requirements(facts: Facts, subject: Subject, needs: Requires) -> Iterator[Check]:
    """A check for each thing that is asked of such a model."""
    if needs.types is not None and subject.type not in needs.types:
        return
    about = f"{subject.ref} {subject.tag}"
    if needs.license == "known":
        yield _check("licence", about, list(_license(subject)), ", ".join(sorted(subject.licenses)))
    if needs.sourced == "governed":
        wrong = [f"{pointer} rests on no source: name it in `sourced`" for pointer in subject.unsourced]
        yield _check("sources", about, wrong, "every governed value has one")
    if needs.findings == "none":
        yield _check("findings", about, list(subject.wrong), "none")
    if needs.scan == "passed" and subject.type in _WITH_BYTES:
        wrong, told = _scanned(facts, subject, needs)
        yield _check("scan", about, wrong, told)


def _check(name: str, about: str, wrong: list[str], told: str) -> Check:
    return Check(name, "refused" if wrong else "passed", tuple(wrong) if wrong else (told,), about)


def _license(subject: Subject) -> Iterator[str]:
    if not subject.licenses:
        yield "no licence is named, by the version or its model"
    for id_, document in sorted(subject.licenses.items()):
        if document is None:
            yield f"there is no licence {id_}"
            continue
        terms = document.get("terms") or {}
        missing = [term for term in TERMS if terms.get(term, "unknown") == "unknown"]
        if missing:
            yield f"what {id_} says of {', '.join(missing)} is unknown"


def _scanned(facts: Facts, subject: Subject, needs: Requires) -> tuple[list[str], str]:
    """What no scan covers, or words for the scans that cover everything."""
    wrong = [f"artifact {id_} lists no files, so nobody can have scanned it" for id_, digest in subject.digests.items() if not digest]
    if not subject.digests:
        wrong.append("it lists no artifacts")
    refused: list[str] = []
    counting: list[Evidence] = []
    for scan in subject.scans:
        why = _why_not(facts, scan, needs)
        if why:
            refused.append(f"{_words(scan)}: {why}")
        else:
            counting.append(scan)
    tools: list[str | None] = [*needs.scanners] if needs.scanners else [None]
    for tool in tools:
        cover = [scan for scan in counting if tool in (None, (scan.document or {}).get("tool"))]
        passed = frozenset(digest for scan in cover for digest in passed_files(scan))
        for id_, files in subject.files.items():
            left = files - passed
            if subject.digests.get(id_) and left:
                wrong.append(
                    f"{len(left)} of {len(files)} files of {id_} {f'were not passed by {tool}' if tool else 'have no scan that passed'}"
                )
    wrong.extend(_failed(subject))
    if wrong:
        return [*wrong, *refused], ""
    used = sorted({_words(scan) for scan in counting})
    return [], f"{', '.join(used)}, {_count(len(frozenset().union(*subject.files.values())))}"


def passed_files(scan: Evidence) -> Iterator[str]:
    """Digests of the bytes that a scan passed; a scan that failed or did not end passes none."""
    document = scan.document or {}
    if document.get("status") == "passed":
        yield from (file["sha256"] for file in document.get("files") or () if file.get("status") == "passed")


def _failed(subject: Subject) -> Iterator[str]:
    """A scan that found something in these bytes, wherever it comes from and however old it is."""
    mine = frozenset().union(*subject.files.values()) if subject.files else frozenset()
    for scan in subject.scans:
        if scan.standing == "removed here":
            continue
        bad = [file for file in (scan.document or {}).get("files") or () if file.get("status") == "failed" and file.get("sha256") in mine]
        if bad:
            yield f"{_words(scan)} failed {_count(len(bad))}: {'; '.join(bad[0].get('findings') or ['no word why'])}"


def _why_not(facts: Facts, scan: Evidence, needs: Requires) -> str:
    document = scan.document
    if document is None:
        return "it cannot be read"
    if scan.standing != "base":
        return f"{scan.standing}: only what lay on the base before may count"
    if document.get("status") != "passed":
        return f"its status is {document.get('status')}"
    return older_than(str(document.get("date", "")), facts.today, needs.scan_max_age_days)


def _words(scan: Evidence) -> str:
    document = scan.document or {}
    return f"{document.get('tool', scan.path.rpartition('/')[2])} {document.get('tool_version', '')}".strip()


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"
