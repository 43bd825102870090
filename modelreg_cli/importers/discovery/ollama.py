"""modelreg import ollama [URL] --engine ID: what a running Ollama has, as bindings of an engine."""

import os
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.entities.model import Model
from modelreg_cli.errors import ModelregError
from modelreg_cli.http import Client, Deadline
from modelreg_cli.importers.decisions import group_file
from modelreg_cli.importers.discovery.artifacts import Artifacts, Meant
from modelreg_cli.importers.discovery.names import Names
from modelreg_cli.importers.discovery.reading import asked_before, not_empty, owner_of, provenance
from modelreg_cli.importers.discovery.tags import Tag, address, release, tags
from modelreg_cli.importers.draft import Draft, Facts, Listed, Refusal, Request, wrong_with
from modelreg_cli.rules.tasks import embeds

_RUNTIME = "ollama"
_OUT_OF_USE = ("retired", "disabled")
Document = dict[str, Any]


class Ollama:
    """The models of a running Ollama."""

    name = "ollama"
    summary = "what a running Ollama has: its address"
    options = ("engine",)
    unit = "models"

    @property
    def usual(self) -> str:
        """The address in OLLAMA_HOST, else the usual port of this machine."""
        return address(os.environ.get("OLLAMA_HOST", ""))

    def facts(self, request: Request) -> Facts:
        """The engine, and a binding for each model that is certainly one of the catalog's.

        Raises:
            ModelregError: nobody says which engine it is, or that one runs something else.
            Refused: it has no models.
            Unavailable: it does not answer.
        """
        base = address(request.source)
        engine = owner_of(request, "engine", "engine", base)
        there = request.catalog.of("engine").get(engine)
        if not layout.is_id(engine):
            raise ModelregError(f"--engine {engine!r} is no id", "small letters, digits, and . _ - between them")
        if there and there.data["runtime"] != _RUNTIME:
            raise ModelregError(f"engine {engine} runs {there.data['runtime']}, not {_RUNTIME}", "--engine names another one")
        with Client(Deadline(request.deadline), base=base, talk=request.talk) as client:
            runs = release(client, base)
            found, wrong = tags(client, base, request)
        not_empty(f"{base}/api/tags", [tag.name for tag in found], "is it the right server? nothing is taken as vanished")
        if there is None:
            request.talk(f"note: engine {engine} is new")
        return _Journey(request, engine, base, there.data if there else {}).facts(found, wrong, runs)


class _Journey:
    """One engine on its way into the catalog."""

    def __init__(self, request: Request, engine: str, base: str, there: Document) -> None:
        self._request, self._catalog, self._engine, self._base, self._there = request, request.catalog, engine, base, there
        self._artifacts, self._names = Artifacts(request.catalog), Names(request.catalog)
        self._here = {
            loaded.data.get("available_model_id", id_.partition("/")[2]): (id_, loaded.data)
            for id_, loaded in request.catalog.of("binding").items()
            if id_.partition("/")[0] == engine
        }
        self._observed = request.observed or request.today
        self._drafts: list[Draft] = []
        self._refusals: list[Refusal] = []
        self._listing: list[Listed] = []
        self._rules: dict[str, int] = {}

    def facts(self, found: list[Tag], wrong: int, runs: str | None) -> Facts:
        """Drafts, decisions and the listing."""
        self._drafts.append(self._own(runs))
        if wrong:
            self._refuse(self._engine, "not-understood", f"entries of the listing that name no model: {wrong}")
        for tag in found:
            self._tag(tag)
        for name in sorted(self._here.keys() - {tag.name for tag in found}):
            if self._here[name][1].get("status") not in _OUT_OF_USE:
                self._refuse(name, "vanished-upstream", f"engine {self._engine} does not have it; the binding stays until people retire it")
                self._listing.append(Listed(name, "vanished", self._here[name][1]["model"]))
        about = {self._engine, *self._here, *(tag.name for tag in found), *asked_before(self._request, "ollama", self._engine)}
        subjects = frozenset((self._engine, name) for name in about)
        return Facts(
            tuple(self._drafts), tuple(self._refusals), self._observed, tally=self._rules, subjects=subjects, listing=tuple(self._listing)
        )

    def _own(self, runs: str | None) -> Draft:
        """The engine; how people call it and where they reach it is theirs."""
        data: Document = {
            "name": self._there.get("name", self._engine),
            "runtime": _RUNTIME,
            "release": runs,
            "endpoints": self._there.get("endpoints", [{"id": "api", "type": "rest", "protocol": "ollama", "url": self._base}]),
        }
        data = {key: value for key, value in data.items() if value}
        data |= provenance(f"{self._base}/api/version", self._observed)
        return Draft("engine", (self._engine,), data, self._engine, self._engine)

    def _tag(self, tag: Tag) -> None:
        id_, here = self._here.get(tag.name, (f"{self._engine}/{layout.slug(tag.name)}", {}))
        meant = self._meant(tag, here)
        if meant.ref is None:
            self._refuse(tag.name, meant.rule, meant.why, meant.candidates)
            words = f"may be {', '.join(meant.candidates)}" if meant.candidates and meant.rule == "no-certain-link" else meant.why
            self._listing.append(Listed(tag.name, "changed" if here else "new", here.get("model"), words))
            return
        vector = tag.vector or (self._vector(meant.ref) if self._embeds(meant.ref) else None)
        settings = {**({"digest": tag.digest} if tag.digest else {}), **({"dim": vector} if vector else {})}
        data: Document = {"model": meant.ref, "available_model_id": tag.name, **({"extra_config": settings} if settings else {})}
        data |= provenance(f"{self._base}/api/tags", self._observed)
        made = Draft("binding", (self._engine, id_.partition("/")[2]), data, self._engine, tag.name)
        wrong = wrong_with(made)
        lacks_vector = self._embeds(meant.ref) and not vector
        if wrong or lacks_vector:
            words = wrong[0].message if wrong else "an embedding model whose vectors have no known length"
            self._refuse(tag.name, "does-not-fit", f"{made.path} would have an error: {words}")
            self._listing.append(Listed(tag.name, "known" if here else "new", meant.ref, words))
            return
        self._drafts.append(made)
        self._rules[meant.rule] = self._rules.get(meant.rule, 0) + 1
        self._listing.append(Listed(tag.name, "known" if here else "new", meant.ref))

    def _meant(self, tag: Tag, here: Document) -> Meant:
        """The artifact or version that a tag is: what people said, what its bytes are, what is called so, what stands here."""
        taken = self._request.links.get((group_file(self._engine), tag.name))
        if taken:
            return Meant(taken, "taken") if self._names.version(taken) else Meant(None, "taken-names-nothing", f"there is no {taken} here")
        told = self._artifacts.meant(tag)
        if told:
            return told
        if here:
            return Meant(here["model"], "here")
        near = self._names.meaning((*tag.names, tag.name.replace(":", "-")))
        alike = self._artifacts.alike(tag)
        candidates = alike or ((near.ref,) if near.ref else near.candidates)
        return Meant(None, "no-certain-link", "neither its bytes nor an alias tell which artifact it is", candidates[:3])

    def _embeds(self, ref: str) -> bool:
        return embeds(self._catalog.get(Model, ref.partition("@")[0]))

    def _vector(self, ref: str) -> int | None:
        """The length of vectors that the version has."""
        found = self._catalog.of("version").get(self._names.version(ref) or "")
        told = found.data.get("dimensions") if found else None
        return told[0] if isinstance(told, list) else told

    def _refuse(self, subject: str, reason: str, detail: str, candidates: tuple[str, ...] = ()) -> None:
        self._refusals.append(Refusal(self._engine, subject, reason, detail, candidates=candidates))
