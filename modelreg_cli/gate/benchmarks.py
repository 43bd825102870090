"""A required benchmark held against what was measured."""

import math
from typing import Literal

from modelreg_cli.entities.policy import BenchmarkNeed, Regression
from modelreg_cli.gate.facts import Document, Facts, Subject
from modelreg_cli.gate.rows import Found, Row, Target, found, target_of
from modelreg_cli.gate.verdict import Check

#: The 95 % quantile of the normal distribution: a one-sided interval.
_Z = 1.645
_SHOWN = 6


def benchmark(facts: Facts, subject: Subject, need: BenchmarkNeed) -> Check | None:
    """The check of one requirement, or None where it is not asked of such a model."""
    if need.types is not None and subject.type not in need.types:
        return None
    if need.tasks is not None and not set(need.tasks) & set(subject.tasks):
        return None
    about = f"{subject.ref} {subject.tag}"
    document = facts.benchmarks.get(need.benchmark)
    metric = need.metric or next(iter((document or {}).get("metrics") or {}), None)
    direction = _direction(document, metric)
    if metric is None or direction is None:
        missing = f"the base has no benchmark {need.benchmark} with a metric {need.metric or 'of its own'}"
        return Check(need.benchmark, "refused", (missing,), about)
    targets = _targets(subject, need)
    checks = [_one(facts, subject, need, metric, direction, target) for target in targets]
    told = tuple(line for passed, lines, _ in checks for line in lines)
    good = any if need.artifacts == "any" else all
    data = {"metric": metric, "rows": [row._asdict() for _, _, row in checks if row]}
    return Check(need.benchmark, "passed" if checks and good(passed for passed, _, _ in checks) else "refused", told, about, data)


def _targets(subject: Subject, need: BenchmarkNeed) -> list[Target]:
    whole = target_of(subject)
    if whole.hosted or need.artifacts == "any":
        return [whole]
    digests = [frozenset([digest] if digest else []) for digest in subject.digests.values()]
    return [whole._replace(digests=one) for one in digests] or [whole]


def _direction(document: Document | None, metric: str | None) -> Literal["higher", "lower"] | None:
    found_ = ((document or {}).get("metrics") or {}).get(metric) if metric else None
    better = found_.get("better") if isinstance(found_, dict) else None
    return better if better in ("higher", "lower") else None


def _one(
    facts: Facts, subject: Subject, need: BenchmarkNeed, metric: str, better: Literal["higher", "lower"], target: Target
) -> tuple[bool, list[str], Row | None]:
    """Whether one thing that was measured is good enough, in words, and the row that decides."""
    weighed = found(need, metric, subject.results, target, facts.today)
    if not weighed.rows:
        return False, _none(need, metric, weighed), None
    # the newest run decides, and of one day the worst: nobody picks the best of many
    last = max(row.date for row in weighed.rows)
    row = _extreme([one for one in weighed.rows if one.date == last], worst=True, better=better)
    told = [f"{row.words()} in {row.path.rpartition('/')[2]}"]
    wrong = _bounds(need, row)
    if need.max_regression is not None:
        fine, words = _regression(facts, subject, need, need.max_regression, metric, better, row)
        told.extend(words if fine else ())
        wrong.extend(() if fine else words)
    return not wrong, [*told, *wrong], row


def _none(need: BenchmarkNeed, metric: str, weighed: Found) -> list[str]:
    if not weighed.refused:
        return [f"nobody measured {need.benchmark} ({metric}) of it: `modelreg bench ingest` takes over a run"]
    told = [f"{words}: {why}" for words, why in weighed.refused[:_SHOWN]]
    more = len(weighed.refused) - _SHOWN
    return ["no value counts:", *told, *([f"and {more} more"] if more > 0 else [])]


def _extreme(rows: list[Row], worst: bool, better: Literal["higher", "lower"]) -> Row:
    smallest = (better == "higher") == worst
    return (min if smallest else max)(rows, key=lambda row: (row.value, row.path))


def _bounds(need: BenchmarkNeed, row: Row) -> list[str]:
    """What the value, or the end of its interval, falls short of."""
    held, name = row.value, ""
    if need.at != "value":
        if row.stderr is None:
            return [f"{need.at} cannot be told: the run gives no standard error"]
        held = row.value - _Z * row.stderr if need.at == "lower95" else row.value + _Z * row.stderr
        name = f"{need.at} "
    wrong = []
    if need.min is not None and not held >= need.min:
        wrong.append(f"{name}{held:.4f} < {need.min:g}")
    if need.max is not None and not held <= need.max:
        wrong.append(f"{name}{held:.4f} > {need.max:g}")
    return wrong


def _regression(
    facts: Facts, subject: Subject, need: BenchmarkNeed, most: Regression, metric: str, better: Literal["higher", "lower"], row: Row
) -> tuple[bool, list[str]]:
    earlier = subject.earlier.get(most.against)
    if earlier is None:
        first = most.against == "previous-curated"
        return first, [f"no other version wears {subject.tag}" if first else f"the base has no version {most.against}"]
    # how old it is, and how many questions it was asked, was judged when that version was
    lenient = need.model_copy(update={"min_samples": None, "harness": None})
    target = Target(earlier.ref, earlier.digests, earlier.hosted, dict(subject.offerings))
    rows = found(lenient, metric, earlier.results, target, facts.today, aged=False).rows
    alike = [one for one in rows if one.key == row.key]
    if not alike:
        words = f"{earlier.ref} has no comparable value ({len(rows)} measured under other conditions)"
        return most.when_incomparable == "pass", [words]
    last = max(one.date for one in alike)
    other = _extreme([one for one in alike if one.date == last], worst=False, better=better)
    worse = (other.value - row.value) * (1 if better == "higher" else -1)
    return _within(most, worse, row, other, earlier.ref)


def _within(most: Regression, worse: float, row: Row, other: Row, ref: str) -> tuple[bool, list[str]]:
    wrong = []
    if most.absolute is not None and worse > most.absolute:
        wrong.append(f"{worse:.4f} worse than {ref} ({other.value:.4f}) > {most.absolute:g}")
    if most.sigma is not None and worse > 0:
        if row.stderr is None or other.stderr is None:
            wrong.append(f"worse than {ref}, and a run gives no standard error")
        else:
            error = math.hypot(row.stderr, other.stderr)
            if worse > most.sigma * error:
                wrong.append(
                    f"{worse:.4f} worse than {ref} ({other.value:.4f}) > {most.sigma:g} standard errors ({most.sigma * error:.4f})"
                )
    return not wrong, wrong or [f"{abs(worse):.4f} {'worse' if worse > 0 else 'better'} than {ref} ({other.value:.4f})"]
