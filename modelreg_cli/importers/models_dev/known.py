"""What a catalog already has, read back as bases: upstream's own, for sources that carry none (api.json), and others."""

from collections.abc import Collection

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.model import Modalities
from modelreg_cli.entities.version import Limits
from modelreg_cli.importers.linking.ids import HUB, Place
from modelreg_cli.importers.linking.known import Known, aliased, without_alias
from modelreg_cli.importers.models_dev.facts import CAPABILITIES
from modelreg_cli.importers.models_dev.shape import BaseFacts, Limit, Modes, Weights
from modelreg_cli.importers.models_dev.source import Base

_NAMESPACE = "models-dev"


def bases_of(catalog: Catalog) -> tuple[dict[str, Base], dict[str, Place]]:
    """Upstream id -> base and place, for every alias of upstream on a model or version."""
    return _read_back(aliased(catalog, _NAMESPACE))


def others_of(catalog: Catalog, publishers: dict[str, str], known: Collection[str]) -> tuple[dict[str, Base], dict[str, Place]]:
    """The default versions of models that upstream has no base of; `publishers` is our id -> upstream's.

    They are listed under publisher/model, as a base of that name would be; keys in `known` are left out.
    """
    return _read_back(without_alias(catalog, _NAMESPACE, publishers, known))


def _read_back(known: dict[str, Known]) -> tuple[dict[str, Base], dict[str, Place]]:
    return {key: _base(one) for key, one in known.items()}, {key: one.place for key, one in known.items()}


def _base(known: Known) -> Base:
    version = known.version
    modalities = version.modalities or known.model.modalities
    can, lacks = set(version.capabilities or ()), set(version.lacks or ())
    told = {field: word in can for field, word in CAPABILITIES.items() if word in can | lacks}
    facts = BaseFacts(
        name=known.name,
        release_date=version.released,
        knowledge=version.knowledge,
        open_weights={"open": True, "closed": False}.get(str(version.weights)),
        limit=_limit(version.limits),
        modalities=_modes(modalities),
        weights=[Weights(url=f"{HUB}{known.repository}")] if known.repository else [],
    )
    return Base(known.publisher, known.id, facts.model_copy(update=told), "")


def _limit(limits: Limits | None) -> Limit:
    given = {name: getattr(limits, name) for name in ("context", "input", "output")} if limits else {}
    return Limit(**{name: value for name, value in given.items() if isinstance(value, int)})


def _modes(modalities: Modalities | None) -> Modes:
    return Modes(input=modalities.input, output=modalities.output) if modalities else Modes()
