"""Where the catalog and its sources disagree, as people and programs read it."""

from typing import Any

from modelreg_cli.importers.drift import Disagreement, Report, Voice
from modelreg_cli.importers.more import alike
from modelreg_cli.render.findings import shown
from modelreg_cli.render.markdown import cell, fitted
from modelreg_cli.render.words import plain


def text(report: Report, colored: bool = False) -> str:
    """A file, its values that are disputed, and what each source says of them."""
    out = [summary(report)]
    ref = ""
    for one in report.disagreements:
        if one.ref != ref:
            ref = one.ref
            out += ["", f"\x1b[1m{shown(ref)}\x1b[0m" if colored else shown(ref)]
        rows = [("here", _value(one.ours), one.since or "", "")]
        rows += [(voice.source, _value(voice.value), voice.observed, _verdict(one, voice)) for voice in one.voices]
        names, values = (max(len(shown(row[at])) for row in rows) for at in (0, 1))
        out.append(f"  {shown(one.field)}{f': {one.why}' if one.why and len(one.voices) > 1 else ''}")
        for name, value, day, told in rows:
            out.append(f"    {shown(name):<{names}}  {shown(value):>{values}}  {day:<10}  {told}".rstrip())
    if report.vanished:
        out += ["", "Gone upstream"]
        out += [f"  {shown(group)}:{shown(subject)}  {shown(source)} has it no more" for source, group, subject in report.vanished]
    return "".join(f"{line}\n" for line in out)


def markdown(report: Report) -> str:
    """The text of a pull request; what others wrote stands in spans of code."""
    sources = ", ".join(f"{cell(name)} of {day}" for name, day in report.sources)
    out = [f"**Drift against {sources}**: {summary(report)}"]
    proposed = [one for one in report.disagreements if one.why is None]
    disputed = [one for one in report.disagreements if one.why is not None]
    for title, listed in (("Proposed", proposed), ("Disputed", disputed)):
        if listed:
            out += ["", f"### {title}", "", "| what | value | here | since | sources |", "|---|---|---|---|---|"]
            out += [_row(one) for one in listed]
    if report.vanished:
        out += ["", "### Gone upstream", ""]
        out += [f"- {cell(f'{group}:{subject}')}: {cell(source)} has it no more" for source, group, subject in report.vanished]
    return fitted(out)


def as_value(report: Report) -> dict[str, Any]:
    """The report as one value."""
    return {
        "sources": [{"source": source, "observed": observed} for source, observed in report.sources],
        "disagreements": [
            {
                "path": one.path,
                "ref": one.ref,
                "field": one.field,
                "ours": one.ours,
                "since": one.since,
                "sources": [
                    {"source": v.source, "value": v.value, "observed": v.observed, "implausible": v.implausible} for v in one.voices
                ],
                "proposed": one.proposed,
                "why_not": one.why,
            }
            for one in report.disagreements
        ],
        "vanished": [{"source": source, "group": group, "subject": subject} for source, group, subject in report.vanished],
        "new": report.new,
        "decisions": report.decisions,
    }


def summary(report: Report) -> str:
    """How many values are disputed, how many of them have a proposal, and what else there is."""
    found = report.disagreements
    if not found and not report.vanished:
        told = "the catalog and its sources agree"
    else:
        files, proposed = len({one.path for one in found}), sum(one.why is None for one in found)
        strange = sum(any(voice.implausible for voice in one.voices) for one in found)
        told = f"{len(found):,} values of {files:,} files disagree: {proposed:,} proposed, {strange:,} implausible"
        told += f"; {len(report.vanished):,} gone upstream" if report.vanished else ""
    new = ", ".join(f"{count:,} {name}" for name, count in report.new.items() if count)
    more = sum(report.decisions.values())
    told += f"; only upstream: {new}" if new else ""
    return told + (f"; {more:,} other open decisions" if more else "")


def _row(one: Disagreement) -> str:
    told = [_told(one, voice) for voice in one.voices]
    told += [cell(one.why)] if one.why and len(one.voices) > 1 else []
    return f"| {cell(one.ref)} | {cell(one.field)} | {cell(_value(one.ours))} | {one.since or ''} | {'<br>'.join(told)} |"


def _told(one: Disagreement, voice: Voice) -> str:
    verdict = _verdict(one, voice)
    return f"{cell(voice.source)} {cell(_value(voice.value))}{f' ({verdict})' if verdict else ''}"


def _verdict(one: Disagreement, voice: Voice) -> str:
    if voice.implausible:
        return f"implausible: {voice.implausible}"
    if alike(voice.value, one.ours):
        return "agrees"
    return "proposed" if one.why is None else ""


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else plain(value)
