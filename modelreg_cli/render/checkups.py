"""Checks of how a catalog is guarded, as text, as a value, and as Markdown."""

from itertools import groupby
from typing import Any

from modelreg_cli.doctor.check import Check, Outcome
from modelreg_cli.render.findings import shown
from modelreg_cli.render.markdown import cell, fitted

_OFF = "\x1b[0m"
_COLORS: dict[Outcome, str] = {"weak": "\x1b[1;31m", "ok": "\x1b[1;32m", "unknown": "\x1b[1;33m"}
_NAME, _WORD = 19, 9


def outcome(checks: list[Check]) -> Outcome:
    """The worst of all."""
    found = {one.outcome for one in checks}
    return "weak" if "weak" in found else "unknown" if "unknown" in found else "ok"


def summary(checks: list[Check]) -> str:
    """One line."""
    counts = [f"{number} {word}" for word in ("weak", "unknown", "ok") if (number := sum(one.outcome == word for one in checks))]
    said = {
        "weak": "this catalog is not guarded as its policy says",
        "unknown": "no weakness was found, and not everything could be seen",
        "ok": "this catalog is guarded as its policy says",
    }
    return f"{said[outcome(checks)]} ({', '.join(counts)})"


def text(checks: list[Check], colored: bool = False) -> str:
    """Every check below what it is about; with what is not in order, why that matters and how it is mended."""
    worst = outcome(checks)
    lines = [f"{_COLORS[worst]}{worst}{_OFF}: {summary(checks)}" if colored else f"{worst}: {summary(checks)}"]
    for about, some in groupby(checks, key=lambda one: one.about):
        lines.append(shown(about))
        for one in some:
            lines.extend(_lines(one, colored))
    return "".join(f"{line}\n" for line in lines)


def _lines(one: Check, colored: bool) -> list[str]:
    word = f"{_COLORS[one.outcome]}{one.outcome}{_OFF}" if colored else one.outcome
    pad, margin = " " * (_WORD - len(one.outcome)), " " * (2 + _NAME + _WORD)
    first, *rest = one.told
    lines = [f"  {one.name:<{_NAME}}{word}{pad}{shown(first)}", *(f"{margin}{shown(line)}" for line in rest)]
    if one.outcome != "ok":
        needs = "fix" if one.outcome == "weak" else "needs"
        lines += [f"{margin}{label}: {shown(words)}" for label, words in (("why", one.why), (needs, one.fix)) if words]
    return lines


def as_value(checks: list[Check], forge: str | None) -> dict[str, Any]:
    """The report as a value for programs."""
    told = [{**one._asdict(), "told": list(one.told)} for one in checks]
    return {"outcome": outcome(checks), "forge": forge, "checks": told}


def markdown(checks: list[Check]) -> str:
    """A table for a forge, in which nothing that others wrote is obeyed."""
    signs: dict[Outcome, str] = {"ok": "ok", "weak": "**weak**", "unknown": "*unknown*"}
    lines = [f"### modelreg doctor: {outcome(checks)}", "", f"{summary(checks)}.", ""]
    lines += ["| of | check | outcome | what | why it matters | fix |", "|---|---|---|---|---|---|"]
    for one in checks:
        what = "<br>".join(cell(line) for line in one.told)
        why, fix = (one.why, cell(one.fix) if one.fix else "") if one.outcome != "ok" else ("", "")
        lines.append(f"| {cell(one.about)} | {one.name} | {signs[one.outcome]} | {what} | {why} | {fix} |")
    return fitted([*lines, ""])
