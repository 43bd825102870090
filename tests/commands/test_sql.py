"""`modelreg sql`: any question, no change."""

import time

import pytest

from tests.conftest import Run


def test_rows(ask: Run) -> None:
    assert ask("sql", "SELECT id FROM provider ORDER BY 1").lines == ["id", "acme-cloud", "mercato", "yuan-ai"]
    assert ask("sql", "SELECT id, currency FROM provider ORDER BY 1 LIMIT 1", "--json").json == [{"id": "acme-cloud", "currency": "USD"}]
    assert ask("sql", "-", stdin="SELECT 1 AS one\n").lines == ["one", "1"]
    assert ask("sql", "-q", "SELECT id FROM tag").lines == ["chat-ready", "edge", "llm"]
    assert ask("sql", "SELECT name FROM pragma_table_info('meta')").lines == ["name", "key", "value"]
    assert ask("sql", "WITH a AS (SELECT 1) SELECT * FROM a").lines == ["1", "1"]
    assert ask("sql", "SELECT id FROM model WHERE words = 'wegweiser'").lines[1:] == ["cygnus/wegweiser"]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM model",
        "INSERT INTO meta VALUES ('a', 'b')",
        "UPDATE model SET name = 'x'",
        "DROP TABLE model",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "ATTACH 'other.db' AS o",
        "DETACH main",
        "PRAGMA journal_mode = WAL",
        "PRAGMA writable_schema = 1",
        "SELECT load_extension('evil')",
        "VACUUM INTO 'copy.db'",
        "REINDEX",
        "ANALYZE",
        "BEGIN",
        "SAVEPOINT a",
        "SELECT 1; DELETE FROM model",
        "SELECT 1; SELECT 2",
        "",
        "-- nothing",
        "SELEC 1",
        "SELECT * FROM modle",
        "SELECT nam FROM model",
        "SELECT 'a",
        "SELECT 1\0",
        "EXPLAIN DELETE FROM model",
        "UPDATE sqlite_master SET sql = ''",
        "DELETE FROM sqlite_master",
    ],
)
def test_refusals(ask: Run, query: str, questions: object) -> None:
    before = questions.read_bytes()  # type: ignore[attr-defined]
    got = ask("sql", query)
    assert (got.code, got.out) == (2, ""), got
    assert got.err.startswith("error: ")
    assert "hint: " in got.err
    assert questions.read_bytes() == before  # type: ignore[attr-defined]


def test_hints(ask: Run) -> None:
    assert "did you mean model" in ask("sql", "SELECT * FROM modle").err
    assert "did you mean name" in ask("sql", "SELECT nam FROM model").err
    assert "ATTACH is not allowed here" in ask("sql", "ATTACH 'x' AS y").err
    assert "the function load_extension is not allowed here" in ask("sql", "SELECT load_extension('x')").err


def test_an_endless_query_ends(ask: Run) -> None:
    started = time.monotonic()
    got = ask("sql", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", "--seconds", "0.3")
    assert time.monotonic() - started < 5
    assert (got.code, got.err.splitlines()[0]) == (2, "error: the query took longer than 0.3 s")


def test_rows_are_limited_and_it_says_so(ask: Run) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    got = ask("sql", endless, "--limit", "3")
    assert got.lines == ["i", "1", "2", "3"]
    assert got.err == "More rows than 3: --limit 0 shows all.\n"
    assert ask("sql", "SELECT id FROM tag", "--limit", "3").err == ""
    assert len(ask("sql", endless).lines) == 1001


@pytest.mark.parametrize(
    "argv", [["--seconds", "0"], ["--seconds", "nan"], ["--seconds", "-1"], ["--limit", "-1"], ["--limit", "x"], ["--limit", "9" * 30]]
)
def test_limits_of_limits(ask: Run, argv: list[str]) -> None:
    assert ask("sql", "SELECT 1", *argv).code == 2


def test_a_value_can_not_fill_the_memory(ask: Run) -> None:
    assert ask("sql", "SELECT length(zeroblob(1000000000))").code == 2


def test_odd_values_and_names(ask: Run) -> None:
    got = ask("sql", "SELECT 1 AS a, 2 AS a, 3 AS a_2, x'00ff' AS b, NULL AS n, 9e999 AS i, 1.5 AS f", "--json").json
    assert got == [{"a": 1, "a_3": 2, "a_2": 3, "b": "00ff", "n": None, "i": "inf", "f": 1.5}]
