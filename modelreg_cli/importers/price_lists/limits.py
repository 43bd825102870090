"""Limits of an offer that can be true, as far as they are not those of the version."""

from collections.abc import Mapping

from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.version import Limits, Version

Problem = tuple[str, str, str, int]  # reason, detail, field, upstream
_NAMES = ("context", "input", "output")


def limits(given: Mapping[str, int], version: Version, here: Offering | None) -> tuple[dict[str, int], list[Problem]]:
    """What to write, and what can not be true.

    A limit that the file here has is written whatever the version says, so that the two can be compared.
    """
    problems: list[Problem] = []
    theirs, ours = version.limits or Limits(), (here.limits if here else None) or Limits()
    said = {}
    for name, value in given.items():
        if value > 0:
            said[name] = value
        else:
            problems.append(("zero-limit", "a limit of 0 says nothing", f"limits.{name}", value))
    whole = next((value for value in (said.get("context"), ours.context, theirs.context) if isinstance(value, int)), None)
    if whole is not None and said.get("input") == whole:
        del said["input"]  # all of the context may be input: that is no bound of its own
    for name in ("input", "output"):
        if whole is not None and said.get(name, 0) > whole:
            problems.append((f"{name}-above-context", f"more than the context of {whole} tokens", f"limits.{name}", said.pop(name)))
    for name, value in list(said.items()):
        known = getattr(theirs, name)
        if isinstance(known, int) and value > known and getattr(ours, name) is None:
            words = f"the version has {known}, and nobody says that more is served here"
            problems.append(("limit-above-version", words, f"limits.{name}", said.pop(name)))
    for name in ("input", "output") if "context" in said else ():
        bound = next((value for value in (said.get(name), getattr(ours, name), getattr(theirs, name)) if isinstance(value, int)), 0)
        if bound > said.get("context", bound):
            words = f"less than the {name} of {bound} tokens that is known"
            problems.append((f"{name}-above-context", words, "limits.context", said.pop("context")))
    return {
        name: said[name] for name in _NAMES if name in said and (getattr(ours, name) is not None or getattr(theirs, name) != said[name])
    }, problems
