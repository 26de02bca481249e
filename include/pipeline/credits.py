"""The month's Snowflake credits, compared with the quota at which every warehouse stops.

Snowflake itself only e-mails, to people with a verified address. A monitor without a schedule of
its own counts from the beginning of each calendar month, in UTC
(https://docs.snowflake.com/en/user-guide/resource-monitors#schedule).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from include.incidents.decide import Observation
from include.incidents.incident import Problem
from include.incidents.severity import Assessment, Impact
from include.times import california_time

# The scope and the alert type of the findings.
CREDITS = "credits"
# Percentages of the quota, as Terraform's notifications.
WARN_AT = (50, 80)
# A person can wait with half of the quota; the reminders of the next finding come each day.
_REMINDED_WEEKLY = 50
# The watch runs four times an hour.
_FIRST_OF_THE_HOUR = timedelta(minutes=15)


class MonitorError(RuntimeError):
    """The resource monitor cannot be read; the message says what to do."""


@dataclass(frozen=True)
class MonthlyCredits:
    """A resource monitor's month.

    Attributes:
        monitor: Its name.
        used: The credits used since the month began.
        quota: The credits at which every warehouse stops.
    """

    monitor: str
    used: float
    quota: float


def read_credits(connect: Callable[[], Any], monitor: str) -> MonthlyCredits:
    """Read a resource monitor, which needs no warehouse.

    Args:
        connect: Opens a session, as a role with the privilege MONITOR on it.
        monitor: Its name.

    Raises:
        MonitorError: The role does not see it, or it has no quota.
    """
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SHOW RESOURCE MONITORS LIKE '{monitor}'")
        names = [str(column[0]) for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    # In LIKE, an underscore is any character.
    row = next((one for one in found if one["name"] == monitor), None)
    if row is None:
        # Without a privilege on it, SHOW leaves a monitor out instead of refusing.
        raise MonitorError(
            f"Snowflake shows no resource monitor {monitor} to the role of this connection: apply"
            " Terraform, which makes it and grants MONITOR on it, then clear this task."
        )
    if not float(row["credit_quota"] or 0):
        raise MonitorError(
            f"The resource monitor {monitor} has no quota, so no warehouse ever stops: apply"
            " Terraform, which sets it, then clear this task."
        )
    return MonthlyCredits(monitor, float(row["used_credits"] or 0), float(row["credit_quota"]))


def observe_credits(month: MonthlyCredits, now: datetime) -> Observation:
    """Compare the used credits with the quota.

    Of the percentages that are reached, only the highest opens an incident; the incident of a lower
    one stays open. Both are over when the month ends or the quota is raised.

    Args:
        month: The month's credits.
        now: The current time, in UTC.
    """
    reached = [at for at in WARN_AT if month.used >= month.quota * at / 100]
    state = f"{month.used:.1f} of {month.quota:g} credits are used this month"
    return Observation(
        at=now,
        problems=tuple(_problem(month, at, now) for at in reached[-1:]),
        checked=frozenset({CREDITS}),
        present=frozenset(_key(at) for at in reached),
        ended_by={_key(at): state for at in WARN_AT if at not in reached},
    )


def outlook(month: MonthlyCredits, now: datetime) -> str:
    """When the quota will be reached at this month's pace, in one sentence."""
    began = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (began + timedelta(days=32)).replace(day=1)
    until = f"every warehouse stops until {california_time(ends)}"
    if month.used >= month.quota:
        return f"The quota is reached: {until}."
    reached_at = began + (now - began) * (month.quota / month.used) if month.used else ends
    if reached_at >= ends:
        return "At this month's pace the quota lasts until the month ends."
    day = california_time(reached_at).partition(",")[0]
    return f"At this month's pace the quota is reached on {day}; then {until}."


def is_due(run: str, run_after: datetime, *, is_failing: bool) -> bool:
    """True if a run of the watch reads the credits: once an hour is enough.

    Args:
        run: The run's id; a run that somebody triggers always reads them.
        run_after: The time for which the run was scheduled.
        is_failing: Whether the last attempt failed: only a successful one ends its incident.
    """
    into_the_hour = timedelta(minutes=run_after.minute, seconds=run_after.second)
    is_scheduled = run.startswith("scheduled__")
    return is_failing or not is_scheduled or into_the_hour < _FIRST_OF_THE_HOUR


def _problem(month: MonthlyCredits, at: int, now: datetime) -> Problem:
    share = month.used / month.quota
    finding = (
        f"{at} % of the month's Snowflake credits are used: {month.used:.1f} of"
        f" {month.quota:g} ({share:.0%}) of {month.monitor}. {outlook(month, now)}"
    ).replace("%)", " %)")
    why = "The public file is not affected by this; without a warehouse it gets no newer values."
    return Problem(
        key=_key(at),
        scope=CREDITS,
        cause=_key(at),
        kind=CREDITS,
        error=finding,
        assessment=Assessment(Impact.NONE, why, "The last good values."),
        at=now,
        is_deliberate=at == _REMINDED_WEEKLY,
    )


def _key(at: int) -> str:
    return f"{CREDITS}: {at} % of the quota"
