"""Reports of verdicts: what reviews proved on a forge, an audit without the forge can still prove."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran, Run
from tests.gate.conftest import Gate
from tests.gate.test_audit import merged
from tests.gate.world import POLICY, VERSION, World, version, worn

RECORDERS = POLICY.replace("roles:\n", "  robot: {keys: [robot]}\nroles:\n  recorders: [robot]\n")
BRANCH = "modelreg-verdicts"


@pytest.fixture
def recorded(world: World, gate: Gate, keys: dict[str, Path]) -> Callable[..., int]:
    """A promotion that passed on the forge and was merged, with its report; `mallory` is the robot's key."""
    public = Path(f"{keys['mallory']}.pub").read_text("ascii")
    world.base({"ci/policy.yaml": RECORDERS, "ci/allowed_signers": f"{world.signers}robot {public}"})

    def call(*argv: str, merge: bool = True) -> int:
        number = world.propose({VERSION: worn()})
        world.review(number, "alice")
        world.review(number, "bob")
        ran = gate(number, "--record", *argv)
        assert ran.code == 0, ran.out + ran.err
        if merge:
            merged(world, number)
        return number

    return call


@pytest.fixture
def audit(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Audits main with what the remote has."""

    def call() -> Ran:
        world.git("fetch", "-q", str(world.site), f"+refs/heads/{BRANCH}:refs/remotes/origin/{BRANCH}")
        world.git("checkout", "-q", "main")
        monkeypatch.chdir(world.work)
        return run("audit", "acme/tiny@1.1.0", "--offline", "--json")

    return call


def test_a_signed_report_proves_what_reviews_proved(recorded: Callable[..., int], audit: Callable[..., Ran], keys: dict[str, Path]) -> None:
    recorded("--record-key", str(keys["mallory"]))
    ran = audit()
    assert ran.code == 0, ran.out
    (told,) = json.loads(ran.out)
    assert (told["proof"], told["approved_by"]) == ("proven", ["alice", "bob"])


def test_a_report_that_nobody_signed_proves_nothing(recorded: Callable[..., int], audit: Callable[..., Ran]) -> None:
    recorded()
    assert audit().code == 5


def test_a_report_by_another_key_proves_nothing(recorded: Callable[..., int], audit: Callable[..., Ran], keys: dict[str, Path]) -> None:
    recorded("--record-key", str(keys["alice"]))
    assert audit().code == 5


def test_a_report_is_about_one_merge(world: World, recorded: Callable[..., int], audit: Callable[..., Ran], keys: dict[str, Path]) -> None:
    """The tag comes by another way than the one that was judged."""
    recorded("--record-key", str(keys["mallory"]), merge=False)
    world.base({VERSION: worn(more="changelog: Something else.\n")}, "Pushed", "dana")
    assert audit().code == 5


def test_a_report_of_other_values_is_none(
    world: World, recorded: Callable[..., int], audit: Callable[..., Ran], keys: dict[str, Path]
) -> None:
    recorded("--record-key", str(keys["mallory"]))
    path = world.git("ls-tree", "-r", "--name-only", BRANCH, folder=world.site).splitlines()[0]
    told = world.git("show", f"{BRANCH}:{path}", folder=world.site).replace(
        '"approved_by":["alice","bob"]', '"approved_by":["alice","bob","carol"]'
    )
    blob = world.git("hash-object", "-w", "--stdin", stdin=f"{told}\n")
    world.git("fetch", "-q", str(world.site), BRANCH)
    world.git("checkout", "-q", "-B", "forged", "FETCH_HEAD")
    world.git("update-index", "--cacheinfo", f"100644,{blob},{path}")
    world.git("commit", "-q", "-m", "Forged")
    world.git("push", "-q", str(world.site), f"HEAD:{BRANCH}")
    world.git("checkout", "-q", "-f", "main")
    assert audit().code == 5


def test_a_signed_report_is_about_its_values_only(
    world: World, recorded: Callable[..., int], audit: Callable[..., Ran], keys: dict[str, Path]
) -> None:
    recorded("--record-key", str(keys["mallory"]))
    path = world.git("ls-tree", "-r", "--name-only", BRANCH, folder=world.site).splitlines()[0]
    told = json.loads(world.git("show", f"{BRANCH}:{path}", folder=world.site))
    told["predicate"]["subjects"][0]["governed"] = "0" * 64
    world.git("fetch", "-q", str(world.site), BRANCH)
    world.git("checkout", "-q", "-B", "other", "FETCH_HEAD")
    file = world.work / path
    file.write_text(json.dumps(told), "utf-8")
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(keys["mallory"]), "-n", "modelreg-verdict@v1", str(file)]
    file.with_suffix(".sig").unlink()
    subprocess.run(sign, check=True, capture_output=True)
    Path(f"{file}.sig").rename(file.with_suffix(".sig"))
    world.commit({}, "Of other values")
    world.git("push", "-q", str(world.site), f"HEAD:{BRANCH}")
    ran = audit()
    assert ran.code == 5 and json.loads(ran.out)[0]["proof"] == "unproven"


def test_reports_are_added_and_none_is_kept_of_what_did_not_pass(
    world: World, gate: Gate, recorded: Callable[..., int], keys: dict[str, Path]
) -> None:
    recorded("--record-key", str(keys["mallory"]))
    first = world.git("rev-parse", BRANCH, folder=world.site)
    number = world.propose({VERSION: version("new")}, who="alice")
    assert gate(number, "--record").code == 5
    assert world.git("rev-parse", BRANCH, folder=world.site) == first
    world.review(number, "bob")
    assert gate(number, "--record").code == 0
    assert world.git("rev-parse", f"{BRANCH}^", folder=world.site) == first
    assert len(world.git("ls-tree", "-r", "--name-only", BRANCH, folder=world.site).splitlines()) == 3


def test_what_cannot_be_kept_is_no_pass(world: World, gate: Gate, keys: dict[str, Path]) -> None:
    world.base({"ci/policy.yaml": RECORDERS})
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    world.review(number, "bob")
    hook = world.site / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", "ascii")
    hook.chmod(0o755)
    ran = gate(number, "--record", "--status")
    assert ran.code == 3
    assert [told["state"] for _, told in world.statuses] == ["error"]
