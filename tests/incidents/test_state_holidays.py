"""The holidays of the state's employees by name, as in Gov. Code 19853."""

from datetime import date, timedelta

import pytest

from include.working_days import is_working_day, state_holiday


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


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2017-01-02", "New Year's Day"),
        ("2013-04-01", "Cesar Chavez Day"),
        ("2027-07-05", "Independence Day"),
        ("2029-11-12", "Veterans Day"),
        ("2022-12-26", "Christmas Day"),
    ],
)
def test_a_holiday_on_a_sunday_moves_to_monday(day: str, name: str) -> None:
    assert state_holiday(date.fromisoformat(day)) == name
    assert not is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("year", [2017, 2023, 2028])
def test_veterans_day_on_a_saturday_moves_to_friday(year: int) -> None:
    assert state_holiday(date(year, 11, 10)) == "Veterans Day"
    assert not is_working_day(date(year, 11, 10))
    assert is_working_day(date(year, 11, 9))
    assert is_working_day(date(year, 11, 13))


@pytest.mark.parametrize("day", ["2026-07-03", "2026-07-06", "2027-12-24", "2021-12-31"])
def test_another_holiday_on_a_saturday_moves_nowhere(day: str) -> None:
    assert state_holiday(date.fromisoformat(day)) is None
    assert is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-06-19", "2026-10-12", "2026-02-12", "2026-09-25"])
def test_a_holiday_that_offices_do_not_observe_is_a_working_day(day: str) -> None:
    # Juneteenth, Columbus Day, Lincoln's birthday, Native American Day.
    assert state_holiday(date.fromisoformat(day)) is None
    assert is_working_day(date.fromisoformat(day))


def test_presidents_day_on_the_day_of_another_remembrance_is_a_holiday() -> None:
    # Susan B. Anthony Day is not a holiday of the state's employees.
    assert state_holiday(date(2027, 2, 15)) == "Presidents' Day"
    assert state_holiday(date(2026, 2, 15)) is None
