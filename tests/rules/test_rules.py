"""Rules in their corners: each case edits the good catalog, and says which findings that gives."""

import shutil
from pathlib import Path

import pytest

from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.errors import ModelregError
from modelreg_cli.finding import Finding
from modelreg_cli.rules.check import Change, check
from modelreg_cli.rules.graph import cycles
from tests.rules.samples import GOOD, TODAY

Edit = tuple[str, str, str]

_MODEL, _VERSION, _OLD = "models/acme/tiny/model.yaml", "models/acme/tiny/1.0.0.yaml", "models/acme/tiny/1.1.0.yaml"
_OFFER, _PROVIDER, _HILL = "providers/cloud/acme--tiny.yaml", "providers/cloud/provider.yaml", "providers/hill/tiny.yaml"
_TENANT, _RESULTS, _ENGINE = "tenants/shop.yaml", "results/acme/tiny/1.0.0/lm-eval-3f2a91c0.yaml", "engines/lab/engine.yaml"
_EMBED = "engines/lab/embed.yaml"


def _edited(tmp_path: Path, *edits: Edit) -> Path:
    top = tmp_path / "top"
    shutil.copytree(GOOD, top)
    for path, old, new in edits:
        file = top / "catalog" / path
        text = file.read_text("utf-8") if file.exists() else ""
        assert old in text, (path, old)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(old, new, 1) if old else new, "utf-8")
    return top


def _found(top: Path) -> list[Finding]:
    return check(load(Folder(top)), TODAY)


@pytest.mark.parametrize(
    ("edit", "pointer", "said"),
    [
        ((_MODEL, "of: acme/base@1.0.0", "of: acme/base@2.0.0"), "/lineage/0/of", "acme/base has no version 2.0.0"),
        ((_MODEL, "of: acme/base@1.0.0", "of: acme/bass"), "/lineage/0/of", "there is no model acme/bass"),
        ((_MODEL, "default: 1.0.0", "default: 3.0.0"), "/default", "the model has no version 3.0.0"),
        ((_OFFER, "acme/tiny@1.1.0", "acme/tiny@1.1.1"), "/serves/1/version", "acme/tiny has no version 1.1.1"),
        ((_HILL, "acme/tiny@1.0.0", "acme/teeny@1.0.0"), "/serves/version", "there is no model acme/teeny"),
        ((_OLD, "replacement: acme/tiny@1.0.0", "replacement: acme/tiny@5.0.0"), "/deprecation/replacement", "no version 5.0.0"),
        ((_OFFER, "endpoint: chat", "endpoint: chatt"), "/call/endpoint", "the provider has no endpoint chatt"),
        ((_PROVIDER, "currency: USD", "publisher: cloud\ncurrency: USD"), "/publisher", "there is no publisher cloud"),
        ((_VERSION, "hardware: rtx-4090", "hardware: rtx-5090"), "/hardware/0/hardware", "there is no hardware rtx-5090"),
        ((_ENGINE, "runtime: llama.cpp", "runtime: vllm"), "/runtime", "there is no runtime vllm"),
        ((_ENGINE, "hardware: rtx-4090", "hardware: h100"), "/hardware/0/hardware", "there is no hardware h100"),
        (("engines/lab/tiny-q4.yaml", "#gguf-q4_k_m", "#gguf-q8_0"), "/model", "acme/tiny@1.0.0 has no artifact gguf-q8_0"),
        ((_TENANT, "fallback: acme/tiny", "fallback: acme/huge"), "/routes/chat/fallback", "there is no model acme/huge"),
        ((_RESULTS, "benchmark: mmlu", "benchmark: mmlo"), "/metrics/0/benchmark", "there is no benchmark mmlo"),
        ((_RESULTS, "metric: acc", "metric: f1"), "/metrics/0/metric", "benchmark mmlu has no metric f1"),
        ((_RESULTS, "artifact: safetensors", "artifact: onnx"), "/artifact", "acme/tiny@1.0.0 has no artifact onnx"),
        (("scans/acme/tiny/9.0.0/clam-00000000.yaml", "", "tool: clam\ndate: 2026-01-01\nstatus: passed\n"), "", "no version 9.0.0"),
        (
            ("decisions/models-dev/cloud.yaml", "version: acme/tiny@1.0.0", "version: acme/x"),
            "/decisions/1/taken/version",
            "no model acme/x",
        ),
    ],
)
def test_dangling_references_of_every_kind(tmp_path: Path, edit: Edit, pointer: str, said: str) -> None:
    found = [finding for finding in _found(_edited(tmp_path, edit)) if finding.code == "dangling-reference"]
    assert [finding.pointer for finding in found] == [pointer]
    assert said in found[0].message
    assert found[0].hint


@pytest.mark.parametrize(
    ("edit", "code", "pointer"),
    [
        ((_MODEL, "tasks: [chat]", "tasks: [chatting]"), "unknown-word", "/tasks/0"),
        ((_MODEL, "input: [text]", "input: [txt]"), "unknown-word", "/modalities/input/0"),
        ((_OFFER, "rates: {input: 0.04}", "rates: {inptu: 0.04}"), "unknown-word", "/prices/1/variants/0/rates/inptu"),
        ((_RESULTS, "by: acme", "by: acmee"), "unknown-word", "/by"),
        ((_TENANT, "scope: [instruct]", "scope: [instrcut]"), "unknown-tag", "/scope/0"),
        ((_TENANT, "tag: instruct", "tag: instrcut"), "unknown-tag", "/routes/chat/tag"),
        ((_TENANT, "acknowledged: [acme-community]", "acknowledged: [mit]"), "unknown-license", "/license/acknowledged/0"),
        ((_VERSION, "license: acme-community", "license: mit"), "unknown-license", "/artifacts/1/license"),
        ((_VERSION, "source: card", "source: crad"), "unknown-source", "/quality/reasoning/source"),
        ((_OFFER, "output: 0.06}, source: page", "output: 0.06}, source: blog"), "unknown-source", "/prices/0/source"),
        ((_OFFER, "limits: {output: 2048}", "limits: {context: 100}"), "context-below-output", "/limits/context"),
        (
            (_OFFER, "{context_over: 4000}\n        rates: {input: 0.04}", "{context_over: 4000}\n        rates: {input: 0}"),
            "zero-rate",
            "/prices/1/variants/0/rates/input",
        ),
        ((_OFFER, "{context_over: 4000}\n        rates: {input: 0.04}", "{context_over: 4000}\n        rates: {input: 0.001}"), "", ""),
        (
            (_OFFER, "{context_over: 4000}\n        rates: {input: 0.04}", "{context_over: 4000}\n        rates: {cache_read: 9}"),
            "cache-read-above-input",
            "/prices/1/variants/0/rates/cache_read",
        ),
        ((_EMBED, "{dim: 1024}", "{dim: 1024.5}"), "binding-without-dim", "/extra_config"),
        ((_EMBED, "{dim: 1024}", '{dim: "1024"}'), "binding-without-dim", "/extra_config"),
        ((_EMBED, "{dim: 1024}", "{dim: true}"), "binding-without-dim", "/extra_config"),
        ((_VERSION, "knowledge: 2023-12", 'knowledge: "2024"'), "", ""),
        ((_VERSION, "knowledge: 2023-12", "knowledge: 2024-07"), "", ""),
        ((_VERSION, "knowledge: 2023-12", "knowledge: 2024-07-24"), "knowledge-after-release", "/knowledge"),
        ((_VERSION, "min: 0, max: 2", "min: 3, max: 2"), "parameter-range", "/parameters/temperature"),
    ],
)
def test_corners(tmp_path: Path, edit: Edit, code: str, pointer: str) -> None:
    found = [(finding.code, finding.pointer) for finding in _found(_edited(tmp_path, edit))]
    assert found == ([(code, pointer)] if code else [])


@pytest.mark.parametrize(
    "value",
    [
        "sk-proj-abcdefghijklmnopqrstuvwx",
        "hf_abcdefghijklmnopqrstuvwxyz",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "AKIAABCDEFGHIJKLMNOP",
        "xoxb-1234567890-abcdef",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "Authorization: Bearer abcdefghijklmnop1234",
        "https://user:hunter2@example.org/x",
        "see AIzaSyA0123456789abcdefghijklmnopqrstuv",
    ],
)
def test_secrets_are_found_in_any_text_and_never_printed(tmp_path: Path, value: str) -> None:
    top = _edited(tmp_path, (_MODEL, "A small chat model.", f'"{value}"'))
    (found,) = [finding for finding in _found(top) if finding.code == "secret"]
    assert found.pointer == "/description"
    assert value not in f"{found.message} {found.hint}"


@pytest.mark.parametrize(
    "value",
    [
        "the risk-aware-model-that-is-very-long-and-harmless",
        "hf_transfer",
        "https://huggingface.co/acme/Tiny@main",
        "Bearer ${TOKEN}",
        "pass a bearer token",
        "task-abcdefghijklmnopqrstuvwxyz",
        "postgresql://user:${PASSWORD}@db.example/x",
        "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90",
    ],
)
def test_what_only_looks_like_a_secret(tmp_path: Path, value: str) -> None:
    top = _edited(tmp_path, (_MODEL, "A small chat model.", f'"{value}"'))
    assert [finding for finding in _found(top) if finding.code == "secret"] == []


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        ("Authorization: Token abc", True),
        ("x-api-key: abc", True),
        ("X-Auth-Token: abc", True),
        ("Cookie: a=b", True),
        ("Authorization: ${KEY}", False),
        ("Authorization: Bearer ${KEY}", False),
        ("X-Title: modelreg", False),
    ],
)
def test_headers_that_carry_keys_hold_no_plain_value(tmp_path: Path, header: str, secret: bool) -> None:
    name, value = header.split(": ")
    top = _edited(tmp_path, (_PROVIDER, 'Authorization: "Bearer ${CLOUD_API_KEY}"', f'{name}: "{value}"'))
    assert [finding.pointer for finding in _found(top) if finding.code == "secret"] == ([f"/endpoints/0/headers/{name}"] if secret else [])


def test_what_hangs_on_a_refused_file_is_told_once(tmp_path: Path) -> None:
    top = _edited(tmp_path, (_VERSION, "weights: open", "weights: opne"), ("licenses/acme-community.yaml", "name:", "nmae:"))
    assert {finding.path for finding in _found(top)} == {f"catalog/{_VERSION}", "catalog/licenses/acme-community.yaml"}


def test_a_rise_with_a_new_source_is_believed(tmp_path: Path) -> None:
    before = load(Folder(GOOD))
    entry = "  - {observed: 2026-07-20, currency: USD, rates: {input: 0.09, output: 0.05}}\n"
    source = "sources: {page: {url: https://hill.example/prices, retrieved: 2026-07-20}}\n"
    old = "rates: {input: 0.021, output: 0.052}}\n"
    for number, (new, codes) in enumerate(((old + entry, ["price-jump"]), (old + entry + source, []))):
        after = load(Folder(_edited(tmp_path / str(number), (_HILL, old, new))))
        assert [finding.code for finding in check(after, TODAY, Change(before, frozenset({f"catalog/{_HILL}"})))] == codes


def test_what_was_wrong_before_is_not_told_again(tmp_path: Path) -> None:
    wrong = ("hardware/rtx-4090.yaml", "kind: gpu", "kind: gup")
    before = load(Folder(_edited(tmp_path / "before", wrong)))
    after = load(Folder(_edited(tmp_path / "after", wrong, (_TENANT, "acme/tiny@1.0.0", "acme/tiny@9.0.0"))))
    found = check(after, TODAY, Change(before, frozenset({f"catalog/{_TENANT}"})))
    assert [(finding.code, finding.path) for finding in found] == [("dangling-reference", f"catalog/{_TENANT}")]


def test_a_policy_that_does_not_read_is_no_finding_but_an_error(tmp_path: Path) -> None:
    top = _edited(tmp_path)
    (top / "ci/policy.yaml").write_text("a: &a b\n", "utf-8")
    with pytest.raises(ModelregError, match=r"ci/policy\.yaml:1"):
        _found(top)


@pytest.mark.parametrize(
    ("edges", "wanted"),
    [
        ({}, []),
        ({"a": ["b"], "b": ["c"]}, []),
        ({"a": ["a"]}, [["a"]]),
        ({"b": ["a"], "a": ["b"]}, [["a", "b"]]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}, [["a", "b", "c"]]),
        ({str(n).zfill(5): [str(n + 1).zfill(5)] for n in range(20_000)}, []),
    ],
)
def test_cycles(edges: dict[str, list[str]], wanted: list[list[str]]) -> None:
    assert cycles(edges) == wanted


_SCAN = "scans/acme/tiny/1.0.0/clamav-00000001.yaml"
_LISTED = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
_OTHER = _LISTED[::-1]


def _scan(status: str, *files: tuple[str, str, str], digest: str = "") -> str:
    listed = [f"\n  - {{path: {path}, sha256: {sha256}, status: {said}}}" for path, sha256, said in files]
    bound = f"digest: {digest}\n" if digest else ""
    return f"tool: clamav\ndate: 2026-01-01\nstatus: {status}\nartifact: safetensors\n{bound}files:{''.join(listed)}\n"


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        (_scan("passed", ("model.safetensors", _LISTED, "passed")), set()),
        (_scan("passed", ("model.safetensors", _OTHER, "passed")), {"/files/0/sha256"}),
        (_scan("passed", ("model.safetensors", _LISTED, "passed"), digest=_OTHER), {"/digest"}),
        (_scan("passed", ("model.safetensors", _LISTED, "skipped")), {"/files/0/status"}),
        (_scan("passed", ("other.safetensors", _LISTED, "passed")), {"/files/0/path", "/files"}),
        (_scan("failed", ("model.safetensors", _OTHER, "failed")), set()),
        (_scan("skipped", ("model.safetensors", _LISTED, "skipped")), set()),
        (_scan("skipped", ("other.safetensors", _LISTED, "skipped")), {"/files/0/path"}),
    ],
)
def test_scans_are_of_the_bytes_that_are_listed(tmp_path: Path, text: str, pointers: set[str]) -> None:
    found = _found(_edited(tmp_path, (_SCAN, "", text)))
    assert {one.pointer for one in found if one.path == f"catalog/{_SCAN}" and one.severity == "error"} == pointers


@pytest.mark.parametrize(("before", "told"), [("scanning", False), ("skipped", True), ("passed", True)])
def test_a_scan_that_had_not_ended_may_be_replaced(tmp_path: Path, before: str, told: bool) -> None:
    old = load(Folder(_edited(tmp_path / "old", (_SCAN, "", f"tool: clamav\ndate: 2026-01-01\nstatus: {before}\n"))))
    for now in (
        load(Folder(_edited(tmp_path / "new", (_SCAN, "", _scan("failed", ("model.safetensors", _OTHER, "failed")))))),
        load(Folder(GOOD)),
    ):
        found = check(now, TODAY, Change(old, frozenset()))
        assert ("append-only" in {one.code for one in found}) is told
