"""Which model and which version an upstream id means.

Publisher: the one that carries the alias `models-dev:<upstream id>`; else the Hugging Face organisation that all
its weights have in common; else upstream's id. Model: the id in small letters without a trailing date and without
`-latest`. Version: that date as upstream writes it, else the day of release. A floating id (`-latest`, a name that
ends in "(latest)", or an undated id beside dated ones of the same name) is no version of its own where it is certain
which dated one it means: the same weights, or the same name and either no other of that name or its date.
"""

from collections import defaultdict
from collections.abc import Iterable

from modelreg_cli.importers.linking.ids import Place, plain_name, split
from modelreg_cli.importers.models_dev.source import Base


def publishers(bases: Iterable[Base], known: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Upstream publisher -> our id and a name for it; `known` is what publisher files' aliases say."""
    organisations: dict[str, set[str]] = defaultdict(set)
    for base in bases:
        organisations[base.publisher] |= {repo.split("/")[0] for repo, _ in base.repositories()}
    found = {}
    for upstream, names in organisations.items():
        alike = {name.lower() for name in names}
        name = sorted(names)[0] if len(alike) == 1 else upstream
        found[upstream] = (known.get(upstream, name.lower()), name)
    return found


def places(bases: Iterable[Base], publisher_ids: dict[str, tuple[str, str]]) -> dict[str, Place]:
    """Upstream id -> place. A base without a date of any kind has none."""
    known = list(bases)
    found: dict[str, Place] = {}
    for base in known:
        parts = split(base.id)
        version = parts.date or base.facts.release_date
        if version:
            found[base.key] = Place(publisher_ids[base.publisher][0], parts.stem, version)
    for base in known:
        target = _meant(base, known)
        if target and target.key in found:
            place = found[target.key]
            found[base.key] = Place(place.publisher, place.model, place.version, target.key)
    return found


def _meant(base: Base, bases: list[Base]) -> Base | None:
    """The dated base that a floating one certainly describes."""
    parts = split(base.id)
    if parts.date:
        return None
    dated = [other for other in bases if other.publisher == base.publisher and split(other.id).date]
    name = plain_name(base.facts.name)
    same_name = [other for other in dated if plain_name(other.facts.name) == name]
    siblings = [other for other in same_name if split(other.id).stem == parts.stem]
    if not (parts.latest or base.facts.name.lower().endswith("(latest)") or siblings):
        return None
    repo = base.repository
    same_weights = [other for other in dated if repo and other.repository == repo]
    if len(same_weights) == 1:
        return same_weights[0]
    if len(same_name) == 1:
        return same_name[0]
    by_date = [other for other in same_name if _same_day(base.facts.last_updated, split(other.id).date)]
    return by_date[0] if len(by_date) == 1 else None


def _same_day(day: str | None, written: str | None) -> bool:
    return bool(day and written) and (day or "").replace("-", "") == (written or "").replace("-", "")


def released(base: Base) -> tuple[str | None, bool]:
    """Its day of release, and whether upstream's day was refused: an id with a later month can not be older than that."""
    parts, given = split(base.id), base.facts.release_date
    if given and parts.month and given[:7] < parts.month:
        return parts.month, True
    return given, False
