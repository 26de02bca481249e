"""Business hours in California: Monday to Friday, 9 to 5, but for the state's holidays.

Which days are holidays is the state's own list (https://www.calhr.ca.gov, State Holidays):
Juneteenth is none of them, a holiday on a Sunday is kept on the Monday after, and one on a Saturday
moves nothing. The dates are those of the `holidays` library.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache

from include.times import CALIFORNIA

OPENS, CLOSES = time(9), time(17)

_DAY = timedelta(days=1)
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
    """The state holiday that is kept on a day; null if there is none."""
    if (name := _named(day)) is not None:
        return name
    sunday = day - _DAY
    return _named(sunday) if sunday.isoweekday() == 7 else None  # noqa: PLR2004


def is_working_day(day: date) -> bool:
    """Whether offices of the state are open on a day."""
    return day.isoweekday() <= 5 and state_holiday(day) is None  # noqa: PLR2004


def in_business_hours(moment: datetime) -> bool:
    """Whether staff respond at this moment, which has to have a time zone."""
    local = moment.astimezone(CALIFORNIA)
    return is_working_day(local.date()) and OPENS <= local.time() < CLOSES


def next_opening(moment: datetime) -> datetime:
    """When business hours begin next, in California's time; not before the moment."""
    local = moment.astimezone(CALIFORNIA)
    day = local.date() if local.time() <= OPENS else local.date() + _DAY
    while not is_working_day(day):
        day += _DAY
    return datetime.combine(day, OPENS, CALIFORNIA)


def closing(moment: datetime) -> datetime:
    """When the business hours of a moment's day end, in California's time."""
    return datetime.combine(moment.astimezone(CALIFORNIA).date(), CLOSES, CALIFORNIA)


def retrospective_day(moment: datetime) -> date:
    """The first working day of the week that follows a moment's."""
    today = moment.astimezone(CALIFORNIA).date()
    day = today + timedelta(days=8 - today.isoweekday())
    while not is_working_day(day):
        day += _DAY
    return day


def shown(moment: datetime) -> str:
    """A moment as people in California read it, for example `Tue Nov 24, 2:27 PM PST`."""
    local = moment.astimezone(CALIFORNIA)
    return f"{local:%a %b} {local.day}, {local.hour % 12 or 12}:{local:%M %p %Z}"


@cache
def _known() -> Mapping[date, str]:
    import holidays

    known: Mapping[date, str] = holidays.country_holidays("US", subdiv="CA", observed=False)
    return known


def _named(day: date) -> str | None:
    names = (_known().get(day) or "").split("; ")
    return next((name for name in names if name in _STATE_HOLIDAYS), None)
