"""`modelreg audit`: what was earned is proven from history, and what was not is found."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.gate.conftest import Approve
from tests.gate.world import OLDER, POLICY, VERSION, World, results, version, worn

Audit = Callable[..., Ran]


@pytest.fixture
def audit(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Audits main of the clone."""

    def call(*argv: str, offline: bool = True) -> Ran:
        world.git("checkout", "-q", "main")
        monkeypatch.chdir(world.work)
        how = ("--offline",) if offline else ("--forge", "github", "--remote", f"{world.url}/team/registry.git")
        return run("audit", *how, *argv)

    return call


def found(ran: Ran) -> dict[tuple[str, str], dict[str, Any]]:
    """Moments by version and action."""
    return {(one["ref"].partition("@")[2], one["action"]): one for one in json.loads(ran.out)}


def merged(world: World, number: int) -> str:
    """The pull request is merged, as the forge does it."""
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--no-ff", "-m", f"Merge pull request #{number}", f"change-{number}")
    world.git("push", "-q", str(world.site), "main")
    commit = world.git("rev-parse", "HEAD")
    world.pulls[number] |= {"state": "closed", "merged": commit, "head": world.head(number)}
    return commit


def test_a_tag_that_was_there_before_the_policy_is_unproven(world: World, audit: Audit) -> None:
    ran = audit("--json")
    assert ran.code == 5
    told = found(ran)["1.0.0", "given"]
    assert (told["proof"], told["worn_now"]) == ("unproven", True)
    assert told["told"] == ["it wore the tag before the policy protected it"]


def test_statements_prove_it(world: World, keys: dict[str, Path], approve: Approve, audit: Audit) -> None:
    number = world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    merged(world, number)
    ran = audit("acme/tiny@1.1.0", "--json")
    assert ran.code == 0, ran.out + ran.err
    told = found(ran)["1.1.0", "given"]
    assert (told["proof"], told["approved_by"], told["worn_now"]) == ("proven", ["alice", "bob"], True)


def test_statements_prove_a_squash(world: World, keys: dict[str, Path], approve: Approve, audit: Audit) -> None:
    world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--squash", "change-1")
    world.git("commit", "-q", "-m", "Squashed", who="dana")
    assert audit("acme/tiny@1.1.0").code == 0


def test_a_push_of_the_tag_is_unproven_without_the_forge_and_refuted_with_it(world: World, audit: Audit) -> None:
    world.base({VERSION: worn()}, "Straight to main", "mallory@example.org")
    ran = audit("acme/tiny@1.1.0", "--json")
    assert ran.code == 1  # nobody knows its author
    told = found(ran)["1.1.0", "given"]
    assert any("belongs to nobody known" in line for line in told["told"])
    world.base({VERSION: version("new")})
    world.base({VERSION: worn()}, "Straight to main", "dana")
    ran = audit("acme/tiny@1.1.0", "--json", offline=False)
    assert ran.code == 1
    assert any("it was pushed, and came by no pull request" in one["told"] for one in json.loads(ran.out))


def test_bytes_that_were_swapped_by_a_push_are_found(world: World, keys: dict[str, Path], approve: Approve, audit: Audit) -> None:
    number = world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    merged(world, number)
    world.base({VERSION: worn("swapped")}, "A small fix", "dana")
    ran = audit("acme/tiny@1.1.0", "--json")
    assert ran.code == 1
    told = found(ran)
    assert told["1.1.0", "given"]["proof"] == "proven"
    assert told["1.1.0", "touched"]["proof"] == "refuted"
    assert any("another digest" in line for line in told["1.1.0", "touched"]["told"])


def test_reviews_on_the_forge_prove_it(world: World, audit: Audit) -> None:
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    world.review(number, "bob")
    merged(world, number)
    assert audit("acme/tiny@1.1.0").code == 5
    ran = audit("acme/tiny@1.1.0", "--json", offline=False)
    assert ran.code == 0, ran.out + ran.err
    told = found(ran)["1.1.0", "given"]
    assert (told["proof"], told["approved_by"], told["pull_request"]) == ("proven", ["alice", "bob"], number)


def test_one_review_too_few_is_refuted_by_the_forge(world: World, audit: Audit) -> None:
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    merged(world, number)
    ran = audit("acme/tiny@1.1.0", "--json", offline=False)
    assert ran.code == 1
    assert any("1 of 2 from curators" in line for line in found(ran)["1.1.0", "given"]["told"])


def test_a_merge_that_smuggles_files_in_is_refuted(world: World, audit: Audit) -> None:
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    world.review(number, "bob")
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--no-ff", "--no-commit", f"change-{number}")
    commit = world.commit({VERSION: worn().replace("context: 8192", "context: 4096")}, f"Merge pull request #{number}")
    world.pulls[number] |= {"state": "closed", "merged": commit, "head": world.head(number)}
    world.git("push", "-q", str(world.site), "main")
    ran = audit("acme/tiny@1.1.0", "--json", offline=False)
    assert ran.code == 1
    assert any("other files than merging its head gives" in line for line in found(ran)["1.1.0", "given"]["told"])


def test_the_policy_of_that_day_counts(world: World, keys: dict[str, Path], approve: Approve, audit: Audit) -> None:
    """What was earned stays earned when the policy asks for more."""
    number = world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    merged(world, number)
    world.base({"ci/policy.yaml": POLICY.replace("min: 0.65", "min: 0.9")})
    assert audit("acme/tiny@1.1.0").code == 0


def test_a_key_counts_by_the_day_of_the_merge(world: World, keys: dict[str, Path], approve: Approve, audit: Audit) -> None:
    """A key that begins to count only in years did not count then, whatever it does now: and the other way round."""
    number = world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    ended = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y%m%d")
    world.base({"ci/allowed_signers": world.signers.replace("bob ssh", f'bob valid-before="{ended}" ssh')})
    world.git("checkout", "-q", "main")
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    world.moment = later
    world.git("merge", "-q", "--no-ff", "-m", "Late", f"change-{number}")
    ran = audit("acme/tiny@1.1.0", "--json")
    assert found(ran)["1.1.0", "given"]["proof"] != "proven"
    world.moment = ""
    world.git("reset", "-q", "--hard", "HEAD~1")
    world.git("merge", "-q", "--no-ff", "-m", "In time", f"change-{number}")
    assert found(audit("acme/tiny@1.1.0", "--json"))["1.1.0", "given"]["proof"] == "proven"


def test_what_was_taken_off_is_told(world: World, audit: Audit) -> None:
    world.base({OLDER: version("old")}, "Off", "alice")
    told = found(audit("--json"))
    assert not told["1.0.0", "taken off"]["worn_now"]


def test_evidence_edited_afterwards_is_found(world: World, keys: dict[str, Path], approve: Approve, audit: Audit) -> None:
    number = world.propose({VERSION: worn()})
    approve("alice")
    approve("bob")
    merged(world, number)
    world.base({"catalog/results/acme/tiny/1.1.0/lm-eval-0a0a0a0a.yaml": results("new", 0.9)})
    told = found(audit("acme/tiny@1.1.0", "--json"))
    assert told["1.1.0", "touched"]["proof"] == "refuted"


def test_a_bad_policy_let_nothing_pass(world: World, audit: Audit) -> None:
    world.base({"ci/policy.yaml": POLICY.replace("required: 2, from: curators", "required: 9, from: curators")})
    world.base({VERSION: worn()})
    told = found(audit("--json"))
    assert told["1.1.0", "given"]["proof"] == "refuted"


def test_the_second_audit_goes_on_where_the_first_ended(world: World, audit: Audit) -> None:
    first = audit("--json")
    assert audit("--json").out == first.out
    world.base({OLDER: version("old")}, "Off", "alice")
    assert len(json.loads(audit("--json").out)) == len(json.loads(first.out)) + 1
    assert len(json.loads(audit("--json", "--again").out)) == len(json.loads(first.out)) + 1


def test_a_history_that_was_rewritten_is_audited_anew(world: World, audit: Audit) -> None:
    world.base({OLDER: version("old")}, "Off", "alice")
    assert ("1.0.0", "taken off") in found(audit("--json"))
    world.git("reset", "-q", "--hard", "HEAD~1")
    world.commit({"README.md": "Another.\n"})
    assert ("1.0.0", "taken off") not in found(audit("--json"))


def test_who_signed_is_shown(world: World, keys: dict[str, Path], approve: Approve, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    world.propose({VERSION: worn()})
    approve("alice")
    approve("bob", "--reject")
    monkeypatch.chdir(world.work)
    told = json.loads(run("show", "acme/tiny@1.1.0", "--json").out)["approvals"]
    assert [(one["tag"], one["person"], one["decision"]) for one in told] == [("curated", "alice", "approve"), ("curated", "bob", "reject")]
    rows = json.loads(run("sql", "SELECT version, person FROM approval", "--json").out)
    assert {row["person"] for row in rows} == {"alice", "bob"} and {row["version"] for row in rows} == {"acme/tiny@1.1.0"}
    shown = run("show", "acme/tiny@1.1.0", terminal=True).out
    assert "signed statements" in shown and "alice" in shown


def test_since_and_text(world: World, audit: Audit) -> None:
    assert json.loads(audit("--json", "--since", "2099-01-01").out) == []
    ran = audit()
    assert ran.code == 5
    assert "acme/tiny@1.0.0 curated\n" in ran.out and "1 moment: 1 unproven" in ran.out


def test_rows_of_history_db(world: World, audit: Audit, run: Run) -> None:
    audit()
    ran = run("history", "acme/tiny@1.0.0", "--kind", "unproven", "--json")
    (told,) = json.loads(ran.out)
    assert (told["kind"], told["after"]["tag"], told["after"]["approved_by"]) == ("audited", "curated", [])
    ran = run("history", "acme/tiny", terminal=True)
    assert "audit: curated given, unproven; it wore the tag before the policy protected it" in " ".join(ran.out.split())
    audit()
    audit("--again")
    assert len(json.loads(run("history", "acme/tiny@1.0.0", "--kind", "audited", "--json").out)) == 1
