"""Results: values that can be, and that may be stored. Scans: of the bytes that the catalog lists."""

from collections.abc import Iterator

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.evidence import Benchmark, Metric, Results, Scan
from modelreg_cli.entities.version import Version
from modelreg_cli.finding import Code, Finding
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

VALUE_OUT_OF_RANGE = Code("value-out-of-range", "a score that its metric cannot have")
RESTRICTED_SCORE = Code("restricted-score", "a score whose evaluator or benchmark does not let it be stored")
OTHER_BYTES = Code("scan-of-other-bytes", "a scan that does not agree with the artifact that it names")

_UNIT_RANGES: dict[str, tuple[float, float]] = {"fraction": (0.0, 1.0), "percent": (0.0, 100.0)}


def values(facts: Facts) -> Iterator[Finding]:
    """Within the metric's range; a fraction is not a percentage."""
    for loaded, results in facts.each(Results):
        for at, row in enumerate(results.metrics):
            benchmark = facts.catalog.get(Benchmark, row.benchmark)
            metric = benchmark.metrics.get(row.metric or next(iter(benchmark.metrics))) if benchmark else None
            if metric is None or row.value is None:
                continue
            least, most = bounds(metric)
            if not least <= row.value <= most:
                hint = "divide by 100" if metric.unit == "fraction" and 1 < row.value <= 100 else f"the unit is {metric.unit}"
                message = f"{row.value:g} is not between {least:g} and {most:g}"
                yield VALUE_OUT_OF_RANGE.about(loaded.location.path, message, pointer_to("metrics", at, "value"), hint)


def bounds(metric: Metric) -> tuple[float, float]:
    """Smallest and largest value of a metric."""
    least, most = _UNIT_RANGES.get(metric.unit, (float("-inf"), float("inf")))
    return (least if metric.min is None else metric.min, most if metric.max is None else metric.max)


def restricted(facts: Facts) -> Iterator[Finding]:
    """Some evaluators let others link to scores only."""
    evaluators = facts.words("evaluators") or {}
    for loaded, results in facts.each(Results):
        term = evaluators.get(results.by)
        closed = term is not None and term.redistribution == "no"
        for at, row in enumerate(results.metrics):
            benchmark = facts.catalog.get(Benchmark, row.benchmark)
            kept = benchmark is not None and benchmark.redistribution == "no"
            if row.value is not None and (closed or kept):
                who = f"evaluator {results.by}" if closed else f"benchmark {row.benchmark}"
                hint = "drop `value` and `stderr`, keep `source`, and say so in `withheld`"
                yield RESTRICTED_SCORE.about(
                    loaded.location.path, f"{who} does not let its scores be stored", pointer_to("metrics", at, "value"), hint
                )


def scans(facts: Facts) -> Iterator[Finding]:
    """What passed are the bytes that the artifact lists, and all of them."""
    for loaded, scan in facts.each(Scan):
        version = facts.catalog.get(Version, loaded.location.id.rpartition("/")[0])
        artifact = next((one for one in (version.artifacts if version else None) or () if one.id == scan.artifact), None)
        if artifact is None:
            continue
        listed = {file.path: file.sha256 for file in artifact.files or ()}
        digest = artifact_digest([file.model_dump(include={"path", "bytes", "sha256"}) for file in artifact.files or ()])
        for pointer, words in _disagreements(scan, listed, digest):
            hint = "was it written by hand? `modelreg scan` writes another"
            yield OTHER_BYTES.about(loaded.location.path, words, pointer, hint)


def _disagreements(scan: Scan, listed: dict[str, str], digest: str | None) -> Iterator[tuple[str, str]]:
    if scan.digest and scan.digest != digest:
        yield "/digest", f"the digest of {scan.artifact} is {digest[:12]}..." if digest else f"{scan.artifact} lists no files"
    for at, file in enumerate(scan.files or ()):
        if listed and file.path not in listed:
            yield pointer_to("files", at, "path"), f"{scan.artifact} lists no file {file.path}"
        elif listed and file.status == "passed" and file.sha256 != listed[file.path]:
            yield pointer_to("files", at, "sha256"), f"it passed, and {scan.artifact} lists other bytes"
        if scan.status == "passed" and file.status != "passed":
            yield pointer_to("files", at, "status"), f"all passed, and {file.path} {file.status}"
    if scan.status == "passed" and scan.files and (silent := sorted(listed.keys() - {file.path for file in scan.files})):
        yield "/files", f"all passed, and nothing is said of {silent[0]}"


rules = (Rule((VALUE_OUT_OF_RANGE,), values), Rule((RESTRICTED_SCORE,), restricted), Rule((OTHER_BYTES,), scans))
