"""What a name means: certain where everything in the catalog that has it means one version."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from modelreg_cli.catalog.load import Catalog

_MOST_CANDIDATES = 3
#: So many letters more or less may a candidate's name have, and so many at least; a number is not cut in two.
_NEAR, _SHORTEST = 12, 5


class Meaning(NamedTuple):
    """The one version that a name means, or why there is none, with those that it could mean."""

    ref: str | None
    why: str = ""
    candidates: tuple[str, ...] = ()


class Names:
    """Every name that a version has: its ref, its aliases, its repository, and the wire ids that it is served under."""

    def __init__(self, catalog: Catalog) -> None:
        self._models, self._versions = catalog.of("model"), catalog.of("version")
        self._every: dict[str, set[str]] = defaultdict(set)
        self._own: dict[tuple[str, str], set[str]] = defaultdict(set)
        alone = _alone(self._versions)
        for ref, loaded in self._versions.items():
            model, _, version = ref.partition("@")
            self._add(ref, [ref, f"{model}-{version}", *_aliases(loaded.data), *_repository(loaded.data)])
        for model, loaded in self._models.items():
            ref = f"{model}@{loaded.data.get('default') or alone.get(model, '')}"
            if ref in self._versions:
                self._add(ref, [model, *_aliases(loaded.data)])
        for loaded in catalog.of("offering").values():
            ref = served(loaded.data)
            if ref in self._versions and loaded.data.get("status") not in ("retired", "disabled"):
                self._every[loaded.data["wire_id"].lower()].add(ref)
        self._spelled: dict[str, set[str]] = defaultdict(set)
        for name, refs in self._every.items():
            self._spelled[_spelling(name)] |= refs
        self._sorted = sorted(self._spelled)

    def meaning(self, names: Iterable[str], publisher: str | None = None) -> Meaning:
        """What the first of these names that means anything means; a publisher's own names come first where it serves them itself."""
        tried = [name.lower() for name in names]
        for name in tried:
            for found in (self._own.get((publisher or "", name)), self._every.get(name)):
                if found and len(found) == 1:
                    return Meaning(min(found))
                if found:
                    return Meaning(None, "several versions have this name", tuple(sorted(found))[:_MOST_CANDIDATES])
        return Meaning(None, "nothing here has this name", self._near(tried))

    def version(self, ref: str) -> str | None:
        """The version of a ref that people typed: of a model its default; None where there is none."""
        ref = ref.partition("#")[0]
        if "@" not in ref and ref in self._models:
            ref = f"{ref}@{self._models[ref].data.get('default', '')}"
        return ref if ref in self._versions else None

    def _add(self, ref: str, names: Iterable[str]) -> None:
        publisher = ref.partition("/")[0]
        for name in {name.lower() for name in names}:
            self._every[name].add(ref)
            _, slash, bare = name.partition("/")
            if slash:  # whoever serves its own models leaves its name out
                self._own[publisher, bare].add(ref)
                self._every[bare].add(ref)

    def _near(self, names: list[str]) -> tuple[str, ...]:
        """Versions whose name is spelled like it, or is the beginning of it, or begins with it."""
        near: dict[str, int] = {}
        for asked in {_spelling(part) for name in names for part in (name, name.rpartition("/")[2])}:
            for name in self._like(asked):
                apart = abs(len(name) - len(asked))
                near |= {ref: min(apart, near.get(ref, apart)) for ref in self._spelled[name]}
        return tuple(sorted(near, key=lambda ref: (near[ref], ref)))[:_MOST_CANDIDATES]

    def _like(self, asked: str) -> Iterator[str]:
        for end in range(max(_SHORTEST, len(asked) - _NEAR), len(asked)):
            if asked[:end] in self._spelled and not asked[end].isdigit():
                yield asked[:end]
        if len(asked) >= _SHORTEST:
            first = bisect_left(self._sorted, asked)
            for name in takewhile(lambda name: name.startswith(asked), (self._sorted[at] for at in range(first, len(self._sorted)))):
                rest = name[len(asked) :]
                if len(rest) <= _NEAR and not rest[:1].isdigit():
                    yield name


def serving(offering: dict[str, Any]) -> dict[str, Any]:
    """What an offering serves now."""
    serves = offering["serves"]
    return dict(serves[-1] if isinstance(serves, list) else serves)


def served(offering: dict[str, Any]) -> str:
    """The version that it serves now."""
    return str(serving(offering)["version"])


def _aliases(data: dict[str, Any]) -> list[str]:
    return [alias.partition(":")[2] for alias in data.get("aliases") or ()]


def _repository(data: dict[str, Any]) -> list[str]:
    repo = (data.get("upstream") or {}).get("repo")
    return [repo] if repo else []


def _alone(versions: Iterable[str]) -> dict[str, str]:
    """The version of each model that has only one."""
    found: dict[str, list[str]] = defaultdict(list)
    for ref in versions:
        found[ref.partition("@")[0]].append(ref.partition("@")[2])
    return {model: ids[0] for model, ids in found.items() if len(ids) == 1}


def _spelling(name: str) -> str:
    """Letters and digits alone, of an owner's name apart."""
    return re.sub(r"[^a-z0-9/]+", "", name)
