"""A pass is for what was read: whatever moves while a change is judged makes it pending, and a forge that fails makes it none."""

from collections.abc import Callable

import pytest

from tests.gate.conftest import Gate
from tests.gate.world import PUBLISHER, VERSION, World, worn
from tests.servers import Exchange


@pytest.fixture
def number(world: World) -> int:
    """A promotion that passes."""
    made = world.propose({VERSION: worn()})
    world.review(made, "alice")
    world.review(made, "bob")
    return made


def when_asked_again(world: World, number: int, happens: Callable[[], object]) -> None:
    """Something happens before the forge tells of the pull request for the second time."""
    asked: list[str] = []

    def disturb(exchange: Exchange) -> bool:
        if exchange.method == "GET" and exchange.path.endswith(f"/pulls/{number}"):
            asked.append(exchange.path)
            if len(asked) == 2:
                happens()
        return False

    world.disturbed = disturb


def test_nothing_moves(world: World, gate: Gate, number: int) -> None:
    when_asked_again(world, number, lambda: None)
    assert gate(number, "--status").code == 0
    assert [told["state"] for _, told in world.statuses] == ["success"]


def test_the_base_moves(world: World, gate: Gate, number: int) -> None:
    when_asked_again(world, number, lambda: world.base({PUBLISHER: "name: Acme Ltd\n"}))
    ran = gate(number, "--status")
    assert ran.code == 5 and "main moved to" in ran.out
    assert [told["state"] for _, told in world.statuses] == ["pending"]


def test_the_head_moves(world: World, gate: Gate, number: int) -> None:
    def push() -> None:
        world.commit({PUBLISHER: "name: Acme Ltd\n"})
        world.push(number)

    when_asked_again(world, number, push)
    ran = gate(number)
    assert ran.code == 5 and "the pull request changed while it was judged" in ran.out


def test_it_is_closed_meanwhile(world: World, gate: Gate, number: int) -> None:
    when_asked_again(world, number, lambda: world.pulls[number].update(state="closed"))
    assert gate(number).code == 5


def test_the_forge_tells_another_head_than_git_has(world: World, gate: Gate, number: int) -> None:
    world.pulls[number]["head"] = world.git("rev-parse", "main")
    ran = gate(number)
    assert ran.code == 5 and "the head moved to" in ran.out


@pytest.mark.parametrize("path", ["/reviews", "/pulls/1"])
@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"<html>"), (404, b'{"message": "Not Found"}')])
def test_a_forge_that_fails_lets_nothing_pass(world: World, gate: Gate, number: int, path: str, status: int, body: bytes) -> None:
    def fail(exchange: Exchange) -> bool:
        if path in exchange.path.partition("?")[0]:
            exchange.answer(status, body)
            return True
        return False

    world.disturbed = fail
    ran = gate(number, "--status")
    assert ran.code == 3, ran.out + ran.err
    assert "success" not in [told["state"] for _, told in world.statuses]
