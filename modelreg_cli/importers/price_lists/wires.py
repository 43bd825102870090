"""Whether a name is what a provider's API wants: held against the wire ids of that provider that the catalog has."""

from collections import defaultdict

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.offering import Offering
from modelreg_cli.importers.linking.linker import spelling

_ENOUGH = 5  # with fewer wire ids nobody can say how a provider writes them


class WireIds:
    """The wire ids of every provider."""

    def __init__(self, catalog: Catalog) -> None:
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._spelled: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id_, offering in catalog.entities(Offering).items():
            provider = id_.partition("/")[0]
            self._ids[provider].add(offering.wire_id)
            self._spelled[provider, spelling(offering.wire_id)].append(offering.wire_id)

    def meant(self, provider: str, name: str) -> str | None:
        """The wire id of a name: one that is here in another spelling, else the name itself.

        None where all that is known of the provider has a publisher before a slash, and the name has none, or the other way round.
        """
        known = self._ids[provider]
        if name in known:
            return name
        alike = self._spelled[provider, spelling(name)]
        if len(alike) == 1:
            return alike[0]
        with_slash = {"/" in one for one in known}
        return None if len(known) >= _ENOUGH and with_slash == {"/" not in name} else name
