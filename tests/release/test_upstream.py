"""A catalog over a published one: what is taken over, what is other here, what never crosses."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.index.digest import logical_digest
from tests.conftest import Ran, Run
from tests.release.conftest import new_key
from tests.repositories import OFFERING, Repo, made

TINY = "catalog/models/acme/tiny/1.0.0.yaml"
POLICY = """\
roles: {curators: [ann], evaluators: [], admins: []}
people: {ann: {accounts: {github: ann}}}
protected_tags: {curated: {approvals: {required: 1, from: curators}}}
"""
PUBLIC = {
    TINY: "released: 2026-01-01\nstatus: active\nlimits: {context: 8192, output: 4096}\ntags: [small, curated]\n"
    "artifacts:\n- {id: a, format: gguf, uri: 'https://models.example.org/a.gguf', tags: [small]}\n"
    "- {id: b, format: gguf, uri: 'https://models.example.org/b.gguf'}\n"
    "sources: {card: {url: 'https://example.org/card', retrieved: 2026-01-02}}\nsourced: {/limits/context: card, /released: card}\n",
    "catalog/tags/tiny.yaml": "description: Tiny.\nimplies: [small]\n",
    "catalog/providers/cloud/provider.yaml": "name: Cloud\n",
    "catalog/providers/cloud/acme--tiny__11.yaml": OFFERING,
    "ci/policy.yaml": POLICY,
}
OURS = {"catalog/catalog.yaml": "name: ours\nschema_version: 1\n"}
OVER = "catalog/overlays/models/acme/tiny/1.0.0.yaml"


@pytest.fixture
def public(tmp_path: Path) -> Repo:
    """The catalog underneath."""
    repo = made(tmp_path / "public")
    repo.commit(PUBLIC)
    return repo


@pytest.fixture
def publish(run: Run, tmp_path: Path) -> Callable[[Repo], Ran]:
    """Publishes HEAD of the catalog underneath."""
    key = new_key(tmp_path / "key")
    return lambda repo: run("publish", str(tmp_path / "channel"), "--key", str(key), "--root", str(repo.top), "--keep", "2")


@pytest.fixture
def ours(run: Run, public: Repo, publish: Callable[[Repo], Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A catalog over it, and the working folder."""
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "home"))
    assert publish(public).code == 0
    repo = made(tmp_path / "ours", OURS)
    monkeypatch.chdir(repo.top)
    ran = run("upstream", "--update", str(tmp_path / "channel"))
    assert ran.code == 0, ran.err
    repo.commit({})
    return repo


def shown(run: Run, ref: str = "acme/tiny") -> dict[str, Any]:
    """What `show` says."""
    ran = run("show", ref, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def worn(run: Run) -> list[str]:
    """Tags of the one version."""
    return shown(run)["labels"].get("tag", [])


def test_what_is_not_here_is_as_it_is_there(ours: Repo, run: Run) -> None:
    told = shown(run)
    assert told["version"]["limits"] == {"context": 8192, "output": 4096}
    assert [one["price_in"] for one in told["offerings"]] == [3.0]
    assert {one["layer"] for one in told["layers"]} == {"small"}
    assert "no findings" in run("validate").err


def test_without_one_underneath_nothing_is_told_of_layers(public: Repo, run: Run) -> None:
    assert json.loads(run("show", "acme/tiny", "--json", "--index", built(run, public)).out)["layers"] == []


def built(run: Run, repo: Repo, *argv: str) -> str:
    """The canonical index of a catalog."""
    target = repo.root.parent / f"{repo.root.name}.db"
    ran = run("build", "--root", str(repo.top), "-o", str(target), "-q", *argv)
    assert ran.code == 0, ran.err
    return str(target)


def test_an_overlay_goes_field_by_field(ours: Repo, run: Run) -> None:
    ours.write(
        {
            "catalog/tags/approved.yaml": "description: By us.\n",
            OVER: "reason: Our mirror.\nset: {/limits/context: 4096, /artifacts/a/uri: 's3://ours/a.gguf'}\nunset: [/limits/output]\n"
            "add: {/tags: [approved]}\nremove: {/artifacts: [b]}\nreplace: {/artifacts/a/tags: [tiny]}\n",
        }
    )
    assert run("validate").code == 0
    told = shown(run)
    assert told["version"]["limits"] == {"context": 4096}
    assert [(one["artifact"], one["uri"]) for one in told["artifacts"]] == [("a", "s3://ours/a.gguf")]
    assert told["version"]["tags"] == ["small", "approved"]
    assert [one["values"] for one in told["sources"] if one["of"] == "version"] == [["/released"]]  # its card does not say 4096
    (layer,) = [one for one in told["layers"] if one["kind"] == "version"]
    assert layer["layer"] == "small" and layer["reason"] == "Our mirror."
    assert {"value": "/limits/context", "change": "set"} in layer["overlay"]
    assert {"value": "/artifacts", "change": "removed from"} in layer["overlay"]
    assert "version acme/tiny@1.0.0: /limits/context set" in run("show", "acme/tiny").out


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("set: {/tags: small}", "is a list", "2:14"),
        ("set: {/limits: {context: [1]}}", "is a list, or holds one", "2:16"),
        ("set: {/artifacts/z/uri: 's3://x'}", "leads nowhere", "2:25"),
        ("unset: [/limits/none]", "is unknown already", "2:9"),
        ("add: {/tags: [small]}", "small is there already", "2:14"),
        ("add: {/limits: [x]}", "is no list", "2:16"),
        ("remove: {/tags: [absent]}", "absent is not there", "2:17"),
        ("remove: {/status: [x]}", "there is no list", "2:19"),
        ("replace: {/limits: [x]}", "is no list", "2:20"),
        ("add: {/tags: [curated]}", "given by a gate", "2:14"),
        ("set: {/limits/context: 0}", "0", "2:24"),
        ("set: {/status: gone}", "gone", "2:16"),
        ("set: {/unheard: 1}", "unheard", "2:7"),
    ],
)
def test_what_cannot_be_done_is_told_in_the_overlay(ours: Repo, run: Run, text: str, message: str, at: str) -> None:
    ours.write({OVER: f"reason: A test.\n{text}\n"})
    ran = run("validate")
    assert ran.code == 1
    assert f"{OVER}:{at}: error" in ran.err + ran.out and message in ran.err + ran.out
    assert run("build", "-o", "x.db").code == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("catalog/overlays/models/acme/other/model.yaml", "small has no catalog/models/acme/other/model.yaml"),
        ("catalog/overlays/tags/small.yaml", "no kind of entity lives at this path"),
        ("catalog/overlays/catalog.yaml", "no kind of entity lives at this path"),
        ("catalog/overlays/results/acme/tiny/1.0.0/x-12345678.yaml", "no kind of entity lives at this path"),
    ],
)
def test_overlays_of_nothing(ours: Repo, run: Run, path: str, message: str) -> None:
    ours.write({path: "reason: A test.\nset: {/name: X}\n"})
    ran = run("validate")
    assert ran.code == 1 and message in ran.out + ran.err


def test_an_own_file_takes_the_place_of_the_other_one(ours: Repo, run: Run) -> None:
    ours.write({TINY: "released: 2026-03-01\nstatus: active\n"})
    told = shown(run)
    assert told["version"]["released"] == "2026-03-01" and "limits" not in told["version"]
    assert {(one["kind"], one["layer"]) for one in told["layers"]} >= {("version", "ours"), ("model", "small")}
    ours.write({OVER: "reason: A test.\nset: {/status: retired}\n"})
    assert "is this catalog's own" in run("validate").out + run("validate").err


def test_tags_of_a_gate_stay_where_they_were_given(ours: Repo, run: Run) -> None:
    assert worn(run) == ["small"]
    ours.write({"catalog/tags/curated.yaml": "description: Ours.\n", "ci/policy.yaml": POLICY})
    assert worn(run) == ["small"]


def test_a_tag_that_is_defined_here_is_given_here(ours: Repo, run: Run) -> None:
    ours.write({"catalog/tags/small.yaml": "description: Smaller than theirs.\n"})
    assert worn(run) == []
    assert json.loads(run("sql", "SELECT count(*) AS n FROM tag_implies", "--json").out) == [{"n": 0}]


def test_what_is_protected_here_is_defined_here(ours: Repo, run: Run) -> None:
    ours.write({"ci/policy.yaml": POLICY.replace("curated:", "tiny:")})
    ran = run("validate")
    assert ran.code == 1 and "protected-tag-underneath" in ran.out + ran.err


def test_a_reader_is_told_what_is_missing(ours: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = sha(ours, run)
    shutil.rmtree(ours.top / ".modelreg", ignore_errors=True)
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "another"))
    ran = run("validate")
    assert ran.code == 3 and "which is not here" in ran.err and "`modelreg upstream` brings it" in ran.err
    assert run("upstream").code == 0
    assert sha(ours, run) == digest


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_state_is_told_and_brought_again(ours: Repo, run: Run, tmp_path: Path, damage: str) -> None:
    (index,) = (tmp_path / "home" / ".states").glob("*.db")
    whole = index.read_bytes()
    index.write_bytes(
        whole[: len(whole) // 2] if damage == "cut" else whole.replace(b'{"released":"2026-01-01"', b'{"released":2026-01-01""')
    )
    assert index.read_bytes() != whole
    ran = run("validate")
    assert ran.code == 3 and "`modelreg upstream` brings it again" in ran.err
    assert run("upstream").code == 0 and index.read_bytes() == whole
    assert run("validate").code == 0


def sha(repo: Repo, run: Run) -> str:
    """The bytes of the index of a catalog."""
    return Path(built(run, repo)).read_bytes().hex()


def test_the_state_that_is_named_is_taken_although_newer_ones_are_there(
    ours: Repo, public: Repo, publish: Callable[[Repo], Ran], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public.commit({TINY: PUBLIC[TINY].replace("8192", "9999")})
    assert publish(public).code == 0
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "another"))
    assert run("upstream").code == 0
    assert shown(run)["version"]["limits"]["context"] == 8192
    public.commit({TINY: PUBLIC[TINY].replace("8192", "7777")})
    assert publish(public).code == 0  # two states are kept
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "third"))
    ran = run("upstream")
    assert ran.code == 3 and "`modelreg upstream --update` takes the newest one" in ran.err
    assert run("upstream", "--update").code == 0
    assert shown(run)["version"]["limits"]["context"] == 7777


def test_another_manifest_of_that_name_is_refused(ours: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (manifest,) = (tmp_path / "channel" / "manifests").iterdir()
    manifest.write_text(manifest.read_text("utf-8").replace("small", "smell"), "utf-8")
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "another"))
    ran = run("upstream")
    assert ran.code == 3 and "is another state than catalog/catalog.yaml names" in ran.err
    assert run("validate").code == 3


def test_an_update_that_leaves_an_overlay_without_what_it_is_about_is_refused(
    ours: Repo, public: Repo, publish: Callable[[Repo], Ran], run: Run
) -> None:
    ours.commit({OVER: "reason: A test.\nunset: [/limits/output]\n"})
    public.commit({TINY: PUBLIC[TINY].replace(", output: 4096", "")})
    publish(public)
    before = (ours.top / "catalog/catalog.yaml").read_text("utf-8")
    ran = run("upstream", "--update")
    assert ran.code == 1 and "/limits/output is unknown already" in ran.out + ran.err
    assert (ours.top / "catalog/catalog.yaml").read_text("utf-8") == before


def test_what_was_adopted_stays_as_it_is(ours: Repo, public: Repo, publish: Callable[[Repo], Ran], run: Run) -> None:
    assert run("adopt", "acme/tiny").code == 0
    assert (ours.top / TINY).is_file() and (ours.top / "catalog/models/acme/publisher.yaml").is_file()
    assert worn(run) == ["small"]
    public.commit({TINY: PUBLIC[TINY].replace("8192", "9999")})
    publish(public)
    assert run("upstream", "--update").code == 0
    assert shown(run)["version"]["limits"]["context"] == 8192
    assert "is this catalog's own already" in run("adopt", "acme/tiny").err


def test_adopting_what_an_overlay_changes(ours: Repo, run: Run) -> None:
    ours.write({OVER: "reason: A test.\nset: {/limits/context: 1}\n"})
    ran = run("adopt", "acme/tiny@1.0.0")
    assert ran.code == 1 and "take that file away first" in ran.err
    assert not (ours.top / TINY).exists()


def test_editing_writes_an_overlay(ours: Repo, run: Run) -> None:
    ran = run("edit", "acme/tiny@1.0.0", "limits.context=4096")
    assert ran.code == 2 and "needs a reason" in ran.err
    assert run("edit", "acme/tiny@1.0.0", "limits.context=4096", "--unset", "limits.output", "--reason", "Ours.").code == 0
    assert run("edit", "acme/tiny@1.0.0", "limits.context=2048", "tags+=tiny").code == 0  # the reason is known
    told = shown(run)["version"]
    assert told["limits"] == {"context": 2048} and told["tags"] == ["small", "tiny"]
    assert (ours.top / OVER).read_text("utf-8").splitlines()[1:] == [
        "reason: Ours.",
        "set: {/limits/context: 2048}",
        "unset: [/limits/output]",
        "add: {/tags: [tiny]}",
    ]
    ran = run("release", "acme/tiny", "1.1.0", "--released", "2026-05-01")
    assert ran.code == 0, ran.err  # a version of our own, of their model; what is not other needs no reason
    assert shown(run, "acme/tiny@1.1.0")["version"]["released"] == "2026-05-01"
    assert not (ours.top / "catalog/overlays/models/acme/tiny/model.yaml").exists()
    assert run("release", "acme/tiny", "1.2.0", "--released", "2026-05-02", "--default", "--reason", "Ours is newer.").code == 0
    assert shown(run)["version"]["released"] == "2026-05-02"
    assert run("edit", "cloud:Acme/Tiny", "status=disabled", "--reason", "Not for us.").code == 0
    assert [one["status"] for one in shown(run, "acme/tiny@1.0.0")["offerings"]] == ["disabled"]


def test_what_became_other_here_is_history_of_what_it_is_about(ours: Repo, run: Run) -> None:
    ours.commit({"catalog/tags/approved.yaml": "description: By us.\n"})
    ours.commit({OVER: "reason: A.\nset: {/limits/context: 1024}\n"})
    ours.commit({OVER: "reason: A.\nset: {/limits/context: 2048}\nadd: {/tags: [approved]}\n"}, who="Bob")
    found = json.loads(run("history", "acme/tiny", "--json").out)
    told = [(one["author"], one["class"], one["pointer"], one["before"], one["after"]) for one in found if one["kind"] == "changed"]
    assert ("Bob", "limits", "/set/~1limits~1context", 1024, 2048) in told
    assert any(one[1] == "tag" for one in told)
    assert [one["kind"] for one in json.loads(run("history", "--kind", "tag", "--json").out)] == ["changed"]
    assert "acme/tiny@1.0.0" not in run("history", "cloud:Acme/Tiny").out


def test_the_index_follows_every_change(ours: Repo, run: Run) -> None:
    """What is brought up to date is what is built anew, whatever is written, changed and removed."""
    steps: list[dict[str, str | None]] = [
        {"catalog/tags/approved.yaml": "description: By us.\n"},
        {OVER: "reason: A.\nadd: {/tags: [approved]}\n"},
        {OVER: "reason: B.\nset: {/limits/context: 1024}\n"},
        {OVER: None},
        {TINY: "released: 2026-03-01\nstatus: active\n"},
        {"catalog/models/ours/big/model.yaml": "name: Big\ntype: weights\ndefault: 1.0.0\n",
         "catalog/models/ours/publisher.yaml": "name: Ours\n",
         "catalog/models/ours/big/1.0.0.yaml": "released: 2026-03-01\nstatus: active\n"},
        {TINY: None},
        {"catalog/tags/small.yaml": "description: Ours.\n"},
        {"catalog/tags/small.yaml": None},
        {"catalog/models/ours/big/1.0.0.yaml": "released: 2026-03-02\nstatus: active\n"},
    ]  # fmt: skip
    for step in steps:
        ours.commit(step)
        assert run("search", "--json").code == 0
        assert digest(ours.top / ".modelreg/index.db") == digest(Path(built(run, ours))) == digest(Path(built(run, ours, "--at", "HEAD")))
        (tree,) = json.loads(run("sql", "SELECT value FROM meta WHERE key = 'tree'", "--json").out)
        assert tree["value"] == ours.git("rev-parse", "HEAD:catalog")


def digest(index: Path) -> str:
    """The logical digest of an index."""
    with sqlite3.connect(index) as connection:
        return logical_digest(connection)


def test_a_catalog_over_a_catalog_over_a_catalog(ours: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours.commit({OVER: "reason: Ours.\nset: {/limits/context: 4096}\n"})
    key = new_key(tmp_path / "our-key")
    assert run("publish", str(tmp_path / "our-channel"), "--key", str(key)).code == 0
    team = made(tmp_path / "team", {"catalog/catalog.yaml": "name: team\nschema_version: 1\n"})
    monkeypatch.chdir(team.top)
    assert run("upstream", "--update", str(tmp_path / "our-channel")).code == 0
    team.write({OVER: "reason: Team.\nunset: [/limits/output]\n"})
    assert shown(run)["version"]["limits"] == {"context": 4096}
    assert {one["layer"] for one in shown(run)["layers"]} == {"ours"}


def test_who_pulls_needs_no_other_catalog(ours: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours.commit({OVER: "reason: Ours.\nset: {/limits/context: 4096}\n"})
    assert run("publish", str(tmp_path / "our-channel"), "--key", str(new_key(tmp_path / "our-key"))).code == 0
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("MODELREG_HOME", str(tmp_path / "another"))
    assert run("pull", str(tmp_path / "our-channel")).code == 0
    told = shown(run)
    assert told["version"]["limits"]["context"] == 4096 and {one["layer"] for one in told["layers"]} == {"small"}


def test_nothing_to_bring(run: Run, public: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(public.top)
    assert run("upstream").code == 0 and "lies over none" in run("upstream").err  # pipelines ask always
    assert run("upstream", "--update").code == 2
    assert run("adopt", "acme/tiny").code == 1
    public.write({OVER: "reason: A test.\nset: {/limits/context: 1}\n"})
    ran = run("validate")
    assert ran.code == 1 and "this catalog lies over none" in ran.out + ran.err
