"""An independent oracle of the team's clock, written from the process and not from the code.

It imports nothing of the pipeline and no time zone data. Each day on which the state's offices are
closed is listed by hand from Gov. Code 19853, each change of the clocks from 15 U.S.C. 260a, and
all times are in UTC. `moments` are the times at which the oracle and the pipeline are compared.

The process: Monday to Friday, 9 to 5 in California, except on state holidays, CalData or Analytica
staff respond; at other times the person of Analytica's rotation does, and only a high severity
leads to a call.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

STAFF = "CalData or Analytica staff"
PEOPLE = ("Ana", "Ben", "Cy")
FIRST_TURN = date(2024, 12, 30)  # a Monday

# Weekdays on which offices are closed. A holiday on a Sunday moves to Monday; of those on a
# Saturday only Veterans Day moves, to Friday. Juneteenth is not in the law's list.
_CLOSED = """
2025: 01-01 01-20 02-17 03-31 05-26 07-04 09-01 11-11 11-27 11-28 12-25
2026: 01-01 01-19 02-16 03-31 05-25       09-07 11-11 11-26 11-27 12-25
2027: 01-01 01-18 02-15 03-31 05-31 07-05 09-06 11-11 11-25 11-26
2028:       01-17 02-21 03-31 05-29 07-04 09-04 11-10 11-23 11-24 12-25
2029: 01-01 01-15 02-19       05-28 07-04 09-03 11-12 11-22 11-23 12-25
2030: 01-01
"""
CLOSED = {
    date.fromisoformat(f"{year}-{day}")
    for year, _, days in (line.partition(":") for line in _CLOSED.split("\n") if line)
    for day in days.split()
}

# Open although other calendars have a holiday: Juneteenth, Columbus Day, the eves, the neighbours
# of a holiday on a Saturday, and the days around Veterans Day when it moves.
_OPEN = """
2025-06-19 2025-10-13 2025-12-24 2025-12-26 2025-12-31 2026-02-12 2026-06-19 2026-07-03 2026-07-06
2026-09-09 2026-09-25 2026-10-12 2026-12-24 2026-12-31 2027-06-18 2027-06-21 2027-07-02 2027-10-11
2027-12-24 2027-12-27 2027-12-31 2028-01-03 2028-06-19 2028-10-09 2028-11-09 2028-11-13 2029-11-09
2029-11-13 2029-03-30 2029-04-02
"""
OPEN = [date.fromisoformat(day) for day in _OPEN.split()]

# The Sundays on which summer time begins and ends.
_SUMMER = {
    2025: ((3, 9), (11, 2)),
    2026: ((3, 8), (11, 1)),
    2027: ((3, 14), (11, 7)),
    2028: ((3, 12), (11, 5)),
    2029: ((3, 11), (11, 4)),
}
CLOCK_CHANGES = [date(year, *day) for year, days in _SUMMER.items() for day in days]


def local(moment: datetime) -> datetime:
    """A UTC time on a clock in California, without a time zone."""
    naive = moment.replace(tzinfo=None)
    begins, ends = _SUMMER.get(naive.year, ((12, 31), (12, 31)))
    # 2 a.m. is 10:00 UTC in winter time and 9:00 UTC in summer time.
    now = (naive.month, naive.day, naive.hour)
    return naive - timedelta(hours=7 if (*begins, 10) <= now < (*ends, 9) else 8)


def utc(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The UTC time of a clock in California that is not at a change of the clocks."""
    clock = datetime.combine(day, time(hour, minute, second))
    for hours in (7, 8):
        moment = (clock + timedelta(hours=hours)).replace(tzinfo=UTC)
        if local(moment) == clock:
            return moment
    raise ValueError(f"{clock} is skipped when summer time begins")


_DAYS = [date(2024, 12, 30) + timedelta(days=number) for number in range(1830)]
WORKING_DAYS = [day for day in _DAYS if day.weekday() < 5 and day not in CLOSED]
OPENINGS = [utc(day, 9) for day in WORKING_DAYS]
CLOSINGS = [utc(day, 17) for day in WORKING_DAYS]


def last_opening(moment: datetime) -> datetime:
    """The newest opening at or before a moment."""
    return OPENINGS[bisect_right(OPENINGS, moment) - 1]


def last_closing(moment: datetime) -> datetime:
    """The newest closing at or before a moment."""
    return CLOSINGS[bisect_right(CLOSINGS, moment) - 1]


def next_opening(moment: datetime) -> datetime:
    """The first opening at or after a moment."""
    return OPENINGS[bisect_left(OPENINGS, moment)]


def staff_work(moment: datetime) -> bool:
    """Whether a moment is in business hours: no closing has followed the newest opening."""
    return last_opening(moment) > last_closing(moment)


def retrospective(recovered: datetime) -> date:
    """The first working day of the week after the one of a recovery; a week begins on Monday."""
    week = local(recovered).isocalendar()[:2]
    return next(day for day in WORKING_DAYS if day.isocalendar()[:2] > week)


@dataclass(frozen=True)
class Turns:
    """A rotation: each of `PEOPLE` is on call for some days, from an hour to the same hour."""

    days: int
    hour: int

    def person(self, moment: datetime) -> str:
        """The person on call at a moment."""
        first = datetime.combine(FIRST_TURN, time(self.hour))
        turn = (local(moment) - first) // timedelta(days=self.days)
        return PEOPLE[turn % len(PEOPLE)]


# The turns of `rotation.yaml`, and turns in which a wrong hour or day is another person.
WEEKLY, DAILY = Turns(7, 9), Turns(1, 17)


@dataclass(frozen=True)
class Answer:
    """Who responds: the name, the time in UTC, a call or none, who follows, start or deadline."""

    name: str
    by: datetime
    mentioned: bool
    then: str = ""
    starts: bool = False


def answer(is_high: bool, moment: datetime, turns: Turns) -> Answer:
    """The responder to a failure at a moment in UTC."""
    if not staff_work(moment):
        person = turns.person(moment)
        if is_high:
            return Answer(person, moment + timedelta(hours=1), True)
        return Answer(person, next_opening(moment), False, starts=True)
    five = CLOSINGS[bisect_right(CLOSINGS, moment)]
    if is_high:
        by = moment + timedelta(minutes=30)
        return Answer(STAFF, by, True, turns.person(five) if by > five else "")
    if moment + timedelta(hours=1) <= five:
        return Answer(STAFF, five, True)
    return Answer(STAFF, next_opening(moment), True, starts=True)


_CLOCK = (
    (0, 0), (3, 30), (8, 0), (8, 59, 59), (9, 0), (9, 0, 1), (12, 0), (16, 0), (16, 0, 1),
    (16, 30), (16, 30, 1), (16, 55), (16, 59, 59), (17, 0), (17, 0, 1), (20, 0), (23, 59, 59),
)  # fmt: skip
# Mondays of weeks of which each hour counts: Thanksgiving, the clocks' changes, a holiday on a
# Sunday, Christmas, New Year, Veterans Day on a Saturday and on a Sunday, a week without anything.
_WEEKS = (
    "2026-11-23 2026-03-02 2026-10-26 2027-06-28 2027-07-05 2026-12-21 2026-12-28 2028-11-06 "
    "2029-11-05 2029-11-12 2026-08-17"
)


def _all_moments() -> Iterator[datetime]:
    for week in _WEEKS.split():
        start = utc(date.fromisoformat(week))
        yield from (start + timedelta(hours=hour) for hour in range(7 * 24))
    for day in [*(day for day in CLOSED if day.year < 2030), *OPEN]:
        for around in (-1, 0, 1):
            yield from (utc(day + timedelta(days=around), *clock) for clock in _CLOCK)
    for sunday in CLOCK_CHANGES:
        start = utc(sunday) - timedelta(hours=2)
        yield from (start + timedelta(minutes=20 * step) for step in range(84))
    for day in map(date.fromisoformat, ("2026-11-20", "2026-11-23", "2026-07-22")):
        for hour in (9, 16, 17):
            yield from (
                utc(day, hour) + timedelta(minutes=minute, seconds=15) for minute in range(-70, 70)
            )


moments = sorted(set(_all_moments()))
