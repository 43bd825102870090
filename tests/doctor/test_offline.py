"""What files tell: a guarded catalog has no weakness, and each weakness is found for itself, with its fix."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.catalog.new import PACKAGE
from tests.conftest import Run
from tests.doctor.world import TODAY, VERSION, files, guarded, key, line, policy

TEMPLATE = PACKAGE / "templates" / "policy.yaml"
POLICY = "ci/policy.yaml"
SIGNERS = "ci/allowed_signers"
CHECK = ".github/workflows/modelreg-check.yml"
REQUIRES = "    requires: {scan: passed, license: known, sourced: governed}\n"
Changed = dict[str, str | None]


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "CI_PROJECT_URL"):
        monkeypatch.delenv(name, raising=False)


def looked(run: Run, top: Path, *argv: str) -> dict[str, Any]:
    """The checks by name, with the exit code as `code`."""
    got = run("doctor", "--offline", "--json", "--root", str(top), "--today", TODAY, *argv)
    told = json.loads(got.out)
    return {"code": got.code, "outcome": told["outcome"], **{f"{one['about']}: {one['name']}": one for one in told["checks"]}}


def weak(found: dict[str, Any]) -> dict[str, str]:
    """What is weak, in one text each."""
    return {name: "; ".join(one["told"]) for name, one in found.items() if isinstance(one, dict) and one["outcome"] == "weak"}


def test_a_guarded_catalog_has_no_weakness(run: Run, tmp_path: Path) -> None:
    found = looked(run, guarded(tmp_path).top)
    assert weak(found) == {}
    assert (found["code"], found["outcome"]) == (0, "unknown"), "the forge was not asked, so not all is known"
    unknown = [name for name, one in found.items() if isinstance(one, dict) and one["outcome"] == "unknown"]
    assert unknown == ["github: rules"]


def swap(path: str, before: str, after: str) -> Callable[[], Changed]:
    """A file in which one text stands for another."""

    def changed() -> Changed:
        text = files()[path]
        assert before in text, (before, text)
        # CODEOWNERS follows the policy, and is not what this is about
        return {path: text.replace(before, after, 1)}

    return changed


def signers(*lines: str) -> Callable[[], Changed]:
    """ci/allowed_signers with more lines."""
    return lambda: {SIGNERS: files()[SIGNERS] + "".join(lines)}


def without(path: str) -> Callable[[], Changed]:
    """A file that is not there."""
    return lambda: {path: None}


WEAKNESSES: dict[str, tuple[Callable[[], Changed], str, str]] = {
    "no policy": (without(POLICY), "policy: present", "there is no ci/policy.yaml"),
    "a policy with a mistake": (swap(POLICY, "[alice, bob, carol]", "[alice, bob, karol]"), "policy: present", ":9:26: karol is not"),
    "a role of nobody": (swap(POLICY, "[eve, erin]", "[]"), "policy: filled in", "nobody is named in the role evaluators"),
    "one approval": (swap(POLICY, "2, from: curators", "1, from: curators"), "policy: protected tags", "curated asks for 1"),
    "nothing asked": (swap(POLICY, REQUIRES, ""), "policy: protected tags", "nothing but"),
    "a tag without its file": (without("catalog/tags/curated.yaml"), "policy: protected tags", "catalog/tags/curated.yaml"),
    "nobody to spare": (swap(POLICY, "curators: [alice, bob, carol]", "curators: [alice, bob]"), "policy: enough persons", "it takes 3"),
    "nobody who can": (
        swap(POLICY, "bob: {github: {id: 5000102, login: bob-m}, emails: [bob@curators.internal], keys: [bob]}", "bob: {}"),
        "policy: enough persons", "of whom 2 can approve: it takes 3",
    ),
    "worn without a policy": (
        lambda: {POLICY: TEMPLATE.read_text("utf-8"), VERSION: files()[VERSION].replace("[small]", "[small, curated]")},
        "policy: worn tags", "acme/tiny@1.0.0 wear a protected tag, and nobody is named",
    ),
    "a placeholder address": (swap(POLICY, "bob@curators.internal", "bob@example.org"), "people: real", "bob@example.org is a placeholder"),
    "a placeholder below it": (swap(POLICY, "bob@curators.internal", "bob@mail.example.com"), "people: real", "is a placeholder"),
    "a number of the first days": (swap(POLICY, "id: 5000102", "id: 102"), "people: real", "102 looks like a placeholder"),
    "a number that counts up": (swap(POLICY, "id: 5000102", "id: 123456"), "people: real", "123456 looks like a placeholder"),
    "an account elsewhere": (swap(POLICY, "bob: {github", "bob: {gitlab"), "people: known", "bob has no account on github"),
    "no address": (swap(POLICY, "emails: [bob@curators.internal], ", ""), "people: known", "bob has no e-mail address"),
    "no keys at all": (without(SIGNERS), "keys: present", "bob signs as bob, and there is no"),
    "a line that is none": (signers("frank no-such-key\n"), "keys: readable", "ci/allowed_signers:8"),
    "a broken key": (signers("alice ssh-ed25519 AAAA\n"), "keys: readable", "its key is no ssh-ed25519 key"),
    "an unknown option": (signers(line("alice", 'valid-until="20270101"')), "keys: readable", "an option that is not known"),
    "a time that is none": (signers(line("alice", 'valid-before="soon"')), "keys: readable", "'soon' is no time"),
    "a key of nobody": (signers(line("frank")), "keys: belong", "frank belongs to nobody"),
    "a key that is missing": (swap(POLICY, "keys: [bob]", "keys: [bob, bob-2]"), "keys: belong", "bob signs as bob-2, and no line"),
    "a key for everybody": (signers(line("bob", principal="*")), "keys: belong", "lets one key sign as 6 principals"),
    "one key of two": (signers(line("bob", principal="alice")), "keys: belong", "one key is alice and bob's"),
    "a key that ended": (signers(line("bob", 'valid-before="20260801"')), "keys: in time", "ended on 2026-08-01"),
    "a key that ends soon": (signers(line("bob", 'valid-before="202608301200Z"')), "keys: in time", "ends on 2026-08-30"),
    "a key that is to come": (signers(line("bob", 'valid-after="20260901"')), "keys: in time", "begins on 2026-09-01"),
    "a short RSA key": (signers(line("bob", key=key("bob", "ssh-rsa", 2048))), "keys: strong", "RSA key of 2048 bits"),
    "a key for something else": (signers(line("bob", 'namespaces="git"')), "keys: strong", "may not sign modelreg-approval@v1"),
    "a key for all but this": (signers(line("bob", 'namespaces="*,!modelreg-*"')), "keys: strong", "may not sign modelreg-approval@v1"),
    "an authority": (signers(line("bob", 'cert-authority,namespaces="modelreg-approval@v1"')), "keys: strong", "this authority certifies"),
    "a revoked key": (lambda: {"ci/revoked_keys": f"{key('bob')} bob\n"}, "keys: revoked", "the key of bob is revoked"),
    "a list that does not read": (lambda: {"ci/revoked_keys": "not a key\n"}, "keys: revoked", "ci/revoked_keys: line 1 is no"),
    "a made list that does not read": (lambda: {"ci/revoked_keys": "SSHKRL\n\x00nonsense"}, "keys: revoked", "ci/revoked_keys: "),
    "no pipeline": (without(CHECK), "files: pipelines", f"{CHECK} is missing"),
    "a changed pipeline": (swap(CHECK, "contents: read", "contents: write"), "files: pipelines", "this release writes, from line 17"),
    "no CODEOWNERS": (without("CODEOWNERS"), "files: CODEOWNERS", "there is none"),
    "an old CODEOWNERS": (swap("CODEOWNERS", "@dana-m", "@mallory"), "files: CODEOWNERS", "not what the policy says"),
}  # fmt: skip


@pytest.mark.parametrize("name", WEAKNESSES)
def test_a_weakness_is_found(run: Run, tmp_path: Path, name: str) -> None:
    changed, check, told = WEAKNESSES[name]
    found = looked(run, guarded(tmp_path, changed()).top, "--forge", "github")
    assert found["code"] == 1
    assert told in weak(found).get(check, "nothing"), weak(found)
    assert found[check]["fix"] and found[check]["why"]


@pytest.mark.parametrize(
    "told",
    [
        signers('"alice" ' + line("alice").partition(" ")[2]),
        signers(line("alice", "")),
        signers(line("alice", 'NAMESPACES="modelreg-*",valid-after=20250101,valid-before="20270101123000Z"')),
        signers("\n   # a remark\n"),
        signers(line("alice", key=key("alice", "ssh-rsa", 3072))),
        signers(line("alice", key=key("alice", "sk-ssh-ed25519@openssh.com"))),
        lambda: {"ci/revoked_keys": f"{key('gone')} somebody's\n"},
        swap(POLICY, "people:\n", "people:\n  frank: {emails: [frank@curators.internal]}\n"),
    ],
)
def test_what_is_allowed_is_no_weakness(run: Run, tmp_path: Path, told: Callable[[], Changed]) -> None:
    assert weak(looked(run, guarded(tmp_path, told()).top)) == {}


def test_a_list_of_revoked_keys_that_ssh_keygen_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bob.pub").write_text(f"{key('bob')} bob\n", "ascii")
    repo = guarded(tmp_path / "repo")
    subprocess.run(["ssh-keygen", "-q", "-k", "-f", str(repo.top / "ci/revoked_keys"), str(tmp_path / "bob.pub")], check=True)
    assert "the key of bob is revoked" in weak(looked(run, repo.top))["keys: revoked"]


def test_a_codeowners_of_ones_own_is_left_alone(run: Run, tmp_path: Path) -> None:
    repo = guarded(tmp_path, {"CODEOWNERS": "* @us\n"})
    found = looked(run, repo.top, "--fix")
    assert found["files: CODEOWNERS"]["outcome"] == "unknown"
    assert (repo.top / "CODEOWNERS").read_text("utf-8") == "* @us\n"


@pytest.mark.parametrize("forge", ["github", "gitlab", "forgejo"])
def test_the_fix_writes_what_is_missing_and_nothing_else(run: Run, tmp_path: Path, forge: str) -> None:
    repo = guarded(tmp_path, forge=forge)
    for path in {**files(forge)}:
        if not path.startswith(("catalog/", "ci/")):
            (repo.top / path).unlink()
    got = run("doctor", "--offline", "--fix", "--forge", forge, "--root", str(repo.top), "--today", TODAY)
    assert got.code == 0, got.out
    assert repo.git("status", "--porcelain") == ""
    assert run("doctor", "--offline", "--fix", "--root", str(repo.top), "--today", TODAY).err == "", "there is nothing more to write"


def test_validate_mends_a_codeowners_that_follows_an_older_policy(run: Run, tmp_path: Path) -> None:
    repo = guarded(tmp_path, {POLICY: policy().replace("[dana, alice, erin]", "[dana, carol, erin]")})
    assert "codeowners-stale" in run("validate", "--root", str(repo.top)).out
    assert "fixed CODEOWNERS" in run("validate", "--fix", "--root", str(repo.top)).err
    assert run("validate", "--root", str(repo.top)).code == 0
    assert "*" in (text := (repo.top / "CODEOWNERS").read_text("utf-8")) and "* @dana-m @carol-m @erin-m" in text


def test_a_commit_is_looked_at(run: Run, tmp_path: Path) -> None:
    repo = guarded(tmp_path)
    (repo.top / CHECK).unlink()
    assert weak(looked(run, repo.top, "--at", "HEAD")) == {}
    assert "files: pipelines" in weak(looked(run, repo.top))
    assert run("doctor", "--fix", "--at", "HEAD", "--root", str(repo.top)).code == 2


def test_the_shipped_catalog_says_what_is_to_be_filled_in(run: Run) -> None:
    root = Path(__file__).parents[2]
    found = looked(run, root, "--forge", "github")
    assert "nobody is named in the role admins, evaluators or curators" in weak(found)["policy: filled in"]
    assert "people: real" not in found, "no invented people"
    assert found["policy: protected tags"]["outcome"] == "ok", "`curated` is protected already"


def test_under_a_policy_that_names_nobody_nothing_passes(run: Run, tmp_path: Path) -> None:
    repo = guarded(tmp_path, {POLICY: TEMPLATE.read_text("utf-8")})
    repo.write({"catalog/models/acme/tiny/model.yaml": "name: Tiny one\ntype: weights\ndefault: 1.0.0\n"})
    repo.git("commit", "-qam", "A change")
    got = run("gate", "--forge", "offline", "--base", "HEAD~1", "--root", str(repo.root))
    assert got.code == 2
    assert "ci/policy.yaml is not filled in" in got.err and "the role admins, evaluators or curators" in got.err


def test_git_that_is_too_old_or_not_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = guarded(tmp_path / "repo").top
    programs = tmp_path / "programs"
    programs.mkdir()
    real = shutil.which("git")
    (programs / "git").write_text(
        f'#!/bin/sh\nfor word; do [ "$word" = version ] && echo "git version 2.30.2" && exit\ndone\nexec {real} "$@"\n', "ascii"
    )
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/nowhere")
    found = looked(run, top, "--forge", "github")
    assert weak(found)["programs: git"] == "git version 2.30.2"


def test_ssh_keygen_that_is_not_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = guarded(tmp_path / "repo").top
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(programs))
    assert "not installed" in weak(looked(run, top))["programs: ssh-keygen"]
