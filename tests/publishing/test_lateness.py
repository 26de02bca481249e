"""Lateness in working days: no weekend and no holiday makes a metric late."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta

import pytest

from include.publishing.lateness import is_late
from include.times import CALIFORNIA

# Without a holiday from Monday, September 14, to Friday, November 6, 2026.
MONDAY = date(2026, 9, 14)


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """A time in California."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CALIFORNIA)


def late_from(frequency: str, updated_at: datetime) -> datetime:
    """The first hour, in California's time, at which a metric is late."""
    start = updated_at.astimezone(UTC).replace(minute=0)
    hours = [start + timedelta(hours=number) for number in range(24 * 70)]
    first = bisect_left(hours, True, key=lambda hour: is_late(frequency, updated_at, hour))
    return hours[first].astimezone(CALIFORNIA)


@pytest.mark.parametrize(
    ("frequency", "updated", "late"),
    [
        ("daily", MONDAY, "Fri Sep 18"),  # after Tuesday, Wednesday, Thursday
        ("daily", date(2026, 9, 18), "Thu Sep 24"),  # a Friday
        ("daily", date(2026, 9, 19), "Thu Sep 24"),  # a Saturday
        ("daily", date(2026, 9, 20), "Thu Sep 24"),  # a Sunday
        ("daily", date(2026, 11, 25), "Thu Dec 03"),  # the day before Thanksgiving
        ("daily", date(2026, 12, 24), "Thu Dec 31"),  # Christmas on a Friday
        ("daily", date(2028, 11, 9), "Thu Nov 16"),  # Veterans Day on a Saturday
        ("daily", date(2026, 6, 18), "Wed Jun 24"),  # Juneteenth is a working day of the state
        ("weekly", MONDAY, "Fri Sep 25"),
        ("weekly", date(2026, 11, 16), "Tue Dec 01"),  # over Thanksgiving
        ("monthly", MONDAY, "Wed Oct 28"),
        ("monthly", date(2026, 11, 10), "Wed Dec 30"),  # over Veterans Day to Christmas
    ],
)
def test_a_metric_is_late_from_an_opening_on(frequency: str, updated: date, late: str) -> None:
    found = late_from(frequency, at(updated))
    assert (f"{found:%a %b %d}", found.hour) == (late, 9)


@pytest.mark.parametrize("day", [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1)])
def test_an_entry_of_the_day_before_thanksgiving_is_not_late_in_the_days_after(day: date) -> None:
    for hour in range(24):
        assert is_late("daily", at(date(2026, 11, 25), 0), at(day, hour)) is False


@pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly"])
def test_nothing_becomes_late_on_a_weekend_or_holiday_or_at_night(frequency: str) -> None:
    # California's holidays of these months; Veterans Day moves in 2028.
    closed = {
        date(2026, 11, 11), date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 25),
        date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15),
        date(2028, 11, 10), date(2028, 11, 23), date(2028, 11, 24), date(2028, 12, 25),
    }  # fmt: skip
    for first in (date(2026, 11, 1), date(2028, 11, 1)):
        for number in range(35):
            found = late_from(frequency, at(first + timedelta(days=number)))
            assert found.hour == 9
            assert found.weekday() < 5
            assert found.date() not in closed


def test_the_day_of_an_update_is_its_day_in_california() -> None:
    # Tuesday 1 a.m. in UTC is still Monday, and 8 a.m. is Tuesday.
    assert late_from("daily", datetime(2026, 9, 15, 1, tzinfo=UTC)).date() == date(2026, 9, 18)
    assert late_from("daily", datetime(2026, 9, 15, 8, tzinfo=UTC)).date() == date(2026, 9, 21)


def test_a_metric_is_late_from_nine_to_the_minute_and_stays_late() -> None:
    friday = date(2026, 9, 18)
    hours = [at(MONDAY) + timedelta(hours=number) for number in range(24 * 14)]
    late = [is_late("daily", at(MONDAY), hour) for hour in hours]
    assert late == sorted(late)
    assert is_late("daily", at(MONDAY), at(friday, 8, 59)) is False
    assert is_late("daily", at(MONDAY), at(friday, 9, 0).astimezone(UTC)) is True


@pytest.mark.parametrize("frequency", ["as needed", "completed", "content update", "hourly", ""])
def test_another_frequency_is_never_late(frequency: str) -> None:
    assert is_late(frequency, at(date(2025, 1, 8)), at(date(2028, 11, 9))) is False
