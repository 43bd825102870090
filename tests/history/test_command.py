"""`modelreg history`: refs of today and of the past, filters, formats, and what a reader loads."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.history import current
from tests.conftest import Ran, Run
from tests.house.test_house import HEAVY, ROOT, loaded_by
from tests.repositories import OFFERING, SMALL, Repo, made

VERSION = "catalog/models/acme/tiny/1.0.0.yaml"
OFFER = "catalog/providers/shop/acme--tiny__11.yaml"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """One thing of each kind, at moments that tests can name."""
    model = SMALL["catalog/models/acme/tiny/model.yaml"] + 'aliases: ["ollama:tiny"]\n'
    repo = made(
        tmp_path_factory.mktemp("history") / "repo",
        {**SMALL, "catalog/models/acme/tiny/model.yaml": model, OFFER: OFFERING, "catalog/providers/shop/provider.yaml": "name: Shop\n"},
    )
    curated = SMALL[VERSION].replace("[small]", "[small, curated]")
    repo.commit({VERSION: curated}, when="2026-06-01T00:00:00Z", who="Bea", say="Curate tiny")
    new = OFFERING + "  - {observed: 2026-06-02, currency: USD, rates: {input: 2.5, output: 15}}\n"
    repo.commit({OFFER: new}, when="2026-06-02T23:59:59Z", who="Cem", say="Cheaper")
    repo.commit({VERSION: SMALL[VERSION]}, when="2026-06-03T12:00:00+02:00", who="Dan", say="Not curated any more")
    repo.commit({OFFER: new.replace("rates: {input: 3,", "rates: {input: 4,")}, when="2026-06-04T00:00:00Z", say="It was 4")
    repo.commit({"catalog/models/acme/old/model.yaml": "name: Old\ntype: weights\n"}, when="2026-06-05T00:00:00Z")
    repo.commit({"catalog/models/acme/old/model.yaml": None}, when="2026-06-06T00:00:00Z", who="Eve", say="Gone")
    return repo


@pytest.fixture
def history(repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Asks the history of that repository."""
    monkeypatch.chdir(repo.top)

    def call(*argv: str, **given: Any) -> Ran:
        return run("history", *argv, **given)

    return call


def classes(got: Ran) -> list[str]:
    return [row["class"] or row["kind"] for row in got.json]


TINY = ["correction", "tag", "price", "tag", "created", "created", "created"]


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("acme/tiny", TINY), ("tiny", TINY), ("ollama:tiny", TINY), ("Acme/Tiny", TINY),
        ("acme/tiny@1.0.0", ["correction", "tag", "price", "tag", "created", "created"]),
        ("shop:Acme/Tiny", ["correction", "price", "created"]), ("provider:shop", ["correction", "price", "created", "created"]),
        ("tag:curated", ["tag", "tag", "created"]), ("tag:small", ["created", "created"]), ("acme/old", ["removed", "created"]),
        ("publisher:acme", ["created"]), ("vocabulary:meters", ["created"]),
    ],
)  # fmt: skip
def test_a_ref_of_any_kind(history: Run, ref: str, expected: list[str]) -> None:
    assert classes(history(ref, "--json")) == expected


def test_the_audit_of_a_tag(history: Run) -> None:
    rows = history("tag:curated", "--kind", "tag", "--json").json
    told = [(row["time"], row["author"], row["email"], row["ref"], row["before"], row["after"], row["subject"]) for row in rows]
    assert told == [
        ("2026-06-03T10:00:00Z", "Dan", "dan@example.org", "acme/tiny@1.0.0", "curated", None, "Not curated any more"),
        ("2026-06-01T00:00:00Z", "Bea", "bea@example.org", "acme/tiny@1.0.0", None, "curated", "Curate tiny"),
    ]


def test_what_is_gone_says_when_and_by_whom(history: Run, repo: Repo) -> None:
    got = history("acme/old")
    assert f"It was removed on 2026-06-06 by Eve ({repo.git('rev-parse', 'HEAD')[:8]})." in got.err
    assert "removed" not in history("acme/tiny").err


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--kind", "price"], ["price"]),
        (["--kind", "price,correction"], ["correction", "price"]),
        (["--kind", "price", "--kind", "removed"], ["removed", "price"]),
        (["--kind", "changed"], ["correction", "tag", "price", "tag"]),
        (["--since", "2026-06-05"], ["removed", "created"]),
        (["--since", "2026-06-06T00:00:00Z"], ["removed"]),
        (["--since", "2026-06-06T00:00:01Z"], []),
        (["--since", "2026-06-02", "--until", "2026-06-02"], ["price"]),
        (["--since", "2026-06-02", "--until", "2026-06-02T23:59:58Z"], []),
        (["--since", "2026-06-02", "--until", "2026-06-02T23:59:59Z"], ["price"]),
        (["--since", "2026-06-03T12:00:00+02:00", "--until", "2026-06-03T10:00Z"], ["tag"]),
        (["--since", "2026-06", "--kind", "tag"], ["tag", "tag"]),
        (["--until", "2026-05", "acme/tiny@1.0.0"], ["created", "created"]),
        (["--until", "2025"], []),
    ],
)
def test_filters(history: Run, argv: list[str], expected: list[str]) -> None:
    assert classes(history(*argv, "--json")) == expected


def test_the_rest_is_told(history: Run) -> None:
    got = history("acme/tiny", "--limit", "2")
    assert len(got.lines) == 3
    assert got.err == "7 events of acme/tiny, the newest first. Shown: 2; --limit 0 shows all.\n"
    assert history("acme/tiny", "--limit", "0").err == "7 events of acme/tiny, the newest first.\n"


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (["nothing-like-it"], 4, "error: no model is called 'nothing-like-it'"),
        (["acme/tinny"], 4, "did you mean acme/tiny?"),
        (["acme/olld"], 4, "did you mean acme/old?"),
        (["olld"], 4, "did you mean acme/old?"),
        (["shop:Acme/Tinny"], 4, "did you mean shop:Acme/Tiny?"),
        (["tag:curatd"], 4, "tag:curated"),
        ([""], 4, "an empty name means no model"),
        (["--kind", "prise"], 2, "did you mean price?"),
        (["--since", "yesterday"], 2, "--since takes a date, not 'yesterday'"),
        (["--since", "2026-07", "--until", "2026-06"], 2, "--since 2026-07 is after --until 2026-06"),
        (["--limit", "-1"], 2, "--limit takes 0 or more"),
        (["--fields", "tme"], 2, "did you mean time?"),
        (["--format", "xml"], 2, "no format is called 'xml'"),
    ],
)
def test_what_cannot_be_asked_is_said_so(history: Run, argv: list[str], code: int, told: str) -> None:
    got = history(*argv)
    assert (got.code, got.out) == (code, "")
    assert told in got.err


def test_on_a_terminal_it_reads_like_a_diary(history: Run, repo: Repo) -> None:
    ids = [line[:8] for line in repo.git("rev-list", "HEAD").splitlines()]
    assert history("acme/tiny", terminal=True, stdin="").out.replace("\x1b[1m", "").replace("\x1b[0m", "") == (
        f"2026-06-04 00:00Z  {ids[2]}  Ann  It was 4\n"
        "  shop:Acme/Tiny  price corrected input $3 -> $4/1M\n"
        "\n"
        f"2026-06-03 10:00Z  {ids[3]}  Dan  Not curated any more\n"
        "  acme/tiny@1.0.0  tag curated taken off\n"
        "\n"
        f"2026-06-02 23:59Z  {ids[4]}  Cem  Cheaper\n"
        "  shop:Acme/Tiny  price input $3 -> $2.50/1M\n"
        "\n"
        f"2026-06-01 00:00Z  {ids[5]}  Bea  Curate tiny\n"
        "  acme/tiny@1.0.0  tag curated worn\n"
        "\n"
        f"2026-05-01 12:00Z  {ids[6]}  Ann  First\n"
        "  acme/tiny@1.0.0  created wearing small\n"
        "  acme/tiny        created Tiny\n"
        "  shop:Acme/Tiny   created serves acme/tiny@1.0.0\n"
    )


def test_a_narrow_terminal_cuts_and_colour_is_only_on_one(history: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    got = history("acme/tiny", "--color", "always", terminal=True)
    assert "\x1b[1m" in got.out
    assert all(len(line.replace("\x1b[1m", "").replace("\x1b[0m", "")) <= 40 for line in got.lines)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in history("acme/tiny", terminal=True).out


def test_off_a_terminal_nothing_is_lost(history: Run) -> None:
    lines = history("shop:Acme/Tiny").lines
    assert lines[0] == "time\tcommit\tauthor\tref\tkind\tclass\tpointer\tbefore\tafter\tunit\tsubject"
    row = dict(zip(lines[0].split("\t"), lines[2].split("\t"), strict=True))
    assert (row["before"], row["after"], row["unit"], row["pointer"]) == ("3", "2.5", "USD/1M token", "/prices/1/rates/input")
    created = lines[-1].split("\t")[8]
    assert json.loads(created)["wire_id"] == "Acme/Tiny"
    assert "example.org" not in "\n".join(lines)
    assert history("shop:Acme/Tiny", "--fields", "email,after", "--format", "csv", "--kind", "price").lines == [
        "email,after",
        "cem@example.org,2.5",
    ]
    assert history("acme/old", "-q").out == "acme/old\nacme/old\n"
    [first, *_] = [json.loads(line) for line in history("acme/old", "--format", "jsonl").lines]
    assert (first["kind"], first["before"], first["merge"]) == ("removed", {"name": "Old", "type": "weights"}, False)
    assert history("--until", "2025").lines[0].startswith("time\t")


def test_a_ref_that_no_commit_has_yet(repo: Repo, history: Run) -> None:
    new = repo.top / "catalog/models/acme/new"
    repo.write({"catalog/models/acme/new/model.yaml": "name: New\ntype: weights\n", "catalog/models/acme/new/1.yaml": "name: a\n"})
    try:
        got = history("acme/new", "--json")
        assert (got.code, got.json) == (0, [])
        assert "0 events of acme/new" in got.err
    finally:
        for file in new.iterdir():
            file.unlink()
        new.rmdir()


def test_a_reader_of_what_is_up_to_date_loads_nothing_heavy(repo: Repo, history: Run) -> None:
    assert history("--limit", "1").code == 0
    code, loaded = loaded_by(["history", "acme/tiny", "--since", "2026", "--format", "table"], repo.top)
    assert code == 0
    assert [name for name in loaded if name in HEAVY or name.startswith(tuple(f"{heavy}." for heavy in HEAVY))] == []
    assert [name for name in loaded if name.startswith("modelreg_cli.history.")] and "modelreg_cli.history.write" not in loaded


def test_a_reader_of_what_is_up_to_date_runs_nothing(repo: Repo, history: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert history("--limit", "1").code == 0
    with monkeypatch.context() as alone:
        alone.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
        assert history("acme/tiny").code == 0
    repo.commit({"outside": "x"})
    assert not current.is_current(str(repo.top), current.whose_history()[1], str(repo.top / ".modelreg" / "history.db"))
    assert history("acme/tiny").code == 0
    repo.git("reset", "-q", "--hard", "HEAD~1")


def test_the_contract_is_what_the_page_says(history: Run, repo: Repo) -> None:
    assert history("--limit", "1").code == 0
    page = (ROOT / "docs" / "history.md").read_text("utf-8")
    with sqlite3.connect(repo.top / ".modelreg" / "history.db") as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            assert f"### {table}\n" in page
            for _, column, *_ in db.execute(f"PRAGMA table_info({table})"):
                assert f"| `{column}` |" in page
        queries = [part.partition("\n```")[0] for part in page.split("```sql\n")[1:]]
        assert len(queries) >= 3
        answers = [db.execute(query).fetchall() for query in queries]
    assert all(answers)


def test_it_runs_as_a_program_of_its_own(repo: Repo) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modelreg_cli", "history", "--help"], cwd=repo.top, capture_output=True, text=True, check=True
    )
    assert "--since" in done.stdout and "--until" in done.stdout


def test_history_does_not_touch_the_work_tree(repo: Repo, history: Run) -> None:
    history("--limit", "1")
    assert repo.git("status", "--porcelain") == ""
    assert Path(repo.top / ".modelreg" / ".gitignore").read_text() == "*\n"
