"""People: whether they are real, and known by what the gate knows people by."""

import re
from collections.abc import Iterator

from modelreg_cli.doctor.check import Check, Premises, check
from modelreg_cli.entities.policy import Person, Policy
from modelreg_cli.rules.policy import FORGES, POLICY, accounts

_ABOUT = "people"
#: Names that belong to nobody (RFC 2606, RFC 6761).
_NOBODYS = re.compile(r"(?:^|[@.])(?:example\.(?:com|net|org)|example|test|invalid|localhost)$", re.IGNORECASE)
#: Numbers that people write when they have none: 123, 12345. Of GitHub all below 1,000 as well: those are its first days'.
_INVENTED = re.compile(r"123(?:4(?:5(?:6(?:7(?:89?)?)?)?)?)?|9{3,}")
_FIRST = 1000


def people_checks(premises: Premises) -> Iterator[Check]:
    """Everything about `people`."""
    policy = premises.policy
    if policy is None or not policy.people:
        return
    wrong = [told for name, person in policy.people.items() for told in _invented(name, person)]
    fix = "the real address; the forge's number of the account (GitHub: `gh api users/LOGIN --jq .id`)"
    why = "an account or address that is nobody's, or another one's, lets the wrong person approve"
    yield check(_ABOUT, "real", wrong, "no address or number that looks made up", why, fix)
    yield _known(premises, policy)


def can_approve(person: Person, forge: str | None) -> bool:
    """Whether a person has any way to approve: an account on the forge in use (any, where that is not known), or a key."""
    return bool(person.keys) or any(accounts(person, one) for one in ((forge,) if forge else FORGES))


def _invented(name: str, person: Person) -> Iterator[str]:
    for email in person.emails or ():
        if _NOBODYS.search(email.rpartition("@")[2]):
            yield f"{name}: {email} is a placeholder, no address"
    for forge in FORGES:
        for account in accounts(person, forge):
            if _INVENTED.fullmatch(str(account.id)) or (forge == "github" and account.id < _FIRST):
                yield f"{name}: {account.id} looks like a placeholder, not like the number of @{account.login} on {forge}"


def _known(premises: Premises, policy: Policy) -> Check:
    forge = premises.forge
    deciding = {name for members in policy.roles.values() for name in members}
    wrong = []
    for name, person in policy.people.items():
        if forge and name in deciding and not accounts(person, forge):
            wrong.append(f"{name} has no account on {forge}")
        if not person.emails:
            wrong.append(f"{name} has no e-mail address")
    return check(
        _ABOUT,
        "known",
        wrong,
        f"everybody has an e-mail address{f', and whoever has a role an account on {forge}' if forge else ''}",
        "whose account or commits are not known counts for nothing, and a protected change with an unknown author is refused",
        f"`people` in {POLICY}: {forge or 'github'}: {{id, login}}, emails: [...]",
    )
