"""Findings to text: for people, for programs, and as annotations of a forge."""

import hashlib
import json
import unicodedata
from collections.abc import Callable
from typing import Any

from modelreg_cli.finding import Finding
from modelreg_cli.render.sarif import sarif
from modelreg_cli.rules.report import Report

_WIDEST = 120  # of a source line; a longer one is shown around the place
_RED, _YELLOW, _BOLD, _DIM, _OFF = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


def text(report: Report, colored: bool = False) -> str:
    """Every finding with its line of source and its hint."""
    return findings_text(report.findings, colored)


def findings_text(findings: list[Finding], colored: bool = False) -> str:
    """The same of findings that are no report."""
    return "".join(f"{_head(finding, colored)}\n{_source(finding, colored)}{_hint(finding, colored)}" for finding in findings)


def lines(report: Report) -> str:
    """One line for each finding."""
    return "".join(f"{_head(finding, False)}\n" for finding in report.findings)


def _head(finding: Finding, colored: bool) -> str:
    place = f":{finding.line}:{finding.column}" if finding.line else ""
    color = _RED if finding.severity == "error" else _YELLOW
    where = _painted(f"{shown(finding.path)}{place}", _BOLD, colored)
    return f"{where}: {_painted(f'{finding.severity}[{finding.code}]', color, colored)} {shown(finding.message)}"


def _source(finding: Finding, colored: bool) -> str:
    if not finding.line:
        return ""
    first = max(0, finding.column - 1 - _WIDEST // 2) if len(finding.source) > _WIDEST else 0
    source = "".join(char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in finding.source[first : first + _WIDEST])
    before = source[: finding.column - 1 - first]
    marked = source[len(before) : len(before) + finding.length] or " "
    number = str(finding.line)
    margin = " " * len(number)
    marker = _painted("^" * _columns(marked), _RED if finding.severity == "error" else _YELLOW, colored)
    return f"    {number} | {source}".rstrip() + f"\n    {margin} | {' ' * _columns(before)}{marker}\n"


def _hint(finding: Finding, colored: bool) -> str:
    return f"    {_painted('hint:', _DIM, colored)} {shown(finding.hint)}\n" if finding.hint else ""


def _columns(string: str) -> int:
    """Columns that a terminal needs."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in string)


def shown(string: str) -> str:
    """On one line, with nothing that a terminal or a log would obey."""
    return "".join(char if char.isprintable() else _escaped(char) for char in string)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _painted(string: str, color: str, colored: bool) -> str:
    return f"{color}{string}{_OFF}" if colored else string


def summary(report: Report) -> str:
    """2 files, 1 error, 1 warning (231 models, 1,412 offerings checked in 0.2 s)"""
    findings = report.findings
    errors = sum(finding.severity == "error" for finding in findings)
    counts = [
        _count(len({finding.path for finding in findings}), "file"),
        _count(errors, "error"),
        _count(len(findings) - errors, "warning"),
    ]
    fixable = sum(finding.fixable for finding in findings)
    told = ", ".join(counts) if findings else "no findings"
    more = f"; {fixable:,} can be repaired with --fix" if fixable else ""
    return f"{told} ({_count(report.models, 'model')}, {_count(report.offerings, 'offering')} checked in {report.seconds:.1f} s){more}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def as_json(report: Report) -> str:
    """One object: findings and summary."""
    findings = findings_json(report.findings)
    errors = sum(finding.severity == "error" for finding in report.findings)
    counts = {
        "errors": errors,
        "warnings": len(findings) - errors,
        "files": report.files,
        "models": report.models,
        "offerings": report.offerings,
    }
    return json.dumps({"findings": findings, "summary": counts}, indent=2) + "\n"


def findings_json(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as values."""
    return [_record(finding) for finding in findings]


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line or None,
        "column": finding.column or None,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint or None,
        "pointer": finding.pointer or None,
        "fixable": finding.fixable,
    }


def github(report: Report) -> str:
    """Workflow commands: one annotation for each finding."""
    return "".join(_annotation(finding) for finding in report.findings)


def _annotation(finding: Finding) -> str:
    place = {"file": finding.path, "title": finding.code}
    if finding.line:
        place |= {"line": str(finding.line), "col": str(finding.column), "endColumn": str(finding.column + finding.length)}
    fields = ",".join(f"{name}={_github_field(value)}" for name, value in place.items())
    message = f"{finding.message}\nhint: {finding.hint}" if finding.hint else finding.message
    return f"::{finding.severity} {fields}::{_github_data(message)}\n"


def _github_data(string: str) -> str:
    # https://docs.github.com/actions/reference/workflow-commands-for-github-actions: %, CR and LF are escaped, nothing else is read
    parts = string.replace("%", "%25").split("\n")
    return "%0A".join(shown(part) for part in parts)


def _github_field(string: str) -> str:
    return shown(string).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def gitlab(report: Report) -> str:
    """A code quality report."""
    seen: dict[str, int] = {}
    issues = []
    for finding in report.findings:
        same = "\0".join((finding.path, finding.code, finding.pointer, finding.message))
        seen[same] = seen.get(same, 0) + 1
        mark = f"{same}\0{seen[same]}".encode("utf-8", "surrogatepass")
        issues.append(
            {
                "description": shown(f"{finding.message} ({finding.hint})" if finding.hint else finding.message),
                "check_name": finding.code,
                "fingerprint": hashlib.sha256(mark).hexdigest(),
                "severity": "major" if finding.severity == "error" else "minor",
                "location": {"path": shown(finding.path), "lines": {"begin": max(1, finding.line)}},
            }
        )
    return json.dumps(issues, indent=2) + "\n"


#: Format name -> how a report is written in it (text is apart: it knows colours).
all_formats: dict[str, Callable[[Report], str]] = {"json": as_json, "github": github, "gitlab": gitlab, "sarif": sarif}
