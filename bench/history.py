"""How fast a history is read: a made-up repository of thousands of commits, and the questions that are asked of it.

    python bench/history.py [--commits 5000] [--rounds 5] [--repository DIR]

The repository is the same on every machine (`git fast-import`, fixed dates): 1,000 offerings of 200 models, then one commit after
another, each a new price, a correction, a limit, a status or a tag in one to three files; every tenth is a merge. Medians are told.
"""

import argparse
import compileall
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import modelreg_cli

MODELS, OFFERINGS = 200, 1000
START = 1_700_000_000


def main() -> None:
    """Makes the repository and prints a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--commits", type=int, default=5000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--repository", type=Path, help="keep the repository here; by default it is removed")
    given = options.parse_args()
    compileall.compile_dir(Path(modelreg_cli.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        top = given.repository or Path(folder) / "repository"
        if not top.exists():
            make(top, given.commits)
        measure(top, given.commits, given.rounds)


def measure(top: Path, commits: int, rounds: int) -> None:
    """Builds, grows and asks the history; then asks a past state."""
    target = top / ".modelreg" / "history.db"
    write = ["history", "-o", str(target), "-q"]
    full = [timed(lambda: run(top, *write), before=lambda: target.unlink(missing_ok=True)) for _ in range(max(1, rounds // 2))]
    one = [timed(lambda: run(top, *write), before=lambda at=at: add_commit(top, at)) for at in range(rounds)]  # type: ignore[misc]
    asked = [timed(lambda: run(top, "history", "lab/model-7", "--json", "--limit", "0")) for _ in range(rounds * 3)]
    prices = [timed(lambda: run(top, "history", "--kind", "price", "--since", "2023-12")) for _ in range(rounds * 3)]
    floor = [timed(lambda: subprocess.run([sys.executable, "-c", "import sqlite3"], check=True)) for _ in range(rounds * 3)]
    middle = f"HEAD~{commits // 2}"
    first = [timed(lambda: run(top, "stats", "--at", middle), before=lambda: drop(top)) for _ in range(max(1, rounds // 2))]
    second = [timed(lambda: run(top, "stats", "--at", middle)) for _ in range(rounds * 3)]
    dated = [timed(lambda: run(top, "stats", "--at", "2023-12-01")) for _ in range(rounds * 3)]
    plain = [timed(lambda: run(top, "stats")) for _ in range(rounds * 3)]
    print(f"{'what':<64}{'median ms':>10}")
    for what, found in (
        (f"history.db of {commits:,} commits ({target.stat().st_size / 1e6:.1f} MB), from nothing", full),
        ("the same, one commit later", one),
        ("history of one model, up to date", asked),
        ("prices since a month, up to date", prices),
        ("python -c 'import sqlite3'", floor),
        ("stats --at a commit, for the first time", first),
        ("stats --at it again", second),
        ("stats --at a date", dated),
        ("stats of the checkout", plain),
    ):
        print(f"{what:<64}{statistics.median(found) * 1000:>10.0f}")
    print(f"\n{commits / statistics.median(full):,.0f} commits a second")


def timed(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Seconds that some work takes."""
    before()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run(top: Path, *argv: str) -> None:
    """One command of the program in the repository."""
    subprocess.run([sys.executable, "-m", "modelreg_cli", *argv], cwd=top, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def drop(top: Path) -> None:
    """Forgets the indexes of past states."""
    shutil.rmtree(top / ".modelreg" / "trees", ignore_errors=True)


def add_commit(top: Path, at: int) -> None:
    """One more commit: a model's status."""
    file = top / "catalog/models/lab/model-7/1.0.0.yaml"
    file.write_text(f"{file.read_text('utf-8')}# {at}\nchangelog: {'x' * (at + 1)}\n" if at == 0 else re_changed(file, at), "utf-8")
    subprocess.run(
        ["git", "-C", str(top), "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-q", "-am", f"more {at}"], check=True
    )


def re_changed(file: Path, at: int) -> str:
    """The file with another changelog."""
    return f"{file.read_text('utf-8').partition('changelog:')[0]}changelog: {'x' * (at + 1)}\n"


def make(top: Path, commits: int) -> None:
    """The repository, by `git fast-import`."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(top)], check=True)
    stream = subprocess.Popen(["git", "-C", str(top), "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert stream.stdin
    for piece in story(commits):
        stream.stdin.write(piece)
    stream.stdin.close()
    if stream.wait() != 0:
        sys.exit("git fast-import failed")
    subprocess.run(["git", "-C", str(top), "reset", "-q", "--hard"], check=True)


def story(commits: int) -> Iterator[bytes]:
    """The commits as fast-import reads them."""
    dice = random.Random(5000)
    offerings = {f"shop-{at % 20}/model-{at // 5}-{at}": Offering(at) for at in range(OFFERINGS)}
    versions = {f"lab/model-{at}": Version() for at in range(MODELS)}
    files = {
        "catalog/catalog.yaml": "name: made up\nschema_version: 1\n",
        "catalog/vocabulary/meters.yaml": "description: Meters.\nterms:\n  input: {description: In., per: 1000000, unit: token}\n"
        "  output: {description: Out., per: 1000000, unit: token}\n",
        "catalog/models/lab/publisher.yaml": "name: Lab\n",
        **{f"catalog/tags/{tag}.yaml": f"description: {tag}.\n" for tag in ("curated", "small")},
        **{f"catalog/providers/shop-{at}/provider.yaml": f"name: Shop {at}\n" for at in range(20)},
        **{f"catalog/models/{name}/model.yaml": f"name: {name}\ntype: weights\ndefault: 1.0.0\n" for name in versions},
        **{f"catalog/models/{name}/1.0.0.yaml": one.text() for name, one in versions.items()},
        **{f"catalog/providers/{name}.yaml": one.text() for name, one in offerings.items()},
    }
    yield commit("main", 1, START, "First", files, None)
    main = 1
    for mark in range(2, 2 * commits, 2):
        time_ = START + mark * 1800
        changed = {}
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            if dice.random() < 0.8:
                name = dice.choice(list(offerings))
                offerings[name].change(dice)
                changed[f"catalog/providers/{name}.yaml"] = offerings[name].text()
            else:
                name = dice.choice(list(versions))
                versions[name].change(dice)
                changed[f"catalog/models/{name}/1.0.0.yaml"] = versions[name].text()
        if mark % 20 == 0:
            yield commit(f"side-{mark}", mark, time_ - 600, "On a branch", changed, main)
            yield commit("main", mark + 1, time_, "Merge", changed, main, mark)
            main = mark + 1
        else:
            yield commit("main", mark, time_, f"Change {mark}", changed, main)
            main = mark


def commit(branch: str, mark: int, when: int, say: str, files: dict[str, str], parent: int | None, other: int | None = None) -> bytes:
    """One commit of the stream."""
    lines = [
        f"commit refs/heads/{branch}",
        f"mark :{mark}",
        *(f"{who} Person {mark % 7} <p{mark % 7}@example.org> {when} +0000" for who in ("author", "committer")),
    ]
    out = "\n".join(
        [*lines, f"data {len(say)}", say, *([f"from :{parent}"] if parent else []), *([f"merge :{other}"] if other else []), ""]
    )
    for path, text in files.items():
        out += f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"
    return out.encode()


class Offering:
    """An offering whose prices, limits and status change."""

    def __init__(self, at: int) -> None:
        self._at, self._prices, self._context, self._status = at, [1.0 + at % 9], 8192, "active"

    def change(self, dice: random.Random) -> None:
        """A new price mostly; else a correction, a limit, a status."""
        what = dice.random()
        if what < 0.6:
            self._prices = [*self._prices, round(self._prices[-1] * dice.uniform(0.7, 1.2), 3)]
        elif what < 0.75:
            self._prices[0] = round(self._prices[0] + 0.5, 3)
        elif what < 0.9:
            self._context *= 2
        else:
            self._status = "deprecated" if self._status == "active" else "active"

    def text(self) -> str:
        """Its file."""
        entries = "".join(
            f"  - observed: 2026-01-{at + 1:02}\n    currency: USD\n    rates: {{input: {price}, output: {round(price * 4, 3)}}}\n"
            for at, price in enumerate(self._prices)
        )
        return (
            f"# yaml-language-server: $schema=../../../schemas/offering.schema.json\nwire_id: model-{self._at // 5}-{self._at}\n"
            f"serves: {{version: lab/model-{self._at // 5}@1.0.0, pinned: false}}\nstatus: {self._status}\nbilling: metered\n"
            f"limits: {{context: {self._context}, output: 4096}}\ncapabilities: [tools, streaming, temperature]\n"
            f"lacks: [attachments]\nprices:\n{entries}"
            "sources: {page: {url: https://example.org/prices, retrieved: 2026-01-01}}\nsourced: {/prices: page, /limits: page}\n"
        )


class Version:
    """A version whose status and tags change."""

    def __init__(self) -> None:
        self._status, self._tags = "active", ["small"]

    def change(self, dice: random.Random) -> None:
        """The tag is worn or taken off, or the status changes."""
        if dice.random() < 0.6:
            self._tags = ["small"] if "curated" in self._tags else ["curated", "small"]
        else:
            self._status = "deprecated" if self._status == "active" else "active"

    def text(self) -> str:
        """Its file."""
        return (
            f"released: 2026-01-01\nstatus: {self._status}\nweights: open\nlimits: {{context: 131072}}\ntags: [{', '.join(self._tags)}]\n"
            "architecture:\n  name: llama\n  parameters: {total: 8030261248}\n  hidden: 4096\n  heads: 32\n  vocab: 128256\n"
            "  layers:\n    - {kind: full, count: 32, kv_heads: 8, k_dim: 128, v_dim: 128}\n"
        )


if __name__ == "__main__":
    main()
