"""`modelreg diff`: the change of a branch, in the words of the catalog."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modelreg_cli.render.markdown import LONGEST, code, fitted
from tests.conftest import Run
from tests.golden_files import golden
from tests.repositories import SMALL, Repo, made
from tests.review.guarded import MODEL, VERSION, edit, repository

PRO = "catalog/providers/acme-cloud/acme-pro.yaml"
RESULTS = "catalog/results/acme/atlas-8b/1.1.0/harness-99999999.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """On a branch of the guarded repository."""
    made_ = repository(tmp_path / "repo")
    made_.git("switch", "-q", "-c", "work")
    return made_


@pytest.fixture
def diff(run: Run, repo: Repo) -> Run:
    """Runs `modelreg diff` there."""

    def call(*argv: str, **given: Any) -> Any:
        return run("diff", "--root", str(repo.top), *argv, **given)

    return call


def protected(diff: Run) -> list[tuple[str, str, list[str]]]:
    """What the change does to protected tags."""
    return [(one["ref"], one["action"], one["why"]) for one in diff("--json").json["protected"]]


def big_change(repo: Repo) -> None:
    """One of everything."""
    edit(repo, VERSION, "7777777777777777", "9999999999999999")
    edit(repo, VERSION, "context: 131072", "context: 65536")
    edit(repo, VERSION, "changelog: A longer context, and tools.", "changelog: Tools.")
    edit(repo, MODEL, "license: apache-2.0", "license: acme-community")
    edit(repo, PRO, "cache-read: 0.3}}", "cache-read: 0.3}}\n  - {observed: 2025-09-01, currency: USD, rates: {input: 2.5, output: 15}}")
    edit(repo, PRO, "input: 5, output: 25", "input: 4, output: 25")
    edit(repo, "catalog/models/borealis/aurore-mini/0.1.0.yaml", "maintenance", "retired")
    edit(repo, "catalog/licenses/boreal-nc.yaml", 'hosting: "no"', "hosting: conditional")
    repo.git("mv", "catalog/models/acme/embed-small/1.0.0.yaml", "catalog/models/acme/embed-small/1.0.1.yaml")
    repo.write({
        "catalog/models/cygnus/wegweiser/1.0.0.yaml": None,
        "catalog/models/cygnus/wegweiser/2.0.0.yaml": "released: 2026-01-01\nweights: open\nlimits: {context: 32768}\n"
        "architecture: {parameters: {total: 7000000000}}\ntags: [edge]\n",
        "catalog/models/dorado/publisher.yaml": "name: Dorado\n",
        "catalog/models/dorado/swim/model.yaml": "name: Swim\ntype: hosted\nlicense: proprietary\n",
        "catalog/tags/edge.yaml": "description: [\n",
        RESULTS: "basis: measured\nby: acme\nmetrics: [{benchmark: quiz, value: 0.7}]\n",
        "ci/policy.yaml": None,
        "README.md": "new\n",
        "ci/pipeline.yaml": "new\n",
    })  # fmt: skip


def test_everything_at_once(diff: Run, repo: Repo) -> None:
    big_change(repo)
    here = diff()
    assert (here.code, here.err) == (0, "")
    golden("diff/all.txt", here.out)
    golden("diff/all.md", diff("--format", "markdown").out)
    value = diff("--json").json
    del value["base"]
    golden("diff/all.json", json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "all")
    assert diff("--at", "work").out.replace("-> work", "-> files here") == here.out, "the same committed as lying there"


def test_nothing_changed_and_form_alone(diff: Run, repo: Repo) -> None:
    assert diff("--exit-code").out.endswith("-> files here: nothing in the catalog changed\n")
    edit(repo, MODEL, "languages: [de, en]", "languages:\n  - de  # first\n  - en")
    got = diff("--exit-code")
    assert (got.code, "nothing in the catalog changed" in got.out) == (0, True)
    edit(repo, MODEL, "- de ", "- fr ")
    got = diff("--exit-code", "-q")
    assert (got.code, got.out) == (1, "acme/atlas-8b\n")


@pytest.mark.parametrize(
    ("path", "before", "after", "why"),
    [
        (VERSION, "context: 131072", "context: 1000", ["/limits/context"]),
        (VERSION, "[json-mode, tools]", "[json-mode]", ["/capabilities/1"]),
        (VERSION, "weights: open", "weights: open\nstatus: deprecated", ["/status"]),
        (VERSION, "weights: open", "weights: open\nlicense: boreal-nc", ["/licenses/boreal-nc", "/license"]),
        (VERSION, "8888888888888888", "1111111111111111", ["/artifacts/gguf-q8_0/digest"]),
        (VERSION, "Q8_0.gguf\n    files", "Q9.gguf\n    files", ["/artifacts/gguf-q8_0/uri"]),
        (VERSION, "[models-dev:atlas-8b-1.1]", "[models-dev:atlas-9b]", ["/aliases/0", "/aliases/0"]),
        (MODEL, "license: apache-2.0", "license: boreal-nc", ["/licenses/apache-2.0", "/licenses/boreal-nc", "/model/license"]),
        (MODEL, "default: 1.1.0", "default: 1.0.0", ["/model/default"]),
        (MODEL, "tasks: [chat, coding]", "tasks: [embedding]", ["/model/tasks/0", "/model/tasks/1", "/model/tasks/0"]),
        (MODEL, "ollama:atlas3.1]", "ollama:atlas3.2]", ["/model/aliases/1", "/model/aliases/1"]),
        ("catalog/licenses/apache-2.0.yaml", 'commercial: "yes"', 'commercial: "no"', ["/licenses/apache-2.0/terms/commercial"]),
        ("catalog/providers/mercato/old-atlas.yaml", "@1.0.0", "@1.1.0", ["mercato:old-atlas leads here"]),
        ("catalog/providers/mercato/acme--atlas-8b.yaml", "@1.1.0", "@1.0.0", ["mercato:acme/atlas-8b leads here no more"]),
    ],
)
def test_what_an_approval_was_given_for(diff: Run, repo: Repo, path: str, before: str, after: str, why: list[str]) -> None:
    edit(repo, path, before, after)
    (found,) = protected(diff)
    assert found[:2] == ("acme/atlas-8b@1.1.0", "touched")
    assert sorted(found[2]) == sorted(why)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (VERSION, "A longer context, and tools.", "A longer context and tools."),
        (VERSION, "min_vram_gib: 18", "min_vram_gib: 20"),
        (VERSION, "tags: [edge, curated]", "tags: [curated, edge]"),
        (MODEL, "languages: [de, en]", "languages: [de]"),
        ("catalog/models/acme/atlas-8b/1.0.0.yaml", "context: 8192", "context: 4096"),
        ("catalog/licenses/boreal-nc.yaml", 'commercial: "no"', 'commercial: "yes"'),
        ("catalog/licenses/apache-2.0.yaml", "name: Apache License 2.0", "name: Apache License, Version 2.0"),
        ("catalog/providers/mercato/acme--atlas-8b.yaml", "input: ", "input: 1"),
    ],
)
def test_what_it_was_not_given_for(diff: Run, repo: Repo, path: str, before: str, after: str) -> None:
    edit(repo, path, before, after)
    assert protected(diff) == []


def test_given_taken_off_removed_and_moved(diff: Run, repo: Repo) -> None:
    other = "catalog/models/acme/pro/2025-06-30.yaml"
    edit(repo, other, "tags: [", "tags: [curated, ")
    edit(repo, VERSION, "tags: [edge, curated]", "tags: [edge]")
    assert protected(diff) == [("acme/atlas-8b@1.1.0", "taken off", []), ("acme/pro@2025-06-30", "given", [])]
    repo.git("checkout", "-q", "--", ".")
    repo.write({VERSION: None})
    assert protected(diff) == [("acme/atlas-8b@1.1.0", "taken off", [])]
    repo.git("checkout", "-q", "--", ".")
    repo.git("mv", VERSION, VERSION.replace("1.1.0", "1.1.1"))
    assert protected(diff) == [("acme/atlas-8b@1.1.0", "taken off", []), ("acme/atlas-8b@1.1.1", "given", [])]


def test_the_policy_of_the_base_counts(diff: Run, repo: Repo) -> None:
    repo.write({"ci/policy.yaml": "protected_tags: {}\n"})
    edit(repo, VERSION, "context: 131072", "context: 1000")
    assert [one[1] for one in protected(diff)] == ["touched"]
    repo.commit({"ci/policy.yaml": "protected_tags: [\n"})
    got = diff("HEAD")
    assert (got.code, got.out) == (2, "")
    assert got.err.startswith("error: ci/policy.yaml:")


@pytest.mark.parametrize(
    "strange", ["artifacts: 5", "artifacts: [5, {id: [a]}, {files: [{path: 3}]}]", "license: [mit]", "tags: {a: b}", "limits: [1]"]
)
def test_values_of_a_wrong_shape(diff: Run, repo: Repo, strange: str) -> None:
    text = f"released: 2025-02-10\n{strange}\n"
    repo.write({VERSION: text if "tags" in strange else f"{text}tags: [curated]\n"})
    for form in ("text", "markdown", "json"):
        got = diff("--format", form)
        assert got.code == 0, got.err
    assert protected(diff)


def test_a_wearer_behind_a_global_change_is_found_anywhere(diff: Run, repo: Repo) -> None:
    repo.write({"catalog/licenses/apache-2.0.yaml": None})
    assert [(one[0], one[1]) for one in protected(diff)] == [("acme/atlas-8b@1.1.0", "touched")]


def test_where_the_work_left_the_base(run: Run, tmp_path: Path) -> None:
    repo = made(tmp_path / "repo")
    repo.git("switch", "-q", "-c", "work")
    repo.commit({"catalog/tags/mine.yaml": "description: Mine.\n"})
    repo.git("switch", "-q", "main")
    repo.commit({"catalog/tags/theirs.yaml": "description: Theirs.\n"})
    repo.git("switch", "-q", "work")

    def refs(*argv: str) -> list[str]:
        return run("diff", "--root", str(repo.top), "-q", *argv).lines

    assert refs() == refs("main") == ["tag:mine"]
    assert refs("main", "--exact") == ["tag:mine", "tag:theirs"]
    assert refs("--at", "main", "work") == ["tag:theirs"]
    clone = Repo(tmp_path / "clone")
    clone.root.mkdir()
    clone.git("clone", "-q", str(repo.root), ".")
    repo.git("branch", "-D", "main")
    clone.git("branch", "-q", "-m", "elsewhere")
    assert run("diff", "--root", str(clone.root)).out.startswith("origin/HEAD")
    assert refs("HEAD") == []


def test_below_the_top_of_another_repository(run: Run, tmp_path: Path) -> None:
    repo = made(tmp_path / "repo", below="models/registry")
    repo.write({"catalog/tags/mine.yaml": "description: Mine.\n", "ci/new.yaml": "a: b\n"})
    got = run("diff", "--root", str(repo.top)).out
    assert "tag:mine" in got
    assert "  models/registry/ci/new.yaml  added" in got
    repo.git("add", "-A")
    repo.git("commit", "-qm", "x")
    assert "  models/registry/ci/new.yaml" in run("diff", "HEAD~1", "--root", str(repo.top), "--at", "HEAD").out


def test_what_can_not_be_compared(run: Run, tmp_path: Path) -> None:
    bare = tmp_path / "plain"
    (bare / "catalog").mkdir(parents=True)
    got = run("diff", "--root", str(bare))
    assert (got.code, "is not in a Git repository" in got.err) == (2, True)
    repo = made(tmp_path / "repo", dict(SMALL))
    got = run("diff", "nosuch", "--root", str(repo.top))
    assert (got.code, "no commit is called 'nosuch' here" in got.err) == (2, True)
    repo.git("switch", "-q", "--orphan", "other")
    repo.commit(dict(SMALL))
    got = run("diff", "main", "--root", str(repo.top))
    assert (got.code, "main and HEAD have no common history" in got.err) == (2, True)
    repo.git("branch", "-D", "main")
    got = run("diff", "--root", str(repo.top))
    assert (got.code, "no branch here is called main or master" in got.err) == (2, True)


@given(st.text(max_size=60))
def test_a_span_of_code_holds_anything(hostile: str) -> None:
    (block,) = [token for token in MarkdownIt("commonmark").parse(f"- {code(hostile)}: {code('b')}") if token.type == "inline"]
    assert [child.type for child in block.children or ()] == ["code_inline", "text", "code_inline"]


def test_a_text_for_a_forge_has_an_end() -> None:
    long = fitted([f"- line {number}" for number in range(20_000)])
    assert len(long) < LONGEST + 100
    assert long.endswith(" more lines\n")
