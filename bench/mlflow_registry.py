"""The same models and questions in the model registry of mlflow, in process and as a process.

    python bench/mlflow_registry.py [--models 10000] [--index FILE] [--store FILE] [--rounds 9]

Every default version of a made-up catalog (bench/scale.py) becomes a registered model with its values as tags, in mlflow's own
SQLite store (loading 10,000 takes minutes; --store keeps it). Then both are asked: models with a licence and of a family, and
the same with three more filters; the answers are compared before they are timed. Needs mlflow (PyPI).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from questions import _built

from modelreg_cli.query.conditions import Search
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.query.search import search

LIMIT = 20
QUESTIONS: dict[str, dict[str, str]] = {
    "licence and family": {"license": "apache-2.0", "family": "llama"},
    "five filters": {"license": "apache-2.0", "family": "llama", "weights": "open", "task": "chat", "status": "active"},
}


def main() -> None:
    """Loads, compares, measures and prints a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=int, default=10_000)
    options.add_argument("--index", type=Path)
    options.add_argument("--store", type=Path, help="where to keep mlflow's store; used again where it is there")
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        file = given.index or _built(Path(temporary), given.models)
        store = given.store or Path(temporary) / "mlflow.db"
        client = _client(store)
        index = open_index(str(file))
        if not client.search_registered_models(max_results=1):
            _load(index, client)
        print(f"{'question':<24}{'ours ms':>9}{'mlflow ms':>11}{'times':>8}")
        for name, filters in QUESTIONS.items():
            _compare(name, index, client, filters, given.rounds)
        _ranking(index, client, given.rounds)
        _processes(file, store, QUESTIONS["licence and family"], given.rounds)


def _client(store: Path) -> Any:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    mlflow = __import__("mlflow")
    return mlflow.MlflowClient(registry_uri=f"sqlite:///{store}", tracking_uri=f"sqlite:///{store}")


def _load(index: Index, client: Any) -> None:
    started = time.perf_counter()
    rows = index.rows(
        "SELECT v.*, (SELECT value FROM label l WHERE l.version = v.number AND l.axis = 'task') AS task, "
        "(SELECT value FROM score s WHERE s.version = v.number AND s.benchmark = 'mmlu') AS mmlu FROM version v WHERE v.is_default"
    )
    for row in rows:
        tags = {
            name: str(row[name]) for name in ("license", "family", "weights", "task", "status", "context", "params", "released", "mmlu")
        }
        client.create_registered_model(row["model"].replace("/", "--"), tags=tags)
    print(f"mlflow took {time.perf_counter() - started:.0f} s to take in {len(rows):,} models")


def _filter(filters: dict[str, str]) -> str:
    return " and ".join(f"tags.{name} = '{value}'" for name, value in filters.items())


def _compare(name: str, index: Index, client: Any, filters: dict[str, str], rounds: int) -> None:
    asked = Search(filters={axis: [value] for axis, value in filters.items()}, sort="name", limit=LIMIT)

    def ours() -> list[str]:
        return [row["model"].replace("/", "--") for row in search(index, asked).rows]

    def theirs() -> list[str]:
        return [model.name for model in client.search_registered_models(_filter(filters), max_results=LIMIT, order_by=["name ASC"])]

    if sorted(ours()) != sorted(theirs()) or not ours():
        sys.exit(f"the answers differ, or are empty: {ours()} {theirs()}")
    mine, other = (statistics.median(_timed(work) for _ in range(rounds)) for work in (ours, theirs))
    print(f"{name:<24}{mine:>9.2f}{other:>11.1f}{other / mine:>8.0f}")


def _ranking(index: Index, client: Any, rounds: int) -> None:
    """The best twenty by a score, which mlflow keeps as text: all models are fetched and sorted."""
    asked = Search(sort="mmlu", limit=LIMIT)

    def ours() -> list[float]:
        return [row["scores"]["mmlu"] for row in search(index, asked).rows]

    def theirs() -> list[float]:
        found, token = [], None
        while True:
            page = client.search_registered_models(max_results=1000, page_token=token)
            found += [float(model.tags["mmlu"]) for model in page]
            token = page.token
            if not token:
                return sorted(found, reverse=True)[:LIMIT]

    if ours() != theirs():
        sys.exit("the rankings differ")
    mine, other = (statistics.median(_timed(work) for _ in range(max(3, rounds // 3))) for work in (ours, theirs))
    print(f"{'best twenty by a score':<24}{mine:>9.2f}{other:>11.1f}{other / mine:>8.0f}")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _processes(file: Path, store: Path, filters: dict[str, str], rounds: int) -> None:
    options = [word for name, value in filters.items() for word in (f"--{name}", value)]
    code = (
        f"import mlflow; c = mlflow.MlflowClient(registry_uri='sqlite:///{store}', tracking_uri='sqlite:///{store}')\n"
        f"print([m.name for m in c.search_registered_models({_filter(filters)!r}, max_results={LIMIT})])"
    )
    commands = {
        "ours": [sys.executable, "-m", "modelreg_cli", "search", "--index", str(file), *options],
        "theirs": [sys.executable, "-c", code],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(max(3, rounds // 3)):
        for name, command in commands.items():
            times[name].append(_timed(lambda command=command: subprocess.run(command, capture_output=True, check=True)))  # type: ignore[misc]
    mine, other = (statistics.median(found) for found in times.values())
    print(f"{'as a process':<24}{mine:>9.1f}{other:>11.0f}{other / mine:>8.0f}")


if __name__ == "__main__":
    main()
