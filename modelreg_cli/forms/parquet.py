"""The tables of the index as Parquet files, with a column that says which catalog: many catalogs are asked at once.

The same index gives the same bytes, as long as it is the same release of pyarrow.
"""

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.forms.columns import DAYS, FACTS, day_of
from modelreg_cli.forms.made import Made, Source, of_file
from modelreg_cli.index.tables import Column, Table

CATALOG = "catalog"
#: Rows of a group: what is in memory at once.
_GROUP = 50_000


def library() -> Any:
    """pyarrow.

    Raises:
        ModelregError: it is not installed.
    """
    try:
        return importlib.import_module("pyarrow")  # an extra
    except ImportError:
        raise ModelregError("what writes Parquet is not installed", "pip install 'modelreg[parquet]'") from None


def parquet(source: Source, folder: Path) -> Iterator[Made]:
    """`parquet/<table>.parquet` for each table that holds facts; rows in the order of keys.

    Raises:
        ModelregError: what should be a day is none.
    """
    arrow, writing = library(), importlib.import_module("pyarrow.parquet")
    (folder / "parquet").mkdir(parents=True, exist_ok=True)
    for table in FACTS:
        name = f"parquet/{table.name}.parquet"
        schema = _schema(arrow, table)
        rows = source.index.connection.execute(f"SELECT * FROM {table.name} ORDER BY {', '.join(table.keys)}")
        with writing.ParquetWriter(folder / name, schema, compression="zstd") as writer:
            while group := rows.fetchmany(_GROUP):
                columns = [
                    [source.catalog] * len(group),
                    *(_values(table, *pair) for pair in zip(table.columns, zip(*group, strict=True), strict=True)),
                ]
                writer.write_table(arrow.table([arrow.array(*pair) for pair in zip(columns, schema.types, strict=True)], schema=schema))
        yield of_file(folder, name, listed=True)


def _schema(arrow: Any, table: Table) -> Any:
    types = {"TEXT": arrow.string(), "INTEGER": arrow.int64(), "NUMBER": arrow.int64(), "REAL": arrow.float64()}
    fields = [arrow.field(CATALOG, arrow.string(), nullable=False, metadata={"description": "name of the catalog"})]
    for column in table.columns:
        type_ = arrow.date32() if (table.name, column.name) in DAYS else types[column.type]
        fields.append(arrow.field(column.name, type_, nullable=not column.key, metadata={"description": column.meaning}))
    return arrow.schema(fields, metadata={"description": table.meaning})


def _values(table: Table, column: Column, values: Sequence[Any]) -> Sequence[Any]:
    return [day_of(table, column, value) for value in values] if (table.name, column.name) in DAYS else values
