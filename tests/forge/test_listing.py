"""Lists in pages: their end is what the server says, and never a page that happens to be short."""

import json
from collections.abc import Callable

import pytest

from modelreg_cli.errors import Unavailable
from modelreg_cli.forge.listing import every
from modelreg_cli.http import Client, Deadline
from tests.servers import Exchange, serving

Headers = Callable[[int, int], dict[str, str]]


def read(pages: list[list[int]], headers: Headers) -> list[int]:
    """What is read of a list whose pages these are; headers are made from the page and the number of pages."""

    def answer(asked: Exchange) -> None:
        page = int(asked.path.rpartition("page=")[2])
        items = [{"id": one} for one in (pages[page - 1] if page <= len(pages) else [])]
        asked.answer(200, json.dumps(items).encode(), **headers(page, len(pages)))

    with serving(answer) as server, Client(Deadline(120), base=server.url, attempts=1) as client:
        return [one.number("id") for one in every(client, "things", ("limit", 50))]


def link(page: int, pages: int) -> dict[str, str]:
    """As GitHub and GitLab tell it."""
    told = [f'<http://x/?page={page + 1}>; rel="next"'] if page < pages else []
    told += [f'<http://x/?page={page - 1}>; rel="prev"'] if page > 1 else []
    return {"link": ", ".join(told)} if told else {}


def total(number: int) -> Headers:
    """As Forgejo tells it of reviews."""
    return lambda _page, _pages: {"x_total_count": str(number)}


@pytest.mark.parametrize(
    ("pages", "headers"),
    [
        ([[1, 2], [3, 4], [5]], link),
        ([[1, 2], [3], [4, 5]], link),  # a short page before the last
        ([[1, 2], [], [3, 4, 5]], link),  # and an empty one
        ([[1, 2], [3, 4], [5]], total(5)),  # smaller pages than were asked for
        ([[1, 2], [], [3, 4, 5]], total(6)),  # pages of which some things are not shown, but counted
        ([[], [1, 2, 3], [4, 5]], total(8)),
        ([[1, 2], [3, 4], [5]], lambda *_: {}),  # nothing is told: up to the first empty page
        ([[1, 2, 3, 4, 5]], link),
        ([[1, 2, 3, 4, 5]], total(5)),
    ],
)
def test_everything_is_read(pages: list[list[int]], headers: Headers) -> None:
    assert read(pages, headers) == [1, 2, 3, 4, 5]


def test_nothing_is_there() -> None:
    assert read([], link) == [] and read([], total(0)) == []


def test_a_list_without_an_end() -> None:
    with pytest.raises(Unavailable, match="1,000 pages"):
        read([[1]], lambda *_: {"link": '<http://x/>; rel="next"'})


def test_a_page_that_is_no_list() -> None:
    with (
        serving(lambda asked: asked.answer(200, b'{"message": "ok"}')) as server,
        Client(Deadline(5), base=server.url) as client,
        pytest.raises(Unavailable, match="not understood"),
    ):
        list(every(client, "things", ("limit", 50)))
