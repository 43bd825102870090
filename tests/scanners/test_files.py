"""Files of a folder: links, pipes and devices are not read; what changes meanwhile is told."""

import os
from pathlib import Path

import pytest

from modelreg_cli.errors import ModelregError
from modelreg_cli.scanners.files import CHANGED, Held, Place, found_in, held, walked
from tests.weights.made import put


def quiet(_bytes: int) -> None:
    """Nobody watches."""


def test_a_folder_is_walked_and_what_is_no_plain_file_is_told(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside.bin", b"secret")
    top = tmp_path / "top"
    (top / "deep").mkdir(parents=True)
    put(top / "deep/-a\n.bin", b"a")
    (top / "inside").symlink_to("deep/-a\n.bin")
    (top / "out.bin").symlink_to(outside)
    (top / "loop").symlink_to("loop")
    (top / "gone").symlink_to("nothing")
    (top / "folder").symlink_to(tmp_path)
    os.mkfifo(top / "pipe")
    found = {place.path: place for place in walked(top)}
    assert {path for path, place in found.items() if place.file} == {"deep/-a\n.bin", "inside"}
    assert {path: place.why.partition(",")[0] for path, place in found.items() if not place.file} == {
        "out.bin": "a link that leads out of its folder",
        "folder": "a link that leads out of its folder",
        "loop": "a link that leads nowhere",
        "gone": "a link that leads nowhere",
        "pipe": "a pipe",
    }


def test_devices_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "zeros").symlink_to("/dev/zero")
    assert walked(Path("/dev/zero"))[0] == Place("zero", None, "a device, which is not read")
    assert [place.file for place in walked(tmp_path)] == [None]


def test_snapshots_of_a_hub_are_links_to_its_blobs(tmp_path: Path) -> None:
    repo = tmp_path / "models--wren--owl"
    snapshot = repo / "snapshots/abc"
    snapshot.mkdir(parents=True)
    (repo / "blobs").mkdir()
    put(repo / "blobs/123", b"weights")
    put(tmp_path / "other", b"other")
    (snapshot / "model.bin").symlink_to("../../blobs/123")
    (snapshot / "other.bin").symlink_to("../../../other")
    assert [(place.path, place.file is not None) for place in walked(snapshot)] == [("model.bin", True), ("other.bin", False)]
    assert found_in([snapshot], ["model.bin"])["model.bin"].file == snapshot / "model.bin"
    # a link that somebody names is meant
    assert walked(snapshot / "other.bin")[0].file == snapshot / "other.bin"


def test_files_are_found_by_path_then_by_a_name_that_is_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "q4").mkdir()
    put(tmp_path / "q4/model.gguf", b"1")
    put(tmp_path / "flat.gguf", b"2")
    put(tmp_path / "same.gguf", b"3")
    found = found_in([tmp_path], ["q4/model.gguf", "q8/flat.gguf", "a/same.gguf", "b/same.gguf", "none.gguf"])
    assert {path: place.file for path, place in found.items()} == {
        "q4/model.gguf": tmp_path / "q4/model.gguf",
        "q8/flat.gguf": tmp_path / "flat.gguf",
    }
    assert list(found_in([tmp_path / "flat.gguf"], ["x/flat.gguf", "other.gguf"])) == ["x/flat.gguf"]
    assert found_in([tmp_path / "q4", tmp_path], ["flat.gguf"])["flat.gguf"].file == tmp_path / "flat.gguf"


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "a/../../secret", "a//b", ".", "a\0b"])
def test_paths_that_lead_elsewhere_find_nothing(tmp_path: Path, path: str) -> None:
    put(tmp_path / "secret", b"x")
    (tmp_path / "top").mkdir()
    assert found_in([tmp_path / "top"], [path]) == {}


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelregError, match="there is no"):
        walked(tmp_path / "nothing")


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    file = put(tmp_path / "m", b"x" * (9 * 1024 * 1024))

    def grow(_bytes: int) -> None:  # without end
        with file.open("ab") as more:
            more.write(b"y")

    assert held(file, grow) == CHANGED
    one = held(file, quiet)
    assert isinstance(one, Held) and not one.changed
    # the same size and time of change: who writes is seen all the same
    was = file.stat()
    with file.open("r+b") as again:
        again.write(b"z")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert one.changed
    file.unlink()
    assert one.changed


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m")
    assert held(tmp_path / "m", quiet) == "no plain file"
    assert held(tmp_path / "none", quiet) == "can not be read: No such file or directory"
