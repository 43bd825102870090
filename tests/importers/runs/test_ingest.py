"""modelreg bench ingest: binding, mapping, partial runs, all or nothing, the same run twice, branches."""

import itertools
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Run
from tests.importers.runs import made
from tests.importers.runs.conftest import Ingest, only, results_of
from tests.repositories import Repo

ALL = (made.LM_EVAL, made.INSPECT, made.INSPECT_EVAL)


def everything(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in (root / "catalog").rglob("*") if file.is_file()}


def test_the_same_run_twice_is_one_file(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    assert ingest(*ALL).code == 0
    before = everything(catalog)
    copy = shutil.copy(made.LM_EVAL, tmp_path / "copy.json")
    ran = ingest(*ALL, copy)
    assert ran.code == 0 and ran.out.count("already there: ") == 4 and "0 runs taken, 4 already there" in ran.out
    assert everything(catalog) == before


def test_what_a_provider_serves_is_named_by_its_wire_id(ingest: Ingest, catalog: Path) -> None:
    ran = ingest(made.INSPECT, "--even-if-named-otherwise", model="acme-cloud:acme-pro-2025-06-30", artifact=None)
    assert ran.code == 0, ran.err
    told = only(catalog)
    assert told["endpoint"] == {"provider": "acme-cloud", "wire_id": "acme-pro-2025-06-30"}
    assert "digest" not in told and "artifact" not in told
    ran = ingest(made.INSPECT, model="acme-cloud:acme-pro-2025-06-30", artifact="bf16")
    assert ran.code == 2 and "is what a provider serves" in ran.err


def test_a_run_that_is_there_is_not_edited(ingest: Ingest, catalog: Path) -> None:
    ingest(made.LM_EVAL)
    before = everything(catalog)
    ran = ingest(made.LM_EVAL, artifact="gguf-q8_0")
    assert ran.code == 1 and "tells something else" in ran.err and "artifact and digest" in ran.err
    assert everything(catalog) == before


def test_runs_whose_digests_begin_alike_are_two_files(ingest: Ingest, catalog: Path) -> None:
    ingest(made.INSPECT)
    (name,) = results_of(catalog)
    file = catalog / "catalog/results" / name
    run = only(catalog)["run"]
    file.write_text(file.read_text("utf-8").replace(run, run[:8] + "0" * 56), "utf-8")
    assert ingest(made.INSPECT).code == 0
    assert {Path(path).stem for path in results_of(catalog)} == {f"inspect-{run[:8]}", f"inspect-{run[:16]}"}


_SEEN: dict[str, dict[str, bytes]] = {}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(4)))
def test_the_order_of_files_decides_nothing(order: list[int], run: Run, questions: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    source = Path(__file__).parents[2] / "catalogs/questions"
    root = tmp_path_factory.mktemp("order") / "c"
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(".modelreg"))
    files = [*ALL, made.INSPECT_LIMIT]
    ran = run(
        "bench", "ingest", *(str(files[at]) for at in order), "--model", "acme/atlas-8b@1.1.0", "--by", "open-lab", "--artifact", "bf16",
        "--root", str(root), "--create-benchmarks", "--allow-partial",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    new = {path: text for path, text in everything(root).items() if not (source / path).exists()}
    assert len(new) == 6
    assert _SEEN.setdefault("new", new) == new


def test_one_bad_file_writes_none(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    before = everything(catalog)
    for files in itertools.permutations((made.LM_EVAL, made.INSPECT, bad)):
        assert ingest(*files).code == 2
    assert ingest(made.LM_EVAL, made.INSPECT_LIMIT).code == 1
    assert everything(catalog) == before


def test_a_dry_run_writes_nothing_and_checks_all(ingest: Ingest, catalog: Path) -> None:
    before = everything(catalog)
    ran = ingest(made.LM_EVAL, "--dry-run")
    assert ran.code == 0 and "would be new: catalog/results/acme/atlas-8b/1.1.0/lm-eval-" in ran.out
    assert ingest(made.LM_EVAL, "--dry-run", by="nobody").code == 1
    assert everything(catalog) == before


def test_two_branches_never_collide(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    repo = Repo(catalog)
    repo.git("init", "-q", "-b", "main")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "First")
    for branch, file in (("one", made.LM_EVAL), ("two", made.changed(made.LM_EVAL, tmp_path / "later.json", date=1795300000.5))):
        repo.git("switch", "-q", "-c", branch, "main")
        assert ingest(file, made.INSPECT).code == 0
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", branch)
    repo.git("merge", "-q", "--no-edit", "one")
    assert sorted(Path(path).name.rpartition("-")[0] for path in results_of(catalog)) == ["inspect", "lm-eval", "lm-eval"]


def test_results_are_seen(ingest: Ingest, catalog: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(catalog)
    assert ingest(made.INSPECT).code == 0
    assert ingest(made.INSPECT_LIMIT, "--allow-partial", model="acme/atlas-8b@1.0.0", artifact=None).code == 0
    assert ingest(made.INSPECT_LIMIT, "--allow-partial", model="acme/pro@2025-06-30", artifact=None).code == 0
    board = run("leaderboard", "sums", "--json").json
    assert [(row["ref"], row["value"]) for row in board["rows"]] == [("acme/atlas-8b@1.1.0", 0.625)]
    # all of a part of the questions is no better than some of all of them
    assert [(row["ref"], row["value"], row["reason"]) for row in board["apart"]] == [
        ("acme/atlas-8b@1.0.0", 1.0, "run of all questions against limit 4"),
        ("acme/pro@2025-06-30", 1.0, "run of all questions against limit 4"),
    ]
    assert "sums" in run("show", "acme/atlas-8b@1.1.0").out
    assert run("validate").code == 0


def test_a_partial_run_is_no_headline(ingest: Ingest, catalog: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(catalog)
    older = made.changed(made.INSPECT, tmp_path / "older.json", eval__created="2026-01-01T00:00:00+00:00")
    assert ingest(older, made.INSPECT_LIMIT, "--allow-partial").code == 0
    sql = "SELECT value FROM leaderboard WHERE benchmark = 'sums'"
    assert run("sql", sql, "--json").json == [{"value": 0.625}]


def test_speed_is_compared_on_the_same_hardware(
    ingest: Ingest, catalog: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(catalog)
    file = tmp_path / "speed.csv"
    file.write_text(made.LATENCY, "utf-8")
    assert ingest(file).code == 0
    other = tmp_path / "other.csv"
    other.write_text(made.LATENCY.replace("410.5", "300").replace("210,", "500,"), "utf-8")
    assert ingest(other, model="acme/atlas-8b@1.0.0", artifact=None).code == 0
    board = run("leaderboard", "inference-latency", "--json").json
    assert board["better"] == "lower" and len(board["rows"]) == 2 and len(board["apart"]) == 2
    assert [row["value"] for row in board["rows"]] in ([210.0, 500.0], [300.0, 410.5])
    assert "hardware" in board["apart"][0]["reason"]
    few = run("leaderboard", "inference-latency", "--max-params", "9B", "--architecture", "atlas", "--json").json
    assert [row["ref"] for row in few["rows"]]


@pytest.mark.parametrize(
    ("artifact", "model", "code", "words"),
    [
        (None, "acme/atlas-8b@1.1.0", 2, "bf16, gguf-q4_k_m, gguf-q8_0"),
        ("bf17", "acme/atlas-8b@1.1.0", 4, "bf16"),
        ("bf16", "acme/atlas-8c", 4, "atlas-8b"),
        ("bf16", "acme/atlas-8b@1.1.0#gguf-q8_0", 2, "leave one of them out"),
    ],
)
def test_binding_is_never_guessed(ingest: Ingest, catalog: Path, artifact: str | None, model: str, code: int, words: str) -> None:
    ran = ingest(made.LM_EVAL, artifact=artifact, model=model)
    assert ran.code == code and words in ran.err
    assert not results_of(catalog)


def test_an_artifact_in_the_ref(ingest: Ingest, catalog: Path) -> None:
    assert ingest(made.LM_EVAL, artifact=None, model="acme/atlas-8b@1.1.0#gguf-q8_0").code == 0
    assert only(catalog)["artifact"] == "gguf-q8_0"


def test_the_only_artifact_is_told(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = catalog / "catalog/models/acme/atlas-8b/1.1.0.yaml"
    text = file.read_text("utf-8")
    start, end = text.index("  - id: gguf-q4_k_m"), text.index("parameters: {temperature")
    file.write_text(text[:start] + text[end:], "utf-8")
    ran = ingest(made.LM_EVAL, artifact=None)
    assert ran.code == 0 and "bound to acme/atlas-8b@1.1.0#bf16, its only artifact with digests" in ran.err
    assert only(catalog)["artifact"] == "bf16" and len(only(catalog)["digest"]) == 64
    (tmp_path / "sums.yaml").write_text(made.EVAL_RESULTS, "utf-8")
    ran = ingest(tmp_path / "sums.yaml", "--retrieved", "2026-03-05", artifact=None)
    assert ran.code == 0 and not ran.err  # what a page says is of the version
    assert [value.get("artifact") for value in results_of(catalog).values()] == [None, "bf16"]


def test_no_digest_is_told(ingest: Ingest, catalog: Path) -> None:
    ran = ingest(made.LM_EVAL, artifact=None, model="acme/pro@2025-06-30")
    assert ran.code == 0 and "the gate counts no row of weights without one" in ran.err
    assert "digest" not in only(catalog)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("pretrained=acme/atlas-70b", "acme/atlas-70b, not acme/atlas-8b@1.1.0"),
        ("pretrained=acme/atlas-8b@1.0.0", "acme/atlas-8b@1.0.0, not acme/atlas-8b@1.1.0"),
        ("pretrained=quantfriend/Atlas-8B-Instruct-GGUF", "#gguf-q4_k_m, not acme/atlas-8b@1.1.0#bf16"),
        ({"pretrained": "Acme/Atlas-8B-Instruct", "revision": "b" * 40}, "revision bbbbbbbbbbbb"),
    ],
)
def test_a_file_of_another_model(ingest: Ingest, catalog: Path, tmp_path: Path, arguments: object, words: str) -> None:
    file = made.changed(made.LM_EVAL, tmp_path / "x.json", config__model_args=arguments)
    ran = ingest(file)
    assert ran.code == 1 and words in ran.err and "--even-if-named-otherwise" in ran.err
    assert not results_of(catalog)
    ran = ingest(file, "--even-if-named-otherwise")
    assert ran.code == 0 and "taken all the same" in ran.out


@pytest.mark.parametrize(
    "arguments",
    ["pretrained=Acme/Atlas-8B-Instruct", {"pretrained": "Acme/Atlas-8B-Instruct", "revision": "main"}, {"revision": "aaaaaaaa"}],
)
def test_a_file_of_this_model(ingest: Ingest, tmp_path: Path, arguments: object) -> None:
    assert ingest(made.changed(made.LM_EVAL, tmp_path / "x.json", config__model_args=arguments)).code == 0


def test_a_name_that_means_nothing_is_told(ingest: Ingest, tmp_path: Path) -> None:
    ran = ingest(made.changed(made.LM_EVAL, tmp_path / "x.json", config__model_args="pretrained=/models/secret-place,api_key=sk-none"))
    assert ran.code == 0 and "which names nothing here" in ran.out


def test_no_secret_and_no_path_of_a_machine_is_stored(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    ingest(made.changed(made.LM_EVAL, tmp_path / "x.json", config__model_args="pretrained=/models/secret-place,api_key=none,dtype=auto"))
    assert only(catalog)["settings"]["model_args"] == {"dtype": "auto"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"config__limit": 0.1}, "limit 0.1"),
        ({"config__limit": 100}, "limit 100"),
        ({"n-samples__spell": {"original": 8, "effective": 7}}, "7 of 8 samples"),
    ],
)
def test_partial_runs(ingest: Ingest, catalog: Path, tmp_path: Path, changes: dict[str, object], words: str) -> None:
    file = made.changed(made.LM_EVAL, tmp_path / "x.json", **changes)
    ran = ingest(file)
    assert ran.code == 1 and words in ran.err and "--allow-partial" in ran.err
    assert not results_of(catalog)
    assert ingest(file, "--allow-partial").code == 0
    assert any(row.get("partial") == words for row in only(catalog)["metrics"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "cancelled"}, "status cancelled"),
        ({"status": "error", "results": None}, "has no score: status error"),
        ({"invalidated": True}, "invalidated"),
        ({"results__completed_samples": 7}, "7 of 8 samples"),
        ({"eval__config__sample_id": [1]}, "chosen samples"),
    ],
)
def test_unfinished_logs(ingest: Ingest, catalog: Path, tmp_path: Path, changes: dict[str, object], words: str) -> None:
    ran = ingest(made.changed(made.INSPECT, tmp_path / "x.json", **changes))
    assert ran.code == 1 and words in ran.err
    assert not results_of(catalog)


@pytest.mark.parametrize(("instances", "code"), [(20, 0), (1000, 1)])
def test_helm_that_was_cut(ingest: Ingest, tmp_path: Path, instances: int, code: int) -> None:
    assert ingest(made.helm_run(tmp_path / "run", instances=instances), "--date", "2026-03-04").code == code


def test_a_task_that_no_benchmark_knows(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    file = made.changed(made.LM_EVAL, tmp_path / "x.json", results__quizz={"acc,none": 0.5}, versions__quizz=1)
    ran = ingest(file)
    assert ran.code == 2 and "'quizz'" in ran.err and "did you mean the benchmark quiz?" in ran.err and "--map 'quizz=" in ran.err
    ran = ingest(file, "--skip-unknown", "--dry-run")
    assert ran.code == 0 and "not taken: quizz: no benchmark knows this task" in ran.out
    assert ingest(file, "--map", "quizz=quiz/acc").code == 0
    assert ("quiz", 0.5) in [(row["benchmark"], row["value"]) for row in only(catalog)["metrics"]]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("quizz", "cannot be read"),
        ("sums=quix", "did you mean quiz?"),
        ("sums=quiz/ac", "did you mean acc"),
        ("summs=quiz", "no file has"),
    ],
)
def test_wrong_maps(ingest: Ingest, spec: str, words: str) -> None:
    ran = ingest(made.LM_EVAL, "--map", spec)
    assert ran.code == 2 and words in ran.err


def test_a_map_wins_over_the_benchmark_and_one_metric_can_be_meant(ingest: Ingest, catalog: Path) -> None:
    assert ingest(made.LM_EVAL, "--map", "sums=quiz", "--map", "spell:exact_match=exam/score").code == 0
    assert {(row["benchmark"], row["metric"]) for row in only(catalog)["metrics"]} == {("quiz", "acc"), ("exam", "score")}


def test_two_values_for_one_thing(ingest: Ingest, tmp_path: Path) -> None:
    file = made.changed(made.LM_EVAL, tmp_path / "x.json", results__other={"exact_match,strict-match": 0.9}, versions__other=3.0)
    source = json.loads(file.read_text("utf-8"))
    for key in ("n-samples", "n-shot", "configs"):
        source[key]["other"] = source[key]["spell"]
    file.write_text(json.dumps(source))
    ran = ingest(file, "--map", "other=spell/exact-match")
    assert ran.code == 2 and "two values for spell/exact-match" in ran.err


def test_new_benchmarks_are_drafted(ingest: Ingest, catalog: Path, run: Run) -> None:
    for name in ("sums", "spell"):
        (catalog / f"catalog/benchmarks/{name}.yaml").unlink()
    ran = ingest(*ALL, "--create-benchmarks")
    assert ran.code == 0 and "drafted catalog/benchmarks/sums.yaml" in ran.out
    assert run("validate", "--root", str(catalog)).code == 0
    assert ingest(*ALL).out.count("already there: ") == 3


@pytest.mark.parametrize("value", [35.0, -0.1])
def test_a_value_out_of_range_is_never_rescaled(ingest: Ingest, catalog: Path, tmp_path: Path, value: float) -> None:
    ran = ingest(made.changed(made.LM_EVAL, tmp_path / "x.json", **{"results__sums__acc,none": value}))
    assert ran.code == 1 and f"{value:g} is not between 0 and 1" in ran.err
    assert not results_of(catalog)


def test_an_evaluator_who_keeps_scores(ingest: Ingest, catalog: Path) -> None:
    ran = ingest(made.LM_EVAL, by="closed-lab")
    assert ran.code == 1 and "does not let its scores be stored" in ran.err and not results_of(catalog)


def test_json_tells_everything(ingest: Ingest) -> None:
    told = ingest(made.LM_EVAL, "--json").json
    assert told["artifact"] == "bf16" and len(told["written"]) == 1 and told["version"] == "acme/atlas-8b@1.1.0"
    (taken,) = told["runs"]
    assert taken["values"] == 3 and {"what": "sums_a", "why": "a part of sums"} in taken["left"]


def test_a_date_that_contradicts_the_file(ingest: Ingest) -> None:
    assert "leave --date out" in ingest(made.LM_EVAL, "--date", "2026-01-01").err
    assert "is not a day" in ingest(made.LM_EVAL, "--date", "yesterday").err


def test_alone_it_shows_its_help(run: Run) -> None:
    ran = run("bench")
    assert ran.code == 0 and "--even-if-named-otherwise" in ran.out


def test_samples_without_a_score(ingest: Ingest, tmp_path: Path) -> None:
    scores = json.loads(made.INSPECT.read_text("utf-8"))["results"]["scores"]
    scores[0]["unscored_samples"] = 2
    ran = ingest(made.changed(made.INSPECT, tmp_path / "x.json", results__scores=scores))
    assert ran.code == 1 and "2 samples without a score" in ran.err
