"""Result files of every form, made up in the shapes of the real ones; the real ones are in files/."""

import json
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "files"
LM_EVAL = FILES / "lm-eval-0.4.json"
LM_EVAL_LIMIT = FILES / "lm-eval-0.4-limit.json"
INSPECT = FILES / "inspect.json"
INSPECT_EVAL = FILES / "inspect.eval"
INSPECT_LIMIT = FILES / "inspect-limit.eval"

#: Benchmarks of the catalog that results go to, beside those that are there.
BENCHMARKS = {
    "sums": "name: Sums\nmetrics:\n  accuracy: {unit: fraction, better: higher, min: 0, max: 1}\n"
    "harness_tasks:\n  - {harness: lm-eval, task: sums, metrics: {acc: accuracy}}\n  - {harness: inspect, task: sums}\n"
    "  - {harness: helm, task: sums, metrics: {exact_match: accuracy}}\n  - {harness: model-index, task: sums, metrics: {acc: accuracy}}\n"
    "  - {harness: eval-results, task: acme/sums/default, metrics: {value: accuracy}}\n",
    "spell": "name: Spell\nmetrics: {exact-match: {unit: fraction, better: higher, min: 0, max: 1}}\n"
    "harness_tasks: [{harness: lm-eval, task: spell, metrics: {exact_match: exact-match}}]\n",
    "inference-latency": "name: Latency\nmetrics: {p50: {unit: ms, better: lower, min: 0}, p99: {unit: ms, better: lower, min: 0}}\n"
    "harness_tasks: [{harness: samples, task: latency}]\n",
    "throughput": "name: Throughput\nmetrics: {tokens-per-second: {unit: tokens_per_second, better: higher, min: 0}}\n"
    "harness_tasks: [{harness: samples, task: throughput}]\n",
}


def with_benchmarks(root: Path) -> Path:
    """A catalog with these benchmarks."""
    for name, text in BENCHMARKS.items():
        (root / f"catalog/benchmarks/{name}.yaml").write_text(text, "utf-8")
    return root


def changed(source: Path, target: Path, **values: Any) -> Path:
    """A copy of a JSON file with other values; `a__b` is b inside a, and None takes a key out."""
    data = json.loads(source.read_text("utf-8"))
    for key, value in values.items():
        *steps, last = key.split("__")
        place = data
        for step in steps:
            place = place[step]
        if value is None:
            place.pop(last)
        else:
            place[last] = value
    target.write_text(json.dumps(data), "utf-8")
    return target


def old_lm_eval(**config: Any) -> dict[str, Any]:
    """The shape of lm-eval 0.3."""
    return {
        "results": {"sums": {"acc": 0.25, "acc_stderr": 0.01, "acc_norm": 0.5, "acc_norm_stderr": 0.02}},
        "versions": {"sums": 1},
        "config": {
            "model": "hf-causal",
            "model_args": "pretrained=Acme/Atlas-8B-Instruct,dtype=float16",
            "num_fewshot": 5,
            "batch_size": "16",
            "limit": None,
            "bootstrap_iters": 100000,
            **config,
        },
    }


def helm_run(folder: Path, value: float = 0.5, instances: int = 20, most: int | None = 1000) -> Path:
    """The folder of a HELM run."""

    def stat(name: str, mean: float | None, split: str = "test", **more: Any) -> dict[str, Any]:
        return {"name": {"name": name, "split": split, **more}, "count": 1, "sum": mean, "mean": mean}

    spec = {
        "name": "sums:subject=small,model=acme_atlas",
        "scenario_spec": {"class_name": "helm.SumsScenario", "args": {"subject": "small"}},
        "adapter_spec": {"method": "multiple_choice_joint", "model": "acme/atlas-8b", "max_train_instances": 5, "max_eval_instances": most},
    }
    stats = [
        stat("num_instances", instances), stat("num_train_instances", 5.0), stat("exact_match", value), stat("inference_runtime", 0.1),
        stat("exact_match", 0.1, perturbation={"name": "typos"}), stat("exact_match", 0.2, "valid"),
    ]  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "run_spec.json").write_text(json.dumps(spec))
    (folder / "stats.json").write_text(json.dumps(stats))
    (folder / "scenario.json").write_text(json.dumps({"name": "sums", "description": "Sums.", "tags": []}))
    return folder


CARD = """---
license: apache-2.0
language: no
model-index:
- name: Acme/Atlas-8B-Instruct
  results:
  - task: {type: text-generation}
    dataset: {type: sums, name: Sums, config: small, split: test, revision: abc123}
    metrics:
    - {type: acc, value: 0.5, verified: true, verifyToken: eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJoYXNoIjoiMDAifQ.c2lnbmF0dXJl}
    - {type: total, value: 100}
---
# Atlas
"""
EVAL_RESULTS = """- dataset: {id: acme/sums, task_id: default, revision: abc123}
  value: 0.5
  date: 2026-03-04T10:00:00Z
  source: {url: https://acme.example/logs, name: Logs}
  notes: no-tools
"""
LATENCY = """hardware,devices,runtime,runtime_version,concurrency,input_tokens,output_tokens,p50_ms,p99_ms,tokens_per_s,samples,date
rtx4090,1,vLLM,0.9.1,8,512,128,410.5,900,350,200,2026-03-04
A100-80GB,2,vllm,0.9.1,8,512,128,210,400,900,200,2026-03-04
"""
