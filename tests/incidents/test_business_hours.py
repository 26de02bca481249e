"""Business hours in California by example; `test_clock_table.py` has thousands of times."""

from datetime import UTC, date, datetime

import pytest

from include.incidents.business_hours import (
    closing_time,
    in_business_hours,
    last_closing,
    last_opening,
    last_reminder,
    next_opening,
    retrospective_day,
)
from include.times import CALIFORNIA
from include.working_days import working_day_after


def at(text: str) -> datetime:
    """A time in California."""
    return datetime.fromisoformat(text).replace(tzinfo=CALIFORNIA)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24 08:59:59", False),
        ("2026-11-24 09:00", True),
        ("2026-11-24 16:59:59", True),
        ("2026-11-24 17:00", False),
        ("2026-11-25 03:00", False),  # the night after
        ("2026-11-21 12:00", False),  # a Saturday
        ("2026-11-22 12:00", False),  # a Sunday
        ("2026-11-27 12:00", False),  # the day after Thanksgiving
        ("2026-06-19 12:00", True),  # Juneteenth: state offices are open
        ("2028-11-10 12:00", False),  # Veterans Day, moved from Saturday
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
    ("moment", "last", "following"),
    [
        ("2026-11-24 09:00", "2026-11-24", "2026-11-24"),
        ("2026-11-24 03:00", "2026-11-23", "2026-11-24"),
        ("2026-11-24 09:01", "2026-11-24", "2026-11-25"),
        ("2026-11-28 12:00", "2026-11-25", "2026-11-30"),  # on Thanksgiving's Saturday
        ("2026-12-31 18:00", "2026-12-31", "2027-01-04"),
        ("2026-03-07 12:00", "2026-03-06", "2026-03-09"),  # before the change of clocks
    ],
)
def test_offices_open_at_nine_on_working_days(moment: str, last: str, following: str) -> None:
    assert last_opening(at(moment)) == at(f"{last} 09:00")
    assert next_opening(at(moment)) == at(f"{following} 09:00")


@pytest.mark.parametrize(
    ("moment", "high", "low"),
    [
        ("2026-11-24 09:00", "2026-11-24", "2026-11-24"),
        ("2026-11-24 08:59", "2026-11-23", "2026-11-23"),
        # On Thanksgiving's Saturday.
        ("2026-11-28 08:59", "2026-11-27", "2026-11-25"),
        ("2026-11-28 09:00", "2026-11-28", "2026-11-25"),
    ],
)
def test_a_reminder_is_due_at_nine_and_for_a_high_severity_on_every_day(
    moment: str, high: str, low: str
) -> None:
    assert last_reminder(at(moment), is_high=True) == at(f"{high} 09:00")
    assert last_reminder(at(moment), is_high=False) == at(f"{low} 09:00")


@pytest.mark.parametrize(
    ("moment", "closing"),
    [
        ("2026-11-24 17:00", "2026-11-24"),
        ("2026-11-24 16:59", "2026-11-23"),
        ("2026-11-23 16:59", "2026-11-20"),  # a Monday
        ("2026-11-30 03:00", "2026-11-25"),  # after Thanksgiving's weekend
    ],
)
def test_the_last_closing_was_on_a_working_day(moment: str, closing: str) -> None:
    assert last_closing(at(moment)) == at(f"{closing} 17:00")


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
    ("recovered", "day"),
    [
        ("2026-11-23 00:00", date(2026, 11, 30)),  # a Monday
        ("2026-11-29 23:59", date(2026, 11, 30)),  # a Sunday is still the week before
        ("2026-11-30 00:00", date(2026, 12, 7)),
        ("2026-05-20 12:00", date(2026, 5, 26)),  # the Monday is Memorial Day
        ("2027-06-29 12:00", date(2027, 7, 6)),  # the Monday is the 5th of July, a holiday
    ],
)
def test_the_retrospective_is_on_the_first_working_day_of_the_week_after_the_recovery(
    recovered: str, day: date
) -> None:
    assert retrospective_day(at(recovered)) == day


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2026, 11, 25), 1, date(2026, 11, 30)),  # over Thanksgiving
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # from a Saturday
        (date(2026, 11, 16), 5, date(2026, 11, 23)),
        (date(2028, 11, 9), 2, date(2028, 11, 14)),  # over a moved Veterans Day
    ],
)
def test_working_days_are_counted_without_weekends_and_holidays(
    day: date, number: int, expected: date
) -> None:
    assert working_day_after(day, number) == expected
