"""What identifies the bytes of an artifact."""

import hashlib
import json
from typing import Any


def artifact_digest(files: list[dict[str, Any]] | None) -> str | None:
    """sha256 of the canonical JSON of the sorted [path, bytes, sha256] of its files; None where none are told."""
    if not files:
        return None
    listed = sorted([file["path"], file["bytes"], file["sha256"]] for file in files)
    return hashlib.sha256(json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
