"""Paths, texts and repositories that are made to deceive."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.gate.conftest import Gate
from tests.gate.world import MODEL, OLDER, POLICY, VERSION, World, version, worn


def approved(world: World, number: int) -> int:
    """By both curators and both admins."""
    for who in ("alice", "bob", "frank"):
        world.review(number, who)
    return number


def tree_with(world: World, mode: str, path: str, oid: str) -> int:
    """A pull request with an entry that a checkout would not make."""
    number = world.propose()
    world.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")
    world.git("commit", "-q", "-m", "Odd")
    world.push(number)
    return approved(world, number)


@pytest.mark.parametrize(
    ("mode", "path", "why"),
    [
        ("120000", "catalog/models/acme/tiny/1.2.0.yaml", "a link"),
        ("120000", "docs/link", "a link"),
        ("160000", "catalog/models/acme/module", "a submodule"),
        ("160000", "vendor", "a submodule"),
        ("100755", "catalog/models/acme/tiny/1.2.0.yaml", "mode 100755"),
    ],
)
def test_only_plain_files(world: World, gate: Gate, mode: str, path: str, why: str) -> None:
    oid = world.git("rev-parse", "HEAD") if mode == "160000" else world.git("hash-object", "-w", "--stdin", stdin=version("new"))
    ran = gate(tree_with(world, mode, path, oid))
    assert ran.code == 1
    assert why in ran.out and path in ran.out


def test_a_program_outside_the_catalog_may_be_run(world: World, gate: Gate) -> None:
    oid = world.git("hash-object", "-w", "--stdin", stdin="#!/bin/sh\n")
    assert gate(tree_with(world, "100755", "tools/run", oid)).code == 0


@pytest.mark.parametrize(
    "path",
    [
        "catalog/models/acme/tiny/1.2.0\u200b.yaml",
        "catalog/models/\u0430cme/tiny/1.2.0.yaml",
        "catalog/models/acme/tin\u0065\u0301/model.yaml",
        "catalog/models/acme/tiny/1.2.0\n.yaml",
        "catalog/models/acme/Tiny/1.2.0.yaml",
        "catalog/models/acme/tiny/con.yaml",
        "catalog/models/acme/tiny/1.2.0.yml",
        "catalog/else.txt",
        "ci/p\u043elicy.yaml",
        "docs/a\nb",
        "docs/\u202egnp.exe",
    ],
)
def test_names_that_deceive(world: World, gate: Gate, path: str) -> None:
    oid = world.git("hash-object", "-w", "--stdin", stdin=version("new"))
    ran = gate(tree_with(world, "100644", path, oid))
    assert ran.code == 1
    assert "\n.yaml" not in ran.out and "\u202e" not in ran.out and "\u200b" not in ran.out


@pytest.mark.parametrize("path", ["catalog/models/ACME/publisher.yaml", "ci/Policy.yaml", "CI/policy.yaml", "Catalog/catalog.yaml"])
def test_names_that_differ_only_in_case(world: World, gate: Gate, path: str) -> None:
    oid = world.git("hash-object", "-w", "--stdin", stdin="name: x\n")
    ran = gate(tree_with(world, "100644", path, oid))
    assert ran.code == 1
    assert "only in case" in ran.out


def test_a_rename_is_a_deletion_and_an_addition(world: World, gate: Gate) -> None:
    number = world.propose()
    world.git("mv", OLDER, "catalog/models/acme/tiny/1.0.1.yaml")
    world.git("commit", "-q", "-m", "Move")
    world.push(number)
    approved(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "acme/tiny@1.0.0 curated" in ran.out and "acme/tiny@1.0.1 curated" in ran.out


_HOSTILE = {
    "alias bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "brackets": "notes: " + "[" * 2000 + "]" * 2000 + "\n",
    "twice": "status: active\nstatus: retired\n",
    "directive": "%YAML 1.1\n---\nstatus: active\n",
    "line separator": "changelog: x\u2028tags: [curated]\n",
    "next line": "changelog: x\u0085tags: [curated]\n",
    "object": "status: !!python/object:os.system x\n",
    "infinity": "min_vram_gib: 1e999\n",
    "byte order mark": "\ufeffstatus: active\n",
    "escaped tag": 'status: active\ntags: ["cur\\u0061ted"]\n',
    "null": "status:\n",
    "unknown key": "tag: [curated]\n",
    "not text": "\x00",
}


@pytest.mark.parametrize("name", sorted(_HOSTILE))
def test_texts_that_readers_disagree_about(world: World, gate: Gate, name: str) -> None:
    number = approved(world, world.propose({"catalog/models/acme/tiny/1.2.0.yaml": _HOSTILE[name]}))
    ran = gate(number)
    assert ran.code == 1
    assert "catalog/models/acme/tiny/1.2.0.yaml: " in ran.out


def test_a_replaced_object_deceives_nobody(world: World, gate: Gate) -> None:
    """refs/replace of the clone says that the base's policy is another one."""
    old = world.git("rev-parse", "main:ci/policy.yaml")
    new = world.git("hash-object", "-w", "--stdin", stdin=POLICY.replace("required: 2, from: curators", "required: 1, from: curators"))
    world.git("replace", old, new)
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    assert "required: 1, from: curators" in world.git("show", "main:ci/policy.yaml")
    assert gate(number).code == 5


def test_settings_of_the_clone_run_nothing(world: World, gate: Gate, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n", "ascii")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.sshCommand",
        "merge.evil.driver",
        "diff.evil.textconv",
        "filter.evil.smudge",
        "gpg.ssh.program",
        "uploadpack.packObjectsHook",
    ):
        world.git("config", name, str(trap))
    hooks = world.work / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("reference-transaction", "post-checkout", "pre-receive", "update"):
        (hooks / hook).symlink_to(trap)
    number = approved(world, world.propose({".gitattributes": "* merge=evil diff=evil filter=evil\n"}))
    (tmp_path / "sprung").unlink(missing_ok=True)
    world.base({"README.md": "Moved on.\n"})
    (tmp_path / "sprung").unlink(missing_ok=True)
    gate(number)
    assert not (tmp_path / "sprung").exists()


def test_a_merge_driver_does_not_choose_the_result(world: World, gate: Gate) -> None:
    """What a conflict is, no attribute of the change decides."""
    world.base({".gitattributes": "*.yaml merge=ours\n"})
    world.git("config", "merge.ours.driver", "true")
    number = world.propose({MODEL: "name: Mine\ntype: weights\n"})
    world.base({MODEL: "name: Theirs\ntype: weights\n"})
    ran = gate(number)
    assert ran.code == 1
    assert f"conflict in {MODEL}" in ran.out


def test_no_common_history(world: World, gate: Gate) -> None:
    number = world.propose()
    world.git("checkout", "-q", "--orphan", "elsewhere")
    world.commit({VERSION: worn()})
    world.push(number)
    approved(world, number)
    ran = gate(number)
    assert ran.code == 1
    assert "no common history" in ran.out


def test_what_is_judged_is_the_merge_result(world: World, gate: Gate) -> None:
    """A change that was fine where it began, and is not where it lands."""
    number = world.propose({VERSION: worn()})
    approved(world, number)
    world.base({MODEL: "name: Tiny\ntype: weights\ntasks: [chat]\ndefault: 1.0.0\n"})
    ran = gate(number)
    assert ran.code == 1
    assert "no licence is named" in ran.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_tree_that_git_refuses_is_not_fetched(world: World, gate: Gate) -> None:
    number = world.propose()
    blob = world.git("hash-object", "-w", "--stdin", stdin="x\n")
    raw = b"100644 .git\0" + bytes.fromhex(blob)
    done = subprocess.run(
        ["git", "-C", str(world.site), "hash-object", "-w", "-t", "tree", "--literally", "--stdin"],
        input=raw,
        check=True,
        capture_output=True,
    )
    commit = world.git("commit-tree", done.stdout.decode().strip(), "-p", "main", "-m", "Odd", folder=world.site)
    world.git("update-ref", f"refs/pull/{number}/head", commit, folder=world.site)
    ran = gate(number)
    assert ran.code == 3
    assert "git fetch failed" in ran.err


@pytest.mark.parametrize(
    "name",
    ["::error::pwned", "`code` @team/admins #1 <script>alert(1)</script> [x](http://evil.example)", "| a | b |", "%0A::error::x"],
)
def test_what_others_wrote_is_obeyed_nowhere(world: World, gate: Gate, name: str) -> None:
    number = world.propose({f"docs/{name.replace('/', '-')}\n.md": "x\n"}, opened_by="mallory")
    told = gate(number, "--format", "github")
    assert told.code == 1
    assert all(line.startswith(("::error title=gate", "::warning title=gate")) for line in told.out.splitlines())
    page = gate(number, "--format", "markdown").out
    assert "<script>" not in page.replace("`", "") or "`" in page
    for line in page.splitlines():
        assert "@team" not in line or "`" in line.partition("@team")[0]
