"""What options say about a recommendation: weights, the ratio of a price, criteria, and how models are run where memory counts."""

import math
from fractions import Fraction

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.query.asked import USE, WITH, Values, search_fits, search_of
from modelreg_cli.query.criteria import Wanted, all_criteria
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.opened import Index
from modelreg_cli.query.recommend import Recommend
from modelreg_cli.query.use import fits_of

_USUAL = ("quality", "price")
#: Room in which everything fits: memory is compared, not bounded.
_ENDLESS = 1 << 62


def recommend_of(index: Index, values: Values, text: str) -> Recommend:
    """The recommendation that the options mean.

    Raises:
        ModelregError: a weight or ratio of the wrong form, or options that exclude each other.
    """
    weights = _weights(values["weigh"])
    if weights and values["over"]:
        raise ModelregError("--weigh and --over exclude each other", "weights say already what counts")
    over = tuple(dict.fromkeys(values["over"])) or tuple(name for name in all_criteria if name in weights) or _USUAL
    bounded = values["fits"] is not None or values["gpu"] is not None
    run = {name: values[name] for name in (*USE, *WITH)}
    if "memory" in over and not bounded:
        values = {**values, **dict.fromkeys(run)}
    asked = search_of(values, text=text)._replace(fits=search_fits(index, values))
    fits = _unbounded(index, {**values, **run}) if "memory" in over and not bounded else None
    wanted = Wanted(tuple(values["quality"]), _ratio(values["ratio"]), fits)
    return Recommend(asked, wanted, over, weights or None, values["limit"])


def _unbounded(index: Index, values: Values) -> Fits:
    return fits_of(index, values, None)._replace(room=_ENDLESS)


def _weights(texts: list[str]) -> dict[str, Fraction]:
    """As exact as they are written, so that 1:3 and 0.1:0.3 are the same."""
    found: dict[str, Fraction] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            weight = Fraction(number)
        except (ValueError, ZeroDivisionError):
            weight = Fraction(0)
        if not equals or weight <= 0:
            raise ModelregError(f"--weigh takes NAME=N with a number above 0, not {text!r}", "for example --weigh quality=3,price=1")
        if name not in all_criteria:
            raise ModelregError(
                f"--weigh: nothing is called {name!r}", did_you_mean(name, all_criteria) or f"known: {', '.join(all_criteria)}"
            )
        if name in found:
            raise ModelregError(f"--weigh names {name} twice", "give each one weight")
        found[name] = weight
    return found


def _ratio(text: str) -> tuple[float, float]:
    parts = text.split(":")
    try:
        into, out = (float(part) for part in parts)
    except ValueError:
        into = out = math.nan
    if not (0 <= into < math.inf and 0 <= out < math.inf and into + out > 0):
        raise ModelregError(f"--ratio takes two numbers, not {text!r}", "tokens of input to tokens of output, for example 3:1")
    return into, out
