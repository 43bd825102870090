"""Registries as channels: Debian's docker-registry on this machine."""

import base64
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelreg_cli.http import Deadline
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Way
from tests.conftest import Run
from tests.release.conftest import Publish, journey, new_key
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
def test_a_download_goes_on_where_it_broke_off(publish_to: Publish, pull_from: Publish, registry: str, tmp_path: Path) -> None:
    publish_to(registry)
    (raw,) = [one for file in (tmp_path / "registry").rglob("blobs/**/data") if (one := file.read_bytes())[:4] == b"\x28\xb5\x2f\xfd"]
    home = tmp_path / "home" / "small"
    home.mkdir(parents=True)
    (home / f".{hashlib.sha256(raw).hexdigest()[:16]}.part").write_bytes(raw[: len(raw) // 2])
    assert json.loads(pull_from(registry, "--json").out)["received"] == len(raw) - len(raw) // 2


@needs_registry
def test_a_reader_that_skipped_states(publish_to: Publish, pull_from: Publish, run: Run, repo: Repo, registry: str, tmp_path: Path) -> None:
    """The states between are artifacts of their own, and tell how the key was passed on."""
    publish_to(registry)
    assert pull_from(registry).code == 0
    new = new_key(tmp_path / "new")
    repo.commit({"README.md": "Two.\n"})
    publish_to(registry, "--next-key", str(new))
    repo.commit({"README.md": "Three.\n"})
    assert run("publish", registry, "--key", str(new), "--root", str(repo.top)).code == 0
    ran = pull_from(registry)
    assert ran.code == 0 and "state 3" in ran.out


#: What `htpasswd -B` writes of ann, whose password is hush-hush.
USERS = "ann:$2y$05$abcdefghijklmnopqrstuu4uoW5CdSDmY8cLkib7pLDRBlvRVo8Pe\n"


@needs_registry
def test_with_a_user_and_a_password(
    publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "users").write_text(USERS)
    with running(tmp_path / "closed", f"auth: {{htpasswd: {{realm: r, path: {tmp_path / 'users'}}}}}\n") as host:
        address = f"oci://{host}/models"
        ran = publish_to(address)
        assert ran.code == 3 and "MODELREG_OCI_USER" in ran.err
        monkeypatch.setenv("MODELREG_OCI_USER", "ann")
        ran = publish_to(address)
        assert ran.code == 2 and "only one of" in ran.err
        monkeypatch.setenv("MODELREG_OCI_PASSWORD", "hash-hash")
        ran = publish_to(address)
        assert ran.code == 3 and "a token is missing or wrong" in ran.err and "hash" not in ran.err
        monkeypatch.setenv("MODELREG_OCI_PASSWORD", "hush-hush")
        journey(address, publish_to, pull_from, repo, run)


class Lender:
    """A server that lends tokens for a registry, signed as Docker's documentation describes them."""

    def __init__(self, folder: Path) -> None:
        self.key, self.certificate, self.scopes = folder / "lender.key", folder / "lender.pem", list[str]()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lender", "-keyout", str(self.key),
             "-out", str(self.certificate)], check=True, capture_output=True,
        )  # fmt: skip

    def answer(self, one: Exchange) -> None:
        """A token that allows what is asked, to ann; to others nothing."""
        query = dict(httpx.URL(f"http://x{one.path}").params)
        known = one.headers.get("authorization") == "Basic " + base64.b64encode(b"ann:hush-hush").decode()
        self.scopes.append(query["scope"])
        kind, name, actions = query["scope"].split(":")
        told: list[dict[str, Any]] = [{"type": kind, "name": name, "actions": actions.split(",") if known else []}]
        one.answer(200, json.dumps({"token": self.token(query["service"], told)}).encode())

    def token(self, service: str, access: list[dict[str, Any]]) -> str:
        """https://distribution.github.io/distribution/spec/auth/jwt/"""
        now = int(time.time())
        chain = "".join(line for line in self.certificate.read_text().splitlines() if "-----" not in line)
        head = {"typ": "JWT", "alg": "RS256", "x5c": [chain]}
        body = {"iss": "lender", "sub": "ann", "aud": service, "exp": now + 60, "nbf": now - 5, "iat": now, "jti": "1", "access": access}
        text = ".".join(coded(json.dumps(one).encode()) for one in (head, body))
        signed = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", str(self.key)], input=text.encode(), check=True, capture_output=True
        ).stdout
        return f"{text}.{coded(signed)}"


def coded(raw: bytes) -> str:
    """As tokens are written."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@needs_registry
@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_with_tokens_that_are_lent(
    publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lender = Lender(tmp_path)
    with serving(lender.answer) as server:
        told = f"realm: '{server.url}/token', service: reg, issuer: lender, rootcertbundle: {lender.certificate}"
        with running(tmp_path / "closed", f"auth: {{token: {{{told}}}}}\n") as host:
            address = f"oci://{host}/models"
            ran = publish_to(address)
            assert ran.code == 3 and "answered 401" in ran.err and "eyJ" not in ran.err
            monkeypatch.setenv("MODELREG_OCI_USER", "ann")
            monkeypatch.setenv("MODELREG_OCI_PASSWORD", "hush-hush")
            journey(address, publish_to, pull_from, repo, run)
    assert {"repository:models:pull", "repository:models:delete"} < set(lender.scopes)


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


def test_secrets_stay_with_the_registry(pull_from: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blobs lie with a storage of another host, which is told nothing."""
    envelope = b"{}"
    digest = f"sha256:{hashlib.sha256(envelope).hexdigest()}"
    layer = {"digest": digest, "size": 2, "annotations": {"org.opencontainers.image.title": "latest.json"}}
    monkeypatch.setenv("MODELREG_OCI_USER", "ann")
    monkeypatch.setenv("MODELREG_OCI_PASSWORD", "hush-hush")
    with serving(lambda one: one.answer(200, envelope)) as storage:

        def registry(one: Exchange) -> None:
            if "authorization" not in one.headers:
                one.answer(401, www_authenticate='Basic realm="r"')
            elif "/blobs/" in one.path:
                one.answer(307, location=f"{storage.url}/blob")
            else:
                one.answer(200, json.dumps({"layers": [layer]}).encode())

        with serving(registry) as server:
            found = channel_of(f"oci://{server.url.removeprefix('http://')}/models", Way(Deadline(10))).latest()
    assert found and found.raw == envelope
    assert len(storage.seen) == 1 and "authorization" not in storage.seen[0].headers
    assert server.seen[-1].headers["authorization"].startswith("Basic ")


def test_a_password_is_not_sent_in_the_clear(pull_from: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tokens are lent, the registry says; over http it is not asked, but for this machine."""
    monkeypatch.setenv("MODELREG_OCI_USER", "ann")
    monkeypatch.setenv("MODELREG_OCI_PASSWORD", "hush-hush")
    with serving(lambda one: one.answer(401, www_authenticate='Bearer realm="http://192.0.2.1/token",service="reg"')) as server:
        ran = pull_from(f"oci://{server.url.removeprefix('http://')}/models", "--deadline", "5")
    assert ran.code == 2 and "tokens go over https only" in ran.err and "hush" not in ran.err


@pytest.mark.parametrize(("status", "after", "words"), [(503, "", "answered 503"), (429, "3600", "asks to wait 3,600 s"), (403, "", "403")])
def test_a_registry_that_can_not_just_now(pull_from: Publish, status: int, after: str, words: str) -> None:
    with serving(lambda one: one.answer(status, retry_after=after)) as server:
        ran = pull_from(f"oci://{server.url.removeprefix('http://')}/models", "--deadline", "1")
    assert ran.code == 3 and words in ran.err


@pytest.mark.parametrize("address", ["oci://", "oci://host", "oci://host/Upper", "oci://host/name:tag", "oci://u:p@host/name"])
def test_addresses_without_a_repository(pull_from: Publish, address: str) -> None:
    assert pull_from(address).code == 2
