"""The month's credits: what is reported at which share of the quota, and when it is reached."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from include.incidents.decide import decide
from include.incidents.incident import Incident, Problem
from include.incidents.severity import LOW, Impact
from include.pipeline.credits import (
    MonitorError,
    MonthlyCredits,
    is_due,
    observe_credits,
    outlook,
    read_credits,
)

# The middle of a month of 30 days.
NOVEMBER = datetime(2026, 11, 16, tzinfo=UTC)
JULY, YEARS_END = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)
HALF, MOST = "credits: 50 % of the quota", "credits: 80 % of the quota"
PACE = "At this month's pace the quota"
STOPS = "every warehouse stops until"
RESET = f"{STOPS} Mon Nov 30, 4:00 PM PST"


def observed(used: float, quota: float = 60, now: datetime = NOVEMBER) -> Any:
    return observe_credits(MonthlyCredits("DDRC_PRD", used, quota), now)


@pytest.mark.parametrize(
    ("used", "quota", "opened", "lasting"),
    [
        (0, 60, [], []),
        (29.99, 60, [], []),
        (30, 60, [HALF], [HALF]),
        (47.99, 60, [HALF], [HALF]),
        (48, 60, [MOST], [HALF, MOST]),
        (60, 60, [MOST], [HALF, MOST]),
        (66, 60, [MOST], [HALF, MOST]),
        (12, 60, [], []),
        (33, 60, [HALF], [HALF]),
        (51, 60, [MOST], [HALF, MOST]),
        (51, 120, [], []),
    ],
)
def test_the_highest_reached_share_is_a_finding(
    used: float, quota: float, opened: list[str], lasting: list[str]
) -> None:
    seen = observed(used, quota)
    assert [one.key for one in seen.problems] == opened
    assert sorted(seen.present) == lasting


@pytest.mark.parametrize(
    ("used", "now", "said"),
    [
        (31, NOVEMBER, f"{PACE} is reached on Sun Nov 29; then {RESET}."),
        (45, NOVEMBER, f"{PACE} is reached on Fri Nov 20; then {RESET}."),
        (30, NOVEMBER, f"{PACE} lasts until the month ends."),
        (0, NOVEMBER, f"{PACE} lasts until the month ends."),
        (60, NOVEMBER, f"The quota is reached: {RESET}."),
        (61, NOVEMBER, f"The quota is reached: {RESET}."),
        # The year ends.
        (60, YEARS_END, f"The quota is reached: {STOPS} Thu Dec 31, 4:00 PM PST."),
        # The month begins on the last day of the one before, in California.
        (60, JULY, f"The quota is reached: {STOPS} Fri Jul 31, 5:00 PM PDT."),
        (31, JULY, f"{PACE} is reached on Tue Jun 30; then {STOPS} Fri Jul 31, 5:00 PM PDT."),
    ],
)  # fmt: skip
def test_the_outlook_is_the_day_on_which_the_quota_is_reached(
    used: float, now: datetime, said: str
) -> None:
    assert outlook(MonthlyCredits("DDRC_PRD", used, 60), now) == said


def test_a_finding_is_low_and_says_what_is_used_of_what_until_when() -> None:
    [problem] = observed(45).problems
    assert problem.error == (
        "50 % of the month's Snowflake credits are used: 45.0 of 60 (75 %) of DDRC_PRD."
        f" At this month's pace the quota is reached on Fri Nov 20; then {RESET}."
    )
    assert (problem.kind, problem.scope, problem.assessment.impact) == (
        "credits", "credits", Impact.NONE,
    )  # fmt: skip
    assert not problem.assessment.is_high(NOVEMBER)
    assert problem.assessment.why.startswith("The public file is not affected by this;")
    assert problem.assessment.public_sees == "The last good values."


class Month:
    """The incidents of a month, by what the watch sees."""

    def __init__(self) -> None:
        self.incidents: tuple[Incident, ...] = ()
        self.posted: list[tuple[str, list[str]]] = []

    def see(self, used: float, quota: float, now: datetime) -> None:
        made = decide(self.incidents, observed(used, quota, now), now)
        self.incidents = made.incidents
        self.posted += [
            (notice.event.value, [one.latest.key for one in notice.incidents])
            for notice in made.notices
        ]

    def open(self) -> list[str]:
        return [one.latest.key for one in self.incidents if one.is_open]


def test_each_share_is_one_message_and_both_are_over_when_the_month_ends() -> None:
    month = Month()
    for day in range(29):
        # 2.2 credits a day reach 50 % on the 15th and 80 % on the 23rd.
        month.see(2.2 * day, 60, datetime(2026, 11, 1, tzinfo=UTC) + day * DAY)
    opened = [what for what in month.posted if what[0] == "opened"]
    assert opened == [("opened", [HALF]), ("opened", [MOST])]
    assert month.open() == [HALF, MOST]
    assert all(one.severity(NOVEMBER) == LOW for one in month.incidents)

    month.see(0.1, 60, datetime(2026, 12, 1, tzinfo=UTC))
    assert month.open() == []
    assert month.posted[-1] == ("recovered", [HALF, MOST])
    assert {one.ended_by for one in month.incidents} == {"0.1 of 60 credits are used this month"}


def test_a_raised_quota_ends_the_findings_that_it_no_longer_reaches() -> None:
    month = Month()
    month.see(51, 60, NOVEMBER)
    assert month.open() == [MOST]
    month.see(51, 90, NOVEMBER + DAY)
    assert month.open() == [HALF]
    month.see(51, 150, NOVEMBER + 2 * DAY)
    assert month.open() == []


def test_half_of_the_quota_is_reminded_of_once_a_week_and_more_each_working_day() -> None:
    reminded: dict[str, int] = {}
    for key, used in ((HALF, 31.0), (MOST, 49.0)):
        month = Month()
        for quarter in range(14 * 24):
            month.see(used, 60, datetime(2026, 11, 2, tzinfo=UTC) + quarter * DAY / 24)
        reminded[key] = sum(event == "reminded" for event, _ in month.posted)
    assert 1 <= reminded[HALF] <= 2
    assert reminded[MOST] >= 8


class Cursor:
    """A cursor in whose account there are these monitors."""

    def __init__(self, *monitors: tuple[Any, ...]) -> None:
        self.monitors = monitors
        self.sent: list[str] = []
        self.description = [("name",), ("credit_quota",), ("used_credits",)]

    def execute(self, sql: str) -> None:
        self.sent.append(sql)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self.monitors)

    def read(self) -> MonthlyCredits:
        session = SimpleNamespace(cursor=lambda: nullcontext(self))
        return read_credits(lambda: nullcontext(session), "DDRC_DEV")


def test_one_show_reads_the_monitor_of_exactly_this_name() -> None:
    cursor = Cursor(("DDRCXDEV", "10.00", "9.00"), ("DDRC_DEV", "60.00", "33.25"))
    assert cursor.read() == MonthlyCredits("DDRC_DEV", 33.25, 60)
    assert cursor.sent == ["SHOW RESOURCE MONITORS LIKE 'DDRC_DEV'"]


@pytest.mark.parametrize(
    ("monitors", "said"),
    [
        ([], "shows no resource monitor DDRC_DEV to the role"),
        ([("DDRCXDEV", "10.00", "9.00")], "shows no resource monitor DDRC_DEV to the role"),
        ([("DDRC_DEV", None, "9.00")], "DDRC_DEV has no quota"),
        ([("DDRC_DEV", "0.00", "9.00")], "DDRC_DEV has no quota"),
    ],
)
def test_a_monitor_that_cannot_be_read_is_an_error_with_what_to_do(
    monitors: list[tuple[Any, ...]], said: str
) -> None:
    with pytest.raises(MonitorError, match=f"{said}.*apply Terraform.*then clear this task"):
        Cursor(*monitors).read()


def test_a_monitor_that_has_counted_nothing_yet_has_used_nothing() -> None:
    assert Cursor(("DDRC_DEV", "60.00", None)).read() == MonthlyCredits("DDRC_DEV", 0, 60)


@pytest.mark.parametrize(
    ("run", "minute", "is_failing", "due"),
    [
        ("scheduled__a", 0, False, True),
        ("scheduled__a", 15, False, False),
        ("scheduled__a", 30, False, False),
        ("scheduled__a", 45, False, False),
        ("scheduled__a", 15, True, True),
        ("manual__a", 15, False, True),
    ],
)
def test_one_scheduled_run_an_hour_reads_the_credits_and_each_while_the_last_one_failed(
    run: str, minute: int, is_failing: bool, due: bool
) -> None:
    at = NOVEMBER.replace(minute=minute)
    assert is_due(run, at, is_failing=is_failing) is due


def test_findings_of_other_scopes_last() -> None:
    [problem] = observed(45).problems
    other: Problem = replace(problem, key="usace.load", scope="tasks", cause="x", kind="load")
    month = Month()
    month.incidents = decide((), replace(observed(0), problems=(other,)), NOVEMBER).incidents
    month.see(0, 60, NOVEMBER + DAY)
    assert month.open() == ["usace.load"]
