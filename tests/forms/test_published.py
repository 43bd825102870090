"""Forms on channels: by names that stay, and by their content."""

import functools
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelreg_cli.errors import Unavailable
from modelreg_cli.release.folder import FolderChannel
from modelreg_cli.zstd import zstd
from tests.conftest import Ran, Run
from tests.release.conftest import race
from tests.repositories import Repo, made

Publish = Callable[..., Ran]


class Quiet(SimpleHTTPRequestHandler):
    """Python's own server of files."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is published to."""
    return tmp_path / "site"


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    """The folder, served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def publish(run: Run, repo: Repo, key: Path, folder: Path) -> Publish:
    """Publishes HEAD to the folder."""
    return lambda *argv: run("publish", str(folder), "--key", str(key), "--root", str(repo.top), *argv)


def whole(folder: Path) -> dict[str, Any]:
    """index.json, after every file that it names was found to be as it says."""
    found: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
    for name, one in [*found["files"].items(), *((model["path"], model) for model in found["models"])]:
        raw = (folder / name).read_bytes()
        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (one["bytes"], one["sha256"]), name
    return found


def manifest(folder: Path) -> Any:
    """The newest."""
    return json.loads(json.loads((folder / "latest.json").read_bytes())["manifest"])


def test_models_are_asked_for_by_their_paths(publish: Publish, site: str, repo: Repo, folder: Path) -> None:
    ran = publish("--json")
    assert ran.code == 0, ran.err
    tiny = httpx.get(f"{site}/models/acme/tiny.json")
    assert tiny.headers["content-type"] == "application/json"
    assert tiny.json()["versions"][0]["document"]["limits"] == {"context": 8192}
    index = httpx.get(f"{site}/index.json").json()
    assert index["commit"] == repo.git("rev-parse", "HEAD") and [one["id"] for one in index["models"]] == ["acme/tiny"]
    assert httpx.get(f"{site}/schemas/model.schema.json").json()["$id"] == "model.schema.json"
    whole(folder)


def test_what_has_not_changed_is_not_sent_again(publish: Publish, site: str, repo: Repo, folder: Path) -> None:
    repo.commit(
        {"catalog/models/acme/big/model.yaml": "name: Big\ntype: weights\n", "catalog/models/acme/big/1.0.0.yaml": "status: active\n"}
    )
    publish()
    seen = httpx.get(f"{site}/models/acme/big.json").headers["last-modified"]
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    repo.commit({"catalog/models/acme/tiny/1.0.0.yaml": "released: 2026-01-02\nstatus: active\n"})
    assert publish().code == 0
    after = {path for path, when in before.items() if path.exists() and path.stat().st_mtime_ns != when}
    assert {path.relative_to(folder).as_posix() for path in after} == {"latest.json", "index.json", "catalog.json", "models/acme/tiny.json"}
    assert httpx.get(f"{site}/models/acme/big.json", headers={"if-modified-since": seen}).status_code == 304
    assert publish("--json").json[0]["sent"] == 0


def test_what_is_gone_is_taken_away(publish: Publish, folder: Path, repo: Repo) -> None:
    repo.commit(
        {"catalog/models/acme/big/model.yaml": "name: Big\ntype: weights\n", "catalog/models/acme/big/1.0.0.yaml": "status: active\n"}
    )
    publish()
    (folder / "models/acme/mine.json").write_text("somebody else's")
    repo.commit({"catalog/models/acme/big/model.yaml": None, "catalog/models/acme/big/1.0.0.yaml": None})
    assert publish().code == 0
    assert not (folder / "models/acme/big.json").exists() and (folder / "models/acme/mine.json").exists()
    assert [one["id"] for one in whole(folder)["models"]] == ["acme/tiny"]
    assert publish("--forms", "none", "--json").json[0]["new"]
    left = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}
    assert left == {"files", "latest.json", "manifests", "models"} and not (folder / "models/acme/tiny.json").exists()


def test_a_list_that_somebody_changed_takes_nothing_else_away(publish: Publish, folder: Path, repo: Repo) -> None:
    publish()
    (folder / "README.md").write_text("Whoever runs this site.\n")
    told = json.loads((folder / "index.json").read_bytes())
    (file,) = (folder / "files").glob("*.db.zst")
    wrong = ("latest.json", f"files/{file.name}", "../repo/catalog/catalog.yaml", "/etc/nothing", 7)
    told["files"] |= {str(name): {"sha256": "0" * 64} for name in wrong}
    (folder / "index.json").write_text(json.dumps(told))
    repo.commit({"README.md": "Moved.\n"})
    assert publish().code == 0
    assert (folder / "README.md").exists() and file.exists() and (repo.top / "catalog/catalog.yaml").exists()
    assert whole(folder)["commit"] == manifest(folder)["commit"]
    for damaged in (b"", b"[]", b"\xff", b'{"files": 1}'):
        (folder / "index.json").write_bytes(damaged)
        assert publish().code == 0 and whole(folder)["commit"] == manifest(folder)["commit"]


def test_limits_are_words_that_json_can_hold(publish: Publish, folder: Path, repo: Repo) -> None:
    repo.commit({"catalog/models/acme/tiny/1.0.0.yaml": "status: active\nlimits: {context: unlimited, output: none}\n"})
    publish()
    assert whole(folder)["models"][0]["limits"] == {"context": "unlimited", "output": "none"}


def test_names_by_content_are_of_one_state(publish: Publish, folder: Path, repo: Repo) -> None:
    """Whoever read latest.json before a publisher came finds all of that state afterwards."""
    publish()
    old = manifest(folder)
    repo.commit({"catalog/models/acme/tiny/1.0.0.yaml": "released: 2026-01-02\nstatus: active\n"})
    publish()
    for state, released in ((old, "2026-01-01"), (manifest(folder), "2026-01-02")):
        files = {one["role"]: folder / one["name"] for one in state["files"]}
        assert {"index.json", "catalog.json.zst", "schemas.json"} <= files.keys()
        for one in state["files"]:
            if one["role"] != "index":
                assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]
        told = json.loads(zstd.decompress(files["catalog.json.zst"].read_bytes()))
        assert told["commit"] == json.loads(files["index.json"].read_bytes())["commit"] == state["commit"]
        assert told["documents"]["version"]["acme/tiny@1.0.0"]["released"] == released


@pytest.mark.parametrize("stops", range(6))
def test_a_publisher_that_was_stopped_is_made_up_for(
    publish: Publish, folder: Path, repo: Repo, monkeypatch: pytest.MonkeyPatch, stops: int
) -> None:
    """Stopped at each file in turn; the next one, of the same state or of one that undoes it, leaves every name as it should be."""
    publish()
    text = (repo.top / "catalog/models/acme/tiny/1.0.0.yaml").read_text("utf-8")
    repo.commit(
        {"catalog/models/acme/tiny/1.0.0.yaml": "status: active\n", "catalog/models/acme/big/model.yaml": "name: Big\ntype: weights\n"}
    )
    put, seen = FolderChannel.put, []

    def stopping(self: FolderChannel, name: str, source: Path) -> None:
        if not name.startswith(("files/", "manifests/")):
            seen.append(name)
            if len(seen) > stops:
                raise Unavailable("stopped")
        put(self, name, source)

    with monkeypatch.context() as patched:
        patched.setattr(FolderChannel, "put", stopping)
        assert publish().code == 3
    if stops % 2:
        repo.commit({"catalog/models/acme/tiny/1.0.0.yaml": text, "catalog/models/acme/big/model.yaml": None})
    assert publish().code == 0
    assert len(whole(folder)["models"]) == (1 if stops % 2 else 2)
    assert (folder / "models/acme/big.json").exists() == (not stops % 2)
    publish("--at", "HEAD~1")
    publish("--at", "HEAD")
    whole(folder)
    assert not list((folder / "writing").iterdir())


def test_several_publish_at_once(shell: Run, tmp_path: Path, key: Path, folder: Path, run: Run) -> None:
    repos = [made(tmp_path / f"racer{number}") for number in range(3)]
    for number, one in enumerate(repos):
        one.commit({f"catalog/models/acme/m{number}/model.yaml": f"name: M{number}\ntype: weights\n"})
    race([lambda one=one: shell("publish", str(folder), "--key", str(key), "--root", str(one.top)) for one in repos])
    run("publish", str(folder), "--key", str(key), "--root", str(repos[0].top))
    assert whole(folder)["commit"] == manifest(folder)["commit"] and manifest(folder)["sequence"] >= 3


@pytest.mark.parametrize("forms", ["pictures", "", "none,schemas"])
def test_forms_that_are_not_known(publish: Publish, forms: str, folder: Path) -> None:
    ran = publish("--forms", forms)
    assert ran.code == 2 and "hint:" in ran.err and not folder.exists()
