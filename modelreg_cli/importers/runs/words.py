"""What a harness says -> what the catalog says: benchmarks and metrics, hardware, runtimes."""

import re
from collections import defaultdict
from typing import NamedTuple

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.evidence import Benchmark, HarnessTask
from modelreg_cli.entities.operation import Hardware, Runtime
from modelreg_cli.errors import ModelregError, did_you_mean, listed, nearest
from modelreg_cli.importers.runs.run import Row

_SPEC = re.compile(r"(?P<task>[^=]+)=(?P<benchmark>[^/=]+)(?:/(?P<metric>[^/=]+))?\Z")


class Meaning(NamedTuple):
    """A benchmark and metric of the catalog, and what the task says of the part."""

    benchmark: str
    metric: str
    usual: bool
    split: str | None = None
    subset: str | None = None


class Given(NamedTuple):
    """One `--map TASK[:METRIC]=BENCHMARK[/METRIC]`."""

    task: str
    benchmark: str
    metric: str | None


class Words:
    """The words of a catalog, with those that the caller added."""

    def __init__(self, catalog: Catalog, maps: tuple[str, ...] = ()) -> None:
        self.benchmarks = catalog.entities(Benchmark)
        self._tasks: dict[tuple[str, str], list[tuple[str, HarnessTask]]] = defaultdict(list)
        for id_, benchmark in self.benchmarks.items():
            self.add(id_, benchmark)
        self._given = [self._parsed(spec) for spec in maps]
        self.used: set[str] = set()
        self._hardware = _spellings({id_: [entity.name, *(entity.names or ())] for id_, entity in catalog.entities(Hardware).items()})
        self._runtimes = _spellings({id_: [entity.name] for id_, entity in catalog.entities(Runtime).items()})

    def add(self, id_: str, benchmark: Benchmark) -> None:
        """One more benchmark."""
        self.benchmarks[id_] = benchmark
        for known in self._tasks.values():
            known[:] = [one for one in known if one[0] != id_]
        for task in benchmark.harness_tasks or ():
            self._tasks[task.harness, task.task].append((id_, task))

    def _parsed(self, spec: str) -> Given:
        hit = _SPEC.match(spec)
        if hit is None:
            raise ModelregError(f"--map {spec!r} cannot be read", "write TASK=BENCHMARK/METRIC, or TASK:ITS-METRIC=BENCHMARK/METRIC")
        benchmark, metric = hit["benchmark"], hit["metric"]
        known = self.benchmarks.get(benchmark)
        if known is None:
            hint = did_you_mean(benchmark, self.benchmarks) or "add its file below catalog/benchmarks/, or use --create-benchmarks"
            raise ModelregError(f"--map {spec}: there is no benchmark {benchmark}", hint)
        if metric is not None and metric not in known.metrics:
            hint = did_you_mean(metric, known.metrics) or f"it has: {', '.join(known.metrics)}"
            raise ModelregError(f"--map {spec}: benchmark {benchmark} has no metric {metric}", hint)
        return Given(hit["task"], benchmark, metric)

    def knows(self, reader: str, task: str) -> bool:
        """Whether a task leads to a benchmark."""
        return (reader, task) in self._tasks or any(task in (given.task, given.task.rpartition(":")[0]) for given in self._given)

    def meaning(self, reader: str, row: Row) -> Meaning | str:
        """What one value means, or why it is not taken.

        Raises:
            ModelregError: two benchmarks claim it.
        """
        own = [given for given in self._given if given.task == f"{row.task}:{row.metric}"]
        own = own or [given for given in self._given if given.task == row.task]
        found = [meaning for given in own if (meaning := self._of_given(given, row))] if own else self._of_files(reader, row)
        if len({(one.benchmark, one.metric) for one in found}) > 1:
            names = listed([f"{one.benchmark}/{one.metric}" for one in found], "and")
            raise ModelregError(f"{row.task} {row.metric} is claimed by {names}", "repair `harness_tasks` there, or say which with --map")
        if not found:
            return "no benchmark takes this metric of it"
        self.used.update(given.task for given in own)
        return found[0]

    def _of_given(self, given: Given, row: Row) -> Meaning | None:
        """Without a metric on the left, that of the same name is meant."""
        metrics = list(self.benchmarks[given.benchmark].metrics)
        whole_task = given.task == row.task
        wanted = given.metric or (same_metric(row.metric, metrics) if whole_task else metrics[0])
        if wanted is None or (whole_task and same_metric(row.metric, [wanted]) is None):
            return None
        return Meaning(given.benchmark, wanted, wanted == metrics[0])

    def _of_files(self, reader: str, row: Row) -> list[Meaning]:
        found = []
        for id_, task in self._tasks.get((reader, row.task), ()):
            metrics = list(self.benchmarks[id_].metrics)
            metric = (task.metrics or {name: name for name in metrics}).get(row.metric)
            if metric in metrics:
                found.append(Meaning(id_, metric, metric == metrics[0], task.split, task.subset))
        return found

    def unused(self) -> list[str]:
        """What `--map` named and no file has."""
        return sorted({given.task for given in self._given} - self.used)

    def near(self, task: str) -> str:
        """How to go on with a task that no benchmark knows."""
        names = {name: id_ for id_, one in self.benchmarks.items() for name in (id_, one.name, *(one.aliases or ()))}
        hits = list(dict.fromkeys(names[name] for name in nearest(task.rpartition("/")[2] or task, names)))
        meant = f"did you mean the benchmark {listed(hits)}? " if hits else ""
        return f"{meant}Map it with --map '{task}=BENCHMARK/METRIC' or `harness_tasks` in the benchmark's file; or --create-benchmarks"

    def hardware(self, name: str) -> str:
        """The id of a device.

        Raises:
            ModelregError: nothing is called so.
        """
        return _known(name, self._hardware, "hardware")

    def runtime(self, name: str) -> str:
        """The id of a runtime.

        Raises:
            ModelregError: nothing is called so.
        """
        return _known(name, self._runtimes, "runtime")


def same_metric(word: str, metrics: list[str]) -> str | None:
    """The metric that a harness's word is: the same letters, or one of the usual short forms."""
    usual = {"acc": "accuracy", "accuracy": "acc", "em": "exactmatch", "exactmatch": "em", "pass1": "passat1"}
    bare = _bare(word)
    return next((metric for metric in metrics if _bare(metric) in (bare, usual.get(bare))), None)


def _bare(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _spellings(names: dict[str, list[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for id_, others in names.items():
        for name in (id_, *others):
            found[_bare(name)].add(id_)
    return found


def _known(name: str, spellings: dict[str, set[str]], what: str) -> str:
    ids = sorted(spellings.get(_bare(name), ()))
    if len(ids) == 1:
        return ids[0]
    known = {id_ for several in spellings.values() for id_ in several}
    hint = f"it may be {listed(ids)}" if ids else did_you_mean(name, known) or f"add its file below catalog/ ({what})"
    raise ModelregError(f"{what} {name!r} {'is not clear' if ids else 'is not in the catalog'}", hint)
