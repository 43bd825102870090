"""Results: values that can be, and that may be stored."""

from collections.abc import Iterator

from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.evidence import Benchmark, Metric, Results
from modelreg_cli.finding import Code, Finding
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

VALUE_OUT_OF_RANGE = Code("value-out-of-range", "a score that its metric cannot have")
RESTRICTED_SCORE = Code("restricted-score", "a score whose evaluator or benchmark does not let it be stored")

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


rules = (Rule((VALUE_OUT_OF_RANGE,), values), Rule((RESTRICTED_SCORE,), restricted))
