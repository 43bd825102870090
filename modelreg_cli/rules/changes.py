"""What a change may not do to what was published: these rules see the catalog before and after."""

from collections.abc import Iterator

from modelreg_cli.catalog.load import Loaded
from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.offering import Offering, Price
from modelreg_cli.entities.version import Version
from modelreg_cli.finding import Code, Finding, warning
from modelreg_cli.rules.facts import Facts, serves_now
from modelreg_cli.rules.rule import Comparison

REMOVED_FILE = Code("removed-file", "a published file that is gone")
APPEND_ONLY = Code("append-only", "results, a scan or a statement that were edited or removed")
BYTES_CHANGED = Code("version-bytes-changed", "other bytes under the same version")
PINNED_MOVED = Code("pinned-moved", "a pinned wire id that now serves another version")
PRICE_JUMP = Code("price-jump", "a price of at least 3 times its predecessor without new evidence")
PRICE_EDITED = warning("price-edited", "an old price entry that was edited or removed")

JUMP = 3
_FREE_TO_GO = ("decisions", "snapshot", "tenant", "vocabulary", "results", "scan")
_APPROVALS = "catalog/approvals/"


def removed(before: Facts, after: Facts) -> Iterator[Finding]:
    """Ids are never reused, so what was published stays, retired."""
    paths = set(after.catalog.tree.paths())
    for loaded in before.catalog.all():
        if loaded.location.kind not in _FREE_TO_GO and loaded.location.path not in paths:
            yield REMOVED_FILE.about(
                loaded.location.path, f"the {loaded.location.kind} was published and is gone", hint=_instead(loaded.location.kind)
            )


def _instead(kind: str) -> str:
    if kind in ("version", "offering", "provider", "engine", "binding"):
        return "keep the file with `status: retired`, and a `deprecation` with a replacement where there is one"
    if kind == "model":
        return "keep model.yaml and set `status: retired` in its versions; a new name is an alias"
    return "keep the file: others may refer to it from earlier commits"


def append_only(before: Facts, after: Facts) -> Iterator[Finding]:
    """Evidence is added, never edited: a correction is a new file."""
    hint = "restore it; a correction is a new file beside it"
    for kind in ("results", "scan"):
        now = after.catalog.of(kind)
        for id_, loaded in before.catalog.of(kind).items():
            if kind == "scan" and loaded.data.get("status") == "scanning":
                continue  # it says nothing yet: the scan that ends takes its place
            if id_ in now and now[id_].data != loaded.data:
                yield APPEND_ONLY.about(loaded.location.path, f"this {kind} file was edited", hint=hint)
            elif not after.catalog.has(kind, id_):
                yield APPEND_ONLY.about(loaded.location.path, f"this {kind} file is gone", hint=hint)
    for path in _changed_approvals(before, after):
        yield APPEND_ONLY.about(path, "this signed statement was edited or removed", hint="restore it; a newer statement is a new file")


def _changed_approvals(before: Facts, after: Facts) -> list[str]:
    old, new = ([path for path in facts.catalog.tree.paths() if path.startswith(_APPROVALS)] for facts in (before, after))
    if not old:
        return []
    now = dict(after.catalog.tree.read(new))
    return [path for path, raw in before.catalog.tree.read(old) if now.get(path) != raw]


def bytes_changed(before: Facts, after: Facts) -> Iterator[Finding]:
    """New bytes are a new version; the digests are what an approval was given for."""
    for loaded, version in after.each(Version):
        old = before.catalog.get(Version, loaded.location.id)
        if old is None:
            continue
        now = {artifact.id: (at, artifact) for at, artifact in enumerate(version.artifacts or ())}
        for artifact in old.artifacts or ():
            if not artifact.files:
                continue
            at, new = now.get(artifact.id, (None, None))
            was = sorted((file.path, file.bytes, file.sha256) for file in artifact.files)
            is_ = sorted((file.path, file.bytes, file.sha256) for file in (new.files if new else None) or ())
            if was != is_:
                pointer = "/artifacts" if at is None else pointer_to("artifacts", at)
                message = f"artifact {artifact.id} has other files than before"
                yield BYTES_CHANGED.about(loaded.location.path, message, pointer, "new bytes are a new version: add a file beside this one")


def pinned_moved(before: Facts, after: Facts) -> Iterator[Finding]:
    """A provider's promise that was broken is written down as a floating name."""
    for loaded, offering, old in _both(before, after):
        was, now = serves_now(old), serves_now(offering)
        if was.pinned and now.pinned and was.version != now.version:
            hint = "set `pinned: false` and keep the history in `serves`; or correct the link in a change of its own with a source"
            yield PINNED_MOVED.about(loaded.location.path, f"it is pinned, and served {was.version} before", "/serves", hint)


def _both(before: Facts, after: Facts) -> Iterator[tuple[Loaded, Offering, Offering]]:
    for loaded, offering in after.each(Offering):
        old = before.catalog.get(Offering, loaded.location.id)
        if old is not None and old != offering:
            yield loaded, offering, old


def price_jumps(before: Facts, after: Facts) -> Iterator[Finding]:
    """A unit error looks like a rise; a rise has a page that says so."""
    for loaded, offering, old in _both(before, after):
        if not (old.prices and offering.prices) or _new_evidence(old, offering):
            continue
        was, now = old.prices[-1], offering.prices[-1]
        if was.currency != now.currency:
            continue
        for meter, rate in now.rates.items():
            last = was.rates.get(meter)
            if last and rate >= JUMP * last:
                pointer = pointer_to("prices", len(offering.prices) - 1, "rates", meter)
                message = f"{meter} went from {last:g} to {rate:g} {now.currency}, {rate / last:.0f} times as much"
                yield PRICE_JUMP.about(
                    loaded.location.path, message, pointer, "a unit error? if it is right, add a source for it in this change"
                )


def _new_evidence(old: Offering, offering: Offering) -> bool:
    """Whether the change brings a source that was not there, or a later copy of one."""
    known = {(source.url, source.retrieved) for source in (old.sources or {}).values()}
    return any((source.url, source.retrieved) not in known for source in (offering.sources or {}).values())


def price_edits(before: Facts, after: Facts) -> Iterator[Finding]:
    """A new price is a new entry; an edited one says that the old price never held."""
    for loaded, offering, old in _both(before, after):
        for at, price in enumerate(old.prices or ()):
            if not any(_says_all(now, price) for now in offering.prices or ()):
                pointer = pointer_to("prices", at) if at < len(offering.prices or ()) else "/prices"
                message = f"the entry observed on {price.observed} was edited or removed"
                hint = "a correction may do that; a change of price is a new entry at the end"
                yield PRICE_EDITED.about(loaded.location.path, message, pointer, hint)


def _says_all(now: Price, was: Price) -> bool:
    """Whether an entry says all that it said; an end, a rate or a variant that nobody gave before may be added."""
    if (now.observed, now.from_, now.currency, now.source) != (was.observed, was.from_, was.currency, was.source):
        return False
    variants = [(variant.when, variant.factor, variant.rates or {}) for variant in now.variants or ()]
    return was.rates.items() <= now.rates.items() and all(
        any((when, factor) == (old.when, old.factor) and (old.rates or {}).items() <= rates.items() for when, factor, rates in variants)
        for old in was.variants or ()
    )


comparisons = (
    Comparison((REMOVED_FILE,), removed),
    Comparison((APPEND_ONLY,), append_only),
    Comparison((BYTES_CHANGED,), bytes_changed),
    Comparison((PINNED_MOVED,), pinned_moved),
    Comparison((PRICE_JUMP,), price_jumps),
    Comparison((PRICE_EDITED,), price_edits),
)
