"""Laws of choosing: the front is what nothing beats, and nothing else; weights order without a scale of their own."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from modelreg_cli.query.pareto import dominates, front, shares, weighed

VALUES = st.integers(-4, 4).map(float)
POINTS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=30).map(lambda points: dict(enumerate(points)))
COSTS = st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=20)
WEIGHTS = st.tuples(st.integers(1, 99), st.integers(1, 99))


@given(POINTS)
def test_nothing_in_the_front_is_dominated(points: dict[int, tuple[float, ...]]) -> None:
    assert not [key for key in front(points) if any(dominates(other, points[key]) for other in points.values())]


@given(POINTS)
def test_everything_outside_is_dominated_by_something_in_it(points: dict[int, tuple[float, ...]]) -> None:
    found = front(points)
    assert bool(found) == bool(points)
    for key in points.keys() - set(found):
        assert any(dominates(points[other], points[key]) for other in found)


@given(POINTS.filter(bool), st.data())
def test_a_dominated_model_changes_nothing(points: dict[int, tuple[float, ...]], data: st.DataObject) -> None:
    above = data.draw(st.sampled_from(sorted(points.values())))
    below = (*(value - data.draw(st.integers(0, 3)) for value in above[:-1]), above[-1] - 1)
    assert front({**points, 99: below}) == front(points)


@given(POINTS)
def test_the_order_of_points_decides_among_equal_ones_only(points: dict[int, tuple[float, ...]]) -> None:
    backwards = front(dict(reversed(points.items())))
    assert [points[key] for key in backwards] == [points[key] for key in front(points)]


@given(COSTS, WEIGHTS, st.fractions(Fraction(1, 1000), 1000))
def test_scaling_the_weights_changes_nothing(costs: list[tuple[float, float]], weights: tuple[int, int], factor: Fraction) -> None:
    columns = [shares(dict(enumerate(column)), lower) for column, lower in zip(zip(*costs, strict=True), (False, True), strict=True)]
    exact = [Fraction(weight) for weight in weights]
    assert weighed(columns, exact) == weighed(columns, [weight * factor for weight in exact])


@given(COSTS, WEIGHTS)
def test_the_best_by_weight_is_not_beaten(costs: list[tuple[float, float]], weights: tuple[int, int]) -> None:
    quality, price = (dict(enumerate(column)) for column in zip(*costs, strict=True))
    columns = [shares(quality, False), shares(price, True)]
    scores = weighed(columns, [Fraction(weight) for weight in weights])
    assert all(0 <= score <= 1 + 1e-9 for score in scores.values())
    best = max(scores, key=lambda key: scores[key])
    for key in scores:
        if columns[0][key] > columns[0][best] and columns[1][key] > columns[1][best]:
            raise AssertionError(f"{key} is better in both than {best}")


def test_a_share_is_what_a_thing_is_of_the_best() -> None:
    assert shares({"a": 1.0, "b": 4.0, "c": 0.0}, lower=True) == {"a": 1.0, "b": 0.25, "c": 1.0}
    assert shares({"a": 10.0, "b": 30.0, "c": 20.0}, lower=False) == {"a": 0.0, "b": 1.0, "c": 0.5}
    assert shares({"a": 7.0}, lower=False) == {"a": 1.0}
    assert shares({}, lower=False) == {} == shares({}, lower=True)
