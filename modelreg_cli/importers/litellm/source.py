"""Reading LiteLLM's price map: one JSON object, name -> entry."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers.files import MAX_JSON

REPOSITORY = "https://github.com/BerriAI/litellm"
FILE = "model_prices_and_context_window.json"
#: The entry that documents the others.
_SAMPLE = "sample_spec"


def read(source: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Entries by name, numbers as exact decimals; and the names that stand there twice.

    Raises:
        ModelregError: it can not be read, or is another file.
    """
    if not source.is_file():
        raise ModelregError(f"there is no file {source}", f"fetch {FILE} from {REPOSITORY}")
    if source.stat().st_size > MAX_JSON:
        raise ModelregError(f"{source.name} has more than {MAX_JSON:,} bytes", "is it the right file?")
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice[:] = [*twice, *sorted({name for name in names if names.count(name) > 1})]
        return found

    try:
        content = json.loads(source.read_bytes(), parse_float=Decimal, parse_constant=str, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise ModelregError(f"{source.name} is not JSON: {error}", f"fetch {FILE} from {REPOSITORY} again") from None
    if not isinstance(content, dict) or not any(isinstance(entry, dict) and "litellm_provider" in entry for entry in content.values()):
        raise ModelregError(f"{source.name} is not LiteLLM's price map", f"it is {FILE}, which maps a name to its provider and prices")
    content.pop(_SAMPLE, None)
    return content, tuple(name for name in twice if name in content)


def url(revision: str | None) -> str:
    """The address of the file."""
    return f"{REPOSITORY}/blob/{revision}/{FILE}" if revision else REPOSITORY
