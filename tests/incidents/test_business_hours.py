"""Business hours in California: weekdays, evenings, holidays, and changes of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from include.incidents.business_hours import (
    in_business_hours,
    is_working_day,
    next_opening,
    retrospective_day,
    state_holiday,
)
from include.times import CALIFORNIA


def at(text: str) -> datetime:
    """A time in California."""
    return datetime.fromisoformat(text).replace(tzinfo=CALIFORNIA)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24 14:00", True),  # a Tuesday afternoon
        ("2026-11-24 09:00", True),
        ("2026-11-24 08:59", False),
        ("2026-11-24 16:59", True),
        ("2026-11-24 17:00", False),
        ("2026-11-24 20:00", False),  # its evening
        ("2026-11-25 03:00", False),  # the night after
        ("2026-11-21 12:00", False),  # a Saturday
        ("2026-11-22 12:00", False),  # a Sunday
        ("2026-11-26 12:00", False),  # Thanksgiving
        ("2026-11-27 12:00", False),  # the day after it
        ("2026-11-11 12:00", False),  # Veterans Day
        ("2026-03-31 12:00", False),  # Cesar Chavez Day
        ("2026-06-19 12:00", True),  # Juneteenth: state offices are open
        ("2026-07-03 12:00", True),  # before a holiday on a Saturday
        ("2026-07-04 12:00", False),
        ("2027-07-05 12:00", False),  # a Monday after a holiday on a Sunday
        ("2026-03-06 16:59", True),  # the Friday before clocks go forward
        ("2026-03-09 09:00", True),  # the Monday after
        ("2026-10-30 16:59", True),  # the Friday before clocks go back
        ("2026-11-02 09:00", True),
    ],
)
def test_business_hours_are_nine_to_five_on_working_days(moment: str, expected: bool) -> None:
    assert in_business_hours(at(moment)) is expected


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-03-06 17:00", True),  # 9 a.m. in winter
        ("2026-03-06 16:59", False),
        ("2026-03-09 16:00", True),  # 9 a.m. in summer
        ("2026-03-09 15:59", False),
        ("2026-11-03 00:59", True),  # 4:59 p.m. in winter
        ("2026-10-31 00:00", False),  # 5 p.m. in summer
    ],
)
def test_the_hours_are_in_california_time_in_summer_and_winter(utc: str, expected: bool) -> None:
    assert in_business_hours(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is expected


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-24 03:00", "2026-11-24 09:00"),
        ("2026-11-24 18:00", "2026-11-25 09:00"),
        ("2026-11-25 18:00", "2026-11-30 09:00"),  # over Thanksgiving
        ("2026-12-24 18:00", "2026-12-28 09:00"),
        ("2026-03-07 12:00", "2026-03-09 09:00"),  # over the change of clocks
    ],
)
def test_the_next_opening_is_on_a_working_day(moment: str, opening: str) -> None:
    assert next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("failed", "retrospective"),
    [
        ("2026-11-17 12:00", date(2026, 11, 23)),
        ("2026-11-22 23:00", date(2026, 11, 23)),  # a Sunday is still the week before
        ("2026-05-20 12:00", date(2026, 5, 26)),  # the Monday is Memorial Day
    ],
)
def test_the_retrospective_is_on_a_working_day_of_the_following_week(
    failed: str, retrospective: date
) -> None:
    assert retrospective_day(at(failed)) == retrospective
    assert is_working_day(retrospective)


def test_the_state_has_eleven_holidays_a_year() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(state_holiday(day) is not None for day in days) == 11
