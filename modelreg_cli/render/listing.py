"""What a server lists, as text: every model that is new, changed or gone, and how many are known."""

from collections import Counter
from collections.abc import Sequence

from modelreg_cli.importers.draft import Listed
from modelreg_cli.render.findings import shown

_ORDER = ("new", "changed", "vanished", "known")
_WIDEST = 60


def text(listing: Sequence[Listed], most: int) -> str:
    """Lines of what is not merely known, `most` at most, and the counts."""
    told = sorted((one for one in listing if one.state != "known"), key=lambda one: (_ORDER.index(one.state), one.name))
    width = min(max((len(one.name) for one in told), default=0), _WIDEST)
    lines = [shown(f"{one.state:<9} {one.name:<{width}}  {_meaning(one)}".rstrip()) for one in told[:most]]
    if len(told) > most:
        lines.append(f"... and {len(told) - most:,} more (--json has all)")
    counts = Counter[str](one.state for one in listing)
    words = ", ".join(f"{state} {counts[state]:,}" for state in _ORDER)
    return "".join(f"{line}\n" for line in [*lines, f"listed: {len(listing) - counts['vanished']:,} ({words})"])


def _meaning(one: Listed) -> str:
    ref = f"is {one.ref}" if one.ref else ""
    return f"{ref}, {one.words}" if ref and one.words else ref or one.words
