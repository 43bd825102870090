"""Sources: names that exist, pointers that point at something."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.catalog.text import escape
from modelreg_cli.entities.base import Sourced
from modelreg_cli.errors import did_you_mean
from modelreg_cli.finding import Code, Finding, warning
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule
from modelreg_cli.rules.walk import texts

UNKNOWN_SOURCE = Code("unknown-source", "the name of a source that `sources` does not have")
SOURCED_NOTHING = warning("sourced-nothing", "a source for a value that is not there")


def names(facts: Facts) -> Iterator[Finding]:
    """`sourced`, and the `source` of a price, a score, a latency or a memory profile."""
    for loaded in facts.catalog.all():
        entity = loaded.entity
        if not isinstance(entity, Sourced):
            continue
        known = entity.sources or {}
        used = [(f"/sourced/{escape(pointer)}", name) for pointer, name in (entity.sourced or {}).items()]
        own = {key: value for key, value in loaded.data.items() if key not in ("sources", "sourced", "extra", "extra_config")}
        used += [(pointer, text) for pointer, name, text in texts(own) if name == "source"]
        for pointer, source in used:
            if source not in known:
                hint = did_you_mean(source, known) or f"add `sources: {{{source}: {{url: ..., retrieved: ...}}}}`"
                yield UNKNOWN_SOURCE.about(loaded.location.path, f"there is no source {source}", pointer, hint)


def pointers(facts: Facts) -> Iterator[Finding]:
    """A pointer to a value that has gone says nothing any more."""
    for loaded in facts.catalog.all():
        entity = loaded.entity
        if isinstance(entity, Sourced):
            for pointer in entity.sourced or ():
                if not leads(loaded.data, pointer):
                    yield SOURCED_NOTHING.about(
                        loaded.location.path,
                        f"there is nothing at {pointer}",
                        f"/sourced/{escape(pointer)}",
                        "remove the line, or correct the pointer",
                        on_key=True,
                    )


def leads(value: Any, pointer: str) -> bool:
    """Whether a JSON pointer (RFC 6901) points at something."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isascii() and name.isdigit() and int(name[:9]) < len(value):
            value = value[int(name)]
        else:
            return False
    return True


rules = (Rule((UNKNOWN_SOURCE,), names), Rule((SOURCED_NOTHING,), pointers))
