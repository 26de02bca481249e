"""Intervals of shares and of a pace: the values of other implementations, and their edges."""

import numpy as np
import pandas as pd
import pytest

from include.dashboard.analyses.intervals import (
    difference_interval,
    pace_interval,
    share_interval,
    weeks_until_done,
)

EVEN = pd.Series([10.0] * 12)


@pytest.mark.parametrize(
    ("helpful", "answers", "interval"),
    [
        (8, 10, (0.4902, 0.9433)),
        (0, 5, (0.0, 0.4345)),
        (5, 5, (0.5655, 1.0)),
        (50, 100, (0.4038, 0.5962)),
        (0, 0, (0.0, 1.0)),
    ],
)
def test_a_share_has_wilsons_interval(
    helpful: int, answers: int, interval: tuple[float, float]
) -> None:
    assert share_interval(helpful, answers) == pytest.approx(interval, abs=1e-4)


def test_a_difference_has_newcombes_interval() -> None:
    # The example (a) of his table: 56 of 70 and 48 of 80.
    assert difference_interval((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_a_difference_without_answers_can_be_anything() -> None:
    assert difference_interval((3, 4), (0, 0)) == (-1, 1)


def test_an_even_pace_ends_when_it_must() -> None:
    assert pace_interval(EVEN) == (10, 10)
    assert weeks_until_done(95, EVEN) == (10, 10, 10)
    assert weeks_until_done(10, EVEN) == (1, 1, 1)


def test_an_uneven_pace_is_less_sure() -> None:
    uneven = pd.Series([0.0, 20.0] * 6)

    low, high = pace_interval(uneven)
    middle, early, late = weeks_until_done(100, uneven)

    assert low < 10 < high
    assert early < middle < late
    assert middle == pytest.approx(10, abs=2)


def test_without_progress_there_is_no_end() -> None:
    assert weeks_until_done(1, pd.Series([0.0] * 12)) == (np.inf, np.inf, np.inf)


def test_a_pace_that_may_be_none_may_have_no_end() -> None:
    middle, _, late = weeks_until_done(30, pd.Series([0.0] * 11 + [5.0]))

    assert np.isfinite(middle)
    assert late == np.inf


def test_the_same_data_gives_the_same_numbers() -> None:
    weekly = pd.Series([3.0, 9.0, 4.0, 8.0])

    assert weeks_until_done(50, weekly) == weeks_until_done(50, weekly)
    assert pace_interval(weekly) == pace_interval(weekly)
