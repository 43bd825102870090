"""Who changes the rules, the evidence or the meaning does not profit from it, in one pull request or in two."""

import pytest

from tests.gate.conftest import Gate
from tests.gate.world import (
    BENCHMARK,
    LICENSE,
    MODEL,
    OLDER,
    OLDER_RESULTS,
    POLICY,
    RESULTS,
    SCAN,
    VERSION,
    World,
    results,
    scan,
    version,
    worn,
)


def test_an_approval_is_of_any_role_where_the_policy_says_nothing_of_data(world: World, gate: Gate) -> None:
    policy = "\n".join(line for line in POLICY.splitlines() if not line.startswith("data:"))
    world.base({"ci/policy.yaml": policy + "\n"})
    number = world.propose({MODEL: "name: Tinier\ntype: weights\ntasks: [chat]\nlicense: plain\ndefault: 1.0.0\n"})
    ran = gate(number)
    assert ran.code == 5 and "0 of 1 from any role" in ran.out
    world.review(number, "frank")
    assert gate(number).code == 0


def curators(world: World, number: int) -> None:
    """Both curators that are needed approve."""
    world.review(number, "alice")
    world.review(number, "bob")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ci/policy.yaml", POLICY.replace("min: 0.65", "min: 0.1")),
        ("ci/policy.yaml", POLICY.replace("curators: [alice, bob, carol]", "curators: [alice, bob, carol, dana]")),
        ("ci/policy.yaml", None),
        ("schemas/version.schema.json", "{}"),
        (".github/workflows/gate.yml", "on: push\n"),
        ("CODEOWNERS", "* @mallory\n"),
        ("modelreg_cli/gate/decide.py", "def decide(facts): ...\n"),
        (".gitattributes", "* merge=ours\n"),
        ("catalog/tags/curated.yaml", "description: Anything.\n"),
        ("catalog/catalog.yaml", "name: guarded\nschema_version: 1\ndescription: Another.\n"),
    ],
)
def test_rules_change_in_their_own_pull_request(world: World, gate: Gate, path: str, text: str | None) -> None:
    number = world.propose({VERSION: worn(), path: text})
    for who in ("alice", "bob", "frank"):
        world.review(number, who)
    ran = gate(number)
    assert ran.code == 1
    assert f"{path} changes together with acme/tiny@1.1.0" in ran.out


@pytest.mark.parametrize("path", ["ci/policy.yaml", ".github/workflows/gate.yml", "README.md", "catalog/tags/curated.yaml"])
def test_rules_need_two_admins(world: World, gate: Gate, path: str) -> None:
    text = POLICY.replace("required: 2, from: curators", "required: 1, from: curators") if path == "ci/policy.yaml" else "description: x\n"
    number = world.propose({path: text}, who="bob")
    curators(world, number)
    ran = gate(number)
    assert ran.code == 5
    assert "control plane" in ran.out and "1 of 2 from admins" in ran.out
    world.review(number, "dana")
    assert gate(number).code == 0


@pytest.mark.parametrize(
    "text", ["add: {/tags: [curated]}", "replace: {/tags: [curated]}", "add: {/artifacts: [{id: x, format: gguf, tags: [curated]}]}"]
)
def test_no_overlay_gives_a_protected_tag(world: World, gate: Gate, text: str) -> None:
    number = world.propose({"catalog/overlays/models/other/big/1.0.0.yaml": f"reason: A test.\n{text}\n"})
    curators(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "curated is protected, and no overlay gives it" in ran.out


def test_a_tag_that_implies_a_protected_one_is_refused(world: World, gate: Gate) -> None:
    number = world.propose({"catalog/tags/small.yaml": "description: Small.\nimplies: [curated]\n"})
    curators(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "no tag may imply it" in ran.out


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (MODEL, "name: Tiny\ntype: weights\ntasks: [chat]\nlicense: plain\ndefault: 1.0.0\ntags: [curated]\n"),
        (VERSION, version("new").replace("    format:", "    tags: [curated]\n    format:")),
    ],
)
def test_a_protected_tag_is_worn_by_versions_only(world: World, gate: Gate, path: str, text: str) -> None:
    number = world.propose({path: text})
    curators(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "worn by versions only" in ran.out


def test_rows_of_the_same_change_do_not_count(world: World, gate: Gate) -> None:
    world.base({RESULTS: None})
    number = world.propose({VERSION: worn(), RESULTS: results("new")}, who="bob")
    for who in ("alice", "carol", "eve"):
        world.review(number, who)
    ran = gate(number)
    assert ran.code == 1
    assert "added here: only what lay on the base before may count" in ran.out


def test_forged_rows_of_a_first_pull_request_need_an_evaluator(world: World, gate: Gate) -> None:
    world.base({RESULTS: None})
    number = world.propose({RESULTS: results("new")}, who="mallory@example.org", opened_by="mallory")
    curators(world, number)
    ran = gate(number)
    assert ran.code == 5
    assert "0 of 1 from evaluators" in ran.out
    world.review(number, "eve")
    assert gate(number).code == 0


def test_reported_results_are_plain_data(world: World, gate: Gate) -> None:
    number = world.propose({"catalog/results/acme/tiny/1.1.0/card-0f0f0f0f.yaml": results("new", basis="reported", digest=None)})
    world.review(number, "alice")
    assert gate(number).code == 0


def test_a_reported_result_does_not_become_a_measured_one(world: World, gate: Gate) -> None:
    path = "catalog/results/acme/tiny/1.1.0/card-0f0f0f0f.yaml"
    world.base({path: results("new", basis="reported", digest=None)})
    number = world.propose({path: results("new")})
    world.review(number, "alice")
    assert gate(number).code == 5


def test_a_scan_typed_in_the_same_change_does_not_count(world: World, gate: Gate) -> None:
    world.base({SCAN: None})
    number = world.propose({VERSION: worn(), SCAN: scan("new")})
    for who in ("alice", "bob", "eve"):
        world.review(number, who)
    ran = gate(number)
    assert ran.code == 1
    assert "added here" in ran.out


def test_evidence_of_a_wearer_is_not_edited_silently(world: World, gate: Gate) -> None:
    number = world.propose({OLDER_RESULTS: results("old", 0.75)})
    world.review(number, "eve")
    ran = gate(number)
    assert ran.code == 1
    assert "acme/tiny@1.0.0 curated" in ran.out and "changed here" in ran.out


def test_evidence_of_a_wearer_is_not_removed_silently(world: World, gate: Gate) -> None:
    number = world.propose({OLDER_RESULTS: None})
    world.review(number, "eve")
    assert gate(number).code == 1


def test_new_evidence_of_a_wearer_needs_the_evaluator_alone(world: World, gate: Gate) -> None:
    number = world.propose({"catalog/results/acme/tiny/1.0.0/lm-eval-0e0e0e0e.yaml": results("old", 0.66)})
    world.review(number, "eve")
    assert gate(number).code == 0


@pytest.mark.parametrize(
    "changed",
    [
        {OLDER: worn("swapped")},
        {OLDER: version("old", "small, curated").replace("context: 8192", "context: 16384")},
        {OLDER: version("old", "small, curated", "license: plain\n")},
        {OLDER: version("old", "small, curated", 'aliases: ["hf:Acme/Other"]\n')},
        {MODEL: "name: Tiny\ntype: weights\ntasks: [chat]\nlicense: plain\ndefault: 1.1.0\n"},
        {LICENSE: "name: Plain\nspdx: MIT\nterms: {commercial: 'no', derivatives: 'yes', redistribution: 'yes'}\n"},
        {
            "catalog/providers/acme/provider.yaml": "name: Acme\n",
            "catalog/providers/acme/tiny.yaml": "wire_id: tiny\nserves: {version: acme/tiny@1.0.0, pinned: true}\nbilling: free\n",
        },
    ],
    ids=["bytes", "limits", "licence", "alias", "default", "terms", "offering"],
)
def test_what_a_wearer_is_worth_changes_with_two_curators_only(world: World, gate: Gate, changed: dict[str, str | None]) -> None:
    number = world.propose(changed)
    world.review(number, "alice")
    ran = gate(number)
    assert ran.code in (1, 5)
    assert "acme/tiny@1.0.0 curated" in ran.out and "1 of 2 from curators" in ran.out


def test_swapped_bytes_lose_the_evidence(world: World, gate: Gate) -> None:
    number = world.propose({OLDER: worn("swapped")})
    curators(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "measured on another digest" in ran.out and "1 of 1 files of weights have no scan that passed" in ran.out


def test_a_changelog_of_a_wearer_is_plain_data(world: World, gate: Gate) -> None:
    number = world.propose({OLDER: version("old", "small, curated", "changelog: A typo less.\n")})
    world.review(number, "alice")
    ran = gate(number)
    assert ran.code == 0, ran.out
    assert "acme/tiny@1.0.0 curated" not in ran.out


@pytest.mark.parametrize("changed", [{OLDER: None}, {OLDER: None, "catalog/models/acme/tiny/0.9.0.yaml": version("old", "small, curated")}])
def test_a_wearer_is_not_deleted_or_moved(world: World, gate: Gate, changed: dict[str, str | None]) -> None:
    number = world.propose(changed)
    curators(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "may not be deleted or moved" in ran.out


def test_taking_the_tag_off_is_quick(world: World, gate: Gate) -> None:
    number = world.propose({OLDER: version("old")}, who="alice")
    ran = gate(number)
    assert ran.code == 5 and "taken off" not in ran.out  # what else data needs is still asked
    world.review(number, "bob")
    assert gate(number).code == 0


def test_taking_the_tag_off_needs_a_curator(world: World, gate: Gate) -> None:
    number = world.propose({OLDER: version("old")})
    ran = gate(number)
    assert ran.code == 5
    assert "0 of 1 from curators" in ran.out


@pytest.mark.parametrize("text", ["unit: fraction, better: lower", "unit: percent, better: higher"])
def test_what_a_benchmark_means_changes_with_two_curators(world: World, gate: Gate, text: str) -> None:
    changed = f"name: MMLU\ntasks: [chat]\nmetrics:\n  acc: {{{text}}}\nredistribution: 'yes'\n"
    number = world.propose({BENCHMARK: changed})
    world.review(number, "alice")
    ran = gate(number)
    assert ran.code == 5
    assert "benchmark mmlu" in ran.out
    world.review(number, "bob")
    assert gate(number).code == 0


def test_what_a_benchmark_means_does_not_change_together_with_a_promotion(world: World, gate: Gate) -> None:
    changed = "name: MMLU\ntasks: [chat]\nmetrics:\n  acc: {unit: fraction, better: lower}\nredistribution: 'yes'\n"
    number = world.propose({BENCHMARK: changed, VERSION: worn()})
    curators(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "propose them one after the other" in ran.out


def test_an_unrelated_change_needs_one_curator(world: World, gate: Gate) -> None:
    number = world.propose({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"})
    assert gate(number).code == 5
    world.review(number, "carol")
    assert gate(number).code == 0
