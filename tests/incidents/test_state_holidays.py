"""The state's holidays by name, and when offices open, close and meet around them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from include.incidents.business_hours import (
    closing_time,
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


def holidays_of(year: int) -> dict[str, str]:
    """The observed holidays of a year: for each day, as text, the name."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    return {f"{day:%a %b %d}": name for day in days if (name := state_holiday(day))}


def test_the_holidays_of_2026_are_the_states() -> None:
    assert holidays_of(2026) == {
        "Thu Jan 01": "New Year's Day",
        "Mon Jan 19": "Martin Luther King Jr. Day",
        "Mon Feb 16": "Presidents' Day",
        "Tue Mar 31": "Cesar Chavez Day",
        "Mon May 25": "Memorial Day",
        "Sat Jul 04": "Independence Day",
        "Mon Sep 07": "Labor Day",
        "Wed Nov 11": "Veterans Day",
        "Thu Nov 26": "Thanksgiving Day",
        "Fri Nov 27": "Day After Thanksgiving",
        "Fri Dec 25": "Christmas Day",
    }


def test_a_holiday_on_a_sunday_is_observed_on_that_day_and_on_monday() -> None:
    found = holidays_of(2027)

    assert (found["Sun Jul 04"], found["Mon Jul 05"]) == ("Independence Day",) * 2
    assert len(found) == 12


def test_presidents_day_on_the_day_of_another_remembrance_is_a_holiday() -> None:
    # Susan B. Anthony Day is no holiday of the state's employees.
    assert state_holiday(date(2027, 2, 15)) == "Presidents' Day"
    assert state_holiday(date(2026, 2, 15)) is None


@pytest.mark.parametrize("day", ["2026-06-19", "2026-07-03", "2026-07-06", "2026-10-12"])
def test_a_weekday_without_a_holiday_is_a_working_day(day: str) -> None:
    assert state_holiday(date.fromisoformat(day)) is None
    assert is_working_day(date.fromisoformat(day)) is True


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-24 09:00", "2026-11-24 09:00"),
        ("2026-11-24 09:01", "2026-11-25 09:00"),
        ("2026-11-20 09:01", "2026-11-23 09:00"),  # from Friday to Monday
        ("2026-11-21 09:00", "2026-11-23 09:00"),
        ("2026-12-31 17:00", "2027-01-04 09:00"),
    ],
)
def test_offices_open_at_nine_on_the_next_working_day(moment: str, opening: str) -> None:
    assert next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("moment", "closing"),
    [
        (at("2026-11-24 00:00"), "2026-11-24 17:00"),
        (at("2026-11-24 23:59"), "2026-11-24 17:00"),
        (datetime(2026, 11, 25, 7, 0, tzinfo=UTC), "2026-11-24 17:00"),  # 11 p.m. in California
        (datetime(2026, 11, 25, 8, 0, tzinfo=UTC), "2026-11-25 17:00"),
    ],
)
def test_offices_close_at_five_on_the_day_in_california(moment: datetime, closing: str) -> None:
    assert closing_time(moment) == at(closing)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-23 00:00", date(2026, 11, 30)),  # a Monday
        ("2026-11-29 23:59", date(2026, 11, 30)),
        ("2026-11-30 00:00", date(2026, 12, 7)),
        ("2027-06-29 12:00", date(2027, 7, 6)),  # that Monday is the 5th of July, a holiday
    ],
)
def test_the_retrospective_is_in_the_week_after(moment: str, day: date) -> None:
    assert retrospective_day(at(moment)) == day


def test_a_friday_and_the_last_minute_before_five_are_in_business_hours() -> None:
    assert in_business_hours(at("2026-11-20 16:59:59")) is True
    assert in_business_hours(at("2026-11-20 17:00:00")) is False
    assert in_business_hours(at("2026-11-21 09:00:00")) is False
