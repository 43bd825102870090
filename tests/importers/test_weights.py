"""modelreg import gguf, modelreg import safetensors: local files, a hub and another server on this machine."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.importers.sources import catalog_at, data, everything, loaded
from tests.servers import Exchange, Server, serving
from tests.weights.made import gguf, model, put, safetensors, tensor

DAY = "2026-05-01"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
_VERSION = "models/wren/owl-8b/1.0.0.yaml"
_OWL = {"block_count": 2, "embedding_length": 64, "attention__head_count": 4, "attention__head_count_kv": 2, "context_length": 4096}
_TENSORS = [("token_embd.weight", (64, 10), 0, 0), ("blk.0.w", (64, 64), 1, 2560)]
GGUF = gguf({**model("qwen3", **_OWL), "general.file_type": ("u32", 1)}, _TENSORS, 2560 + 8192)
_ARCHITECTURE = {"name": "qwen3", "parameters": {"total": 4736}, "hidden": 64, "heads": 4, "vocab": 10}
_ARCHITECTURE |= {"layers": [{"kind": "full", "count": 2, "kv_heads": 2, "k_dim": 16, "v_dim": 16}]}
SAFE = safetensors({"w": tensor("BF16", [4736], 0, 9472)}, 9472)
CONFIG = {"model_type": "qwen3", "num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2}
CONFIG |= {"head_dim": 16, "vocab_size": 10, "max_position_embeddings": 4096}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A catalog of one model of one version."""
    made = catalog_at(tmp_path / "c")
    folder = made / "catalog/models/wren/owl-8b"
    folder.mkdir(parents=True)
    (folder.parent / "publisher.yaml").write_text("name: Wren\n")
    (folder / "model.yaml").write_text("name: Owl 8B\ntype: weights\ndefault: 1.0.0\n")
    (folder / "1.0.0.yaml").write_text("# people's own\nreleased: 2025-03-01\nlimits: {context: 4096} # as the card says\n")
    return made


@pytest.fixture
def bring(run: Run, root: Path) -> Callable[..., Ran]:
    """modelreg import NAME SOURCE --model wren/owl-8b ..."""

    def call(name: str, source: object, *argv: str, to: str = "wren/owl-8b", day: str = DAY) -> Ran:
        return run("import", name, str(source), "--model", to, "--root", str(root), "--observed", day, *argv)

    return call


def _sum(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def test_a_gguf_file_is_an_artifact_with_its_architecture(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    got = bring("gguf", put(tmp_path / "owl f16.gguf", GGUF))
    assert got.code == 0, got.err
    made = data(root, _VERSION)
    assert made["architecture"] == _ARCHITECTURE and made["limits"] == {"context": 4096}
    assert made["artifacts"] == [
        {
            **{"id": "gguf-f16", "format": "gguf", "quantization": "f16", "bits": 18.16},
            "files": [{"path": "owl f16.gguf", "bytes": len(GGUF), "sha256": _sum(GGUF)}],
        }
    ]
    assert made["sources"] == {"gguf-f16": {"url": "file:owl%20f16.gguf", "retrieved": DAY, "note": "header of the file"}}
    assert made["sourced"] == {"/architecture": "gguf-f16", "/artifacts": "gguf-f16"}
    assert str(tmp_path) not in (root / "catalog" / _VERSION).read_text() and "people's own" in (root / "catalog" / _VERSION).read_text()
    loaded(root)
    before = everything(root)
    assert bring("gguf", tmp_path / "owl f16.gguf", day="2026-06-01").code == 0
    assert everything(root) == before


def test_a_dry_run_tells_every_value_and_writes_nothing(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    before = everything(root)
    got = bring("gguf", put(tmp_path / "m.gguf", GGUF), "--dry-run")
    assert got.code == 0 and everything(root) == before and "gguf-f16" in got.out and "would be changed: 1 (version 1)" in got.out
    told = bring("gguf", tmp_path / "m.gguf", "--dry-run", "--json").json
    values = {one["field"]: one["after"] for change in told["changes"] for one in change["values"]}
    assert values["/architecture"]["hidden"] == 64 and told["written"] is False


def test_artifacts_are_added_and_met_by_id(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    assert bring("gguf", put(tmp_path / "a.gguf", GGUF)).code == 0
    other = gguf({**model("qwen3", **_OWL), "general.file_type": ("u32", 7)}, _TENSORS, 2560 + 8192)
    assert bring("gguf", put(tmp_path / "b.gguf", other)).code == 0
    assert bring("safetensors", put(tmp_path / "m.safetensors", SAFE)).code == 0
    made = data(root, _VERSION)
    assert [one["id"] for one in made["artifacts"]] == ["gguf-f16", "gguf-q8_0", "safetensors-bf16"]
    assert [one["files"][0]["path"] for one in made["artifacts"]] == ["a.gguf", "b.gguf", "m.safetensors"]
    assert set(made["sources"]) == {"gguf-f16", "gguf-q8_0", "safetensors-bf16"}
    assert made["sourced"]["/artifacts/1"] == "gguf-q8_0"
    loaded(root)
    # one file does not correct what another one said of the model
    odd = {**_OWL, "context_length": 8192}
    got = bring("gguf", put(tmp_path / "c.gguf", gguf({**model("qwen3", **odd), "general.file_type": ("u32", 2)}, _TENSORS, 2560 + 8192)))
    assert data(root, _VERSION)["limits"] == {"context": 4096} and "conflict 1" in got.out
    shutil.rmtree(root / "catalog/decisions")
    # the same bytes under another name are the same artifact; its own name stays
    assert bring("gguf", put(tmp_path / "again.gguf", GGUF)).code == 0
    assert [one["id"] for one in data(root, _VERSION)["artifacts"]] == ["gguf-f16", "gguf-q8_0", "safetensors-bf16", "gguf-q4_0"]


def test_other_bytes_under_a_known_id_are_refused_unless_people_say_so(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    assert bring("gguf", put(tmp_path / "m.gguf", GGUF)).code == 0
    before = data(root, _VERSION)
    put(tmp_path / "m.gguf", GGUF[:-1] + b"\x01")
    got = bring("gguf", tmp_path / "m.gguf")
    assert got.code == 1 and "an artifact gguf-f16 already" in got.err and "--artifact" in got.err
    assert data(root, _VERSION) == before
    assert bring("gguf", tmp_path / "m.gguf", "--artifact", "mine").code == 0
    assert [one["id"] for one in data(root, _VERSION)["artifacts"]] == ["gguf-f16", "mine"]


def test_values_that_differ_are_decisions(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    path = root / "catalog" / _VERSION
    path.write_text("limits: {context: 999}\narchitecture: {name: owl, parameters: {total: 5000}}\n")
    got = bring("gguf", put(tmp_path / "m.gguf", GGUF))
    assert got.code == 0 and "decisions: 3 (conflict 3)" in got.out
    made = data(root, _VERSION)
    assert made["limits"] == {"context": 999} and made["architecture"]["parameters"] == {"total": 5000}
    assert made["architecture"]["hidden"] == 64 and made["architecture"]["name"] == "owl"
    decisions = data(root, "decisions/gguf/wren.yaml")["decisions"]
    assert [(one["field"], one["upstream"], one["ours"]) for one in decisions] == [
        ("architecture.name", "qwen3", "owl"),
        ("architecture.parameters.total", 4736, 5000),
        ("limits.context", 4096, 999),
    ]
    assert {one["subject"] for one in decisions} == {"wren/owl-8b@1.0.0#gguf-f16"}
    other = gguf({**model("qwen3", **_OWL), "general.file_type": ("u32", 7)}, _TENSORS, 2560 + 8192)
    bring("gguf", put(tmp_path / "b.gguf", other))
    subjects = {one["subject"] for one in data(root, "decisions/gguf/wren.yaml")["decisions"]}
    assert len(subjects) == 2  # what is told of one artifact stays when another is read


def test_the_order_of_layers_says_nothing(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    each = "count: 1, kv_heads: 2, k_dim: 16, v_dim: 16"
    layers = f"[{{kind: full, {each}}}, {{kind: window, {each}, window: 8}}]"
    (root / "catalog" / _VERSION).write_text(f"architecture:\n  layers: {layers}\n")
    source = put(tmp_path / "m.gguf", gguf(model("gemma2", **_OWL, attention__sliding_window=8)))
    got = bring("gguf", source)
    assert got.code == 0 and "decisions: 0" in got.out


def test_a_version_is_made(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    assert bring("gguf", put(tmp_path / "m.gguf", GGUF), to="wren/owl-8b@2.0.0").code == 0
    made = data(root, "models/wren/owl-8b/2.0.0.yaml")
    assert made["architecture"] == _ARCHITECTURE and made["sourced"] == {"": "gguf-f16"}
    loaded(root)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("gguf", "m.gguf"), 2, "--model is missing"),
        (("gguf", "m.gguf", "--model", "wren/owl-9b"), 4, "wren/owl-8b"),
        (("gguf", "m.gguf", "--model", "nobody/nothing"), 4, "model.yaml first"),
        (("gguf", "m.gguf", "--model", "wren/owl-8b@.."), 2, "no id"),
        (("gguf", "m.gguf", "--model", "wren/owl-8b", "--artifact", "A B"), 2, "no id"),
        (("gguf", "gone.gguf", "--model", "wren/owl-8b"), 2, "there is no gone.gguf"),
        (("gguf", ".", "--model", "wren/owl-8b"), 2, "is no file"),
        (("gguf", "m.safetensors", "--model", "wren/owl-8b"), 2, "not GGUF"),
        (("safetensors", "m.gguf", "--model", "wren/owl-8b"), 2, "header"),
        (("safetensors", ".", "--model", "wren/owl-8b", "--artifact", "#"), 2, "no id"),
        (("gguf", "hf://owner", "--model", "wren/owl-8b"), 2, "hf://owner/repository@revision/file"),
        (("gguf", "https://me:hush@127.0.0.1/m.gguf", "--model", "wren/owl-8b"), 2, "password"),
        (("models-dev", "x.tar", "--model", "wren/owl-8b"), 2, "takes no --model"),
    ],
)
def test_wrong_use(
    tmp_path: Path, root: Path, run: Run, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], code: int, words: str
) -> None:
    put(tmp_path / "m.gguf", GGUF)
    put(tmp_path / "m.safetensors", SAFE)
    monkeypatch.chdir(tmp_path)
    before = everything(root)
    got = run("import", *argv, "--root", str(root), "--observed", DAY)
    assert got.code == code and words in got.err and "hint:" in got.err and "Traceback" not in got.err and "hush" not in got.err
    assert everything(root) == before


def _folder(where: Path, config: dict[str, Any] | None = None) -> Path:
    where.mkdir()
    put(where / "config.json", json.dumps(CONFIG if config is None else config).encode())
    put(where / "m-1.safetensors", safetensors({"a": tensor("BF16", [4000], 0, 8000)}, 8000))
    put(where / "m-2.safetensors", safetensors({"b": tensor("BF16", [736], 0, 1472)}, 1472))
    index = {"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}
    put(where / "model.safetensors.index.json", json.dumps(index).encode())
    return where


def test_a_folder_of_shards_with_its_configuration(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    got = bring("safetensors", _folder(tmp_path / "owl"))
    assert got.code == 0, got.err
    made = data(root, _VERSION)
    assert made["architecture"] == _ARCHITECTURE
    assert made["artifacts"][0]["id"] == "safetensors-bf16" and made["artifacts"][0]["bits"] == 16
    assert [file["path"] for file in made["artifacts"][0]["files"]] == ["m-1.safetensors", "m-2.safetensors"]
    loaded(root)


def test_pickles_beside_are_told_and_not_read(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    folder = _folder(tmp_path / "owl", {**CONFIG, "quantization_config": {"quant_method": "fp8"}})
    put(folder / "pytorch_model.bin", b"\x80\x02cos\nsystem\n.")
    put(folder / "safe.pt", b"\x80\x02}.")
    got = bring("safetensors", folder)
    assert got.code == 0 and "warning: pytorch_model.bin is a pickle, which is not read: it imports os system" in got.err
    assert "note: safe.pt is a pickle" in got.err
    assert data(root, _VERSION)["artifacts"][0]["id"] == "safetensors-fp8"


def test_what_is_not_understood_is_a_decision(tmp_path: Path, root: Path, bring: Callable[..., Ran]) -> None:
    got = bring("safetensors", _folder(tmp_path / "owl", {**CONFIG, "model_type": "owl9"}))
    assert got.code == 0 and "decisions: 1 (not-understood 1)" in got.out
    assert "layers" not in data(root, _VERSION)["architecture"]
    assert "'owl9' is not known" in data(root, "decisions/safetensors/wren.yaml")["decisions"][0]["detail"]


@contextmanager
def _hub(files: dict[str, bytes], digests: bool = True) -> Iterator[Server]:
    """A hub: files of birds/Owl-GGUF at main, behind a redirect to where the bytes are."""

    def answering(one: Exchange) -> None:
        path = one.path.partition("?")[0]
        name = path.removeprefix("/birds/Owl-GGUF/resolve/main/").removeprefix("/cdn/")
        if name not in files:
            one.answer(404, b'{"error": "Entry not found"}')
        elif path.startswith("/cdn/"):
            raw, span = files[name], one.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")
            part = raw[int(span[0]) : int(span[1] or len(raw)) + 1]
            one.answer(206, part, content_range=f"bytes {span[0]}-{int(span[0]) + len(part) - 1}/{len(raw)}", etag='"x"')
        else:
            linked = {"x_linked_etag": f'"{_sum(files[name])}"', "x_linked_size": str(len(files[name]))} if digests else {}
            one.answer(302, location=f"/cdn/{name}?sign=hush", x_repo_commit=COMMIT, **linked)

    with serving(answering) as server:
        yield server


def test_a_file_on_the_hub(root: Path, bring: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_hush")
    padded = GGUF + bytes(3_000_000)
    with _hub({"q8/owl.gguf": padded}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        got = bring("gguf", "hf://birds/Owl-GGUF@main/q8/owl.gguf")
        assert got.code == 0, got.err
        read = [one for one in hub.seen if one.method == "GET" and one.path.startswith("/cdn/")]
        assert len(read) == 1 and read[0].headers["range"] == "bytes=0-1048575"
        assert all(one.headers["authorization"] == "Bearer hf_hush" for one in hub.seen)
        made = data(root, _VERSION)
        assert made["artifacts"] == [
            {
                **{"id": "gguf-f16", "publisher": "birds", "format": "gguf", "quantization": "f16", "bits": 18.16},
                "uri": f"hf://birds/Owl-GGUF@{COMMIT}/q8/owl.gguf",
                "files": [{"path": "q8/owl.gguf", "bytes": len(padded), "sha256": _sum(padded)}],
            }
        ]
        assert made["sources"]["gguf-f16"]["url"] == f"https://huggingface.co/birds/Owl-GGUF/blob/{COMMIT}/q8/owl.gguf"
        before = everything(root)
        assert bring("gguf", f"{hub.url}/birds/Owl-GGUF/blob/main/q8/owl.gguf").code == 0  # as it is copied from a browser
        assert everything(root) == before and b"hush" not in b"".join(before.values())


def test_without_a_digest_from_the_server_there_are_no_files(
    root: Path, bring: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    with _hub({"owl.gguf": GGUF}, digests=False) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert bring("gguf", "hf://birds/Owl-GGUF@main/owl.gguf").code == 0
    made = data(root, _VERSION)["artifacts"][0]
    assert "files" not in made and made["uri"].endswith("/owl.gguf") and made["bits"] == 18.16


def test_shards_on_the_hub(tmp_path: Path, root: Path, bring: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    files = {path.name: path.read_bytes() for path in _folder(tmp_path / "owl").iterdir()}
    with _hub(files) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert bring("safetensors", "hf://birds/Owl-GGUF@main/model.safetensors.index.json").code == 0
        made = data(root, _VERSION)
        assert made["architecture"] == _ARCHITECTURE and made["artifacts"][0]["uri"] == f"hf://birds/Owl-GGUF@{COMMIT}"
        assert [file["sha256"] for file in made["artifacts"][0]["files"]] == [
            _sum(files["m-1.safetensors"]),
            _sum(files["m-2.safetensors"]),
        ]
    shutil.rmtree(tmp_path / "owl")


def test_another_server_and_one_that_ignores_ranges(root: Path, bring: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_hush")
    with serving(lambda one: one.answer(200, GGUF)) as server:
        got = bring("gguf", f"{server.url}/owl.gguf?key=hush")
        assert got.code == 0, got.err
        assert not any("authorization" in one.headers for one in server.seen)
    made = data(root, _VERSION)
    assert "files" not in made["artifacts"][0] and "uri" not in made["artifacts"][0]  # an artifact lies on https or nowhere
    assert made["sources"]["gguf-f16"]["url"] == f"{server.url}/owl.gguf"


def test_a_server_that_does_not_answer_well(root: Path, bring: Callable[..., Ran]) -> None:
    before = everything(root)

    def endless(one: Exchange) -> None:
        one.start(200, {})
        one.write(gguf([("a", ("raw", b"\x09\0\0\0\x08\0\0\0" + (2**22).to_bytes(8, "little")))], counts=(9, 1)))
        while True:
            one.write(bytes(100_000))

    with serving(endless) as server:
        got = bring("gguf", f"{server.url}/m.gguf", "--deadline", "20")
        assert got.code == 3 and "ignores ranges" in got.err
    with serving(lambda one: one.answer(401, b'{"error": "gated"}')) as server:
        got = bring("gguf", f"{server.url}/m.gguf")
        assert got.code == 3 and "401" in got.err and "token" in got.err
    with serving(lambda one: one.answer(503, b"")) as server:
        got = bring("gguf", f"{server.url}/m.gguf", "--deadline", "0.3")
        assert got.code == 3 and "no time is left" in got.err
    assert everything(root) == before
