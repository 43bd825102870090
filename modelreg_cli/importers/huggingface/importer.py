"""hf:org/name -> drafts: the model, its version with architecture and artifacts, licence, lineage."""

import re
from dataclasses import replace
from typing import Any

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.catalog.layout import is_id, slug
from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.importers.draft import Draft, Facts, Refusal, Request, wrong_with
from modelreg_cli.importers.huggingface import words
from modelreg_cli.importers.huggingface.artifacts import artifacts
from modelreg_cli.importers.huggingface.client import Repository, fetch
from modelreg_cli.importers.huggingface.place import Place, parent_of, place_of, versions_of
from modelreg_cli.importers.huggingface.results import scores
from modelreg_cli.importers.weights.target import as_ours
from modelreg_cli.weights.config import read

Document = dict[str, Any]
#: The day that the hub gives every repository that is older than its records.
_NO_DAY = "2022-03-02"
#: Kinds of numbers that are weights each; whole numbers in a file are buffers, or weights packed together.
_WEIGHTS = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
#: So small a share of whole numbers is buffers, such as positions.
_BUFFERS = 0.001


class HuggingFace:
    """The hub's own metadata of one repository."""

    name = "hf"
    summary = "a repository of the Hugging Face hub: hf:org/name[@revision]"
    options = ()
    unit = "files"
    usual = ""

    def facts(self, request: Request) -> Facts:
        """The drafts of one repository.

        Raises:
            ModelregError: it can not be read, or is a quantization of weights that the catalog does not know.
        """
        name, _, revision = str(request.source).partition("@")
        found = fetch(name, revision or request.revision, request.deadline, request.talk)
        if found.name != found.asked:
            request.talk(f"note: {found.asked} is called {found.name} now; that name is used")
        return _Journey(found, request).facts()


class _Journey:
    """One repository on its way into the catalog."""

    def __init__(self, repository: Repository, request: Request) -> None:
        self._found, self._request, self._catalog = repository, request, request.catalog
        card = repository.info.get("card_data")
        self._config = repository.config or {}
        self._card: Document = card if isinstance(card, dict) else {}
        self._tags = [tag for tag in repository.info.get("tags") or () if isinstance(tag, str)]
        self._observed = request.observed or request.today
        self._group = _id(repository.name.partition("/")[0])
        self._refusals: list[Refusal] = []

    def facts(self) -> Facts:
        """Drafts and refusals."""
        made = artifacts(self._found)
        parent = parent_of(self._catalog, self._bases())
        if words.relation_of(self._card, self._tags) == "quantized":
            drafts = [self._quantized(parent, made)]
        else:
            place = self._place(made)
            drafts = [*self._own(place, made, parent), *self._scores(place)]
        self._unsafe()
        for draft in drafts:
            if wrong := wrong_with(draft):
                raise ModelregError(
                    f"{draft.path} would not load: {wrong[0].message}", f"what the hub says of {self._found.name} does not fit a catalog"
                )
        subjects = frozenset(((self._group, self._found.name), *((draft.group, draft.subject) for draft in drafts)))
        return Facts(tuple(drafts), tuple(self._refusals), self._observed, subjects=subjects)

    def _own(self, place: Place, made: list[Document], parent: str | None) -> list[Draft]:
        """A model of its own."""
        sources = self._sources()
        license_, word = words.license_of(self._card, self._catalog)
        if word and not license_:
            self._refuse("unknown-license", f"the card says {word!r}; no licence here is called so", field="license", upstream=word)
        model = {
            "name": self._found.name.partition("/")[2],
            "type": "adapter" if any("adapter" in file["path"] for one in made for file in one["files"]) else "weights",
            "tasks": words.words_of(self._catalog, "tasks", [str(self._found.info.get("pipeline_tag"))]) or None,
            "modalities": words.modalities_of(self._found.info.get("pipeline_tag")),
            "license": license_,
            "languages": words.languages_of(self._card),
            "aliases": [f"hf:{name}" for name in dict.fromkeys((self._found.name, self._found.asked))],
            "default": place.version,
            "lineage": self._lineage(parent),
            **sources,
        }
        there = self._catalog.of("model").get(f"{place.publisher}/{place.model}")
        if there:  # how people call it, and which version a bare name means, is theirs to say
            model |= {field: there.data.get(field) for field in ("name", "type", "default", "aliases")}
        return [
            Draft("publisher", (place.publisher,), self._publisher(), self._group, self._found.name, once=True),
            Draft("model", (place.publisher, place.model), _said(model), self._group, self._found.name),
            Draft(
                "version", (place.publisher, place.model, place.version), _said(self._version(place, made)), self._group, self._found.name
            ),
        ]

    def _scores(self, place: Place) -> list[Draft]:
        """Results that the repository reports, where a benchmark here knows their tasks."""
        told = scores(self._found, self._catalog, place, self._group, self._observed)
        if told.unknown:
            tasks = ", ".join(dict.fromkeys(told.unknown))
            self._refuse("unknown-benchmark", f"scores of tasks that no benchmark here knows: {tasks}"[:1000], field="results")
        for words_ in told.wrong:
            self._refuse("unusable-score", words_[:1000], field="results", upstream=words_[:200])
        return told.drafts

    def _version(self, place: Place, made: list[Document]) -> Document:
        there = self._catalog.of("version").get(place.ref)
        data = {
            "released": self._released(place),
            "weights": "gated" if self._found.info.get("gated") else "open",
            "upstream": {"hub": "huggingface", "repo": self._found.name, "revision": self._found.revision},
            "limits": _said({"context": read(self._config).context}) or None,
            "architecture": self._architecture(),
            "artifacts": self._merged(place.ref, made) or None,
            **self._sources(),
        }
        return as_ours(_said(data), there.data if there else {})

    def _released(self, place: Place) -> str | None:
        """The day that the repository was made, where nobody has said better."""
        there = self._catalog.of("version").get(place.ref)
        released = there.data.get("released") if there else self._day("created_at")
        return released if isinstance(released, str) else None

    def _quantized(self, parent: str | None, made: list[Document]) -> Draft:
        """The same weights in another precision: artifacts of the version that they were made from, with their own publisher."""
        if parent is None or "@" not in parent:
            base = next(iter(self._bases()), "a model that its card does not name")
            raise Refused(f"{self._found.name} is a quantization of {base}, which the catalog does not have", f"import hf:{base} first")
        place = place_of(parent, there=True)
        mine = [self._beside(parent, {"id": one["id"], "publisher": self._group, **one}) for one in made]
        if not mine:
            raise Refused(f"{self._found.name} has no weights that the hub tells a digest of", "nothing can be registered of it")
        data = {"artifacts": self._merged(parent, mine), **self._sources()}
        data["sourced"] = {"/artifacts": "hub"}
        return Draft("version", (place.publisher, place.model, place.version), data, self._group, self._found.name)

    def _beside(self, ref: str, one: Document) -> Document:
        """An artifact of somebody else with an id that no other bytes have: the plain one, else with its maker, else with its commit."""
        there = self._catalog.of("version").get(ref)
        ours = {known["id"]: known for known in there.data.get("artifacts", ())} if there else {}
        for id_ in (one["id"], f"{one['id']}-{self._group}"):
            if id_ not in ours or _same_bytes(ours[id_], one):
                return {**one, "id": id_}
        return {**one, "id": f"{one['id']}-{self._found.revision[:8]}"}

    def _merged(self, ref: str, made: list[Document]) -> list[Document]:
        """The artifacts that the version has, each brought up to date, and those that are new."""
        there = self._catalog.of("version").get(ref)
        ours = [dict(one) for one in there.data.get("artifacts", ())] if there else []
        fresh = {one["id"]: one for one in made}
        merged = []
        for one in ours:
            mine = fresh.pop(one["id"], None) or next((new for new in made if new["id"] in fresh and _same_bytes(new, one)), None)
            if mine:
                fresh.pop(mine["id"], None)
            merged.append({**one, **{k: v for k, v in mine.items() if k != "id"}} if mine else one)
        return [*merged, *fresh.values()]

    def _place(self, made: list[Document]) -> Place:
        """The version that this repository is, by its aliases and upstream; a new one where its bytes are others."""
        known = versions_of(self._catalog, (self._found.name, self._found.asked))
        publisher, model = (_id(part) for part in self._found.name.split("/"))
        if not known:
            return Place(publisher, model, self._day("created_at") or self._day("last_modified") or "1.0.0")
        swapped = {ref: self._swapped(ref, made) for ref in known}
        fitting = next((ref for ref in known if not swapped[ref]), None)
        if fitting:
            return place_of(fitting, there=True)
        place = place_of(known[0], there=True)
        day = self._day("last_modified")
        taken = day is None or replace(place, version=day).ref in self._catalog.of("version")
        new = Place(place.publisher, place.model, f"{place.version}-{self._found.revision[:8]}" if taken or day is None else day)
        names = ", ".join(swapped[known[0]])
        self._request.talk(f"note: {names} of {known[0]} have other bytes upstream now; they are the new version {new.version}")
        return new

    def _swapped(self, ref: str, made: list[Document]) -> list[str]:
        """Artifacts of a version that have other bytes upstream."""
        ours = {one["id"]: one for one in self._catalog.of("version")[ref].data.get("artifacts", ())}
        return [one["id"] for one in made if ours.get(one["id"], {}).get("files") and not _same_bytes(one, ours[one["id"]])]

    def _bases(self) -> list[str]:
        told = self._card.get("base_model")
        return [base for base in (told if isinstance(told, list) else [told]) if isinstance(base, str) and base.count("/") == 1]

    def _lineage(self, parent: str | None) -> list[Document] | None:
        relation, bases = words.relation_of(self._card, self._tags), self._bases()
        if not bases:
            return None
        if parent is None:
            self._refuse(
                "unknown-parent", f"made from {', '.join(bases)}, which the catalog does not have", field="lineage", upstream=bases[0]
            )
            return None
        if relation is None:
            self._refuse(
                "unknown-relation", f"made from {parent}; neither the card nor the hub says how", field="lineage", upstream=bases[0]
            )
            return None
        return [{"relation": relation, "of": parent}]

    def _architecture(self) -> Document | None:
        """The geometry that the configuration tells, with the weights that the hub counted."""
        told = read(self._config)
        for reason in told.reasons if self._config else ():
            self._refuse("not-understood", f"config.json: {reason}"[:1000], field="architecture.layers")
        counted = _said({"total": self._parameters()})
        return told.architecture | ({"parameters": counted} if counted else {}) or None

    def _parameters(self) -> int | None:
        """How many weights there are, by the hub's count of the files' headers; None where some are packed."""
        counts = (self._found.info.get("safetensors") or {}).get("parameters")
        counts = {name: count for name, count in (counts or {}).items() if isinstance(count, int) and count > 0}
        weights = sum(count for name, count in counts.items() if name in _WEIGHTS)
        others = sum(count for name, count in counts.items() if name not in _WEIGHTS)
        return weights if weights and others <= weights * _BUFFERS else None

    def _day(self, field: str) -> str | None:
        """A day that the hub tells, where it knows it."""
        day = str(self._found.info.get(field) or "")[:10]
        return day if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) and day != _NO_DAY else None

    def _unsafe(self) -> None:
        """Files that the hub's scanners speak against."""
        status = self._found.info.get("security_repo_status")
        issues = status.get("filesWithIssues") if isinstance(status, dict) else None
        for issue in issues or ():
            if isinstance(issue, dict) and isinstance(issue.get("path"), str):
                level = str(issue.get("level") or "suspicious")
                self._request.talk(f"warning: the hub calls {issue['path']} {level}")
                self._refuse("unsafe-file", f"the hub's scanners call {issue['path']} {level}", upstream=issue["path"])

    def _publisher(self) -> Document:
        name = self._found.name.partition("/")[0]
        return {"name": name, "url": f"https://huggingface.co/{name}"}

    def _sources(self) -> Document:
        url = f"https://huggingface.co/{self._found.name}/tree/{self._found.revision}"
        return {"sources": {"hub": {"url": url, "retrieved": self._observed}}, "sourced": {"": "hub"}}

    def _refuse(self, reason: str, detail: str, field: str | None = None, upstream: Any = None) -> None:
        self._refusals.append(Refusal(self._group, self._found.name, reason, detail, field, upstream))


def _said(data: Document) -> Document:
    return {key: value for key, value in data.items() if value is not None}


def _id(name: str) -> str:
    """A name of the hub as a step of a path."""
    return name.lower() if is_id(name.lower()) else slug(name)


def _same_bytes(one: Document, other: Document) -> bool:
    return artifact_digest(one.get("files")) == artifact_digest(other.get("files"))
