"""`modelreg import hf:org/name`, with the hub's own client against a hub on this machine."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.catalog import document
from tests.conftest import Ran, Run
from tests.importers.hub import COMMIT, Hub, hub, sum_of

ROOT = Path(__file__).parents[2]
CONFIG = json.dumps({
    "model_type": "qwen2", "max_position_embeddings": 32768, "hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4,
    "num_hidden_layers": 28, "vocab_size": 152064,
})  # fmt: skip
REAL = ROOT.parent / "shared" / "data" / "hf"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub() as found:
        monkeypatch.setenv("HF_ENDPOINT", found.server.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield found


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A catalog with the words and licences of the shipped one, and no models."""
    for folder in ("vocabulary", "licenses", "tags", "benchmarks"):
        shutil.copytree(ROOT / "catalog" / folder, tmp_path / "catalog" / folder)
    shutil.copyfile(ROOT / "catalog/catalog.yaml", tmp_path / "catalog/catalog.yaml")
    return tmp_path


@pytest.fixture
def bring(run: Run, top: Path, site: Hub) -> Run:
    def call(name: str, *argv: str) -> Ran:
        return run("import", f"hf:{name}", "--root", str(top), "--observed", "2026-06-01", *argv)

    return call


def read(top: Path, path: str) -> Any:
    return document.load((top / "catalog" / path).read_bytes())


def decisions(top: Path, group: str) -> list[tuple[str, str]]:
    file = top / f"catalog/decisions/hf/{group}.yaml"
    entries: Any = read(top, f"decisions/hf/{group}.yaml") if file.exists() else {"decisions": []}
    return [(entry["subject"], entry["reason"]) for entry in entries["decisions"]]


def swim(site: Hub, **more: Any) -> dict[str, Any]:
    """A usual repository."""
    given: dict[str, Any] = {
        "cardData": {"license": "apache-2.0", "language": ["en", "multilingual", "de"]},
        "pipeline_tag": "text-generation",
        "safetensors": {"parameters": {"BF16": 7_000_000_000, "I64": 512}, "total": 7_000_000_512},
    }
    weights = {
        "model-00001-of-00002.safetensors": 9_000_000_000,
        "model-00002-of-00002.safetensors": 5_000_000_000,
        "pytorch_model.bin": 14_000_000_000,
    }
    return site.add("Dorado/Swim-7B", weights, {"config.json": CONFIG, "README.md": "# Swim"}, **{**given, **more})


def test_a_repository_becomes_a_model(bring: Run, site: Hub, top: Path, run: Run) -> None:
    swim(site)
    got = bring("Dorado/Swim-7B")
    assert got.code == 0, got.err
    assert "created: 3 (model 1, publisher 1, version 1)" in got.out
    model, version = read(top, "models/dorado/swim-7b/model.yaml"), read(top, "models/dorado/swim-7b/2026-03-04.yaml")
    source = {"hub": {"url": f"https://huggingface.co/Dorado/Swim-7B/tree/{COMMIT}", "retrieved": "2026-06-01"}}
    assert model == {
        "name": "Swim-7B", "type": "weights", "tasks": ["chat"], "modalities": {"input": ["text"], "output": ["text"]},
        "license": "apache-2.0", "languages": ["de", "en"], "aliases": ["hf:Dorado/Swim-7B"], "default": "2026-03-04",
        "sources": source, "sourced": {"": "hub"},
    }  # fmt: skip
    files = [
        {"path": path, "bytes": size, "sha256": sum_of(f"Dorado/Swim-7B {path}")}
        for path, size in (("model-00001-of-00002.safetensors", 9_000_000_000), ("model-00002-of-00002.safetensors", 5_000_000_000))
    ]
    assert version == {
        "released": "2026-03-04", "weights": "open", "upstream": {"hub": "huggingface", "repo": "Dorado/Swim-7B", "revision": COMMIT},
        "limits": {"context": 32768},
        "architecture": {
            "name": "qwen2", "parameters": {"total": 7_000_000_000}, "hidden": 3584, "heads": 28, "vocab": 152064,
            "layers": [{"kind": "full", "count": 28, "kv_heads": 4, "k_dim": 128, "v_dim": 128}],
        },
        "artifacts": [
            {
                "id": "safetensors-bf16",
                "format": "safetensors",
                "quantization": "bf16",
                "uri": f"hf://Dorado/Swim-7B@{COMMIT}",
                "files": files,
            }
        ],
        "sources": source, "sourced": {"": "hub"},
    }  # fmt: skip
    assert decisions(top, "dorado") == []
    checked = run("validate", "--root", str(top))
    assert checked.code == 0, checked.out


def test_the_same_again_changes_nothing(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    bring("Dorado/Swim-7B")
    before = {path: path.read_bytes() for path in top.rglob("*.yaml")}
    again = bring("Dorado/Swim-7B")
    assert "created: 0\nchanged: 0\nunchanged: 3 (" in again.out
    assert {path: path.read_bytes() for path in top.rglob("*.yaml")} == before


def test_dry_run_tells_every_value_and_writes_nothing(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    bring("Dorado/Swim-7B")
    before = {path: path.read_bytes() for path in top.rglob("*.yaml")}
    swim(site, cardData={"license": "mit", "language": "en"}, gated="auto")
    told = bring("Dorado/Swim-7B", "--dry-run")
    for line in ("licence apache-2.0 -> mit", "languages 0 - de", "weights open -> gated"):
        assert line in told.out
    values = [value for change in bring("Dorado/Swim-7B", "--dry-run", "--json").json["changes"] for value in change["values"]]
    assert {"field": "/weights", "before": "open", "after": "gated"} in values
    assert {path: path.read_bytes() for path in top.rglob("*.yaml")} == before


def test_what_people_wrote_stays_and_what_is_missing_comes(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    folder = top / "catalog/models/dorado/swim-7b"
    folder.mkdir(parents=True)
    (folder.parent / "publisher.yaml").write_text("name: Dorado Labs\n", "utf-8")
    (folder / "model.yaml").write_text("name: Swim  # ours\ntype: weights\nlicense: mit\ndefault: 1.0.0\n", "utf-8")
    (folder / "1.0.0.yaml").write_text(
        "released: 2026-01-01\nweights: open\nlimits: {context: 8192}\naliases: [hf:dorado/swim-7b, ollama:swim]\n", "utf-8"
    )
    got = bring("Dorado/Swim-7B")
    assert got.code == 0, got.err
    model, version = read(top, "models/dorado/swim-7b/model.yaml"), read(top, "models/dorado/swim-7b/1.0.0.yaml")
    assert (model["name"], model["license"], model["default"], model["tasks"]) == ("Swim", "mit", "1.0.0", ["chat"])
    assert "# ours" in (folder / "model.yaml").read_text("utf-8")
    assert (version["released"], version["limits"], version["aliases"]) == (
        "2026-01-01",
        {"context": 8192},
        ["hf:dorado/swim-7b", "ollama:swim"],
    )
    assert version["upstream"]["revision"] == COMMIT
    assert [one["id"] for one in version["artifacts"]] == ["safetensors-bf16"]
    assert version["sourced"]["/artifacts"] == "hub"
    assert decisions(top, "dorado") == [("Dorado/Swim-7B", "conflict"), ("Dorado/Swim-7B", "conflict")]
    assert not (top / "catalog/models/dorado/swim-7b/2026-03-04.yaml").exists()


def test_other_bytes_are_a_new_version(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    bring("Dorado/Swim-7B")
    before = (top / "catalog/models/dorado/swim-7b/2026-03-04.yaml").read_bytes()
    info = swim(site)
    info["siblings"][2]["lfs"]["sha256"] = sum_of("something else")
    info["sha"] = COMMIT[::-1]
    got = bring("Dorado/Swim-7B")
    assert "have other bytes upstream now; they are the new version 2026-05-06" in got.err
    assert (top / "catalog/models/dorado/swim-7b/2026-03-04.yaml").read_bytes() == before
    assert read(top, "models/dorado/swim-7b/2026-05-06.yaml")["upstream"]["revision"] == COMMIT[::-1]
    assert read(top, "models/dorado/swim-7b/model.yaml")["default"] == "2026-03-04", "which one is the default is for people to say"
    again = bring("Dorado/Swim-7B")
    assert "created: 0" in again.out


def test_a_new_revision_of_the_same_bytes_is_an_edit(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    bring("Dorado/Swim-7B")
    swim(site)["sha"] = COMMIT[::-1]
    assert "changed: 1 (version 1)" in bring("Dorado/Swim-7B").out
    assert read(top, "models/dorado/swim-7b/2026-03-04.yaml")["upstream"]["revision"] == COMMIT[::-1]


def test_a_quantization_is_artifacts_of_what_it_was_made_from(bring: Run, site: Hub, top: Path, run: Run) -> None:
    card = {"base_model": "Dorado/Swim-7B", "base_model_relation": "quantized", "license": "apache-2.0"}
    weights = {
        "Swim-7B-Q4_K_M.gguf": 4_000,
        "Swim-7B-Q8_0-00001-of-00002.gguf": 4_001,
        "Swim-7B-Q8_0-00002-of-00002.gguf": 4_002,
        "imatrix.dat": 5,
    }
    site.add("quantfriend/Swim-7B-GGUF", weights, cardData=card)
    got = bring("quantfriend/Swim-7B-GGUF")
    assert (got.code, got.out) == (1, "")
    assert got.err.splitlines()[-2:] == [
        "error: quantfriend/Swim-7B-GGUF is a quantization of Dorado/Swim-7B, which the catalog does not have",
        "hint: import hf:Dorado/Swim-7B first",
    ]
    swim(site)
    bring("Dorado/Swim-7B")
    assert bring("quantfriend/Swim-7B-GGUF").code == 0
    made = {one["id"]: one for one in read(top, "models/dorado/swim-7b/2026-03-04.yaml")["artifacts"]}
    assert list(made) == ["safetensors-bf16", "gguf-q4_k_m", "gguf-q8_0"]
    assert made["gguf-q4_k_m"]["publisher"] == "quantfriend"
    assert made["gguf-q4_k_m"]["uri"] == f"hf://quantfriend/Swim-7B-GGUF@{COMMIT}/Swim-7B-Q4_K_M.gguf"
    assert [file["bytes"] for file in made["gguf-q8_0"]["files"]] == [4_001, 4_002]
    site.add("other/Swim-GGUF", {"Swim-Q4_K_M.gguf": 3_999}, cardData=card)
    assert bring("other/Swim-GGUF").code == 0
    ids = [one["id"] for one in read(top, "models/dorado/swim-7b/2026-03-04.yaml")["artifacts"]]
    assert ids == ["safetensors-bf16", "gguf-q4_k_m", "gguf-q8_0", "gguf-q4_k_m-other"]
    assert not (top / "catalog/models/other").exists()
    assert "created: 0" in bring("Dorado/Swim-7B").out, "the first one imported again takes nothing away"
    assert [one["id"] for one in read(top, "models/dorado/swim-7b/2026-03-04.yaml")["artifacts"]] == ids
    assert run("validate", "--root", str(top)).code == 0


def test_a_fine_tune_knows_its_parent(bring: Run, site: Hub, top: Path) -> None:
    site.add(
        "me/swim-poet",
        {"model.safetensors": 10},
        cardData={"base_model": "Dorado/Swim-7B", "license": "other", "license_name": "nobody-knows"},
    )
    assert bring("me/swim-poet").code == 0
    assert decisions(top, "me") == [("me/swim-poet", "unknown-license"), ("me/swim-poet", "unknown-parent")]
    swim(site)
    bring("Dorado/Swim-7B")
    assert decisions(top, "me") == [("me/swim-poet", "unknown-license"), ("me/swim-poet", "unknown-parent")], "it was not asked about"
    bring("me/swim-poet")
    assert decisions(top, "me") == [("me/swim-poet", "unknown-license"), ("me/swim-poet", "unknown-relation")]
    site.repositories["me/swim-poet"]["tags"] = ["base_model:Dorado/Swim-7B", "base_model:finetune:Dorado/Swim-7B"]
    bring("me/swim-poet")
    assert decisions(top, "me") == [("me/swim-poet", "unknown-license")]
    assert read(top, "models/me/swim-poet/model.yaml")["lineage"] == [{"relation": "finetune", "of": "dorado/swim-7b@2026-03-04"}]


def test_a_configuration_that_nobody_knows_is_told(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    site.texts["Dorado/Swim-7B", "config.json"] = '{"model_type": "swim", "hidden_size": 64}'
    bring("Dorado/Swim-7B")
    assert read(top, "models/dorado/swim-7b/2026-03-04.yaml")["architecture"] == {
        "name": "swim", "parameters": {"total": 7_000_000_000}, "hidden": 64,
    }  # fmt: skip
    assert decisions(top, "dorado") == [("Dorado/Swim-7B", "not-understood")]
    site.texts["Dorado/Swim-7B", "config.json"] = "[1, 2"
    assert bring("Dorado/Swim-7B").code == 0


@pytest.mark.parametrize(
    ("told", "id_"),
    [
        ({"license": "llama3.1"}, "llama-3.1-community"),
        ({"license": "Apache-2.0"}, "apache-2.0"),
        ({"license": "other", "license_name": "gemma"}, "gemma"),
        ({"license": ["mit"]}, "mit"),
        ({"license": "other"}, None),
        ({}, None),
    ],
)
def test_licences(bring: Run, site: Hub, top: Path, told: dict[str, Any], id_: str | None) -> None:
    swim(site, cardData=told)
    assert bring("Dorado/Swim-7B").code == 0
    assert read(top, "models/dorado/swim-7b/model.yaml").get("license") == id_
    assert [reason for _, reason in decisions(top, "dorado")] == (["unknown-license"] if told and id_ is None else [])


@pytest.mark.parametrize(
    ("counts", "total"),
    [
        ({"BF16": 10_000, "I64": 9}, 10_000),
        ({"F32": 7}, 7),
        ({"I32": 900, "BF16": 100}, None),
        ({"F8_E4M3": 900, "BF16": 100}, 1000),
        ({}, None),
    ],
)
def test_weights_are_counted_where_they_are_not_packed(bring: Run, site: Hub, top: Path, counts: dict[str, int], total: int | None) -> None:
    swim(site, safetensors={"parameters": counts, "total": sum(counts.values())})
    bring("Dorado/Swim-7B")
    assert read(top, "models/dorado/swim-7b/2026-03-04.yaml")["architecture"].get("parameters", {}).get("total") == total


def test_copies_and_parts_stand_apart(bring: Run, site: Hub, top: Path) -> None:
    weights = {
        "model.safetensors": 10, "model.fp16.safetensors": 5, "consolidated.safetensors": 11, "onnx/model.onnx": 12,
        "original/consolidated.00.pth": 13, "training_args.bin": 14, "tokenizer.bin": 15, "deep/er/model.safetensors": 16,
    }  # fmt: skip
    site.add("Dorado/Swim-7B", weights, safetensors={"parameters": {"F32": 9}, "total": 9})
    bring("Dorado/Swim-7B")
    made = {one["id"]: [file["path"] for file in one["files"]] for one in read(top, "models/dorado/swim-7b/2026-03-04.yaml")["artifacts"]}
    assert made == {
        "onnx": ["onnx/model.onnx"],
        "safetensors-f32": ["model.safetensors"],
        "safetensors-f32-consolidated": ["consolidated.safetensors"],
        "safetensors-f16": ["model.fp16.safetensors"],
    }


QUIZ = """\
name: Quiz
metrics: {accuracy: {unit: fraction, better: higher}}
harness_tasks:
  - {harness: model-index, task: quiz, metrics: {acc: accuracy}}
  - {harness: eval-results, task: org/quiz/main, metrics: {value: accuracy}}
"""


def test_reported_scores(bring: Run, site: Hub, top: Path, run: Run) -> None:
    (top / "catalog/benchmarks/quiz.yaml").write_text(QUIZ, "utf-8")
    index = [
        {"name": "Swim-7B", "results": [
            {"dataset": {"type": "quiz", "split": "test"}, "metrics": [
                {"type": "acc", "value": 0.71}, {"type": "acc", "value": 71.0}, {"type": "f1", "value": 0.5}, {"type": "acc", "value": "?"},
            ]},
            {"dataset": {"type": "riddle"}, "metrics": [{"type": "acc", "value": 0.4}]},
        ]},
    ]  # fmt: skip
    swim(site, **{"model-index": index})
    entries = "- {dataset: {id: org/quiz, task_id: main}, value: 0.69, date: '2026-04-01', source: {url: 'https://example.org/run'}}\n"
    listed = [(".eval_results/quiz.yaml", entries), (".eval_results/odd.yaml", "a: b\n"), (".eval_results/bad.yaml", "- &a [*a]\n")]
    for path, text in listed:
        site.repositories["Dorado/Swim-7B"]["siblings"].append({"rfilename": path, "size": len(text)})
        site.texts["Dorado/Swim-7B", path] = text
    got = bring("Dorado/Swim-7B")
    assert "results 2" in got.out, got
    files = sorted((top / "catalog/results/dorado/swim-7b/2026-03-04").iterdir())
    told = [document.load(path.read_bytes()) for path in files]
    metrics = (
        [{"benchmark": "quiz", "metric": "accuracy", "value": 0.69}],
        [{"benchmark": "quiz", "metric": "accuracy", "value": 0.71, "split": "test"}],
    )
    assert [one["metrics"] for one in told] == list(metrics)  # type: ignore[call-overload, index]
    assert [(one["basis"], one["by"]) for one in told] == [("reported", "dorado")] * 2  # type: ignore[call-overload, index]
    assert [reason for _, reason in decisions(top, "dorado")] == ["unknown-benchmark", *["unusable-score"] * 4]
    assert run("validate", "--root", str(top)).code == 0
    assert "created: 0\nchanged: 0" in bring("Dorado/Swim-7B").out


def test_the_hubs_warnings_are_told(bring: Run, site: Hub, top: Path) -> None:
    swim(site, securityRepoStatus={"scansDone": True, "filesWithIssues": [{"path": "pytorch_model.bin", "level": "unsafe"}]})
    got = bring("Dorado/Swim-7B")
    assert "warning: the hub calls pytorch_model.bin unsafe" in got.err
    assert decisions(top, "dorado") == [("Dorado/Swim-7B", "unsafe-file")]


def test_a_renamed_repository(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    site.renamed["old/swim"] = "Dorado/Swim-7B"
    got = bring("old/swim")
    assert "note: old/swim is called Dorado/Swim-7B now; that name is used" in got.err
    assert read(top, "models/dorado/swim-7b/model.yaml")["aliases"] == ["hf:Dorado/Swim-7B", "hf:old/swim"]


def test_a_gated_repository(bring: Run, site: Hub, top: Path) -> None:
    swim(site, gated="manual")
    site.gated.add("Dorado/Swim-7B")
    got = bring("Dorado/Swim-7B")
    assert "note: Dorado/Swim-7B is gated; config.json is left out: HF_TOKEN must be of somebody who agreed to its terms" in got.err
    version = read(top, "models/dorado/swim-7b/2026-03-04.yaml")
    assert (version["weights"], "limits" in version) == ("gated", False)


def test_a_revision(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    assert bring(f"Dorado/Swim-7B@{COMMIT}").code == 0
    got = bring("Dorado/Swim-7B@v9")
    assert (got.code, got.err.splitlines()[-2]) == (1, "error: Dorado/Swim-7B has no revision v9")


def test_what_is_not_there(bring: Run, run: Run, site: Hub, top: Path) -> None:
    got = bring("Dorado/Swim-70B")
    assert (got.code, got.err.splitlines()[-2]) == (
        1, "error: the hub has no repository Dorado/Swim-70B, or it is private and HF_TOKEN is not set",
    )  # fmt: skip
    for wrong in ("Swim", "a/b/c", "a/", "a b/c", "../x"):
        got = bring(wrong)
        assert (got.code, "is no repository of the hub" in got.err) == (2, True), got
    got = run("import", "hf", "--root", str(top))
    assert (got.code, "hf needs a source" in got.err) == (2, True)
    assert not (top / "catalog/models").exists()


def test_an_answer_that_is_none(bring: Run, site: Hub, top: Path) -> None:
    for strange in ({"siblings": [{"rfilename": "a", "lfs": {}}]}, {"siblings": 5}, {"lastModified": "soon"}, {"sha": None}):
        site.repositories["Dorado/Swim-7B"] = {"id": "Dorado/Swim-7B", "tags": [], **strange}
        got = bring("Dorado/Swim-7B", "--deadline", "5")
        assert got.code in (1, 3), got
        assert "bug" not in got.err
        assert "once more" not in got.err, "it would say the same again"
    for odd in (
        {"cardData": {"license": {"a": 1}, "language": 5, "base_model": 7}},
        {"tags": [5]},
        {"safetensors": None},
        {"pipeline_tag": "x y"},
    ):
        swim(site, **odd)
        assert bring("Dorado/Swim-7B").code == 0, odd


def test_a_hub_that_stumbles_is_asked_again(bring: Run, site: Hub, top: Path) -> None:
    swim(site)
    site.troubles[:] = [503, 429]
    got = bring("Dorado/Swim-7B")
    assert got.code == 0, got.err
    assert "hub: it answered 503; once more in" in got.err


@pytest.mark.parametrize("trouble", ["down", "away", "silent"])
def test_a_hub_that_does_not_answer_costs_the_deadline_at_most(
    bring: Run, site: Hub, top: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    swim(site)
    if trouble == "down":
        site.troubles[:] = [503] * 50
    elif trouble == "away":
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    else:
        monkeypatch.setattr(site, "answer", lambda _asked: time.sleep(30))
    started = time.monotonic()
    got = bring("Dorado/Swim-7B", "--deadline", "2")
    assert got.code == 3, got
    assert "--deadline" in got.err
    assert time.monotonic() - started < 6
    assert not (top / "catalog/models").exists()


def test_tokens_come_from_the_environment_alone(bring: Run, site: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "token").write_text("hf_from_a_login", "ascii")
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_TOKEN_PATH", str(home / "token"))
    swim(site)
    bring("Dorado/Swim-7B")
    assert set(site.tokens) == {""}
    monkeypatch.setenv("HF_TOKEN", "hf_from_the_environment")
    bring("Dorado/Swim-7B")
    assert site.tokens[-1] == "Bearer hf_from_the_environment"


@pytest.mark.skipif(not REAL.is_dir(), reason="the recorded answers of the hub are not at hand")
@pytest.mark.parametrize(
    "name", ["deepset__roberta-base-squad2", "google-bert__bert-base-uncased", "sentence-transformers__paraphrase-albert-small-v2"]
)
def test_recorded_answers(bring: Run, site: Hub, top: Path, name: str, run: Run) -> None:
    info = json.loads((REAL / f"{name}.json").read_text("utf-8"))
    site.repositories[info["id"]] = info
    got = bring(info["id"])
    assert got.code == 0, got.err
    assert run("validate", "--root", str(top)).code == 0
