"""What the gate says: every check with its outcome and reasons, none left out after a failure."""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["passed", "refused", "pending"]
_WORST: tuple[Outcome, ...] = ("refused", "pending", "passed")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was asked; `about` is what it was asked of (empty: the change as a whole); `told` has a line for each reason."""

    name: str
    outcome: Outcome
    told: tuple[str, ...]
    about: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks, in the order they were made."""

    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        """Refused where anything is; pending where only approvals are missing."""
        return next((word for word in _WORST if any(check.outcome == word for check in self.checks)), "refused")
