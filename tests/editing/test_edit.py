"""`modelreg edit`: one value changes, everything else stays, and nothing is written that is not valid."""

import json
import os
import threading
from pathlib import Path

import pytest

from modelreg_cli.catalog import write
from modelreg_cli.catalog.write import ChangedMeanwhile, write_all
from tests.conftest import Run
from tests.golden_files import golden
from tests.review.guarded import repository

VERSION = "catalog/models/acme/atlas-8b/1.1.0.yaml"
MODEL = "catalog/models/acme/atlas-8b/model.yaml"
REF = "acme/atlas-8b@1.1.0"

SCREENS = {
    "edit-values": f"{REF} limits.context=64k tags+=chat-ready,edge artifacts[gguf-q4_k_m].bits=4.85 --unset min_vram_gib",
    "edit-nothing": f"{REF} limits.context=131072 tags+=edge",
    "edit-refused": f"{REF} license=mit limits.output=999999",
    "edit-unknown-field": f"{REF} limits.contxt=1",
    "edit-other-file": "acme/atlas-8b limits.context=1",
    "edit-of-the-model": f"{REF} languages+=fr",
    "edit-of-the-version": f"{REF}#bf16 limits.context=1",
    "edit-wrong-value": f"{REF} status=retird",
    "edit-no-item": f"{REF} tags-=edgy",
    "edit-no-artifact": f"{REF} artifacts[q4].bits=4",
    "edit-no-list": f"{REF} limits+=3",
    "edit-default": "acme/atlas-8b default=2.0.0",
    "edit-ambiguous": "atlas-8b name=X",
    "edit-unknown": "acme/atlas-9b name=X",
    "edit-two": f"{REF} acme/atlas-8b@1.0.0 tags+=edge updated=2025-03-04",
}


@pytest.mark.parametrize("name", SCREENS)
def test_what_it_says(run: Run, checkout: Path, name: str) -> None:
    got = run("edit", *SCREENS[name].split(), "--root", str(checkout))
    golden(f"editing/{name}.txt", f"$ modelreg edit {SCREENS[name]}\n{got.out}--- stderr\n{got.err}--- exit code {got.code}\n")


def states(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in (root / "catalog").rglob("*") if path.is_file()}


def test_comments_order_and_everything_else_stay(run: Run, checkout: Path) -> None:
    file = checkout / VERSION
    text = file.read_text("utf-8")
    text = text.replace("limits: {", "# as its card says\nlimits: {").replace("tags: [edge]", "tags: [edge] # small")
    text = (
        text.replace("    format: gguf\n    quantization: q4_k_m", "    # by hand\n    format: gguf\n    quantization: q4_k_m")
        + "# the end\n"
    )
    file.write_text(text, "utf-8")
    before = states(checkout)
    got = run("edit", REF, "limits.context=65536", "--root", str(checkout))
    assert got.code == 0, got.err
    assert file.read_text("utf-8") == text.replace("context: 131072", "context: 65536")
    assert {path for path, raw in states(checkout).items() if raw != before[path]} == {VERSION}


@pytest.mark.parametrize(
    ("ref", "assignment", "path", "wanted"),
    [
        ("acme/atlas-8b", "name=Atlas", MODEL, "name: Atlas\n"),
        ("hf:Acme/Atlas-8B-Instruct", "name=Atlas", MODEL, "name: Atlas\n"),
        ("ACME/atlas-8b", "name=Atlas", MODEL, "name: Atlas\n"),
        (f"{REF}#gguf-q4_k_m", "bits=4.5", VERSION, "    bits: 4.5\n"),
        ("ollama:atlas3.1:8b", "bits=4.5", VERSION, "    bits: 4.5\n"),
        ("acme-cloud:atlas-70b", "prices[-1].rates.input=0.6", "catalog/providers/acme-cloud/atlas-70b.yaml", "input: 0.6"),
        ("tags/edge", "description=Tiny.", "catalog/tags/edge.yaml", "description: Tiny.\n"),
        ("catalog/tags/edge.yaml", "description=Tiny.", "catalog/tags/edge.yaml", "description: Tiny.\n"),
        ("providers/mercato", "name=Market", "catalog/providers/mercato/provider.yaml", "name: Market\n"),
        ("models/acme", "name=ACME", "catalog/models/acme/publisher.yaml", "name: ACME\n"),
        ("engines/den", "release=b6000", "catalog/engines/den/engine.yaml", "release: b6000\n"),
        ("engines/den/atlas", "vram_required_mb=9,000", "catalog/engines/den/atlas.yaml", "vram_required_mb: 9000\n"),
        ("hardware/rtx-4090", "names+=4090ti", "catalog/hardware/rtx-4090.yaml", "4090ti"),
        ("licenses/apache-2.0", "terms.commercial=unknown", "catalog/licenses/apache-2.0.yaml", "commercial: unknown"),
        ("benchmarks/quiz", "description=Questions.", "catalog/benchmarks/quiz.yaml", "description: Questions.\n"),
        (REF, "changelog=1.0", VERSION, 'changelog: "1.0"\n'),
        (REF, "released=2025-02", VERSION, "released: 2025-02\n"),
        (REF, "architecture.parameters.total=8.03B", VERSION, "parameters: {total: 8030000000}\n"),
        (REF, "limits.context=128Ki", VERSION, "context: 131072"),
        (REF, "limits.output=unlimited", VERSION, "output: unlimited"),
        (REF, "parameters.top-p={\"default\": 0.9, \"min\": 0}", VERSION, "top-p: {default: 0.9, min: 0}"),
        (REF, "parameters.seed.default=true", VERSION, "seed: {default: true}"),
        (REF, "/sourced/~1limits=card", VERSION, "/limits: card"),
        (REF, "sourced[/released]=card", VERSION, "/released: card"),
        (REF, "architecture.layers+={\"kind\": \"shared\", \"count\": 2}", VERSION, "    - {kind: shared, count: 2}\n"),
        (REF, "architecture.layers[0].kv_heads=4", VERSION, "count: 32, kv_heads: 4"),
        (REF, "capabilities=tools", VERSION, "capabilities: [tools]\n"),
        (REF, "links=https://a.example/x,y", VERSION, "links: [\"https://a.example/x,y\"]\n"),
        (REF, "extra.dim=384", VERSION, "extra: {dim: 384}\n"),
        ("licenses/apache-2.0", "obligations+=say who, and when", "catalog/licenses/apache-2.0.yaml", '"say who, and when"'),
        ("acme/atlas-8b", "links-=Card", MODEL, "languages: [de, en]\ndefault"),
        ("acme/atlas-8b", "tags-=chat-ready", MODEL, "default: 1.1.0\n"),
    ],
)  # fmt: skip
def test_what_can_be_edited(run: Run, checkout: Path, ref: str, assignment: str, path: str, wanted: str) -> None:
    got = run("edit", ref, assignment, "--root", str(checkout))
    assert got.code == 0, got.err
    text = (checkout / path).read_text("utf-8")
    assert wanted in text or wanted.replace("\n", "") in text.replace(
        "aliases: [hf:Acme/Atlas-8B-Instruct, ollama:atlas3.1]\n", ""
    ).replace("\n", "")
    assert run("fmt", "--check", "--root", str(checkout)).code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["limits.context=many"], "limits.context takes a whole number, none or unlimited, not 'many'"),
        (["limits.context=1.5k,"], "limits.context takes"),
        (["limits.context=1.2345k"], "limits.context takes"),
        (["released=soon"], "released takes a text, not 'soon'"),
        (["limits.context=null"], "limits.context takes"),
        (["limits={context: 1}"], "limits takes a mapping as JSON"),
        (['limits={"context": 1, "context": 2}'], "limits takes a mapping as JSON"),
        (["min_vram_gib=nan"], "min_vram_gib takes a number"),
        (["released="], "released takes a text"),
        (["changelog=@nowhere.txt"], "changelog: nowhere.txt cannot be read"),
        (["[0]=x"], "'[0]' is no field"),
        (["name..x=1"], "'name..x' is no field"),
        (["name.x=1"], "name has no fields"),
        (["artifacts[9].bits=1"], "artifacts has no item '9'"),
        (["architecture.layers[0].window=3"], "architecture.layers[0] has no field 'window'"),
        (["nonsense=1"], "a version has no field 'nonsense'"),
        ([], "there is nothing to change"),
    ],
)
def test_what_cannot_be_typed(run: Run, checkout: Path, words: list[str], told: str) -> None:
    before = states(checkout)
    got = run("edit", REF, *words, "--root", str(checkout))
    assert got.code == 2
    assert got.err.startswith(f"error: {told}"), got.err
    assert "hint: " in got.err
    assert states(checkout) == before


def test_text_of_a_file(run: Run, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text("First.\n\n- second: x\n", "utf-8")
    assert run("edit", REF, f"changelog=@{tmp_path}/new.md", "--root", str(checkout)).code == 0
    assert "changelog: |-\n  First.\n\n  - second: x\n" in (checkout / VERSION).read_text("utf-8")
    assert run("edit", REF, "changelog=@@home", "--root", str(checkout)).code == 0
    assert 'changelog: "@home"\n' in (checkout / VERSION).read_text("utf-8")


def test_dry_run_and_json_tell_the_same(run: Run, checkout: Path) -> None:
    before = states(checkout)
    words = (REF, "limits.output=8192", "--json", "--root", str(checkout))
    dry = run("edit", *words, "--dry-run").json
    assert states(checkout) == before
    wet = run("edit", *words).json
    assert dry == wet | {"written": False}
    assert wet["files"] == [
        {
            "path": VERSION,
            "kind": "version",
            "id": REF,
            "action": "changed",
            "values": [{"field": "limits.output", "pointer": "/limits/output", "before": 16384, "after": 8192}],
        }
    ]
    assert run("edit", REF, "limits.output=4096", "-q", "--root", str(checkout))[1:] == ("", "")
    refused = run("edit", REF, "limits.output=999999", "--json", "--root", str(checkout))
    assert refused.code == 1
    assert json.loads(refused.out)["findings"][0]["code"] == "context-below-output"


def test_only_new_findings_refuse(run: Run, checkout: Path) -> None:
    (checkout / "catalog/tags/edge.yaml").write_text("nonsense: 1\n", "utf-8")
    (checkout / VERSION).write_text((checkout / VERSION).read_text("utf-8").replace("tags: [edge]", "tags: [edge, nobody]"), "utf-8")
    assert run("validate", "--root", str(checkout)).code == 1
    assert run("edit", REF, "limits.output=8192", "--root", str(checkout)).code == 0, "what was wrong before is not its affair"
    assert run("edit", REF, "tags-=nobody", "--root", str(checkout)).code == 0
    assert run("edit", "tags/edge", "description=Small.", "--unset", "nonsense", "--root", str(checkout)).code == 2, "no such field"
    assert run("edit", REF, "tags+=noone", "--root", str(checkout)).code == 1


def test_several_files_are_written_together_or_not_at_all(run: Run, checkout: Path) -> None:
    before = states(checkout)
    got = run("edit", REF, "acme/embed-small@1.0.0", "limits.output=9000", "--root", str(checkout))
    assert got.code == 1, "9,000 is more than the 512 tokens of the second"
    assert states(checkout) == before


def test_a_file_that_does_not_read_is_not_touched(run: Run, checkout: Path) -> None:
    (checkout / VERSION).write_text("a: [\n", "utf-8")
    got = run("edit", REF, "limits.output=1", "--root", str(checkout))
    assert got.code == 1
    assert got.err.startswith(f"error: {VERSION}:2:1: ")
    assert "repair it by hand first" in got.err


def test_a_text_that_is_not_canonical_is_told(run: Run, checkout: Path) -> None:
    file = checkout / MODEL
    file.write_text(file.read_text("utf-8").replace("name: Atlas 8B Instruct", "name:   'Atlas 8B Instruct'"), "utf-8")
    got = run("edit", "acme/atlas-8b", "family=atlas3", "--root", str(checkout))
    assert f"note: {MODEL} is written in the canonical style too" in got.err
    assert "name: Atlas 8B Instruct\n" in file.read_text("utf-8")


def test_published_bytes_and_those_of_this_change(run: Run, tmp_path: Path) -> None:
    repo = repository(tmp_path)
    digest = "artifacts[gguf-q4_k_m].files[0].bytes=4920000001"
    got = run("edit", REF, digest, "--root", str(repo.top))
    assert got.code == 1
    assert "error[version-bytes-changed]" in got.err
    assert run("new", "acme/own", "--type", "weights", "--name", "Own", "--architecture", "llama", "--parameters", "1B",
               "--uri", "s3://weights/own.gguf", "--bytes", "5", "--sha256", "a" * 64, "--root", str(repo.top)).code == 0  # fmt: skip
    assert run("edit", "acme/own@1.0.0", "artifacts[gguf].files[0].bytes=6", "--root", str(repo.top)).code == 0, "nobody has seen it yet"


def test_what_was_done_to_published_files_before_is_not_held_against_an_edit(run: Run, tmp_path: Path) -> None:
    repo = repository(tmp_path)
    file = repo.top / VERSION
    file.write_text(file.read_text("utf-8").replace("bytes: 4920000000", "bytes: 4920000001"), "utf-8")
    assert run("edit", REF, "limits.output=8192", "--root", str(repo.top)).code == 0
    assert run("edit", REF, "artifacts[gguf-q8_0].files[0].bytes=1", "--root", str(repo.top)).code == 1


def test_a_protected_tag_is_told(run: Run, tmp_path: Path) -> None:
    repo = repository(tmp_path, curated=False)
    got = run("edit", REF, "tags+=curated", "--root", str(repo.top))
    assert got.code == 0
    assert f"note: {REF}: the protected tag curated is given; the gate asks for 2 approvals" in got.err
    got = run("edit", REF, "limits.output=8192", "--root", str(repo.top))
    assert "the protected tag curated is touched" in got.err
    assert run("edit", "acme/atlas-8b", "tags+=curated", "--root", str(repo.top)).code == 1, "worn by versions only"


def test_somebody_else_writes_at_the_same_time(run: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, other = checkout / VERSION, "# somebody else's\n"
    sync = os.fsync

    def meanwhile(handle: int) -> None:
        sync(handle)
        file.write_text(other, "utf-8")

    monkeypatch.setattr(write.os, "fsync", meanwhile)
    got = run("edit", REF, "limits.output=8192", "--root", str(checkout))
    assert got.code == 1
    assert got.err.splitlines()[-2] == "error: 1.1.0.yaml was changed by somebody else meanwhile; nothing was written"
    assert file.read_text("utf-8") == other


def test_the_file_of_somebody_else_stays(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "a.yaml", tmp_path / "b.yaml"
    mine.write_text("old\n", "utf-8")
    theirs.write_text("theirs\n", "utf-8")
    with pytest.raises(ChangedMeanwhile):
        write_all({mine: "new\n", theirs: "mine\n"}, {mine: b"old\n", theirs: None})
    assert (mine.read_text("utf-8"), theirs.read_text("utf-8")) == ("old\n", "theirs\n")


def test_many_edits_at_once_lose_nothing(shell: Run, checkout: Path) -> None:
    done = []
    threads = [
        threading.Thread(target=lambda at=at: done.append((at, shell("edit", "models/acme", f"aliases+=ollama:name{at}", cwd=checkout))))
        for at in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = (checkout / "catalog/models/acme/publisher.yaml").read_text("utf-8")
    for at, got in done:
        assert got.code in (0, 1), got.err
        assert (f"ollama:name{at}" in text) == (got.code == 0), "what was said to be written is there"
