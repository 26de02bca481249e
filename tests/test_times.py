"""Times, durations and numbers, for people and for the warehouse."""

from datetime import UTC, datetime, timedelta, timezone
from unittest.mock import Mock

import pytest

from include import times
from include.formats import number
from include.times import california_time, duration, iso_utc, naive_utc, utc_now

PACIFIC = timezone(timedelta(hours=-8))


def test_a_time_is_shown_in_california_time() -> None:
    assert california_time(datetime(2026, 11, 24, 22, 27, tzinfo=UTC)) == "Tue Nov 24, 2:27 PM PST"
    assert california_time(datetime(2026, 7, 1, 7, 5, tzinfo=UTC)) == "Wed Jul 1, 12:05 AM PDT"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=5, seconds=59), "5 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=24), "1 d"),
        (timedelta(days=1, hours=23, minutes=59), "1 d 23 h 59 min"),
        (timedelta(hours=26, minutes=1), "1 d 2 h 1 min"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_a_duration_is_shown_in_days_hours_and_minutes(length: timedelta, text: str) -> None:
    assert duration(length) == text


def test_a_time_is_stored_in_utc() -> None:
    moment = datetime(2026, 11, 24, 14, 27, 3, 120000, PACIFIC)
    assert iso_utc(moment) == "2026-11-24T22:27:03.120000Z"
    assert naive_utc(moment) == datetime(2026, 11, 24, 22, 27, 3, 120000)  # noqa: DTZ001
    assert (iso_utc(None), naive_utc(None)) == (None, None)


def test_the_current_time_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 24, 14, 27, tzinfo=PACIFIC)
    monkeypatch.setattr(times, "datetime", Mock(now=moment.astimezone))
    assert utc_now().isoformat() == "2026-11-24T22:27:00+00:00"


@pytest.mark.parametrize(
    ("hour", "text"), [(8, "12:05 AM"), (9, "1:05 AM"), (20, "12:05 PM"), (7, "11:05 PM")]
)
def test_an_hour_is_that_of_a_clock_with_twelve(hour: int, text: str) -> None:
    assert f", {text} PST" in california_time(datetime(2026, 11, 24, hour, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (0, "0"),
        (12044, "12,044"),
        (12044.0, "12,044"),
        (1234.5, "1,234.50"),
        (-0.256, "-0.26"),
    ],
)
def test_a_number_has_separators_and_two_decimals_if_any(value: float | None, text: str) -> None:
    assert number(value) == text
