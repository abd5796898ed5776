"""The bound on growth holds what is linear and refuses what is quadratic."""

from tests.growth import ALLOWED, growth


def test_quadratic_work_is_found_out() -> None:
    def pairs(items: range) -> int:
        return sum(1 for one in items for other in items if one < other)

    assert growth(range, pairs, small=1_500) > ALLOWED


def test_linear_work_passes() -> None:
    assert growth(range, sum, small=1_000_000) < ALLOWED
