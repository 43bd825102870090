"""What people said of a merge request: GitLab tells when they approved, and not what.

An approval (`approved_by[].approved_at`, https://docs.gitlab.com/api/merge_request_approvals/) is for the head of the version
of the merge request (`head_commit_sha`, `created_at`, https://docs.gitlab.com/api/merge_requests/) that was the newest one
when it was given. Whoever pushes cannot choose these times. A version of the same second or later, or a later one that
brings the same head back, leaves open what the approver saw.

The state of a reviewer (`requested_changes`) is lost when the author takes the reviewer off, or asks for another review; so
an objection is also what GitLab's own note of it says, which nobody but GitLab writes. It ends when the same account approves.
"""

import re
from collections.abc import Callable

from modelreg_cli.forge.reviews import Account, Opinion, moment
from modelreg_cli.forge.told import Told

#: Whether a system note tells of an objection.
OBJECTED = re.compile(r"\s*requested changes\b", re.IGNORECASE).match
#: Bots of projects, groups and instances: https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects
_BOT = re.compile(r"(?:project|group)_[0-9]+_bot|service_account_|ghost\Z")
#: After every time that a forge tells.
_NOW = "9999"


def opinions_of(
    approvals: list[Told], versions: list[Told], reviewers: list[Told], notes: list[Told], is_bot: Callable[[Account], bool]
) -> list[Opinion]:
    """Opinions."""
    heads = sorted((moment(one.text("created_at")), one.number("id"), one.text("head_commit_sha")) for one in versions)
    found = []
    for one in approvals:
        account = _account(one.of("user"))
        # older servers do not tell the time, and so nothing that could be held against a version
        at = moment(one.text("approved_at")) if one.get("approved_at") else ""
        found.append(Opinion(account, "approved", approved(at, [(when, head) for when, _, head in heads]), at, _bot(account, is_bot)))
    objections = {_account(note.of("author")): moment(note.text("created_at")) for note in notes}
    for one in reviewers:
        if one.text("state") == "requested_changes":
            objections[_account(one.of("user"))] = _NOW
    return found + [Opinion(account, "changes requested", None, at, _bot(account, is_bot)) for account, at in objections.items()]


def approved(at: str, heads: list[tuple[str, str]]) -> str | None:
    """The head that was approved at a time, None where that is open; `heads` are (time, commit) of all versions, the oldest first."""
    before = [head for when, head in heads if when < at]
    after = {head for when, head in heads if when >= at}
    return before[-1] if before and before[-1] not in after else None


def _account(told: Told) -> Account:
    return Account(told.number("id"), told.text("username"))


def _bot(account: Account, is_bot: Callable[[Account], bool]) -> bool:
    return bool(_BOT.match(account.login)) or is_bot(account)
