"""The rule against wrong links, held against every link of the shipped catalog: facts that people looked at."""

from pathlib import Path

import pytest

from modelreg_cli.catalog.load import Catalog, load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.entities.decisions import Decisions
from modelreg_cli.entities.offering import Offering
from modelreg_cli.importers.linking.ids import Place
from modelreg_cli.importers.linking.names import Name, contradiction, name_of
from modelreg_cli.importers.models_dev.known import bases_of, others_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load(Folder(ROOT))


@pytest.fixture(scope="module")
def known(catalog: Catalog) -> tuple[dict[str, Name], dict[str, Place]]:
    bases, where = bases_of(catalog)
    publishers = {place.publisher: key.partition("/")[0] for key, place in where.items()}
    others, elsewhere = others_of(catalog, publishers, bases.keys())
    return {key: name_of(base) for key, base in {**bases, **others}.items()}, {**where, **elsewhere}


def test_nothing_speaks_against_a_link_that_was_made(catalog: Catalog, known: tuple[dict[str, Name], dict[str, Place]]) -> None:
    names, where = known
    keys: dict[str, list[str]] = {}
    for key, place in where.items():
        keys.setdefault(place.ref, []).append(key)
    held = 0
    for offering in catalog.entities(Offering).values():
        serves = offering.serves[-1] if isinstance(offering.serves, list) else offering.serves
        against = [contradiction(offering.wire_id, names[key], names.values()) for key in keys[serves.version]]
        assert None in against, (offering.wire_id, serves.version, against)
        held += 1
    assert held > 2_900


def test_something_speaks_against_a_link_that_was_refused(catalog: Catalog, known: tuple[dict[str, Name], dict[str, Place]]) -> None:
    names, _ = known
    held = 0
    for decisions in catalog.entities(Decisions).values():
        for decision in decisions.decisions:
            if decision.reason != "link-contradicts-wire-id":
                continue
            key, _, why = (decision.detail or "").removeprefix("upstream links it to ").partition(", but ")
            assert contradiction(decision.subject, names[key], names.values()) == why
            held += 1
    assert held == 16
