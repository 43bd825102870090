"""The tables of the index as PostgreSQL has them: types, keys, comments."""

import hashlib
from typing import NamedTuple

from modelreg_cli.forms.columns import DAYS, FACTS, JSON
from modelreg_cli.index.tables import Column, Table

#: What is loaded, one row: the state that all tables are of.
STATE = "publication"
_STATE_COLUMNS = {
    "catalog": ("text", "name of the catalog"),
    "commit": ("text", "commit that the tables were made from"),
    "tree": ("text", "Git id of catalog/"),
    "digest": ("text", "logical digest of all facts"),
    "program": ("text", "version of modelreg that made the index"),
    "shape": ("text", "sha256 of the definitions of the tables"),
    "loaded": ("timestamptz", "when"),
}
_TYPES = {"TEXT": "text", "INTEGER": "bigint", "NUMBER": "bigint", "REAL": "double precision"}
#: Columns that refer to a row that every index has; other refs may dangle, which `modelreg validate` tells.
_REFERENCES = {
    ("label", "version"): ("version", "number"),
    ("score", "version"): ("version", "number"),
    ("layer", "version"): ("version", "number"),
    ("artifact", "version"): ("version", "ref"),
    ("artifact_file", "artifact"): ("artifact", "ref"),
    ("offering", "number"): ("version", "number"),
    ("price", "offering"): ("offering", "id"),
    ("rate_limit", "offering"): ("offering", "id"),
    ("offering_region", "offering"): ("offering", "id"),
    ("serving", "offering"): ("offering", "id"),
    ("metric", "benchmark"): ("benchmark", "id"),
    ("tag_implies", "tag"): ("tag", "id"),
    ("hardware_name", "hardware"): ("hardware", "id"),
    ("route", "tenant"): ("tenant", "id"),
}
_UNIQUE = (("version", "ref"),)
_INDEXES = (
    *(("version", column) for column in ("model", "publisher", "family", "license", "upstream_repo")),
    *(("artifact", column) for column in ("version", "uri")),
    *(("offering", column) for column in ("number", "provider", "wire_id", "version")),
    *(("alias", column) for column in ("folded", "target")),
    ("label", "value"),
    ("lineage", "parent"),
    ("scan", "version"),
    ("binding", "model"),
)


class Definitions(NamedTuple):
    """Statements that make the tables of a schema, in order, and the sha256 that tells whether those there are the same."""

    statements: list[str]
    shape: str


def definitions(schema: str) -> Definitions:
    """All tables, below a schema that is there."""
    statements: list[str] = []
    for table in FACTS:
        statements += _table(schema, table)
    columns = ", ".join(f"{quoted(name)} {type_} NOT NULL" for name, (type_, _) in _STATE_COLUMNS.items())
    statements.append(f"CREATE TABLE {below(schema, STATE)} ({columns})")
    statements.append(_comment("TABLE", below(schema, STATE), "Which state of the catalog all tables of this schema are of."))
    statements += [_comment("COLUMN", f"{below(schema, STATE)}.{quoted(name)}", meaning) for name, (_, meaning) in _STATE_COLUMNS.items()]
    statements += [f"CREATE INDEX ON {below(schema, table)} ({quoted(column)})" for table, column in _INDEXES]
    return Definitions(statements, hashlib.sha256("\n".join(statements).encode()).hexdigest())


def _table(schema: str, table: Table) -> list[str]:
    lines = [_column(schema, table, column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.keys))})")
    lines += [f"UNIQUE ({quoted(column)})" for name, column in _UNIQUE if name == table.name]
    return [
        f"CREATE TABLE {below(schema, table.name)} ({', '.join(lines)})",
        _comment("TABLE", below(schema, table.name), table.meaning),
        *(_comment("COLUMN", f"{below(schema, table.name)}.{quoted(column.name)}", column.meaning) for column in table.columns),
    ]


def _column(schema: str, table: Table, column: Column) -> str:
    place = (table.name, column.name)
    type_ = "date" if place in DAYS else "jsonb" if place in JSON else _TYPES[column.type]
    to = _REFERENCES.get(place)
    reference = f" REFERENCES {below(schema, to[0])} ({quoted(to[1])})" if to else ""
    return f"{quoted(column.name)} {type_}{' NOT NULL' if column.key else ''}{reference}"


def _comment(kind: str, name: str, text: str) -> str:
    escaped = text.replace("'", "''")
    return f"COMMENT ON {kind} {name} IS '{escaped}'"


def below(schema: str, name: str) -> str:
    """A name of a schema, quoted."""
    return f"{quoted(schema)}.{quoted(name)}"


def quoted(name: str) -> str:
    """An identifier as PostgreSQL takes every one (manual, 4.1.1)."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
