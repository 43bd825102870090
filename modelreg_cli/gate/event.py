"""The event that woke a pipeline -> what is to be judged. An event says where to look, and nothing that it says is believed.

GitHub's: https://docs.github.com/en/webhooks/webhook-events-and-payloads; Forgejo's and Gitea's have the same shape.
"""

import json
import re
from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError

#: Bytes; GitHub sends no more than 25 MB.
LARGEST = 32 * 1024 * 1024
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_BRANCH = re.compile(r"refs/heads/(?!.*(?:\.\.|@\{|//|\.lock(?:/|\Z)))[^\x00-\x20\x7f~^:?*\[\\]{1,240}(?<![/.])\Z")
_HINT = "give the event as the forge sent it; on GitHub $GITHUB_EVENT_PATH names the file"
#: What events carry that are about nothing to judge, by the key that they have.
_OTHER = {"comment": "a comment", "issue": "an issue", "commits": "a push", "check_run": "a check", "check_suite": "checks"}


class Group(NamedTuple):
    """Pull requests of a merge queue, merged one after the other on a branch of its own."""

    head: str
    ref: str
    base_ref: str


class Wanted(NamedTuple):
    """What to judge: pull requests by number, those whose head is a commit, a group of a merge queue, or every open one.

    `repository` is owner/name, as the event has it.
    """

    pulls: tuple[int, ...] = ()
    head: str = ""
    group: Group | None = None
    every: bool = False
    repository: str = ""


def wanted(raw: bytes) -> Wanted:
    """What an event asks for.

    Raises:
        ModelregError: it is no event, or one after which nothing is judged.
    """
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelregError(f"the event is no JSON: {str(error)[:100]}", _HINT) from None
    if not isinstance(event, dict):
        raise ModelregError("the event is no JSON object", _HINT)
    repository = _at(event, "repository", "full_name")
    return _asked(event)._replace(repository=repository if isinstance(repository, str) else "")


def _asked(event: dict[str, Any]) -> Wanted:
    if "merge_group" in event:
        return Wanted(group=_group(event["merge_group"]))
    if "workflow_run" in event:
        return _run(event)
    if "pull_request" in event:
        return Wanted((_number(_at(event, "pull_request", "number"), "pull_request.number"),))
    other = next((words for key, words in _OTHER.items() if key in event), None)
    if other:
        raise ModelregError(f"the event is about {other}: there is nothing to judge", "wake the gate by pull requests and reviews")
    if "inputs" in event or "schedule" in event:
        inputs = event.get("inputs")
        asked = inputs.get("pr") if isinstance(inputs, dict) else None
        return Wanted((_number(asked, "inputs.pr"),)) if asked not in (None, "") else Wanted(every=True)
    raise ModelregError("the event is none that the gate knows", _HINT)


def _run(event: dict[str, Any]) -> Wanted:
    """A pipeline that ended: its pull requests into this repository; of a fork's none is told, and the head says which."""
    here, told = _at(event, "repository", "id"), _at(event, "workflow_run", "pull_requests")
    ours = [one for one in told if _at(one, "base", "repo", "id") == here] if isinstance(told, list) else []
    if ours:
        return Wanted(tuple(dict.fromkeys(_number(_at(one, "number"), "workflow_run.pull_requests") for one in ours)))
    return Wanted(head=_matching(_COMMIT, _at(event, "workflow_run", "head_sha"), "workflow_run.head_sha"))


def _group(told: Any) -> Group:
    return Group(
        _matching(_COMMIT, _at(told, "head_sha"), "merge_group.head_sha"),
        _matching(_BRANCH, _at(told, "head_ref"), "merge_group.head_ref"),
        _matching(_BRANCH, _at(told, "base_ref"), "merge_group.base_ref"),
    )


def _at(told: Any, *steps: str) -> Any:
    for step in steps:
        told = told.get(step) if isinstance(told, dict) else None
    return told


def _number(told: Any, what: str) -> int:
    """A number, which inputs of a form tell as text."""
    if isinstance(told, str) and re.fullmatch(r"[0-9]{1,9}", told):
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int) or not 0 < told < 10**9:
        raise ModelregError(f"the event's {what} is no number of a pull request", _HINT)
    return told


def _matching(pattern: re.Pattern[str], told: Any, what: str) -> str:
    if not isinstance(told, str) or not pattern.match(told):
        raise ModelregError(f"the event's {what} is not understood", _HINT)
    return told
