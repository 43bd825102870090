"""Branch rules of Forgejo and Gitea, `branch_protections` of their interface.

https://codeberg.org/api/swagger, https://docs.gitea.com/api/
"""

from fnmatch import fnmatchcase

from modelreg_cli.forge.guards import GATE, VALIDATE, Answer, OfRepository, Question, Wanted, hidden
from modelreg_cli.forge.told import Told
from modelreg_cli.http import HttpError

_SETTINGS = "Settings > Branches"
_ADMIN = "a token of an administrator of the repository, with the scope read:repository"
#: How its Actions name the status of a job: workflow, job, event.
CHECK = f"modelreg-check / {VALIDATE} (pull_request)"
_PIPELINES = ".forgejo/workflows/modelreg-gate.yml"


class ForgejoGuards(OfRepository):
    """The rules of one repository's branches."""

    def answers(self, wanted: Wanted) -> list[Answer]:
        """What the rule of the branch says: the one of its name, else the first pattern that fits."""
        try:
            rules = Told.each(self._client.get_json(f"{self._repository}/branch_protections"), "the branch's rules")
        except HttpError as error:
            if not hidden(error):
                raise
            return [Answer("protected", None, "the rules of branches are not shown to this token", _ADMIN)]
        named = {_name(one): one for one in reversed(rules)}
        rule = named.get(wanted.branch) or next((one for one in rules if fnmatchcase(wanted.branch, _name(one))), None)
        if rule is None:
            return [Answer("protected", False, f"{wanted.branch} has no rule", f"{_SETTINGS}: add a rule for {wanted.branch}")]
        first = Answer("protected", True, f"{wanted.branch} has a rule", _SETTINGS)
        return [first, *_pushes(rule), *_statuses(rule), *_reviews(rule, wanted)]


def _name(rule: Told) -> str:
    return str(rule.get("rule_name") or rule.get("branch_name") or "")


def _yes(rule: Told, question: Question, field: str, words: str, setting: str, right: bool = True) -> Answer:
    holds = (rule.get(field) is True) is right
    return Answer(question, holds, words if holds else f"not so: {words}", f"{_SETTINGS}: {setting}")


def _pushes(rule: Told) -> list[Answer]:
    over = next((field for field in ("apply_to_admins", "block_admin_merge_override") if rule.get(field) is not None), None)
    patterns = [one.strip() for one in str(rule.get("protected_file_patterns") or "").split(";") if one.strip()]
    kept = any(fnmatchcase(_PIPELINES, one.replace("**", "*")) for one in patterns)
    return [
        _yes(rule, "pushes", "enable_push", "nobody pushes to it", "disable push", right=False),
        _yes(rule, "force", "enable_force_push", "force pushes are blocked", "disable force push", right=False),
        _yes(rule, "bypass", over, "the rule is for administrators too", "apply this rule to administrators")
        if over
        else Answer("bypass", None, "whether administrators may pass by the rule is not told", "a newer Forgejo or Gitea"),
        Answer(
            "pipelines", kept, f"protected files: {'; '.join(patterns) or 'none'}",
            f"{_SETTINGS}: protected file patterns: .forgejo/workflows/**;ci/**",
        ),
    ]  # fmt: skip


def _statuses(rule: Told) -> list[Answer]:
    told = rule.get("status_check_contexts")
    contexts = [str(one) for one in told] if rule.get("enable_status_check") is True and isinstance(told, list) else []
    found = []
    asked: tuple[tuple[Question, str], ...] = (("gate", GATE), ("validate", CHECK))
    for question, name in asked:
        holds = any(fnmatchcase(name, context) for context in contexts)
        words = f"{name} is required" if holds else f"not so: {name} is required"
        found.append(Answer(question, holds, words, f"{_SETTINGS}: enable status check: {name}"))
    return [*found, _yes(rule, "current", "block_on_outdated_branch", "branches are up to date", "block merge if pull request is outdated")]


def _reviews(rule: Told, wanted: Wanted) -> list[Answer]:
    required = rule.number("required_approvals")
    return [
        Answer("reviews", required >= wanted.reviews, wanted.counted(required), f"{_SETTINGS}: required approvals"),
        _yes(rule, "stale", "dismiss_stale_approvals", "a push dismisses approvals", "dismiss stale approvals"),
        _yes(rule, "objections", "block_on_rejected_reviews", "an objection blocks", "block merge on rejected reviews"),
    ]
