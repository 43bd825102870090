"""How fast questions over a large catalog are: in a process that stays, and as whole processes beside `sqlite-utils`.

    python bench/questions.py [--models 10000] [--index FILE] [--questions 400] [--rounds 15]

In process: random questions of two to five filters, first 20 rows with all their fields; the same with counts of six facets;
with one or two words; leaderboards with filters. As a process: one search with five filters, the same question to
`sqlite-utils query` on the same index, answers compared before they are timed, and Python that imports sqlite3 and ends.
"""

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from scale import BENCHMARKS, FAMILIES, generate

import modelreg_cli
from modelreg_cli.query.conditions import Search
from modelreg_cli.query.leaderboard import leaderboard
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.query.search import search

FACETS = ("license", "family", "capability", "task", "weights", "language")
WORDS = ("llama", "code", "instruct 7b", "made", "q", "vision 70", "0001", "gemma code", "laboratory", "chat", "embed 2")
CHOICES: dict[str, tuple[str, ...]] = {
    "license": ("apache-2.0", "mit", "gemma", "cc-by-nc-4.0"),
    "capability": ("tools", "reasoning", "structured-output"),
    "task": ("chat", "embedding"),
    "family": tuple(FAMILIES),
    "weights": ("open", "gated"),
    "modality-in": ("text", "image"),
    "language": ("en", "de", "fr", "zh"),
    "min-context": ("5000", "32k", "100k", "128k", "200k"),
    "max-params": ("2B", "7.5B", "10B", "40B", "100B"),
    "since": ("2023", "2024", "2024-07-15", "2025-03"),
}
FILTERS = ["--license", "apache-2.0", "--capability", "tools", "--min-context", "100k", "--family", "llama", "--weights", "open"]
QUERY = """
SELECT v.model, v.version, v.params, v.context, v.license, v.price_in, v.price_out, v.released FROM version v
WHERE v.is_default = 1 AND v.license = 'apache-2.0' AND v.context >= 100000 AND v.family = 'llama' AND v.weights = 'open'
AND EXISTS (SELECT 1 FROM label l WHERE l.version = v.number AND l.axis = 'capability' AND l.value = 'tools')
ORDER BY v.status <> 'active', v.released_first DESC, v.ref LIMIT 20
"""


def main() -> None:
    """Measures and prints two tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=int, default=10_000)
    options.add_argument("--index", type=Path, help="an index of such a catalog; else one is made")
    options.add_argument("--questions", type=int, default=400)
    options.add_argument("--rounds", type=int, default=15)
    given = options.parse_args()
    compileall.compile_dir(Path(modelreg_cli.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as temporary:
        file = given.index or _built(Path(temporary), given.models)
        in_process(open_index(str(file)), given.questions)
        as_processes(file, given.rounds)


def _built(folder: Path, models: int) -> Path:
    generate(folder / "catalog", models)
    command = [sys.executable, "-m", "modelreg_cli", "build", "-q", "--root", str(folder / "catalog"), "-o", str(folder / "index.db")]
    subprocess.run(command, check=True)
    return folder / "index.db"


def in_process(index: Index, count: int) -> None:
    """Prints the times of random questions."""
    chance = Random(7)

    def some(**more: Any) -> Search:
        names = chance.sample(sorted(CHOICES), chance.randint(2, 5))
        asked = Search(filters={name: [chance.choice(CHOICES[name])] for name in names})
        return asked._replace(sort=chance.choice((None, None, "context", "params", "-released", "mmlu")), **more)

    def board() -> None:
        asked = some()._replace(sort=None, every_version=True, limit=25)
        leaderboard(index, chance.choice(BENCHMARKS), None, asked)

    kinds: dict[str, Callable[[], object]] = {
        "filters": lambda: search(index, some()),
        "filters and six facets": lambda: search(index, some(facets=FACETS)),
        "text": lambda: search(index, Search(text=chance.choice(WORDS))),
        "text and filters": lambda: search(index, some(text=chance.choice(WORDS))),
        "leaderboard": board,
    }
    print(f"{index.column('SELECT count(*) FROM model')[0]:,} models, in process\n{'question':<28}{'p50 ms':>9}{'p95 ms':>9}{'slowest':>9}")
    for name, ask in kinds.items():
        for _ in range(count // 4):  # a service has been asked before
            ask()
        times = sorted(_timed(ask) for _ in range(count))
        print(f"{name:<28}{times[count // 2]:>9.2f}{times[count * 95 // 100]:>9.2f}{times[-1]:>9.2f}")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def as_processes(index: Path, rounds: int) -> None:
    """Prints what whole processes take, in turns."""
    peer = shutil.which("sqlite-utils", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if peer is None:
        sys.exit("sqlite-utils is not installed: pip install sqlite-utils")
    commands = {
        "python -c 'import sqlite3'": [sys.executable, "-c", "import sqlite3"],
        "modelreg search": [sys.executable, "-m", "modelreg_cli", "search", "--index", str(index), *FILTERS],
        "sqlite-utils query": [peer, "query", str(index), QUERY, "--tsv"],
    }
    answers = []
    for name in ("modelreg search", "sqlite-utils query"):
        out = subprocess.run(commands[name], capture_output=True, text=True, check=True).stdout
        answers.append([line.split("\t")[0] for line in out.splitlines()[1:]])
    if answers[0] != answers[1] or not answers[0]:
        sys.exit(f"the answers differ, or are empty: {answers}")
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 2):
        for name, command in commands.items():
            times[name].append(_timed(lambda command=command: subprocess.run(command, capture_output=True, check=True)))  # type: ignore[misc]
    medians = {name: statistics.median(found[2:]) for name, found in times.items()}
    floor, theirs = medians["python -c 'import sqlite3'"], medians["sqlite-utils query"]
    print(f"\n{'as a process':<28}{'median ms':>10}{'x floor':>9}{'of sqlite-utils':>17}")
    for name, median in medians.items():
        print(f"{name:<28}{median:>10.1f}{median / floor:>9.2f}{median / theirs:>17.2f}")


if __name__ == "__main__":
    main()
