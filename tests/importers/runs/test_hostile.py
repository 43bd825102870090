"""Files that are broken, of another kind, or made to do harm: an answer, bounded, and nothing is written."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from modelreg_cli.importers.runs import material
from tests.importers.runs import made
from tests.importers.runs.conftest import Ingest, results_of

LM = made.LM_EVAL.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("x.json", b"", "no form that is known"),
        ("x.json", b"{}", "no form that is known"),
        ("x.json", b"[]", "no form that is known"),
        ("x.json", b'{"a": 1}', "no form that is known"),
        ("x.json", LM[:500].encode(), "is not JSON"),
        ("x.json", b"[" * 200_000, "nested too deep"),
        ("x.json", LM.encode("utf-16"), "is not UTF-8"),
        ("x.json", b"\xff\xfe{", "is not UTF-8"),
        ("x.json", LM.replace('"versions"', '"results"', 1).encode(), "the key 'results' twice"),
        ("x.json", b'{"results": ' + b"9" * 5000 + b"}", "is not JSON"),
        ("samples_x.jsonl", b'{"doc_id": 0}\n{"doc_id": 1}\n', "one line for each sample"),
        ("samples.json", b'{"doc_id": 0}\n{"doc_id": 1}\n', "one line for each sample"),
        ("x.yaml", b"- dataset: &a {id: x}\n  value: 1\n- dataset: *a\n  value: 2\n", "has an alias"),
        ("x.yaml", b"- dataset: {id: x}\n  value: 1\n  value: 2\n", "the key 'value' twice"),
        ("x.yaml", b"[" * 100, "nested too deep"),
        ("x.yaml", b"a: [", "is not YAML"),
        ("README.md", b"---\nlicense: mit\n---\nmodel-index\n", "no form that is known"),
        ("x.eval", b"PK\x03\x04 no archive", "not a readable archive"),
    ],
)
def test_it_is_told(ingest: Ingest, catalog: Path, tmp_path: Path, name: str, raw: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(raw)
    ran = ingest(tmp_path / name)
    assert ran.code == 2 and words in ran.err and "hint: " in ran.err, ran.err
    assert not results_of(catalog)


def test_all_forms_are_named_where_none_fits(ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    err = ingest(tmp_path / "x.json").err
    assert all(f"{name}: " in err for name in ("lm-eval", "inspect", "helm", "eval-results", "model-index", "samples"))
    assert "is no file of helm" in ingest(tmp_path / "x.json", "--format", "helm").err
    assert "did you mean lm-eval" in ingest(tmp_path / "x.json", "--format", "lm_eval").err


def test_what_is_no_file(ingest: Ingest, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in ingest(tmp_path / "pipe").err
    assert "there is no file" in ingest(tmp_path / "missing.json").err
    assert "no form that is known" in ingest(tmp_path).err


def test_a_large_file_is_not_read_whole(ingest: Ingest, tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as file:
        file.write(b'{"results": {')
        file.truncate(500_000_000)
    ran = ingest(tmp_path / "x.json")
    assert ran.code == 2 and "more than 67,108,864 bytes" in ran.err and "samples" in ran.err


def packed(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in contents.items():
            archive.writestr(name, raw)
    return path


def test_an_archive_packed_the_old_way(ingest: Ingest, catalog: Path, tmp_path: Path) -> None:
    ran = ingest(packed(tmp_path / "x.eval", {"header.json": made.INSPECT.read_bytes()}), made.INSPECT)
    assert ran.code == 0 and "1 run taken, 1 already there" in ran.out  # one run, in both of its forms
    assert len(results_of(catalog)) == 1


def test_archives_without_an_end(ingest: Ingest, tmp_path: Path) -> None:
    ran = ingest(packed(tmp_path / "x.eval", {"_journal/start.json": b"{}"}))
    assert ran.code == 2 and "did not come to its end" in ran.err
    (tmp_path / "cut.eval").write_bytes(made.INSPECT_EVAL.read_bytes()[:9000])
    assert "not a readable archive" in ingest(tmp_path / "cut.eval").err


def test_bombs(ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "MAX_FILE", 100_000)
    bomb = packed(tmp_path / "x.eval", {"header.json": b" " * 200_000})
    assert "has 200,000 bytes" in ingest(bomb).err
    lying = bytearray(bomb.read_bytes())
    for at in range(len(lying) - 4):
        if lying[at : at + 4] == (200_000).to_bytes(4, "little"):
            lying[at : at + 4] = (100).to_bytes(4, "little")
    (tmp_path / "lying.eval").write_bytes(lying)
    assert ingest(tmp_path / "lying.eval").code == 2
    monkeypatch.setattr(material, "MAX_TABLE", 1_000)
    many = packed(tmp_path / "many.eval", {f"samples/{at}.json": b"" for at in range(100)})
    assert "its table of contents has" in ingest(many).err


def test_a_bomb_of_zstandard_whose_size_lies(ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = made.INSPECT_EVAL.read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        size = archive.getinfo("header.json").file_size
    monkeypatch.setattr(material, "MAX_FILE", size - 1)
    (tmp_path / "x.eval").write_bytes(raw.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))
    ran = ingest(tmp_path / "x.eval")
    assert ran.code == 2 and f"unpacks to more than {size - 1:,} bytes" in ran.err


def test_an_archive_whose_zstandard_is_cut(ingest: Ingest, tmp_path: Path) -> None:
    raw = made.INSPECT_EVAL.read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        size = archive.getinfo("header.json").compress_size
    (tmp_path / "x.eval").write_bytes(raw.replace(size.to_bytes(4, "little"), (size - 4).to_bytes(4, "little")))
    ran = ingest(tmp_path / "x.eval")
    assert ran.code == 2 and "a file in it ends too early" in ran.err


def test_odd_values_are_no_traceback(ingest: Ingest, tmp_path: Path) -> None:
    odd: list[object] = [None, True, [], {}, "x", -1, 1e400, ["a"], {"a": None}]
    for key in ("n-samples", "n-shot", "configs", "higher_is_better", "group_subtasks", "date", "lm_eval_version", "config"):
        for value in odd:
            data = json.loads(LM)
            data[key] = value
            (tmp_path / "x.json").write_text(json.dumps(data))
            assert ingest(tmp_path / "x.json", "--dry-run", "--allow-partial").code in (0, 1, 2), (key, value)
