"""Words that a filter may use: an unknown one is an error with suggestions, not an empty answer."""

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.query.opened import Index

_TERMS = ("commercial", "derivatives", "redistribution", "hosting", "attribution", "share_alike", "patent_grant", "train_other_models")
_FIXED: dict[str, tuple[str, ...]] = {
    "status": ("active", "deprecated", "disabled", "maintenance", "retired"),
    "weights": ("open", "gated", "closed"),
    "type": ("weights", "hosted", "adapter", "router"),
    "billing": ("metered", "subscription", "free", "unpublished"),
    "term": tuple(f"{term}={value}" for term in _TERMS for value in ("yes", "no", "conditional", "unknown")),
}
_VOCABULARIES = {"task": "tasks", "capability": "capabilities", "modality": "modalities"}
_QUERIES = {
    "tag": "SELECT id FROM tag",
    "license": "SELECT id FROM license",
    "publisher": "SELECT id FROM publisher",
    "task": "SELECT term FROM word WHERE vocabulary = 'tasks'",
    "capability": "SELECT term FROM word WHERE vocabulary = 'capabilities'",
    "modality": "SELECT term FROM word WHERE vocabulary = 'modalities'",
    "provider": "SELECT id FROM provider",
    "serving": "SELECT DISTINCT quantization FROM offering WHERE quantization IS NOT NULL",
    "region": "SELECT DISTINCT region FROM offering_region",
    "benchmark": "SELECT id FROM benchmark",
}


#: Lists whose words are also those that versions have -> axes of the table `posting`.
_AXES = {
    **{name: (name,) for name in ("tag", "license", "family", "publisher", "architecture", "task", "capability", "language")},
    **{name: (name,) for name in ("artifact_format", "quantization")},
    "modality": ("modality_in", "modality_out"),
}


def known_words(index: Index, words: str) -> list[str]:
    """Every word of a list, sorted."""
    if words in _FIXED:
        return sorted(_FIXED[words])
    queries = [_QUERIES[words]] if words in _QUERIES else []
    queries += [f"SELECT word FROM posting WHERE axis = '{axis}'" for axis in _AXES.get(words, ())]
    return sorted(set(index.column(" UNION ".join(queries))))


def check_word(index: Index, option: str, words: str, value: str) -> str:
    """The word as the index writes it.

    Raises:
        ModelregError: it is not a word of the list.
    """
    if any(index.one("SELECT 1 FROM posting WHERE axis = ? AND word = ?", (axis, value)) for axis in _AXES.get(words, ())):
        return value  # most are, and the whole list may be long
    known = known_words(index, words)
    if value in known:
        return value
    folded = {word.lower(): word for word in known}
    if value.lower() in folded:
        return folded[value.lower()]
    same = {word.replace("_", "-").replace(" ", "-"): word for word in folded}
    if value.lower().replace("_", "-").replace(" ", "-") in same:
        return folded[same[value.lower().replace("_", "-").replace(" ", "-")]]
    other = _other_names(index, words)
    if value.lower() in other:
        return other[value.lower()]
    hint = did_you_mean(value, [*known, *other])
    if hint is None:
        few = ", ".join(known[:12])
        hint = f"known: {few}{', ...' if len(known) > 12 else ''}" if known else "nothing in this catalog has one"
    raise ModelregError(f"{option}: no {words.replace('_', ' ')} is called {value!r}", hint)


def _other_names(index: Index, words: str) -> dict[str, str]:
    """Words of a list by what else people type for them, in small letters."""
    if words == "benchmark":
        named = {id_: index.document("benchmark", id_) for id_ in known_words(index, words)}
        return {name.lower(): id_ for id_, told in named.items() for name in [told.get("name", id_), *told.get("aliases", [])]}
    if words in _VOCABULARIES:
        terms = index.document("vocabulary", _VOCABULARIES[words]).get("terms", {})
        return {name.lower(): term for term, told in terms.items() for name in told.get("aliases", [])}
    return {}
