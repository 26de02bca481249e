"""Business hours in California: Monday to Friday, 9 to 5, except on state holidays.

The holidays are those of the state's list (https://www.calhr.ca.gov, State Holidays). Juneteenth is
not on it. A holiday on a Sunday is observed on Monday; one on a Saturday moves nothing. The dates
come from the `holidays` library.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache

from include.times import CALIFORNIA

OPENS, CLOSES = time(9), time(17)

_DAY = timedelta(days=1)
# As `date.isoweekday` numbers the days.
_FRIDAY, _SUNDAY = 5, 7
_STATE_HOLIDAYS = {
    "New Year's Day",
    "Martin Luther King Jr. Day",
    "Presidents' Day",
    "Cesar Chavez Day",
    "Memorial Day",
    "Independence Day",
    "Labor Day",
    "Veterans Day",
    "Thanksgiving Day",
    "Day After Thanksgiving",
    "Christmas Day",
}


def state_holiday(day: date) -> str | None:
    """The state holiday that is observed on a day; `None` if there is none."""
    if (name := _holiday_on(day)) is not None:
        return name
    day_before = day - _DAY
    return _holiday_on(day_before) if day_before.isoweekday() == _SUNDAY else None


def is_working_day(day: date) -> bool:
    """True if state offices are open on a day."""
    return day.isoweekday() <= _FRIDAY and state_holiday(day) is None


def in_business_hours(moment: datetime) -> bool:
    """True if a moment, with a time zone, is in business hours."""
    local = moment.astimezone(CALIFORNIA)
    return is_working_day(local.date()) and OPENS <= local.time() < CLOSES


def next_opening(moment: datetime) -> datetime:
    """The next start of business hours at or after a moment, in California's time."""
    local = moment.astimezone(CALIFORNIA)
    day = local.date() if local.time() <= OPENS else local.date() + _DAY
    while not is_working_day(day):
        day += _DAY
    return datetime.combine(day, OPENS, CALIFORNIA)


def closing_time(moment: datetime) -> datetime:
    """The end of business hours on a moment's day, in California's time."""
    return datetime.combine(moment.astimezone(CALIFORNIA).date(), CLOSES, CALIFORNIA)


def retrospective_day(moment: datetime) -> date:
    """The first working day of the week after a moment's week."""
    today = moment.astimezone(CALIFORNIA).date()
    day = today + timedelta(days=8 - today.isoweekday())
    while not is_working_day(day):
        day += _DAY
    return day


@cache
def _holidays() -> Mapping[date, str]:
    import holidays

    found: Mapping[date, str] = holidays.country_holidays("US", subdiv="CA")
    return found


def _holiday_on(day: date) -> str | None:
    names = (_holidays().get(day) or "").split("; ")
    return next((name for name in names if name in _STATE_HOLIDAYS), None)
