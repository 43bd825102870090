"""A catalog, and what it was before -> findings, all of them, sorted."""

from dataclasses import dataclass
from datetime import date

from modelreg_cli.catalog import document
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.errors import ModelregError
from modelreg_cli.finding import Finding
from modelreg_cli.rules.all_rules import all_comparisons, all_rules
from modelreg_cli.rules.facts import Facts

POLICY = "ci/policy.yaml"


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
    return [finding for comparison in all_comparisons for finding in comparison.compare(before, after)]


def _findings(facts: Facts) -> list[Finding]:
    return [*facts.catalog.findings, *(finding for rule in all_rules for finding in rule.check(facts))]


def _same(finding: Finding) -> tuple[str, str, str, str]:
    return finding.path, finding.code, finding.message, finding.pointer


def protected_tags(tree: Tree) -> frozenset[str]:
    """The tags that only the gate gives, by ci/policy.yaml; none where there is no policy.

    Raises:
        ModelregError: the policy does not read.
    """
    raw = tree.beside(POLICY)
    if raw is None:
        return frozenset()
    try:
        policy = document.load(raw)
    except Unreadable as error:
        raise ModelregError(f"{POLICY}:{error.at.line}: {error.message}", error.hint) from None
    tags = policy.get("protected_tags") if isinstance(policy, dict) else None
    return frozenset(tags) if isinstance(tags, dict) else frozenset()
