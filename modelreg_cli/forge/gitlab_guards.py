"""Branch rules of GitLab.

https://docs.gitlab.com/api/projects/, https://docs.gitlab.com/api/protected_branches/,
https://docs.gitlab.com/api/merge_request_approvals/
"""

from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from modelreg_cli.forge.address import Address
from modelreg_cli.forge.guards import Answer, Question, Wanted, hidden
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Client, HttpError

_BRANCHES = "Settings > Repository > Protected branches"
_MERGING = "Settings > Merge requests"
_PREMIUM = "GitLab Premium and a maintainer's token; without it the gate's own count is the only one"
_NO_ONE = 0
_ROLES = {30: "developers", 40: "maintainers", 50: "owners", 60: "administrators"}

#: Question, field, its right value, what that means, its name on the page.
_APPROVALS: tuple[tuple[Question, str, bool, str, str], ...] = (
    ("stale", "reset_approvals_on_push", True, "a push removes approvals", "remove all approvals when commits are added"),
    ("authors", "merge_requests_author_approval", False, "authors do not approve", "prevent approval by author"),
    ("authors", "merge_requests_disable_committers_approval", True, "committers do not approve", "prevent approvals by committers"),
)


class GitLabGuards:
    """The rules of one project's branches."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client = client
        self._project = f"projects/{quote(address.name, safe='')}"

    def main(self) -> str:
        """The default branch."""
        return self._told().text("default_branch")

    def number(self, login: str) -> int | None:
        """The number of an account."""
        found = Told.each(self._client.get_json("users", params={"username": login}), "the account")
        return found[0].number("id") if found else None

    def answers(self, wanted: Wanted) -> list[Answer]:
        """What the project, its protected branches and its approval settings say."""
        return [*self._branch(wanted.branch), *_project(self._told()), *self._approvals(), self._reviews(wanted)]

    def _told(self) -> Told:
        return Told(self._client.get_json(self._project), "the project")

    def _branch(self, branch: str) -> list[Answer]:
        try:
            pages = list(self._client.pages(f"{self._project}/protected_branches", params={"per_page": 100}))
        except HttpError as error:
            if not hidden(error):
                raise
            right = "a maintainer's token with the scope read_api"
            return [Answer("protected", None, "protected branches are not shown to this token", right)]
        rules = [one for page in pages for one in Told.each(page, "the protected branches")]
        # where several fit, the most permissive counts
        mine = [one for one in rules if fnmatchcase(branch, one.text("name"))]
        told = f"{branch} is protected" if mine else f"{branch} is not protected"
        first = Answer("protected", bool(mine), told, f"{_BRANCHES}: {branch}")
        if not mine:
            return [first]
        pushes = sorted({who for one in mine for who in _who(one, "push_access_levels")})
        merges = sorted({who for one in mine for who in _who(one, "merge_access_levels") if not who.startswith("user ")})
        force = any(one.get("allow_force_push") is not False for one in mine)
        owners = [one.get("code_owner_approval_required") for one in mine]
        told = "GitLab tells nothing of code owners here" if None in owners else f"code owners must {'' if all(owners) else 'not '}approve"
        return [
            first,
            Answer("pushes", not pushes, f"{', '.join(pushes) or 'nobody'} may push to it", f"{_BRANCHES}: allowed to push: no one"),
            Answer(
                "merges", not merges, f"{', '.join(merges) or 'the bot alone'} may merge", f"{_BRANCHES}: allowed to merge: the bot alone"
            ),
            Answer("force", not force, f"force pushes are {'allowed' if force else 'blocked'}", f"{_BRANCHES}: allowed to force push: off"),
            Answer("owners", None, told, _PREMIUM)
            if None in owners
            else Answer("owners", all(owners), told, f"{_BRANCHES}: code owner approval"),
        ]

    def _approvals(self) -> list[Answer]:
        try:
            told = Told(self._client.get_json(f"{self._project}/approvals"), "the approval settings")
        except HttpError as error:
            if not hidden(error):
                raise
            return [Answer(question, None, f"whether {words} is not shown", _PREMIUM) for question, _, _, words, _ in _APPROVALS]
        return [
            Answer(question, told.get(field) is right, words if told.get(field) is right else f"not so: {words}", f"{_MERGING}: {setting}")
            for question, field, right, words, setting in _APPROVALS
        ]

    def _reviews(self, wanted: Wanted) -> Answer:
        try:
            rules = Told.each(self._client.get_json(f"{self._project}/approval_rules", params={"per_page": 100}), "the approval rules")
        except HttpError as error:
            if not hidden(error):
                raise
            return Answer("reviews", None, "how many approvals GitLab requires is not shown", _PREMIUM)
        most = max((one.number("approvals_required") for one in rules), default=0)
        return Answer("reviews", most >= wanted.reviews, wanted.counted(most), f"{_MERGING}: approval rules")


def _project(told: Told) -> list[Answer]:
    """What every merge request needs."""
    pipeline, skipped = told.get("only_allow_merge_if_pipeline_succeeds") is True, told.get("allow_merge_on_skipped_pipeline") is True
    method, path = told.text("merge_method"), told.get("ci_config_path") or ".gitlab-ci.yml"
    needed = "a pipeline must succeed, with modelreg/gate and modelreg-validate in it" if pipeline else "a merge request needs no pipeline"
    also = "; a skipped one will do" if skipped else ""
    methods = "merge method: fast-forward, or merge commit with semi-linear history"
    place = "Settings > CI/CD > General pipelines: CI/CD configuration file: empty"
    return [
        Answer("gate", pipeline and not skipped, needed + also, f"{_MERGING}: pipelines must succeed; skipped ones do not"),
        Answer("current", method in ("ff", "rebase_merge"), f"the merge method is {method}", f"{_MERGING}: {methods}"),
        Answer("pipelines", path == ".gitlab-ci.yml", f"pipelines are read from {path}", place),
    ]


def _who(rule: Told, field: str) -> list[str]:
    found = []
    for one in Told.each(rule.get(field) or [], field):
        name = next((f"{kind} {one.get(f'{kind}_id')}" for kind in ("user", "group", "deploy_key") if one.get(f"{kind}_id")), None)
        level: Any = one.get("access_level")
        if level != _NO_ONE:
            found.append(name or _ROLES.get(level, f"level {level}"))
    return found
