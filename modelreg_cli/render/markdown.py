"""Markdown for forges, in which nothing that others wrote is obeyed: no mention, no link, no HTML."""

import re

from modelreg_cli.render.findings import shown

#: Forges take 65,536 characters; what the forge adds needs some of them.
LONGEST = 60_000


def code(text: str) -> str:
    """A text as a span of code, which is the one place where a forge reads nothing into it."""
    told = shown(text) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", told)), default=0) + 1)
    edge = " " if told[0] == "`" or told[-1] == "`" else ""
    return f"{fence}{edge}{told}{edge}{fence}"


def cell(text: str) -> str:
    """A span of code inside a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|")


def fitted(lines: list[str], most: int = LONGEST) -> str:
    """The lines, or as many as a forge takes, with the number of those that are missing."""
    kept, size = 0, 0
    for line in lines:
        size += len(line) + 1
        if size > most:
            break
        kept += 1
    left = len(lines) - kept
    return "\n".join([*lines[:kept], *([f"\n... and {left:,} more lines"] if left else [])]) + "\n"
