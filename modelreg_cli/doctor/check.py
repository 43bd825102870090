"""One thing that was looked at: what it is, why it matters, and how it is mended."""

from datetime import date
from typing import Literal, NamedTuple

from modelreg_cli.catalog.tree import Tree
from modelreg_cli.entities.policy import Policy

Outcome = Literal["ok", "weak", "unknown"]


class Check(NamedTuple):
    """A check; `told` are the reasons for its outcome, `fix` is a command, a file or the name of a setting."""

    about: str
    name: str
    outcome: Outcome
    told: tuple[str, ...]
    why: str = ""
    fix: str = ""


class Premises(NamedTuple):
    """What is looked at: files, the policy where it is in order, the kind of forge where it is known, and the day."""

    tree: Tree
    policy: Policy | None
    forge: str | None
    today: date


def check(about: str, name: str, wrong: list[str], fine: str, why: str, fix: str) -> Check:
    """A check that is weak where something is wrong, with all of it."""
    return Check(about, name, "weak", tuple(wrong), why, fix) if wrong else Check(about, name, "ok", (fine,), why)
