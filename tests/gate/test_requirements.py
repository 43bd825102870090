"""What a promotion must have earned, and how a refusal explains itself: two curators approve everything here."""

import pytest

from tests.gate.conftest import Gate
from tests.gate.world import (
    BENCHMARK,
    LICENSE,
    MODEL,
    OLDER,
    OLDER_RESULTS,
    OLDER_SCAN,
    POLICY,
    RESULTS,
    SCAN,
    SOURCES,
    VERSION,
    World,
    days_ago,
    digest,
    results,
    scan,
    sha,
    version,
    worn,
)


def promoted(world: World, base: dict[str, str | None] | None = None, changed: dict[str, str | None] | None = None) -> int:
    """The tag is proposed on a base, and both curators approve."""
    if base:
        world.base(base)
    number = world.propose({VERSION: worn()} if changed is None else changed)
    world.review(number, "alice")
    world.review(number, "bob")
    return number


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"value": 0.655}, "lower95 0.6487 < 0.65"),
        ({"stderr": None}, "lower95 cannot be told: the run gives no standard error"),
        ({"samples": 880}, "n = 880 < 14000"),
        ({"samples": None}, "n = unknown < 14000"),
        ({"shots": 0}, "shots 0, not 5"),
        ({"shots": None}, "shots unknown, not 5"),
        ({"date": days_ago(322)}, "322 days old > 180"),
        ({"date": days_ago(-3)}, "has not come yet"),
        ({"date": None}, "it has no date"),
        ({"basis": "reported"}, "reported, not measured"),
        ({"digest": digest("other")}, "measured on another digest"),
        ({"digest": None}, "measured on another digest (none named"),
        ({"harness": {"name": "helm", "version": "0.5"}}, "measured with helm, not lm-eval"),
        ({"harness": {"name": "lm-eval", "version": "0.4.4"}}, "lm-eval 0.4.4 is not >=0.4.5"),
        ({"harness": {"name": "lm-eval"}}, "lm-eval of unknown release is not >=0.4.5"),
        ({"harness": {"name": "lm-eval", "version": "main"}}, "lm-eval main is not >=0.4.5"),
        ({"harness": None}, "measured with an unknown program"),
        ({"partial": "the first 14,000 questions"}, "not the whole benchmark"),
        ({"limit": 14000}, "not the whole benchmark"),
        ({"metric": "acc_norm"}, "nobody measured mmlu (acc) of it"),
        ({"value": None}, "it has no value"),
    ],
)
def test_a_row_that_does_not_do(world: World, gate: Gate, other: dict[str, object], why: str) -> None:
    ran = gate(promoted(world, {RESULTS: results("new", **other)}))
    assert ran.code == 1
    assert "mmlu         refused" in ran.out and why in ran.out, ran.out


def test_everything_that_is_wrong_is_told_at_once(world: World, gate: Gate) -> None:
    base = {RESULTS: results("new", samples=880, date=days_ago(322)), SCAN: None, LICENSE: "name: Plain\nspdx: MIT\nterms: {}\n"}
    ran = gate(promoted(world, base))
    assert ran.code == 1
    for words in ("n = 880 < 14000; 322 days old > 180", "have no scan that passed", "what plain says of commercial"):
        assert words in ran.out, ran.out


def test_the_newest_run_decides(world: World, gate: Gate) -> None:
    """Nobody keeps the best of many runs."""
    ran = gate(promoted(world, {"catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml": results("new", 0.5, date=days_ago(2))}))
    assert ran.code == 1
    assert "lower95 0.4937 < 0.65" in ran.out


def test_of_one_day_the_worst_decides(world: World, gate: Gate) -> None:
    ran = gate(promoted(world, {"catalog/results/acme/tiny/1.1.0/lm-eval-0e0e0e0e.yaml": results("new", 0.5)}))
    assert ran.code == 1


@pytest.mark.parametrize(
    ("newer", "older", "why"),
    [
        ({"value": 0.68}, {"value": 0.71}, "0.0300 worse than acme/tiny@1.0.0 (0.7100) > 0.02"),
        ({"value": 0.68}, {"value": 0.695}, "0.0150 worse than acme/tiny@1.0.0 (0.6950) > 2 standard errors (0.0107)"),
        ({}, {"shots": 0}, "has no comparable value"),
        ({"task_version": "1.0"}, {"task_version": "2.0"}, "has no comparable value (1 measured under other conditions)"),
        ({"prompt_digest": "a"}, {"prompt_digest": "b"}, "has no comparable value"),
        ({"chat_template_digest": "a"}, {}, "has no comparable value"),
        ({"dataset_revision": "a"}, {"dataset_revision": "b"}, "has no comparable value"),
        ({"filter": "a"}, {"filter": "b"}, "has no comparable value"),
        ({}, {"digest": digest("other")}, "has no comparable value"),
    ],
)
def test_a_regression(world: World, gate: Gate, newer: dict[str, object], older: dict[str, object], why: str) -> None:
    base = {RESULTS: results("new", **newer), OLDER_RESULTS: results("old", **{"value": 0.67, **older})}  # type: ignore[arg-type]
    ran = gate(promoted(world, base))
    assert ran.code == 1
    assert why in ran.out, ran.out


def test_a_regression_within_bounds(world: World, gate: Gate) -> None:
    ran = gate(promoted(world, {OLDER_RESULTS: results("old", 0.688)}))
    assert ran.code == 0
    assert "0.0080 worse than acme/tiny@1.0.0" in ran.out


def test_a_small_benchmark_does_not_fall_by_ten_points(world: World, gate: Gate) -> None:
    """Two standard errors of 164 questions are ten points; the absolute bound holds."""
    base = {
        "ci/policy.yaml": POLICY.replace("min_samples: 14000", "min_samples: 100").replace("min: 0.65", "min: 0.3"),
        RESULTS: results("new", 0.58, stderr=0.039, samples=164),
        OLDER_RESULTS: results("old", 0.68, stderr=0.039, samples=164),
    }
    ran = gate(promoted(world, base))
    assert ran.code == 1
    assert "0.1000 worse than acme/tiny@1.0.0 (0.6800) > 0.02" in ran.out


def test_the_first_one_has_nothing_to_fall_behind(world: World, gate: Gate) -> None:
    ran = gate(promoted(world, {OLDER: version("old")}))
    assert ran.code == 0
    assert "no other version wears curated" in ran.out


def test_incomparable_may_be_let_pass(world: World, gate: Gate) -> None:
    policy = POLICY.replace("against: previous-curated", "against: previous-curated, when_incomparable: pass")
    assert gate(promoted(world, {"ci/policy.yaml": policy, OLDER_RESULTS: results("old", shots=0)})).code == 0


def test_a_named_version_to_compare_with(world: World, gate: Gate) -> None:
    policy = POLICY.replace("against: previous-curated", "against: acme/tiny@1.0.0")
    ran = gate(promoted(world, {"ci/policy.yaml": policy, OLDER: version("old"), OLDER_RESULTS: results("old", 0.8)}))
    assert ran.code == 1
    assert "worse than acme/tiny@1.0.0" in ran.out


def test_where_less_is_better(world: World, gate: Gate) -> None:
    benchmark = "name: P\nmetrics:\n  acc: {unit: score, better: lower}\nredistribution: 'yes'\n"
    policy = POLICY.replace("min: 0.65, at: lower95", "max: 0.7, at: upper95")
    ran = gate(promoted(world, {BENCHMARK: benchmark, "ci/policy.yaml": policy, OLDER_RESULTS: results("old", 0.60)}))
    assert ran.code == 1
    assert "0.0800 worse than acme/tiny@1.0.0" in ran.out
    world.base({OLDER_RESULTS: results("old", 0.68)})
    assert gate(1).code == 0


def test_every_artifact_measured_where_the_policy_says_so(world: World, gate: Gate) -> None:
    file = f"{{path: q.gguf, bytes: 5, sha256: {sha('q')}}}"
    second = f"  - id: small\n    format: gguf\n    uri: https://example.org/q\n    files:\n      - {file}\n"
    text = worn().replace("tags: [small, curated]", f"{second}tags: [small, curated]")
    more = scan("q").replace("artifact: weights", "artifact: small").replace("model.safetensors", "q.gguf")
    base = {VERSION: text.replace(", curated]", "]"), SCAN.replace("0c0c0c0c", "0f0f0f0f"): more}
    number = promoted(world, base, {VERSION: text})
    assert gate(number).code == 0
    world.base({"ci/policy.yaml": POLICY.replace("min: 0.65", "artifacts: every, min: 0.65")})
    ran = gate(number)
    assert ran.code == 1
    assert "measured on another digest" in ran.out


def test_another_task_or_type_is_not_asked(world: World, gate: Gate) -> None:
    policy = POLICY.replace("tasks: [chat]", "tasks: [code]")
    ran = gate(promoted(world, {"ci/policy.yaml": policy, RESULTS: None}))
    assert ran.code == 0
    assert "mmlu" not in ran.out


def test_a_benchmark_that_the_base_does_not_know(world: World, gate: Gate) -> None:
    ran = gate(promoted(world, {"ci/policy.yaml": POLICY.replace("benchmark: mmlu", "benchmark: mmlu-2")}))
    assert ran.code == 1
    assert "the base has no benchmark mmlu-2" in ran.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "1 of 1 files of weights have no scan that passed"),
        (scan("other"), "1 of 1 files of weights have no scan that passed"),
        (scan("new", "scanning").replace("status: scanning}", "status: passed}"), "its status is scanning"),
        (scan("new", "skipped"), "its status is skipped"),
        (scan("new", "failed"), "failed 1 file: os.system"),
    ],
)
def test_a_scan_that_does_not_do(world: World, gate: Gate, text: str | None, why: str) -> None:
    ran = gate(promoted(world, {SCAN: text}))
    assert ran.code == 1
    assert why in ran.out, ran.out


def test_a_scan_that_failed_counts_against_one_that_passed(world: World, gate: Gate) -> None:
    ran = gate(
        promoted(world, {"catalog/scans/acme/tiny/1.1.0/clamav-0e0e0e0e.yaml": scan("new", "failed").replace("picklescan", "clamav")})
    )
    assert ran.code == 1
    assert "clamav 1.0.5 failed 1 file" in ran.out


def test_an_old_scan_and_a_missing_scanner(world: World, gate: Gate) -> None:
    policy = POLICY.replace("scan: passed", "scan: passed, scan_max_age_days: 5, scanners: [picklescan, clamav]")
    ran = gate(promoted(world, {"ci/policy.yaml": policy}))
    assert ran.code == 1
    assert "were not passed by clamav" in ran.out and "10 days old > 5" in ran.out


def test_an_artifact_without_files(world: World, gate: Gate) -> None:
    text = worn().replace(f"    files:\n      - {{path: model.safetensors, bytes: 1000, sha256: {sha('new')}}}\n", "")
    ran = gate(promoted(world, None, {VERSION: text}))
    assert ran.code == 1
    assert "artifact weights lists no files" in ran.out and "this is unknown: no artifact lists its files" in ran.out


def test_sources_of_governed_values(world: World, gate: Gate) -> None:
    text = worn().replace('sourced: {"": card}', "sourced: {/limits/context: card}")
    ran = gate(promoted(world, {MODEL: "name: Tiny\ntype: weights\ntasks: [chat]\nlicense: plain\ndefault: 1.0.0\n"}, {VERSION: text}))
    assert ran.code == 1
    assert "/license of the model rests on no source" in ran.out
    world.base({MODEL: f"name: Tiny\ntype: weights\ntasks: [chat]\nlicense: plain\ndefault: 1.0.0\n{SOURCES}"})
    assert gate(1).code == 0


def test_open_findings(world: World, gate: Gate) -> None:
    ran = gate(promoted(world, None, {VERSION: worn().replace("limits: {context: 8192}", "limits: {context: 8192, output: 9000}")}))
    assert ran.code == 1
    assert "findings     refused" in ran.out and "output" in ran.out


HOSTED = {
    MODEL: f"name: Tiny\ntype: hosted\ntasks: [chat]\nlicense: plain\ndefault: 1.0.0\n{SOURCES}",
    OLDER: f"released: 2026-01-01\nstatus: active\ntags: [small]\n{SOURCES}",
    VERSION: f"released: 2026-05-01\nstatus: active\ntags: [small]\n{SOURCES}",
    SCAN: None,
    OLDER_SCAN: None,
    OLDER_RESULTS: None,
    "catalog/providers/acme/provider.yaml": "name: Acme\n",
}
OFFERING = "catalog/providers/acme/tiny-0501.yaml"


def offering(serves: str) -> str:
    """What is served under tiny-0501."""
    return f"wire_id: tiny-0501\nserves: {serves}\nbilling: free\n"


def measured(**other: object) -> str:
    """A run of the offering."""
    told = results("new", digest=None, **other)  # type: ignore[arg-type]
    return told.replace('"by": "us",', '"by": "us",\n "endpoint": {"provider": "acme", "wire_id": "tiny-0501"},')


def history(first: str, second: str) -> str:
    """A name that meant one version, and then the other."""
    return f"[{{version: acme/tiny@1.0.0, pinned: false, from: {first}}}, {{version: acme/tiny@1.1.0, pinned: false, from: {second}}}]"


@pytest.mark.parametrize(
    ("serves", "text", "why"),
    [
        ("{version: acme/tiny@1.1.0, pinned: true}", measured(), ""),
        (history("2026-01-01", days_ago(20)), measured(), ""),
        (history("2026-01-01", days_ago(5)),
         measured(), "is not known to have served this version"),
        ("{version: acme/tiny@1.1.0, pinned: false}", measured(), "is not known to have served this version"),
        ("{version: acme/tiny@1.0.0, pinned: true}", measured(), "is not known to have served this version"),
        ("{version: acme/tiny@1.1.0, pinned: true}", results("new"), "it names no provider and wire id"),
        ("{version: acme/tiny@1.1.0, pinned: true}", measured().replace("tiny-0501", "tiny-0502"), "there is no offering acme:tiny-0502"),
        ("{version: acme/tiny@1.1.0, pinned: true}", measured(date=days_ago(322)), "322 days old"),
    ],
)  # fmt: skip
def test_a_hosted_version(world: World, gate: Gate, serves: str, text: str, why: str) -> None:
    """No bytes and no scan; what was measured is what the provider served on that day."""
    policy = POLICY.replace("types: [weights]", "types: [weights, hosted]")
    base = {**HOSTED, "ci/policy.yaml": policy, OFFERING: offering(serves), RESULTS: text}
    ran = gate(promoted(world, base, {VERSION: f"released: 2026-05-01\nstatus: active\ntags: [small, curated]\n{SOURCES}"}))
    assert ran.code == (1 if why else 0), ran.out
    assert why in ran.out
