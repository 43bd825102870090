"""Semantic versions of models: what each step means, and which step a change asks for."""

import re
from typing import Any, Literal, NamedTuple

Step = Literal["major", "minor", "patch"]
#: What each step says of the new bytes; the greatest comes first.
MEANING: dict[Step, str] = {
    "major": "another architecture or vocabulary: whatever ran the old one may have to change",
    "minor": "tuning or a new capability: it runs as the old one did, and answers otherwise",
    "patch": "a fix: nothing that a caller relies on is other",
}
#: Parts of a version that ask for a greater step than a patch where they are other.
_ASKED: dict[Step, tuple[str, ...]] = {
    "major": ("architecture", "dimensions"),
    "minor": ("modalities", "limits", "capabilities", "lacks", "reasoning", "parameters", "knowledge", "license"),
}
_FORM = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-([0-9a-z]+(?:[.-][0-9a-z]+)*))?\Z")


class SemVer(NamedTuple):
    """Three numbers; a version `before` its release has a suffix, such as rc.1."""

    major: int
    minor: int
    patch: int
    before: str = ""

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}{f'-{self.before}' if self.before else ''}"

    @property
    def rank(self) -> tuple[tuple[int, int, int], bool]:
        """What it is ordered by: 1.0.0-rc.1 comes before 1.0.0."""
        return self[:3], not self.before

    def after(self, step: Step) -> "SemVer":
        """The next version; the release of one that was before it is no step further."""
        if self.before and (step == "patch" or (step == "minor" and not self.patch) or not (self.minor or self.patch)):
            return SemVer(*self[:3])
        numbers = {
            "major": (self.major + 1, 0, 0),
            "minor": (self.major, self.minor + 1, 0),
            "patch": (self.major, self.minor, self.patch + 1),
        }
        return SemVer(*numbers[step])

    def step_to(self, later: "SemVer") -> Step:
        """How far a later version is."""
        return "major" if later.major != self.major else "minor" if later.minor != self.minor else "patch"


def parsed(name: str) -> SemVer | None:
    """A name of a version as SemVer, or None: a date or a number of upstream's own."""
    hit = _FORM.match(name)
    return SemVer(int(hit[1]), int(hit[2]), int(hit[3]), hit[4] or "") if hit else None


def asked_by(before: dict[str, Any], after: dict[str, Any]) -> tuple[Step, list[str]]:
    """The smallest step that a change allows, and the fields that ask for it."""
    for step, names in _ASKED.items():
        if other := [name for name in names if before.get(name) != after.get(name)]:
            return step, other
    return "patch", []
