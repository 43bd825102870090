"""The contract of the index does not change unseen: tests/golden/index.sql is what tables and views are today.

A change that could break a reader's query raises SCHEMA_VERSION. `MODELREG_UPDATE=1 pytest tests/index/test_contract.py`
writes the file anew.
"""

import os
from pathlib import Path

from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.index.tables import all_tables, all_views

GOLDEN = Path(__file__).parents[1] / "golden" / "index.sql"


def test_the_contract_is_the_one_that_was_agreed() -> None:
    statements = [f"PRAGMA user_version = {SCHEMA_VERSION}", *(table.ddl.replace(", ", ",\n  ") for table in all_tables)]
    text = "".join(f"{sql};\n" for sql in [*statements, *(sql for _, sql in all_views.values())])
    if os.environ.get("MODELREG_UPDATE"):
        GOLDEN.write_text(text, "utf-8")
    assert GOLDEN.read_text("utf-8") == text
