"""Results: what pages say of a model on a benchmark, one file for each run.

Scores of evaluators who do not let them be passed on keep their page, benchmark and harness, and no value: not in
the result, not in a decision, and not as a digest in the snapshot.
"""

import hashlib
import json
import re
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from modelreg_cli.catalog import layout
from modelreg_cli.importers.draft import Draft, Refusal
from modelreg_cli.importers.linking.ids import Place
from modelreg_cli.importers.linking.names import Name, contradiction
from modelreg_cli.importers.models_dev import benchmarks
from modelreg_cli.importers.models_dev.shape import Score
from modelreg_cli.importers.models_dev.source import Base

ARTIFICIAL_ANALYSIS = "artificial-analysis"
#: Refused by their terms of use, whatever a catalog's vocabulary says or leaves out.
RESTRICTED = frozenset((ARTIFICIAL_ANALYSIS, "lmarena"))
_HOSTS = {
    "artificialanalysis.ai": ARTIFICIAL_ANALYSIS,
    "labs.scale.com": "scale-ai",
    "scale.com": "scale-ai",
    "aider.chat": "aider",
    "swebench.com": "swe-bench",
    "lmarena.ai": "lmarena",
    "arena.ai": "lmarena",
    "lmsys.org": "lmarena",
    "chat.lmsys.org": "lmarena",
}
# Upstream writes some programs as the variant of a model.
_PROGRAMS = ("Claude Code", "Codex", "Codex CLI", "Cursor CLI", "Gemini CLI", "Mini-SWE-Agent", "Terminus-2", "OpenHands", "SWE-agent")
_Run = tuple[str, str, str, str, str]  # by, page, harness, variant, date


class Results:
    """Collects the rows of all bases into runs."""

    def __init__(
        self, places: dict[str, Place], names: list[Name], sites: dict[str, str], restricted: frozenset[str], observed: str
    ) -> None:
        self._places = places
        self._names = names
        self._sites = sites
        self._restricted = restricted | RESTRICTED
        self._observed = observed
        self._runs: dict[tuple[str, _Run], list[dict[str, Any]]] = defaultdict(list)
        self._groups: dict[tuple[str, _Run], Base] = {}
        self.refusals: list[Refusal] = []
        self.used: set[str] = set()

    def add(self, base: Base, name: Name, floating_is_certain: bool) -> None:
        """The rows of one base, which has this name. Those of a floating name count where it is certain which version was measured."""
        for row in base.facts.benchmarks:
            if not floating_is_certain:
                words = f"the page {row.source} tells of a floating name, whose dates are not those of {self._places[base.key].ref}"
                self._refuse(base, "result-of-a-floating-name", words, row.name)
            else:
                self._row(base, name, row)

    def drafts(self) -> list[Draft]:
        """One draft for each run, sorted by path."""
        found = []
        for (ref, run), rows in self._runs.items():
            by, page, harness, variant, day = run
            base = self._groups[ref, run]
            data: dict[str, Any] = {"basis": "reported", "by": by}
            data |= {"harness": {"name": harness}} if harness else {}
            data |= {"date": day} if day else {}
            data["source"] = {"url": page, "retrieved": self._observed}
            data |= {"variant": variant} if variant else {}
            data["metrics"] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
            digest = hashlib.sha256(json.dumps([ref, *run]).encode()).hexdigest()[:8]
            place = self._places[base.key]
            ids = (place.publisher, place.model, place.version, f"{harness or 'reported'}-{digest}")
            found.append(Draft("results", ids, data, base.publisher, f"models/{base.key} {page}"[:300]))
        return sorted(found, key=lambda draft: draft.path)

    def _row(self, base: Base, name: Name, row: Score) -> None:
        found = benchmarks.find(row.name)
        if found is None:
            self._refuse(base, "unknown-benchmark", f"no benchmark is called {row.name!r}; see {row.source}", row.name)
            return
        known, version = found
        by = self._by(row, known)
        if by is None:
            self._refuse(base, "unknown-evaluator", f"the page {row.source} does not tell who measured", row.name)
            return
        if not re.fullmatch(r"https?://\S+", row.source) or self._names_another(name, row):
            self._refuse(base, "result-names-another-version", f"the page {row.source} is of another model or version", row.name)
            return
        measurement = self._measurement(base, row, known, by, row.version or version)
        if measurement:
            harness = row.harness or (row.variant if row.variant in _PROGRAMS else None) or ""
            variant = "" if row.variant in (None, harness) else str(row.variant)
            key = (self._places[base.key].ref, (by, row.source, _slug(harness), variant, row.date or ""))
            self._keep(base, key, measurement)
            self.used.add(known.id)

    def _measurement(self, base: Base, row: Score, known: benchmarks.Known, by: str, version: str | None) -> dict[str, Any] | None:
        metric, unit = benchmarks.metric_of(known, row.metric)
        data: dict[str, Any] = {"benchmark": known.id}
        data |= {"metric": metric} if metric != known.metrics[0][0] else {}
        data |= {"task_version": version} if version else {}
        data |= {"split": row.dataset} if row.dataset else {}
        if by in self._restricted or known.redistribution == "no":
            return data | {"withheld": by}
        value = benchmarks.stored(row.score, unit)
        if value is None:
            self._refuse(base, "score-out-of-range", f"not from 0 to 100, on {row.source}", row.name)
            return None
        return data | {"value": value}

    def _keep(self, base: Base, key: tuple[str, _Run], measurement: dict[str, Any]) -> None:
        rows = self._runs[key]
        self._groups.setdefault(key, base)
        what = {name: value for name, value in measurement.items() if name != "value"}
        rival = next((row for row in rows if {name: value for name, value in row.items() if name != "value"} == what), None)
        if rival is None:
            rows.append(measurement)
        elif rival != measurement:
            self._refuse(
                base, "result-twice", f"the page {key[1][1]} gives two values for {measurement['benchmark']}", measurement["benchmark"]
            )

    def _by(self, row: Score, known: benchmarks.Known) -> str | None:
        parts = urlsplit(row.source)
        host = (parts.hostname or "").removeprefix("www.")
        if "artificial analysis" in known.name.lower() or (row.dataset or "").endswith("-aa"):
            return ARTIFICIAL_ANALYSIS
        if host == "openrouter.ai" and parts.path.rstrip("/").endswith("/benchmarks"):
            return ARTIFICIAL_ANALYSIS
        if host == "huggingface.co":
            return self._sites.get(f"huggingface.co/{parts.path.strip('/').split('/')[0].lower()}")
        owner = [who for site, who in {**self._sites, **_HOSTS}.items() if host == site or host.endswith(f".{site}")]
        return owner[0] if owner else None

    def _names_another(self, name: Name, row: Score) -> bool:
        parts = urlsplit(row.source)
        host = (parts.hostname or "").removeprefix("www.")
        steps = [step for step in parts.path.split("/") if step]
        if host not in ("openrouter.ai", "huggingface.co") or len(steps) < 2:
            return False
        return contradiction("/".join(steps[:2]), name, self._names) is not None

    def _refuse(self, base: Base, reason: str, detail: str, field: str) -> None:
        self.refusals.append(Refusal(base.publisher, f"models/{base.key}", reason, detail[:2000], field[:300] or None))


def _slug(name: str) -> str:
    lower = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")
    return lower if lower not in layout.RESERVED else f"{lower}-run"
