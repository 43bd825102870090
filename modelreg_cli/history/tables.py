"""The tables of history.db: a published contract (docs/history.md is made from this file)."""

from modelreg_cli.index.tables import Column, Table


def _columns(*told: tuple[str, str, str]) -> tuple[Column, ...]:
    """Columns from (name, type, meaning); a `!` after the type marks the key."""
    return tuple(Column(name, type_.rstrip("!"), type_.endswith("!"), meaning) for name, type_, meaning in told)


all_tables: tuple[Table, ...] = (
    Table(
        "meta",
        "Facts about the file itself.",
        _columns(
            (
                "key",
                "TEXT!",
                "schema_version, program, tip (the commit that was HEAD), prefix (where the catalog lies in the repository), shallow",
            ),
            ("value", "TEXT", "the value"),
        ),
    ),
    Table(
        "revision",
        "A commit of the first-parent line that touched the catalog, the oldest first.",
        _columns(
            ("number", "INTEGER!", "its place in the line, from 1"),
            ("id", "TEXT", "commit id"),
            ("parent", "TEXT", "id of its first parent; NULL: it has none"),
            ("time", "INTEGER", "committer time, seconds since 1970 in UTC"),
            ("author", "TEXT", "author's name"),
            ("email", "TEXT", "author's address"),
            ("subject", "TEXT", "first line of its message"),
            ("tree", "TEXT", "Git id of catalog/ after it, as in the index's meta; NULL: there is none"),
            ("merge", "INTEGER", "1: it has several parents"),
        ),
    ),
    Table(
        "event",
        "One thing that became true, or ceased to.",
        _columns(
            ("revision", "INTEGER!", "number of the commit"),
            ("position", "INTEGER!", "its place in the commit, from 1"),
            ("kind", "TEXT", "what happened to the file: created, removed, renamed, changed, unreadable"),
            ("entity", "TEXT", "kind of the entity: model, version, offering, ..."),
            ("id", "TEXT", "id of the entity, as in the index's table document"),
            ("ref", "TEXT", "how people name it: publisher/model, publisher/model@version, provider:wire-id, kind:id"),
            ("pointer", "TEXT", "JSON pointer to the value; empty is the whole file"),
            ("before", "TEXT", "JSON of the value before; NULL: it was not there"),
            ("after", "TEXT", "JSON of the value after; NULL: it is not there"),
            ("class", "TEXT", "what a change means: price, correction, status, ...; NULL: the kind says it all"),
            ("unit", "TEXT", "of a rate: its currency and what it is for, such as USD/1M token"),
            ("author", "TEXT", "who wrote it; behind a merge, the author of the newest merged commit that touched the file"),
            ("email", "TEXT", "their address"),
        ),
    ),
    Table(
        "about",
        "Which refs an event concerns: the entity, its model and version, its provider, the tag or licence that it names.",
        _columns(
            ("ref", "TEXT!", "publisher/model, publisher/model@version, provider:wire-id, tag:curated, license:mit, ..."),
            ("revision", "INTEGER!", "number of the commit"),
            ("position", "INTEGER!", "place of the event in it"),
        ),
    ),
    Table(
        "audit_event",
        "What a commit did to a version and a protected tag, as `modelreg audit` found; empty until it ran.",
        _columns(
            ("commit_id", "TEXT!", "the commit"),
            ("ref", "TEXT!", "publisher/model@version"),
            ("tag", "TEXT!", "the protected tag"),
            ("basis", "TEXT!", "what was asked: statements, or the forge as well (github, gitlab, forgejo)"),
            ("time", "INTEGER", "committer time, seconds since 1970 in UTC"),
            ("action", "TEXT", "given, touched, taken off, gone, redefined"),
            ("proof", "TEXT", "proven, unproven, refuted"),
            ("approved_by", "TEXT", "JSON list of the persons who count"),
            ("governed", "TEXT", "digest of the governed values that they approved"),
            ("told", "TEXT", "JSON list of reasons why it is not proven"),
            ("pull", "INTEGER", "number of the pull request; NULL: not known"),
        ),
    ),
    Table(
        "audited",
        "Commits that were audited, so that they need not be again.",
        _columns(("commit_id", "TEXT!", "the commit"), ("basis", "TEXT!", "as in audit_event")),
    ),
)

all_indexes: tuple[str, ...] = (
    "CREATE UNIQUE INDEX revision_id ON revision (id)",
    "CREATE INDEX audit_event_ref ON audit_event (ref, time)",
    "CREATE INDEX event_ref ON event (ref, revision)",
    "CREATE INDEX event_renamed ON event (before) WHERE kind = 'renamed'",
    "CREATE INDEX event_class ON event (class, revision) WHERE class IS NOT NULL AND class <> 'other'",
)
