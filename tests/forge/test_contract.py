"""The contract bites: a fake that tells what the forge does not, or a client that asks so, is found out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.forge.contract import Contract
from tests.servers import Exchange, serving

PULLS = {
    "github": "/api/v3/repos/team/registry/pulls",
    "gitlab": "/api/v4/projects/team%2Fregistry/merge_requests",
    "forgejo": "/api/v1/repos/team/registry/pulls",
}


@contextmanager
def told(kind: str, value: Any, status: int = 200) -> Iterator[tuple[str, Contract]]:
    """A server of a kind of forge that answers everything with one value."""
    contract = Contract(kind)

    def answer(asked: Exchange) -> None:
        asked.answer(status, json.dumps(value).encode())

    with serving(contract.guard(answer)) as server:
        yield server.url + PULLS[kind], contract


@pytest.mark.parametrize("kind", PULLS)
def test_what_matters_is_told_and_the_rest_filled_in(kind: str) -> None:
    number = "iid" if kind == "gitlab" else "number"
    with told(kind, [{number: 7, "id": 1}]) as (url, contract):
        (one,) = httpx.get(url, params={"page": 1}).json()
    assert one[number] == 7 and len(one) > 8
    assert contract.broken == [] and contract.kept == 1


@pytest.mark.parametrize("kind", PULLS)
@pytest.mark.parametrize(
    ("method", "query", "body", "answer"),
    [
        ("GET", "?colour=red", None, []),
        ("GET", "?page=two", None, []),
        ("GET", "?state=ajar", None, []),
        ("GET", "", None, [{"nonsense": 1}]),
        ("GET", "", None, [{"title": 7}]),
        ("GET", "", None, [{"state": 7}]),
        ("GET", "", None, {}),
        ("GET", "/1/blessings", None, []),
        ("DELETE", "", None, {}),
        ("POST", "", {"colour": "red"}, {}),
        ("POST", "", {"title": 7, "head": "a", "base": "b", "source_branch": "a", "target_branch": "b"}, {}),
    ],
)
def test_a_breach_is_found(kind: str, method: str, query: str, body: Any, answer: Any) -> None:
    with told(kind, answer, 201 if method == "POST" else 200) as (url, contract):
        response = httpx.request(method, url + query, json=body) if body is not None else httpx.request(method, url + query)
    assert response.status_code == 500
    assert len(contract.broken) == 1


@pytest.mark.parametrize("kind", PULLS)
def test_a_status_that_an_operation_never_has(kind: str) -> None:
    with told(kind, [], 202) as (url, contract):
        httpx.get(url)
    assert len(contract.broken) == 1


def test_githubs_timeline_is_held_against_the_event_that_it_tells() -> None:
    event = {"event": "review_dismissed", "dismissed_review": {"state": "approved", "review_id": "7"}}
    contract = Contract("github")
    with serving(contract.guard(lambda asked: asked.answer(200, json.dumps([event]).encode()))) as server:
        httpx.get(f"{server.url}/api/v3/repos/team/registry/issues/1/timeline")
    assert "review_id" in contract.broken[0]
