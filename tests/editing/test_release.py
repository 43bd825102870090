"""`modelreg release`: what the next version takes over, which step it may be, and models that were made from others."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from modelreg_cli.editing.release import LEFT, PARTLY, TAKEN, untold
from modelreg_cli.editing.semver import SemVer, parsed
from modelreg_cli.entities.version import Version
from tests.conftest import Run
from tests.editing.test_edit import states
from tests.editing.whole import documents
from tests.golden_files import golden
from tests.review.guarded import repository

MODEL = "acme/atlas-8b"
FOLDER = f"catalog/models/{MODEL}"
DAY = "--released 2026-05-04"
SCREENS = {
    "release": f"{MODEL} --minor {DAY} --default",
    "release-how": MODEL,
    "release-too-small": f"{MODEL} --patch architecture.vocab=130000",
    "release-anyway": f"{MODEL} --patch limits.output=8192 --anyway {DAY}",
    "release-there": f"{MODEL} 1.1.0-rc.1 --from 1.0.0 --dry-run {DAY}",
    "release-before": f"{MODEL} 1.0.5",
    "release-taken": f"{MODEL}@1.0.0 --minor",
    "release-two": f"{MODEL} 1.2.0 --minor",
    "release-dated": "acme/pro --minor",
    "release-day": f"acme/pro 2026-05-04 {DAY}",
    "release-from-nothing": f"{MODEL} --patch --from 3.0.0",
    "release-no-version": f"{MODEL} 1_2 {DAY}",
    "release-finetune": f"{MODEL} --as zeta/atlas-law --name Atlas_Law {DAY}",
    "release-finetune-same-terms": f"borealis/atlas-8b --as zeta/boreal {DAY}",
    "release-finetune-unknown": f"aurore-mini --as zeta/aurore {DAY}",
    "release-finetune-there": f"{MODEL} --as acme/pro {DAY}",
    "release-finetune-id": f"{MODEL} --as Zeta/Law {DAY}",
}


@pytest.mark.parametrize("name", SCREENS)
def test_what_it_says(run: Run, checkout: Path, name: str) -> None:
    got = run("release", *SCREENS[name].split(), "--root", str(checkout))
    golden(f"editing/{name}.txt", f"$ modelreg release {SCREENS[name]}\n{got.out}--- stderr\n{got.err}--- exit code {got.code}\n")


def test_every_field_of_a_version_is_decided_about() -> None:
    assert untold() == set()
    assert not {*TAKEN} & {*LEFT, *PARTLY}
    page = (Path(__file__).parents[2] / "docs/editing.md").read_text("utf-8")
    for name in Version.model_fields:
        verdict = "yes" if name in TAKEN else "no" if name in LEFT else "in part"
        assert f"| `{name}` | {verdict} |" in page, name


def test_what_is_taken_over(run: Run, checkout: Path) -> None:
    """Of a version in which every field has a value, exactly those that the table says."""
    whole = next(iter(documents("version"))) | {"status": "active", "released": "2025-02-10"}
    for name in ("license", "capabilities", "lacks", "modalities", "tags", "aliases", "deprecation", "capability_scores", "limits"):
        whole.pop(name, None)
    whole |= {"tags": ["edge"], "capabilities": ["tools"], "limits": {"context": 100}, "license": "apache-2.0", "lacks": ["vision"]}
    whole |= {"modalities": {"input": ["text"]}, "parameters": {"seed": {"default": 1}}}
    (checkout / FOLDER / "1.1.0.yaml").write_text(yaml.safe_dump(whole), "utf-8")
    got = run("release", MODEL, "--patch", "--json", "--released", "2026-05-04", "--changelog", "Fixed.", "--root", str(checkout)).json
    values = {one["field"]: one["after"] for file in got["files"] for one in file["values"]}
    assert set(values) == {*(name for name in TAKEN if name in whole), "upstream", "tags", "released", "changelog"}
    assert {name: values[name] for name in TAKEN if name in whole} == {name: whole[name] for name in TAKEN if name in whole}
    assert values["upstream"] == {"hub": "a", "repo": "a"}, "the revision pins the old bytes"
    assert got["step"] == "patch"
    assert got["ref"] == f"{MODEL}@1.1.1"


def test_a_protected_tag_is_earned_again(run: Run, tmp_path: Path) -> None:
    repo = repository(tmp_path)
    got = run("release", MODEL, "--patch", "--root", str(repo.top))
    assert got.code == 0, got.err
    assert "tags: [edge]\n" in (repo.top / FOLDER / "1.1.1.yaml").read_text("utf-8")
    assert "curated" not in got.err


def test_the_default_stays_unless_it_is_moved(run: Run, checkout: Path) -> None:
    before = states(checkout)
    assert run("release", MODEL, "--minor", "--no-default", "--root", str(checkout)).code == 0
    after = states(checkout)
    assert {path for path in after if after[path] != before.get(path)} == {f"{FOLDER}/1.2.0.yaml"}
    assert run("release", f"{MODEL}@1.2.0", "--major", "--default", "--root", str(checkout)).code == 0
    assert "default: 2.0.0\n" in (checkout / FOLDER / "model.yaml").read_text("utf-8")
    assert run("validate", "--root", str(checkout)).code == 0


def test_a_model_with_one_version_keeps_its_meaning(run: Run, checkout: Path) -> None:
    got = run("release", "acme/embed-small", "--patch", "--root", str(checkout))
    assert got.code == 0, got.err
    assert "default: 1.0.0\n" in (checkout / "catalog/models/acme/embed-small/model.yaml").read_text("utf-8")
    assert run("resolve", "acme/embed-small", "--index", "nowhere").code == 3


@pytest.mark.parametrize(
    ("words", "step", "code"),
    [
        (["architecture.vocab=130000"], "--minor", 1),
        (["architecture.vocab=130000"], "--major", 0),
        (["limits.output=8192"], "--patch", 1),
        (["limits.output=8192"], "--minor", 0),
        (["knowledge=2025-01"], "--patch", 1),
        (["tags=chat-ready", "changelog=x"], "--patch", 0),
        (["architecture.layers[0].count=31"], "--minor", 1),
    ],
)
def test_the_step_is_held_against_what_changed(run: Run, checkout: Path, words: list[str], step: str, code: int) -> None:
    before = states(checkout)
    got = run("release", MODEL, step, *words, "--root", str(checkout))
    assert got.code == code, got.err
    assert (states(checkout) == before) == (code == 1)
    if code:
        assert run("release", MODEL, step, *words, "--anyway", "--root", str(checkout)).code == 0


def test_a_model_that_was_made_from_another(run: Run, checkout: Path) -> None:
    got = run(
        "release", f"{MODEL}@1.0.0", "2026-05-04", "--as", "zeta/law", "--relation", "adapter", "weights=closed", "--root", str(checkout)
    )
    assert got.code == 0, got.err
    model = yaml.safe_load((checkout / "catalog/models/zeta/law/model.yaml").read_text("utf-8"))
    assert model["lineage"] == [{"relation": "adapter", "of": f"{MODEL}@1.0.0"}]
    assert (model["type"], model["tasks"], model["license"]) == ("adapter", ["chat", "coding"], "apache-2.0")
    assert "aliases" not in model
    version = yaml.load((checkout / "catalog/models/zeta/law/2026-05-04.yaml").read_text("utf-8"), yaml.BaseLoader)
    assert version["architecture"] == {"name": "atlas", "parameters": {"total": "8030000000"}}
    assert version["weights"] == "closed"
    assert not {"upstream", "deprecation", "status", "artifacts"} & version.keys()
    assert (checkout / "catalog/models/zeta/publisher.yaml").is_file()
    assert run("show", "zeta/law", "--index", "x").code == 3
    assert run("validate", "--root", str(checkout)).code == 0


def test_a_licence_that_forbids_it(run: Run, checkout: Path) -> None:
    file = checkout / "catalog/licenses/apache-2.0.yaml"
    file.write_text(file.read_text("utf-8").replace('derivatives: "yes"', 'derivatives: "no"'), "utf-8")
    words = ("release", MODEL, "--as", "zeta/law", "--root", str(checkout))
    got = run(*words)
    assert (got.code, got.err.splitlines()[0]) == (1, "error: apache-2.0 forbids derivatives")
    got = run(*words, "--anyway")
    assert (got.code, "note: licence apache-2.0 forbids derivatives" in got.err) == (0, True)


_NUMBERS = st.integers(0, 30)


@given(st.builds(SemVer, _NUMBERS, _NUMBERS, _NUMBERS, st.sampled_from(["", "rc.1"])), st.sampled_from(["major", "minor", "patch"]))
def test_the_next_version_comes_after_and_is_that_step(old: SemVer, step: str) -> None:
    new = old.after(step)  # type: ignore[arg-type]
    assert parsed(str(old)) == old
    assert new.rank > old.rank
    if not old.before:
        assert old.step_to(new) == step
