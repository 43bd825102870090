"""Lists that come in pages, read to their end: a list that is cut short would hide an objection."""

import re
from collections.abc import Iterator

from modelreg_cli.errors import Unavailable
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Client

_PAGES = 1000
_NEXT = re.compile(r"rel=\"?next\"?(?=[\s;,]|\Z)", re.IGNORECASE)
_TOTALS = ("x-total-count", "x-total")


def every(client: Client, path: str, size: tuple[str, int], **asked: str) -> Iterator[Told]:
    """Every object of a list.

    `size` is the parameter for the size of a page, and what is asked for; a server may give smaller pages. The end is what a
    Link header without a next page says, or a total that the pages cover; where a server tells neither, the first empty page.
    (Forgejo's list of reviews has a total and no Link, and counts reviews that it does not show, so numbers need not agree.)

    Raises:
        Unavailable: a page does not come, is no list, or there is no end.
    """
    widest = 1
    for page in range(1, _PAGES + 1):
        answer = client.request("GET", path, params={**asked, size[0]: size[1], "page": page}, headers={"accept": "application/json"})
        items = Told.each(answer.json(), "a list")
        yield from items
        widest = max(widest, len(items))
        if _ended(answer.headers, len(items), page * widest):
            return
    raise Unavailable(f"{path} has more than {_PAGES:,} pages", "is it the right --forge?")


def _ended(headers: dict[str, str], here: int, covered: int) -> bool:
    link = headers.get("link")
    if link and _NEXT.search(link):
        return False
    total = next((headers[name] for name in _TOTALS if name in headers), "")
    if total.isdecimal():
        return covered >= int(total)
    return bool(link) or here == 0
