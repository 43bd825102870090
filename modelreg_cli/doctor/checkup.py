"""All checks of a catalog, in the order of a report."""

from collections.abc import Iterator
from datetime import date

from modelreg_cli.catalog import document
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.doctor.check import Check, Premises
from modelreg_cli.doctor.files import files_checks
from modelreg_cli.doctor.keys import keys_checks
from modelreg_cli.doctor.people import people_checks
from modelreg_cli.doctor.policy import policy_checks
from modelreg_cli.doctor.programs import program_checks
from modelreg_cli.entities.policy import Policy
from modelreg_cli.rules.policy import POLICY, POLICY_NOBODY, policy_findings


def premises_of(tree: Tree, forge: str | None, today: date) -> Premises:
    """A tree with its policy, where that is in order; one that is not filled in yet is."""
    raw = tree.beside(POLICY)
    wrong = raw is None or any(one.code != POLICY_NOBODY.name for one in policy_findings(raw))
    return Premises(tree, None if wrong or raw is None else Policy.model_validate(document.load(raw)), forge, today)


def offline_checks(premises: Premises) -> Iterator[Check]:
    """What files and this machine tell, without asking a forge."""
    yield from policy_checks(premises)
    yield from people_checks(premises)
    yield from keys_checks(premises)
    yield from files_checks(premises)
    yield from program_checks()
