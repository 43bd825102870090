"""Each form of result files: what is taken, what is told, what is left."""

import json
from pathlib import Path

import pytest

from modelreg_cli.catalog.artifact import artifact_digest
from tests.importers.runs import made
from tests.importers.runs.conftest import Ingest, only, results_of

BF16 = [
    {"path": "model-00001-of-00002.safetensors", "bytes": 9000000000, "sha256": "5" * 64},
    {"path": "model-00002-of-00002.safetensors", "bytes": 7060000000, "sha256": "6" * 64},
]


def test_lm_eval(ingest: Ingest, catalog: Path) -> None:
    ran = ingest(made.LM_EVAL)
    assert ran.code == 0, ran.err
    assert "not taken: sums_a: a part of sums\n" in ran.out and "not taken: sums_b: a part of sums\n" in ran.out
    found = only(catalog)
    source = json.loads(made.LM_EVAL.read_text("utf-8"))
    assert found["basis"] == "measured" and found["by"] == "open-lab" and found["date"] == "2026-11-21"
    assert found["harness"] == {"name": "lm-eval", "version": source["lm_eval_version"]}
    assert found["artifact"] == "bf16" and found["digest"] == artifact_digest(BF16)
    strict, flexible, sums = sorted(found["metrics"], key=lambda row: (row["benchmark"], row.get("filter") != "strict-match"))
    assert (strict["filter"], flexible["filter"]) == ("strict-match", "flexible-extract")
    assert sums == {
        "benchmark": "sums", "metric": "accuracy", "value": source["results"]["sums"]["acc,none"],
        "stderr": source["results"]["sums"]["acc_stderr,none"], "samples": 16, "total_samples": 16, "shots": 2, "task_version": "2.0",
    }  # fmt: skip
    assert strict["samples"] == 8 and strict["task_version"] == "3.0" and strict["split"] == "train" and len(strict["prompt_digest"]) == 64
    assert "batch_size" in found["settings"] and "device" not in found["settings"]


def test_a_prompt_digest_follows_the_prompt(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    ingest(made.LM_EVAL)
    ingest(made.changed(made.LM_EVAL, tmp_path / "other.json", configs__spell__doc_to_text="Answer: {{q}}"))
    ingest(made.changed(made.LM_EVAL, tmp_path / "later.json", date=1795300000.5))
    rows = [row for value in results_of(catalog).values() for row in value["metrics"] if row["benchmark"] == "spell"]
    assert len(rows) == 6 and len({row["prompt_digest"] for row in rows}) == 2


def test_lm_eval_before_0_4(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(made.old_lm_eval()))
    assert "--date" in ingest(file).err
    assert ingest(file, "--date", "2023-05-01").code == 0
    found = only(catalog)
    assert found["harness"] == {"name": "lm-eval"} and found["date"] == "2023-05-01"
    assert found["metrics"] == [
        {"benchmark": "sums", "metric": "accuracy", "value": 0.25, "stderr": 0.01, "shots": 5, "task_version": "1"}
    ]  # fmt: skip
    assert found["settings"]["model_args"] == {"pretrained": "Acme/Atlas-8B-Instruct", "dtype": "float16"}


def test_a_standard_error_that_is_none(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = made.changed(made.LM_EVAL, tmp_path / "na.json", **{"results__sums__acc_stderr,none": "N/A", "results__spell": None})
    assert ingest(file).code == 0
    assert "stderr" not in only(catalog)["metrics"][0]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e999"])
def test_a_score_that_is_no_number_is_left_and_told(ingest: Ingest, catalog: Path, tmp_path: Path, bad: str) -> None:
    file = tmp_path / "nan.json"
    source = json.loads(made.LM_EVAL.read_text("utf-8"))
    source["results"]["sums"]["acc,none"] = "HERE"
    file.write_text(json.dumps(source).replace('"HERE"', bad))
    ran = ingest(file)
    assert ran.code == 0 and "not taken: sums acc: " in ran.out and "not a finite number" in ran.out
    assert {row["benchmark"] for row in only(catalog)["metrics"]} == {"spell"}


@pytest.mark.parametrize("file", [made.INSPECT, made.INSPECT_EVAL], ids=["json", "eval"])
def test_inspect(ingest: Ingest, catalog: Path, file: Path) -> None:
    assert ingest(file).code == 0
    found = only(catalog)
    assert found["harness"] == {"name": "inspect", "version": "0.3.285"} and found["date"] == "2026-11-21"
    assert found["metrics"] == [
        {
            "benchmark": "sums", "metric": "accuracy", "value": 0.625, "stderr": 0.18298126367784995, "samples": 8, "total_samples": 8,
            "task_version": "3", "filter": "match",
        }
    ]  # fmt: skip


def test_epochs_are_not_questions(ingest: Ingest, catalog: Path) -> None:
    assert ingest(made.INSPECT_LIMIT, "--allow-partial").code == 0
    (row,) = only(catalog)["metrics"]
    assert row["samples"] == 4 and row["total_samples"] == 8 and row["limit"] == 4 and row["partial"] == "limit 4"


def test_helm(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    ran = ingest(made.helm_run(tmp_path / "run"), "--date", "2026-03-04")
    assert ran.code == 0, ran.err
    assert only(catalog)["metrics"] == [
        {
            "benchmark": "sums", "metric": "accuracy", "value": 0.5, "samples": 20, "shots": 5, "split": "test", "subset": "small",
        }
    ]  # fmt: skip
    for word in ("inference_runtime: no benchmark takes", "exact_match test typos: another split", "exact_match valid: another split"):
        assert f"not taken: sums {word}" in ran.out


@pytest.mark.parametrize("lost", ["stats.json", "run_spec.json"])
def test_half_a_helm_run(ingest: Ingest, tmp_path: Path, lost: str) -> None:
    folder = made.helm_run(tmp_path / "run")
    (folder / lost).unlink()
    ran = ingest(folder, "--date", "2026-03-04")
    assert ran.code == 2 and str(folder) in ran.err


def test_a_link_in_a_helm_run(ingest: Ingest, tmp_path: Path) -> None:
    folder = made.helm_run(tmp_path / "run")
    (folder / "stats.json").rename(tmp_path / "elsewhere.json")
    (folder / "stats.json").symlink_to(tmp_path / "elsewhere.json")
    ran = ingest(folder, "--date", "2026-03-04")
    assert ran.code == 2 and "is a link" in ran.err


def test_a_card_reports(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(made.CARD, "utf-8")
    assert "--source URL --retrieved" in ingest(file, "--date", "2026-03-04", artifact=None).err
    told = ("--date", "2026-03-04", "--source", "https://huggingface.co/Acme/Atlas-8B-Instruct", "--retrieved", "2026-03-05")
    ran = ingest(file, *told, artifact=None)
    assert ran.code == 0 and not ran.err
    assert "not taken: sums total: no benchmark takes this metric" in ran.out
    found = only(catalog)
    assert found["basis"] == "reported" and not {"harness", "artifact", "digest"} & found.keys()
    assert found["source"] == {"url": "https://huggingface.co/Acme/Atlas-8B-Instruct", "retrieved": "2026-03-05"}
    (row,) = found["metrics"]
    assert row.pop("verified") is True and "eyJ" not in next(iter((catalog / "catalog/results").rglob("model-index-*"))).read_text("utf-8")
    assert row == {
        "benchmark": "sums", "metric": "accuracy", "value": 0.5, "split": "test", "subset": "small", "dataset_revision": "abc123"
    }  # fmt: skip


def test_eval_results(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = tmp_path / "sums.yaml"
    file.write_text(made.EVAL_RESULTS, "utf-8")
    ran = ingest(file, "--retrieved", "2026-03-05")
    assert ran.code == 0, ran.err
    found = only(catalog)
    assert found["basis"] == "reported" and found["date"] == "2026-03-04" and found["source"]["url"] == "https://acme.example/logs"
    assert found["settings"] == {"notes": "no-tools"}
    assert found["metrics"] == [{"benchmark": "sums", "metric": "accuracy", "value": 0.5, "dataset_revision": "abc123"}]


def test_latency_and_throughput(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = tmp_path / "speed.csv"
    file.write_text(made.LATENCY, "utf-8")
    assert ingest(file).code == 0
    rows = only(catalog)["metrics"]
    assert len(rows) == 6
    fast = next(row for row in rows if row["value"] == 210)
    assert fast == {
        "benchmark": "inference-latency", "metric": "p50", "value": 210, "samples": 200, "hardware": "a100-80gb", "devices": 2,
        "runtime": "vllm", "runtime_version": "0.9.1", "concurrency": 8, "input_tokens": 512, "output_tokens": 128,
    }  # fmt: skip
    assert {row["benchmark"] for row in rows} == {"inference-latency", "throughput"}


@pytest.mark.parametrize(("count", "p99"), [(100, 99.0), (1000, 990.0), (99, None)])
def test_percentiles_of_single_requests(ingest: Ingest, catalog: Path, tmp_path: Path, count: int, p99: float | None) -> None:
    file = tmp_path / "raw.csv"
    lines = [f"{value},rtx-4090,vllm" for value in reversed(range(1, count + 1))]
    file.write_text("latency_ms,hardware,runtime\n" + "\n".join(lines))
    ran = ingest(file, "--date", "2026-03-04")
    assert ran.code == 0, ran.err
    found = only(catalog)
    values = {row["metric"]: row["value"] for row in found["metrics"]}
    assert values == {"p50": (count + 1) // 2, **({"p99": p99} if p99 else {})}
    assert found["metrics"][0]["samples"] == count and found["settings"] == {"percentiles": "nearest-rank"}
    assert ("99 samples are too few" in ran.out) == (p99 is None)


def test_latency_as_json(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = tmp_path / "speed.json"
    shared = {"hardware": "rtx-4090", "runtime": "llama.cpp", "harness": "llama-bench", "harness_version": "b5000", "date": "2026-03-04"}
    file.write_text(json.dumps({**shared, "rows": [{"concurrency": 1, "latency_ms": [3, 1, 2]}, {"concurrency": 2, "tokens_per_s": 9.5}]}))
    assert ingest(file).code == 0
    found = only(catalog)
    assert found["harness"] == {"name": "llama-bench", "version": "b5000"}
    assert [(row["metric"], row["value"], row["concurrency"]) for row in found["metrics"]] == [("p50", 2, 1), ("tokens-per-second", 9.5, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p50_ms,runtime\n1,vllm\n", "does not say its hardware"),
        ("p50_ms,hardware,runtime\n1,rtx-409,vllm\n", "rtx-4090"),
        ("p50_ms,hardware,runtime\n1,rtx-4090,vlm\n", "vllm"),
        ("p50_ms,hardware,runtime\n1 ms,rtx-4090,vllm\n", "decimal point and no unit"),
        ("p50_ms,hardware,runtime\nnan,rtx-4090,vllm\n", "a number of 0 or more"),
        ("p50_ms,hardware,runtime,concurrency\n1,rtx-4090,vllm,1.5\n", "a whole number"),
        ("p50_ms,hardware,runtime,p95_ms\n1,rtx-4090,vllm,2\n", "p95_ms"),
        ("p50_ms,hardware,runtime\n1,rtx-4090,vllm,7\n", "more cells"),
        ("p50_ms,p50_ms,hardware,runtime\n1,2,rtx-4090,vllm\n", "a column twice"),
    ],
)
def test_wrong_tables(ingest: Ingest, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "speed.csv"
    file.write_text(text)
    ran = ingest(file, "--date", "2026-03-04")
    assert ran.code == 2 and words in ran.err, ran.err
