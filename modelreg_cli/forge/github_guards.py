"""Branch rules of GitHub: protection and rulesets, which hold side by side.

https://docs.github.com/en/rest/branches/branch-protection, https://docs.github.com/en/rest/repos/rules,
https://docs.github.com/en/rest/actions/permissions
"""

from typing import Any, NamedTuple
from urllib.parse import quote

from modelreg_cli.forge.guards import GATE, VALIDATE, Answer, OfRepository, Question, Wanted, hidden
from modelreg_cli.forge.told import Told
from modelreg_cli.http import HttpError

_SETTINGS = "Settings > Rules > Rulesets"
_STATUSES = f"{_SETTINGS}: require status checks to pass"
_PULLS = f"{_SETTINGS}: require a pull request before merging"
_ADMIN = "the token's right `Administration: read`"
_RULESET = "a token of somebody who may edit the ruleset"
#: The App that workflows publish as: https://docs.github.com/en/rest/checks
_ACTIONS = 15368


class _Rules(NamedTuple):
    """One source of rules: required statuses with the App that must publish them, and who may pass by (None: not told)."""

    name: str
    bypass: tuple[str, ...] | None
    contexts: tuple[tuple[str, int | None], ...] = ()
    strict: bool = False
    pull: bool = False
    reviews: int = 0
    stale: bool = False
    owners: bool = False
    force: bool = False
    deletion: bool = False


class GitHubGuards(OfRepository):
    """The rules of one repository's branches."""

    def answers(self, wanted: Wanted) -> list[Answer]:
        """What protection and rulesets say together; what neither of those seen has may be in one that is not seen."""
        classic, seen = self._protection(wanted.branch)
        rules = [*classic, *self._rulesets(wanted.branch)]
        found = _branch(rules, seen, wanted)
        return [*found, _bypass(rules, seen), self._tokens()]

    def _protection(self, branch: str) -> tuple[list[_Rules], bool]:
        """Classic protection, and whether the token may see it."""
        try:
            told = self._client.get_json(f"{self._repository}/branches/{quote(branch, safe='')}/protection")
        except HttpError as error:
            if not hidden(error):
                raise
            return [], error.status == 404 and error.said == "Branch not protected"
        return [_classic(Told(told, "the branch's protection"))], True

    def _rulesets(self, branch: str) -> list[_Rules]:
        path = f"{self._repository}/rules/branches/{quote(branch, safe='')}"
        by_set: dict[int, list[Told]] = {}
        for page in self._client.pages(path, params={"per_page": 100}):
            for rule in Told.each(page, "the branch's rules"):
                by_set.setdefault(rule.number("ruleset_id"), []).append(rule)
        return [_ruleset(f"ruleset {number}", self._bypass(number), rules) for number, rules in by_set.items()]

    def _bypass(self, number: int) -> tuple[str, ...] | None:
        try:
            told = self._client.get_json(f"{self._repository}/rulesets/{number}")
        except HttpError as error:
            if not hidden(error):
                raise
            return None
        actors = Told(told, "the ruleset").get("bypass_actors")
        return None if actors is None else tuple(f"{one.get('actor_type')} {one.get('actor_id')}" for one in Told.each(actors, "a ruleset"))

    def _tokens(self) -> Answer:
        setting = "Settings > Actions > General > Workflow permissions: read, and no approving of pull requests"
        try:
            told = Told(self._client.get_json(f"{self._repository}/actions/permissions/workflow"), "the rights of workflows")
        except HttpError as error:
            if not hidden(error):
                raise
            return Answer("tokens", None, "what rights workflows have unless they say so is not shown", _ADMIN)
        rights, approve = told.text("default_workflow_permissions"), told.get("can_approve_pull_request_reviews")
        also = ", and they may approve pull requests" if approve else ""
        return Answer("tokens", rights == "read" and not approve, f"unless they say so, workflows may {rights}{also}", setting)


def _classic(told: Told) -> _Rules:
    checks, reviews = _part(told, "required_status_checks"), _part(told, "required_pull_request_reviews")
    listed = checks.get("checks")
    contexts = (
        [(one.text("context"), one.get("app_id")) for one in Told.each(listed, "a check")]
        if listed is not None
        else [(name, None) for name in checks.get("contexts") or ()]
    )
    passing = _part(reviews, "bypass_pull_request_allowances")
    bypass = [] if _on(told, "enforce_admins") else ["administrators"]
    bypass += [str(one.get("login") or one.get("slug")) for kind in ("users", "teams", "apps") for one in _list(passing, kind)]
    return _Rules(
        "branch protection",
        tuple(bypass),
        tuple(contexts),
        checks.get("strict") is True,
        told.get("required_pull_request_reviews") is not None,
        _whole(reviews.get("required_approving_review_count")),
        reviews.get("dismiss_stale_reviews") is True,
        reviews.get("require_code_owner_reviews") is True,
        not _on(told, "allow_force_pushes"),
        not _on(told, "allow_deletions"),
    )


def _ruleset(name: str, bypass: tuple[str, ...] | None, rules: list[Told]) -> _Rules:
    found = _Rules(name, bypass)
    for rule in rules:
        parameters = _part(rule, "parameters")
        match rule.text("type"):
            case "required_status_checks":
                contexts = [(one.text("context"), one.get("integration_id")) for one in _list(parameters, "required_status_checks")]
                strict = parameters.get("strict_required_status_checks_policy") is True
                found = found._replace(contexts=(*found.contexts, *contexts), strict=found.strict or strict)
            case "merge_queue":
                found = found._replace(strict=True)
            case "pull_request":
                found = found._replace(
                    pull=True,
                    reviews=max(found.reviews, _whole(parameters.get("required_approving_review_count"))),
                    stale=found.stale or parameters.get("dismiss_stale_reviews_on_push") is True,
                    owners=found.owners or parameters.get("require_code_owner_review") is True,
                )
            case "non_fast_forward":
                found = found._replace(force=True)
            case "deletion":
                found = found._replace(deletion=True)
    return found


def _branch(rules: list[_Rules], seen: bool, wanted: Wanted) -> list[Answer]:
    """Every question about the branch: what one source of rules demands, holds."""
    contexts = [one for some in rules for one in some.contexts]
    names = {name for name, _ in contexts}
    reviews = max((one.reviews for one in rules), default=0)
    named = " and ".join(one.name for one in rules) or "no rules"
    own, source = _source({app for name, app in contexts if name == GATE and isinstance(app, int) and app > 0})
    flags: tuple[tuple[Question, bool, str, str], ...] = (
        ("pushes", any(one.pull for one in rules), "changes come by pull requests", _PULLS),
        ("force", any(one.force for one in rules), "force pushes are blocked", f"{_SETTINGS}: block force pushes"),
        ("deletion", any(one.deletion for one in rules), "deletion is blocked", f"{_SETTINGS}: restrict deletions"),
        ("gate", GATE in names, f"{GATE} is required", f"{_STATUSES}: {GATE}"),
        ("validate", VALIDATE in names, f"{VALIDATE} is required", f"{_STATUSES}: {VALIDATE}"),
        ("current", any(one.strict for one in rules), "branches are up to date, or queue", f"{_STATUSES}: up to date; or a merge queue"),
        ("stale", any(one.stale for one in rules), "a push dismisses approvals", f"{_PULLS}: dismiss stale approvals"),
        ("owners", any(one.owners for one in rules), "code owners must approve", f"{_PULLS}: require review from code owners"),
    )
    found = [
        Answer("protected", bool(rules), f"{wanted.branch} has {named}", f"{_SETTINGS}: a ruleset for {wanted.branch}"),
        *(Answer(question, holds, words if holds else f"not so: {words}", setting) for question, holds, words, setting in flags),
        Answer("source", own, f"{GATE} is taken from {source}", f"{_STATUSES}: {GATE}, with the App that publishes it as its source"),
        Answer("reviews", reviews >= wanted.reviews, wanted.counted(reviews), f"{_PULLS}: required approvals"),
    ]
    # what is missing may be in the protection that is not seen
    return [
        one if one.holds or seen else one._replace(holds=None, told=f"{one.told}; branch protection is not shown", setting=_ADMIN)
        for one in found
    ]


def _source(apps: set[int]) -> tuple[bool, str]:
    """Whether an App of its own must publish the verdict, and who may."""
    if apps - {_ACTIONS}:
        return True, "an App of its own"
    return False, "every workflow of the repository" if apps else "anybody who may write statuses"


def _bypass(rules: list[_Rules], seen: bool) -> Answer:
    """Whoever passes by must pass by every source that requires the gate."""
    setting = f"{_SETTINGS}: an empty bypass list; branch protection: do not allow bypassing"
    holding = [one for one in rules if GATE in dict(one.contexts)]
    if any(one.bypass == () for one in holding):
        return Answer("bypass", True, f"nobody may pass by {GATE}", setting)
    if not seen or any(one.bypass is None for one in holding):
        return Answer("bypass", None, "who may pass by the rules is not shown to this token", _RULESET if seen else _ADMIN)
    who = sorted({name for one in holding for name in one.bypass or ()})
    return Answer("bypass", False, f"{', '.join(who)} may pass by {GATE}" if who else f"nothing requires {GATE} of anybody", setting)


def _part(told: Told, name: str) -> Told:
    return told.of(name) if told.get(name) is not None else Told({}, name)


def _list(told: Told, name: str) -> list[Told]:
    return Told.each(told.get(name) or [], name)


def _on(told: Told, name: str) -> bool:
    return _part(told, name).get("enabled") is True


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
