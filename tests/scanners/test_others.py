"""picklescan and ClamAV, the real ones where they are installed; and programs that misbehave in their place."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.scanners import clamav, picklescan
from modelreg_cli.scanners.all_scanners import chosen
from modelreg_cli.scanners.scanner import NotHere, Sight, Verdict, Wishes
from tests.scanners.made import EVIL, GGUF, GOOD_TORCH, SAFE, SIGNED, array
from tests.weights.made import put
from tests.weights.test_pickle import TORCH

needs_clamav = pytest.mark.skipif(shutil.which("clamscan") is None, reason="clamscan is not installed (apt-get install clamav)")
needs_picklescan = pytest.mark.skipif(importlib.util.find_spec("picklescan") is None, reason="picklescan is not installed")


def sight(tmp_path: Path, name: str, raw: bytes) -> Sight:
    file = put(tmp_path / name.replace("/", "_"), raw)
    return Sight(name, file, len(raw))


@pytest.fixture
def signatures(tmp_path: Path) -> Path:
    """A database of one signature."""
    folder = tmp_path / "signatures"
    folder.mkdir()
    (folder / "local.ndb").write_text(f"Owl.Evil:0:*:{SIGNED.hex()}\n")
    return folder


@needs_clamav
def test_clamav_finds_what_is_signed_whatever_it_is_called(tmp_path: Path, signatures: Path) -> None:
    names = ["-rf.bin", "two\nlines: OK", "deep/ü .bin", "--help"]
    evil = [sight(tmp_path, name, b"x" * at + SIGNED + b"y") for at, name in enumerate(names)]
    good = sight(tmp_path, "two\nlines: OK\n", b"harmless")
    found = clamav.made(Wishes(signatures)).look([*evil, good])
    assert found == [Verdict("failed", ("Owl.Evil.UNOFFICIAL",))] * 4 + [Verdict("passed")]
    assert clamav.made(Wishes(signatures)).look([]) == []


@needs_clamav
def test_clamav_says_nothing_of_what_it_does_not_look_at(tmp_path: Path, signatures: Path) -> None:
    large = sight(tmp_path, "large.bin", b"")
    with large.file.open("r+b") as file:
        file.truncate(3 * 1024**3)
    found = clamav.made(Wishes(signatures)).look([large, sight(tmp_path, "evil", SIGNED)])
    assert [one.status for one in found] == ["skipped", "failed"] and "more than ClamAV looks at" in found[0].findings[0]


@needs_clamav
def test_clamav_is_known_by_its_signatures(tmp_path: Path, signatures: Path) -> None:
    one = clamav.made(Wishes(signatures))
    assert one.version and one.database and one.database.startswith("sha256-")
    (signatures / "readme.txt").write_text("no signature")
    assert clamav.made(Wishes(signatures)).database == one.database
    (signatures / "local.ndb").write_text("Owl.Other:0:*:00112233\n")
    assert clamav.made(Wishes(signatures)).database != one.database
    (tmp_path / "empty").mkdir()
    for wrong in (tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(ModelregError, match="--database"):
            clamav.made(Wishes(wrong))


@needs_clamav
def test_signatures_that_do_not_read_pass_nothing(tmp_path: Path, signatures: Path) -> None:
    (signatures / "local.ndb").write_text("broken\n")
    (found,) = clamav.made(Wishes(signatures)).look([sight(tmp_path, "m", b"x")])
    assert found.status == "skipped" and "ended with 2" in found.findings[0] and str(tmp_path) not in found.findings[0]


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """A clamscan of our own."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    script = folder / "clamscan"
    script.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo "ClamAV 9.9.9/27000/Mon Jan 1 00:00:00 2026"; exit 0; fi\n{body}\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ('for last; do :; done; echo "$last: OK"', "passed", ""),
        ('for last; do :; done; echo "$last: Owl FOUND"; exit 1', "failed", "Owl"),
        ('for last; do :; done; echo "$last: Owl FOUND"; exit 2', "failed", "Owl"),
        ('for last; do :; done; echo "$last: Owl FOUND"; echo "$last: OK"; exit 0', "failed", "Owl"),
        ('for last; do :; done; echo "$last: OK"; exit 2', "skipped", "ended with 2"),
        ('for last; do :; done; echo "$last: Access denied"; exit 0', "skipped", "Access denied"),
        ("exit 0", "skipped", "it said nothing"),
        ('echo "can not open /srv/secret/x.ndb" >&2; exit 2', "skipped", "2: can not open x.ndb"),
        ("echo /some/where/else: OK", "skipped", "ended with 0"),
        ("kill -9 $$", "skipped", "ended with -9"),
        ("exec sleep 60", "skipped", "had not ended"),
    ],
)
def test_clamav_passes_only_what_it_says_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, status: str, words: str
) -> None:
    program(tmp_path, monkeypatch, body)
    scanner = clamav.made(Wishes(seconds=1.0))
    assert (scanner.version, scanner.database) == ("9.9.9", "27000")
    (found,) = scanner.look([sight(tmp_path, "m.bin", b"x")])
    assert found.status == status and words in " ".join(found.findings)


def test_scanners_that_are_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    used, absent = chosen((), Wishes())
    assert [one.name for one in used] == ["modelreg"] and [one.tool for one in absent] == ["picklescan", "clamav"]
    with pytest.raises(NotHere, match="clamscan is not installed"):
        clamav.made(Wishes())
    with pytest.raises(Unavailable, match="picklescan is not installed") as error:
        chosen(("picklescan",), Wishes())
    assert error.value.hint == "pip install 'modelreg[scan]'"
    with pytest.raises(ModelregError, match="no scanner is called 'clamv'") as wrong:
        chosen(("clamv",), Wishes())
    assert wrong.value.hint == "did you mean clamav?"


@needs_picklescan
def test_picklescan_finds_most_of_what_is_evil(tmp_path: Path) -> None:
    scanner = picklescan.made(Wishes())
    found = {name: scanner.look([sight(tmp_path, "m.bin", raw)])[0] for name, raw in EVIL.items()}
    # what it does not follow: archives in archives, code beside the pickles, an archive in whose front a pickle stands
    missed = {name for name, one in found.items() if one.status != "failed"}
    assert missed <= {"an archive in an archive", "TorchScript", "in an array", "in front of an archive"}, found
    assert "dangerous import os system" in found["protocol 0"].findings or "dangerous import posix system" in found["protocol 0"].findings


@needs_picklescan
def test_picklescan_passes_pickles_and_says_nothing_of_others(tmp_path: Path) -> None:
    scanner = picklescan.made(Wishes())
    good = [sight(tmp_path, "m.bin", GOOD_TORCH), sight(tmp_path, "m.pkl", TORCH)]
    others = [("m.safetensors", SAFE), ("m.gguf", GGUF), ("m.onnx", b"\x08\x07"), ("cut.bin", GOOD_TORCH[:50]), ("w.npz", b"PK\x03\x04")]
    found = scanner.look([*good, *(sight(tmp_path, name, raw) for name, raw in others)])
    assert [one.status for one in found] == ["passed"] * 2 + ["skipped"] * 5
    assert not any(str(tmp_path) in words or "modelreg-scan" in words for one in found for words in one.findings)
    assert scanner.look([sight(tmp_path, "two\nlines -p x.bin", EVIL["protocol 0"])])[0].status == "failed"
    assert scanner.look([sight(tmp_path, "w.npy", array("'|O'") + b"cos\nsystem\n.")])[0].status == "failed"


@needs_picklescan
def test_picklescan_that_does_not_end_says_nothing(tmp_path: Path) -> None:
    (found,) = picklescan.made(Wishes(seconds=0.01)).look([sight(tmp_path, "m.bin", GOOD_TORCH)])
    assert found == Verdict("skipped", ("picklescan had no time left to end",))
