"""Scores that a repository of the Hugging Face hub reports: `.eval_results/*.yaml`, and `model-index` in a card."""

import re
from collections import defaultdict
from typing import Any

from modelreg_cli.importers.runs import plain_yaml
from modelreg_cli.importers.runs.material import Material
from modelreg_cli.importers.runs.run import Left, Row, Run, day_of, identity_of, mapping, number

_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


#: Field of a measurement, and its name in `dataset`.
_OF_DATA = (("split", "split"), ("subset", "config"), ("dataset_revision", "revision"))


class EvalResults:
    """A file of `.eval_results`."""

    name = "eval-results"
    looks_for = "a YAML list whose entries have `dataset` and `value`"

    def knows(self, material: Material) -> bool:
        """Whether it is a list of scores of data sets."""
        if material.is_folder or material.is_archive or material.path.suffix not in (".yaml", ".yml"):
            return False
        value = plain_yaml.read(material.text, material.path)
        return isinstance(value, list) and bool(value) and all(isinstance(mapping(item).get("dataset"), dict) for item in value)

    def runs(self, material: Material) -> list[Run]:
        """One run for each day and source."""
        return self.of_entries(plain_yaml.read(material.text, material.path))

    def of_entries(self, listed: list[Any]) -> list[Run]:
        """The same for entries that were read elsewhere."""
        groups: dict[tuple[str | None, str | None, str | None], list[dict[str, Any]]] = defaultdict(list)
        for entry in listed:
            url = mapping(entry.get("source")).get("url")
            day = day_of(str(entry["date"])) if entry.get("date") else None
            groups[day, str(url) if url else None, _text(entry.get("notes"))].append(entry)
        return [self._run(day, url, notes, entries) for (day, url, notes), entries in groups.items()]

    def _run(self, day: str | None, url: str | None, notes: str | None, entries: list[dict[str, Any]]) -> Run:
        rows, left = [], []
        for entry in entries:
            data = entry["dataset"]
            task = f"{data.get('id')}/{data.get('task_id', 'default')}"
            value = number(entry.get("value"))
            if value is None:
                left.append(Left(task, f"{entry.get('value')!r} is no number"[:200]))
                continue
            told = {"dataset_revision": _text(data.get("revision")), "verified": bool(entry.get("verifyToken")) or None}
            rows.append(Row(task, "value", value, {key: item for key, item in told.items() if item}))
        return Run(
            reader=self.name,
            identity=identity_of([self.name, entries]),
            rows=tuple(rows),
            basis="reported",
            date=day,
            settings={"notes": notes} if notes else {},
            source=url,
            left=tuple(left),
        )


class ModelIndex:
    """A card: README.md whose front matter has `model-index`."""

    name = "model-index"
    looks_for = "a README.md whose front matter has `model-index`"

    def knows(self, material: Material) -> bool:
        """Whether there is front matter with results."""
        if material.is_folder or material.is_archive or material.path.suffix.lower() not in (".md", ".markdown"):
            return False
        return isinstance(_index(material), list)

    def runs(self, material: Material) -> list[Run]:
        """One run for each model of the card and source of results."""
        return self.of_index(_index(material))

    def of_index(self, index: list[Any]) -> list[Run]:
        """The same for an index that was read elsewhere."""
        found = []
        for model in map(mapping, index):
            name, groups = str(model.get("name") or ""), defaultdict(list)
            for result in model["results"] if isinstance(model.get("results"), list) else ():
                url = mapping(mapping(result).get("source")).get("url")
                groups[str(url) if url else None].append(mapping(result))
            found += [self._run(name, url, results) for url, results in groups.items()]
        return found

    def _run(self, name: str, url: str | None, results: list[dict[str, Any]]) -> Run:
        rows, left = [], []
        for result in results:
            data = mapping(result.get("dataset"))
            task = str(data.get("type") or data.get("name"))
            told = {
                key: _text(data.get(word)) for key, word in (("split", "split"), ("subset", "config"), ("dataset_revision", "revision"))
            }
            metrics = result.get("metrics")
            for metric in map(mapping, metrics if isinstance(metrics, list) else ()):
                word, value = str(metric.get("type")), number(metric.get("value"))
                if value is None:
                    left.append(Left(f"{task} {word}", f"{metric.get('value')!r} is no number"[:200]))
                    continue
                own = {**told, "verified": bool(metric.get("verified") and metric.get("verifyToken")) or None}
                rows.append(Row(task, word, value, {key: item for key, item in own.items() if item}))
        return Run(
            reader=self.name,
            identity=identity_of([self.name, name, url, results]),
            rows=tuple(rows),
            basis="reported",
            names=(f"hf:{name}",) if "/" in name else (),
            source=url,
            left=tuple(left),
        )


def _index(material: Material) -> Any:
    front = _FRONT.match(material.text)
    return mapping(plain_yaml.read(front[1], material.path)).get("model-index") if front else None


def _text(value: Any) -> str | None:
    return None if value in (None, "") or isinstance(value, (dict, list)) else str(value)
