"""A provider's own listing against the catalog: what is known, new, changed and gone, as drafts of offerings and decisions."""

import re
from dataclasses import dataclass, field
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.importers.decisions import group_file
from modelreg_cli.importers.discovery.names import Meaning, Names, served, serving
from modelreg_cli.importers.discovery.reading import asked_before, known_provider, not_empty, provenance
from modelreg_cli.importers.draft import Draft, Facts, Listed, Refusal, Request, wrong_with

_OUT_OF_USE = ("retired", "disabled")
_ENDS = {"deprecated": "deprecated", "retired": "retired"}
Document = dict[str, Any]


@dataclass(slots=True)
class Served:
    """What a listing says of one model: other names of the same, tokens, the stage of its life, days of its end, what was odd."""

    id: str
    also: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)
    status: str | None = None
    deprecation: dict[str, str] = field(default_factory=dict)
    odd: tuple[str, ...] = ()


class Offers:
    """One listing of one provider on its way into the catalog."""

    def __init__(self, importer: str, request: Request, provider: str, url: str) -> None:
        self._request, self._catalog, self._provider, self._url = request, request.catalog, provider, url
        self._importer = importer
        self._publisher = known_provider(request, provider).get("publisher")
        self._names = Names(request.catalog)
        self._here = {
            loaded.data["wire_id"]: (id_, loaded.data)
            for id_, loaded in request.catalog.of("offering").items()
            if id_.partition("/")[0] == provider
        }
        self._observed = request.observed or request.today
        self._drafts: list[Draft] = []
        self._refusals: list[Refusal] = []
        self._listing: list[Listed] = []

    def facts(self, listed: list[Served], unreadable: int, hint: str) -> Facts:
        """Drafts, decisions and the listing.

        Raises:
            Refused: nothing is listed.
        """
        not_empty(self._url, [one.id for one in listed], hint)
        if unreadable:
            self._refuse(f"providers/{self._provider}", "not-understood", f"entries of the listing that name no model: {unreadable}")
        every = {one.id: one for one in reversed(listed)}
        for _, one in sorted(every.items()):
            for words in one.odd:
                self._refuse(one.id, "not-understood", words)
            if one.id in self._here:
                self._known(one, *self._here[one.id])
            elif one.status != "retired":
                self._new(one)
        by_version = {one.ref: one.name for one in reversed(self._listing) if one.ref}
        for name in sorted(self._here.keys() - every.keys()):
            self._absent(name, self._here[name][1], by_version)
        about = {*every, *self._here, f"providers/{self._provider}", *asked_before(self._request, self._importer, self._provider)}
        subjects = frozenset((self._provider, name) for name in about)
        return Facts(tuple(self._drafts), tuple(self._refusals), self._observed, subjects=subjects, listing=tuple(self._listing))

    def _known(self, one: Served, id_: str, here: Document) -> None:
        """An offering that is here: what the listing says of it, beside what it says of its version already."""
        ref = served(here)
        self._draft(one, id_.partition("/")[2], {"wire_id": one.id, "serves": serving(here), **self._said(one, ref, here)})
        self._listing.append(Listed(one.id, "known", ref, "retired there" if one.status == "retired" else ""))

    def _new(self, one: Served) -> None:
        """A wire id that is not here yet: an offering where it is certain what it is, else a decision."""
        ref = self._linked(one)
        if ref is None:
            return
        data = {"wire_id": one.id, "serves": {"version": ref, "pinned": _names_date(one.id, ref)}, **self._said(one, ref, {})}
        made = self._draft(one, layout.slug(one.id), data)
        if wrong := wrong_with(made):
            self._drafts.pop()
            self._refuse(one.id, "does-not-fit", f"{made.path} would have an error: {wrong[0].message}")
        self._listing.append(Listed(one.id, "new", ref, "does not fit" if wrong else ""))

    def _linked(self, one: Served) -> str | None:
        taken = self._request.links.get((group_file(self._provider), one.id))
        if taken:
            ref = self._names.version(taken)
            if ref is None:
                self._refuse(one.id, "taken-names-nothing", f"the decision names {taken}, which is not here")
                self._listing.append(Listed(one.id, "new"))
            return ref
        meant = self._names.meaning((one.id, *one.also), self._publisher)
        if meant.ref is None:
            self._refuse(one.id, "no-certain-link", meant.why, meant.candidates)
            self._listing.append(Listed(one.id, "new", None, candidates_of(meant)))
        return meant.ref

    def _said(self, one: Served, ref: str, here: Document) -> Document:
        """Limits, end and status, as an offering says them: only what its version does not say."""
        version = self._catalog.of("version").get(ref)
        theirs = (version.data.get("limits") if version else None) or {}
        limits = self._limits(one, theirs, here.get("limits") or {})
        status = _ENDS.get(one.status or "") or ("active" if one.status and here.get("status") in _ENDS else None)
        told = {"status": status, "deprecation": one.deprecation, "limits": limits}
        said = {key: value for key, value in told.items() if value}
        return said | provenance(self._url, self._observed)

    def _limits(self, one: Served, theirs: Document, ours: Document) -> dict[str, int]:
        said = {name: value for name, value in one.limits.items() if name in ours or theirs.get(name) != value}
        whole, most = ({**theirs, **ours, **said}.get(name) for name in ("context", "output"))
        if isinstance(whole, int) and isinstance(most, int) and most > whole:
            words = f"output {most:,} is more than context {whole:,}; what the listing says of them is left out"
            self._refuse(one.id, "output-above-context", words, field="limits")
            return {}
        return said

    def _draft(self, one: Served, id_: str, data: Document) -> Draft:
        made = Draft("offering", (self._provider, id_), data, self._provider, one.id)
        self._drafts.append(made)
        return made

    def _absent(self, name: str, here: Document, listed: dict[str, str]) -> None:
        """An offering that is not listed: gone, unless it is another name of one that is (Anthropic lists dated names alone)."""
        ref = served(here)
        if here.get("status") in _OUT_OF_USE:
            return
        if not serving(here)["pinned"] and ref in listed:
            self._listing.append(Listed(name, "known", ref, f"listed as {listed[ref]}"))
            return
        retires = (here.get("deprecation") or {}).get("retires")
        told = f"; it was to retire on {retires}" if retires else ""
        words = f"{self._provider} does not list it{told}; it stays until people retire it (modelreg deprecate)"
        self._refuse(name, "vanished-upstream", words)
        self._listing.append(Listed(name, "vanished", ref, f"was to retire on {retires}" if retires else ""))

    def _refuse(self, subject: str, reason: str, detail: str, candidates: tuple[str, ...] = (), field: str | None = None) -> None:
        self._refusals.append(Refusal(self._provider, subject, reason, detail, field, candidates=candidates))


def candidates_of(meant: Meaning) -> str:
    """What a name could mean, beside it in the listing."""
    return f"may be {', '.join(meant.candidates)}" if meant.candidates else meant.why


def _names_date(wire_id: str, ref: str) -> bool:
    """Whether the wire id itself says the date of its version, so that it can mean no other one."""
    version = ref.partition("@")[2]
    return re.fullmatch(r"[0-9][0-9-]{3,9}", version) is not None and version in wire_id
