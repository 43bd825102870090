"""What a commit means: the events of `modelreg history`, asked through the command."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.history.write import write
from tests.conftest import Run
from tests.history.kept import all_rows
from tests.repositories import OFFERING, SMALL, Repo, made

MODEL = "catalog/models/acme/tiny/model.yaml"
VERSION = "catalog/models/acme/tiny/1.0.0.yaml"
OFFER = "catalog/providers/shop/acme--tiny__11.yaml"
LICENSE = "catalog/licenses/mit.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A small catalog with an offering."""
    return made(tmp_path / "repo", {**SMALL, OFFER: OFFERING, LICENSE: "name: MIT\nterms: {commercial: 'yes'}\n"})


@pytest.fixture
def asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Events of a repository as JSON, the newest first."""

    def call(repo: Repo, *argv: str) -> list[dict[str, Any]]:
        monkeypatch.chdir(repo.top)
        found: list[dict[str, Any]] = run("history", *argv, "--limit", "0", "--json").json
        return found

    return call


def told(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What happened, without by whom and when."""
    return [(row["ref"], row["class"] or row["kind"], row["pointer"], row["before"], row["after"]) for row in rows]


def last(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The events of the newest commit."""
    return told([row for row in rows if row["commit"] == rows[0]["commit"]])


def edited(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


PRICE = "  - observed: 2026-05-01\n    currency: USD\n    rates: {input: 3, output: 15}\n"
NEW_PRICE = "  - observed: 2026-06-01\n    currency: USD\n    rates: {input: 2.5, output: 15}\n"

#: file, text before, text after -> class (or kind), pointer, before, after
EDITS: list[tuple[str, str, str, list[tuple[Any, ...]]]] = [
    # a new entry is a change, told by meter
    (OFFER, OFFERING, OFFERING + NEW_PRICE, [("price", "/prices/1/rates/input", 3, 2.5)]),
    (
        OFFER,
        OFFERING,
        OFFERING
        + "  - {observed: 2026-06-01, currency: EUR, rates: {output: 15, image: 1}, variants: [{when: {tier: batch}, factor: 0.5}]}\n",
        [
            ("price", "/prices/1/currency", "USD", "EUR"),
            ("price", "/prices/1/rates/image", None, 1),
            ("price", "/prices/1/rates/input", 3, None),
            ("price", "/prices/1/variants/0", None, {"factor": 0.5, "when": {"tier": "batch"}}),
        ],
    ),
    # two at once: each against the one before it
    (
        OFFER,
        OFFERING,
        OFFERING + NEW_PRICE + "  - {observed: 2026-06-02, currency: USD, rates: {input: 2, output: 15}}\n",
        [("price", "/prices/1/rates/input", 3, 2.5), ("price", "/prices/2/rates/input", 2.5, 2)],
    ),
    # the same rates read again confirm the price
    (
        OFFER,
        OFFERING,
        OFFERING + PRICE.replace("05-01", "06-01"),
        [("other", "/prices/1", None, {"observed": "2026-06-01", "currency": "USD", "rates": {"input": 3, "output": 15}})],
    ),
    # the first price of all
    (
        OFFER,
        OFFERING.partition("prices:")[0],
        OFFERING,
        [("price", "/prices/0/rates/input", None, 3), ("price", "/prices/0/rates/output", None, 15)],
    ),
    # an edited entry is a correction, the last one too
    (OFFER, OFFERING, edited(OFFERING, ("input: 3,", "input: 4,")), [("correction", "/prices/0/rates/input", 3, 4)]),
    (
        OFFER,
        OFFERING + NEW_PRICE,
        edited(OFFERING, ("input: 3,", "input: 4,")) + NEW_PRICE,
        [("correction", "/prices/0/rates/input", 3, 4)],
    ),
    (
        OFFER,
        OFFERING,
        edited(OFFERING, ("observed: 2026-05-01", "observed: 2026-05-02")),
        [("other", "/prices/0/observed", "2026-05-01", "2026-05-02")],
    ),
    # a correction and a change in one commit stay apart
    (
        OFFER,
        OFFERING,
        edited(OFFERING, ("input: 3,", "input: 4,")) + NEW_PRICE,
        [("correction", "/prices/0/rates/input", 3, 4), ("price", "/prices/1/rates/input", 4, 2.5)],
    ),
    # an older entry that was missing, and one that is taken back
    (
        OFFER,
        OFFERING,
        edited(OFFERING, ("prices:\n", "prices:\n  - {observed: 2026-04-01, currency: USD, rates: {input: 9}}\n")),
        [("correction", "/prices/0", None, {"observed": "2026-04-01", "currency": "USD", "rates": {"input": 9}})],
    ),
    (
        OFFER,
        OFFERING + NEW_PRICE,
        OFFERING,
        [("correction", "/prices/1", {"observed": "2026-06-01", "currency": "USD", "rates": {"input": 2.5, "output": 15}}, None)],
    ),
    # 3 and 3.0 are one price
    (OFFER, OFFERING, edited(OFFERING, ("input: 3,", "input: 3.0,")), []),
    # a floating name
    (
        OFFER,
        OFFERING,
        edited(OFFERING, ("tiny@1.0.0", "tiny@1.1.0")),
        [("serves", "/serves/version", "acme/tiny@1.0.0", "acme/tiny@1.1.0")],
    ),
    (
        OFFER,
        OFFERING,
        edited(
            OFFERING,
            (
                "serves: {version: acme/tiny@1.0.0, pinned: false}",
                "serves: [{version: acme/tiny@1.0.0, pinned: false}, {version: acme/tiny@2.0.0, pinned: false}]",
            ),
        ),
        [("serves", "/serves/1/version", "acme/tiny@1.0.0", "acme/tiny@2.0.0")],
    ),
    (OFFER, OFFERING, edited(OFFERING, ("pinned: false", "pinned: true")), [("other", "/serves/pinned", False, True)]),
    # statuses, limits, tags, names, licences
    (VERSION, "status: active\n", "status: deprecated\n", [("status", "/status", "active", "deprecated")]),
    (VERSION, "name: a\n", "name: a\nstatus: retired\n", [("status", "/status", None, "retired")]),
    (
        VERSION,
        "name: a\n",
        "name: a\ndeprecation: {retires: 2026-09-01}\n",
        [("deprecation", "/deprecation/retires", None, "2026-09-01")],
    ),
    (
        VERSION,
        "limits: {context: 8192}\n",
        "limits: {context: 16384, output: 4096}\n",
        [("limits", "/limits/context", 8192, 16384), ("limits", "/limits/output", None, 4096)],
    ),
    (VERSION, "tags: [small]\n", "tags: [curated, small]\n", [("tag", "/tags/0", None, "curated")]),
    (VERSION, "tags: [curated, small]\n", "tags: [small]\n", [("tag", "/tags/0", "curated", None)]),
    (VERSION, "tags: [a, b]\n", "tags: [b, a]\n", [("tag", "/tags", ["a", "b"], ["b", "a"])]),
    (VERSION, "name: a\n", "name: a\ntags: [curated]\n", [("tag", "/tags/0", None, "curated")]),
    (VERSION, "license: mit\n", "license: apache-2.0\n", [("license", "/license", "mit", "apache-2.0")]),
    (
        VERSION,
        "artifacts: [{id: a, license: x}]\n",
        "artifacts: [{id: b}, {id: a, license: z}]\n",
        [("other", "/artifacts/0", None, {"id": "b"}), ("license", "/artifacts/1/license", "x", "z")],
    ),
    (VERSION, "artifacts: [{id: a}]\n", "artifacts: [{id: a, tags: [curated]}]\n", [("tag", "/artifacts/0/tags/0", None, "curated")]),
    (
        VERSION,
        'aliases: ["hf:a/b"]\n',
        'aliases: ["hf:a/c"]\n',
        [("alias", "/aliases/0", "hf:a/b", None), ("alias", "/aliases/0", None, "hf:a/c")],
    ),
    (MODEL, "default: 1.0.0\n", "default: 1.1.0\n", [("default", "/default", "1.0.0", "1.1.0")]),
    (LICENSE, "terms: {commercial: 'yes'}\n", "terms: {commercial: 'no'}\n", [("license", "/terms/commercial", "yes", "no")]),
    ("catalog/tags/new.yaml", "description: x\n", "description: x\nimplies: [small]\n", [("tag", "/implies/0", None, "small")]),
    # numbers and words
    (VERSION, "extra: {a: 1}\n", "extra: {a: true}\n", [("other", "/extra/a", 1, True)]),
    (VERSION, "extra: {a/b: 1}\n", "extra: {a/b: 2}\n", [("other", "/extra/a~1b", 1, 2)]),
    (VERSION, "extra: {a: [x, x]}\n", "extra: {a: [x]}\n", [("other", "/extra/a/1", "x", None)]),
    (VERSION, "extra: {a: {b: 1}}\n", "extra: {a: [1]}\n", [("other", "/extra/a", {"b": 1}, [1])]),
    # comments and order are no events
    (VERSION, "name: a\nstatus: active\n", "# why\nstatus: active\nname: a\n", []),
    # wrong shapes are told as they are
    (OFFER, "prices: none\n", "prices: [1, {a: 2}]\n", [("other", "/prices", "none", [1, {"a": 2}])]),
    (OFFER, "serves: x\n", "serves: [1, {version: 3}]\n", [("other", "/serves", "x", [1, {"version": 3}])]),
]


@pytest.mark.parametrize(("path", "before", "after", "expected"), EDITS, ids=range(len(EDITS)))
def test_what_an_edit_means(tmp_path: Path, asked: Any, path: str, before: str, after: str, expected: list[tuple[Any, ...]]) -> None:
    repo = made(tmp_path / "repo", {"catalog/catalog.yaml": "name: x\n", path: before})
    commit = repo.commit({path: after})
    found = [row for row in asked(repo) if row["commit"] == commit]
    assert [row[1:] for row in told(found)] == expected
    assert {row["kind"] for row in found} <= {"changed"}


def test_a_price_says_what_it_is_in_and_for(repo: Repo, asked: Any) -> None:
    repo.commit({OFFER: OFFERING + "  - {observed: 2026-06-01, currency: EUR, rates: {input: 3, output: 15, image: 1, odd: 2}}\n"})
    units = {row["pointer"]: row["unit"] for row in asked(repo, "--kind", "price")}
    assert units == {"/prices/1/currency": None, "/prices/1/rates/image": "EUR/image", "/prices/1/rates/odd": "EUR"}
    repo.commit({OFFER: edited(OFFERING, ("input: 3,", "input: 4,"))})
    assert asked(repo)[0]["unit"] == "USD/1M token"


def test_files_come_and_go(repo: Repo, asked: Any) -> None:
    result = "catalog/results/acme/tiny/1.0.0/lm-eval-12345678.yaml"
    repo.commit({result: "basis: reported\nby: acme\nmetrics: [{benchmark: mmlu, value: 0.5}]\n"})
    [(ref, what, pointer, before, after)] = last(asked(repo))
    assert (ref, what, pointer, before) == ("results:acme/tiny@1.0.0/lm-eval-12345678", "result", "", None)
    assert after["metrics"] == [{"benchmark": "mmlu", "value": 0.5}]
    repo.commit({VERSION: None})
    assert last(asked(repo)) == [
        (
            "acme/tiny@1.0.0",
            "removed",
            "",
            {"released": "2026-01-01", "status": "active", "limits": {"context": 8192}, "tags": ["small"]},
            None,
        )
    ]
    repo.commit({"catalog/notes.txt": "no entity", "README": "none"})
    assert last(asked(repo))[0][1] == "removed"


def test_a_moved_file_keeps_its_history(repo: Repo, asked: Any, run: Run) -> None:
    repo.commit({VERSION: "released: 2026-01-01\nstatus: deprecated\nlimits: {context: 8192}\ntags: [small]\n"}, say="Before the move")
    repo.git("mv", "catalog/models/acme/tiny", "catalog/models/acme/small")
    moved = repo.commit({}, say="Move", when="2026-06-02T00:00:00Z")
    assert [row[:2] for row in last(asked(repo))] == [("acme/small@1.0.0", "renamed"), ("acme/small", "renamed")]
    rows = asked(repo, "acme/small")
    assert ("acme/tiny@1.0.0", "status", "/status", "active", "deprecated") in told(rows)
    assert rows[-1]["kind"] == "created"
    # the old name ends there, and says so
    repo.commit({"catalog/models/acme/small/1.0.0.yaml": "released: 2026-01-01\nstatus: retired\n"})
    old = run("history", "acme/tiny")
    assert "retired" not in old.out and "deprecated" in old.out
    assert f"It was renamed to acme/small on 2026-06-02 by Ann ({moved[:8]})." in old.err
    assert "Before, it was called acme/tiny." in run("history", "acme/small").err
    # a new thing under the old name is not the old thing
    repo.commit({MODEL: "name: Another\ntype: weights\n"})
    assert ("acme/tiny", "created") not in [(row["ref"], row["kind"]) for row in asked(repo, "acme/small")][:-3]
    assert "Another" not in json.dumps(asked(repo, "acme/small"))


def test_a_file_that_is_only_alike_is_another_thing(repo: Repo, asked: Any) -> None:
    other = edited(OFFERING, ("Acme/Tiny", "acme/tiny-fast"), ("input: 3, output: 15", "input: 30, output: 150"))
    repo.commit({OFFER: None, "catalog/providers/shop/acme--tiny-fast.yaml": other})
    assert sorted(row[1] for row in last(asked(repo))) == ["created", "removed"]
    long = "".join(f"key{n}: value {n}\n" for n in range(30))
    repo.commit({VERSION: f"name: a\nextra:\n{long.replace('key', '  key')}"})
    repo.commit({VERSION: None, "catalog/models/acme/tiny/2.0.0.yaml": f"name: b\nextra:\n{long.replace('key', '  key')}"})
    assert [row[1:] for row in last(asked(repo))] == [("renamed", "", "acme/tiny@1.0.0", "acme/tiny@2.0.0"), ("other", "/name", "a", "b")]


def test_a_file_moved_to_another_kind_is_gone_and_new(repo: Repo, asked: Any) -> None:
    repo.git("mv", "catalog/tags/small.yaml", "catalog/tasks.txt")
    repo.commit({})
    assert [row[:2] for row in last(asked(repo))] == [("tag:small", "removed")]
    repo.git("mv", "catalog/tasks.txt", "catalog/benchmarks-are-not-here.txt")
    repo.git("mv", "catalog/tags/curated.yaml", "catalog/licenses/curated.yaml")
    repo.commit({})
    assert sorted(row[:2] for row in last(asked(repo))) == [("license:curated", "created"), ("tag:curated", "removed")]


def test_broken_files_are_events_and_history_goes_on_behind_them(repo: Repo, asked: Any) -> None:
    repo.commit({VERSION: "status: [\n"})
    [(ref, what, _, before, after)] = last(asked(repo))
    assert (ref, what, before) == ("acme/tiny@1.0.0", "unreadable", None)
    assert after.startswith("line 2: not YAML")
    same = repo.commit({VERSION: "status: [  \n"})
    broken = repo.commit({VERSION: "status: &a active\n"})
    repo.commit({VERSION: "released: 2026-01-01\nstatus: retired\nlimits: {context: 8192}\ntags: [small]\n"})
    assert last(asked(repo)) == [("acme/tiny@1.0.0", "status", "/status", "active", "retired")]  # against what it was before it broke
    assert [row["commit"] for row in asked(repo) if row["kind"] == "unreadable" and row["commit"] in (same, broken)] == [broken]
    new = "catalog/tags/new.yaml"
    repo.commit({new: "a: &x 1\n"})
    assert last(asked(repo))[0][:2] == ("tag:new", "unreadable")
    repo.commit({new: "description: New.\n"})
    assert last(asked(repo)) == [("tag:new", "created", "", None, {"description": "New."})]
    repo.commit({new: "- a list\n"})
    repo.commit({new: None})
    assert last(asked(repo)) == [("tag:new", "removed", "", None, None)]
    repo.write({new: "x" * 300_000})
    repo.commit({}, say="large")
    assert "262,144 bytes" in last(asked(repo))[0][4]
    (repo.top / new).unlink()
    (repo.top / new).symlink_to("small.yaml")
    repo.commit({}, say="link")
    assert last(asked(repo))[0][4] == "a link or submodule is not a plain file"


def test_a_merge_is_when_it_became_true_and_the_branch_says_who(repo: Repo, asked: Any) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({OFFER: OFFERING + NEW_PRICE}, who="Bea", when="2026-06-02T00:00:00Z")
    repo.commit({VERSION: "status: deprecated\n"}, who="Cem", when="2026-06-03T00:00:00Z")
    repo.commit({VERSION: "status: retired\n"}, who="Dan", when="2026-06-04T00:00:00Z")
    repo.git("checkout", "-q", "main")
    repo.commit({LICENSE: "name: MIT License\n"}, who="Eve", when="2026-06-05T00:00:00Z")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side", when="2026-06-06T00:00:00Z", who="Fay")
    repo.write({"catalog/tags/curated.yaml": "description: Edited in the merge itself.\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "Merge side", when="2026-06-06T00:00:00Z", who="Fay")
    merge = repo.git("rev-parse", "HEAD")
    rows = [row for row in asked(repo) if row["commit"] == merge]
    assert all(row["time"] == "2026-06-06T00:00:00Z" and row["merge"] and row["subject"] == "Merge side" for row in rows)
    authors = {(row["class"], row["author"], row["email"]) for row in rows}
    assert authors >= {("price", "Bea", "bea@example.org"), ("status", "Dan", "dan@example.org"), ("other", "Fay", "fay@example.org")}
    assert not {row["author"] for row in rows} & {"Cem", "Eve"}
    assert not [row for row in asked(repo) if row["time"] in ("2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z")]


def test_a_merge_of_main_into_a_branch_gives_nobody_anothers_work(repo: Repo, asked: Any) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({OFFER: OFFERING + NEW_PRICE}, who="Bea")
    repo.git("checkout", "-q", "main")
    repo.commit({VERSION: "status: deprecated\n"}, who="Cem")
    repo.git("checkout", "-q", "side")
    repo.git("merge", "-q", "--no-ff", "-m", "Update", "main", who="Bea")
    repo.commit({VERSION: "status: retired\n"}, who="Bea")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "side", who="Fay")
    assert [(row["class"], row["author"]) for row in asked(repo)[:2]] == [("status", "Bea"), ("price", "Bea")]


def test_the_format_may_change_without_events(tmp_path: Path) -> None:
    def rename(kind: str, document: dict[str, Any]) -> dict[str, Any]:
        return {("state" if key == "status" and kind == "version" else key): value for key, value in document.items()}

    repo = made(tmp_path / "repo")
    repo.commit({VERSION: SMALL[VERSION].replace("active", "deprecated")}, say="in the old words")
    migration = repo.commit(
        {VERSION: SMALL[VERSION].replace("status: active", "state: deprecated"), "catalog/catalog.yaml": "name: small\nschema_version: 2\n"}
    )
    after = repo.commit({VERSION: SMALL[VERSION].replace("status: active", "state: retired")})
    write(str(repo.top), tmp_path / "with.db", migrations={1: rename})
    write(str(repo.top), tmp_path / "without.db")
    events = all_rows(tmp_path / "with.db")["told"]
    assert [row for row in events if row[0] == migration] == []
    assert ("/state", '"active"', '"deprecated"') in [row[1:] for row in events]
    assert [row[1:] for row in events if row[0] == after] == [("/state", '"deprecated"', '"retired"')]
    plain = all_rows(tmp_path / "without.db")["told"]
    assert {row[1] for row in plain if row[0] == migration} == {"/schema_version", "/state", "/status"}


def test_two_migrations_follow_each_other(tmp_path: Path) -> None:
    def first(kind: str, document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "steps": [*document.get("steps", []), 1]} if kind == "tag" else document

    def second(kind: str, document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "steps": [*document.get("steps", []), 2]} if kind == "tag" else document

    repo = made(tmp_path / "repo")
    last_one = repo.commit(
        {"catalog/catalog.yaml": "name: small\nschema_version: 3\n", "catalog/tags/small.yaml": "description: Small.\nsteps: [1, 2]\n"}
    )
    write(str(repo.top), tmp_path / "h.db", migrations={1: first, 2: second})
    assert [row for row in all_rows(tmp_path / "h.db")["told"] if row[0] == last_one] == []
    # a file that goes on from there is compared in its own words, and only the steps that it lacks are taken
    repo.commit({"catalog/tags/small.yaml": "description: Tiny.\nsteps: [1, 2]\n"})
    write(str(repo.top), tmp_path / "h.db", migrations={1: first, 2: second})
    write(str(repo.top), tmp_path / "once.db", migrations={1: first, 2: second})
    assert all_rows(tmp_path / "h.db") == all_rows(tmp_path / "once.db")
    repo.commit({"catalog/catalog.yaml": "name: small\nschema_version: 1\n", "catalog/tags/small.yaml": "description: Tiny.\n"})
    write(str(repo.top), tmp_path / "h.db", migrations={1: first, 2: second})
    assert len(all_rows(tmp_path / "h.db")["told"]) == len(all_rows(tmp_path / "once.db")["told"])
