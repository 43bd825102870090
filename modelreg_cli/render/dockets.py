"""What came of several pull requests, or of a group of a merge queue: in a line each, or one after the other."""

from collections.abc import Sequence
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.gate.docket import Entry
from modelreg_cli.gate.queue import Queued
from modelreg_cli.gate.verdict import Verdict
from modelreg_cli.render import verdicts
from modelreg_cli.render.findings import shown
from modelreg_cli.render.markdown import code


def words(entry: Entry) -> str:
    """What came of a pull request, in a line that a commit status shows: one head may have several, so it says which."""
    if entry.judged:
        return f"{verdicts.headline(entry.judged.verdict)} (#{entry.number})"
    return shown(f"could not be judged: {_why(entry.error)} (#{entry.number})")


def _why(error: Exception | None) -> str:
    return error.message if isinstance(error, ModelregError) else f"a defect of the gate ({type(error).__name__})"


def line(entry: Entry) -> str:
    """The same for people, by number."""
    return f"{entry.number}\t{entry.head[:7] or '-'}\t{words(entry).removesuffix(f' (#{entry.number})')}\n"


def as_value(entries: Sequence[Entry]) -> dict[str, Any]:
    """Reports of several pull requests."""
    return {
        "pull_requests": [
            verdicts.as_value(one.judged)
            if one.judged
            else {"outcome": "error", "head": one.head or None, "pull_request": {"number": one.number}, "error": _why(one.error)}
            for one in entries
        ]
    }


def markdown(entries: Sequence[Entry]) -> str:
    """A summary of several pull requests."""
    return "\n".join(
        verdicts.markdown(one.judged) if one.judged else f"### modelreg gate: error\n\nPull request {one.number}: {code(_why(one.error))}\n"
        for one in entries
    )


def annotations(entries: Sequence[Entry]) -> str:
    """Commands of a log; of one that could not be judged as well."""
    return "".join(
        verdicts.annotations(one.judged) if one.judged else verdicts.annotation("error", "gate", f"{one.number}: {_why(one.error)}")
        for one in entries
    )


def headline(queued: Queued) -> str:
    """The verdict on a group in one line."""
    bad = next((one for one in queued.pulls if one.verdict.outcome == queued.outcome != "passed"), None)
    if bad and bad.pull and all(check.outcome != queued.outcome for check in queued.checks):
        return f"{verdicts.headline(bad.verdict)} (#{bad.pull.number})"
    return verdicts.headline(Verdict(queued.checks))


def of_group(queued: Queued, kind: str, colored: bool = False) -> str:
    """The group and then each pull request, as text, markdown or annotations of a log."""
    if kind == "markdown":
        own = "".join(f"- {check.outcome}: {code(told)}\n" for check in queued.checks for told in check.told)
        own = f"### modelreg gate: {queued.outcome}\n\nGroup {code(queued.head)}, into {code(queued.base)}.\n\n{own}\n"
        return own + "\n".join(verdicts.markdown(one) for one in queued.pulls)
    if kind == "github":
        bad = [check for check in queued.checks if check.outcome != "passed"]
        own = "".join(verdicts.annotation(_KINDS[check.outcome], f"gate: {check.name}", told) for check in bad for told in check.told)
        return own + "".join(verdicts.annotations(one) for one in queued.pulls)
    own = "".join(f"  {check.name}: {check.outcome}: {shown(told)}\n" for check in queued.checks for told in check.told)
    own = f"{queued.outcome}: the group {queued.head[:7]} into {queued.base[:7]}\n{own}"
    return own + "".join(verdicts.text(one, colored) for one in queued.pulls)


_KINDS = {"refused": "error", "pending": "warning"}


def group_as_value(queued: Queued) -> dict[str, Any]:
    """A report of a group."""
    checks = [{"name": one.name, "outcome": one.outcome, "told": list(one.told)} for one in queued.checks]
    pulls = [verdicts.as_value(one) for one in queued.pulls]
    return {"outcome": queued.outcome, "base": queued.base, "head": queued.head, "checks": checks, "pull_requests": pulls}
