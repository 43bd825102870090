"""What the forge says of the branch and of the people, held against the policy."""

from collections.abc import Iterator

from modelreg_cli.doctor.check import Check
from modelreg_cli.entities.policy import Approvals, Policy
from modelreg_cli.forge.guards import Guards, Question, Wanted
from modelreg_cli.rules.policy import POLICY, accounts

_SECOND = "the gate counts approvals itself; the forge's own count still holds where the gate does not run"
_WHY: dict[Question, str] = {
    "protected": "without rules whoever may write may put anything on the branch",
    "pushes": "what is pushed past a pull request was judged by nobody",
    "merges": "who merges by hand merges what was not judged, or not in that state",
    "force": "history that can be rewritten proves nothing",
    "deletion": "a branch that is deleted and made again has lost its rules and its history",
    "gate": "a verdict that nothing waits for stops nothing",
    "validate": "files that are wrong could be merged",
    "source": "whoever may publish the status can publish success",
    "current": "a change is judged as merged into one state of the branch, and would be merged into another",
    "reviews": _SECOND,
    "stale": _SECOND,
    "authors": _SECOND,
    "objections": _SECOND,
    "owners": "a change of pipelines or of the policy would need nobody who is responsible for them, where the gate does not run",
    "bypass": "whoever passes by the rules passes by the gate",
    "tokens": "a workflow that says nothing of its rights could write to the repository",
    "pipelines": "whoever changes the pipelines changes who judges",
}
_NAMES: dict[Question, str] = {
    "force": "force pushes",
    "gate": "modelreg/gate",
    "validate": "modelreg/validate",
    "source": "source of status",
    "current": "up to date",
    "stale": "stale reviews",
    "owners": "code owners",
    "bypass": "passing by",
}


def guards_checks(guards: Guards, policy: Policy | None, forge: str, branch: str | None) -> Iterator[Check]:
    """The rules of the branch, and whether accounts are whose the policy says.

    Raises:
        Unavailable: the forge does not answer.
    """
    wanted = Wanted(branch or guards.main(), _least(policy))
    about = f"{forge}, branch {wanted.branch}"
    for one in guards.answers(wanted):
        name, why = _NAMES.get(one.question, one.question), _WHY[one.question]
        if one.holds:
            yield Check(about, name, "ok", (one.told,), why)
        else:
            yield Check(about, name, "unknown" if one.holds is None else "weak", (one.told,), why, one.setting)
    if policy is not None and policy.people:
        yield _accounts(guards, policy, forge)


def _least(policy: Policy | None) -> int:
    """How many approvals the least change needs."""
    if policy is None:
        return 1
    asked = [policy.control_plane.approvals, policy.results.approvals, *(one.approvals for one in policy.protected_tags.values())]
    data = policy.data.approvals if policy.data else None
    plain = data.required if isinstance(data, Approvals) else 1 if data is None else 0
    return min([plain, *(one.required for one in asked)])


def _accounts(guards: Guards, policy: Policy, forge: str) -> Check:
    wrong = []
    for name, person in policy.people.items():
        for account in accounts(person, forge):
            number = guards.number(account.login)
            if number is None:
                wrong.append(f"{name}: nobody on {forge} is called {account.login} (renamed? the number {account.id} is what counts)")
            elif number != account.id:
                wrong.append(f"{name}: {account.login} is the account {number}, and the policy says {account.id}")
    why = "the gate knows accounts by their number: another's number lets another approve"
    if wrong:
        return Check(f"{forge}, accounts", "accounts", "weak", tuple(wrong), why, f"`people` in {POLICY}")
    return Check(f"{forge}, accounts", "accounts", "ok", (f"every login has the number that {POLICY} says",), why)
