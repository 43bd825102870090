"""Bytes that change, wherever they lie: what is damaged is never used as if it were whole, and the next pull or publish mends it."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelreg_cli.release.envelope import opened, sealed
from modelreg_cli.release.manifest import File, Manifest
from modelreg_cli.release.packed import digest_of, pack
from tests.release.faults import Ended, Scene

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths of the scenes are of POSIX")
EXAMPLES = int(os.environ.get("MODELREG_EXAMPLES", "30"))
#: Which file of those that are there, where in it (from 0 to 1), the bits that flip (0: it is cut off there).
DAMAGE = st.tuples(st.integers(0, 20), st.floats(0, 1, exclude_max=True), st.integers(0, 255))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """State 1 is held, and the channel has state 2."""
    return Scene(tmp_path_factory.mktemp("damage"), "pull change")


def damage(files: list[Path], how: tuple[int, float, int]) -> Path:
    """Damages one of the files."""
    file = files[how[0] % len(files)]
    raw = bytearray(file.read_bytes())
    at = int(how[1] * len(raw))
    file.write_bytes(bytes(raw[:at]) if not how[2] else bytes([*raw[:at], raw[at] ^ how[2], *raw[at + 1 :]]))
    return file


def files_of(folder: Path) -> list[Path]:
    """Every file that has something in it."""
    return [one for one in sorted(folder.rglob("*")) if one.is_file() and one.stat().st_size]


def is_told(ended: Ended) -> bool:
    """Whether a run did it, or said why not and what to do."""
    return ended.code in (0, 1, 2, 3) and "Traceback" not in ended.err and (ended.code == 0 or "hint: " in ended.err)


def versions(scene: Scene) -> int:
    """How many versions a question finds; 0 where it says that it cannot be answered."""
    asked = scene.call("versions", "acme/tiny", "--catalog", "small", "--json")
    assert is_told(asked), asked
    return len(json.loads(asked.out)) if asked.code == 0 else 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(DAMAGE)
def test_of_a_channel(scene: Scene, how: tuple[int, float, int]) -> None:
    scene.begin()
    file = damage(files_of(scene.work / "channel"), how)
    ended = scene.call(*scene.command)
    assert is_told(ended), (file, ended)
    assert versions(scene) == (1 if ended.code else 2)
    checked = scene.call("verify")
    assert checked.code == 0, (file, checked)
    # whoever verifies the channel hears of it, where the newest state needs that file
    newest = (scene.work / "channel" / "latest.json").read_bytes() if file.name != "latest.json" else b""
    if file.name.encode() in newest:
        assert scene.call("verify", f"{scene.work}/channel").code == 1
    # and its publisher mends it
    mended = scene.call(*scene.publishing(True))
    assert mended.code == 0, (file, mended)
    assert scene.call("verify", f"{scene.work}/channel").code == 0
    assert scene.call(*scene.command).code == 0 and versions(scene) == 2


@settings(max_examples=EXAMPLES, deadline=None)
@given(DAMAGE)
def test_of_what_is_held(scene: Scene, how: tuple[int, float, int]) -> None:
    scene.begin()
    before = scene.held()
    file = damage(files_of(scene.work / "home"), how)
    checked = scene.call("verify")
    assert is_told(checked), (file, checked)
    if file.suffix == ".db":
        assert checked.code == 1
    elif checked.code == 0:
        assert scene.held()[:4] == before[:4]
    versions(scene)
    ended = scene.call(*scene.command)
    if ended.code:  # it is not known any more whom to trust: the owner has to say it
        assert file.name == "trusted" and "--trust" in ended.err, (file, ended)
        ended = scene.call(*scene.command, "--trust", str(scene.signers()))
    assert ended.code == 0, (file, ended)
    assert versions(scene) == 2 and scene.call("verify").code == 0


@pytest.mark.parametrize("name", ["pull again", "pull change"])
def test_a_damaged_index_is_told_and_mended(tmp_path: Path, name: str) -> None:
    """Page by page: where SQLite notices it the answer is a message."""
    scene = Scene(tmp_path, name)
    scene.begin()
    index = Path(scene.held().path)
    whole = index.read_bytes()
    for start in range(0, len(whole), 8 * 4096):
        index.write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])
        asked = scene.call("versions", "acme/tiny", "--catalog", "small")
        assert is_told(asked)
        assert asked.code == 0 or "modelreg pull" in asked.err, asked
    assert scene.call(*scene.command).code == 0
    assert scene.call("verify").code == 0


def other_index(scene: Scene, manifest: Manifest) -> tuple[File, ...]:
    """The index of another state, packed, under the name of this one; its own digest is told."""
    packed = manifest.file("index.zst")
    assert packed
    old = Path(scene.held().path)
    pack(old, scene.work / "channel" / packed.name)
    return with_file(manifest, replace(packed, **told(scene.work / "channel" / packed.name)))


def bomb(scene: Scene, manifest: Manifest) -> tuple[File, ...]:
    """Some kilobytes that unpack to 2 GB."""
    packed, zeros = manifest.file("index.zst"), scene.work / "zeros"
    assert packed
    with zeros.open("wb") as file:
        file.truncate(2 << 30)
    pack(zeros, scene.work / "channel" / packed.name)
    zeros.unlink()
    return with_file(manifest, replace(packed, **told(scene.work / "channel" / packed.name)))


def swapped(scene: Scene, manifest: Manifest) -> tuple[File, ...]:
    """The difference where the whole should be."""
    packed, small = manifest.file("index.zst"), manifest.file("index.diff")
    assert packed and small
    return with_file(manifest, replace(packed, name=small.name, bytes=small.bytes, sha256=small.sha256))


def larger(scene: Scene, manifest: Manifest) -> tuple[File, ...]:
    """One byte more than there is."""
    packed = manifest.file("index.zst")
    assert packed
    return with_file(manifest, replace(packed, bytes=packed.bytes + 1))


def no_index(scene: Scene, manifest: Manifest) -> tuple[File, ...]:
    """A manifest without an index."""
    return tuple(one for one in manifest.files if one.role != "index")


def told(file: Path) -> dict[str, object]:
    """Bytes and sha256, as a manifest has them."""
    size, sha = digest_of(file)
    return {"bytes": size, "sha256": sha}


def with_file(manifest: Manifest, file: File) -> tuple[File, ...]:
    """The files with another one in place of that of its role, and without differences."""
    return tuple(file if one.role == file.role else one for one in manifest.files if one.role != "index.diff")


@pytest.mark.parametrize("lie", [other_index, bomb, swapped, larger, no_index])
def test_wrong_though_it_is_signed(scene: Scene, lie: object) -> None:
    """Even the publisher cannot bring what its manifest does not say."""
    scene.begin()
    latest = scene.work / "channel" / "latest.json"
    manifest = opened(latest.read_bytes()).manifest
    files = lie(scene, manifest)  # type: ignore[operator]
    latest.write_bytes(sealed(replace(manifest, files=files), [scene.key]).raw())
    ended = scene.call(*scene.command)
    assert ended.code == 3 and "hint: " in ended.err
    assert versions(scene) == 1 and scene.call("verify").code == 0
    assert not list((scene.work / "home").rglob(".*.tmp"))


def test_another_catalog_at_a_known_address(scene: Scene) -> None:
    scene.begin()
    latest = scene.work / "channel" / "latest.json"
    latest.write_bytes(sealed(replace(opened(latest.read_bytes()).manifest, catalog="other"), [scene.key]).raw())
    ended = scene.call("pull")
    assert ended.code == 1 and "has the catalog other, and not small" in ended.err
    assert not (scene.work / "home" / "other").exists() and versions(scene) == 1
