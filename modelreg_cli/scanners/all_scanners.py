"""The table of scanners, and which of them are used."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from modelreg_cli.errors import ModelregError, Unavailable, did_you_mean
from modelreg_cli.scanners import clamav, own, picklescan
from modelreg_cli.scanners.scanner import NotHere, Scanner, Wishes

all_scanners: dict[str, Callable[[Wishes], Scanner]] = {
    own.NAME: own.made,
    picklescan.NAME: picklescan.made,
    clamav.NAME: clamav.made,
}


class Absent(NamedTuple):
    """A scanner that was not asked for by name and is not here."""

    tool: str
    why: str
    hint: str


def chosen(names: Sequence[str], wishes: Wishes) -> tuple[list[Scanner], list[Absent]]:
    """The scanners that were named, or all that are here; and those that are not.

    Raises:
        ModelregError: a name that none has.
        Unavailable: one that was named is not here.
    """
    for name in names:
        if name not in all_scanners:
            raise ModelregError(f"no scanner is called {name!r}", did_you_mean(name, all_scanners) or f"known: {', '.join(all_scanners)}")
    found, absent = [], []
    for name, make in all_scanners.items():
        if names and name not in names:
            continue
        try:
            found.append(make(wishes))
        except NotHere as error:
            if names:
                raise Unavailable(error.words, error.hint) from None
            absent.append(Absent(name, error.words, error.hint))
    return found, absent
