"""Points of several criteria, of each of which more is better: which are dominated, which form the front, how weights order them."""

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

Point = Sequence[float]
K = TypeVar("K", bound=Hashable)


def dominates(one: Point, other: Point) -> bool:
    """Whether one is nowhere worse and somewhere better."""
    return all(a >= b for a, b in zip(one, other, strict=True)) and any(a > b for a, b in zip(one, other, strict=True))


def front(points: Mapping[K, Point]) -> list[K]:
    """What nothing dominates, the best of the first criterion first; equal points stay together, in the order given."""
    found: list[K] = []
    # what dominates a point comes before it in this order, so one look at those found is enough
    for key in sorted(points, key=lambda key: [-value for value in points[key]]):
        if not any(dominates(points[known], points[key]) for known in found):
            found.append(key)
    return found


def shares(values: Mapping[K, float], lower: bool) -> dict[K, float]:
    """Values on a common scale, on which 1 is the best of them.

    Where less is better (costs): the least that is not 0, divided by each. Where more is: the place between worst (0) and best (1).
    """
    if lower:
        least = min((value for value in values.values() if value > 0), default=0.0)
        return {key: least / value if value > 0 else 1.0 for key, value in values.items()}
    worst, best = min(values.values(), default=0.0), max(values.values(), default=0.0)
    return {key: (value - worst) / (best - worst) if best > worst else 1.0 for key, value in values.items()}


def weighed(columns: Sequence[Mapping[K, float]], weights: Sequence[Fraction]) -> dict[K, float]:
    """The weighted mean of the shares of each."""
    parts = [float(weight / sum(weights)) for weight in weights]
    keys = columns[0] if columns else ()
    return {key: sum(column[key] * part for column, part in zip(columns, parts, strict=True)) for key in keys}
