"""Parquet tables: the values of SQLite, and several catalogs in one question."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.catalog.tree import Folder
from modelreg_cli.forms.all_forms import make
from modelreg_cli.forms.columns import DAYS, FACTS
from modelreg_cli.forms.made import Made
from modelreg_cli.index.build import build
from tests.conftest import CATALOGS, Run
from tests.forms.conftest import Sources
from tests.repositories import Repo

duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
arrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


@pytest.mark.parametrize("which", ["questions", "reference"])
def test_every_value_is_that_of_sqlite(source_of: Sources, tmp_path: Path, which: str, request: pytest.FixtureRequest) -> None:
    """Read by DuckDB, which is another program than the one that wrote them."""
    source = source_of(request.getfixturevalue(which), which)
    make(("parquet",), source, {}, tmp_path)
    assert {path.stem for path in (tmp_path / "parquet").iterdir()} == {table.name for table in FACTS}
    filled = 0
    for table in FACTS:
        keys = ", ".join(table.keys)
        wanted = [
            tuple(
                date.fromisoformat(value) if value and (table.name, column.name) in DAYS else value
                for column, value in zip(table.columns, row, strict=True)
            )
            for row in source.index.rows(f"SELECT * FROM {table.name} ORDER BY {keys}")
        ]
        found = duckdb.sql(f"SELECT * EXCLUDE catalog FROM '{tmp_path}/parquet/{table.name}.parquet'")
        assert found.fetchall() == wanted, table.name
        assert found.columns == [column.name for column in table.columns]
        catalogs = duckdb.sql(f"SELECT DISTINCT catalog FROM '{tmp_path}/parquet/{table.name}.parquet'").fetchall()
        assert catalogs == ([(which,)] if wanted else [])
        filled += bool(wanted)
    assert filled > 15


def test_columns_have_types(questions: Path, source_of: Sources, tmp_path: Path) -> None:
    make(("parquet",), source_of(questions), {}, tmp_path)
    told = dict(duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{tmp_path}/parquet/offering.parquet')").fetchall())
    assert told["observed"] == "DATE" and told["price_in"] == "DOUBLE" and told["context"] == "BIGINT" and told["catalog"] == "VARCHAR"
    file = arrow.ParquetFile(tmp_path / "parquet/offering.parquet")
    assert file.metadata.row_group(0).column(1).compression == "ZSTD"
    assert b"exact string its API wants" in file.schema_arrow.field("wire_id").metadata[b"description"]


def test_several_catalogs_in_one_question(questions: Path, reference: Path, source_of: Sources, tmp_path: Path) -> None:
    """The cheapest offering of input over all catalogs, joined with its provider in the same one."""
    for name, index in (("ours", questions), ("theirs", reference)):
        make(("parquet",), source_of(index, name), {}, tmp_path / name)
    found = duckdb.sql(
        f"SELECT o.catalog, count(*), count(DISTINCT p.name) FROM '{tmp_path}/*/parquet/offering.parquet' o "
        f"JOIN '{tmp_path}/*/parquet/provider.parquet' p ON (p.catalog, p.id) = (o.catalog, o.provider) "
        f"JOIN '{tmp_path}/*/parquet/version.parquet' v ON (v.catalog, v.number) = (o.catalog, o.number) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    wanted: list[Any] = []
    for name, index in (("ours", questions), ("theirs", reference)):
        sql = (
            "SELECT count(*), count(DISTINCT p.name) FROM offering o JOIN provider p ON p.id = o.provider "
            "JOIN version v ON v.number = o.number"
        )
        wanted.append((name, *source_of(index).index.must(sql)))
    assert found == wanted and all(row[1] > 5 for row in wanted)


def test_the_same_catalog_gives_the_same_bytes(source_of: Sources, tmp_path: Path) -> None:
    found: list[list[Made]] = []
    for number in range(2):
        build(Folder(CATALOGS / "questions"), tmp_path / f"{number}.db")
        found.append(make(("parquet",), source_of(tmp_path / f"{number}.db"), {}, tmp_path / f"{number}"))
    assert [one.sha256 for one in found[0]] == [one.sha256 for one in found[1]]


def test_published(run: Run, repo: Repo, key: Path, tmp_path: Path) -> None:
    ran = run("publish", str(tmp_path / "site"), "--key", str(key), "--root", str(repo.top), "--forms", "documents,parquet")
    assert ran.code == 0, ran.err
    assert duckdb.sql(f"SELECT catalog, id FROM '{tmp_path}/site/parquet/model.parquet'").fetchall() == [("small", "acme/tiny")]
    assert len(list((tmp_path / "site/files").glob("model-*.parquet"))) == 1


def test_a_day_that_the_calendar_does_not_have(run: Run, repo: Repo, key: Path, tmp_path: Path) -> None:
    repo.commit({"catalog/models/acme/tiny/1.0.0.yaml": "released: 2026-02-31\nstatus: active\n"})
    ran = run("publish", str(tmp_path / "site"), "--key", str(key), "--root", str(repo.top), "--forms", "parquet")
    assert ran.code == 2 and "version.released_first is 2026-02-31" in ran.err and not (tmp_path / "site").exists()


def test_without_what_writes_it(run: Run, repo: Repo, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = run("publish", str(tmp_path / "site"), "--key", str(key), "--root", str(repo.top), "--forms", "parquet")
    assert ran.code == 2 and "modelreg[parquet]" in ran.err
