"""`modelreg init`: a new catalog in which everything works at once, and nothing of what was there is harmed."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from modelreg_cli.catalog.pipelines import PLACES, pipelines_of
from tests.conftest import Run
from tests.doctor.world import policy
from tests.importers.sources import base, lay, offer, provider
from tests.shipped import ROOT, made


def there(folder: Path) -> set[str]:
    """Every file below a folder but Git's own and what the program keeps for itself."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not {".git", ".modelreg"} & {*path.relative_to(folder).parts}
    }


@pytest.mark.parametrize("forge", [None, *PLACES])
def test_a_new_catalog_works_at_once(shell: Run, tmp_path: Path, forge: str | None) -> None:
    root = tmp_path / "my models ü"
    got = shell("init", str(root), *(["--forge", forge] if forge else []))
    assert got.code == 0, got.err
    assert "next: modelreg validate" in got.err
    checked = shell("validate", cwd=root)
    (found,) = json.loads(shell("validate", "--format", "json", cwd=root).out)["findings"]
    assert (checked.code, found["code"]) == (0, "policy-names-nobody"), "what is left is to name people"
    assert shell("fmt", "--check", cwd=root).code == 0
    assert shell("search", "-q", cwd=root).lines == ["example/sample-1b"]
    assert shell("show", "sample-1b", "--json", cwd=root).json["version"]["ref"] == "example/sample-1b@1.0.0"
    assert shell("fit", "sample-1b", "--precision", "q4_k_m", "--gpu", "rtx4090", cwd=root).code == 0
    assert shell("build", "-o", "index.db", cwd=root).code == 0
    assert (root / ".git").is_dir()
    made = {path: text for one in PLACES for path, text in pipelines_of(one).items() if (root / path).exists()}
    assert made == (pipelines_of(forge) if forge else {})
    assert all((root / path).read_text("utf-8") == text for path, text in made.items()), "as they are in ci/"
    assert (root / "CODEOWNERS").exists() == bool(forge)
    assert "my models ü" in (root / "README.md").read_text("utf-8")


def test_settings_of_editors_read(shell: Run, tmp_path: Path) -> None:
    assert shell("init", str(tmp_path / "a")).code == 0
    schemas = json.loads((tmp_path / "a/.vscode/settings.json").read_text("utf-8"))["yaml.schemas"]
    assert all((tmp_path / "a" / schema).is_file() for schema in schemas)
    assert yaml.safe_load((tmp_path / "a/.pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["repo"] == "local"


@pytest.mark.parametrize("forge", PLACES)
def test_the_doctor_says_what_a_new_catalog_lacks(shell: Run, tmp_path: Path, forge: str) -> None:
    assert shell("init", str(tmp_path / "a"), "--forge", forge).code == 0
    told = shell("doctor", "--offline", "--json", cwd=tmp_path / "a")
    weak = [one["name"] for one in json.loads(told.out)["checks"] if one["outcome"] == "weak"]
    assert (told.code, weak) == (1, ["filled in"])


def test_owners_are_of_the_policy_that_is_there(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci/policy.yaml").write_text(policy(), "utf-8")
    assert shell("init", "--forge", "github", cwd=tmp_path).code == 0
    assert "* @dana-m @alice-m @erin-m" in (tmp_path / "CODEOWNERS").read_text("utf-8")


def test_the_policy_protects_curated_and_names_nobody(shell: Run, tmp_path: Path) -> None:
    assert shell("init", str(tmp_path / "a")).code == 0
    policy = yaml.safe_load((tmp_path / "a/ci/policy.yaml").read_text("utf-8"))
    assert policy["people"] == {}
    assert policy["protected_tags"]["curated"]["approvals"] == {"required": 2, "from": "curators"}
    model = tmp_path / "a/catalog/models/example/sample-1b/model.yaml"
    model.write_text(model.read_text("utf-8").replace("default: 1.0.0\n", "default: 1.0.0\ntags: [curated]\n"), "utf-8")
    assert shell("validate", cwd=tmp_path / "a").code == 1, "a protected tag is not worn by a model"


def test_what_is_there_stays(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine\n", "utf-8")
    (tmp_path / "ci").mkdir()
    got = shell("init", cwd=tmp_path)
    assert got.code == 0
    assert (tmp_path / "README.md").read_text("utf-8") == "mine\n"
    assert "left as they were: README.md" in got.err
    again = shell("init", cwd=tmp_path)
    assert (again.code, "already holds a catalog" in again.err) == (2, True)


def test_a_dry_run_writes_nothing(shell: Run, tmp_path: Path) -> None:
    got = shell("init", str(tmp_path / "a"), "--dry-run", "--forge", "gitlab")
    assert not (tmp_path / "a").exists()
    assert shell("init", str(tmp_path / "a"), "--forge", "gitlab", "-q").err == ""
    assert set(got.lines) == there(tmp_path / "a")


def test_inside_a_repository_no_other_is_begun(shell: Run, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", "https://codeberg.org/a/b.git"], check=True)
    (tmp_path / "models").mkdir()
    got = shell("init", "models", cwd=tmp_path)
    assert got.code == 0
    assert not (tmp_path / "models/.git").exists()
    assert "pipelines for forgejo, as the remote origin is there" in got.err


@pytest.mark.parametrize("way", ["a file", "a file below"])
def test_where_no_folder_can_be_nothing_is_left(shell: Run, tmp_path: Path, way: str) -> None:
    target = tmp_path / "a"
    if way == "a file":
        target.write_text("x", "ascii")
    else:
        target.mkdir()
        (target / "schemas").write_text("x", "ascii")
    before = there(tmp_path)
    got = shell("init", str(target))
    assert got.code in (2, 3), got.err
    assert "Traceback" not in got.err
    assert there(tmp_path) == before
    assert not (target / "catalog").exists()


def test_inside_a_catalog_no_other_is_begun(run: Run, checkout: Path) -> None:
    before = there(checkout)
    for folder in ("catalog/models", "catalog/new/deep"):
        got = run("init", str(checkout / folder))
        assert got.code == 2 and "is inside the catalog of" in got.err
    assert there(checkout) == before


@pytest.mark.parametrize("nth", [1, 20, 60])
def test_a_write_that_fails_takes_all_back(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    before, left = Path.replace, [nth]

    def failing(self: Path, target: Path) -> Path:
        left[0] -= 1
        if not left[0]:
            raise OSError(28, "No space left on device")
        return before(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    got = run("init", str(tmp_path / "new"))
    assert got.code == 2 and "No space left on device" in got.err
    assert not (tmp_path / "new").exists()


def test_public_facts_go_into_a_new_catalog(run: Run, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert run("init", str(new)).code == 0
    texts = {
        "models/owl/owl-3.toml": base(),
        "providers/nest/provider.toml": provider(),
        "providers/nest/models/owl-3.toml": offer("owl/owl-3"),
    }
    told = run("import", "models-dev", str(lay(tmp_path / "source", texts)), "--observed", "2026-07-02", "--root", str(new), "--json")
    assert told.json["created"]["model"] == told.json["created"]["offering"] == 1
    checked = run("validate", "--root", str(new))
    assert checked.code == 0 and "error" not in checked.out


def test_names(shell: Run, tmp_path: Path) -> None:
    assert shell("init", str(tmp_path / "a"), "--name", 'no: # [x] \\ "q"').code == 0
    assert "error" not in shell("validate", cwd=tmp_path / "a").out
    assert shell("stats", "--json", cwd=tmp_path / "a").json["catalog"] == 'no: # [x] \\ "q"'
    assert shell("init", str(tmp_path / "b"), "--name", "two\nlines").code == 2
    assert shell("init", str(tmp_path / "b"), "--forge", "sourceforge").code == 2
    assert not (tmp_path / "b").exists()


def test_a_wheel_carries_what_a_new_catalog_begins_with(tmp_path: Path) -> None:
    """As installed, away from the repository of the program."""
    pytest.importorskip("hatchling")
    zipfile.ZipFile(made(ROOT, "wheel", tmp_path / "wheel")).extractall(tmp_path / "installed")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def run(*argv: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-m", "modelreg_cli", *argv], cwd=cwd, env=env, capture_output=True, text=True, check=False)

    assert run("init", "new", "--forge", "github", cwd=tmp_path).returncode == 0
    assert (tmp_path / "new/.github/workflows/modelreg-gate.yml").exists()
    assert run("validate", cwd=tmp_path / "new").returncode == 0
    assert run("search", "-q", cwd=tmp_path / "new").stdout == "example/sample-1b\n"
