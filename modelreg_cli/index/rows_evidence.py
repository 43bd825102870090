"""Rows of results and scans of a model."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from modelreg_cli.index.context import Context
from modelreg_cli.index.numbers import comparable_key
from modelreg_cli.index.piece import Piece

if TYPE_CHECKING:
    from modelreg_cli.index.rows_models import Unit

#: What results must agree on to be compared, beside the harness.
COMPARABLE = ("task_version", "filter", "shots", "split", "subset", "dataset_revision", "prompt_digest", "chat_template_digest")
#: For speed, also what it was measured on and how.
SETUP = ("hardware", "devices", "runtime", "runtime_version", "concurrency", "batch", "input_tokens", "output_tokens")


def add_results(piece: Piece, unit: "Unit", context: Context, numbers: Mapping[str, int]) -> None:
    """Adds one headline score for each version, benchmark and metric; the measurements themselves are read from the documents."""
    boards: dict[tuple[int, str], tuple[bool, float, float]] = {}
    headline: dict[tuple[int, str, str], tuple[tuple[Any, ...], tuple[Any, ...]]] = {}
    for run, results in sorted(unit.results.items()):
        version = run.rpartition("/")[0]
        if version.partition("@")[2] not in unit.versions:
            continue  # a dangling ref, or a version that does not read: `validate` says which
        number = numbers[version]
        get = results.get
        harness, date = get("harness") or {}, get("date")
        basis = results["basis"]
        for position, measured in enumerate(results["metrics"]):
            found = measured.get
            benchmark = measured["benchmark"]
            metric = found("metric") or context.metrics.get(benchmark, "")
            value, stderr, samples = found("value"), found("stderr"), found("samples")
            if value is None:
                piece.postings["withheld", f"{benchmark}/{metric}"].append(number)
                continue
            board = board_of(benchmark, metric, measured, harness.get("name"))
            better = (basis == "measured", -value if context.lower_is_better(benchmark, metric) else value, value)
            if boards.get((number, board), better) <= better:
                boards[number, board] = better
            rank = (not found("partial"), basis == "measured", date or "", samples or 0, run)
            key = (number, benchmark, metric)
            if key not in headline or rank > headline[key][0]:
                headline[key] = (rank, (value, stderr, run, position))
    for key, (_, row) in sorted(headline.items()):
        piece.rows["score"].append((*key, *row))
        piece.spans[f"score/{key[1]}/{key[2]}"].append((float(row[0]), key[0]))

    for (number, board), (_, _, value) in boards.items():
        piece.spans[board].append((value, number))


def board_of(benchmark: str, metric: str, measured: Mapping[str, Any], harness: str | None) -> str:
    """The axis of results that can be compared with this one (gate.md: what two comparable results agree on)."""
    get = measured.get
    key = _key_text(*[get(name) for name in (*COMPARABLE, *SETUP)], harness, bool(get("partial")))
    return f"board/{benchmark}/{metric}/{key}"


_key_text = lru_cache(maxsize=1024)(comparable_key)


def add_scans(piece: Piece, unit: "Unit") -> None:
    """Adds what scanners said."""
    for id_, scan in unit.scans.items():
        get = scan.get
        version, said = id_.rpartition("/")[0], (get("artifact"), get("database"), get("digest"))
        piece.rows["scan"].append((id_, version, scan["tool"], get("tool_version"), scan["date"], scan["status"], *said))
