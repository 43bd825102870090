"""Signed statements: approvals that need no forge, made by `modelreg approve` and read by the gate."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.gate.conftest import OFFLINE, Approve, Gate
from tests.gate.world import POLICY, PUBLISHER, RESULTS, VERSION, World, results, version, worn

FOLDER = "catalog/approvals/acme/tiny/1.1.0"


@pytest.fixture
def offline(world: World, run: Run) -> Callable[..., Ran]:
    """Judges the branch without a forge."""

    def call(*argv: str) -> Ran:
        return run("gate", "--forge", "offline", "--base", "main", "--root", str(world.work), *argv)

    return call


@pytest.fixture
def number(world: World, keys: dict[str, Path]) -> int:
    """The tag is proposed."""
    return world.propose({VERSION: worn()})


def statements(world: World) -> list[Path]:
    """The statements in the clone."""
    return sorted((world.work / FOLDER).glob("*.json"))


def resigned(path: Path, key: Path, **other: Any) -> str:
    """A statement with other words, signed by a key; the name follows the text."""
    told = json.loads(path.read_text("utf-8"))
    person = other.pop("person", told["predicate"]["person"])
    told["predicate"] |= {"person": person, **other}
    raw = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    name = path.with_name(f"{person}-{hashlib.sha256(raw).hexdigest()[:8]}.json")
    name.write_bytes(raw)
    Path(f"{name}.sig").unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "modelreg-approval@v1", str(name)], check=True, capture_output=True
    )
    Path(f"{name}.sig").rename(name.with_suffix(".sig"))
    if name != path:
        path.unlink()
        path.with_suffix(".sig").unlink()
    return name.name


def test_two_statements_pass(world: World, number: int, approve: Approve, offline: Callable[..., Ran]) -> None:
    ran = offline()
    assert ran.code == 5 and "0 of 2 from curators" in ran.out
    assert approve("alice").code == 0
    assert offline().code == 5
    assert approve("bob").code == 0
    ran = offline()
    assert ran.code == 0, ran.out
    assert "alice counts (signed statement)" in ran.out


def test_a_statement_and_a_review_pass(world: World, gate: Gate, number: int, approve: Approve) -> None:
    """Committing a statement neither moves the head nor makes its signer an author."""
    world.review(number, "bob")
    approve("alice")
    world.push(number)
    ran = gate(number)
    assert ran.code == 0, ran.out
    assert "bob counts" in ran.out and "alice counts (signed statement)" in ran.out


def test_a_statement_with_anything_else_moves_the_head(world: World, gate: Gate, number: int, approve: Approve) -> None:
    world.review(number, "bob")
    approve("alice", commit=False)
    world.commit({PUBLISHER: "name: Acme Ltd\n"}, "More than a statement", "alice")
    world.push(number)
    ran = gate(number)
    assert ran.code == 5
    assert "bob does not: approved" in ran.out and "alice does not: wrote commit" in ran.out


def test_the_same_person_counts_once(world: World, gate: Gate, number: int, approve: Approve) -> None:
    world.review(number, "alice")
    approve("alice")
    world.push(number)
    assert gate(number).code == 5


def test_an_author_does_not_sign_for_themselves(world: World, keys: dict[str, Path], approve: Approve, offline: Callable[..., Ran]) -> None:
    world.propose({VERSION: worn()}, who="alice")
    approve("alice")
    approve("bob")
    ran = offline()
    assert ran.code == 5
    assert "alice does not: wrote commit" in ran.out


def test_an_objection_blocks(world: World, gate: Gate, number: int, approve: Approve) -> None:
    world.review(number, "alice")
    world.review(number, "bob")
    approve("carol", "--reject")
    world.push(number)
    ran = gate(number)
    assert ran.code == 1
    assert "carol signed a statement against it" in ran.out


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({VERSION: worn().replace("context: 8192", "context: 4096")}, "it is about other values of the version"),
        ({VERSION: worn("swapped")}, "it is about other values of the version"),
    ],
)
def test_other_values_void_it(
    world: World, number: int, approve: Approve, offline: Callable[..., Ran], changed: dict[str, str | None], why: str
) -> None:
    approve("alice")
    approve("bob")
    world.commit(changed, "Another value")
    ran = offline()
    assert ran.code in (1, 5)
    assert why in ran.out and "0 of 2" in ran.out


def test_a_changelog_a_squash_and_a_rebase_void_nothing(world: World, number: int, approve: Approve, offline: Callable[..., Ran]) -> None:
    approve("alice")
    approve("bob")
    world.commit({VERSION: worn(more="changelog: First release.\n")}, "Words")
    world.git("reset", "-q", "--soft", "main")
    world.git("commit", "-q", "-m", "Squashed", who="dana")
    world.base({PUBLISHER: "name: Acme Ltd\n"}, "The base moves on")
    world.git("checkout", "-q", f"change-{number}")
    world.git("rebase", "-q", "main")
    ran = offline()
    assert ran.code == 0, ran.out


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("ci/policy.yaml", OFFLINE.replace("min: 0.65", "min: 0.64"), "another policy"),
        ("catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml", results("new", 0.69), "other results and scans"),
        ("catalog/catalog.yaml", "name: another\nschema_version: 1\n", "another catalog"),
    ],
)
def test_another_base_voids_it(
    world: World, number: int, approve: Approve, offline: Callable[..., Ran], path: str, text: str, why: str
) -> None:
    approve("alice")
    approve("bob")
    world.base({path: text})
    world.git("checkout", "-q", f"change-{number}")
    ran = offline()
    assert ran.code == 5
    assert f"it is about {why}" in ran.out


def test_an_expired_statement(world: World, keys: dict[str, Path], number: int, approve: Approve, offline: Callable[..., Ran]) -> None:
    approve("alice")
    approve("bob", commit=False)
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    for path in statements(world):
        if path.name.startswith("bob"):
            resigned(path, keys["bob"], expires=yesterday)
    world.commit({}, "Late", "bob")
    ran = offline()
    assert ran.code == 5
    assert f"it expired on {yesterday}" in ran.out


@pytest.mark.parametrize("key", ["mallory", "alice"])
def test_nobody_signs_in_anothers_name(
    world: World, keys: dict[str, Path], number: int, approve: Approve, offline: Callable[..., Ran], key: str
) -> None:
    approve("alice")
    approve("bob", commit=False)
    for path in statements(world):
        if path.name.startswith("bob"):
            resigned(path, keys[key])
    world.commit({}, "Forged", "bob")
    ran = offline()
    assert ran.code == 1
    assert "bob does not" in ran.out and "the signature does not count" in ran.out


def test_a_key_of_nobody_signs_nothing(world: World, number: int, approve: Approve) -> None:
    ran = approve("mallory")
    assert ran.code == 2
    assert "is nobody's key" in ran.err and not statements(world)


def test_a_signature_for_something_else_does_not_count(
    world: World, keys: dict[str, Path], number: int, approve: Approve, offline: Callable[..., Ran]
) -> None:
    """The namespace is part of what is signed: a signed commit or file is no approval."""
    approve("alice", commit=False)
    (path,) = statements(world)
    path.with_suffix(".sig").unlink()
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", str(keys["alice"]), "-n", "git", str(path)], check=True, capture_output=True)
    Path(f"{path}.sig").rename(path.with_suffix(".sig"))
    world.commit({}, "Other namespace", "alice")
    ran = offline()
    assert "alice does not" in ran.out and "the signature does not count" in ran.out


@pytest.mark.parametrize("how", ["expired", "not yet", "revoked", "removed", "other namespace"])
def test_keys_end(world: World, keys: dict[str, Path], number: int, approve: Approve, offline: Callable[..., Ran], how: str) -> None:
    approve("alice")
    approve("bob")
    lines = {line.split()[0]: line for line in world.signers.splitlines(True)}
    public = lines["bob"].split(" ", 1)[1]
    changed: dict[str, str | None] = {}
    match how:
        case "expired":
            lines["bob"] = f'bob valid-before="20200101" {public}'
        case "not yet":
            lines["bob"] = f'bob valid-after="20990101" {public}'
        case "revoked":
            changed["ci/revoked_keys"] = public
        case "removed":
            del lines["bob"]
        case _:
            lines["bob"] = f'bob namespaces="git" {public}'
    world.base({"ci/allowed_signers": "".join(lines.values()), **changed})
    world.git("checkout", "-q", f"change-{number}")
    ran = offline()
    assert ran.code == 1
    assert "bob does not" in ran.out and "alice counts" in ran.out


def test_the_changes_own_signers_do_not_count(
    world: World, keys: dict[str, Path], number: int, approve: Approve, offline: Callable[..., Ran]
) -> None:
    approve("alice")
    approve("bob", commit=False)
    for path in statements(world):
        if path.name.startswith("bob"):
            resigned(path, keys["mallory"])
    public = Path(f"{keys['mallory']}.pub").read_text("ascii")
    world.commit({"ci/allowed_signers": f"bob {public}"})
    ran = offline()
    assert ran.code == 1
    assert "bob does not" in ran.out


@pytest.mark.parametrize("raw", ["{}", "[]", "not json", '{"subject":[]}', "{" * 5000, '{"_type":"https://in-toto.io/Statement/v1"}'])
def test_a_text_that_is_no_statement(world: World, number: int, offline: Callable[..., Ran], raw: str) -> None:
    world.commit({f"{FOLDER}/alice-00000000.json": raw, f"{FOLDER}/alice-00000000.sig": "x"})
    ran = offline()
    assert ran.code == 1
    assert "it is no statement" in ran.out


def test_a_statement_lies_where_it_says(
    world: World, keys: dict[str, Path], number: int, approve: Approve, offline: Callable[..., Ran]
) -> None:
    approve("alice", commit=False)
    (path,) = statements(world)
    for one in (path, path.with_suffix(".sig")):
        one.rename(one.with_name(f"alice-00000000{one.suffix}"))
    world.commit({}, "Elsewhere", "alice")
    ran = offline()
    assert ran.code == 1
    assert "by what it says, its place is catalog/approvals/acme/tiny/1.1.0/alice-" in ran.out


def test_half_a_statement_is_none(world: World, number: int, approve: Approve, offline: Callable[..., Ran]) -> None:
    approve("alice", commit=False)
    (path,) = statements(world)
    path.with_suffix(".sig").unlink()
    world.commit({}, "No signature", "alice")
    ran = offline()
    assert ran.code == 1
    assert "a statement is two files" in ran.out


def test_a_statement_is_never_changed_or_removed(world: World, number: int, approve: Approve, offline: Callable[..., Ran]) -> None:
    approve("alice")
    approve("bob")
    world.git("push", "-q", str(world.site), "HEAD:main")
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--ff-only", f"change-{number}")
    world.propose()
    for path in statements(world):
        path.unlink()
    world.commit({}, "Gone")
    ran = offline()
    assert ran.code == 1
    assert "never changed or removed" in ran.out


def test_dry_run_and_what_needs_no_approval(world: World, number: int, approve: Approve, run: Run) -> None:
    ran = approve("alice", "--dry-run")
    assert ran.code == 0
    assert json.loads(ran.out)["subject"][0]["name"] == "acme/tiny@1.1.0"
    assert not statements(world)
    ran = approve("alice", ref="acme/tiny@1.0.0")
    assert ran.code == 2
    assert "neither gives curated to acme/tiny@1.0.0" in ran.err


def test_nobody_signs_without_being_asked(world: World, keys: dict[str, Path], number: int, run: Run) -> None:
    ran = run("approve", "acme/tiny@1.1.0", "--tag", "curated", "--key", str(keys["alice"]), "--base", "main", "--root", str(world.work))
    assert ran.code == 1
    assert "nothing was signed" in ran.err and not statements(world)


def test_files_that_are_not_committed_are_not_signed_for(world: World, number: int, approve: Approve) -> None:
    world.write({VERSION: version("other", "small, curated")})
    ran = approve("alice")
    assert ran.code == 1
    assert "differ from the last commit" in ran.err


def test_a_statement_speaks_of_nothing_else(world: World, number: int, approve: Approve, offline: Callable[..., Ran]) -> None:
    """Two statements about a version let no other data pass."""
    approve("alice")
    approve("bob")
    world.base({"ci/policy.yaml": POLICY})
    world.git("checkout", "-q", f"change-{number}")
    world.git("rm", "-q", "-r", "catalog/approvals")
    world.commit({PUBLISHER: "name: Acme Ltd\n"})
    approve("alice")
    approve("bob")
    ran = offline()
    assert ran.code == 5, ran.out
    assert "data" in ran.out and "0 of 1 from curators" in ran.out and "2 of 2 from curators" in ran.out


def test_an_evaluators_key_approves_results(world: World, keys: dict[str, Path], offline: Callable[..., Ran], gate: Gate) -> None:
    """Results whose every commit an evaluator signed need no review."""
    number = world.propose()
    world.write({"catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml": results("new", 0.66)})
    world.git("add", "-A")
    sign = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={keys['eve']}", "commit", "-q", "-S", "-m", "A run")
    world.git(*sign, who="eve")
    ran = offline()
    assert ran.code == 0, ran.out
    assert "signed by eve of evaluators" in ran.out
    world.commit({"catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml": results("new", 0.99)}, "Polished", "eve")
    assert offline().code == 1
    world.push(number)
    assert gate(number).code == 1


def signed(world: World, key: Path, changed: dict[str, str | None]) -> None:
    """A commit that a key signed."""
    world.write(changed)
    world.git("add", "-A")
    world.git("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}", "commit", "-q", "-S", "-m", "A run", who="eve")


def test_a_signature_is_for_the_bytes_that_are_merged(world: World, keys: dict[str, Path], gate: Gate) -> None:
    """Where the base changed the same file, the result is nobody's work."""
    path = "catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml"
    rows = [f"  - {{benchmark: mmlu, metric: acc, value: 0.{one}, shots: {one}}}\n" for one in range(1, 9)]
    text = f"basis: measured\nby: us\ndate: 2026-06-01\nmetrics:\n{''.join(rows)}"
    world.base({path: text})
    number = world.propose()
    signed(world, keys["eve"], {path: text.replace("value: 0.1", "value: 0.2")})
    world.push(number)
    assert gate(number).code == 0
    world.base({path: text.replace("value: 0.8", "value: 0.9")})
    ran = gate(number)
    assert ran.code in (1, 5)
    assert "from evaluators" in ran.out and "signed by" not in ran.out


def test_a_signed_removal_is_reviewed(world: World, keys: dict[str, Path], gate: Gate) -> None:
    number = world.propose()
    signed(world, keys["eve"], {RESULTS: None})
    world.push(number)
    ran = gate(number)
    assert "0 of 1 from evaluators" in ran.out and "signed by" not in ran.out


def test_another_persons_signature_approves_no_results(world: World, keys: dict[str, Path], offline: Callable[..., Ran]) -> None:
    world.propose()
    world.write({"catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml": results("new", 0.66)})
    world.git("add", "-A")
    world.git("-c", "gpg.format=ssh", "-c", f"user.signingKey={keys['alice']}", "commit", "-q", "-S", "-m", "A run", who="eve")
    ran = offline()
    assert ran.code == 1
    assert "0 of 1 from evaluators" in ran.out
