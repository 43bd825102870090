"""A catalog over another one: what must be its own."""

from collections.abc import Iterator

from modelreg_cli.catalog.codes import OVERLAY_TARGET
from modelreg_cli.catalog.layers import ROOT, Layered, is_own
from modelreg_cli.catalog.layout import path_of
from modelreg_cli.entities.overlay import Overlay
from modelreg_cli.finding import Code, Finding
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

PROTECTED_UNDERNEATH = Code("protected-tag-underneath", "a protected tag that only the catalog underneath defines")


def nothing_underneath(facts: Facts) -> Iterator[Finding]:
    """An overlay changes nothing where there is no catalog underneath."""
    if isinstance(facts.catalog.tree, Layered):
        return
    for loaded, _ in facts.each(Overlay):
        hint = f"`modelreg upstream --update CHANNEL` writes `extends` into {ROOT}"
        yield OVERLAY_TARGET.about(loaded.location.path, "this catalog lies over none", hint=hint)


def protected_here(facts: Facts) -> Iterator[Finding]:
    """What a gate gives has to be defined here: then it is not taken over from a catalog where anybody may give it."""
    for tag in sorted(facts.protected):
        path = path_of("tag", tag)
        if facts.catalog.has("tag", tag) and not is_own(facts.catalog.tree, path):
            yield PROTECTED_UNDERNEATH.about(ROOT, f"{tag} is protected here, and defined underneath only", "/extends", f"write {path}")


rules = (Rule((), nothing_underneath), Rule((PROTECTED_UNDERNEATH,), protected_here))
