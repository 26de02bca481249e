"""Business hours in California: 9 to 5 on the working days of state offices."""

from datetime import date, datetime, time, timedelta

from include.times import CALIFORNIA
from include.working_days import CLOSES, OPENS, is_working_day, working_day_after

_DAY = timedelta(days=1)


def in_business_hours(moment: datetime) -> bool:
    """True if a moment, with a time zone, is in business hours."""
    local = moment.astimezone(CALIFORNIA)
    return is_working_day(local.date()) and OPENS <= local.time() < CLOSES


def next_opening(moment: datetime) -> datetime:
    """The next start of business hours at or after a moment, in California's time."""
    local = moment.astimezone(CALIFORNIA)
    day = working_day_after(local.date() - _DAY * (local.time() <= OPENS))
    return datetime.combine(day, OPENS, CALIFORNIA)


def last_opening(moment: datetime) -> datetime:
    """The newest start of business hours at or before a moment, in California's time."""
    return _last(OPENS, moment)


def last_closing(moment: datetime) -> datetime:
    """The newest end of business hours at or before a moment, in California's time."""
    return _last(CLOSES, moment)


def last_reminder(moment: datetime, *, is_high: bool) -> datetime:
    """The newest time at or before a moment at which a reminder was due, in California's time.

    It is an opening; for a high severity the same hour of every day: a wrong file does not wait for
    Monday, and the person on duty of each day is reminded.
    """
    if not is_high:
        return last_opening(moment)
    local = moment.astimezone(CALIFORNIA)
    return datetime.combine(local.date() - _DAY * (local.time() < OPENS), OPENS, CALIFORNIA)


def closing_time(moment: datetime) -> datetime:
    """The end of business hours on a moment's day, in California's time."""
    return datetime.combine(moment.astimezone(CALIFORNIA).date(), CLOSES, CALIFORNIA)


def retrospective_day(recovered_at: datetime) -> date:
    """The first working day of the week after the one of a recovery; a week begins on Monday."""
    today = recovered_at.astimezone(CALIFORNIA).date()
    return working_day_after(today + _DAY * (7 - today.isoweekday()))


def _last(hour: time, moment: datetime) -> datetime:
    """The newest time at or before a moment at which a working day has this hour."""
    local = moment.astimezone(CALIFORNIA)
    day = local.date() - _DAY * (local.time() < hour)
    while not is_working_day(day):
        day -= _DAY
    return datetime.combine(day, hour, CALIFORNIA)
