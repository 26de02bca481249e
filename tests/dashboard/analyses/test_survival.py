"""The Kaplan-Meier estimate: the values of other implementations, and waits that have not ended."""

from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.dashboard.analyses.survival import quantile, waiting_curve

# The example of https://docs.rs/symplex/0.15.0/symplex/stats/survival: its values are statsmodels'.
DAYS = [3, 5, 6, 7, 8, 10, 12, 12]
ENDED = [True, False, True, True, False, True, True, False]


def curve_of(days: Sequence[float], ended: Sequence[bool]) -> pd.DataFrame:
    return waiting_curve(pd.Series(days, dtype="float64"), pd.Series(ended, dtype=bool))


def test_the_curve_is_that_of_statsmodels() -> None:
    curve = curve_of(DAYS, ENDED).set_index("day")

    assert curve.waiting[3] == pytest.approx(7 / 8)
    assert curve.waiting[6] == pytest.approx(35 / 48)
    assert curve.waiting[7] == pytest.approx(7 / 12)
    assert curve.waiting[12] == pytest.approx(7 / 36)
    assert quantile(curve.reset_index(), 0.5).days == 10


def test_the_curve_begins_with_everybody_and_nobody_has_ended() -> None:
    first = curve_of(DAYS, ENDED).iloc[0]

    assert first.to_dict() == {
        "day": 0, "at_risk": 8, "ended": 0, "waiting": 1, "low": 1, "high": 1,
    }  # fmt: skip


def test_leaving_out_those_who_wait_would_make_waits_look_shorter() -> None:
    days, ended = [10, 20, 100, 100, 100], [True, True, False, False, False]

    with_them = quantile(curve_of(days, ended), 0.5)
    without = quantile(curve_of(days[:2], ended[:2]), 0.5)

    assert without.days == 10
    assert pd.isna(with_them.days)


def test_a_median_has_its_interval() -> None:
    half = quantile(curve_of([*range(1, 101)], [True] * 100), 0.5)

    assert half.days == 50
    assert 38 <= half.low <= 42
    assert 58 <= half.high <= 62


def test_a_wait_that_ended_on_the_day_on_which_others_were_seen_last_has_them_at_risk() -> None:
    curve = curve_of([5, 5, 5, 5], [True, False, False, False]).set_index("day")

    assert curve.at_risk[5] == 4
    assert curve.waiting[5] == 0.75


def test_without_waits_nothing_is_known() -> None:
    curve = curve_of([], [])

    assert curve.at_risk.tolist() == [0]
    assert all(pd.isna(value) for value in quantile(curve, 0.5))


@pytest.mark.parametrize("wait", [-1.0, float("nan")])
def test_a_wait_that_cannot_be_is_refused(wait: float) -> None:
    with pytest.raises(ValueError, match="leave it out and count it"):
        curve_of([3, wait], [True, True])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40))
def test_the_share_only_falls_and_stays_within_its_interval(waits: list[tuple[int, bool]]) -> None:
    curve = curve_of([days for days, _ in waits], [ended for _, ended in waits])

    assert curve.waiting.is_monotonic_decreasing
    assert curve.waiting.between(0, 1).all()
    known = curve[curve.low.notna()]
    assert (known.low <= known.waiting + 1e-9).all()
    assert (known.waiting <= known.high + 1e-9).all()
    if all(ended for _, ended in waits):
        # Without those who still wait it is the plain share.
        shares = [sum(days > day for days, _ in waits) / len(waits) for day in curve.day]
        assert curve.waiting.tolist() == pytest.approx(shares)
