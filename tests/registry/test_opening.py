"""Which catalog a registry asks, threads, files that are replaced, forks, asyncio, and what importing it loads."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modelreg_cli import ModelregError, Registry
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.index.build import build
from tests.house.test_house import HEAVY, ROOT


def with_context(root: Path, tokens: int) -> None:
    """Gives both versions of acme/pro the same context; an answer with two contexts has mixed two states."""
    for file in (root / "catalog" / "models" / "acme" / "pro").glob("2025-*.yaml"):
        lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("limits:")]
        file.write_text("\n".join([*lines, f"limits: {{context: {tokens}}}"]) + "\n", "utf-8")


def contexts(registry: Registry) -> set[object]:
    return {one.context for one in registry.versions("acme/pro")}


def test_the_order_is_that_of_the_command_line(checkout: Path, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.chdir(nowhere)
    assert not Registry().is_initialized
    with pytest.raises(ModelregError, match="no catalog here") as error:
        Registry().search()
    assert error.value.hint and "load_default_models" in error.value.hint
    with_context(checkout, 4321)
    monkeypatch.chdir(checkout / "catalog")
    assert contexts(Registry()) == {4321}
    monkeypatch.setenv("MODELREG_INDEX", str(questions))
    assert contexts(Registry()) != {4321}, "the variable comes before the checkout"
    assert contexts(Registry(root=checkout)) == {4321}, "and what is named before the variable"


@pytest.mark.parametrize(
    "given, told",
    [
        ({"index": "no.db"}, "there is no index at no.db"),
        ({"root": "nowhere"}, "there is no catalog in nowhere"),
        ({"index": "no.db", "root": "."}, "index and root or at exclude each other"),
        ({"index": __file__}, "can not be read as an index"),
    ],
)
def test_what_is_not_there_is_told_at_once(given: dict[str, str], told: str) -> None:
    with pytest.raises(ModelregError, match=told):
        Registry(**given)  # type: ignore[arg-type]


def test_a_checkout_is_what_was_edited(checkout: Path) -> None:
    with Registry(root=checkout, refresh=0) as registry:
        for tokens in (1111, 2222):
            with_context(checkout, tokens)
            assert contexts(registry) == {tokens}


def test_a_checkout_is_looked_at_now_and_then(checkout: Path) -> None:
    with Registry(root=checkout, refresh=3600) as registry:
        before = contexts(registry)
        with_context(checkout, 1111)
        assert contexts(registry) == before


def test_many_threads(questions: Path) -> None:
    with Registry(index=questions) as registry:
        asked: tuple[Callable[[], object], ...] = (
            lambda: registry.search("atlas").to_list(),
            lambda: registry.show("acme/pro"),
            lambda: registry.sql("SELECT count(*) AS n FROM price"),
            lambda: registry.list_by_capability("tools"),
        )
        wanted = [ask() for ask in asked]
        with ThreadPoolExecutor(16) as threads:
            assert all(threads.map(lambda turn: asked[turn % 4]() == wanted[turn % 4], range(800)))
        assert len(registry._pool._idle) <= 8  # type: ignore[union-attr]


def test_a_file_that_is_replaced_never_mixes_with_the_one_before(checkout: Path, tmp_path: Path) -> None:
    made = []
    for tokens in (1111, 2222):
        with_context(checkout, tokens)
        made.append(tmp_path / f"{tokens}.db")
        build(Folder(checkout), made[-1])
    target, stop = tmp_path / "index.db", threading.Event()

    def put(file: Path) -> None:
        shutil.copyfile(file, tmp_path / "new.db")
        (tmp_path / "new.db").replace(target)

    put(made[0])
    seen: list[frozenset[object]] = []
    with Registry(index=target) as registry:

        def ask() -> None:
            while not stop.is_set():
                seen.append(frozenset(contexts(registry)))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(60):
            put(made[turn % 2])
            time.sleep(0.005)
        stop.set()
        for thread in threads:
            thread.join()
        assert set(seen) == {frozenset({1111}), frozenset({2222})}
        put(made[0])
        assert contexts(registry) == {1111}
        put(made[1])
        assert contexts(registry) == {2222}
    target.unlink()


def test_a_file_that_went_away_is_told(questions: Path, tmp_path: Path) -> None:
    target = tmp_path / "index.db"
    shutil.copyfile(questions, target)
    with Registry(index=target) as registry:
        target.unlink()
        with pytest.raises(ModelregError, match="there is no index at"):
            registry.stats()
        shutil.copyfile(questions, target)
        assert registry.stats().counts.model


def test_closed_is_closed(questions: Path) -> None:
    registry = Registry(index=questions)
    registry.close()
    assert not registry.is_initialized
    with pytest.raises(ModelregError, match="this registry is closed"):
        registry.stats()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a platform without fork")
def test_a_fork_opens_its_own_files(questions: Path) -> None:
    code = (
        f"import os\nfrom modelreg_cli import Registry\nregistry = Registry(index={str(questions)!r})\nregistry.stats()\n"
        "before = {id(index.connection) for _, index in registry._pool._idle}\nchild = os.fork()\n"
        "found = registry.search('atlas').total\nafter = {id(index.connection) for _, index in registry._pool._idle}\n"
        "if child == 0:\n    os._exit(0 if found and not before & after else 1)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), found)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 4\n"


def test_asyncio(questions: Path) -> None:
    async def main() -> list[int]:
        with Registry(index=questions) as registry:
            return [found.total for found in await asyncio.gather(*(asyncio.to_thread(registry.search, "atlas") for _ in range(20)))]

    assert asyncio.run(main()) == [4] * 20


def loaded(code: str) -> list[str]:
    before = f"import sys, json; sys.path[:0] = {[str(ROOT)]!r}; before = set(sys.modules)\n"
    after = "\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-S", "-c", f"{before}{code}{after}"], capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(done.stdout)
    return modules


def test_importing_the_package_loads_nothing_else() -> None:
    assert [name for name in loaded("import modelreg_cli") if name.startswith("modelreg_cli")] == ["modelreg_cli"]


def test_asking_loads_nothing_heavy(questions: Path) -> None:
    code = (
        f"from modelreg_cli import Registry\nwith Registry(index={str(questions)!r}) as r:\n"
        "    r.search('atlas', fits='24GB'); r.show('acme/pro'); r.resolve('acme/pro'); r.list()\n"
        "    r.get('acme/pro'); r.recommend(quality='quiz')\n"
    )
    modules = loaded(code)
    assert "modelreg_cli.registry.questions" in modules
    assert [name for name in modules if name in HEAVY or name.startswith(tuple(f"{heavy}." for heavy in HEAVY))] == []
