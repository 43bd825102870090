"""config.json as a file: bounded, and a JSON object."""

import json
from typing import Any

from modelreg_cli.weights.source import Source, WrongWeights

MOST = 4 * 1024 * 1024


def loaded(source: Source) -> dict[str, Any]:
    """Its values.

    Raises:
        WrongWeights: it can not be read, is too long, or no JSON object.
        Unavailable: its server does not answer.
    """
    return parsed(source.read(0, MOST + 1), source.name)


def parsed(raw: bytes, name: str) -> dict[str, Any]:
    """The values of its text.

    Raises:
        WrongWeights: it is too long, or no JSON object.
    """
    try:
        found = json.loads(raw) if len(raw) <= MOST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WrongWeights(f"{name} is not a JSON object", "fetch it again; of a page that shows it take the address of the file itself")
    return found
