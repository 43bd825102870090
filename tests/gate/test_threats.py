"""Every threat of docs/gate.md, over a real repository and a forge that answers."""

from tests.gate.conftest import Gate
from tests.gate.world import VERSION, World, worn


def test_two_curators_and_the_scores(world: World, gate: Gate) -> None:
    """What passes, so that refusals mean something."""
    number = world.propose({VERSION: worn()})
    world.review(number, "alice")
    world.review(number, "bob")
    ran = gate(number)
    print(ran.out, ran.err)
    assert ran.code == 0
