"""Registries as channels: Debian's docker-registry on this machine."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from modelreg_cli.http import Deadline
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Way
from tests.conftest import Run
from tests.release.conftest import Publish, answer, journey
from tests.repositories import Repo
from tests.servers import Exchange, free_port, serving

needs_registry = pytest.mark.skipif(not shutil.which("docker-registry"), reason="docker-registry is not installed (Debian has it)")


@contextmanager
def running(folder: Path, more: str = "") -> Iterator[str]:
    """A registry; its host and port."""
    port = free_port()
    folder.mkdir()
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n{more}"
    )
    server = subprocess.Popen(
        ["docker-registry", "serve", str(folder / "config.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/v2/")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """Anybody may enter."""
    with running(tmp_path / "registry") as host:
        yield f"oci://{host}/acme/models"


@needs_registry
def test_the_whole_journey(publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, registry: str) -> None:
    journey(registry, publish_to, pull_from, repo, run)
    base = registry.replace("oci://", "http://").replace("/acme", "/v2/acme")
    assert sorted(httpx.get(f"{base}/tags/list").json()["tags"]) == ["latest", "state-3", "state-4"]


@needs_registry
def test_no_state_is_lost_where_several_publish(raced: Callable[..., None], registry: str) -> None:
    raced(registry)


@needs_registry
def test_documents_come_packed(publish_to: Publish, run: Run, registry: str) -> None:
    """A registry has no paths: no file for each model there."""
    assert publish_to(registry, "--forms", "schemas,documents").code == 0
    base = registry.replace("oci://", "http://").replace("/acme", "/v2/acme")
    layers = httpx.get(f"{base}/manifests/latest", headers={"accept": "application/vnd.oci.image.manifest.v1+json"}).json()["layers"]
    titles = sorted(one["annotations"]["org.opencontainers.image.title"].partition("-")[0] for one in layers)
    assert titles == ["files/catalog", "files/index", "files/index", "files/schemas", "latest.json"]
    told = run("verify", registry).out
    assert told.count("  yes files/") == 4 and [line for line in told.splitlines() if "NO" in line and "signature" not in line] == []


@needs_registry
def test_a_blob_that_changed_is_found(publish_to: Publish, pull_from: Publish, run: Run, registry: str, tmp_path: Path) -> None:
    publish_to(registry)
    for blob in (tmp_path / "registry").rglob("blobs/**/data"):
        raw = blob.read_bytes()
        if raw[:4] == b"\x28\xb5\x2f\xfd":
            blob.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
    ran = pull_from(registry)
    assert ran.code == 3 and "not what its digest says" in ran.err
    assert run("search").code == 3


@needs_registry
def test_other_clients_read_it(publish_to: Publish, registry: str, tmp_path: Path) -> None:
    client = pytest.importorskip("oras.client", reason="oras is not installed")
    publish_to(registry)
    there = client.OrasClient(insecure=True)
    names = there.pull(target=registry.removeprefix("oci://") + ":state-1", outdir=str(tmp_path / "there"))
    assert sorted(Path(name).relative_to(tmp_path / "there").parts[0] for name in names) == ["files", "latest.json"]


@needs_registry
def test_with_a_user_and_a_password(
    publish_to: Publish, pull_from: Publish, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("htpasswd"):
        pytest.skip("htpasswd is not installed (apache2-utils)")
    file = tmp_path / "users"
    file.write_bytes(subprocess.run(["htpasswd", "-Bbn", "ann", "hush-hush"], check=True, capture_output=True).stdout)
    with running(tmp_path / "closed", f"auth: {{htpasswd: {{realm: r, path: {file}}}}}\n") as host:
        address = f"oci://{host}/models"
        ran = publish_to(address)
        assert ran.code == 3 and "MODELREG_OCI_USER" in ran.err
        monkeypatch.setenv("MODELREG_OCI_USER", "ann")
        monkeypatch.setenv("MODELREG_OCI_PASSWORD", "wrong")
        ran = publish_to(address)
        assert ran.code == 3 and "wrong" not in ran.err.replace("missing or wrong", "")
        monkeypatch.setenv("MODELREG_OCI_PASSWORD", "hush-hush")
        assert publish_to(address).code == 0 and pull_from(address).code == 0
        assert answer(run) == ["acme/tiny@1.0.0"]


def closed(one: Exchange, site: str, tokens: dict[str, str]) -> None:
    """A registry that lends tokens, as its documentation describes it; `tokens` are those that it gave, by scope."""
    if one.path.startswith("/token"):
        query = dict(httpx.URL(site + one.path).params)
        assert query["service"] == "reg"
        known = one.headers.get("authorization") == "Basic " + base64.b64encode(b"ann:hush-hush").decode()
        tokens[query["scope"]] = "known" if known else "anyone"
        one.answer(200, json.dumps({"token": tokens[query["scope"]]}).encode())
    elif one.headers.get("authorization") not in ("Bearer known", "Bearer anyone"):
        one.answer(401, www_authenticate=f'Bearer realm="{site}/token",service="reg",scope="repository:models:pull"')
    else:
        one.answer(404)


@pytest.mark.parametrize(("user", "token"), [("", "anyone"), ("ann", "known")])
def test_tokens_are_fetched(monkeypatch: pytest.MonkeyPatch, user: str, token: str) -> None:
    monkeypatch.setenv("MODELREG_OCI_USER", user)
    monkeypatch.setenv("MODELREG_OCI_PASSWORD", user and "hush-hush")
    tokens: dict[str, str] = {}
    with serving(lambda one: closed(one, f"http://{one.headers['host']}", tokens)) as server:
        there = channel_of(f"oci://{server.url.removeprefix('http://')}/models", Way(Deadline(10)))
        assert there.latest() is None
    assert tokens == {"repository:models:pull": token}


@pytest.mark.parametrize("address", ["oci://", "oci://host", "oci://host/Upper", "oci://host/name:tag", "oci://u:p@host/name"])
def test_addresses_without_a_repository(pull_from: Publish, address: str) -> None:
    assert pull_from(address).code == 2
