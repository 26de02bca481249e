"""Times and durations for people."""

from datetime import UTC, datetime, timedelta

import pytest

from include.times import california_time, duration


def test_a_time_is_shown_in_california_time() -> None:
    assert california_time(datetime(2026, 11, 24, 22, 27, tzinfo=UTC)) == "Tue Nov 24, 2:27 PM PST"
    assert california_time(datetime(2026, 7, 1, 7, 5, tzinfo=UTC)) == "Wed Jul 1, 12:05 AM PDT"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=26, minutes=1), "1 d 2 h 1 min"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_a_duration_is_shown_in_days_hours_and_minutes(length: timedelta, text: str) -> None:
    assert duration(length) == text
