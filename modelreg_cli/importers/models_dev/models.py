"""Publishers, models and versions from upstream's base models."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from modelreg_cli.importers.draft import Draft, Refusal
from modelreg_cli.importers.linking.ids import HUB, Place, plain_name, split
from modelreg_cli.importers.models_dev import facts as words
from modelreg_cli.importers.models_dev.identity import released
from modelreg_cli.importers.models_dev.shape import unknown_keys
from modelreg_cli.importers.models_dev.source import Base, Upstream

SOURCE = "models-dev"


class Models:
    """The drafts of models/: one model of several versions at a time, since they share a file."""

    def __init__(self, upstream: Upstream, places: dict[str, Place], licenses: Collection[str]) -> None:
        self._licenses = licenses
        self._upstream = upstream
        self._bases = {base.key: base for base in upstream.bases}
        self._places = places
        self.refusals: list[Refusal] = []
        self._owners = _owners(upstream.bases, places)

    def drafts(self) -> list[Draft]:
        """Models and versions, sorted by path."""
        for base in self._upstream.bases:
            if base.key not in self._places:
                self._refuse(base, "no-date", "neither its id nor its file tells a day of release, so its version has no name")
        members: dict[str, list[Base]] = defaultdict(list)
        for key, place in self._places.items():
            members[place.model_ref].append(self._bases[key])
        drafts = []
        for ref in sorted(members):
            drafts += self._model(members[ref])
        return drafts

    def _model(self, bases: list[Base]) -> list[Draft]:
        floating = [base for base in bases if self._places[base.key].means]
        real = sorted((base for base in bases if base not in floating), key=_order)
        unique: dict[str, Base] = {}
        for base in real:
            if self._places[base.key].version in unique:
                self._refuse(
                    base,
                    "version-taken",
                    f"{unique[self._places[base.key].version].key} is version {self._places[base.key].version} already",
                )
            else:
                unique[self._places[base.key].version] = base
        default = next((self._bases[str(self._places[base.key].means)] for base in floating), real[-1])
        model = self._model_data(default, floating)
        drafts = [self._draft("model", default, self._places[default.key], model, floating)]
        for base in unique.values():
            mine = [other for other in floating if self._places[other.key].means == base.key]
            self._compare(base, mine)
            elsewhere = mine if base is not default else []
            drafts.append(self._draft("version", base, self._places[base.key], self._version_data(base, model, elsewhere), []))
        return drafts

    def _draft(self, kind: str, base: Base, place: Place, data: dict[str, Any], floating: list[Base]) -> Draft:
        ids = (place.publisher, place.model) if kind == "model" else (place.publisher, place.model, place.version)
        url = (floating or [base])[0].url if kind == "model" else base.url
        data["sources"] = {SOURCE: {"url": url, "retrieved": self._upstream.observed}}
        data["sourced"] = {"": SOURCE}
        return Draft(kind, ids, data, base.publisher, f"models/{base.key}")

    def _model_data(self, base: Base, floating: list[Base]) -> dict[str, Any]:
        facts = base.facts
        shown = next((other.facts.name for other in floating), facts.name)
        family = (facts.family or "").lower().replace(" ", "-")
        tasks, modalities = self._does(base)
        license_ = self._license(base)
        data: dict[str, Any] = {"name": plain_name(shown), "type": "weights" if facts.open_weights else "hosted"}
        data |= {"family": family} if family else {}
        data |= {"tasks": tasks} if tasks else {}
        data |= {"modalities": modalities} if modalities else {}
        data |= {"license": license_} if license_ else {}
        aliases = [f"{SOURCE}:{other.key}" for other in floating if self._places[other.key].means == base.key]
        data |= {"aliases": sorted(aliases)} if aliases else {}
        data |= {"links": [{"label": page.label, "url": page.url} for page in facts.links]} if facts.links else {}
        return data | {"default": self._places[base.key].version}

    def _does(self, base: Base) -> tuple[list[str], dict[str, list[str]]]:
        given = base.facts.modalities
        unknown = sorted({*(given.input or ()), *(given.output or ())} - set(words.MODALITIES))
        if unknown:
            self._refuse(base, "unknown-modality", "no word of vocabulary/modalities", "modalities", unknown)
        tasks = words.tasks(base.id, given.input or (), given.output or ())
        out = words.modalities(given.output)
        instead = {"embedding": "embedding", "rerank": "score"}.get("".join(tasks))
        if instead and out != [instead]:
            out = [instead]
        both = {"input": words.modalities(given.input), "output": out}
        return tasks, {way: listed for way, listed in both.items() if listed}

    def _license(self, base: Base) -> str | None:
        given = base.facts.license
        if given is None:
            return None
        if given.lower() in self._licenses:
            return given.lower()
        self._refuse(base, "unknown-license", "no file of catalog/licenses has this name for certain", "license", given)
        return None

    def _version_data(self, base: Base, model: dict[str, Any], floating: list[Base]) -> dict[str, Any]:
        facts = base.facts
        day, refused = released(base)
        if refused:
            words_ = f"the id names {day}, so it can not be older than that"
            self._refuse(base, "release-contradicts-id", words_, "release_date", facts.release_date)
        data: dict[str, Any] = {}
        name = plain_name(facts.name)
        data |= {"name": name} if name != model["name"] else {}
        data |= {"released": day} if day else {}
        data |= {"updated": facts.last_updated} if facts.last_updated and facts.last_updated != facts.release_date else {}
        data |= {"weights": "open" if facts.open_weights else "closed"} if facts.open_weights is not None else {}
        tasks, modalities = self._does(base)
        data |= {"modalities": modalities} if modalities and modalities != model.get("modalities") else {}
        license_ = self._license(base)
        data |= {"license": license_} if license_ and license_ != model.get("license") else {}
        repo = base.repository
        data |= {"upstream": {"hub": "huggingface", "repo": repo}} if repo else {}
        data |= self._limits(base, tasks) | self._knowledge(base, day) | self._abilities(base, tasks)
        data |= self._artifacts(base)
        aliases = [f"{SOURCE}:{other.key}" for other in (base, *floating)] + self._hub_alias(base, repo)
        if unknown_keys(facts):
            self._refuse(base, "unknown-field", f"fields that this importer does not know: {', '.join(unknown_keys(facts))}")
        return data | {"aliases": sorted(aliases)}

    def _limits(self, base: Base, tasks: list[str]) -> dict[str, Any]:
        told: list[words.Told] = []
        kept = words.limits(base.facts.limit, None, told)
        if set(tasks) & words.NOT_CHAT - {"transcription"} and "output" in kept:
            told.append(("not-a-chat-model", "it gives vectors or scores, not tokens", "limit.output", kept.pop("output")))
        for reason, detail, field, value in told:
            self._refuse(base, reason, detail, field, value)
        return {"limits": kept} if kept else {}

    def _knowledge(self, base: Base, day: str | None) -> dict[str, Any]:
        cutoff = base.facts.knowledge
        if cutoff and day and cutoff[: len(day)] > day[: len(cutoff)]:
            self._refuse(base, "knowledge-after-release", f"it was released {day}", "knowledge", cutoff)
            return {}
        return {"knowledge": cutoff} if cutoff else {}

    def _abilities(self, base: Base, tasks: list[str]) -> dict[str, Any]:
        can, lacks = words.abilities(base.facts)
        if set(tasks) & words.NOT_CHAT and "temperature" in can:
            can.discard("temperature")
            self._refuse(base, "not-a-chat-model", f"a model for {tasks[0]} has no temperature", "temperature", True)
        found = {"capabilities": words.capabilities(can), "lacks": words.capabilities(lacks)}
        return {key: listed for key, listed in found.items() if listed}

    def _artifacts(self, base: Base) -> dict[str, Any]:
        found = []
        for repo, quantization in base.repositories():
            if quantization:
                found.append({"id": quantization, "quantization": quantization, "uri": f"hf://{repo}", "aliases": [f"hf:{repo}"]})
        for weights in base.facts.weights:
            if not weights.url.startswith(HUB):
                self._refuse(base, "unknown-weights", "not a repository on Hugging Face", "weights", weights.url)
        return {"artifacts": found} if found else {}

    def _hub_alias(self, base: Base, repo: str | None) -> list[str]:
        if repo is None:
            return []
        owner = self._owners.get(repo.lower())
        if owner == base.key:
            return [f"hf:{repo}"]
        rival = f"{owner} has it" if owner else "several models share it and none is called like it"
        self._refuse(base, "alias-taken", f"the alias hf:{repo} means one thing only: {rival}", "weights", repo)
        return []

    def _compare(self, base: Base, floating: Iterable[Base]) -> None:
        """What a floating name says differently of the version it means."""
        for other in floating:
            mine, theirs = _comparable(base), _comparable(other)
            apart = {key: [theirs.get(key), mine.get(key)] for key in sorted({*mine, *theirs}) if mine.get(key) != theirs.get(key)}
            if apart:
                said = "; ".join(f"{key} {_said(pair[0])}, not {_said(pair[1])}" for key, pair in apart.items())
                self._refuse(other, "floating-disagrees", f"it means {self._places[base.key].ref}, but says {said}"[:2000])

    def _refuse(self, base: Base, reason: str, detail: str, field: str | None = None, upstream: Any = None) -> None:
        self.refusals.append(Refusal(base.publisher, f"models/{base.key}", reason, detail, field, upstream))


def _said(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _comparable(base: Base) -> dict[str, Any]:
    given = base.facts.model_dump(exclude={"name", "weights", "links", "benchmarks", "release_date", "last_updated"}, exclude_none=True)
    limit = given.pop("limit", {})
    return (
        given
        | {f"limit.{key}": value for key, value in limit.items()}
        | {"weights": base.repository, "release_date": base.facts.release_date}
    )


def _order(base: Base) -> tuple[str, str]:
    return (released(base)[0] or "", split(base.id).date or "")


def _owners(bases: Iterable[Base], places: dict[str, Place]) -> dict[str, str]:
    """Repository -> the base that may carry it as an alias: the only one, or the one of that name."""
    users: dict[str, list[Base]] = defaultdict(list)
    for base in bases:
        place = places.get(base.key)
        repo = base.repository
        if repo and place and place.means is None:
            users[repo.lower()].append(base)
    owners = {}
    for repo, found in users.items():
        named = [base for base in found if _bare(base.id) == _bare(repo.split("/")[1])]
        if len(found) == 1 or len(named) == 1:
            owners[repo] = (named or found)[0].key
    return owners


def _bare(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
