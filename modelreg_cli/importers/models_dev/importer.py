"""models.dev: bases, providers, listings -> publishers, models, versions, results, providers, offerings."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.model import Publisher
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.vocabulary import Vocabulary
from modelreg_cli.importers.decisions import group_file
from modelreg_cli.importers.draft import Draft, Facts, Refusal, Request, wrong_with
from modelreg_cli.importers.linking.ids import Place
from modelreg_cli.importers.linking.linker import Linker
from modelreg_cli.importers.linking.names import name_of
from modelreg_cli.importers.models_dev import benchmarks, sellers
from modelreg_cli.importers.models_dev.identity import places, publishers, released
from modelreg_cli.importers.models_dev.known import bases_of, others_of
from modelreg_cli.importers.models_dev.models import Models
from modelreg_cli.importers.models_dev.offerings import Offerings
from modelreg_cli.importers.models_dev.results import Results
from modelreg_cli.importers.models_dev.source import Base, Listing, Upstream, read
from modelreg_cli.importers.parts import base_group

NAME = "models-dev"
_FROM_BASES = frozenset(("publisher", "model", "version", "results"))
_FROM_SELLERS = frozenset(("provider", "offering"))


class ModelsDev:
    """The importer of models.dev."""

    name = NAME
    summary = "providers, prices, limits and models of models.dev (its repository, an archive of it, or api.json)"
    options = ()
    unit = "listings"
    usual = ""

    def facts(self, request: Request) -> Facts:
        """Everything the source says, as drafts and refusals.

        Raises:
            ModelregError: the source can not be read at all, or is hostile.
        """
        return _Journey(request, read(Path(request.source), request.observed, request.revision, request.today)).facts()


class _Journey:
    def __init__(self, request: Request, upstream: Upstream) -> None:
        self._request = request
        self._upstream = upstream
        self._refusals: list[Refusal] = list(upstream.refusals)
        self._drafts: list[Draft] = []
        self._still: set[str] = set()
        self._made: set[str] = set()
        self._tally: Counter[str] = Counter()

    def facts(self) -> Facts:
        catalog = self._request.catalog
        if self._upstream.has_bases:
            ids = publishers(self._upstream.bases, _publisher_aliases(catalog))
            where = self._models(places(self._upstream.bases, ids), ids)
            bases = {base.key: base for base in self._upstream.bases if base.key in where}
        else:
            bases, where = bases_of(catalog)
            self._refusals += _told_of_models(catalog)
            ids = {base.publisher: (where[key].publisher, base.publisher) for key, base in bases.items()}
        ours = {place.publisher: bases[key].publisher for key, place in where.items()}
        more, there = others_of(catalog, ours, bases)
        self._sell({**more, **bases}, {**there, **where}, ids)
        self._still |= {path for group, subject in self._upstream.unread for path in _paths_of(catalog, group, subject)}
        return Facts(
            tuple(self._drafts),
            tuple(self._refusals),
            self._upstream.observed,
            frozenset(self._still),
            _FROM_SELLERS | (_FROM_BASES if self._upstream.has_bases else frozenset()),
            dict(self._tally),
        )

    def _models(self, where: dict[str, Place], ids: dict[str, tuple[str, str]]) -> dict[str, Place]:
        """Drafts of publishers, models, versions and results; the places whose files load."""
        models = Models(self._upstream, where, self._request.catalog.of("license"))
        drafts = models.drafts()
        self._refusals += models.refusals
        broken = {draft.id for draft in drafts if not self._sound(draft)}
        where = {key: place for key, place in where.items() if not broken & {place.ref, place.model_ref}}
        wanted = {place.model_ref for place in where.values()} | {place.ref for place in where.values()}
        self._drafts += [draft for draft in drafts if draft.id in wanted]
        self._still |= {draft.path for draft in drafts if draft.id not in wanted}
        self._publishers(where, ids)
        self._results(where, ids)
        return where

    def _publishers(self, where: dict[str, Place], ids: dict[str, tuple[str, str]]) -> None:
        known = _publisher_aliases(self._request.catalog)
        for id_ in sorted({place.publisher for place in where.values()}):
            mine = sorted(upstream for upstream, (ours, _) in ids.items() if ours == id_ and upstream not in known)
            if mine:
                data = {"name": ids[mine[0]][1], "aliases": [f"{NAME}:{upstream}" for upstream in mine]}
                self._drafts.append(Draft("publisher", (id_,), data, mine[0], f"models/{mine[0]}", once=True))

    def _results(self, where: dict[str, Place], ids: dict[str, tuple[str, str]]) -> None:
        bases = {base.key: base for base in self._upstream.bases if base.key in where}
        names = {key: name_of(base) for key, base in bases.items()}
        restricted = _restricted(self._request.catalog)
        results = Results(where, list(names.values()), _sites(self._request.catalog, ids), restricted, self._upstream.observed)
        for key, name in names.items():
            means = where[key].means
            results.add(bases[key], name, means is None or _same_time(bases[key], bases[means]))
        self._refusals += results.refusals
        self._drafts += [draft for draft in results.drafts() if self._sound(draft)]
        self._drafts += [known.draft(NAME) for known in benchmarks.all_benchmarks if known.id in results.used]

    def _sell(self, bases: dict[str, Base], where: dict[str, Place], ids: dict[str, tuple[str, str]]) -> None:
        known = {seller.id: seller for seller in self._upstream.sellers}
        for seller in self._upstream.sellers:
            draft, refusals = sellers.provider(seller, ids[seller.id][0] if seller.id in ids else None, self._upstream.observed)
            self._refusals += refusals
            if self._sound(draft):
                self._drafts.append(draft)
            else:
                del known[seller.id]
        linker = Linker(bases, where)
        offerings = Offerings(known, bases, where, self._upstream.observed)
        for done, listing in enumerate(self._upstream.listings):
            self._request.progress(done, len(self._upstream.listings))
            if listing.provider in known:
                self._offer(listing, linker, offerings)
            else:
                self._still.add(_path_of(listing.provider, listing.wire_id))
                self._refusals.append(
                    Refusal(listing.provider, listing.wire_id, "no-provider", "its provider's own file is missing or not understood")
                )
        self._refusals += [*offerings.refusals, *offerings.counted()]

    def _offer(self, listing: Listing, linker: Linker[Base], offerings: Offerings) -> None:
        path = _path_of(listing.provider, listing.wire_id)
        taken = self._request.links.get((group_file(listing.provider), listing.wire_id))
        link = linker.link(listing.provider, listing.wire_id, taken, self._serves_here(path), listing.facts.base_model)
        if link.base is None:
            self._refusals.append(Refusal(listing.provider, listing.wire_id, link.rule, link.detail, candidates=link.candidates))
            self._still.add(path)
            return
        before = len(offerings.refusals)
        draft = offerings.draft(listing, link.base)
        if self._sound(draft):
            self._tally[link.rule] += 1
            self._drafts.append(draft)
        else:
            self._still.add(path)
            del offerings.refusals[before:]

    def _serves_here(self, path: str) -> str | None:
        """The version that a file here serves, where people wrote it or the source has no links of its own."""
        location = layout.locate(path)
        offering = self._request.catalog.get(Offering, location.id) if location else None
        if offering is None or (path in self._request.ours and self._upstream.has_bases):
            return None
        serves = offering.serves[-1] if isinstance(offering.serves, list) else offering.serves
        return serves.version

    def _sound(self, draft: Draft) -> bool:
        """Whether a draft would load; where it would not, a decision says why."""
        wrong = [f"{finding.pointer or draft.path}: {finding.message}" for finding in wrong_with(draft)]
        if draft.path in self._made:
            wrong.append(f"{draft.path} is another one's file already")
        if wrong:
            self._refusals.append(Refusal(draft.group, draft.subject, "does-not-fit", "; ".join(wrong[:3])))
            self._still.add(draft.path)
        self._made.add(draft.path)
        return not wrong


def _path_of(provider: str, wire_id: str) -> str:
    return layout.path_of("offering", sellers.provider_id(provider), layout.slug(wire_id))


def _paths_of(catalog: Catalog, group: str, subject: str) -> Iterator[str]:
    """Files here that an upstream file which could not be read may have told of."""
    yield _path_of(group, subject)
    if subject == f"providers/{group}":
        yield layout.path_of("provider", sellers.provider_id(group))
    alias = f"{NAME}:{subject.removeprefix('models/')}"
    for loaded in (*catalog.of("model").values(), *catalog.of("version").values()):
        if alias in loaded.data.get("aliases", ()):
            yield loaded.location.path


def _told_of_models(catalog: Catalog) -> Iterator[Refusal]:
    """What was told of base models before: a source without them can not say that it is settled."""
    for id_, loaded in catalog.of("decisions").items():
        importer, _, name = id_.partition("/")
        for entry in loaded.data["decisions"] if importer == NAME else ():
            if entry["subject"].startswith("models/"):
                told = {key: entry.get(key) for key in ("field", "upstream", "ours")}
                yield Refusal(base_group(name), entry["subject"], entry["reason"], entry.get("detail", ""), **told)


def _publisher_aliases(catalog: Catalog) -> dict[str, str]:
    """Upstream's id of a publisher -> ours, as publisher files say."""
    return {
        alias.removeprefix(f"{NAME}:"): id_
        for id_, publisher in catalog.entities(Publisher).items()
        for alias in publisher.aliases or ()
        if alias.startswith(f"{NAME}:")
    }


def _restricted(catalog: Catalog) -> frozenset[str]:
    words = catalog.get(Vocabulary, "evaluators")
    return frozenset(word for word, term in words.terms.items() if term.redistribution == "no") if words else frozenset()


def _sites(catalog: Catalog, ids: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Site -> the publisher whose site it is; on Hugging Face, its organisation."""
    sites = {f"huggingface.co/{id_}": id_ for id_, _ in ids.values()}
    for id_, publisher in catalog.entities(Publisher).items():
        if publisher.url:
            sites[publisher.url.split("/")[2].removeprefix("www.")] = id_
    return sites


def _same_time(floating: Base, dated: Base) -> bool:
    """Whether a floating name was measured as the version that it means: its dates say so."""
    mine = {floating.facts.release_date, floating.facts.last_updated}
    return bool(mine & {dated.facts.release_date, dated.facts.last_updated, released(dated)[0]})
