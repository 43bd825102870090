"""modelreg scan: records of catalogs, and what is told of paths."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.scanners.own import Own
from modelreg_cli.scanners.scanner import Sight, Verdict
from tests.conftest import Ran, Run
from tests.scanners.made import EVIL, GGUF, GOOD_TORCH, OWL, SAFE, VERSION, artifact, by_tool, catalog, folder, listing, records
from tests.servers import Exchange, serving
from tests.weights.made import put, safetensors, tensor

Scan = Callable[..., Ran]
OTHER = safetensors({"w": tensor("BF16", [32], 0, 64)}, 64)
FILES = {"model.safetensors": SAFE, "q4/owl.gguf": GGUF}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A catalog of one artifact of two files."""
    return catalog(tmp_path / "c", artifact("both", FILES, uri="s3://weights/owl"))


@pytest.fixture
def scan(run: Run, root: Path) -> Scan:
    """modelreg scan ... with the program's own scanner."""

    def call(*argv: object, tools: tuple[str, ...] = ("modelreg",)) -> Ran:
        return run("scan", "--root", str(root), *map(str, argv), *(f"--tool={tool}" for tool in tools))

    return call


def everything(root: Path) -> dict[str, bytes]:
    """The catalog, without the index of it."""
    return {path.as_posix(): path.read_bytes() for path in (root / "catalog").rglob("*") if path.is_file()}


def only(root: Path) -> dict[str, Any]:
    (found,) = records(root).values()
    assert isinstance(found, dict)
    return found


def test_a_scan_is_a_record_bound_to_the_bytes(tmp_path: Path, root: Path, scan: Scan, run: Run) -> None:
    got = scan(OWL, "--files", folder(tmp_path / "w", FILES))
    assert got.code == 0, got.err
    made = only(root)
    assert made.pop("date") and made == {
        **{"tool": "modelreg", "tool_version": "0.1.0", "status": "passed", "artifact": "both"},
        "digest": artifact_digest([listing(*one) for one in FILES.items()]),
        "files": [
            {"path": name, "sha256": listing(name, raw)["sha256"], "status": "passed", "findings": [words]}
            for (name, raw), words in zip(FILES.items(), ("safetensors of 1 tensor: no code", "GGUF of 1 tensor: no code"), strict=True)
        ],
    }
    assert run("validate", "--root", str(root)).code == 0
    assert "modelreg" in run("show", OWL, "--index", _index(run, root)).out


def _index(run: Run, root: Path) -> str:
    target = root / "i.db"
    assert run("build", "--root", str(root), "-o", str(target)).code == 0
    return str(target)


def test_the_same_scan_again_is_the_same_file(tmp_path: Path, root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    given = ("wren/owl-8b", "--files", folder(tmp_path / "w", FILES))
    scan(*given)
    before = everything(root)
    again = scan(*given)
    assert again.code == 0 and "known (--rescan scans again)" in again.err
    once_more = scan(*given, "--rescan")
    assert once_more.code == 0 and "unchanged: " in once_more.err and everything(root) == before
    # a newer release is another scan
    monkeypatch.setattr(Own, "version", "99.0")
    assert "new: " in scan(*given).err and len(records(root)) == 2
    assert {path: raw for path, raw in everything(root).items() if path in before} == before


def test_a_rescan_on_another_day_is_a_record_of_that_day(tmp_path: Path, root: Path, scan: Scan) -> None:
    given = (OWL, "--files", folder(tmp_path / "w", FILES))
    scan(*given)
    (path,) = (root / "catalog").glob("scans/*/*/*/*.yaml")
    old = path.read_text().replace(only(root)["date"], "2026-01-01")
    path.write_text(old)
    assert "known" in scan(*given).err and len(records(root)) == 1
    for _ in range(2):
        assert scan(*given, "--rescan").code == 0
        assert len(records(root)) == 2 and path.read_text() == old
    later = next(one for one in (root / "catalog").glob("scans/*/*/*/*.yaml") if one != path)
    later.write_text(later.read_text().replace(records(root)[later.stem]["date"], "2026-01-02"))
    assert "new: " in scan(*given, "--rescan").err and len(records(root)) == 3


def test_what_was_skipped_is_asked_again_and_stays_one_record(tmp_path: Path, scan: Scan) -> None:
    odd = catalog(tmp_path / "odd", artifact("onnx", {"m.onnx": b"\x08"}))
    given = (OWL, "--root", odd, "--files", folder(tmp_path / "w", {"m.onnx": b"\x08"}))
    assert "new: " in scan(*given).err and only(odd)["digest"]
    assert "unchanged: " in scan(*given).err and only(odd)["status"] == "skipped"


def _clamscan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ClamAV that is content with everything."""
    script = folder(tmp_path / "bin", {}) / "clamscan"
    answers = 'for one; do case "$one" in --*) ;; *) echo "$one: OK" ;; esac; done'
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "ClamAV 1.0/1/x" && exit 0\n{answers}\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")


def test_of_other_bytes_other_scanners_say_nothing(tmp_path: Path, root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    _clamscan(tmp_path, monkeypatch)
    weights = folder(tmp_path / "w", {**FILES, "model.safetensors": SAFE[:-1] + b"\x01"})
    assert scan(OWL, "--files", weights, tools=("modelreg", "clamav")).code == 1
    made = by_tool(root)
    assert [one["status"] for one in made["clamav"]["files"]] == ["skipped", "passed"] and "digest" not in made["clamav"]
    assert made["clamav"]["files"][0]["sha256"] == listing("model.safetensors", SAFE)["sha256"]


def test_what_is_known_is_told_with_its_status(tmp_path: Path, scan: Scan, root: Path) -> None:
    given = (OWL, "--files", folder(tmp_path / "w", {**FILES, "model.safetensors": b"other"}))
    assert scan(*given).code == 1
    evil = catalog(tmp_path / "e", artifact("evil", {"m.bin": EVIL["protocol 0"]}))
    argv = (OWL, "--files", folder(tmp_path / "v", {"m.bin": EVIL["protocol 0"]}), "--root", evil)
    assert scan(*argv).code == 1 and only(evil)["digest"]
    known = scan(*argv)
    assert known.code == 1 and "known" in known.err and "imports os system" in known.out


def test_other_bytes_fail_and_their_record_is_no_record_of_the_artifact(tmp_path: Path, root: Path, scan: Scan) -> None:
    swapped = {"model.safetensors": SAFE[:-1] + b"\x01", "q4/owl.gguf": GGUF[:-1]}
    got = scan(OWL, "--files", folder(tmp_path / "w", swapped))
    assert got.code == 1
    made = only(root)
    assert made["status"] == "failed" and "digest" not in made
    assert [one["sha256"] for one in made["files"]] == [listing(*one)["sha256"] for one in swapped.items()]
    assert all("where the artifact lists" in one["findings"][0] for one in made["files"])
    assert f"{len(GGUF) - 1} bytes" in made["files"][1]["findings"][0]
    # the right bytes are another scan, whose answer lies beside the first
    folder(tmp_path / "w", FILES)
    assert scan(OWL, "--files", tmp_path / "w").code == 0
    assert sorted(one["status"] for one in records(root).values()) == ["failed", "passed"]


def test_a_file_that_is_not_there_leaves_the_rest_unfinished(tmp_path: Path, root: Path, scan: Scan) -> None:
    got = scan(OWL, "--files", folder(tmp_path / "w", {"model.safetensors": SAFE}))
    assert got.code == 0
    made = only(root)
    assert made["status"] == "skipped" and "digest" not in made and made["reason"].startswith("1 of 2 files: not among the files")
    assert [one["status"] for one in made["files"]] == ["passed", "skipped"]
    assert "skipped" in got.err and str(tmp_path) not in json.dumps(made)


def test_a_file_that_changes_meanwhile_does_not_pass(tmp_path: Path, root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = folder(tmp_path / "w", FILES)
    look = Own.look

    def meddle(self: Own, files: list[Sight]) -> list[Verdict]:
        found = look(self, files)
        put(weights / "model.safetensors", SAFE)
        return found

    monkeypatch.setattr(Own, "look", meddle)
    scan(OWL, "--files", weights)
    made = only(root)
    assert made["status"] == "skipped" and "digest" not in made and "changed while it was read" in made["reason"]


def test_artifacts_without_digests_never_pass(tmp_path: Path, scan: Scan) -> None:
    bare = catalog(tmp_path / "bare", {"id": "safe", "uri": "s3://weights/owl/model.safetensors"})
    weights = folder(tmp_path / "w", FILES)
    assert scan(OWL, "--files", weights, "--root", bare).code == 0
    made = only(bare)
    assert made["status"] == "skipped" and "lists no digest" in made["files"][0]["findings"][-1] and "digest" not in made


def test_paths_are_told_of_and_nothing_is_written(tmp_path: Path, root: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(root)
    weights = folder(tmp_path / "w", {**FILES, "evil\n.pkl": EVIL["names on the stack"], "x.onnx": b"\x08"})
    monkeypatch.chdir(root)
    got = run("scan", str(weights), "--tool", "modelreg", "--json")
    assert got.code == 1
    (told,) = json.loads(got.out)["scans"]
    assert {one["path"]: one["status"] for one in told["files"]} == {
        **dict.fromkeys(FILES, "passed"),
        **{"evil\n.pkl": "failed", "x.onnx": "skipped"},
    }
    assert told["record"] is None and everything(root) == before
    assert run("scan", str(weights / "model.safetensors"), "--tool=modelreg").code == 0
    table = run("scan", str(weights), "--tool=modelreg", "-q")
    assert [line.split("\t")[0] for line in table.out.splitlines()] == ["status", "failed"]
    # outside a catalog a path is as good
    monkeypatch.chdir(tmp_path)
    assert run("scan", "w/q4", "--tool=modelreg").code == 0


def test_files_of_a_model_by_path(tmp_path: Path, root: Path, scan: Scan) -> None:
    weights = folder(tmp_path / "w", FILES)
    assert scan(weights / "model.safetensors", weights / "q4/owl.gguf", "--model", OWL).code == 0
    assert only(root)["status"] == "passed"


def test_of_several_artifacts_those_are_scanned_that_are_there(tmp_path: Path, scan: Scan) -> None:
    several = catalog(tmp_path / "s", artifact("a", {"a.gguf": GGUF}), artifact("b", {"b.safetensors": SAFE}))
    weights = folder(tmp_path / "w", {"b.safetensors": SAFE})
    got = scan(OWL, "--files", weights, "--root", several)
    assert got.code == 0 and only(several)["artifact"] == "b" and f"no file of {OWL}#a" in got.err
    assert scan(weights, "--model", OWL, "--root", several).err.startswith(f"error: {OWL} has several artifacts")
    assert scan(f"{OWL}#a", "--files", weights, "--root", several).code == 0
    assert sorted(one["status"] for one in records(several).values()) == ["passed", "skipped"]


def test_a_file_address_is_where_the_bytes_lie(tmp_path: Path, scan: Scan) -> None:
    file = put(tmp_path / "owl 1.gguf", GGUF)
    here = catalog(tmp_path / "f", artifact("a", {"owl 1.gguf": GGUF}, uri=f"file://{str(file).replace(' ', '%20')}"))
    assert scan(OWL, "--root", here).code == 0
    assert only(here)["status"] == "passed"


def test_dry_run_writes_nothing(tmp_path: Path, root: Path, scan: Scan) -> None:
    before = everything(root)
    got = scan(OWL, "--files", folder(tmp_path / "w", FILES), "--dry-run")
    assert got.code == 0 and "would be new: " in got.err and everything(root) == before


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["wren/owl-9b"], 4, "did you mean wren/owl-8b"),
        ([f"{OWL}#gguf"], 4, "no artifact"),
        ([OWL, "--artifact", "boht"], 4, "did you mean both"),
        ([OWL, "--files", "/nowhere"], 2, "there is no /nowhere"),
        (["./nowhere"], 2, "there is no nowhere"),
        ([OWL, "--database", "/nowhere"], 2, "--database is for ClamAV"),
        ([".", "--files", "."], 2, "--model REF says whose files"),
        ([".", "--model", OWL, "--files", "."], 2, "leave --files out"),
        ([f"{OWL}#both", "--artifact", "other"], 2, "leave one of them out"),
    ],
)
def test_what_is_asked_wrongly_is_told(scan: Scan, root: Path, argv: list[str], code: int, words: str) -> None:
    got = scan(*argv)
    assert got.code == code and words in got.err, got.err
    assert records(root) == {}


def test_a_name_that_is_a_path_too_is_not_guessed(root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "wren/owl-8b").mkdir(parents=True)
    monkeypatch.chdir(root)
    got = scan("wren/owl-8b")
    assert got.code == 4 and "write ./wren/owl-8b for the path" in got.err


def test_models_without_weights_have_nothing_to_scan(tmp_path: Path, scan: Scan) -> None:
    got = scan(OWL, "--root", catalog(tmp_path / "n"))
    assert got.code == 2 and "has no artifact" in got.err


def _stopped(tmp_path: Path, root: Path, sign: int) -> tuple[int, dict[str, Any]]:
    """A scan that is stopped while ClamAV takes its time; and the records at that moment."""
    script = folder(tmp_path / "bin", {}) / "clamscan"
    started = tmp_path / "started"
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "ClamAV 1.0/1/x" && exit 0\ntouch {started}\nexec sleep 30\n')
    script.chmod(0o755)
    weights = folder(tmp_path / "w", FILES)
    argv = [sys.executable, "-m", "modelreg_cli", "scan", OWL, "--files", str(weights), "--root", str(root), "--tool=clamav"]
    env = {**os.environ, "PATH": f"{script.parent}:{os.environ['PATH']}"}
    with subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        end = time.monotonic() + 30
        while not started.exists() and time.monotonic() < end:
            time.sleep(0.02)
        meanwhile = records(root)
        os.killpg(process.pid, sign)
        return process.wait(30), meanwhile


def test_a_scan_that_is_killed_says_scanning_and_is_taken_up(
    tmp_path: Path, root: Path, scan: Scan, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, meanwhile = _stopped(tmp_path, root, signal.SIGKILL)
    assert code == -signal.SIGKILL and [one["status"] for one in meanwhile.values()] == ["scanning"]
    assert only(root)["status"] == "scanning" and "files" not in only(root)
    assert run("validate", "--root", str(root)).code == 0
    _clamscan(tmp_path, monkeypatch)
    assert scan(OWL, "--files", tmp_path / "w", tools=("clamav",)).code == 0
    assert only(root)["status"] == "passed" and set(records(root)) == set(meanwhile)


def test_a_newer_release_takes_up_what_an_older_one_began(tmp_path: Path, root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    given = (OWL, "--files", folder(tmp_path / "w", FILES))
    scan(*given)
    (path,) = (root / "catalog").glob("scans/*/*/*/*.yaml")
    path.write_text("tool: modelreg\ntool_version: 0.0.9\ndate: 2026-01-01\nstatus: scanning\nartifact: both\n")
    path = path.rename(path.with_name("modelreg-00000000.yaml"))
    monkeypatch.setattr(Own, "version", "99.0")
    assert scan(*given).code == 0
    assert only(root)["tool_version"] == "99.0" and not path.exists()
    # even where there is an answer already
    path.write_text("tool: modelreg\ntool_version: 0.0.9\ndate: 2026-01-01\nstatus: scanning\nartifact: both\n")
    assert "known" not in scan(*given).err and not path.exists() and only(root)["status"] == "passed"


def test_ctrl_c_leaves_everything_as_it_was(tmp_path: Path, root: Path) -> None:
    before = everything(root)
    code, meanwhile = _stopped(tmp_path, root, signal.SIGINT)
    assert code == 130 and [one["status"] for one in meanwhile.values()] == ["scanning"]
    assert everything(root) == before and not (root / "catalog/scans").exists()


def test_a_record_of_somebody_else_is_left_alone(tmp_path: Path, root: Path, scan: Scan) -> None:
    given = (OWL, "--files", folder(tmp_path / "w", FILES))
    scan(*given)
    (path,) = (root / "catalog").glob("scans/*/*/*/*.yaml")
    text = path.read_text().replace("status: passed", "status: failed", 1)
    path.write_text(text)
    assert scan(*given, "--rescan").code == 0
    assert path.read_text() == text and sorted(one["status"] for one in records(root).values()) == ["failed", "passed"]


def _serving(files: dict[str, bytes], status: int = 200) -> Callable[[Exchange], None]:
    def answer(exchange: Exchange) -> None:
        raw = files.get(exchange.path.rpartition("/")[2])
        if raw is None or status != 200:
            exchange.answer(404 if status == 200 else status)
            return
        first, last = map(int, exchange.headers["range"].removeprefix("bytes=").split("-"))
        piece = raw[first : last + 1]
        exchange.answer(206, piece, content_range=f"bytes {first}-{first + len(piece) - 1}/{len(raw)}")

    return answer


def test_of_remote_weights_only_headers_are_read_and_nothing_passes(tmp_path: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"model.safetensors": SAFE, "owl.gguf": GGUF, "model.bin": GOOD_TORCH}
    far = catalog(tmp_path / "far", artifact("all", files, uri=f"hf://wren/owl@{'0' * 40}"))
    with serving(_serving(files)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        got = scan(OWL, "--root", far, tools=("modelreg", "picklescan"))
        assert got.code == 0, got.err
        assert {one.method for one in server.seen} == {"GET"} and not any(one.path.endswith(".bin") for one in server.seen)
    made = by_tool(far)
    assert list(made) == ["modelreg"] and made["modelreg"]["status"] == "skipped" and "digest" not in made["modelreg"]
    assert [one["findings"][0].partition(";")[2] or one["findings"][0] for one in made["modelreg"]["files"]] == [
        " by its header safetensors of 1 tensor: no code",
        " by its header GGUF of 1 tensor: no code",
        "its bytes are not on this machine, and a header says nothing of its kind of file",
    ]
    # afterwards the bytes themselves are scanned, and both records stay
    assert scan(OWL, "--root", far, "--files", folder(tmp_path / "w", files)).code == 0
    assert sorted(one["status"] for one in records(far).values()) == ["passed", "skipped"]


@pytest.mark.parametrize(
    ("served", "status", "expected", "words"),
    [
        ({"model.safetensors": SAFE[:-1]}, 200, "failed", "ends after"),
        ({"model.safetensors": SAFE + b"x"}, 200, "failed", "belong to no tensor"),
        ({"model.safetensors": GGUF}, 200, "failed", "by its header where it lies"),
        ({"model.safetensors": OTHER}, 200, "failed", f"{len(OTHER)} bytes where it lies"),
        ({}, 200, "skipped", "its server answers 404"),
        ({"model.safetensors": SAFE}, 403, "skipped", "its server answers 403"),
    ],
)
def test_remote_headers_that_speak_against_a_file(
    tmp_path: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch, served: dict[str, bytes], status: int, expected: str, words: str
) -> None:
    far = catalog(tmp_path / "far", artifact("safe", {"model.safetensors": SAFE}, uri=f"hf://wren/owl@{'0' * 40}"))
    with serving(_serving(served, status)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        got = scan(OWL, "--root", far)
    assert got.code == (1 if expected == "failed" else 0)
    assert only(far)["status"] == expected and words in only(far)["reason"]
    # nobody read the bytes that are listed, so none of them failed
    assert [one["status"] for one in only(far).get("files", [])] == (["skipped"] if expected == "skipped" else [])


def test_a_server_that_is_not_there_is_no_answer(tmp_path: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    far = catalog(tmp_path / "far", artifact("safe", {"model.safetensors": SAFE}, uri=f"hf://wren/owl@{'0' * 40}"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert scan(OWL, "--root", far, "--deadline", 1).code == 3
    assert records(far) == {}


def test_names_are_told_without_what_a_terminal_obeys(tmp_path: Path, scan: Scan) -> None:
    name = "-\u202e\x1b[31m\n.bin"
    evil = b"cos\nsys\x1b[2Jtem\n(S'true'\ntR."
    odd = catalog(tmp_path / "odd", artifact("a", {"-plain.bin": evil}))
    got = scan(OWL, "--root", odd, "--files", folder(tmp_path / "w", {"-plain.bin": evil, name: evil}))
    assert got.code == 1 and "\x1b" not in got.out + got.err and only(odd)["files"][0]["findings"] == ["imports os sys\\x1b[2Jtem"]
    told = scan(tmp_path / "w")
    assert told.code == 1 and "\x1b" not in told.out + told.err and "\u202e" not in told.out and len(told.out.splitlines()) == 3


def test_versions_stay_as_they_are(tmp_path: Path, root: Path, scan: Scan) -> None:
    before = (root / "catalog" / VERSION).read_bytes()
    scan(OWL, "--files", folder(tmp_path / "w", FILES))
    assert (root / "catalog" / VERSION).read_bytes() == before
