"""Numbers that mark an index file, and those that stand for words in its columns: all that readers need of the contract."""

import json

#: Raised with every change that could break a reader's query.
SCHEMA_VERSION = 3
#: "mreg", so that `file` and we can tell an index from any other SQLite file.
APPLICATION_ID = 0x6D726567
#: How `unlimited` and `none` are stored in a column of limits.
UNLIMITED = 2**63 - 1
NONE = 0


def after(prefix: str) -> str:
    """The end of the range of texts with a prefix: `BETWEEN prefix AND after(prefix)`, as its last character is followed by the next."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def comparable_key(*agreed: object) -> str:
    """What results agree on that can be compared, as text: it ends the name of their axis in the table `span`."""
    return json.dumps(agreed, separators=(",", ":"), ensure_ascii=False)


def bound(value: int | None) -> int | str | None:
    """A limit as people read it; None is unknown."""
    return "unlimited" if value == UNLIMITED else "none" if value == NONE else value
