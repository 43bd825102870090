"""Documents of older schema versions in today's words, so that a change of the format is no event."""

from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
#: (kind, document of one schema version) -> the same facts as the next version writes them.
Migration = Callable[[str, Document], Document]

#: By the schema version that a migration leads from. The format has had one version so far.
all_migrations: Mapping[int, Migration] = {}


def migrated(kind: str, document: Document, version: int, migrations: Mapping[int, Migration] = all_migrations) -> Document:
    """A document of a catalog of that schema version, as the newest version would write it."""
    steps = sorted(step for step in migrations if step >= version)
    for step in steps:
        document = migrations[step](kind, document)
    return {**document, "schema_version": steps[-1] + 1} if steps and kind == "catalog" else document
