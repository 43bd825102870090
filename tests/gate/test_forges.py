"""Threats that are the same on every forge, each told as that forge tells it; and what one forge alone tells, or does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.kept import KINDS
from tests.gate.conftest import Gate, guarded
from tests.gate.world import PUBLISHER, VERSION, World, worn
from tests.servers import Exchange

OTHER = {PUBLISHER: "name: Acme Ltd\n"}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """On each forge."""
    with guarded(tmp_path, monkeypatch, request.param) as made:
        yield made


@pytest.fixture
def number(world: World) -> int:
    """A proposal that gives the tag, written by dana."""
    return world.propose({VERSION: worn()})


def only(world: World, *kinds: str) -> None:
    """Goes on where a forge tells such a thing."""
    if world.kind not in kinds:
        pytest.skip(f"not told on {world.kind}")


def test_two_curators_pass(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 0, ran.out + ran.err
    assert "alice counts" in ran.out and "bob counts" in ran.out


def test_nobody(gate: Gate, number: int) -> None:
    ran = gate(number)
    assert ran.code == 5 and "0 of 2 from curators" in ran.out


def test_one_is_not_enough(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    ran = gate(number)
    assert ran.code == 5 and "1 of 2 from curators" in ran.out


@pytest.mark.parametrize(("who", "why"), [("frank", "not one of curators"), ("helper[bot]", "is a bot")])
def test_who_is_no_curator(world: World, gate: Gate, number: int, who: str, why: str) -> None:
    world.review(number, "alice")
    world.review(number, who)
    ran = gate(number)
    assert ran.code == 5
    assert why in ran.out or world.kind == "forgejo"  # which does not tell a bot from a person


def test_a_curators_number_that_is_a_bot(world: World, gate: Gate, number: int) -> None:
    only(world, "github", "gitlab")
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"]["type"] = "Bot"
    ran = gate(number)
    assert ran.code == 5 and "bob does not: it is a bot" in ran.out


def test_the_token_of_a_project(world: World, gate: Gate, number: int) -> None:
    only(world, "gitlab")
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"]["login"] = "project_12_bot_0a1b2c"
    assert gate(number).code == 5


def test_a_name_that_was_taken_over(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"]["id"] = 999
    ran = gate(number)
    assert ran.code == 5 and "@bob does not: not one of curators" in ran.out


def test_two_accounts_of_one_person(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "alice2")
    assert gate(number).code == 5


@pytest.mark.parametrize("who", ["alice", "alice2"])
def test_who_opened_it(world: World, gate: Gate, who: str) -> None:
    number = world.propose({VERSION: worn()}, opened_by="alice")
    world.review(number, who)
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 5 and "alice does not: opened the pull request" in ran.out


def test_who_wrote_a_commit(world: World, gate: Gate, number: int) -> None:
    world.commit(OTHER, "Help", "alice")
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    assert ran.code == 5 and "alice does not: wrote commit" in ran.out


def test_a_push_after_the_approvals(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    old = world.head(number)
    world.commit(OTHER)
    world.push(number)
    ran = gate(number)
    assert ran.code == 5 and f"alice does not: approved {old[:7]}, 1 commit before the head" in ran.out


def test_a_force_push_to_the_same_files(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.git("commit", "-q", "--amend", "-m", "The same files")
    world.push(number)
    ran = gate(number)
    assert ran.code == 5 and "which is not the head" in ran.out


@pytest.mark.parametrize("commit", [None, ""])
def test_an_approval_of_nothing(world: World, gate: Gate, number: int, commit: str | None) -> None:
    """On GitLab: of a server that does not tell when it was given."""
    world.review(number, "alice")
    world.review(number, "bob", commit=commit)
    ran = gate(number)
    assert ran.code == 5 and ("what was approved is not known" in ran.out or "which is not the head" in ran.out)


def test_the_newest_opinion_counts(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "bob", "CHANGES_REQUESTED")
    world.review(number, "carol")
    ran = gate(number)
    assert ran.code == 1 and "bob requests changes" in ran.out
    world.review(number, "bob")
    assert gate(number).code == 0


def test_a_remark_changes_no_opinion(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "bob", "COMMENTED")
    assert gate(number).code == 0


def test_opinions_in_another_order(world: World, gate: Gate, number: int) -> None:
    only(world, "github", "forgejo")
    world.review(number, "alice")
    world.review(number, "bob", "CHANGES_REQUESTED")
    world.review(number, "bob")
    world.reviews[number].reverse()
    assert gate(number).code == 0


def test_an_objection_to_an_older_head(world: World, gate: Gate, number: int) -> None:
    world.review(number, "carol", "CHANGES_REQUESTED")
    world.commit(OTHER)
    world.push(number)
    world.review(number, "alice")
    world.review(number, "bob")
    assert gate(number).code == 1


def test_who_is_no_curator_cannot_object(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "mallory", "CHANGES_REQUESTED")
    assert gate(number).code == 0


def test_a_dismissed_approval(world: World, gate: Gate, number: int) -> None:
    """Forgejo leaves its state, and sets a flag."""
    world.review(number, "alice")
    world.dismiss(number, world.review(number, "bob"), "carol")
    assert gate(number).code == 5


def test_an_objection_that_the_author_set_aside(world: World, gate: Gate, number: int) -> None:
    """On GitLab the author takes the reviewer off."""
    world.review(number, "alice")
    world.review(number, "bob")
    world.dismiss(number, world.review(number, "carol", "CHANGES_REQUESTED"), "dana")
    ran = gate(number)
    assert ran.code == 1 and "carol request" in ran.out


def test_only_github_tells_who_set_an_objection_aside(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.dismiss(number, world.review(number, "carol", "CHANGES_REQUESTED"), "alice")
    assert gate(number).code == (0 if world.kind == "github" else 1)


def test_an_account_that_is_gone(world: World, gate: Gate, number: int) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    world.reviews[number][1]["user"] = None
    ran = gate(number)
    assert ran.code == 5, ran.out + ran.err


def test_an_objection_on_the_last_page(world: World, gate: Gate, number: int) -> None:
    """A list that is not read to its end hides it: there are two reviews on a page."""
    world.review(number, "alice")
    world.review(number, "bob")
    for _ in range(3):
        world.review(number, "frank")
    world.review(number, "carol", "CHANGES_REQUESTED")
    world.dismiss(number, world.reviews[number][-1]["id"], "dana")
    assert gate(number).code == 1


def test_a_page_that_does_not_come(world: World, gate: Gate, number: int) -> None:
    """What was said on the other pages is no verdict."""
    world.review(number, "alice")
    for _ in range(2):
        world.review(number, "bob")

    def disturbed(asked: Exchange) -> bool:
        found = "page=2" in asked.path and "state=open" not in asked.path
        if found:
            asked.answer(500, b'{"message": "broken"}')
        return found

    world.disturbed = disturbed
    ran = gate(number, "--status")
    assert ran.code == 3 and ran.out == ""
    assert [(commit, told["state"]) for commit, told in world.statuses] == [
        (world.head(number), "failed" if world.kind == "gitlab" else "error")
    ]


def test_what_is_not_open(world: World, gate: Gate, number: int) -> None:
    world.pulls[number]["state"] = "closed"
    ran = gate(number)
    assert ran.code == 2 and "is not open" in ran.err


@pytest.mark.parametrize(
    ("reviewers", "state", "code"), [(("alice", "bob"), "success", 0), (("alice",), "pending", 5), (("carol!",), "failure", 1)]
)
def test_the_verdict_becomes_a_status_of_the_head(
    world: World, gate: Gate, number: int, reviewers: tuple[str, ...], state: str, code: int
) -> None:
    for who in reviewers:
        world.review(number, who.removesuffix("!"), "CHANGES_REQUESTED" if who.endswith("!") else "APPROVED")
    assert gate(number, "--status").code == code
    ((commit, told),) = world.statuses
    wanted = {"failure": "failed"}.get(state, state) if world.kind == "gitlab" else state
    assert (commit, told["state"], told.get("context", told.get("name"))) == (world.head(number), wanted, "modelreg/gate")
    assert gate(number, "--status").code == code
    assert len(world.statuses) == 1, "what a status says already is not said again"


def test_without_a_status_nothing_is_written(world: World, gate: Gate, number: int) -> None:
    gate(number)
    assert {asked.method for asked in world.asked} == {"GET"}


def test_a_pipeline_is_named_as_the_page(world: World, gate: Gate, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if world.kind == "gitlab":
        monkeypatch.setenv("CI_JOB_URL", "https://forge.example/team/registry/-/jobs/9")
    else:
        for name, value in (
            ("SERVER_URL", "https://forge.example"),
            ("REPOSITORY", "team/registry"),
            ("RUN_ID", "71"),
            ("RUN_NUMBER", "9"),
        ):
            monkeypatch.setenv(f"GITHUB_{name}", value)
    gate(number, "--status")
    page = {"gitlab": "/-/jobs/9", "github": "/actions/runs/71", "forgejo": "/actions/runs/9"}[world.kind]
    assert world.statuses[0][1]["target_url"] == f"https://forge.example/team/registry{page}"


def test_an_approval_in_the_moment_of_a_push(world: World, gate: Gate, number: int) -> None:
    """GitLab tells times and no commits, so one that came together with a push may be of what was there before."""
    only(world, "gitlab")
    world.review(number, "alice")
    world.review(number, "bob")
    world.versions[number][-1] = (world.head(number), world.reviews[number][1]["submitted_at"])
    ran = gate(number)
    assert ran.code == 5 and "bob does not: what was approved is not known" in ran.out


def test_a_head_that_came_back(world: World, gate: Gate, number: int) -> None:
    """Pushed away and pushed back: an approval from before is not one of now."""
    only(world, "gitlab")
    world.review(number, "alice")
    world.review(number, "bob")
    first = world.head(number)
    world.commit(OTHER)
    world.push(number)
    world.git("reset", "-q", "--hard", first)
    world.push(number)
    ran = gate(number)
    assert ran.code == 5 and "what was approved is not known" in ran.out


def test_a_note_that_a_person_wrote_is_no_objection(world: World, gate: Gate, number: int) -> None:
    only(world, "gitlab")
    world.review(number, "alice")
    world.review(number, "bob")
    world.review(number, "carol", "COMMENTED")
    ran = gate(number)
    assert ran.code == 0


def test_what_is_not_understood_is_no_approval(world: World, gate: Gate, number: int) -> None:
    """A proxy that answers for the forge, or another version of it."""

    def disturbed(asked: Exchange) -> bool:
        found = asked.path.partition("?")[0].rpartition("/")[2] in ("reviews", "approvals")
        if found:
            asked.answer(404, b'{"message": "?"}')
        return found

    world.disturbed = disturbed
    assert gate(number).code == 3
