"""Keys of a catalog through their whole life: pinned, passed on, skipped, stolen, taken out, replaced."""

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from modelreg_cli.release import chain
from tests.conftest import Ran, Run
from tests.release.conftest import Publish, new_key
from tests.release.test_web import Plain
from tests.repositories import Repo

#: Publishes one more state, signed by a key, and names those that may sign the next one.
Step = Callable[..., Ran]


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / "channel"


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Path]:
    """Four of them."""
    return {name: new_key(tmp_path / name) for name in ("a", "b", "c", "d")}


@pytest.fixture
def step(run: Run, repo: Repo, channel: Path, keys: dict[str, Path]) -> Step:
    """Publishes one more state."""
    count = iter(range(1000))

    def call(by: str, *more: str, keep: int = 10, to: Path = channel) -> Ran:
        repo.commit({"README.md": f"State {next(count)}.\n"})
        named = [word for name in more for word in ("--next-key", str(keys[name]))]
        ran = run("publish", str(to), "--key", str(keys[by]), *named, "--keep", str(keep), "--root", str(repo.top))
        assert ran.code == 0, ran.err
        return ran

    return call


@pytest.fixture
def pull(pull_from: Publish, channel: Path) -> Publish:
    """Pulls, on a machine that has no catalog."""
    return lambda *argv: pull_from(channel, *argv)


def pinned(tmp_path: Path) -> list[str]:
    """What is trusted on that machine."""
    return (tmp_path / "home" / "small" / "trusted").read_text().splitlines()


def steps(step: Step, *words: str, **more: Any) -> None:
    """A state for each word: its first letter is the key that signs, the others are keys that may sign the next one as well."""
    for word in words:
        step(*word, **more)


def line(key: Path) -> str:
    """A key as it is trusted."""
    return "publisher " + " ".join(Path(f"{key}.pub").read_text().split()[:2])


def test_pinned_at_first_use(step: Step, pull: Publish, keys: dict[str, Path], tmp_path: Path) -> None:
    step("a")
    ran = pull()
    assert ran.code == 0 and f"trusted from now on: {line(keys['a'])}" in ran.err and pinned(tmp_path) == [line(keys["a"])]
    step("b")
    ran = pull()
    assert ran.code == 1 and "not to be trusted" in ran.err and "--trust FILE" in ran.err
    assert pinned(tmp_path) == [line(keys["a"])]


def test_passed_on_in_two_steps(step: Step, pull: Publish, keys: dict[str, Path], tmp_path: Path) -> None:
    step("a")
    assert pull().code == 0
    step("a", "b")
    assert pull().code == 0 and set(pinned(tmp_path)) == {line(keys["a"]), line(keys["b"])}
    step("b")
    assert pull().code == 0 and pinned(tmp_path) == [line(keys["b"])]


def test_a_key_that_was_taken_out_is_refused(step: Step, pull: Publish) -> None:
    """It may be a stolen one."""
    step("a", "b")
    pull()
    step("b")
    pull()
    step("a", "b")
    ran = pull()
    assert ran.code == 1 and "not to be trusted" in ran.err
    step("b")  # its true owner goes on, and a state in between that nobody trusts changes nothing
    assert pull().code == 0


@pytest.fixture(params=["folder", "site"])
def reached(request: pytest.FixtureRequest, channel: Path) -> Iterator[str]:
    """The channel as the reader reaches it: a site has no list of what is there."""
    channel.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Plain, directory=str(channel)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield str(channel) if request.param == "folder" else f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_reader_that_skipped_states(step: Step, pull_from: Publish, reached: str, keys: dict[str, Path], tmp_path: Path) -> None:
    """Two keys were passed on meanwhile; the states between tell it."""
    step("a")
    assert pull_from(reached).code == 0
    steps(step, "ab", "b", "bc", "c", "c")
    ran = pull_from(reached)
    assert ran.code == 0 and "state 6" in ran.out, ran.err
    assert pinned(tmp_path) == [line(keys["c"])]


def test_some_of_the_skipped_states_are_gone(step: Step, pull: Publish, channel: Path) -> None:
    """One that a key signed which is trusted here is still there."""
    step("a")
    pull()
    steps(step, "a", "a", "ab", "b", keep=2)
    assert len(list((channel / "manifests").iterdir())) == 2
    assert pull().code == 0


def test_the_state_that_passed_the_key_on_is_gone(step: Step, pull: Publish, keys: dict[str, Path], tmp_path: Path) -> None:
    step("a")
    pull()
    steps(step, "ab", "b", "b", "b", keep=2)
    ran = pull()
    assert ran.code == 1 and "not to be trusted" in ran.err and "--trust FILE" in ran.err
    (tmp_path / "signers").write_text(line(keys["b"]) + "\n")
    assert pull("--trust", str(tmp_path / "signers")).code == 0 and pinned(tmp_path) == [line(keys["b"])]
    step("b")
    assert pull().code == 0


def test_a_stolen_key_that_was_taken_out_while_nobody_looked(step: Step, pull: Publish) -> None:
    """The reader still trusts it; the states between say that it was taken out."""
    step("a")
    pull()
    steps(step, "ab", "b", "ad")
    ran = pull()
    assert ran.code == 1 and "not to be trusted" in ran.err
    steps(step, "d", "d")
    assert pull().code == 1
    step("b")  # its true owners go on, and what the thief signed in between says nothing
    assert pull().code == 0


def test_a_stolen_key_before_anybody_knows(step: Step, pull: Publish, keys: dict[str, Path], tmp_path: Path) -> None:
    """Nothing tells a thief from an owner as long as the key may sign: so the docs say to take it out, and to tell the readers."""
    step("a")
    pull()
    step("a", "d")
    step("d")
    assert pull().code == 0 and pinned(tmp_path) == [line(keys["d"])]


def test_nobody_names_himself(step: Step, pull: Publish) -> None:
    """A stranger's states follow each other well, and the first one was signed by nobody who is trusted."""
    step("a")
    pull()
    step("d")
    step("d")
    assert pull().code == 1


def test_a_state_between_that_is_another(step: Step, pull: Publish, channel: Path) -> None:
    """It is found by its digest, whatever its name is."""
    step("a")
    pull()
    steps(step, "ab", "b")
    first, second = sorted((channel / "manifests").iterdir())[:2]
    raw = second.read_bytes()
    for other in (raw.replace(b"State", b"state"), raw[:-9], first.read_bytes(), b" " * (chain._MOST + 1), b"[]"):
        second.write_bytes(other if other != raw else raw + b"x")
        assert pull().code == 1
    second.write_bytes(raw)
    assert pull().code == 0


def test_a_state_of_before_is_not_put_between(step: Step, pull: Publish, channel: Path) -> None:
    """Its signature is right, and it names a key that was taken out since."""
    step("a")
    steps(step, "ab", "a")
    pull()
    steps(step, "b", "b")
    _first, second, _third, fourth, _fifth = sorted((channel / "manifests").iterdir())
    fourth.write_bytes(second.read_bytes())
    assert pull().code == 1


def test_another_history(step: Step, pull: Publish, channel: Path, tmp_path: Path) -> None:
    """A place that was begun anew, with a key that is trusted for a while: its third state does not follow ours."""
    step("a")
    pull()
    other = tmp_path / "other"
    steps(step, "a", "ad", "d", to=other)
    shutil.rmtree(channel)
    other.rename(channel)
    ran = pull()
    assert ran.code == 1 and "not to be trusted" in ran.err


def test_keys_that_are_named_stand_for_themselves(step: Step, pull: Publish, keys: dict[str, Path], tmp_path: Path) -> None:
    """What --trust names is not stretched by the states between, and takes the place of what was pinned."""
    step("a")
    pull()
    steps(step, "ab", "b")
    (tmp_path / "signers").write_text(line(keys["a"]) + "\n")
    assert pull("--trust", str(tmp_path / "signers")).code == 1
    assert pinned(tmp_path) == [line(keys["a"])]
    (tmp_path / "signers").write_text(f"# of the new team\n{line(keys['c'])}\n")
    step("c")
    assert pull("--trust", str(tmp_path / "signers")).code == 0 and pinned(tmp_path) == [line(keys["c"])]
