"""config.toml: which catalog answers, and where catalogs are pulled from."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.release.conftest import Publish, answer, new_key
from tests.repositories import Repo, made


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is read from."""
    monkeypatch.delenv("MODELREG_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    file = tmp_path / "settings" / "modelreg" / "config.toml"
    file.parent.mkdir(parents=True)
    return file


@pytest.fixture
def other(tmp_path: Path, run: Run, key: Path) -> Path:
    """A second catalog, published."""
    repo = made(tmp_path / "other-repo")
    version = {"catalog/models/acme/tiny/2.0.0.yaml": "released: 2026-02-02\nstatus: active\n"}
    repo.commit({"catalog/catalog.yaml": "name: other\nschema_version: 1\n", **version})
    assert run("publish", str(tmp_path / "other"), "--key", str(key), "--root", str(repo.top)).code == 0
    return tmp_path / "other"


def test_catalogs_side_by_side(config: Path, other: Path, publish_to: Publish, pull_from: Publish, run: Run, tmp_path: Path) -> None:
    publish_to(tmp_path / "channel")
    config.write_text(
        f'catalog = "small"\n[catalogs.small]\nchannel = "{tmp_path / "channel"}"\n[catalogs.other]\nchannel = "{other}"\n', "utf-8"
    )
    assert run("pull").code == 0  # what answers
    assert run("pull", "other").code == 0  # by its name
    assert answer(run) == ["acme/tiny@1.0.0"]
    assert len(json.loads(run("versions", "acme/tiny", "--json", "--catalog", "other").out)) == 2
    config.write_text('catalog = "other"\n', "utf-8")
    assert len(json.loads(run("versions", "acme/tiny", "--json").out)) == 2
    config.unlink()
    ran = run("search")
    assert ran.code == 3 and "`catalog` in config.toml" in ran.err


def test_paths_count_from_the_file(config: Path, publish_to: Publish, pull_from: Publish, run: Run, tmp_path: Path) -> None:
    publish_to(config.parent / "channel")
    config.write_text('[catalogs.small]\nchannel = "channel"\ntrust = "signers"\n', "utf-8")
    ran = run("pull", "--catalog", "small")
    assert ran.code == 2 and "signers cannot be read" in ran.err
    (config.parent / "signers").write_text(f"publisher {new_key(tmp_path / 'stranger').with_suffix('.pub').read_text('utf-8')}", "utf-8")
    assert run("pull", "--catalog", "small").code == 1
    (config.parent / "signers").write_text(f"publisher {(tmp_path / 'key.pub').read_text('utf-8')}", "utf-8")
    assert run("pull", "--catalog", "small").code == 0


def test_the_catalog_that_a_name_stands_for(config: Path, other: Path, pull_from: Publish, run: Run) -> None:
    config.write_text(f'[catalogs.small]\nchannel = "{other}"\n', "utf-8")
    ran = run("pull", "small")
    assert ran.code == 1 and "the channel has the catalog other, and not small" in ran.err


def test_an_index_file(config: Path, repo: Repo, pull_from: Publish, run: Run) -> None:
    target = config.parent / "mine.db"
    assert run("build", "--root", str(repo.top), "-o", str(target)).code == 0
    config.write_text('index = "mine.db"\n', "utf-8")
    assert answer(run) == ["acme/tiny@1.0.0"]
    shutil.move(target, config.parent / "theirs.db")
    ran = run("search")
    assert ran.code == 3 and f"named in {config}" in ran.err
    assert json.loads(run("search", "--json", "--index", str(config.parent / "theirs.db")).out)


def test_a_checkout_comes_first(config: Path, repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text('index = "nowhere.db"\n', "utf-8")
    monkeypatch.chdir(repo.top)
    assert answer(run) == ["acme/tiny@1.0.0"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("catalog =", "is not TOML"),
        ("catalog = 3", "catalog is no text"),
        ("catalogue = 'x'", "did you mean catalog"),
        ("catalogs = 'x'", "catalogs is no table"),
        ("catalogs = {x = 1}", "catalogs.x is no table"),
        ("[catalogs.x]", "catalogs.x has no channel"),
        ("[catalogs.x]\nchanel = 'y'", "did you mean channel"),
        ("[catalogs.x]\nchannel = 1", "channel is no text"),
        ("catalog = 'x'\nindex = 'y'", "keep one of them"),
        ("\xff", "is not TOML"),
    ],
)
def test_what_nobody_understands_is_told(config: Path, pull_from: Publish, run: Run, text: str, message: str) -> None:
    config.write_text(text, "latin-1")
    for argv in (["search"], ["pull"]):
        ran = run(*argv)
        assert ran.code == 2 and message in ran.err and str(config) in ran.err


def test_a_named_file_must_be_there(pull_from: Publish, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELREG_CONFIG", str(tmp_path / "absent.toml"))
    ran = run("search")
    assert ran.code == 2 and "which MODELREG_CONFIG names" in ran.err
