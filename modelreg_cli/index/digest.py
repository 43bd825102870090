"""The logical digest of an index: the same on every SQLite, and whether it was built at once or bit by bit."""

import hashlib
import json
import sqlite3

from modelreg_cli.index.tables import DERIVED, Table, all_tables

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, default=repr).encode


def logical_digest(connection: sqlite3.Connection) -> str:
    """sha256 over every row of every table in order, as JSON; a `version.number` counts as the ref that it stands for.

    `meta` is left out, and so are the tables that are made from others.
    """
    digest = hashlib.sha256()
    for table in all_tables:
        if table.name == "meta" or table.name in DERIVED:
            continue
        digest.update(f"# {table.name}\n".encode())
        cursor = connection.execute(_query(table))
        while rows := cursor.fetchmany(1000):
            digest.update(_encode(rows).encode("utf-8", "surrogatepass"))
            digest.update(b"\n")
    return digest.hexdigest()


def columns_of(table: Table, schema: str = "main") -> list[tuple[str, str]]:
    """Names of the columns that say something, and SQL for each in a table called `t`: a `version.number` is told as its ref."""
    return [
        (
            column.name,
            f"(SELECT v.ref FROM {schema}.version v WHERE v.number = t.{column.name})" if column.type == "NUMBER" else f"t.{column.name}",
        )
        for column in table.columns
        if (table.name, column.name) != ("version", "number")
    ]


def keys_of(table: Table) -> list[str]:
    """Names of the columns that tell one row from another."""
    return ["ref"] if table.name == "version" else [column.name for column in table.columns if column.key]


def _query(table: Table) -> str:
    columns = dict(columns_of(table))
    keys = [columns[name] for name in keys_of(table)]
    return f"SELECT {', '.join(columns.values())} FROM {table.name} t ORDER BY {', '.join(keys)}"
