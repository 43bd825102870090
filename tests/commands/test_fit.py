"""Memory on the command line: `fit`, `search --fits`, `resolve --max-vram`, and what is wrong with what was typed."""

from pathlib import Path

import pytest

from tests.conftest import Run

GIB = 1024**3
# acme/atlas-8b: 32 layers of 8 key/value heads of 128 + 128, hidden 4096, vocabulary 128256
CACHE_32K = 32 * 8 * 256 * 2 * 32768
COMPUTE = 4 * 512 * (128256 + 2 * 4096)


def test_every_part_is_a_number_with_its_basis(ask: Run) -> None:
    told = ask("fit", "acme/atlas-8b#gguf-q4_k_m", "--gpu", "8GB", "--context", "8k", "--json").json
    assert (told["runtime"], told["context"], told["kv"], told["room"]) == ("llama.cpp 0.5.0", 8192, "f16", 8 * GIB)
    (need,) = told["needs"]
    assert (need["weights"], need["kv_cache"], need["state"], need["compute"]) == (4_920_000_000, CACHE_32K // 4, 0, COMPUTE)
    assert need["total"] == need["at_least"] == 4_920_000_000 + CACHE_32K // 4 + COMPUTE
    assert (need["basis"], need["fits"], need["left"], need["unknown"]) == ("computed", True, 8 * GIB - need["total"], [])
    assert [part["basis"] for part in need["parts"]] == ["bytes of its files", "computed: 32 full layers", "measured for its family"]


def test_the_longest_context_is_exact(ask: Run) -> None:
    (need,) = ask("fit", "acme/atlas-8b#gguf-q8_0", "--gpu", "12GB", "--json").json["needs"]
    longest = need["longest_context"]
    assert need["fits"] is False and 0 < longest < 32768
    assert ask("fit", "acme/atlas-8b#gguf-q8_0", "--gpu", "12GB", "--context", str(longest), "--json").json["needs"][0]["fits"] is True
    assert ask("fit", "acme/atlas-8b#gguf-q8_0", "--gpu", "12GB", "--context", str(longest + 1), "--json").json["needs"][0]["fits"] is False


def test_no_is_an_answer(ask: Run) -> None:
    got = ask("fit", "acme/atlas-8b#bf16", "--gpu", "rtx4090", "--context", "128k", "--format", "table")
    assert got.code == 0 and "It does not fit in NVIDIA GeForce RTX 4090 (24 GiB): it needs 7.2 GiB more." in got.err


def test_sequences_each_get_the_context(ask: Run) -> None:
    one, four = (
        ask("fit", "acme/atlas-8b#bf16", "--context", "8k", "--sequences", count, "--json").json["needs"][0]["kv_cache"] for count in "14"
    )
    assert four == 4 * one


def test_vllm_splits_and_leaves_a_share(ask: Run) -> None:
    told = ask("fit", "acme/atlas-8b", "--runtime", "vllm", "--gpu", "a100-40gb", "--gpus", "2", "--json").json
    (need,) = told["needs"]
    assert told["room"] == int(40 * GIB * 0.9), "0.9 of one device, as each holds half of every layer"
    assert need["ref"] == "acme/atlas-8b@1.1.0#bf16", "vllm loads no gguf here"
    assert (need["weights"], need["kv_cache"], need["compute"]) == (16_060_000_000 // 2, CACHE_32K // 2, None)
    assert (need["total"], need["fits"], need["basis"]) == (None, None, "at least")
    tight = ask("fit", "acme/atlas-8b", "--runtime", "vllm", "--gpu", "8GB", "--json").json["needs"][0]
    assert tight["fits"] is False, "what is known is too much already"


def test_a_precision_is_computed_only_where_it_was_named(ask: Run) -> None:
    unsaid = ask("fit", "acme/atlas-70b", "--json").json["needs"][0]
    assert unsaid["weights"] is None and unsaid["parts"][0]["basis"].startswith("unknown: the catalog lists no artifact")
    named = ask("fit", "acme/atlas-70b", "--precision", "bf16", "--json").json["needs"][0]
    assert named["weights"] == 70_600_000_000 * 2 and named["parts"][0]["basis"] == "about: 70,600,000,000 weights of 16 bits"
    assert ask("fit", "acme/atlas-8b", "--precision", "q4_k_m", "--json").json["needs"][0]["weights"] == 4_920_000_000, "an artifact has it"


def test_what_is_not_published_needs_no_memory_of_ours(ask: Run) -> None:
    got = ask("fit", "acme/pro", "--gpu", "24GB")
    assert got.code == 4 and "the weights of acme/pro@2025-06-30 are not published" in got.err
    assert ask("show", "acme/pro", "--json").json["memory"] is None
    assert ask("resolve", "acme/pro").json["memory"] is None


@pytest.mark.parametrize("typed", ["rtx4090", "RTX 4090", "rtx-4090", "rtx_4090", "4090", "GeForce RTX 4090", "NVIDIA GeForce RTX 4090"])
def test_a_device_has_many_names(ask: Run, typed: str) -> None:
    assert ask("fit", "acme/atlas-8b", "--gpu", typed, "--json").json["gpu"] == "rtx-4090"


@pytest.mark.parametrize("typed", ["24GB", "24 GiB", "24g", "24576MB", "0.0234375TB"])
def test_a_size_is_binary(ask: Run, typed: str) -> None:
    assert ask("fit", "acme/atlas-8b", "--gpu", typed, "--json").json["room"] == 24 * GIB


@pytest.mark.parametrize(
    ("argv", "code", "message", "hint"),
    [
        (["--gpu", "a100"], 4, "--gpu: 'a100' may mean 2 devices", "say which: a100-40gb or a100-80gb"),
        (["--gpu", "rtx4091"], 4, "--gpu: no device is called 'rtx4091'", "did you mean rtx-4090?"),
        (["--gpu", "24XB"], 4, "--gpu: no device is called '24XB'", "a size is a number with its unit, such as 24GB"),
        (["--gpu", "24"], 4, "--gpu: no device is called '24'", "a size is a number with its unit, such as 24GB"),
        (["--gpu", "0GB"], 4, "--gpu: no device is called '0GB'", "a size is a number with its unit, such as 24GB"),
        (["--gpu", ""], 4, "--gpu: no device is called ''", "a size is a number with its unit, such as 24GB"),
        (["--context", "-1"], 2, "--context takes a number of tokens, not '-1'", "32k (32,768)"),
        (["--context", "0"], 2, "--context takes a number of tokens, not '0'", "32k (32,768)"),
        (["--context", "3b"], 2, "--context takes a number of tokens, not '3b'", "32k (32,768)"),
        (["--context", "9999M"], 2, "context x sequences is at most 2,147,483,648 tokens", "ask for less context"),
        (["--sequences", "0"], 2, "--sequences takes a whole number from 1 on, not '0'", ""),
        (["--gpus", "two"], 2, "--gpus takes a whole number from 1 on, not 'two'", ""),
        (["--gpus", "99999999999"], 2, "--gpus takes a whole number from 1 on, not '99999999999'", ""),
        (["--kv", "q8"], 2, "--kv: llama.cpp has no cache of type 'q8'", "did you mean q8_0?"),
        (["--kv", "fp8"], 2, "--kv: llama.cpp has no cache of type 'fp8'", "it knows f16 and q8_0"),
        (["--runtime", "lama.cpp"], 2, "--runtime: no runtime is called 'lama.cpp'", "did you mean llama.cpp?"),
        (["--precision", "q4km"], 2, "--precision: how many bits 'q4km' takes for a weight is not known", "did you mean q4_k_m"),
        (["--quantization", "q2_k"], 4, "acme/atlas-8b@1.1.0 has no artifact of quantization q2_k", "it has bf16, q4_k_m and q8_0"),
    ],
)
def test_wrong_words_are_told(ask: Run, argv: list[str], code: int, message: str, hint: str) -> None:
    got = ask("fit", "acme/atlas-8b", *argv)
    assert (got.code, got.out) == (code, "")
    assert message in got.err and hint in got.err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--fits", "24GB", "--gpu", "4090"], "--fits and --gpu say the same thing twice"),
        (["--context", "8k"], "--context says how it is run, but not in how much memory"),
        (["--precision", "bf16"], "--precision says how it is run, but not in how much memory"),
        (["--fits", "24GB", "--weights", "q4_k_m"], "a precision is named with --precision q4_k_m"),
        (["--fits", "24XB"], "--fits: no device is called '24XB'"),
    ],
)
def test_a_search_says_what_is_wrong_with_it(ask: Run, argv: list[str], message: str) -> None:
    got = ask("search", *argv)
    assert got.code in (2, 4) and message in got.err


def test_a_search_finds_what_has_an_artifact_that_fits(ask: Run) -> None:
    rows = ask("search", "--fits", "10GB", "--context", "8k", "--json").json
    assert [(row["ref"], row["need_artifact"], row["need_basis"]) for row in rows] == [("acme/atlas-8b@1.1.0", "gguf-q8_0", "computed")]
    assert rows[0]["need"] == 8_540_000_000 + CACHE_32K // 4 + COMPUTE
    assert ask("search", "--fits", "5GB", "--json").json == []
    assert ask("search", "--fits", "24GB", "--runtime", "vllm", "-q").lines == [], "its activations are unknown"
    assert "acme/atlas-8b" in ask("search", "--fits", "24GB", "--runtime", "vllm", "--unknown", "-q").lines


def test_a_search_tells_how_many_are_unknown(ask: Run) -> None:
    got = ask("search", "--fits", "10GB")
    assert "5 more have an unknown memory need: add --unknown to see them." in got.err
    assert len(ask("search", "--fits", "10GB", "--unknown", "-q").lines) == 6
    assert "cygnus/tian-e" not in ask("search", "--fits", "10GB", "--unknown", "-q").lines, "its weights are closed"


def test_a_board_of_what_fits(ask: Run) -> None:
    assert {row["ref"] for row in ask("leaderboard", "quiz", "--fits", "24GB", "--json").json["rows"]} == {"acme/atlas-8b@1.1.0"}


@pytest.mark.parametrize(("room", "artifact"), [("80GB", "bf16"), ("13GB", "gguf-q8_0"), ("9GB", "gguf-q4_k_m")])
def test_resolve_takes_the_largest_that_fits(ask: Run, room: str, artifact: str) -> None:
    told = ask("resolve", "acme/atlas-8b", "--max-vram", room).json
    assert told["ref"] == f"acme/atlas-8b@1.1.0#{artifact}" and told["files"] and told["memory"]["basis"] == "computed"
    assert told["memory"]["gib"] == pytest.approx(sum(told["memory"]["parts"].values()), abs=0.02)


def test_resolve_refuses_and_says_what_would_fit(ask: Run) -> None:
    got = ask("resolve", "acme/atlas-8b", "--max-vram", "6GB")
    assert (got.code, got.out) == (1, "")
    assert "gguf-q4_k_m needs 8.84 GiB; gguf-q4_k_m would with --context 9472" in got.err
    told = ask("resolve", "acme/atlas-8b", "--max-vram", "6GB", "--context", "9472").json
    assert told["ref"].endswith("#gguf-q4_k_m")
    assert ask("resolve", "acme/atlas-8b", "--max-vram", "6GB", "--context", "9473").code == 1
    assert ask("resolve", "acme/atlas-70b", "--max-vram", "6GB").code == 1
    assert "none would at any context" in ask("resolve", "acme/atlas-8b", "--max-vram", "4GB").err


def test_resolve_warns_where_it_is_not_sure(ask: Run) -> None:
    told = ask("resolve", "acme/atlas-8b", "--max-vram", "24GB", "--runtime", "vllm").json
    assert told["ref"].endswith("#bf16") and told["memory"]["gib"] is None
    assert any(warning.startswith("it needs at least 18.96 GiB; unknown: compute buffer") for warning in told["warnings"])
    other = ask("resolve", "acme/atlas-8b#gguf-q8_0", "--max-vram", "24GB", "--runtime", "vllm")
    assert other.code == 1 and "lists no artifact of it with a size that vllm loads" in other.err


def test_a_strangers_only_artifact_is_not_what_a_name_means(shell: Run, checkout: Path) -> None:
    path = checkout / "catalog" / "models" / "borealis" / "atlas-8b" / "1.0.0.yaml"
    path.write_text(path.read_text("utf-8").replace("{id: bf16,", "{id: bf16, publisher: quantfriend,"), "utf-8")
    told = shell("resolve", "borealis/atlas-8b", cwd=checkout).json
    assert told["ref"] == "borealis/atlas-8b@1.0.0" and "1 artifact, by quantfriend: choose it with #bf16" in told["warnings"][0]
    assert shell("resolve", "borealis/atlas-8b#bf16", cwd=checkout).json["ref"] == "borealis/atlas-8b@1.0.0#bf16"
    assert shell("resolve", "borealis/atlas-8b", "--quantization", "bf16", cwd=checkout).json["ref"] == "borealis/atlas-8b@1.0.0#bf16"


def test_show_and_compare_tell_it(ask: Run) -> None:
    assert "memory:         KV cache 128.0 MiB per 1k tokens; bf16 14.96 GiB, in all computed 19.22 GiB" in ask("show", "acme/atlas-8b").out
    lines = {line["field"]: line for line in ask("compare", "acme/atlas-8b", "acme/atlas-70b", "--context", "8k", "--json").json}
    line = lines["fits (bf16, 8k)"]
    assert list(line["values"].values()) == [16_060_000_000 + CACHE_32K // 4 + COMPUTE, None]


def test_a_catalog_without_runtimes_says_so(shell: Run, checkout: Path) -> None:
    for path in (checkout / "catalog" / "runtimes").glob("*.yaml"):
        path.unlink()
    (checkout / "catalog" / "engines" / "den" / "engine.yaml").unlink()
    (checkout / "catalog" / "engines" / "den" / "atlas.yaml").unlink()
    assert shell("show", "acme/atlas-8b", "--json", cwd=checkout).json["memory"] is None
    assert shell("resolve", "acme/atlas-8b", cwd=checkout).json["memory"] is None
    assert shell("compare", "acme/atlas-8b", "acme/pro", cwd=checkout).code == 0
    got = shell("fit", "acme/atlas-8b", cwd=checkout)
    assert got.code == 2 and "no runtime is called 'llama.cpp'" in got.err


def test_devices_of_the_shipped_catalog(run: Run, reference: Path) -> None:
    def room(name: str) -> tuple[int, str]:
        got = run("fit", "--index", str(reference), "llama-3.1-8b-instruct", "--gpu", name, "--json")
        return (got.code, got.json["gpu"]) if not got.code else (got.code, got.err.splitlines()[1])

    for name in ("rtx4090", "RTX 4090", "rtx-4090", "4090", "geforce rtx 4090"):
        assert room(name) == (0, "rtx-4090")
    assert room("mi300x") == (0, "mi300x") and room("h100") == (0, "h100") and room("tpu v5e") == (0, "tpu-v5e")
    assert room("a100") == (4, "hint: say which: a100-40gb or a100-80gb")
    assert room("m4 max") == (4, "hint: say which: apple-m4-max-128gb, apple-m4-max-36gb, apple-m4-max-48gb or apple-m4-max-64gb")
