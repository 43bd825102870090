"""Protected tags: an edit may give one, and the gate will ask for the approvals."""

from pathlib import Path
from typing import Any

from modelreg_cli.catalog import document
from modelreg_cli.catalog.protected import POLICY
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.editing.files import Written


def protected_notes(root: Path, changes: list[Written]) -> list[str]:
    """What the gate will say of tags that a change gives, or of what it does to versions that wear one."""
    policy = _policy(root)
    notes = []
    for one in changes:
        if one.place.kind != "version":
            continue
        was, now = (set((value or {}).get("tags") or ()) & policy.keys() for value in (one.before, one.after))
        for tag in sorted(was | now):
            happens = "is touched" if tag in was & now else "is given" if tag in now else "is taken off"
            asks = f"{policy[tag]} approvals" if policy[tag] else "its approvals"
            notes.append(f"{one.place.id}: the protected tag {tag} {happens}; the gate asks for {asks} before that is merged")
    return notes


def _policy(root: Path) -> dict[str, int | None]:
    """Protected tags and how many approvals they ask for, by ci/policy.yaml."""
    raw = Folder(root).beside(POLICY)
    try:
        policy: Any = document.load(raw) if raw else {}
    except Unreadable:
        return {}  # checking the catalog has told that already
    tags = policy.get("protected_tags") if isinstance(policy, dict) else None
    return {tag: _required(rules) for tag, rules in tags.items()} if isinstance(tags, dict) else {}


def _required(rules: Any) -> int | None:
    approvals = rules.get("approvals") if isinstance(rules, dict) else None
    required = approvals.get("required") if isinstance(approvals, dict) else None
    return required if isinstance(required, int) else None
