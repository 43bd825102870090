"""A catalog, and what it was before -> findings, all of them, sorted."""

from dataclasses import dataclass
from datetime import date

from modelreg_cli.catalog.layers import attributed, is_own
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.finding import Finding
from modelreg_cli.rules.all_rules import all_comparisons, all_rules
from modelreg_cli.rules.facts import Facts


@dataclass(frozen=True, slots=True)
class Change:
    """What a catalog is compared with, and the paths that differ.

    `published`: what was published, where `before` is a later state of work on it; what may not be done to published
    files is asked of that.
    """

    before: Catalog
    paths: frozenset[str]
    published: Catalog | None = None


def check(catalog: Catalog, today: date, change: Change | None = None) -> list[Finding]:
    """Everything that is wrong; with a change, only what is wrong in its files or was right before it.

    Raises:
        ModelregError: ci/policy.yaml does not read.
    """
    after = Facts(catalog, today, protected_tags(catalog.tree))
    found = _findings(after)
    if change is None:
        return sorted(set(found))
    before = Facts(change.before, today, protected_tags(change.before.tree))
    old = {_same(finding) for finding in _findings(before)}
    found = [finding for finding in found if finding.path in change.paths or _same(finding) not in old]
    if change.published is None:
        found.extend(_broken(before, after))
    else:
        published = Facts(change.published, today, before.protected)
        known = {_same(finding) for finding in _broken(published, before)}
        found.extend(finding for finding in _broken(published, after) if _same(finding) not in known)
    return sorted(set(found))


def _broken(before: Facts, after: Facts) -> list[Finding]:
    """What a change does that may not be done to what was published."""
    found = (finding for comparison in all_comparisons for finding in comparison.compare(before, after))
    return [one for one in found if is_own(before.catalog.tree, one.path) or is_own(after.catalog.tree, one.path)]


def _findings(facts: Facts) -> list[Finding]:
    found = (*facts.catalog.findings, *(finding for rule in all_rules for finding in rule.check(facts)))
    return attributed(facts.catalog.tree, found)


def _same(finding: Finding) -> tuple[str, str, str, str]:
    return finding.path, finding.code, finding.message, finding.pointer
