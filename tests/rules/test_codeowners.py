"""CODEOWNERS as each forge reads it: who is asked about a path."""

import re

import pytest

from modelreg_cli.catalog import document
from modelreg_cli.entities.policy import Policy
from modelreg_cli.rules.codeowners import codeowners, made_for
from tests.doctor.world import policy

ADMINS, EVALUATORS, CURATORS = {"@dana-m", "@alice-m", "@erin-m"}, {"@eve-m", "@erin-m"}, {"@alice-m", "@bob-m", "@carol-m"}
FORGES = ("github", "gitlab", "forgejo")
DATA = "data: {approvals: {required: 1, from: curators}}\n"


def text(forge: str, told: str) -> str:
    """The file for a policy."""
    return codeowners(Policy.model_validate(document.load(told.encode())), forge)


def asked(forge: str, told: str, path: str) -> set[str]:
    """The owners of a path, as the forge's documentation says they are found."""
    found: set[str] = set()
    for line in told.splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, *owners = line.split()
        if forge == "forgejo":
            # tokens are unescaped once, and then match whole paths
            rule = re.compile(pattern.removeprefix("!").replace("\\\\", "\\") + r"\Z")
            found |= set(owners) if bool(rule.match(path)) is not pattern.startswith("!") else set()
        elif pattern in ("*", f"/{path}") or (pattern.endswith("/") and f"/{path}".startswith(pattern)):
            found = set(owners)
    return found


@pytest.mark.parametrize("forge", FORGES)
@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("ci/policy.yaml", ADMINS),
        (".github/workflows/modelreg-gate.yml", ADMINS),
        ("CODEOWNERS", ADMINS),
        ("catalog/models/acme/tiny/1.0.0.yaml", CURATORS),
        ("catalog/results/acme/tiny/1.0.0/lm-eval-0a0a0a0a.yaml", EVALUATORS),
        ("catalog/scans/acme/tiny/1.0.0/picklescan-0a0a0a0a.yaml", EVALUATORS),
        ("catalog/tags/curated.yaml", ADMINS),
        ("catalog/tags/curatedxyaml", CURATORS),
        ("catalog/tags/small.yaml", CURATORS),
    ],
)
def test_who_is_asked(forge: str, path: str, owners: set[str]) -> None:
    got = asked(forge, text(forge, policy(forge)), path)
    # where every line counts those of plain data are asked as well
    assert got == (owners | CURATORS if forge == "forgejo" and path.startswith("catalog/") else owners)


@pytest.mark.parametrize("forge", FORGES)
def test_plain_data_without_its_own_role(forge: str) -> None:
    path = "catalog/models/acme/tiny/1.0.0.yaml"
    assert asked(forge, text(forge, policy(forge).replace(DATA, "")), path) == ADMINS | CURATORS | EVALUATORS, "one person of any role"
    assert asked(forge, text(forge, policy(forge).replace(DATA, "data: {approvals: none}\n")), path) == set()


def test_only_accounts_of_the_forge_are_named() -> None:
    assert "@" not in text("gitlab", policy("github"))
    assert [made_for(text(forge, policy(forge)).encode()) for forge in FORGES] == list(FORGES)
    assert made_for(b"* @us\n") is None
