"""Files of results -> values that may count, and why each other one may not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from modelreg_cli.entities.policy import BenchmarkNeed
from modelreg_cli.gate.facts import Document, Evidence, Subject

#: What makes two values comparable, beside benchmark and metric.
COMPARED = (
    *("task_version", "filter", "shots", "split", "subset", "dataset_revision"),
    *("prompt_digest", "chat_template_digest"),
)
_ASKED = ("shots", "subset", "split", "filter", "task_version")


class Row(NamedTuple):
    """One value of one run; `digest` names the weights that were measured, `endpoint` (provider, wire id) what was served."""

    path: str
    value: float
    stderr: float | None
    samples: int | None
    date: str
    harness: str
    release: str
    digest: str
    endpoint: tuple[str, str] | None
    key: tuple[Any, ...]

    def words(self) -> str:
        """The value with what it rests on."""
        error = f" +- {self.stderr:.4f}" if self.stderr is not None else ""
        basis = [f"n = {self.samples}"] if self.samples is not None else []
        return f"{self.value:.4f}{error} ({', '.join([*basis, f'{self.harness} {self.release}'.strip() or 'unknown harness', self.date])})"


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one benchmark: those that count, and (row or file, reason) for those that do not."""

    rows: tuple[Row, ...]
    refused: tuple[tuple[str, str], ...]


class Target(NamedTuple):
    """What must have been measured: bytes by their digests, or for a hosted version the offerings that served it."""

    ref: str
    digests: frozenset[str]
    hosted: bool
    offerings: dict[tuple[str, str], Document]


def target_of(subject: Subject) -> Target:
    """The bytes of a version, or what served it."""
    digests = frozenset(digest for digest in subject.digests.values() if digest)
    return Target(subject.ref, digests, subject.type in ("hosted", "router"), dict(subject.offerings))


def found(need: BenchmarkNeed, metric: str, files: tuple[Evidence, ...], target: Target, today: date, aged: bool = True) -> Found:
    """Every value of the benchmark in these files, weighed; `aged`: the policy's largest age holds for them."""
    rows: list[Row] = []
    refused: list[tuple[str, str]] = []
    for file in files:
        for value in _values(need, metric, file.document):
            row = _row(file, value)
            words = row.words() if row else "no value"
            why = _why_not(need, file, value, row, target, today, aged)
            if row and not why:
                rows.append(row)
            else:
                refused.append((f"{words} in {file.path.rpartition('/')[2]}", "; ".join(why)))
    return Found(tuple(rows), tuple(refused))


def _values(need: BenchmarkNeed, metric: str, document: Document | None) -> Iterator[dict[str, Any]]:
    for value in (document or {}).get("metrics", ()):
        if value.get("benchmark") == need.benchmark and value.get("metric", metric) == metric:
            yield value


def _row(file: Evidence, value: dict[str, Any]) -> Row | None:
    document = file.document or {}
    if value.get("value") is None:
        return None
    harness = document.get("harness") or {}
    served = document.get("endpoint")
    return Row(
        path=file.path,
        value=float(value["value"]),
        stderr=value.get("stderr"),
        samples=value.get("samples"),
        date=str(document.get("date", "")),
        harness=str(harness.get("name", "")),
        release=str(harness.get("version", "")),
        digest=str(document.get("digest", "")),
        endpoint=(str(served["provider"]), str(served["wire_id"])) if served else None,
        key=(harness.get("name"), *(value.get(field) for field in COMPARED)),
    )


def _why_not(
    need: BenchmarkNeed, file: Evidence, value: dict[str, Any], row: Row | None, target: Target, today: date, aged: bool
) -> list[str]:
    """Every reason why a value does not count."""
    document = file.document or {}
    why = [] if file.standing == "base" else [f"{file.standing}: only what lay on the base before may count"]
    if document.get("basis") != "measured":
        why.append("reported, not measured")
    if "partial" in value or "limit" in value:
        why.append("not the whole benchmark")
    if row is None:
        return [*why, "it has no value"]
    why.extend(_of_other(row, target))
    why.extend(
        f"{field.replace('_', ' ')} {value.get(field, 'unknown')}, not {wanted}"
        for field in _ASKED
        if (wanted := getattr(need, field)) is not None and value.get(field) != wanted
    )
    if need.min_samples is not None and (row.samples is None or row.samples < need.min_samples):
        why.append(f"n = {'unknown' if row.samples is None else row.samples} < {need.min_samples}")
    why.extend(_of_harness(need, row))
    why.extend(_age(row.date, today, need.max_age_days if aged else None))
    return why


def _of_other(row: Row, target: Target) -> Iterator[str]:
    """Whether it was measured on something else."""
    if not target.hosted:
        if row.digest not in target.digests:
            mine = ", ".join(f"{digest[:8]}..." for digest in sorted(target.digests)) or "unknown: no artifact lists its files"
            yield f"measured on another digest ({row.digest[:8] + '...' if row.digest else 'none named'}, this is {mine})"
        return
    if row.endpoint is None:
        yield "it names no provider and wire id"
        return
    offering = target.offerings.get(row.endpoint)
    if offering is None:
        yield f"there is no offering {':'.join(row.endpoint)} on the base"
    elif not served(offering, row.date, target.ref):
        yield f"{':'.join(row.endpoint)} is not known to have served this version on {row.date}"


def served(offering: Document, day: str, ref: str) -> bool:
    """Whether an offering is known to have served a version on a day: pinned to it, or by its dated history."""
    said = offering.get("serves")
    history = said if isinstance(said, list) else [said] if isinstance(said, dict) else []
    if len(history) == 1 and history[0].get("pinned") is True:
        return history[0].get("version") == ref and history[0].get("from", "") <= day
    since = [one for one in history if one.get("from", "9999") <= day]
    return bool(since) and since[-1].get("version") == ref


def _of_harness(need: BenchmarkNeed, row: Row) -> Iterator[str]:
    if need.harness is None:
        return
    if row.harness != need.harness.name:
        yield f"measured with {row.harness or 'an unknown program'}, not {need.harness.name}"
    elif need.harness.version is not None:
        try:
            fits = SpecifierSet(need.harness.version).contains(Version(row.release), prereleases=True)
        except InvalidVersion:
            fits = False
        if not fits:
            yield f"{row.harness} {row.release or 'of unknown release'} is not {need.harness.version}"


def _age(told: str, today: date, most: int | None) -> Iterator[str]:
    """By the earliest day that a partial date can mean."""
    try:
        day = date.fromisoformat(f"{told}{'-01-01'[len(told) - 4 :] if len(told) < 10 else ''}") if told else None
    except ValueError:
        day = None
    if day is None:
        yield "it has no date"
    elif day > today:
        yield f"dated {told}, which has not come yet"
    elif most is not None and (today - day).days > most:
        yield f"{(today - day).days} days old > {most}"


def older_than(told: str, today: date, most: int | None) -> str:
    """Why a date does not do, or nothing."""
    return next(_age(told, today, most), "")
