"""Refs and ids that must lead somewhere."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.base import Deprecation
from modelreg_cli.entities.decisions import Decisions
from modelreg_cli.entities.evidence import Benchmark, Results, Scan
from modelreg_cli.entities.model import Model
from modelreg_cli.entities.offering import Offering, Provider
from modelreg_cli.entities.operation import Binding, Engine, Tenant
from modelreg_cli.entities.version import Version
from modelreg_cli.errors import did_you_mean
from modelreg_cli.finding import Code, Finding, warning
from modelreg_cli.rules.facts import Facts, history
from modelreg_cli.rules.rule import Rule

DANGLING = Code("dangling-reference", "a ref or id that names nothing in the catalog")
UNKNOWN_PUBLISHER = warning("unknown-publisher", "an artifact's publisher that the catalog does not know")

# where a ref stands, what kind of thing it names ("ref" is publisher/model[@version[#artifact]]), and the ref
Found = tuple[str, str, str]


def dangling(facts: Facts) -> Iterator[Finding]:
    """Every ref of every kind."""
    for entity, refs in _REFS.items():
        for loaded, value in facts.each(entity):
            for pointer, kind, ref in refs(value):
                wrong = facts.missing(ref) if kind == "ref" else _missing_id(facts, kind, ref)
                if wrong:
                    yield DANGLING.about(loaded.location.path, wrong[0], pointer, wrong[1])


def _missing_id(facts: Facts, kind: str, id_: str) -> tuple[str, str] | None:
    if facts.catalog.has(kind, id_):
        return None
    known = facts.catalog.of(kind)
    return f"there is no {kind} {id_}", did_you_mean(id_, known) or f"docs/catalog.md says where a {kind} lives; add its file first"


def _model(model: Model) -> Iterator[Found]:
    for at, parent in enumerate(model.lineage or ()):
        yield pointer_to("lineage", at, "of"), "ref", parent.of


def _version(version: Version) -> Iterator[Found]:
    yield from _replacement(version.deprecation)
    for at, need in enumerate(version.hardware or ()):
        yield pointer_to("hardware", at, "hardware"), "hardware", need.hardware


def _replacement(deprecation: Deprecation | None) -> Iterator[Found]:
    if deprecation and deprecation.replacement:
        yield "/deprecation/replacement", "ref", deprecation.replacement


def _offering(offering: Offering) -> Iterator[Found]:
    yield from _replacement(offering.deprecation)
    several = isinstance(offering.serves, list)
    for at, serves in enumerate(history(offering)):
        yield f"/serves/{at}/version" if several else "/serves/version", "ref", serves.version


def _provider(provider: Provider) -> Iterator[Found]:
    if provider.publisher:
        yield "/publisher", "publisher", provider.publisher


def _engine(engine: Engine) -> Iterator[Found]:
    yield "/runtime", "runtime", engine.runtime
    for at, device in enumerate(engine.hardware or ()):
        yield pointer_to("hardware", at, "hardware"), "hardware", device.hardware


def _binding(binding: Binding) -> Iterator[Found]:
    yield "/model", "ref", binding.model


def _tenant(tenant: Tenant) -> Iterator[Found]:
    for task, route in (tenant.routes or {}).items():
        for at, ref in enumerate(route.prefer or ()):
            yield pointer_to("routes", task, "prefer", at), "ref", ref
        if route.fallback:
            yield pointer_to("routes", task, "fallback"), "ref", route.fallback


def _results(results: Results) -> Iterator[Found]:
    for at, row in enumerate(results.metrics):
        yield pointer_to("metrics", at, "benchmark"), "benchmark", row.benchmark
        if row.hardware:
            yield pointer_to("metrics", at, "hardware"), "hardware", row.hardware
        if row.runtime:
            yield pointer_to("metrics", at, "runtime"), "runtime", row.runtime


def _decisions(decisions: Decisions) -> Iterator[Found]:
    for at, decision in enumerate(decisions.decisions):
        if decision.taken and decision.taken.version:
            yield pointer_to("decisions", at, "taken", "version"), "ref", decision.taken.version


_REFS: dict[Any, Callable[[Any], Iterable[Found]]] = {
    Model: _model,
    Version: _version,
    Offering: _offering,
    Provider: _provider,
    Engine: _engine,
    Binding: _binding,
    Tenant: _tenant,
    Results: _results,
    Decisions: _decisions,
}


def defaults(facts: Facts) -> Iterator[Finding]:
    """The default version of a model must be one of its versions."""
    for loaded, model in facts.each(Model):
        names = facts.versions_of.get(loaded.location.id, [])
        if model.default and model.default not in names:
            hint = f"it has: {', '.join(sorted(names))}" if names else "it has no version at all"
            yield DANGLING.about(loaded.location.path, f"the model has no version {model.default}", "/default", hint)


def metrics(facts: Facts) -> Iterator[Finding]:
    """A metric must be one of its benchmark's."""
    for loaded, results in facts.each(Results):
        for at, row in enumerate(results.metrics):
            benchmark = facts.catalog.get(Benchmark, row.benchmark)
            if benchmark and row.metric and row.metric not in benchmark.metrics:
                hint = did_you_mean(row.metric, benchmark.metrics) or f"it has: {', '.join(benchmark.metrics)}"
                yield DANGLING.about(
                    loaded.location.path, f"benchmark {row.benchmark} has no metric {row.metric}", pointer_to("metrics", at, "metric"), hint
                )


def harness_metrics(facts: Facts) -> Iterator[Finding]:
    """What a harness calls a metric must lead to one of the benchmark's."""
    for loaded, benchmark in facts.each(Benchmark):
        for at, task in enumerate(benchmark.harness_tasks or ()):
            for word, metric in (task.metrics or {}).items():
                if metric not in benchmark.metrics:
                    hint = did_you_mean(metric, benchmark.metrics) or f"it has: {', '.join(benchmark.metrics)}"
                    pointer = pointer_to("harness_tasks", at, "metrics", word)
                    yield DANGLING.about(loaded.location.path, f"the benchmark has no metric {metric}", pointer, hint)


def evidence(facts: Facts) -> Iterator[Finding]:
    """The path of results and scans names a version, and `artifact` one of its artifacts."""
    for kind in (Results, Scan):
        for loaded, value in facts.each(kind):
            version = loaded.location.id.rpartition("/")[0]
            artifact = value.artifact if isinstance(value, (Results, Scan)) else None
            wrong = facts.missing(version)
            if wrong:
                yield DANGLING.about(loaded.location.path, f"the path names a version, but {wrong[0]}", hint=wrong[1])
            elif artifact and (lost := facts.missing(f"{version}#{artifact}")):
                yield DANGLING.about(loaded.location.path, lost[0], "/artifact", lost[1])


def endpoints(facts: Facts) -> Iterator[Finding]:
    """An offering's endpoint must be one of its provider's."""
    for loaded, offering in facts.each(Offering):
        provider = facts.catalog.get(Provider, loaded.location.parts[0])
        wanted = offering.call.endpoint if offering.call else None
        if provider and wanted and wanted not in (ids := [item.id for item in provider.endpoints or ()]):
            hint = f"it has: {', '.join(ids)}" if ids else "it has none"
            yield DANGLING.about(loaded.location.path, f"the provider has no endpoint {wanted}", "/call/endpoint", hint)


def artifact_publishers(facts: Facts) -> Iterator[Finding]:
    """A quantiser is a publisher too."""
    known = facts.catalog.of("publisher")
    for loaded, version in facts.each(Version):
        for at, artifact in enumerate(version.artifacts or ()):
            if artifact.publisher and not facts.catalog.has("publisher", artifact.publisher.lower()):
                hint = did_you_mean(artifact.publisher, known) or f"add catalog/models/{artifact.publisher.lower()}/publisher.yaml"
                yield UNKNOWN_PUBLISHER.about(
                    loaded.location.path, f"there is no publisher {artifact.publisher}", pointer_to("artifacts", at, "publisher"), hint
                )


rules = (
    Rule((DANGLING,), dangling),
    Rule((DANGLING,), defaults),
    Rule((DANGLING,), metrics),
    Rule((DANGLING,), harness_metrics),
    Rule((DANGLING,), evidence),
    Rule((DANGLING,), endpoints),
    Rule((UNKNOWN_PUBLISHER,), artifact_publishers),
)
