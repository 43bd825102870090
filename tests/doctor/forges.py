"""Forges that tell their rules for a branch, in the shapes that their documentation gives; each answer can be changed.

GitHub: https://docs.github.com/en/rest/branches/branch-protection, .../repos/rules, .../actions/permissions
GitLab: https://docs.gitlab.com/api/protected_branches/, .../api/merge_request_approvals/, .../api/projects/
Forgejo, Gitea: BranchProtection of https://codeberg.org/api/swagger
"""

import json
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doctor.world import NAMES
from tests.servers import Exchange

Answers = dict[str, Any]
TOKEN = {"github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "forgejo": "FORGEJO_TOKEN"}
_REPOSITORY = "/api/v3/repos/team/registry"
_PROJECT = "/api/v4/projects/team%2Fregistry"
_FORGEJO = "/api/v1/repos/team/registry"
OURS = 4242


def _rule(kind: str, number: int = 7, **parameters: Any) -> dict[str, Any]:
    return {"type": kind, "ruleset_source_type": "Repository", "ruleset_source": "team/registry", "ruleset_id": number} | (
        {"parameters": parameters} if parameters else {}
    )


def github() -> Answers:
    """A ruleset that is as it should be, and no branch protection beside it."""
    return {
        "": {"full_name": "team/registry", "default_branch": "main"},
        "/branches/main/protection": (404, {"message": "Branch not protected"}),
        "/rules/branches/main": [
            _rule("deletion"),
            _rule("non_fast_forward"),
            _rule(
                "pull_request", required_approving_review_count=1, dismiss_stale_reviews_on_push=True, require_code_owner_review=True,
                require_last_push_approval=False, required_review_thread_resolution=False,
            ),
            _rule(
                "required_status_checks", strict_required_status_checks_policy=True,
                required_status_checks=[{"context": "modelreg/gate", "integration_id": OURS}, {"context": "modelreg/validate"}],
            ),
        ],
        "/rulesets/7": {"id": 7, "name": "main", "enforcement": "active", "bypass_actors": []},
        "/actions/permissions/workflow": {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False},
    }  # fmt: skip


def protection(**other: Any) -> dict[str, Any]:
    """Classic branch protection that is as it should be."""
    return {
        "url": "https://api.github.com/repos/team/registry/branches/main/protection",
        "required_status_checks": {
            "strict": True,
            "contexts": ["modelreg/gate", "modelreg/validate"],
            "checks": [{"context": "modelreg/gate", "app_id": OURS}, {"context": "modelreg/validate", "app_id": 15368}],
        },
        "enforce_admins": {"url": "https://api.github.com/", "enabled": True},
        "required_pull_request_reviews": {
            "dismiss_stale_reviews": True,
            "require_code_owner_reviews": True,
            "required_approving_review_count": 1,
        },
        "allow_force_pushes": {"enabled": False},
        "allow_deletions": {"enabled": False},
        **other,
    }


def gitlab() -> Answers:
    """A project that is as it should be, with what GitLab Premium has."""
    return {
        "": {
            "default_branch": "main", "merge_method": "ff", "only_allow_merge_if_pipeline_succeeds": True,
            "allow_merge_on_skipped_pipeline": False, "ci_config_path": "",
        },
        "/protected_branches": [
            {
                "name": "main", "allow_force_push": False, "code_owner_approval_required": True,
                "push_access_levels": [{"access_level": 0, "access_level_description": "No one", "user_id": None, "group_id": None}],
                "merge_access_levels": [{"access_level": 40, "access_level_description": "The bot", "user_id": 77, "group_id": None}],
            }
        ],
        "/approvals": {
            "reset_approvals_on_push": True, "merge_requests_author_approval": False, "merge_requests_disable_committers_approval": True,
        },
        "/approval_rules": [{"id": 1, "name": "Curators", "rule_type": "regular", "approvals_required": 1}],
    }  # fmt: skip


def forgejo() -> Answers:
    """A rule that is as it should be."""
    return {
        "": {"full_name": "team/registry", "default_branch": "main"},
        "/branch_protections": [
            {
                "rule_name": "main", "branch_name": "main", "enable_push": False, "enable_force_push": False, "enable_status_check": True,
                "status_check_contexts": ["modelreg/gate", "modelreg-check / modelreg/validate (pull_request)"], "required_approvals": 1,
                "block_on_rejected_reviews": True, "block_on_outdated_branch": True, "dismiss_stale_approvals": True,
                "protected_file_patterns": ".forgejo/workflows/**;ci/**", "apply_to_admins": True,
            }
        ],
    }  # fmt: skip


FINE = {"github": github, "gitlab": gitlab, "forgejo": forgejo}
_BELOW = {"github": _REPOSITORY, "gitlab": _PROJECT, "forgejo": _FORGEJO}


class Forge:
    """A forge of a kind: `answers` by path below the repository, (status, body) where it is no success; `accounts` by login."""

    def __init__(self, kind: str) -> None:
        self.kind, self.answers = kind, deepcopy(FINE[kind]())
        self.accounts = {f"{name}-m": number for name, number in NAMES.items()}

    def answer(self, asked: Exchange) -> None:
        """As that kind answers."""
        secret = asked.headers.get("private-token" if self.kind == "gitlab" else "authorization", "")
        parts = urlsplit(asked.path)
        assert asked.method == "GET", "the doctor changes nothing"
        if not secret.endswith("s3cret"):
            self._say(asked, (401, {"message": "Bad credentials"}))
        elif "/users" in parts.path:
            self._say(asked, self._account(parts.path, parse_qs(parts.query)))
        else:
            below = parts.path.removeprefix(_BELOW[self.kind])
            self._say(asked, self.answers.get(below, (404, {"message": "Not Found"})))

    def _account(self, path: str, query: dict[str, list[str]]) -> Any:
        if self.kind == "gitlab":
            login = query["username"][0]
            return [{"id": self.accounts[login], "username": login}] if login in self.accounts else []
        login = path.rpartition("/")[2]
        return {"id": self.accounts[login], "login": login} if login in self.accounts else (404, {"message": "Not Found"})

    def _say(self, asked: Exchange, told: Any) -> None:
        status, body = told if isinstance(told, tuple) else (200, told)
        asked.answer(status, json.dumps(body).encode())
