"""Which version an offer of a price list serves: what people decided, what a file here says, and what rules know for certain."""

from collections.abc import Mapping
from typing import NamedTuple

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.model import Model
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.version import Version
from modelreg_cli.entities.vocabulary import Vocabulary
from modelreg_cli.importers.decisions import group_file
from modelreg_cli.importers.linking.known import aliased, without_alias
from modelreg_cli.importers.linking.linker import Linker
from modelreg_cli.importers.linking.names import is_dated

# The names of models that links are made by are those of models.dev, where a file carries them.
_NAMES = "models-dev"
_NOT_CHAT = frozenset(("embedding", "rerank", "transcription"))


class Serving(NamedTuple):
    """A version, the rule that found it, and what the file here says of it already."""

    ref: str
    pinned: bool
    rule: str
    here: Offering | None


class Unlinked(NamedTuple):
    """Why an offer has no version: a reason code, words, candidates."""

    reason: str
    detail: str
    candidates: tuple[str, ...] = ()


class Links:
    """Knows every version of a catalog, its names, and what people linked."""

    def __init__(self, catalog: Catalog, taken: Mapping[tuple[str, str], str]) -> None:
        named = aliased(catalog, _NAMES)
        publishers = {known.place.publisher: known.publisher for known in named.values()}
        every = {**without_alias(catalog, _NAMES, publishers, named), **named}
        self._linker = Linker(every, {key: known.place for key, known in every.items()})
        self._places = {key: known.place for key, known in every.items()}
        self._versions, self._models = catalog.entities(Version), catalog.entities(Model)
        self._taken = taken
        words = catalog.get(Vocabulary, "capabilities")
        self._words = words.terms if words else {}

    def serving(self, provider: str, wire_id: str, here: Offering | None) -> Serving | Unlinked:
        """The version of a wire id, where that is certain."""
        taken = self._taken.get((group_file(provider), wire_id))
        if taken:
            if taken not in self._versions:
                return Unlinked("taken-names-nothing", f"the decision names {taken}, which is not here")
            return Serving(taken, is_dated(wire_id, taken.partition("@")[2]), "taken", here)
        if here:
            last = here.serves[-1] if isinstance(here.serves, list) else here.serves
            if last.version in self._versions:
                return Serving(last.version, last.pinned, "here", here)
            return Unlinked("does-not-fit", f"the file here serves {last.version}, which is not here")
        base, rule = self._linker.automatic(provider, wire_id)
        if base is None:
            return Unlinked("no-certain-link", "no rule links it to a model with certainty", self._linker.candidates(wire_id))
        place = self._places[base.key]
        return Serving(place.ref, is_dated(wire_id, place.version), rule, None)

    def version(self, ref: str) -> Version:
        """The version of a ref that is there."""
        return self._versions[ref]

    def contradiction(self, ref: str, task: str | None) -> str | None:
        """Why what a list says a model is for can not be true of this one, in words."""
        model = self._models.get(ref.partition("@")[0])
        tasks = set((model.tasks if model else None) or ())
        if not tasks or task is None:
            return None
        if (task in _NOT_CHAT and task not in tasks) or (task not in _NOT_CHAT and tasks <= _NOT_CHAT):
            return f"it is listed for {task}, and {ref} is for {', '.join(sorted(tasks))}"
        return None

    def abilities(self, ref: str) -> frozenset[str]:
        """What a version can do: what its file says, and what follows from what it takes and gives."""
        version, model = self._versions[ref], self._models.get(ref.partition("@")[0])
        modes = version.modalities or (model.modalities if model else None)
        takes, gives = (set((getattr(modes, way) if modes else None) or ()) for way in ("input", "output"))
        follows = {word for word, term in self._words.items() if term.input in takes or term.output in gives}
        return frozenset(version.capabilities or ()) | follows
