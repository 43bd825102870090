"""Scores that a repository reports of its own model: its model index and its `.eval_results`."""

import math
from pathlib import Path
from typing import Any, NamedTuple

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.errors import ModelregError
from modelreg_cli.importers.draft import Draft
from modelreg_cli.importers.huggingface.client import Repository
from modelreg_cli.importers.huggingface.place import Place
from modelreg_cli.importers.runs import plain_yaml
from modelreg_cli.importers.runs.hub import EvalResults, ModelIndex
from modelreg_cli.importers.runs.run import Row, Run, mapping
from modelreg_cli.importers.runs.words import Words
from modelreg_cli.rules.evidence import bounds


class Scores(NamedTuple):
    """Drafts of result files, tasks that no benchmark here knows, and values that were not taken with the reason."""

    drafts: list[Draft]
    unknown: list[str]
    wrong: list[str]


def scores(found: Repository, catalog: Catalog, place: Place, group: str, observed: str) -> Scores:
    """What the repository reports, as the publisher's own word; each run is a file that is never edited afterwards."""
    words, told = Words(catalog), Scores([], [], [])
    for run in _runs(found, told):
        metrics = [one for row in run.rows if (one := _measurement(run, row, words, told))]
        unique = [data for at, data in enumerate(metrics) if data not in metrics[:at]]
        if unique:
            source = {"url": run.source or f"https://huggingface.co/{found.name}/tree/{found.revision}", "retrieved": observed}
            data: dict[str, Any] = {"basis": "reported", "by": place.publisher, "run": run.identity, "source": source, "metrics": unique}
            data |= {"date": run.date} if run.date else {}
            ids = (place.publisher, place.model, place.version, f"{run.reader}-{run.identity[:8]}")
            told.drafts.append(Draft("results", ids, data, group, found.name, once=True))
    return told


def _runs(found: Repository, told: Scores) -> list[Run]:
    index = found.info.get("model_index")
    runs = ModelIndex().of_index(index) if isinstance(index, list) else []
    for path, text in sorted(found.results.items()):
        try:
            entries = plain_yaml.read(text, Path(path))
        except ModelregError as error:
            told.wrong.append(error.message)
            continue
        if isinstance(entries, list) and all(isinstance(mapping(entry).get("dataset"), dict) for entry in entries):
            runs += EvalResults().of_entries(entries)
        else:
            told.wrong.append(f"{path} is no list of scores")
    return runs


def _measurement(run: Run, row: Row, words: Words, told: Scores) -> dict[str, Any] | None:
    if not words.knows(run.reader, row.task):
        told.unknown.append(row.task)
        return None
    meaning = words.meaning(run.reader, row)
    if isinstance(meaning, str):
        told.wrong.append(f"{row.task} {row.metric}: {meaning}")
        return None
    least, most = bounds(words.benchmarks[meaning.benchmark].metrics[meaning.metric])
    if not (math.isfinite(row.value) and least <= row.value <= most):
        told.wrong.append(f"{row.task} {row.metric}: {row.value:g} is not between {least:g} and {most:g}")
        return None
    data: dict[str, Any] = {"benchmark": meaning.benchmark, "metric": meaning.metric, "value": row.value, **row.told}
    return data | {key: value for key in ("split", "subset") if (value := getattr(meaning, key))}
