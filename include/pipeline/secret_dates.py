"""The dates on which secrets end, which a person enters in the Airflow Variable `secret_end_dates`.

A secret of an app registration ends after a year by default
(https://learn.microsoft.com/cli/azure/ad/app/credential#az-ad-app-credential-reset), and Airflow's
identity may not read that date. One Variable has the dates of all secrets, including those that are
in no connection, such as the token of the deploy workflow.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from airflow.sdk import BaseHook, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

from include import connections
from include.incidents.decide import Observation
from include.incidents.incident import Problem
from include.incidents.severity import Assessment, Impact
from include.times import CALIFORNIA

# {"azure_storage": "2027-11-28T18:04:05Z", "ASTRO_API_TOKEN": "2027-11-28", …}
VARIABLE = "secret_end_dates"
# The scope and the alert type of the findings.
SCOPE = "secrets"
# Days before the end; at 0 the secret has ended.
WARN_AT = (30, 7, 0)
# A month is enough for a reminder a week.
_REMINDED_WEEKLY = 30
_INVALID = f"{SCOPE}: invalid dates"
_NO_DATE = f"{SCOPE}: {connections.STORAGE} has no date"
_MOST_CHARACTERS = 40


class SecretDatesError(ValueError):
    """The Variable cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class SecretDates:
    """The ends of secrets, as entered in the Variable.

    Attributes:
        ends: The end of each secret by its name, in time zones of their own.
        error: The reason why the Variable cannot be read; empty if it can.
        is_azures_missing: True if Azure's secret is used and has no date.
    """

    ends: Mapping[str, datetime]
    error: str = ""
    is_azures_missing: bool = False


def read_secret_dates() -> SecretDates:
    """Read the Variable, and check whether Azure's connection has a secret that ends."""
    uses_secret = _azure_has_a_secret()
    try:
        ends = parse_secret_dates(str(Variable.get(VARIABLE, default=None) or "{}"))
    except SecretDatesError as error:
        return SecretDates({}, str(error))
    return SecretDates(ends, is_azures_missing=uses_secret and connections.STORAGE not in ends)


def parse_secret_dates(text: str) -> dict[str, datetime]:
    """The end of each secret by its name.

    A day without a time is its beginning in California.

    Raises:
        SecretDatesError: The text is not a JSON object of dates.
    """
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise TypeError
    except (ValueError, TypeError):
        raise SecretDatesError(
            f"The Variable {VARIABLE} is not a JSON object of dates: write it as"
            ' {"azure_storage": "2027-11-28"}.'
        ) from None
    return {str(name): _end(str(name), value) for name, value in given.items()}


def observe_secret_dates(known: SecretDates, now: datetime) -> Observation:
    """Compare the ends with the time.

    Of the warning days that are reached, only the nearest opens an incident; the incident of an
    earlier day stays open. All close when the Variable has a later date, or has the secret no
    longer.

    Args:
        known: The dates.
        now: The current time, in UTC.
    """
    problems: list[Problem] = []
    present: set[str] = set()
    ended_by: dict[str, str] = {}
    if known.error:
        # Without the dates, what was reached stays reached.
        return Observation(now, (_problem(_INVALID, known.error, now),))
    if known.is_azures_missing:
        text = (
            f"Nobody is warned before the secret of {connections.STORAGE} ends, because the"
            f" Variable {VARIABLE} has no date for it."
        )
        problems.append(_problem(_NO_DATE, text, now, is_deliberate=True))
    for name, end in sorted(known.ends.items()):
        reached = [days for days in WARN_AT if end - now <= timedelta(days=days)]
        present.update(_key(name, days) for days in reached)
        for days in set(WARN_AT) - set(reached):
            ended_by[_key(name, days)] = f"the secret of {name} ends on {_day(end)}"
        if reached:
            weekly = reached[-1] == _REMINDED_WEEKLY
            text = describe_end(name, end, now)
            problems.append(_problem(_key(name, reached[-1]), text, now, is_deliberate=weekly))
    ended_by[_INVALID] = f"the Variable {VARIABLE} is valid"
    ended_by[_NO_DATE] = f"the end of the secret of {connections.STORAGE} is known"
    return Observation(
        at=now,
        problems=tuple(problems),
        checked=frozenset({SCOPE}),
        present=frozenset(present),
        ended_by=ended_by,
    )


def describe_end(name: str, end: datetime, now: datetime) -> str:
    """Describe in one sentence when a secret ends or has ended."""
    if end <= now:
        return f"The secret of {name} has ended on {_day(end)}: whatever uses it is refused."
    days = (end - now) // timedelta(days=1)
    left = {0: "in less than a day", 1: "in 1 day"}.get(days, f"in {days} days")
    return f"The secret of {name} ends on {_day(end)}, {left}: replace it before."


def _azure_has_a_secret() -> bool:
    try:
        return bool(BaseHook.get_connection(connections.STORAGE).password)
    except AirflowNotFoundException:
        return False


def _end(name: str, value: object) -> datetime:
    try:
        end = datetime.fromisoformat(str(value))
    except ValueError:
        raise SecretDatesError(
            # Not the value: somebody may have entered the secret itself.
            f"The Variable {VARIABLE} has no date for {name[:_MOST_CHARACTERS]}: write one such as"
            " 2027-11-28."
        ) from None
    return end if end.tzinfo else end.replace(tzinfo=CALIFORNIA)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CALIFORNIA):%Y-%m-%d}"


def _problem(key: str, text: str, now: datetime, *, is_deliberate: bool = False) -> Problem:
    why = "The public file is not affected until a task is refused, and then gets no newer values."
    return Problem(
        key=key,
        scope=SCOPE,
        cause=key,
        kind=SCOPE,
        error=text,
        assessment=Assessment(Impact.NONE, why, "The last good values."),
        at=now,
        is_deliberate=is_deliberate,
    )


def _key(name: str, days: int) -> str:
    return f"{SCOPE}: {name}, {days} days" if days else f"{SCOPE}: {name} has ended"
