"""CODEOWNERS: made from the policy, as advice to the forge; who decides is in the policy, and the gate holds changes against that."""

import re
from collections.abc import Iterator

from modelreg_cli.catalog import document
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.entities.policy import Approvals, Policy
from modelreg_cli.finding import Code, Finding
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.policy import POLICY, POLICY_NOBODY, accounts, policy_findings
from modelreg_cli.rules.rule import Rule

#: All three forges look here.
CODEOWNERS = "CODEOWNERS"
CODEOWNERS_STALE = Code("codeowners-stale", "a CODEOWNERS that is not what the policy says", fixable=True)
_HEAD = """\
# Made from ci/policy.yaml by modelreg, for {forge}; `modelreg validate --fix` writes it again.
# Advice: whom the forge asks for a review. Who may approve what, ci/policy.yaml says, and `modelreg gate` sees to that.
"""
_MADE = re.compile(r"# Made from ci/policy\.yaml by modelreg, for (github|gitlab|forgejo);")


def codeowners(policy: Policy, forge: str) -> str:
    """The text for a forge: the last line that fits a path counts; on Forgejo and Gitea every one, and lines are regular expressions.

    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners,
    https://docs.gitlab.com/user/project/codeowners/reference/, https://docs.gitea.com/usage/repository/code-owners
    """
    owners = {name: _owners(policy, members, forge) for name, members in policy.roles.items()}
    control, results = (owners.get(area.approvals.from_, ()) for area in (policy.control_plane, policy.results))
    data = policy.data and policy.data.approvals
    anyone = tuple(sorted({owner for some in owners.values() for owner in some}))
    plain = owners.get(data.from_, ()) if isinstance(data, Approvals) else () if data == "none" else anyone
    tags = sorted(policy.protected_tags)
    if forge == "forgejo":
        own = "|".join(re.escape(tag).replace("\\", "\\\\") for tag in tags) or "(none)"
        lines = [
            ("!catalog/.*", control),
            ("catalog/.*", plain),
            (f"catalog/tags/({own})\\\\.yaml", control),
            ("catalog/(results|scans)/.*", results),
        ]
    else:
        lines = [("*", control), ("/catalog/", plain), ("/catalog/results/", results), ("/catalog/scans/", results)]
        lines += [(f"/catalog/tags/{tag}.yaml", control) for tag in tags]
    # without an owner a line takes paths out of those before it; where every line counts it would say nothing
    known = [" ".join((path, *some)) for path, some in lines if some or forge != "forgejo"]
    return _HEAD.format(forge=forge) + "".join(f"{line}\n" for line in (known if anyone else ()))


def made_for(raw: bytes) -> str | None:
    """The forge that a CODEOWNERS was made for; None where somebody wrote their own."""
    found = _MADE.match(raw.decode("utf-8", "replace"))
    return found[1] if found else None


def wanted(tree: Tree, forge: str) -> str | None:
    """What it should say by the policy of a tree; None where there is no policy, or something is wrong with it."""
    raw = tree.beside(POLICY)
    if raw is None or any(finding.code != POLICY_NOBODY.name for finding in policy_findings(raw)):
        return None
    return codeowners(Policy.model_validate(document.load(raw)), forge)


def check(facts: Facts) -> Iterator[Finding]:
    """Whether the one that the program made is still what the policy says."""
    raw = facts.catalog.tree.beside(CODEOWNERS)
    forge = made_for(raw) if raw is not None else None
    text = wanted(facts.catalog.tree, forge) if forge else None
    if raw is not None and text is not None and raw != text.encode():
        hint = "it is made from ci/policy.yaml: `modelreg validate --fix` writes it"
        yield CODEOWNERS_STALE.about(CODEOWNERS, "it is not what the policy says", hint=hint)


def _owners(policy: Policy, members: list[str], forge: str) -> tuple[str, ...]:
    people = [policy.people[name] for name in members if name in policy.people]
    return tuple(dict.fromkeys(f"@{account.login}" for person in people for account in accounts(person, forge)[:1]))


rules = (Rule((CODEOWNERS_STALE,), check),)
