"""What forges tell: rules as they should be have no weakness, each that is weaker is found, and what is hidden is unknown."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.doctor.forges import FINE, TOKEN, Forge, protection
from tests.doctor.world import TODAY, guarded, policy
from tests.servers import free_port, serving

Change = Callable[[Forge], None]
NAMES = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_API_URL", "CI_API_V4_URL", "FORGEJO_API_URL")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@contextmanager
def looking(run: Run, tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    """A way to ask the doctor of a guarded catalog on that forge."""
    monkeypatch.setenv(TOKEN[forge.kind], "s3cret")
    top = guarded(tmp_path / "repo", forge=forge.kind).top
    with serving(forge.answer) as server:
        remote = f"{server.url}/team/registry.git"
        yield lambda *argv: run(
            "doctor", "--forge", forge.kind, "--remote", remote, "--root", str(top), "--today", TODAY, "--deadline", "20", *argv
        )


def by_outcome(got: Ran, outcome: str) -> dict[str, str]:
    """What has that outcome, each in one text."""
    return {one["name"]: "; ".join(one["told"]) for one in json.loads(got.out)["checks"] if one["outcome"] == outcome}


@pytest.mark.parametrize("kind", FINE)
def test_rules_as_they_should_be(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    with looking(run, tmp_path, Forge(kind), monkeypatch) as look:
        got = look("--json")
    assert (got.code, by_outcome(got, "weak"), by_outcome(got, "unknown")) == (0, {}, {})
    assert json.loads(got.out)["outcome"] == "ok"


def test_branch_protection_alone_will_do(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = Forge("github")
    forge.answers |= {"/branches/main/protection": protection(), "/rules/branches/main": []}
    with looking(run, tmp_path, forge, monkeypatch) as look:
        assert by_outcome(look("--json"), "weak") == {}


def put(path: str, value: Any) -> Change:
    """Another answer."""

    def change(forge: Forge) -> None:
        forge.answers[path] = value

    return change


def rule(kind: str, **parameters: Any) -> Change:
    """Other parameters of a rule of GitHub's ruleset; without any it is not there."""

    def change(forge: Forge) -> None:
        rules = forge.answers["/rules/branches/main"]
        if parameters:
            next(one for one in rules if one["type"] == kind)["parameters"] |= parameters
        else:
            forge.answers["/rules/branches/main"] = [one for one in rules if one["type"] != kind]

    return change


def classic(**other: Any) -> Change:
    """Branch protection in place of the ruleset, with something else in it."""

    def change(forge: Forge) -> None:
        forge.answers |= {"/branches/main/protection": protection(**other), "/rules/branches/main": []}

    return change


def project(**other: Any) -> Change:
    """Other fields of GitLab's project."""
    return lambda forge: forge.answers[""].update(other)


def branch(**other: Any) -> Change:
    """Other fields of GitLab's protected branch, or of Forgejo's rule."""
    return lambda forge: forge.answers["/protected_branches" if forge.kind == "gitlab" else "/branch_protections"][0].update(other)


def approvals(**other: Any) -> Change:
    """Other approval settings of GitLab."""
    return lambda forge: forge.answers["/approvals"].update(other)


def checks(*contexts: dict[str, Any]) -> Change:
    """Other required statuses in GitHub's ruleset."""
    return rule("required_status_checks", required_status_checks=list(contexts))


GATE, VALIDATE = {"context": "modelreg/gate", "integration_id": 4242}, {"context": "modelreg/validate"}
PASSING = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
WEAKER: dict[str, tuple[str, Change, str, str]] = {
    "no rules at all": ("github", put("/rules/branches/main", []), "protected", "main has no rules"),
    "no pull request": ("github", rule("pull_request"), "pushes", "not so: changes come by pull requests"),
    "force pushes": ("github", rule("non_fast_forward"), "force pushes", "not so"),
    "deletion": ("github", rule("deletion"), "deletion", "not so"),
    "gate not required": ("github", checks(VALIDATE), "modelreg/gate", "not so"),
    "nothing required": ("github", rule("required_status_checks"), "passing by", "nothing requires modelreg/gate"),
    "validate not required": ("github", checks(GATE), "modelreg/validate", "not so"),
    "any source": ("github", checks({"context": "modelreg/gate"}, VALIDATE), "source of status", "anybody who may write statuses"),
    "any workflow": (
        "github", checks({"context": "modelreg/gate", "integration_id": 15368}, VALIDATE), "source of status", "every workflow",
    ),
    "an old base": ("github", rule("required_status_checks", strict_required_status_checks_policy=False), "up to date", "not so"),
    "few reviews": ("github", rule("pull_request", required_approving_review_count=0), "reviews", "approvals required: 0"),
    "stale reviews": ("github", rule("pull_request", dismiss_stale_reviews_on_push=False), "stale reviews", "not so"),
    "no owners": ("github", rule("pull_request", require_code_owner_review=False), "code owners", "not so"),
    "a bypass list": ("github", put("/rulesets/7", {"id": 7, "bypass_actors": [PASSING]}), "passing by", "RepositoryRole 5 may pass by"),
    "rights to write": (
        "github", put("/actions/permissions/workflow", {"default_workflow_permissions": "write"}), "tokens", "workflows may write",
    ),
    "approving workflows": (
        "github", put("/actions/permissions/workflow", {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}),
        "tokens", "they may approve pull requests",
    ),
    "administrators": ("github", classic(enforce_admins={"enabled": False}), "passing by", "administrators may pass by"),
    "forced by protection": ("github", classic(allow_force_pushes={"enabled": True}), "force pushes", "not so"),
    "no protected branch": ("gitlab", put("/protected_branches", []), "protected", "main is not protected"),
    "another protected branch": ("gitlab", branch(name="release/*"), "protected", "main is not protected"),
    "pushes of maintainers": ("gitlab", branch(push_access_levels=[{"access_level": 40}]), "pushes", "maintainers may push"),
    "pushes by a deploy key": (
        "gitlab", branch(push_access_levels=[{"access_level": 0}, {"access_level": 40, "deploy_key_id": 3}]), "pushes", "deploy_key 3",
    ),
    "merges by people": ("gitlab", branch(merge_access_levels=[{"access_level": 30}]), "merges", "developers may merge"),
    "forced on GitLab": ("gitlab", branch(allow_force_push=True), "force pushes", "allowed"),
    "no owners on GitLab": ("gitlab", branch(code_owner_approval_required=False), "code owners", "must not approve"),
    "no pipeline": ("gitlab", project(only_allow_merge_if_pipeline_succeeds=False), "modelreg/gate", "needs no pipeline"),
    "skipped pipelines": ("gitlab", project(allow_merge_on_skipped_pipeline=True), "modelreg/gate", "a skipped one will do"),
    "merge commits": ("gitlab", project(merge_method="merge"), "up to date", "the merge method is merge"),
    "a pipeline elsewhere": ("gitlab", project(ci_config_path="ci.yml@them/theirs"), "pipelines", "read from ci.yml@them/theirs"),
    "kept approvals": ("gitlab", approvals(reset_approvals_on_push=False), "stale reviews", "not so"),
    "authors": ("gitlab", approvals(merge_requests_author_approval=True), "authors", "not so: authors"),
    "committers": ("gitlab", approvals(merge_requests_disable_committers_approval=False), "authors", "not so: committers"),
    "no approval rule": ("gitlab", put("/approval_rules", []), "reviews", "approvals required: 0"),
    "no rule": ("forgejo", put("/branch_protections", []), "protected", "main has no rule"),
    "a rule of others": ("forgejo", branch(rule_name="release/*", branch_name=""), "protected", "main has no rule"),
    "pushes": ("forgejo", branch(enable_push=True), "pushes", "not so"),
    "forced on Forgejo": ("forgejo", branch(enable_force_push=True), "force pushes", "not so"),
    "no statuses": ("forgejo", branch(enable_status_check=False), "modelreg/gate", "not so"),
    "another status": ("forgejo", branch(status_check_contexts=["modelreg/gate"]), "modelreg/validate", "not so"),
    "objections": ("forgejo", branch(block_on_rejected_reviews=False), "objections", "not so"),
    "outdated": ("forgejo", branch(block_on_outdated_branch=False), "up to date", "not so"),
    "stale": ("forgejo", branch(dismiss_stale_approvals=False), "stale reviews", "not so"),
    "few approvals": ("forgejo", branch(required_approvals=0), "reviews", "approvals required: 0"),
    "open pipelines": ("forgejo", branch(protected_file_patterns="docs/**"), "pipelines", "protected files: docs/**"),
    "administrators on Forgejo": ("forgejo", branch(apply_to_admins=False), "passing by", "not so"),
    "administrators on Gitea": ("forgejo", branch(apply_to_admins=None, block_admin_merge_override=False), "passing by", "not so"),
}  # fmt: skip


@pytest.mark.parametrize("name", WEAKER)
def test_a_weaker_rule_is_found(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    kind, change, check, told = WEAKER[name]
    forge = Forge(kind)
    change(forge)
    with looking(run, tmp_path, forge, monkeypatch) as look:
        got = look("--json")
    assert got.code == 1
    assert told in by_outcome(got, "weak").get(check, "nothing"), by_outcome(got, "weak")
    (found,) = [one for one in json.loads(got.out)["checks"] if one["name"] == check and one["outcome"] == "weak"]
    assert found["fix"].startswith("Settings") and found["why"]


HIDDEN: dict[str, tuple[str, str, set[str]]] = {
    "ruleset": ("github", "/rulesets/7", {"passing by"}),
    "rights of workflows": ("github", "/actions/permissions/workflow", {"tokens"}),
    "protected branches": ("gitlab", "/protected_branches", {"protected"}),
    "approvals": ("gitlab", "/approvals", {"stale reviews", "authors"}),
    "approval rules": ("gitlab", "/approval_rules", {"reviews"}),
    "rules": ("forgejo", "/branch_protections", {"protected"}),
}


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("name", HIDDEN)
def test_what_a_token_may_not_see_is_unknown(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, status: int) -> None:
    kind, path, names = HIDDEN[name]
    forge = Forge(kind)
    forge.answers[path] = (status, {"message": "Not Found"})
    with looking(run, tmp_path, forge, monkeypatch) as look:
        got = look("--json")
    assert (got.code, set(by_outcome(got, "unknown")), by_outcome(got, "weak")) == (0, names, {})
    assert all(one["fix"] for one in json.loads(got.out)["checks"] if one["outcome"] == "unknown"), "the right that it takes"


def test_hidden_protection_makes_what_rulesets_lack_unknown(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = Forge("github")
    forge.answers |= {"/branches/main/protection": (404, {"message": "Not Found"}), "/rules/branches/main": []}
    with looking(run, tmp_path, forge, monkeypatch) as look:
        got = look("--json")
    assert by_outcome(got, "weak") == {}
    assert {"protected", "modelreg/gate", "passing by", "source of status"} <= set(by_outcome(got, "unknown"))
    assert "Administration: read" in got.out


def test_without_the_list_of_those_who_pass_by_it_is_unknown(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = Forge("github")
    del forge.answers["/rulesets/7"]["bypass_actors"]
    with looking(run, tmp_path, forge, monkeypatch) as look:
        assert set(by_outcome(look("--json"), "unknown")) == {"passing by"}


@pytest.mark.parametrize("kind", FINE)
def test_accounts_are_whose_the_policy_says(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    forge = Forge(kind)
    forge.accounts["bob-m"] = 9000001
    del forge.accounts["eve-m"]
    with looking(run, tmp_path, forge, monkeypatch) as look:
        told = by_outcome(look("--json"), "weak")["accounts"]
    assert "bob: bob-m is the account 9000001, and the policy says 5000102" in told
    assert "eve: nobody" in told


@pytest.mark.parametrize("answer", [(500, {}), (200, []), (200, {"default_branch": 7})])
def test_a_forge_that_does_not_answer(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, Any]) -> None:
    forge = Forge("github")
    forge.answers[""] = answer
    with looking(run, tmp_path, forge, monkeypatch) as look:
        got = look("--json")
    assert got.code == 3
    assert set(by_outcome(got, "unknown")) == {"rules"}
    assert "present" in by_outcome(got, "ok"), "the files were looked at"


def test_a_forge_that_is_not_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGEJO_TOKEN", "s3cret")
    top = guarded(tmp_path, forge="forgejo").top
    remote = f"http://127.0.0.1:{free_port()}/team/registry"
    got = run("doctor", "--root", str(top), "--forge", "forgejo", "--remote", remote, "--deadline", "1")
    assert got.code == 3
    assert "s3cret" not in got.out + got.err


def test_a_token_that_is_wrong(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with looking(run, tmp_path, Forge("github"), monkeypatch) as look:
        monkeypatch.setenv("GITHUB_TOKEN", "other")
        got = look()
    assert got.code == 3 and "a token is missing or wrong" in got.out


def test_without_a_token_files_are_looked_at(run: Run, tmp_path: Path) -> None:
    top = guarded(tmp_path).top
    got = run("doctor", "--root", str(top), "--forge", "github", "--remote", "https://github.com/team/registry.git")
    assert got.code == 0
    assert "there is no token" in got.out and "GITHUB_TOKEN or GH_TOKEN" in got.out
    assert "CODEOWNERS         ok" in got.out


def test_the_forge_is_told_by_address_remote_and_files(run: Run, tmp_path: Path) -> None:
    repo = guarded(tmp_path, forge="gitlab")
    assert json.loads(run("doctor", "--root", str(repo.top), "--json").out)["forge"] == "gitlab", "its pipeline is there"
    repo.git("remote", "add", "origin", "git@codeberg.org:team/registry.git")
    assert json.loads(run("doctor", "--root", str(repo.top), "--json").out)["forge"] == "forgejo"
    wrong = run("doctor", "--root", str(repo.top), "--forge", "gitea")
    assert wrong.code == 2 and "no forge is called 'gitea'" in wrong.err


def test_another_branch_and_plain_data_that_nobody_approves(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = Forge("forgejo")
    forge.answers["/branch_protections"] = [forge.answers["/branch_protections"][0] | {"rule_name": "release/*", "required_approvals": 0}]
    with looking(run, tmp_path, forge, monkeypatch) as look:
        repo = tmp_path / "repo/ci/policy.yaml"
        repo.write_text(policy("forgejo").replace("data: {approvals: {required: 1, from: curators}}", "data: {approvals: none}"), "utf-8")
        (tmp_path / "repo/CODEOWNERS").unlink()
        got = look("--json", "--branch", "release/2", "--fix")
    assert by_outcome(got, "weak") == {}
    assert "forgejo, branch release/2" in got.out
