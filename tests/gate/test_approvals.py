"""Who counts, who does not, and why: approvals of a promotion that is fine otherwise."""

import pytest

from tests.gate.conftest import Gate
from tests.gate.world import VERSION, World, worn


@pytest.fixture
def number(world: World) -> int:
    """A pull request that gives the tag, written by dana."""
    return world.propose({VERSION: worn()})


def test_two_curators_and_the_scores_pass(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 0, ran.out
    assert "passed: acme/tiny@1.1.0 may wear curated" in ran.out
    assert "alice counts" in ran.out and "bob counts" in ran.out


def test_no_approval_is_pending(gate: Gate, number: int) -> None:
    ran = gate(number)
    assert ran.code == 5
    assert "0 of 2 from curators" in ran.out and "can still approve: alice, bob, carol" in ran.out


def test_one_approval_is_pending(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    ran = gate(number)
    assert ran.code == 5
    assert "1 of 2 from curators" in ran.out and "can still approve: bob, carol" in ran.out


@pytest.mark.parametrize(
    ("who", "why"), [("frank", "frank does not: not one of curators"), ("mallory", "@mallory does not: not one of curators"),
                     ("helper[bot]", "@helper[bot] does not: it is a bot")],
)  # fmt: skip
def test_who_is_no_curator_does_not_count(world: World, gate: Gate, number: int, who: str, why: str) -> None:
    world.review(number, "alice")
    world.review(number, who)
    ran = gate(number)
    assert ran.code == 5
    assert why in ran.out


def test_a_bot_with_a_curators_name_does_not_count(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"]["type"] = "Bot"
    ran = gate(number)
    assert ran.code == 5
    assert "bob does not: it is a bot" in ran.out


def test_a_name_that_was_taken_over_does_not_count(world: World, gate: Gate, number: int) -> None:
    """The number of an account is what counts."""
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"]["id"] = 999
    ran = gate(number)
    assert ran.code == 5
    assert "@bob does not: not one of curators" in ran.out


def test_two_accounts_are_one_person(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "alice2")
    ran = gate(number)
    assert ran.code == 5
    assert "1 of 2" in ran.out


def test_who_opened_it_does_not_count(world: World, gate: Gate) -> None:
    number = world.propose({VERSION: worn()}, opened_by="alice")
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 5
    assert "alice does not: opened the pull request" in ran.out and "can still approve: carol" in ran.out


def test_who_opened_it_does_not_count_under_another_account(world: World, gate: Gate) -> None:
    number = world.propose({VERSION: worn()}, opened_by="alice")
    world.review(number, "alice2")
    world.review(number, "bob")
    assert gate(number).code == 5


@pytest.mark.parametrize(
    ("who", "committer", "message", "why"),
    [
        ("alice", "alice", "A change", "alice does not: wrote commit"),
        ("dana", "alice", "A change", "alice does not: committed commit"),
        ("dana", "dana", "A change\n\nCo-authored-by: Alice <ALICE@example.org>", "alice does not: had a part in commit"),
        ("dana", "dana", "A change\n\nCo-Authored-By: A <101+alice@users.noreply.github.com>\n\nmore", "had a part in commit"),
        ("dana", "dana", "A change\n\nSigned-off-by: Alice <alice@example.org>", "alice does not: signed off commit"),
    ],
)
def test_whoever_had_a_part_in_a_commit_does_not_count(
    world: World, gate: Gate, number: int, who: str, committer: str, message: str, why: str
) -> None:
    world.commit({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"}, message, who, committer)
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 5
    assert why in ran.out


def test_commits_on_the_forges_pages_are_the_authors(world: World, gate: Gate, number: int) -> None:
    world.commit(
        {"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"}, "On the page", "104+dana@users.noreply.github.com", "noreply@github.com"
    )
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    assert gate(number).code == 0


def test_the_forges_own_address_as_an_author_is_nobody(world: World, gate: Gate, number: int) -> None:
    world.commit({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"}, "On the page", "noreply@github.com")
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    assert gate(number).code == 1


def test_an_unknown_author_is_refused_with_the_remedy(world: World, gate: Gate, number: int) -> None:
    world.commit({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"}, "Unknown", "someone@elsewhere.example")
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 1
    assert "someone@elsewhere.example" in ran.out and "belongs to nobody known" in ran.out and "`people`" in ran.out


def test_a_push_makes_approvals_stale(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    old = world.head(number)
    world.commit({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"})
    world.push(number)
    ran = gate(number)
    assert ran.code == 5
    assert f"alice does not: approved {old[:7]}, 1 commit before the head" in ran.out


def test_a_force_push_to_the_same_tree_makes_approvals_stale(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.git("commit", "-q", "--amend", "-m", "The same files")
    world.push(number)
    ran = gate(number)
    assert ran.code == 5
    assert "which is not the head" in ran.out


@pytest.mark.parametrize("commit", [None, ""])
def test_an_approval_of_nothing_does_not_count(world: World, gate: Gate, number: int, commit: str | None) -> None:
    world.review(number, "alice")
    world.review(number, "bob", commit=commit)
    assert gate(number).code == 5


def test_the_newest_opinion_of_an_account_counts(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "bob", "CHANGES_REQUESTED")
    world.review(number, "carol")
    ran = gate(number)
    assert ran.code == 1
    assert "bob requests changes" in ran.out
    world.review(number, "bob")
    assert gate(number).code == 0


def test_a_remark_changes_no_opinion(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "bob", "COMMENTED")
    assert gate(number).code == 0


def test_opinions_are_ordered_by_time_and_not_by_place(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob", "CHANGES_REQUESTED")
    world.review(number, "bob")
    world.reviews[number].reverse()
    assert gate(number).code == 0


def test_an_objection_to_an_older_head_still_stands(world: World, gate: Gate, number: int) -> None:
    world.review(number, "carol", "CHANGES_REQUESTED")
    world.commit({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"})
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    assert gate(number).code == 1


def test_who_is_no_curator_cannot_object(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "mallory", "CHANGES_REQUESTED")
    assert gate(number).code == 0


def test_a_dismissed_approval_does_not_count(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.dismiss(number, world.review(number, "bob"), "carol")
    ran = gate(number)
    assert ran.code == 5
    assert "bob does not: the approval was dismissed" in ran.out


@pytest.mark.parametrize(("by", "code"), [("dana", 1), ("mallory", 1), ("frank", 1), ("alice", 0), ("carol", 0)])
def test_an_objection_is_dismissed_by_another_curator_only(world: World, gate: Gate, number: int, by: str, code: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.dismiss(number, world.review(number, "carol", "CHANGES_REQUESTED"), by)
    ran = gate(number)
    assert ran.code == code, ran.out
    assert code == 0 or "carol requested changes, which was dismissed by" in ran.out


def test_a_dismissal_that_no_event_tells_of_ends_no_objection(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.dismiss(number, world.review(number, "carol", "CHANGES_REQUESTED"), "alice")
    world.events[number].clear()
    assert gate(number).code == 1


def test_a_curator_who_was_removed_after_the_branch_began_does_not_count(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    policy = (world.work / "ci/policy.yaml").read_text("utf-8")
    world.base({"ci/policy.yaml": policy.replace("curators: [alice, bob, carol]", "curators: [alice, carol]")})
    ran = gate(number)
    assert ran.code == 5
    assert "bob does not: not one of curators" in ran.out


def test_an_account_that_is_gone_does_not_count(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"] = None
    assert gate(number).code == 5


def test_too_few_left_is_refused_with_the_remedy(world: World, gate: Gate, number: int) -> None:
    for who in ("alice", "bob"):
        world.commit({"catalog/models/acme/publisher.yaml": f"name: Acme {who}\n"}, "Help", who)
    world.push(number)
    world.review(number, "carol")
    ran = gate(number)
    assert ran.code == 1
    assert "nobody could still approve" in ran.out
