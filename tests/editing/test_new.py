"""`modelreg new`: flags or questions, the same files; what is missing is named at once."""

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Run
from tests.editing.test_edit import states
from tests.golden_files import golden
from tests.servers import serving

TINY = "zeta/tiny --type weights --name Tiny --architecture llama --parameters 8.03B"
SCREENS = {
    "new": f"{TINY} --license apache-2.0 --tasks chat --input text --output text --layers 32 --kv-heads 8 --head-dim 128 --hidden 4096 "
    "--uri s3://weights/tiny/tiny-q4_k_m.gguf --quantization q4_k_m --context 128Ki released=2026-05-04",
    "new-nothing": "",
    "new-missing": "zeta/tiny --type weights",
    "new-missing-adapter": "zeta/tiny --type adapter --name A",
    "new-licence": f"{TINY} --license apache-2",
    "new-capability": f"{TINY} --capabilities tools,visoin",
    "new-half-parameters": "zeta/tiny --type weights --name T --architecture llama --parameters 1.5",
    "new-uri": f"{TINY} --uri s4://weights/tiny",
    "new-uri-shape": f"{TINY} --uri s3://weights",
    "new-file": f"{TINY} --uri file:///srv/tiny.gguf --dry-run",
    "new-unpinned": f"{TINY} --uri hf://zeta/tiny --dry-run",
    "new-digest": f"{TINY} --uri s3://weights/a.gguf --bytes 12",
    "new-layers": f"{TINY} --layers 3",
    "new-there": "acme/pro --type hosted --name Pro",
    "new-no-id": "Tiny --type hosted --name Tiny",
    "new-like": "zeta/tiny --type weights --name Tiny --like hf:Acme/Atlas-8B-Instruct --dry-run",
    "new-like-unknown": "zeta/tiny --type weights --name Tiny --like acme/pro",
    "new-config-like": f"{TINY} --config config.json --like hf:Acme/Atlas-8B-Instruct",
    "new-config-missing": f"{TINY} --config nowhere/config.json",
    "new-adapter": "zeta/lora --type adapter --name Lora --base hf:Acme/Atlas-8B-Instruct --uri s3://weights/a --dry-run",
}


@pytest.mark.parametrize("name", SCREENS)
def test_what_it_says(run: Run, checkout: Path, name: str) -> None:
    got = run("new", *SCREENS[name].split(), "--no-input", "--root", str(checkout))
    golden(f"editing/{name}.txt", f"$ modelreg new {SCREENS[name]}\n{got.out}--- stderr\n{got.err}--- exit code {got.code}\n")


def test_a_new_model_is_there_at_once(run: Run, shell: Run, checkout: Path) -> None:
    assert run("new", *SCREENS["new"].split(), "--root", str(checkout)).code == 0
    assert run("validate", "--root", str(checkout)).code == 0
    assert run("fmt", "--check", "--root", str(checkout)).code == 0
    version = yaml.safe_load((checkout / "catalog/models/zeta/tiny/1.0.0.yaml").read_text("utf-8"))
    assert version["architecture"]["parameters"] == {"total": 8030000000}
    assert version["architecture"]["layers"] == [{"kind": "full", "count": 32, "kv_heads": 8, "k_dim": 128, "v_dim": 128}]
    assert version["artifacts"] == [
        {"id": "gguf-q4_k_m", "format": "gguf", "quantization": "q4_k_m", "uri": "s3://weights/tiny/tiny-q4_k_m.gguf"}
    ]
    assert version["limits"] == {"context": 131072}
    assert shell("resolve", "zeta/tiny", "--json", cwd=checkout).json["ref"].startswith("zeta/tiny@1.0.0")


@pytest.mark.parametrize(
    ("uri", "ok"),
    [
        ("s3://weights/a/b.gguf", True), ("s3://Weights/a", False), ("s3://weights/", False), ("s3:weights/a", False),
        ("gs://weights_1/a", True), ("gs://w/a", False),
        ("az://acme/weights/a.gguf", True), ("az://acme", False),
        ("hf://acme/tiny@0123/a.gguf", True), ("hf://acme", False), ("hf://acme/tiny@/a", False),
        ("oci://registry.example:5000/models/tiny:1", True), ("oci://registry.example", False), ("oci://r.example/a@sha256:12", False),
        ("https://acme.example/a.gguf", True), ("https://me:secret@acme.example/a", False), ("https://acme.example", False),
        ("file:///srv/a", True), ("file://srv/a", False), ("http://acme.example/a", False), ("/srv/a", False),
    ],
)  # fmt: skip
def test_addresses_of_weights(run: Run, checkout: Path, uri: str, ok: bool) -> None:
    got = run("new", *TINY.split(), "--uri", uri, "--dry-run", "--root", str(checkout))
    assert got.code == (0 if ok else 2), got.err
    assert ok or "hint: " in got.err


def test_nothing_is_written_that_is_not_valid(run: Run, checkout: Path) -> None:
    before = states(checkout)
    got = run("new", *TINY.split(), "tags=nobody", "--root", str(checkout))
    assert got.code == 1
    assert "error[unknown-tag]" in got.err
    assert states(checkout) == before
    assert not (checkout / "catalog/models/zeta").exists()


def test_an_empty_version_can_be_filled_later(run: Run, checkout: Path) -> None:
    assert run("new", "zeta/chat", "--type", "hosted", "--name", "Chat", "--released", "2026-05-04", "--root", str(checkout)).code == 0
    assert run("edit", "zeta/chat@2026-05-04", "limits.context=8192", "--root", str(checkout)).code == 0


def _in_front() -> None:
    """The terminal is the process's own, so that Ctrl-C reaches it, and whoever started the tests does not."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Conversation:
    """A terminal that answers when it is asked."""

    def __init__(self, root: Path, *argv: str) -> None:
        self._mine, theirs = pty.openpty()
        command = [sys.executable, "-m", "modelreg_cli", "new", *argv]
        self._process = subprocess.Popen(command, cwd=root, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=_in_front)  # noqa: PLW1509 - no threads
        os.close(theirs)
        self.text = ""
        self._heard = 0

    def answer(self, question: str, text: str) -> None:
        """Waits for a question, and types."""
        self._until(question)
        os.write(self._mine, text.encode())

    def _until(self, question: str | None) -> None:
        limit = time.monotonic() + 30
        while question is None or question not in self.text[self._heard :]:
            assert time.monotonic() < limit, self.text
            if not select.select([self._mine], [], [], 0.2)[0]:
                continue
            try:
                self.text += os.read(self._mine, 4096).decode("utf-8", "replace")
            except OSError:  # the other side is gone
                assert question is None, self.text
                return
        self._heard = self.text.index(question, self._heard) + len(question)

    def end(self) -> int:
        """The exit code."""
        self._until(None)
        os.close(self._mine)
        return self._process.wait(30)


def test_questions_make_the_same_files(run: Run, checkout: Path, tmp_path: Path) -> None:
    talk = Conversation(checkout, "--type", "weights", "--family", "tiny")
    talk.answer("Id, as publisher/model: ", "acme/pro\n")
    talk.answer("acme/pro is there already", "")
    talk.answer("Id, as publisher/model: ", "zeta/tiny\n")
    talk.answer("Name for people [tiny]: ", "Tiny\n")
    for question, text in (
        ("What it does", "\n"), ("What it takes", "\n"), ("What it gives", "\n"), ("Licence", "apache-2\n"),
        ("did you mean apache-2.0?", ""),
        ("Licence", "apache-2.0\n"), ("Released on", "\n"), ("Weights: ", "open\n"), ("Context in tokens", "many\n"),
        ("takes a whole number", ""), ("Context in tokens", "8192\n"), ("What it can do", "tools\n"), ("Same geometry", "\n"),
        ("Architecture", "\n"), ("this is needed", ""), ("Architecture", "llama\n"), ("Parameters", "1.5B\n"),
        ("Where the weights lie", "s3://weights/tiny.gguf\n"), ("Their format", "\n"), ("Their precision", "q8_0\n"),
    ):  # fmt: skip
        talk.answer(question, text)
    assert talk.end() == 0, talk.text
    made = {path: raw for path, raw in states(checkout).items() if "/zeta/" in path}
    assert len(made) == 3
    typed = " ".join(talk.text.partition("the same without questions: modelreg ")[2].split("\r\n")[0].split()).split()
    for path in made:
        (checkout / path).unlink()
    assert run(*typed, "--no-input", "--root", str(checkout)).code == 0
    assert {path: raw for path, raw in states(checkout).items() if "/zeta/" in path} == made


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_going_away_writes_nothing(checkout: Path, key: str) -> None:
    before = states(checkout)
    talk = Conversation(checkout)
    talk.answer("Type", "hosted\n")
    talk.answer("Id", "zeta/tiny\n")
    talk.answer("Name", key)
    assert talk.end() == 130, talk.text
    assert states(checkout) == before


CONFIG = {
    "model_type": "qwen3", "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "num_hidden_layers": 36, "vocab_size": 151936, "max_position_embeddings": 40960,
}  # fmt: skip
LAYERS = [{"kind": "full", "count": 36, "kv_heads": 8, "k_dim": 128, "v_dim": 128}]
PLAIN = ("zeta/tiny", "--type", "weights", "--name", "Tiny", "--no-input")


def tiny(checkout: Path) -> Any:
    return yaml.safe_load((checkout / "catalog/models/zeta/tiny/1.0.0.yaml").read_text("utf-8"))


def test_a_configuration_tells_the_architecture(run: Run, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    argv = (*PLAIN, "--config", str(tmp_path / "config.json"), "--root", str(checkout))
    lacking = run("new", *argv)
    assert lacking.code == 2 and "needs --parameters" in lacking.err, "config.json does not tell how many there are"
    got = run("new", *argv, "--parameters", "8.19B")
    assert got.code == 0, got.err
    version = tiny(checkout)
    assert version["architecture"] == {
        "name": "qwen3", "parameters": {"total": 8190000000}, "hidden": 4096, "heads": 32, "vocab": 151936, "layers": LAYERS,
    }  # fmt: skip
    assert version["limits"] == {"context": 40960}
    assert version["sources"] == {"config": {"url": "file:config.json", "retrieved": date.today()}}
    told = [f"/architecture/{key}" for key in ("name", "hidden", "heads", "vocab", "layers")]
    assert version["sourced"] == dict.fromkeys([*told, "/limits/context"], "config")
    assert "without layers" not in got.err
    assert run("validate", "--root", str(checkout)).code == 0


def test_what_is_typed_beside_a_configuration_wins(run: Run, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    typed = ["--architecture", "owl", "--parameters", "8B", "--vocab", "9", "--context", "1000", "architecture.hidden=64"]
    typed += ["--layers", "2", "--kv-heads", "3", "--head-dim", "4"]
    got = run("new", *PLAIN, "--config", str(tmp_path / "config.json"), *typed, "--root", str(checkout))
    assert got.code == 0, got.err
    version = tiny(checkout)
    assert version["architecture"] == {
        "name": "owl", "parameters": {"total": 8000000000}, "hidden": 64, "heads": 32, "vocab": 9,
        "layers": [{"kind": "full", "count": 2, "kv_heads": 3, "k_dim": 4, "v_dim": 4}],
    }  # fmt: skip
    assert (version["limits"], version["sourced"]) == ({"context": 1000}, {"/architecture/heads": "config"})


def test_a_configuration_on_a_server(run: Run, checkout: Path) -> None:
    with serving(lambda asked: asked.answer(200, json.dumps(CONFIG).encode())) as server:
        url = f"{server.url}/zeta/tiny/config.json"
        got = run("new", *PLAIN, "--config", f"{url}?token=secret", "--parameters", "8B", "--root", str(checkout))
    assert got.code == 0, got.err
    assert tiny(checkout)["sources"]["config"]["url"] == url
    assert tiny(checkout)["architecture"]["layers"] == LAYERS


def test_layers_that_are_not_understood_are_told(run: Run, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**CONFIG, "model_type": "unheard"}))
    got = run("new", *PLAIN, "--config", str(tmp_path / "config.json"), "--parameters", "8B", "--root", str(checkout))
    assert got.code == 0 and "layers" not in tiny(checkout)["architecture"]
    assert "config.json: layers: model_type 'unheard' is not known here" in got.err and "without layers" in got.err


@pytest.mark.parametrize("text", ["", "[]", "<html>", "{}", "[" * 100_000, '{"model_type": 7}', '{"a": NaN'])
def test_a_file_that_is_no_configuration(run: Run, checkout: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    got = run("new", *PLAIN, "--config", str(tmp_path / "config.json"), "--parameters", "8B", "--root", str(checkout))
    assert got.code == 2 and "hint: " in got.err
    assert not (checkout / "catalog/models/zeta").exists()


def test_a_configuration_is_of_weights(run: Run, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    got = run("new", "zeta/h", "--type", "hosted", "--name", "H", "--config", str(tmp_path / "config.json"), "--root", str(checkout))
    assert got.code == 2 and "--config is of a model of type weights" in got.err
