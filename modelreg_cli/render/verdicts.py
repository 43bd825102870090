"""A verdict as text for people, JSON that can be signed, Markdown for a forge, and annotations of its logs."""

from typing import Any

from modelreg_cli.gate.judge import Judged
from modelreg_cli.gate.verdict import Check, Outcome, Verdict
from modelreg_cli.render.findings import shown
from modelreg_cli.render.markdown import cell, code, fitted

_RED, _GREEN, _YELLOW, _OFF = "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[0m"
_COLORS: dict[Outcome, str] = {"passed": _GREEN, "refused": _RED, "pending": _YELLOW}
_NAME = 13
_WORD = 9


def headline(verdict: Verdict) -> str:
    """The verdict in one line, with the first reason for it."""
    bad = [check for check in verdict.checks if check.outcome == verdict.outcome != "passed"]
    if not bad:
        return f"passed: {len(verdict.checks)} checks"
    first = bad[0]
    about = f" of {first.about}" if first.about else ""
    more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
    return shown(f"{verdict.outcome}: {first.name}{about}: {first.told[0] if first.told else ''}{more}")


def text(judged: Judged, colored: bool = False) -> str:
    """Every check with all its reasons, by what it is about."""
    verdict = judged.verdict
    color = _COLORS[verdict.outcome] if colored else ""
    lines = [f"{color}{verdict.outcome}{_OFF if colored else ''}: {shown(_title(judged))}"]
    about = None
    for check in sorted(verdict.checks, key=lambda one: one.about):
        if check.about != about and check.about:
            lines.append(shown(check.about))
        about = check.about
        lines.extend(_lines(check, colored))
    return "".join(f"{line}\n" for line in lines)


def _title(judged: Judged) -> str:
    facts, pull = judged.facts, judged.pull
    what = f"pull request {pull.number}" if pull else "the change"
    earned = [f"{one.ref} may wear {one.tag}" for one in facts.subjects if one.action in ("given", "touched")]
    if earned and judged.verdict.outcome != "passed":
        earned = [f"{one.ref} may not wear {one.tag} yet" for one in facts.subjects if one.action in ("given", "touched")]
    return f"{'; '.join(earned) or what} ({facts.head[:7]} into {facts.base[:7]})"


def _lines(check: Check, colored: bool) -> list[str]:
    word = f"{_COLORS[check.outcome]}{check.outcome}{_OFF}" if colored else check.outcome
    pad = " " * max(1, _WORD - len(check.outcome))
    first, *rest = [shown(line) for line in check.told] or [""]
    margin = " " * (2 + _NAME + _WORD)
    return [f"  {check.name:<{_NAME}}{word}{pad}{first}".rstrip(), *(f"{margin}{line}" for line in rest)]


def as_value(judged: Judged) -> dict[str, Any]:
    """The report as a value for programs."""
    facts, pull = judged.facts, judged.pull
    return {
        "outcome": judged.verdict.outcome,
        "base": facts.base,
        "head": facts.head,
        "forge": facts.forge,
        "date": facts.today.isoformat(),
        "pull_request": None if pull is None else {"number": pull.number, "url": pull.url, "author": pull.author.login},
        "checks": [
            {
                "name": one.name,
                "outcome": one.outcome,
                "about": one.about,
                "told": list(one.told),
                **({"data": one.data} if one.data else {}),
            }
            for one in judged.verdict.checks
        ],
        "subjects": [
            {"ref": one.ref, "tag": one.tag, "action": one.action, "why": list(one.why), "governed": one.bound.governed}
            for one in facts.subjects
        ],
    }


def markdown(judged: Judged) -> str:
    """A summary in which nothing that others wrote is obeyed."""
    signs: dict[Outcome, str] = {"passed": "passed", "refused": "**refused**", "pending": "*pending*"}
    lines = [f"### modelreg gate: {judged.verdict.outcome}", "", f"Head {code(judged.facts.head)}, into {code(judged.facts.base)}.", ""]
    lines += ["| check | of | verdict | why |", "|---|---|---|---|"]
    for check in judged.verdict.checks:
        why = "<br>".join(cell(line) for line in check.told)
        lines.append(f"| {cell(check.name)} | {cell(check.about) if check.about else ''} | {signs[check.outcome]} | {why} |")
    return fitted([*lines, ""])


def annotations(judged: Judged) -> str:
    """Commands of GitHub's and Forgejo's logs, one for each check that did not pass."""
    kinds = {"refused": "error", "pending": "warning"}
    return "".join(
        annotation(kinds[check.outcome], f"gate: {check.name}", f"{check.about} {line}".strip())
        for check in judged.verdict.checks
        if check.outcome in kinds
        for line in check.told
    )


def annotation(kind: str, title: str, words: str) -> str:
    """One command of a log, in which words of others command nothing."""
    return f"::{kind} title={_property(title)}::{_data(words)}\n"


def _data(words: str) -> str:
    return shown(words).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")
