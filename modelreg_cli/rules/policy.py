"""ci/policy.yaml: read strictly, and held against itself; a policy that is wrong decides nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import ValidationError

from modelreg_cli.catalog import document
from modelreg_cli.catalog.explain import explain
from modelreg_cli.catalog.load import validator
from modelreg_cli.catalog.placed import at_places
from modelreg_cli.catalog.text import Unreadable, pointer_to
from modelreg_cli.entities.policy import Account, Approvals, BenchmarkNeed, Person, Policy
from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.finding import Code, Finding, warning
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

POLICY = "ci/policy.yaml"
FORGES = ("github", "gitlab", "forgejo")
POLICY_WRONG = Code("policy-wrong", "a policy that contradicts itself, or under which nothing could pass")
POLICY_NOBODY = warning("policy-names-nobody", "a policy that is not filled in: nobody is there to approve")


def policy_of(raw: bytes | None) -> Policy:
    """The policy.

    Raises:
        ModelregError: there is none, or something is wrong with it; the message has every reason.
    """
    if raw is None:
        raise ModelregError(f"there is no {POLICY}", "docs/gate.md has one to begin with")
    found = policy_findings(raw)
    if found:
        told = "\n".join(f"{one.path}:{one.line}:{one.column}: {one.message}" for one in found)
        what = "not filled in" if {one.code for one in found} == {POLICY_NOBODY.name} else "not a policy"
        raise ModelregError(f"{POLICY} is {what}, so nothing may pass:\n{told}", found[0].hint)
    return Policy.model_validate(document.load(raw))


def policy_findings(raw: bytes) -> list[Finding]:
    """Everything that is wrong with the text of a policy, with its lines."""
    text = raw.decode("utf-8", "replace")
    try:
        data = document.load(raw)
    except Unreadable as error:
        return [error.finding(POLICY, text)]
    if not isinstance(data, dict) or not validator("policy").is_valid(data):
        return at_places(explain(POLICY, "policy", data), text)
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        return [POLICY_WRONG.about(POLICY, str(one["msg"]), pointer_to(*one["loc"])) for one in error.errors(include_url=False)]
    wrong = [POLICY_WRONG.about(POLICY, message, pointer, hint) for pointer, message, hint in _wrong(policy)]
    return sorted(at_places([*wrong, *_nobody(policy)], text))


def check(facts: Facts) -> Iterator[Finding]:
    """What is wrong with the policy of a catalog; nothing where it has none."""
    raw = facts.catalog.tree.beside(POLICY)
    for finding in policy_findings(raw) if raw is not None else ():
        yield replace(finding, fixable=False)


def accounts(person: Person, forge: str) -> tuple[Account, ...]:
    """The accounts of a person on a forge."""
    found = getattr(person, forge)
    return () if found is None else (found,) if isinstance(found, Account) else tuple(found)


def _wrong(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """(pointer, message, hint) of every contradiction."""
    yield from _twice(policy)
    for role, members in policy.roles.items():
        for at, person in enumerate(members):
            if person not in policy.people:
                yield pointer_to("roles", role, at), f"{person} is not in `people`", did_you_mean(person, policy.people) or "add them there"
    for pointer, approvals in approvals_of(policy):
        yield from _members(policy, pointer, approvals)
    for tag, needs in policy.protected_tags.items():
        for at, need in enumerate(needs.benchmarks or ()):
            for field, message, hint in _benchmark(need):
                yield pointer_to("protected_tags", tag, "benchmarks", at, *field), message, hint


def _nobody(policy: Policy) -> Iterator[Finding]:
    """Roles that are asked for approval, and that nobody has."""
    empty = [role for role in dict.fromkeys(one.from_ for _, one in approvals_of(policy)) if policy.roles.get(role) == []]
    if empty:
        hint = "until people are named there, every change that needs them is refused; `modelreg doctor` tells what is missing"
        yield POLICY_NOBODY.about(POLICY, f"nobody is named in the role {listed(empty)}", pointer_to("roles", empty[0]), hint)


def approvals_of(policy: Policy) -> Iterator[tuple[str, Approvals]]:
    """Every approval that a policy asks for, by its JSON pointer."""
    yield "/control_plane/approvals", policy.control_plane.approvals
    yield "/results/approvals", policy.results.approvals
    if policy.data and isinstance(policy.data.approvals, Approvals):
        yield "/data/approvals", policy.data.approvals
    for tag, needs in policy.protected_tags.items():
        yield pointer_to("protected_tags", tag, "approvals"), needs.approvals


def _members(policy: Policy, pointer: str, approvals: Approvals) -> Iterator[tuple[str, str, str]]:
    if approvals.from_ not in policy.roles:
        hint = did_you_mean(approvals.from_, policy.roles) or "name it in `roles`"
        yield f"{pointer}/from", f"there is no role {approvals.from_}", hint
        return
    members = set(policy.roles[approvals.from_])
    if 0 < len(members) < approvals.required:
        message = f"{approvals.required} of {approvals.from_} must approve, and only {len(members)} are"
        yield f"{pointer}/required", message, "nothing could ever pass: name more persons in `roles`"


def _twice(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Accounts, addresses and keys belong to one person, or somebody could approve their own work."""
    owners: dict[tuple[str, str], str] = {}
    for name, person in policy.people.items():
        for pointer, kind, value in _marks(name, person):
            other = owners.setdefault((kind, value.casefold()), name)
            if other != name:
                yield pointer, f"{value} belongs to {other} as well", "one person has one entry, with all their accounts"


def _marks(name: str, person: Person) -> Iterator[tuple[str, str, str]]:
    for forge in FORGES:
        for account in accounts(person, forge):
            yield pointer_to("people", name, forge), f"{forge} account", str(account.id)
    for field, values in (("emails", person.emails), ("keys", person.keys)):
        for at, value in enumerate(values or ()):
            yield pointer_to("people", name, field, at), field, value


def _benchmark(need: BenchmarkNeed) -> Iterable[tuple[tuple[str, ...], str, str]]:
    if need.min is None and need.max is None and need.max_regression is None:
        yield (), f"{need.benchmark} asks for nothing", "add `min`, `max` or `max_regression`"
    for at, bound in (("lower95", "max"), ("upper95", "min")):
        if need.at == at and getattr(need, bound) is not None:
            yield (bound,), f"`{bound}` at {at} would let values pass that are likely worse", "use `value`, or the other end"
    if need.max_regression and need.max_regression.sigma is None and need.max_regression.absolute is None:
        yield ("max_regression",), "it has no bound", "add `sigma` or `absolute`"
    try:
        SpecifierSet((need.harness and need.harness.version) or "")
    except InvalidSpecifier as error:
        yield ("harness", "version"), f"{str(error)[:100]}", 'write it as Python packages do: ">=0.4.5"'


rules = (Rule((POLICY_WRONG, POLICY_NOBODY), check),)
