"""Groups of a merge queue: each commit is one pull request on top of the one before, whatever its message says."""

import json
from collections.abc import Callable

import pytest

from tests.conftest import Ran, Run
from tests.gate.world import POLICY, PUBLISHER, VERSION, World, worn

Way = Callable[..., str]
Judge = Callable[..., Ran]


def merged(world: World, on: str, number: int, say: str = "") -> str:
    """A merge commit, as the forge makes it."""
    head = world.head(number)
    tree = world.git("merge-tree", "--write-tree", on, head).splitlines()[0]
    return world.git("commit-tree", tree, "-p", on, "-p", head, "-m", say or f"Merge pull request #{number} from team/change-{number}")


def squashed(world: World, on: str, number: int, say: str = "") -> str:
    """One commit with all that the pull request changes."""
    tree = world.git("merge-tree", "--write-tree", on, world.head(number)).splitlines()[0]
    return world.git("commit-tree", tree, "-p", on, "-m", say or f"A change (#{number})")


def rebased(world: World, on: str, number: int, say: str = "") -> str:
    """Its commits, one by one; their messages tell no number."""
    world.git("checkout", "-q", "--detach", on)
    world.git("cherry-pick", f"main..{world.head(number)}")
    return world.git("rev-parse", "HEAD")


@pytest.fixture
def pulls(world: World) -> tuple[int, int]:
    """Two that may be merged: of plain data (two commits), and a promotion."""
    first = world.propose({PUBLISHER: "name: Acme Ltd\n"})
    world.commit({PUBLISHER: "name: Acme Limited\n"})
    world.push(first)
    world.review(first, "alice")
    second = world.propose({VERSION: worn()})
    world.review(second, "alice")
    world.review(second, "bob")
    return first, second


@pytest.fixture
def judge(world: World, run: Run) -> Judge:
    """Judges a group whose head is a commit."""

    def call(head: str, number: int, *argv: str, at: str = "") -> Ran:
        ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{'0' * 40}"
        world.git("push", "-q", "-f", str(world.site), f"{head}:{ref}")
        group = {"head_sha": at or head, "head_ref": ref, "base_sha": "0" * 40, "base_ref": "refs/heads/main"}
        file = world.folder / "event.json"
        told = {"action": "checks_requested", "merge_group": group, "repository": {"full_name": "team/registry"}}
        file.write_text(json.dumps(told), "utf-8")
        remote = f"{world.url}/team/registry.git"
        return run("gate", "--event", str(file), "--forge", "github", "--remote", remote, "--root", str(world.work), "--status", *argv)

    return call


@pytest.mark.parametrize("way", [merged, squashed, rebased])
def test_a_group_of_one(world: World, judge: Judge, pulls: tuple[int, int], way: Way) -> None:
    _, second = pulls
    head = way(world, "main", second)
    ran = judge(head, second)
    assert ran.code == 0, ran.out + ran.err
    assert f"commit {head[:7]} is pull request {second} on top of" in ran.out and "may wear curated" in ran.out
    assert [(commit, told["state"]) for commit, told in world.statuses] == [(head, "success")]


@pytest.mark.parametrize("way", [merged, squashed, rebased])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_group_of_two(world: World, judge: Judge, pulls: tuple[int, int], way: Way, order: tuple[int, int]) -> None:
    """Rebased commits tell no number, so all that is open is looked at."""
    one, two = (pulls[place] for place in order)
    head = way(world, way(world, "main", one), two)
    ran = judge(head, two, "--json")
    assert ran.code == 0, ran.out + ran.err
    assert ran.json["outcome"] == "passed"
    assert [told["pull_request"]["number"] for told in ran.json["pull_requests"]] == [one, two]


def test_all_of_a_group_must_pass(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    first, second = pulls
    world.reviews[first].clear()
    head = merged(world, merged(world, "main", first), second)
    ran = judge(head, second)
    assert ran.code == 5 and "approvals" in ran.out
    ((commit, told),) = world.statuses
    assert (commit, told["state"]) == (head, "pending") and f"(#{first})" in told["description"]


def test_a_group_whose_first_ones_are_refused(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    first, second = pulls
    world.review(second, "carol", "CHANGES_REQUESTED")
    head = squashed(world, squashed(world, "main", second), first)
    ran = judge(head, first)
    assert ran.code == 1 and world.statuses[0][1]["state"] == "failure"


def test_a_message_that_lies(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    """The tree says which pull request it is, and that one is judged."""
    first, second = pulls
    world.reviews[second].pop()
    head = squashed(world, "main", second, f"Harmless (#{first})")
    ran = judge(head, first, "--json")
    assert ran.code == 5
    assert [one["pull_request"]["number"] for one in json.loads(ran.out)["pull_requests"]] == [second]


def test_what_no_pull_request_gives(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    first, _ = pulls
    world.git("checkout", "-q", "--detach", "main")
    head = world.commit({VERSION: worn("other")}, f"Harmless (#{first})")
    ran = judge(head, first)
    assert ran.code == 1
    assert f"commit {head[:7]} on the branch of the queue is not what an open pull request gives" in ran.out
    assert world.statuses[0][1]["state"] == "failure"


@pytest.mark.parametrize("way", [merged, squashed])
@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_a_commit_that_was_smuggled_in(world: World, judge: Judge, pulls: tuple[int, int], way: Way, where: str) -> None:
    first, second = pulls

    def smuggled(on: str) -> str:
        world.git("checkout", "-q", "--detach", on)
        return world.commit({"README.md": "Mine now.\n"}, f"Fix (#{second})", "mallory")

    head = smuggled("main") if where == "before" else "main"
    head = way(world, head, first)
    head = smuggled(head) if where == "between" else head
    head = way(world, head, second)
    head = smuggled(head) if where == "after" else head
    ran = judge(head, second)
    assert ran.code == 1 and "not what an open pull request gives" in ran.out


def test_a_commit_that_is_taken_back_at_once(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    """The tag would be worn for one commit of the branch, which the last tree does not show."""
    first, _ = pulls
    world.git("checkout", "-q", "--detach", "main")
    world.commit({VERSION: worn()}, "Begin")
    tree = world.git("merge-tree", "--write-tree", "main", world.head(first)).splitlines()[0]
    head = world.git("commit-tree", tree, "-p", "HEAD", "-m", f"A change (#{first})")
    assert judge(head, first).code == 1


def test_a_merge_of_another_history(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    """The same files, but the second parent is not the head that was approved."""
    first, _ = pulls
    tree = world.git("merge-tree", "--write-tree", "main", world.head(first)).splitlines()[0]
    other = world.git("commit-tree", tree, "-p", "main", "-m", "Mine", who="mallory")
    head = world.git("commit-tree", tree, "-p", "main", "-p", other, "-m", f"Merge pull request #{first} from team/change")
    assert judge(head, first).code == 1


def test_one_pull_request_is_there_once(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    first, _ = pulls
    head = squashed(world, squashed(world, "main", first), first)
    assert judge(head, first).code == 1


def test_one_that_is_closed_is_no_reason(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    _, second = pulls
    world.pulls[second]["state"] = "closed"
    assert judge(merged(world, "main", second), second).code == 1


def test_rules_that_come_with_the_group(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    """The first one lowers the bar, and the second one would pass under it; approved by admins or not, it waits."""
    _, second = pulls
    world.reviews[second].pop()
    rules = world.propose({"ci/policy.yaml": POLICY.replace("required: 2, from: curators", "required: 1, from: curators")}, "carol")
    for who in ("alice", "frank"):
        world.review(rules, who)
    head = merged(world, merged(world, "main", rules), second)
    ran = judge(head, second)
    assert ran.code == 1
    assert f"the rules change before pull request {second}" in ran.out
    alone = merged(world, "main", rules)
    assert judge(alone, rules).code == 0


def test_a_base_that_moved(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    _, second = pulls
    head = merged(world, "main", second)
    world.base({PUBLISHER: "name: Acme AG\n"})
    ran = judge(head, second)
    assert ran.code == 5 and "moved" in ran.out
    assert world.statuses[0][1]["state"] == "pending"


def test_a_queue_that_went_on(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    first, second = pulls
    old = merged(world, "main", first)
    ran = judge(merged(world, "main", second), second, at=old)
    assert ran.code == 5
    assert [(commit, told["state"]) for commit, told in world.statuses] == [(old, "pending")]


def test_evidence_that_comes_with_the_group(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    """A promotion is judged on top of what is before it, as if that had been merged."""
    _, second = pulls
    ran = judge(merged(world, "main", second), second, "--format", "markdown")
    assert ran.out.startswith("### modelreg gate: passed\n\nGroup `") and "### modelreg gate: passed\n\nHead" in ran.out


def test_a_group_that_cannot_be_judged(world: World, judge: Judge, pulls: tuple[int, int]) -> None:
    _, second = pulls
    head = merged(world, "main", second)
    world.disturbed = lambda asked: "/reviews" in asked.path and (asked.answer(500, b"{}") or True)
    assert judge(head, second).code == 3
    assert [(commit, told["state"]) for commit, told in world.statuses] == [(head, "error")]
