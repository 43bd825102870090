"""A real PostgreSQL: the values of SQLite, one transaction, one publisher at a time."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.errors import ModelregError
from modelreg_cli.forms.columns import DAYS, FACTS, JSON
from modelreg_cli.forms.postgres import database_of, load
from tests.conftest import Ran, Run
from tests.forms.conftest import Sources
from tests.release.conftest import race
from tests.repositories import OFFERING, SMALL, Repo, made
from tests.servers import free_port

psycopg: Any = pytest.importorskip("psycopg", reason="psycopg is not installed")
#: Asks in the schema.
Ask = Callable[..., list[tuple[Any, ...]]]
VERSION = "catalog/models/acme/tiny/1.0.0.yaml"


def _programs() -> Path | None:
    """Where PostgreSQL's own programs are: Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    told = shutil.which("initdb")
    return found[-1].parent if found else Path(told).parent if told else None


PROGRAMS = _programs()
needs_server = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is not installed")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A server of its own; the address of its database, as user modelreg."""
    folder = Path(tempfile.mkdtemp(prefix="modelreg-postgres-"))
    port = free_port()
    who: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        who = ["runuser", "-u", "postgres", "--"]
    call = functools.partial(subprocess.run, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        call([*who, f"{PROGRAMS}/initdb", "-D", "data", "-A", "trust", "-U", "modelreg", "--no-sync", "-E", "UTF8"])
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        call([*who, f"{PROGRAMS}/pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start"])
        yield f"postgresql://modelreg@127.0.0.1:{port}/postgres"
        call([*who, f"{PROGRAMS}/pg_ctl", "-D", "data", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(server: str, request: pytest.FixtureRequest) -> str:
    """A schema of its own; its name has to be quoted."""
    name = "".join(filter(str.isalnum, request.node.name))[:40]
    return f"{server}?schema={name}%22%20S"


@pytest.fixture
def ask(server: str, address: str) -> Iterator[Ask]:
    """Asks in the schema, each question by itself."""
    with psycopg.connect(server, autocommit=True) as connection:
        schema = database_of(address).schema.replace('"', '""')
        connection.execute(f'SET search_path TO "{schema}"')
        yield lambda sql, *values: connection.execute(sql, values).fetchall()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A small catalog with an offering."""
    shop = {"catalog/providers/shop/provider.yaml": "name: Shop\ncurrency: USD\n", "catalog/providers/shop/acme--tiny__11.yaml": OFFERING}
    return made(tmp_path / "repo", {**SMALL, **shop})


@pytest.fixture
def publish(run: Run, repo: Repo, address: str) -> Callable[..., Ran]:
    """Loads HEAD."""
    return lambda *argv: run("publish", address, "--root", str(repo.top), *argv)


@needs_server
@pytest.mark.parametrize("which", ["questions", "reference"])
def test_every_value_is_that_of_sqlite(source_of: Sources, address: str, which: str, request: pytest.FixtureRequest, ask: Ask) -> None:
    source = source_of(request.getfixturevalue(which))
    assert load(database_of(address), source, False, 100).new
    filled = 0
    for table in FACTS:
        names = [column.name for column in table.columns]
        wanted = []
        for row in source.index.rows(f"SELECT * FROM {table.name}"):
            days = [(table.name, name) in DAYS for name in names]
            texts = [(table.name, name) in JSON for name in names]
            wanted.append(
                tuple(
                    date.fromisoformat(value) if value and day else json.loads(value) if value and text else value
                    for value, day, text in zip(row, days, texts, strict=True)
                )
            )
        found = ask(f'SELECT * FROM "{table.name}"')
        assert sorted(found, key=repr) == sorted(wanted, key=repr), table.name
        filled += bool(wanted)
    assert filled > 15


@needs_server
def test_what_is_loaded(publish: Callable[..., Ran], ask: Ask, repo: Repo, address: str) -> None:
    ran = publish("--json")
    assert ran.code == 0, ran.err
    (told,) = ran.json
    assert told["new"] and told["rows"] > 20 and told["commit"] == repo.git("rev-parse", "HEAD")
    assert ask("SELECT catalog, commit FROM publication") == [("small", told["commit"])]
    rates = (
        "SELECT o.wire_id, d.json->'prices'->0->'rates'->>'input' FROM offering o JOIN document d ON d.kind = 'offering' AND d.id = o.id"
    )
    assert ask(rates) == [("Acme/Tiny", "3")]
    comments = ask("SELECT obj_description('offering'::regclass), col_description('offering'::regclass, 3)")
    assert comments[0][0].startswith("A version as one provider serves") and comments[0][1] == "the exact string its API wants"
    here = "quote_ident(current_schema())::regnamespace"
    counted = dict(ask(f"SELECT contype::text, count(*) FROM pg_constraint WHERE connamespace = {here} GROUP BY 1"))
    assert counted["p"] == len(FACTS) and counted["f"] == 14
    assert {"json": "jsonb", "path": "text"}.items() <= dict(
        ask(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'document' AND table_schema = current_schema()"
        )
    ).items()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        ask("INSERT INTO rate_limit (offering, plan) VALUES ('nobody', 'free') RETURNING 1")


@needs_server
def test_the_same_again_changes_nothing(publish: Callable[..., Ran], ask: Ask, repo: Repo) -> None:
    publish()
    before = ask("SELECT loaded, xmin::text FROM publication"), ask("SELECT xmin::text FROM model")
    ran = publish()
    assert ran.code == 0 and "is there already" in ran.out
    assert (ask("SELECT loaded, xmin::text FROM publication"), ask("SELECT xmin::text FROM model")) == before
    repo.commit({"README.md": "No fact.\n"})
    assert publish("--json").json[0]["rows"] == 0
    assert ask("SELECT commit FROM publication") == [(repo.git("rev-parse", "HEAD"),)] and ask("SELECT xmin::text FROM model") == before[1]


@needs_server
def test_readers_see_the_old_or_the_new(publish: Callable[..., Ran], ask: Ask, repo: Repo, server: str, address: str) -> None:
    """One who began before goes on with the old state in every table, holds nobody up, and keeps the rights it was given."""
    publish()
    with psycopg.connect(server) as reader, psycopg.connect(server, autocommit=True) as other:
        for one in (reader, other):
            one.execute("SELECT set_config('search_path', %s, false)", ('"' + database_of(address).schema.replace('"', '""') + '"',))
        other.execute("CREATE VIEW mine AS SELECT ref, context FROM version")
        reader.commit()
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert reader.execute("SELECT count(*) FROM version").fetchone() == (1,)
        repo.commit({"catalog/models/acme/tiny/2.0.0.yaml": "released: 2026-06-01\nstatus: active\n"})
        assert publish("--deadline", "30").code == 0, "it waits for nobody"
        assert reader.execute("SELECT count(*), (SELECT count(*) FROM document WHERE kind = 'version') FROM version").fetchone() == (1, 1)
        assert other.execute("SELECT count(*), (SELECT count(*) FROM document WHERE kind = 'version') FROM mine").fetchone() == (2, 2)


@needs_server
def test_a_publisher_that_was_killed_leaves_the_old(publish: Callable[..., Ran], ask: Ask, repo: Repo, server: str, address: str) -> None:
    """Killed while it waits in the middle: what was deleted and copied before is as it was, and the next one is let in."""
    publish()
    facts = ask("SELECT * FROM version"), ask("SELECT * FROM document"), ask("SELECT * FROM publication")
    repo.commit({VERSION: SMALL[VERSION].replace("8192", "4096")})
    with psycopg.connect(server) as holder:
        schema = database_of(address).schema.replace('"', '""')
        holder.execute(f'LOCK TABLE "{schema}".word IN SHARE MODE')
        command = [sys.executable, "-m", "modelreg_cli", "publish", address, "--root", str(repo.top)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as publisher:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%%word%%'"
            end = time.monotonic() + 30
            while ask(waits) != [(1,)]:
                assert time.monotonic() < end, "the publisher never came to the table"
                time.sleep(0.02)
            publisher.send_signal(signal.SIGKILL)
        assert (ask("SELECT * FROM version"), ask("SELECT * FROM document"), ask("SELECT * FROM publication")) == facts
    assert (ask("SELECT * FROM version"), ask("SELECT * FROM document"), ask("SELECT * FROM publication")) == facts
    assert publish().code == 0 and ask("SELECT context FROM version") == [(4096,)]


@needs_server
def test_several_publish_at_once(shell: Run, repo: Repo, address: str, ask: Ask) -> None:
    """The first ones too: who comes second finds a schema that was made meanwhile."""
    race([lambda: shell("publish", address, "--root", str(repo.top)) for _ in range(3)])
    assert ask("SELECT count(*), max(commit) FROM publication") == [(1, repo.git("rev-parse", "HEAD"))] and ask(
        "SELECT count(*) FROM model"
    ) == [(1,)]


@needs_server
def test_older_commits_are_refused(publish: Callable[..., Ran], ask: Ask, repo: Repo, run: Run, address: str, tmp_path: Path) -> None:
    old = repo.git("rev-parse", "HEAD")
    new = repo.commit({VERSION: SMALL[VERSION].replace("8192", "4096")})
    publish()
    ran = publish("--at", old)
    assert ran.code == 1 and "--allow-older" in ran.err and ask("SELECT commit FROM publication") == [(new,)]
    clone = Repo(tmp_path / "clone")
    repo.git("clone", "-q", str(repo.root), str(clone.root))
    clone.git("reset", "-q", "--hard", old)
    clone.commit({VERSION: SMALL[VERSION].replace("8192", "2048")})
    assert run("publish", address, "--root", str(clone.top)).code == 1, "a branch beside it"
    repo.git("reset", "-q", "--hard", old)
    assert publish("--allow-older").code == 0 and ask("SELECT context FROM version") == [(8192,)]


@needs_server
def test_what_is_not_ours_stays(publish: Callable[..., Ran], ask: Ask, repo: Repo, run: Run, address: str, tmp_path: Path) -> None:
    schema = database_of(address).schema.replace('"', '""')
    publish()
    other = made(tmp_path / "other", {**SMALL, "catalog/catalog.yaml": "name: other\nschema_version: 1\n"})
    ran = run("publish", address, "--root", str(other.top))
    assert ran.code == 1 and "has the catalog small" in ran.err
    with psycopg.connect(database_of(address).address, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}x" CREATE TABLE model (id text)')
    ran = run("publish", address.replace("%22", "%22x").replace("x%20S", "%20Sx"), "--root", str(repo.top))
    assert ran.code == 1 and "tables of somebody else" in ran.err


@needs_server
def test_tables_of_another_program_are_made_anew(publish: Callable[..., Ran], ask: Ask, repo: Repo) -> None:
    publish()
    ask("WITH gone AS (DELETE FROM model RETURNING 1) SELECT * FROM gone")
    ask("UPDATE publication SET shape = 'old' RETURNING 1")
    assert publish().code == 0 and ask("SELECT name FROM model") == [("Tiny",)]


@needs_server
def test_nothing_of_a_password_is_printed(run: Run, repo: Repo, address: str) -> None:
    for given in (address.replace("modelreg@", "modelreg:hush%2Dhush@"), f"{address}&password=hush-hush"):
        ran = run("publish", given, "--root", str(repo.top))
        assert ran.code == 0 and "hush" not in ran.out + ran.err
        ran = run("publish", given.replace("/postgres?", "/nowhere?"), "--root", str(repo.top))
        assert ran.code == 3 and "nowhere" in ran.err and "hush" not in ran.out + ran.err


@pytest.mark.parametrize(
    "wrong",
    ["postgresql://a:hush@[x/db", "postgresql://a:hush@h/db?schema=pg_x", "postgres://a:hush@h/db?schema=", "postgresql://a:hush@h/db?x"],
)
def test_addresses_that_are_none(run: Run, repo: Repo, wrong: str) -> None:
    ran = run("publish", wrong, "--root", str(repo.top))
    assert ran.code == 2 and "hint:" in ran.err and "hush" not in ran.err


def test_a_server_that_repeats_a_password() -> None:
    for given in ("postgresql://u:hush%2Dhush@h/db", "postgresql://u@h/db?password=hush-hush"):
        assert database_of(given).words(ValueError("no hush-hush\nhere")) == "no *** here"


def test_a_port_where_nobody_listens(run: Run, repo: Repo) -> None:
    ran = run("publish", f"postgresql://u:hush@127.0.0.1:{free_port()}/db", "--root", str(repo.top))
    assert ran.code == 3 and "untouched" in ran.err and "hush" not in ran.err


def test_without_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ModelregError, match="not installed"):
        database_of("postgresql://u@h/db")


def test_the_rest_of_an_address_is_for_libpq() -> None:
    found = database_of("postgresql://u@h1:1,h2:2/db?options=-c%20geqo%3Doff&schema=a+b&sslmode=require")
    told = psycopg.conninfo.conninfo_to_dict(found.address)
    assert told == {"user": "u", "host": "h1,h2", "port": "1,2", "dbname": "db", "options": "-c geqo=off", "sslmode": "require"}
    assert found.schema == "a+b" and "options" not in found.shown


def test_channels_are_signed(run: Run, repo: Repo, tmp_path: Path) -> None:
    ran = run("publish", str(tmp_path / "site"), "--root", str(repo.top))
    assert ran.code == 2 and "--key" in ran.err
