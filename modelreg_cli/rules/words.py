"""Words that must be in a vocabulary: tasks, capabilities, modalities, meters, evaluators, tags, licences."""

from collections.abc import Iterable, Iterator

from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.evidence import Benchmark, Results
from modelreg_cli.entities.model import Modalities, Model
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.operation import Binding, Engine, Tenant
from modelreg_cli.entities.version import Version
from modelreg_cli.entities.vocabulary import Tag, Vocabulary
from modelreg_cli.errors import did_you_mean
from modelreg_cli.finding import Code, Finding
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

UNKNOWN_WORD = Code("unknown-word", "a task, capability, modality, meter or evaluator that no vocabulary has")
UNKNOWN_TAG = Code("unknown-tag", "a tag without a file in catalog/tags")
UNKNOWN_LICENSE = Code("unknown-license", "a licence without a file in catalog/licenses")

# where a word stands, and the word
Used = Iterable[tuple[str, str]]


def _listed(field: str, words: list[str] | None) -> Used:
    return [(f"/{field}/{at}", word) for at, word in enumerate(words or ())]


def _modalities(value: Modalities | None) -> Used:
    if value:
        yield from _listed("modalities/input", value.input)
        yield from _listed("modalities/output", value.output)


def unknown_words(facts: Facts) -> Iterator[Finding]:
    """Words of vocabularies."""
    for path, vocabulary, used in _used(facts):
        known = facts.words(vocabulary)
        if known is None and facts.catalog.has("vocabulary", vocabulary):
            continue  # that file has findings of its own
        for pointer, word in used:
            if word not in (known or {}):
                yield UNKNOWN_WORD.about(path, f"{word!r} is no word of vocabulary/{vocabulary}", pointer, _hint(facts, vocabulary, word))


def _hint(facts: Facts, vocabulary: str, word: str) -> str:
    known = facts.words(vocabulary)
    if known is None:
        return f"catalog/vocabulary/{vocabulary}.yaml does not exist"
    for name, term in known.items():
        if word in (term.aliases or ()):
            return f"write {name}"
    return did_you_mean(word, known) or f"add it to catalog/vocabulary/{vocabulary}.yaml if it is a new idea"


def _used(facts: Facts) -> Iterator[tuple[str, str, Used]]:
    for loaded, model in facts.each(Model):
        yield loaded.location.path, "tasks", _listed("tasks", model.tasks)
        yield loaded.location.path, "modalities", _modalities(model.modalities)
    for loaded, version in facts.each(Version):
        path = loaded.location.path
        yield path, "capabilities", _listed("capabilities", version.capabilities)
        yield path, "capabilities", _listed("lacks", version.lacks)
        yield path, "capabilities", [(pointer_to("capability_scores", word), word) for word in version.capability_scores or ()]
    for loaded, offering in facts.each(Offering):
        path = loaded.location.path
        yield path, "capabilities", _listed("capabilities", offering.capabilities)
        yield path, "capabilities", _listed("lacks", offering.lacks)
        yield path, "modalities", _modalities(offering.modalities)
        yield path, "meters", _meters(offering)
    for loaded, binding in facts.each(Binding):
        yield loaded.location.path, "capabilities", _listed("capabilities", binding.capabilities)
    for loaded, vocabulary in facts.each(Vocabulary):
        path, terms = loaded.location.path, vocabulary.terms.items()
        yield path, "modalities", [(pointer_to("terms", word, "input"), term.input) for word, term in terms if term.input]
        yield path, "modalities", [(pointer_to("terms", word, "output"), term.output) for word, term in terms if term.output]
        yield path, "tasks", [(pointer_to("terms", word, "task"), term.task) for word, term in terms if term.task]
    for loaded, benchmark in facts.each(Benchmark):
        yield loaded.location.path, "tasks", _listed("tasks", benchmark.tasks)
    for loaded, tenant in facts.each(Tenant):
        yield loaded.location.path, "tasks", [(pointer_to("routes", task), task) for task in tenant.routes or ()]


def _meters(offering: Offering) -> Used:
    for at, price in enumerate(offering.prices or ()):
        yield from ((pointer_to("prices", at, "rates", meter), meter) for meter in price.rates)
        for nth, variant in enumerate(price.variants or ()):
            yield from ((pointer_to("prices", at, "variants", nth, "rates", meter), meter) for meter in variant.rates or ())


def evaluators(facts: Facts) -> Iterator[Finding]:
    """Who measured is a publisher or an evaluator."""
    known = facts.words("evaluators")
    if known is None and facts.catalog.has("vocabulary", "evaluators"):
        return
    for loaded, results in facts.each(Results):
        if results.by not in (known or {}) and not facts.catalog.has("publisher", results.by):
            hint = did_you_mean(results.by, [*(known or ()), *facts.catalog.of("publisher")])
            yield UNKNOWN_WORD.about(
                loaded.location.path,
                f"{results.by!r} is neither a publisher nor a word of vocabulary/evaluators",
                "/by",
                hint or "add it to catalog/vocabulary/evaluators.yaml",
            )


def unknown_tags(facts: Facts) -> Iterator[Finding]:
    """Tags have a file that says what they mean."""
    for path, used in _tags(facts):
        for pointer, tag in used:
            if not facts.catalog.has("tag", tag):
                hint = did_you_mean(tag, facts.catalog.of("tag")) or f"add catalog/tags/{tag}.yaml, or drop the tag"
                yield UNKNOWN_TAG.about(path, f"there is no tag {tag}", pointer, hint)


def _tags(facts: Facts) -> Iterator[tuple[str, Used]]:
    for entity in (Model, Version, Offering, Binding, Engine):
        for loaded, value in facts.each(entity):
            yield loaded.location.path, _listed("tags", getattr(value, "tags", None))
    for loaded, version in facts.each(Version):
        for at, artifact in enumerate(version.artifacts or ()):
            yield loaded.location.path, _listed(f"artifacts/{at}/tags", artifact.tags)
    for loaded, tag in facts.each(Tag):
        yield loaded.location.path, _listed("implies", tag.implies)
    for loaded, tenant in facts.each(Tenant):
        yield loaded.location.path, _listed("scope", tenant.scope)
        yield (
            loaded.location.path,
            [(pointer_to("routes", task, "tag"), route.tag) for task, route in (tenant.routes or {}).items() if route.tag],
        )


def unknown_licenses(facts: Facts) -> Iterator[Finding]:
    """Licences have a file with their terms."""
    for path, pointer, license_ in _licenses(facts):
        if not facts.catalog.has("license", license_):
            hint = did_you_mean(license_, facts.catalog.of("license")) or f"add catalog/licenses/{license_}.yaml with its terms"
            yield UNKNOWN_LICENSE.about(path, f"there is no licence {license_}", pointer, hint)


def _licenses(facts: Facts) -> Iterator[tuple[str, str, str]]:
    for loaded, model in facts.each(Model):
        if model.license:
            yield loaded.location.path, "/license", model.license
    for loaded, version in facts.each(Version):
        if version.license:
            yield loaded.location.path, "/license", version.license
        for at, artifact in enumerate(version.artifacts or ()):
            if artifact.license:
                yield loaded.location.path, pointer_to("artifacts", at, "license"), artifact.license
    for loaded, tenant in facts.each(Tenant):
        for at, license_ in enumerate(tenant.license.acknowledged or () if tenant.license else ()):
            yield loaded.location.path, pointer_to("license", "acknowledged", at), license_


rules = (
    Rule((UNKNOWN_WORD,), unknown_words),
    Rule((UNKNOWN_WORD,), evaluators),
    Rule((UNKNOWN_TAG,), unknown_tags),
    Rule((UNKNOWN_LICENSE,), unknown_licenses),
)
