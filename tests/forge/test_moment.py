"""Times of forges, in whatever zone, as text that sorts."""

import pytest

from modelreg_cli.errors import Unavailable
from modelreg_cli.forge.reviews import moment


def test_times_sort_across_zones() -> None:
    """The night in which clocks go back: the server's own text would put the later one first."""
    before, after = "2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00"
    assert before > after and moment(before) < moment(after)
    assert moment("2026-07-27T17:03:27.684Z") == moment("2026-07-27T19:03:27.684+02:00")
    assert moment("2026-07-27T17:03:27Z") < moment("2026-07-27T17:03:27.001Z")


@pytest.mark.parametrize("told", ["", "soon", "1789"])
def test_what_is_no_time(told: str) -> None:
    with pytest.raises(Unavailable, match="a time that is none"):
        moment(told)
