"""Working days of California's state offices: Monday to Friday, except on state holidays.

The holidays are those of Gov. Code 19853(a). Juneteenth is not one of them: it may only be taken in
place of the personal holiday. By 19853(b), a holiday on a Sunday moves to Monday, and Veterans Day
on a Saturday moves to Friday; the others on a Saturday do not move. The dates come from the
`holidays` library.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache

# Business hours on a working day, in California's time.
OPENS, CLOSES = time(9), time(17)

_DAY = timedelta(days=1)
# As `date.isoweekday` numbers the days.
_MONDAY, _FRIDAY = 1, 5
_VETERANS_DAY = "Veterans Day"
_STATE_HOLIDAYS = {
    "New Year's Day",
    "Martin Luther King Jr. Day",
    "Presidents' Day",
    "Cesar Chavez Day",
    "Memorial Day",
    "Independence Day",
    "Labor Day",
    _VETERANS_DAY,
    "Thanksgiving Day",
    "Day After Thanksgiving",
    "Christmas Day",
}


def state_holiday(day: date) -> str | None:
    """The state holiday on a day, or moved to it; `None` if there is none."""
    if (name := _holiday_on(day)) is not None:
        return name
    if day.isoweekday() == _MONDAY:
        return _holiday_on(day - _DAY)
    if day.isoweekday() == _FRIDAY and _holiday_on(day + _DAY) == _VETERANS_DAY:
        return _VETERANS_DAY
    return None


def is_working_day(day: date) -> bool:
    """True if state offices are open on a day."""
    return day.isoweekday() <= _FRIDAY and state_holiday(day) is None


def working_day_after(day: date, number: int = 1) -> date:
    """The working day that is this number of working days, at least 1, after any day."""
    while number:
        day += _DAY
        number -= is_working_day(day)
    return day


@cache
def _holidays() -> Mapping[date, str]:
    import holidays

    found: Mapping[date, str] = holidays.country_holidays("US", subdiv="CA")
    return found


def _holiday_on(day: date) -> str | None:
    names = (_holidays().get(day) or "").split("; ")
    return next((name for name in names if name in _STATE_HOLIDAYS), None)
