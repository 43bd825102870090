"""`--event` and `--sweep`: what woke the pipeline says where to look, and nothing that it says is believed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.gate.world import VERSION, World, worn
from tests.servers import Exchange

Wake = Callable[..., Ran]
EVENTS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parents[1] / "forge" / "github_events.json").read_text("utf-8"))


def event(name: str, **parts: Any) -> dict[str, Any]:
    """GitHub's example of an event, about the guarded repository; `pull_request__number=7` replaces one value."""
    found: dict[str, Any] = json.loads(json.dumps(EVENTS[name]))
    found["repository"]["full_name"] = "team/registry"
    for path, value in parts.items():
        *steps, last = path.split("__")
        there = found
        for step in steps:
            there = there[step]
        there[last] = value
    return found


@pytest.fixture
def wake(world: World, run: Run) -> Wake:
    """Runs the gate as a pipeline that an event woke."""

    def call(told: Any, *argv: str) -> Ran:
        file = world.folder / "event.json"
        file.write_bytes(told if isinstance(told, bytes) else json.dumps(told).encode())
        remote = f"{world.url}/team/registry.git"
        return run("gate", "--event", str(file), "--forge", "github", "--remote", remote, "--root", str(world.work), *argv)

    return call


@pytest.fixture
def sweep(world: World, run: Run) -> Callable[..., Ran]:
    """Judges all that is open."""

    def call(*argv: str) -> Ran:
        remote = f"{world.url}/team/registry.git"
        return run("gate", "--sweep", "--forge", "github", "--remote", remote, "--root", str(world.work), *argv)

    return call


@pytest.fixture
def number(world: World) -> int:
    """The second pull request, approved by two."""
    world.propose({"catalog/models/acme/publisher.yaml": "name: Acme Ltd\n"})
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    world.review(number, "bob")
    return number


@pytest.mark.parametrize("name", ["pull_request", "pull_request_review"])
def test_a_pull_request_and_its_reviews(world: World, wake: Wake, number: int, name: str) -> None:
    ran = wake(event(name, pull_request__number=number), "--status")
    assert ran.code == 0, ran.err
    assert "acme/tiny@1.1.0 may wear curated" in ran.out
    assert [(commit, told["state"]) for commit, told in world.statuses] == [(world.head(number), "success")]


def test_a_pipeline_that_ended_tells_its_pull_requests(world: World, wake: Wake, number: int) -> None:
    told = event("workflow_run")
    (pull,) = told["workflow_run"]["pull_requests"]
    pull["number"], pull["base"]["repo"]["id"] = number, told["repository"]["id"]
    ran = wake(told)
    assert ran.code == 0 and "may wear curated" in ran.out


def test_a_pipeline_of_a_fork_tells_the_head_alone(world: World, wake: Wake, number: int) -> None:
    """GitHub's own example names a pull request of another repository, whose number means something else here."""
    told = event("workflow_run", workflow_run__head_sha=world.head(number))
    assert told["workflow_run"]["pull_requests"][0]["base"]["repo"]["id"] != told["repository"]["id"]
    told["workflow_run"]["pull_requests"][0]["number"] = 1
    ran = wake(told, "--json")
    assert ran.json["pull_request"]["number"] == number


def test_a_head_that_nobody_proposes_any_more(world: World, wake: Wake, number: int) -> None:
    ran = wake(event("workflow_run", workflow_run__head_sha="0" * 40, workflow_run__pull_requests=[]), "--status")
    assert ran.code == 0 and ran.out == "" and "nothing to judge" in ran.err
    assert world.statuses == []


def test_by_hand_with_and_without_a_number(world: World, wake: Wake, number: int) -> None:
    assert "may wear curated" in wake(event("workflow_dispatch", inputs={"pr": str(number)})).out
    ran = wake(event("workflow_dispatch", inputs={"pr": ""}))
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["1", "2"]
    assert wake(event("workflow_dispatch", inputs=None)).code == 0


def test_a_schedule_sweeps(world: World, wake: Wake, number: int) -> None:
    told = {"schedule": "17 * * * *", "repository": {"full_name": "team/registry"}, "workflow": "gate.yml"}
    ran = wake(told)
    assert ran.code == 0 and len(ran.out.splitlines()) == 2


@pytest.mark.parametrize("name", ["issue_comment", "push"])
def test_what_is_no_reason_to_judge(wake: Wake, number: int, name: str) -> None:
    ran = wake(event(name))
    assert ran.code == 2 and "there is nothing to judge" in ran.err


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no JSON object"),
        ({}, "none that the gate knows"),
        ({"pull_request": {"number": "2; rm -rf /"}}, "pull_request.number is no number"),
        ({"pull_request": {"number": True}}, "pull_request.number is no number"),
        ({"pull_request": {"number": -2}}, "pull_request.number is no number"),
        ({"pull_request": {"number": 10**30}}, "pull_request.number is no number"),
        ({"pull_request": []}, "pull_request.number is no number"),
        ({"inputs": {"pr": "../2"}}, "inputs.pr is no number"),
        ({"inputs": {"pr": "\u0662"}}, "inputs.pr is no number"),
        ({"workflow_run": {"pull_requests": [], "head_sha": "--output=x"}}, "head_sha is not understood"),
        ({"workflow_run": {"pull_requests": [{"number": "x"}]}}, "workflow_run"),
        ({"merge_group": {"head_sha": "0" * 40, "head_ref": "refs/heads/a:refs/heads/main", "base_ref": "refs/heads/main"}}, "head_ref"),
        ({"merge_group": {"head_sha": "0" * 40, "head_ref": "--upload-pack=x", "base_ref": "refs/heads/main"}}, "head_ref"),
        ({"merge_group": {"head_sha": "0" * 40, "head_ref": "refs/heads/a", "base_ref": "refs/heads/../x"}}, "base_ref"),
        ({"merge_group": {"head_sha": "0" * 40 + "\n", "head_ref": "refs/heads/a", "base_ref": "refs/heads/b"}}, "head_sha"),
        ({"merge_group": None}, "merge_group"),
    ],
)
def test_a_wrong_or_hostile_event(world: World, wake: Wake, number: int, told: Any, why: str) -> None:
    ran = wake(told, "--status")
    assert ran.code == 2, (ran.code, ran.err)
    assert why in ran.err and "Traceback" not in ran.err
    assert world.statuses == []


def test_an_event_of_another_repository(world: World, wake: Wake, number: int) -> None:
    ran = wake(event("pull_request", pull_request__number=number, repository__full_name="team/other"))
    assert ran.code == 2 and "'team/other'" in ran.err and world.asked == []


def test_an_event_that_is_not_there(run: Run, tmp_path: Path) -> None:
    ran = run("gate", "--event", str(tmp_path / "none.json"))
    assert ran.code == 2 and "cannot be read" in ran.err


@pytest.mark.parametrize("argv", [[], ["--pr", "1", "--sweep"], ["--sweep", "--event", "x"]])
def test_one_thing_is_asked_for(run: Run, argv: list[str]) -> None:
    ran = run("gate", *argv)
    assert ran.code == 2 and "one of --pr N, --event FILE, --sweep" in ran.err


def test_an_events_verdict_is_shown_in_the_pipelines_summary(
    world: World, wake: Wake, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(world.folder / "summary.md"))
    wake(event("pull_request", pull_request__number=number))
    assert "### modelreg gate: passed" in (world.folder / "summary.md").read_text("utf-8")


def test_a_sweep_judges_all_that_is_open(world: World, sweep: Callable[..., Ran], number: int) -> None:
    world.propose({VERSION: worn()})
    world.pulls[3]["state"] = "closed"
    ran = sweep("--status")
    assert ran.code == 0, ran.err
    first, second = ran.out.splitlines()
    assert first.startswith(f"1\t{world.head(1)[:7]}\tpending: approvals of data: 0 of 1 from curators")
    assert second.startswith(f"2\t{world.head(2)[:7]}\tpassed: ")
    assert {commit: told["state"] for commit, told in world.statuses} == {world.head(1): "pending", world.head(2): "success"}
    told = sweep("--status", "--json").json
    assert [one["outcome"] for one in told["pull_requests"]] == ["pending", "passed"]
    assert len(world.statuses) == 2, "what a status says already is not said again"


def test_a_sweep_takes_back_what_is_no_longer_so(world: World, sweep: Callable[..., Ran], number: int) -> None:
    sweep("--status")
    world.review(number, "carol", "CHANGES_REQUESTED")
    sweep("--status")
    assert [told["state"] for commit, told in world.statuses if commit == world.head(number)] == ["success", "failure"]


def test_a_status_that_somebody_forged_is_put_right(world: World, sweep: Callable[..., Ran], number: int) -> None:
    forged = {"state": "success", "context": "modelreg/gate", "description": "passed: 9 checks", "target_url": ""}
    world.statuses.append((world.head(1), forged))
    sweep("--status")
    assert [told["state"] for commit, told in world.statuses if commit == world.head(1)] == ["success", "pending"]


def test_one_that_cannot_be_judged_does_not_stop_the_others(world: World, sweep: Callable[..., Ran], number: int) -> None:
    world.propose({VERSION: worn()})

    def disturbed(asked: Exchange) -> bool:
        found = "/pulls/1/reviews" in asked.path
        if found:
            asked.answer(500, b"{}")
        return found

    world.disturbed = disturbed
    ran = sweep("--status")
    assert ran.code == 3
    assert [line.split("\t")[2].partition(":")[0] for line in ran.out.splitlines()] == ["could not be judged", "passed", "pending"]
    assert {commit: told["state"] for commit, told in world.statuses} == {
        world.head(1): "error",
        world.head(2): "success",
        world.head(3): "pending",
    }


def test_a_defect_leaves_no_success_behind(world: World, run: Run, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelreg_cli.gate.judge.decide", lambda _facts: 1 / 0)
    remote = f"{world.url}/team/registry.git"
    ran = run("gate", "--pr", str(number), "--forge", "github", "--remote", remote, "--root", str(world.work), "--status")
    assert ran.code == 70
    assert [(commit, told["state"]) for commit, told in world.statuses] == [(world.head(number), "error")]


def test_the_time_of_a_sweep_ends(world: World, sweep: Callable[..., Ran], number: int) -> None:
    ran = sweep("--deadline", "0.05")
    assert ran.code == 3


@pytest.mark.parametrize("first", [True, False])
def test_one_head_has_one_status_for_all_who_propose_it(
    world: World, run: Run, sweep: Callable[..., Ran], number: int, first: bool
) -> None:
    """A branch with easier rules would otherwise earn the status that lets the head into this one."""
    world.git("checkout", "-q", "main")
    policy = (world.work / "ci/policy.yaml").read_text("utf-8")
    world.git("checkout", "-q", "-b", "easy")
    world.commit({"ci/policy.yaml": policy.replace("required: 2", "required: 1")})
    world.git("push", "-q", str(world.site), "easy")
    world.git("checkout", "-q", f"change-{number}")
    other = len(world.pulls) + 1
    world.pulls[other] = {"author": "dana", "state": "open", "base": "easy"}
    world.reviews[other], world.events[other], world.versions[other] = [], [], []
    world.push(other)
    world.reviews[number].pop()
    world.review(other, "alice")
    remote = f"{world.url}/team/registry.git"
    asked = other if first else number
    ran = run("gate", "--pr", str(asked), "--forge", "github", "--remote", remote, "--root", str(world.work), "--status")
    assert ran.code == 5, ran.out
    assert [told["state"] for _, told in world.statuses] == ["pending"]
    assert f"(#{number})" in world.statuses[0][1]["description"]
    sweep("--status")
    assert {told["state"] for commit, told in world.statuses if commit == world.head(number)} == {"pending"}
