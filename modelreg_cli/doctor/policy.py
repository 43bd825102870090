"""The policy: whether it is there, right, filled in, and names enough people who can really approve."""

from collections.abc import Iterator

from modelreg_cli.catalog.layout import path_of
from modelreg_cli.doctor.check import Check, Premises, check
from modelreg_cli.doctor.people import can_approve
from modelreg_cli.entities.policy import Policy
from modelreg_cli.errors import listed
from modelreg_cli.review.state import State
from modelreg_cli.rules.policy import POLICY, POLICY_NOBODY, approvals_of, policy_findings

_ABOUT = "policy"
_PERSONS = "a tag that one person alone can give says no more than that person"


def policy_checks(premises: Premises) -> Iterator[Check]:
    """All that can be said of ci/policy.yaml."""
    raw = premises.tree.beside(POLICY)
    yield _right(raw)
    yield _worn(premises)
    if premises.policy is not None:
        yield _filled_in(premises.policy)
        yield _tags(premises)
        if any(premises.policy.roles.values()):
            yield _persons(premises, premises.policy)


def _right(raw: bytes | None) -> Check:
    why = "without a policy that reads, nobody can say who may decide what, and the gate refuses everything"
    if raw is None:
        return Check(
            _ABOUT, "present", "weak", (f"there is no {POLICY}",), why, "`modelreg init` in an empty folder writes one to begin with"
        )
    found = [one for one in policy_findings(raw) if one.code != POLICY_NOBODY.name]
    told = [f"{one.path}:{one.line}:{one.column}: {one.message}" for one in found]
    return check(_ABOUT, "present", told, f"{POLICY} reads, and does not contradict itself", why, found[0].hint if found else "")


def _filled_in(policy: Policy) -> Check:
    empty = list(dict.fromkeys(one.from_ for _, one in approvals_of(policy) if not policy.roles.get(one.from_)))
    wrong = [f"not on yet: nobody is named in the role {listed(empty)}"] if empty else []
    return check(
        _ABOUT,
        "filled in",
        wrong,
        f"{len(policy.people)} persons, {len(policy.roles)} roles",
        "until then the gate refuses every change, so it guards nothing that people work with",
        f"in {POLICY} name everybody in `people` (account, e-mail addresses, keys), and then in `roles`",
    )


def _tags(premises: Premises) -> Check:
    policy, paths = premises.policy, frozenset(premises.tree.paths())
    tags = policy.protected_tags if policy else {}
    wrong = [f"{tag} asks for {one.approvals.required} approval only" for tag, one in tags.items() if one.approvals.required < 2]
    wrong += [f"{tag} has no {path_of('tag', tag)}, which says what it means" for tag in tags if path_of("tag", tag) not in paths]
    wrong += [f"{tag} asks for nothing but approvals" for tag, one in tags.items() if not one.requires and not one.benchmarks]
    if not tags:
        wrong = ["no tag is protected"]
    told = listed([f"{tag}: {one.approvals.required} of {one.approvals.from_}" for tag, one in tags.items()], "and") if tags else ""
    return check(
        _ABOUT, "protected tags", wrong, told, _PERSONS, f"`protected_tags` in {POLICY}; `modelreg new` or an editor for the file of a tag"
    )


def _persons(premises: Premises, policy: Policy) -> Check:
    wrong, fine = [], []
    for pointer, asked in approvals_of(policy):
        members = policy.roles.get(asked.from_) or []
        able = [name for name in dict.fromkeys(members) if can_approve(policy.people[name], premises.forge)]
        what = pointer.split("/")[-2]
        if members and len(able) <= asked.required:
            few = f"of whom {len(able)} can approve" if len(able) < len(members) else f"of whom there are {len(able)}"
            wrong.append(f"{what} asks for {asked.required} of {asked.from_}, {few}: it takes {asked.required + 1}")
        elif members:
            fine.append(f"{asked.from_}: {len(able)}")
    return check(
        _ABOUT,
        "enough persons",
        wrong,
        listed(list(dict.fromkeys(fine)), "and") if fine else "",
        "nobody approves their own change, so with no more persons than approvals every change of one of them is stuck",
        f"name more persons in `roles` of {POLICY}, each with an account on the forge or a key",
    )


def _worn(premises: Premises) -> Check:
    why = "a protected tag that nobody had to earn looks like one that somebody did"
    worn = State(premises.tree).wearers()
    if not worn:
        return Check(_ABOUT, "worn tags", "ok", ("no version wears a protected tag",), why)
    some = f"{listed(worn[:3], 'and')}{f' and {len(worn) - 3} more' if len(worn) > 3 else ''}"
    named = premises.policy is not None and any(premises.policy.roles.values())
    if not named:
        told = f"{some} wear a protected tag, and nobody is named who could have approved that"
        return Check(
            _ABOUT, "worn tags", "weak", (told,), why, "take the tag off (`modelreg edit`), or fill in the policy and let it be earned"
        )
    return Check(_ABOUT, "worn tags", "ok", (f"{some} wear a protected tag; `modelreg audit` proves how each came by it",), why)
