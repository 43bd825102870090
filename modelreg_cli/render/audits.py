"""What an audit found: as text by version and tag, and as values."""

from itertools import groupby
from typing import Any

from modelreg_cli import dates
from modelreg_cli.gate.audit import Moment, Proof
from modelreg_cli.render.findings import shown

_COLORS: dict[Proof, str] = {"proven": "\x1b[1;32m", "unproven": "\x1b[1;33m", "refuted": "\x1b[1;31m"}
_OFF = "\x1b[0m"


def text(found: list[Moment], worn: set[tuple[str, str]], colored: bool, quiet: bool) -> str:
    """Every moment, the oldest first, under its version and tag; `worn` are those who wear one now."""
    lines: list[str] = []
    for (ref, tag), together in groupby(found, key=lambda one: (one.ref, one.tag)):
        moments = [one for one in together if not quiet or one.proof != "proven"]
        if moments:
            lines.append(f"{shown(ref)} {tag}{'' if (ref, tag) in worn else ' (not worn now)'}")
            lines.extend(line for one in moments for line in _lines(one, colored))
    counts = {proof: sum(one.proof == proof for one in found) for proof in _COLORS}
    told = ", ".join(f"{count} {proof}" for proof, count in counts.items() if count)
    last = f"{len(found)} {'moment' if len(found) == 1 else 'moments'}: {told}" if found else "no version ever wore a protected tag"
    return "".join(f"{line}\n" for line in [*lines, last])


def _lines(one: Moment, colored: bool) -> list[str]:
    proof = f"{_COLORS[one.proof]}{one.proof}{_OFF}" if colored else one.proof
    pad = " " * (9 - len(one.proof))
    who = f"approved by {', '.join(one.approved_by)}" if one.approved_by else "approved by nobody known"
    pull = f" (pull request {one.pull})" if one.pull else ""
    head = f"  {dates.told(one.time)[:10]}  {one.commit[:8]}  {one.action:<9}  {proof}{pad} {shown(who)}{pull}"
    return [head, *(f"{' ' * 36}{shown(line)}" for line in one.told)]


def as_value(one: Moment, worn: set[tuple[str, str]]) -> dict[str, Any]:
    """A moment for programs."""
    return {
        "ref": one.ref,
        "tag": one.tag,
        "action": one.action,
        "proof": one.proof,
        "time": dates.told(one.time),
        "commit": one.commit,
        "approved_by": list(one.approved_by),
        "governed": one.governed or None,
        "pull_request": one.pull,
        "told": list(one.told),
        "worn_now": (one.ref, one.tag) in worn,
    }
