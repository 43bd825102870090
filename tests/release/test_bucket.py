"""Buckets as channels, on a server that speaks S3."""

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from modelreg_cli.http import Deadline
from modelreg_cli.release.all_channels import channel_of
from modelreg_cli.release.channel import Way
from tests.conftest import Run
from tests.release.conftest import Publish, journey, replaced_once
from tests.repositories import Repo
from tests.servers import Exchange, serving

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("obstore") and importlib.util.find_spec("moto")), reason="obstore or moto[s3,server] is not installed"
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of its own."""
    moto = importlib.import_module("moto.server")
    boto3: Any = importlib.import_module("boto3")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret",
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    httpx.post(f"http://{host}:{port}/moto-api/reset")  # its servers share what they hold
    boto3.client("s3", endpoint_url=f"http://{host}:{port}").create_bucket(Bucket="models")
    yield "s3://models/catalogs/small"
    server.stop()


def test_the_whole_journey(publish_to: Publish, pull_from: Publish, repo: Repo, run: Run, bucket: str) -> None:
    journey(bucket, publish_to, pull_from, repo, run)
    there = channel_of(bucket, Way(Deadline(30)))
    assert [name[:18] for name in there.names("manifests/")] == ["manifests/00000003", "manifests/00000004"]
    assert len(there.names("files/")) == 4  # two indexes and the differences to them


def test_documents_are_objects_of_their_type(publish_to: Publish, repo: Repo, bucket: str) -> None:
    """What a bucket that is a web site answers with."""
    boto3: Any = importlib.import_module("boto3")
    there = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    publish_to(bucket, "--forms", "schemas,documents")
    found = there.get_object(Bucket="models", Key="catalogs/small/models/acme/tiny.json")
    assert found["ContentType"] == "application/json" and json.loads(found["Body"].read())["id"] == "acme/tiny"
    repo.commit({"catalog/models/acme/big/model.yaml": "name: Big\ntype: weights\n"})
    publish_to(bucket, "--forms", "documents")
    names = channel_of(bucket, Way(Deadline(30))).names("")
    assert [name for name in names if name.startswith("models/")] == ["models/acme/big.json", "models/acme/tiny.json"]
    assert not [name for name in names if name.startswith(("schemas", "writing/"))] and "catalog.json" in names


def test_no_state_is_lost_where_several_publish(raced: Callable[..., None], bucket: str) -> None:
    raced(bucket)


def test_only_what_was_read_is_replaced(bucket: str) -> None:
    replaced_once(*(channel_of(bucket, Way(Deadline(30))) for _ in range(2)))


def test_a_part_of_a_file(bucket: str, tmp_path: Any) -> None:
    raw = bytes(range(256)) * 40_000
    (tmp_path / "file").write_bytes(raw)
    there = channel_of(bucket, Way(Deadline(30)))
    there.put("files/x", tmp_path / "file")
    assert there.has("files/x") == len(raw) and there.has("files/y") is None
    for start in (0, 1, 5_000_000, len(raw)):
        assert b"".join(there.get("files/x", start)) == raw[start:]


def test_no_such_bucket(publish_to: Publish, bucket: str) -> None:
    ran = publish_to("s3://elsewhere")
    assert ran.code == 3 and "hint:" in ran.err and "test-secret" not in ran.err


def test_a_silent_server_ends_by_the_deadline(pull_from: Publish, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(one: Exchange) -> None:
        one.start(503, {"content-length": "0"})

    with serving(drip) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        ran = pull_from(bucket, "--deadline", "1")
    assert ran.code == 3 and "--deadline" in ran.err


@pytest.mark.parametrize("address", ["s3://", "s3:///x", "s3://bucket?x=y"])
def test_addresses_without_a_bucket(pull_from: Publish, address: str) -> None:
    assert pull_from(address).code == 2


def test_keys_are_not_sent_in_the_clear(pull_from: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1")
    assert pull_from("s3://bucket").code == 2


def test_variables_that_are_empty_are_not_set(bucket: str, publish_to: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "")
    ran = publish_to(bucket)
    assert ran.code == 0, ran.err
