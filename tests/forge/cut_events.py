"""Cuts examples of GitHub's events to what is not an address or a person's page: tests/forge/github_events.json.

npm pack @octokit/webhooks-examples && tar xzf octokit-webhooks-examples-*.tgz
python -m tests.forge.cut_events package/api.github.com/index.json
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "github_events.json"
#: The place of the example to take; of pipelines the one that tells a pull request.
_TAKEN = {
    "pull_request": 0,
    "pull_request_review": 0,
    "pull_request_review_comment": 0,
    "workflow_run": 2,
    "merge_group": 0,
    "workflow_dispatch": 0,
    "issue_comment": 0,
    "push": 0,
}
_LEFT_OUT = ("organization", "installation", "owner", "_links", "permissions", "node_id", "gravatar_id", "license")


def _cut(told: Any) -> Any:
    if isinstance(told, list):
        return [_cut(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {
        name: _cut(one) for name, one in told.items() if not name.endswith("url") and not name.startswith("has_") and name not in _LEFT_OUT
    }


def main() -> None:
    """Writes the cut."""
    known = {one["name"]: one["examples"] for one in json.loads(Path(sys.argv[1]).read_text("utf-8"))}
    lines = (f"{json.dumps(name)}: {json.dumps(_cut(known[name][place]), separators=(',', ':'))}" for name, place in _TAKEN.items())
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
