"""Archives and folders: nothing leads out of them, nothing is unpacked, bombs are refused."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers import files
from tests.importers.sources import base, catalog_at, data, everything, offer, packed, provider, reasons, run


def _link(target: str, kind: bytes = tarfile.SYMTYPE):  # type: ignore[no-untyped-def]
    def head(info: tarfile.TarInfo) -> bytes:
        info.type, info.linkname = kind, target
        return b""

    return head


def _of_type(kind: bytes):  # type: ignore[no-untyped-def]
    def head(info: tarfile.TarInfo) -> bytes:
        info.type = kind
        return b""

    return head


_SOUND = {
    "providers/nest/provider.toml": provider(),
    "models/wren/owl-3.toml": base(),
    "providers/nest/models/owl-3.toml": offer("wren/owl-3"),
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../evil.toml", "x = 1"),
        ("providers/../../evil.toml", "x = 1"),
        ("/etc/evil.toml", "x = 1"),
        ("C:/evil.toml", "x = 1"),
        ("providers\\evil.toml", "x = 1"),
        ("providers/nest/models/dev.toml", _of_type(tarfile.CHRTYPE)),
        ("providers/nest/models/dev.toml", _of_type(tarfile.BLKTYPE)),
        ("providers/nest/models/pipe.toml", _of_type(tarfile.FIFOTYPE)),
        ("models/wren/owl-3.toml", "x = 2"),  # a second time: which one would hold?
    ],
)
def test_hostile_member_is_refused(tmp_path: Path, name: str, content: str) -> None:
    root = catalog_at(tmp_path / "c")
    before = everything(root)
    with tarfile.open(tmp_path / "s.tar.gz", "w:gz") as tar:
        for path, text in [*_SOUND.items(), (name, content)]:
            info = tarfile.TarInfo(path)
            raw = text(info) if callable(text) else text.encode()
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    with pytest.raises(ModelregError, match="refused"):
        run(root, tmp_path / "s.tar.gz")
    assert everything(root) == before
    assert not list(tmp_path.rglob("evil*"))


def test_large_file_is_refused(tmp_path: Path) -> None:
    source = packed(tmp_path / "s.tar.gz", {**_SOUND, "providers/nest/models/big.toml": "#" * (files.MAX_FILE + 1)})
    with pytest.raises(ModelregError, match="at most"):
        run(catalog_at(tmp_path / "c"), source)


def test_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TOTAL", 1024 * 1024)
    zeros = b"\0" * (4 * 1024 * 1024)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        info = tarfile.TarInfo("readme.bin")  # no suffix that is read: the bytes still have to pass
        info.size = len(zeros)
        tar.addfile(info, io.BytesIO(zeros))
    (tmp_path / "s.tar.gz").write_bytes(gzip.compress(raw.getvalue(), mtime=0))
    with pytest.raises(ModelregError, match="unpacks to more"):
        files.read(tmp_path / "s.tar.gz", ".toml")


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8bbroken", gzip.compress(b"x" * 2000, mtime=0)])
def test_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.tar.gz").write_bytes(content)
    with pytest.raises(ModelregError):
        run(catalog_at(tmp_path / "c"), tmp_path / "s.tar.gz")


def test_link_inside_is_followed_and_one_outside_is_not(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text(offer("wren/owl-3"))
    source = packed(
        tmp_path / "s.tar.gz",
        {
            **_SOUND,
            "providers/copy/provider.toml": provider("Copy"),
            "providers/copy/models/owl-3.toml": _link("../../nest/models/owl-3.toml"),
            "providers/copy/models/gone.toml": _link("../../nest/models/gone.toml"),
            "providers/copy/models/out.toml": _link("../../../../secret.toml"),
            "providers/copy/models/abs.toml": _link(str(tmp_path / "secret.toml")),
            "providers/copy/models/round.toml": _link("round.toml"),
        },
    )
    root = catalog_at(tmp_path / "c")
    run(root, source)
    assert data(root, "providers/copy/owl-3.yaml")["serves"]["version"] == "wren/owl-3@2025-03-01"
    for name in ("gone", "out", "abs", "round"):
        assert (name, "dangling-link") in reasons(root, "copy")
        assert not (root / f"catalog/providers/copy/{name}.yaml").exists()


def test_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    source = tmp_path / "s"
    for path, text in _SOUND.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text)
    (tmp_path / "secret.toml").write_text(offer("wren/owl-3"))
    (source / "providers/nest/models/out.toml").symlink_to("../../../../secret.toml")
    (source / "providers/nest/models/in.toml").symlink_to("owl-3.toml")
    root = catalog_at(tmp_path / "c")
    run(root, source)
    assert ("out", "dangling-link") in reasons(root, "nest")
    assert (root / "catalog/providers/nest/in.yaml").exists()


def test_the_day_is_that_of_the_newest_member(tmp_path: Path) -> None:
    root = catalog_at(tmp_path / "c")
    assert run(root, packed(tmp_path / "s.tar.gz", _SOUND, mtime=1_777_600_000), observed=None).observed == "2026-05-01"


def test_a_forges_archive_has_one_folder_on_top(tmp_path: Path) -> None:
    root = catalog_at(tmp_path / "c")
    run(root, packed(tmp_path / "s.tar.gz", {f"models.dev-abc/{path}": text for path, text in _SOUND.items()}))
    assert (root / "catalog/providers/nest/owl-3.yaml").exists()
