"""Stories of a wrong, late or delayed public file, by the process in `story_oracle`.

A line is a message: when, what happened, the severity, who responds (`@` if called), the problems.
The rotation in October: Cy until Monday 12 at 9:00, then Ana; Cy again from Monday 26.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.incidents.decide import Observation, decide, rate
from include.incidents.incident import PUBLIC_FILE, Event, Rating
from include.incidents.severity import LastCheck
from tests.incidents.sample_incidents import (
    ALTERED,
    LATE,
    NOT_SERVED,
    failed,
    incident,
    over,
    rated,
)
from tests.incidents.sample_incidents import TUESDAY as TWO_PM
from tests.incidents.simulated_days import Days
from tests.incidents.simulated_problems import DOWN, TOO_FEW

MONDAY, TUESDAY = date(2026, 10, 5), date(2026, 9, 29)


@pytest.fixture
def days() -> Days:
    """Ten days from Monday, October 5, 2026."""
    return Days(MONDAY)


def test_a_tampered_file_that_nobody_restores_reminds_whoever_is_on_duty(days: Days) -> None:
    days.lasts("fault", "altered", "Fri 09 10:00", "Mon 12 10:00")

    assert days.run() == [
        "Fri 09 10:00 opened high @staff altered",
        "Fri 09 17:00 handed over high @Cy altered",
        "Sat 10 09:00 reminded high @Cy altered",
        "Sun 11 09:00 reminded high @Cy altered",
        "Mon 12 09:00 reminded high @staff altered",
        "Mon 12 10:00 recovered altered",
    ]


def test_a_file_that_is_tampered_with_again_calls_again(days: Days) -> None:
    days.lasts("fault", "altered", "Sat 10 22:00", "Sat 10 23:00")
    days.lasts("fault", "altered", "Sun 11 01:00", "Sun 11 02:00")

    assert days.run() == [
        "Sat 10 22:00 opened high @Cy altered",
        "Sat 10 23:00 recovered altered",
        "Sun 11 01:00 returned high @Cy altered",
        "Sun 11 02:00 recovered altered",
    ]


def test_a_file_that_is_out_of_reach_every_other_hour_is_few_messages(days: Days) -> None:
    for day in days.dates[:-1]:
        for hour in range(1, 23, 2):
            begins, ends = f"{day:%a %d} {hour:02}:00", f"{day:%a %d} {hour + 1:02}:00"
            days.lasts("fault", "unreachable", begins, ends)

    lines = days.run()

    # At first each message; then two a working day and one on the others: it is wrong at 9 and 5.
    assert len(lines) <= 5 + 2 * 8 + 2
    assert sum("@" in line for line in lines) <= 3 + 2 * 8 + 2


def test_a_file_that_comes_and_goes_calls_for_its_second_return_and_for_no_later_one(
    days: Days,
) -> None:
    for hour in (1, 3, 5, 7):
        days.lasts("fault", "unreachable", f"Sat 10 {hour:02}:00", f"Sat 10 {hour + 1:02}:00")

    assert days.run() == [
        "Sat 10 01:00 opened high @Cy unreachable",
        "Sat 10 02:00 recovered unreachable",
        "Sat 10 03:00 returned high @Cy unreachable",
        "Sat 10 04:00 recovered unreachable",
        "Sat 10 05:00 returned high @Cy unreachable",
        "Sat 10 14:00 recovered unreachable",
    ]


@pytest.mark.parametrize("wrong", [(), ("The public file is missing.",)])
def test_a_failure_keeps_the_reason_of_its_severity_while_the_file_is_wrong(
    wrong: tuple[str, ...],
) -> None:
    failure = failed("usace.load", assessment=ALTERED.assessment)
    seen = Observation(failure.at, check=LastCheck(failure.at, wrong=wrong))
    [after] = decide((incident(failure),), seen, failure.at).incidents
    assert (after.assessment == ALTERED.assessment) is bool(wrong)


@pytest.mark.parametrize(("rating", "calls"), [(None, False), ("high", False), ("low", True)])
def test_a_wrong_file_that_a_person_rated_low_keeps_no_later_call_back(
    rating: str | None, calls: bool
) -> None:
    known = rated(incident(ALTERED), rating) if rating else incident(ALTERED)
    seen = Observation(TWO_PM, (replace(NOT_SERVED, at=TWO_PM),))
    [notice] = decide((known,), seen, TWO_PM).notices
    assert (notice.event, notice.calls) == (Event.OPENED, calls)


def test_only_an_open_incident_can_be_rated() -> None:
    said = Rating("low", "Pat", "It is a test.", TWO_PM)
    closed = over(incident(ALTERED), timedelta(hours=1))
    for known, name in (((closed,), closed.id), ((), "another")):
        with pytest.raises(KeyError):
            rate(known, name, said)


def test_what_a_person_has_said_of_a_cause_holds_until_it_is_over() -> None:
    said = rated(incident(ALTERED), "low")
    assert said.with_problem(ALTERED).rating == said.rating
    assert over(said, timedelta(hours=1)).with_problem(ALTERED).rating is None


def test_an_incident_is_as_grave_as_its_gravest_problem(days: Days) -> None:
    both = replace(incident(LATE), problems=(LATE, ALTERED), latest=LATE)
    assert both.assessment == ALTERED.assessment
    assert replace(both, problems=()).assessment == LATE.assessment


def test_failures_while_the_file_is_wrong_do_not_call_the_same_person_again(days: Days) -> None:
    days.lasts("fault", "altered", "Fri 09 18:00", "Sat 10 13:00")
    days.fails("epa.load", "Fri 09 18:27", "Sat 10 12:27", DOWN)

    assert days.run() == [
        "Fri 09 18:00 opened high @Cy altered",
        "Fri 09 18:27 opened high Cy epa.load",
        "Sat 10 09:00 reminded high @Cy altered, epa.load",
        "Sat 10 12:30 recovered epa.load",
        "Sat 10 13:00 recovered altered",
    ]


def test_what_was_low_at_closing_is_not_handed_over_when_the_file_is_wrong_later(
    days: Days,
) -> None:
    days.fails("epa.load", "Tue 06 12:27", "Wed 07 10:27", DOWN)
    days.lasts("fault", "altered", "Tue 06 19:00", "Wed 07 10:00")

    assert days.run() == [
        "Tue 06 12:27 opened low @staff epa.load",
        "Tue 06 19:00 opened high @Cy altered",
        "Wed 07 09:00 reminded high @staff epa.load, altered",
        "Wed 07 10:00 recovered altered",
        "Wed 07 10:30 recovered epa.load",
    ]


def test_a_failure_is_low_again_once_the_public_file_is_right(days: Days) -> None:
    days.lasts("fault", "altered", "Fri 09 18:00", "Fri 09 18:45")
    # It runs once a day, so that nothing fails after the file was restored.
    task = "keep_history.transform.parcels_snapshot"
    days.fails(task, "Fri 09 18:27", "Fri 09 18:28", TOO_FEW, is_green_then=False)
    days.ends(task, "Sun 11 18:27", f"{task} is green")

    assert days.run() == [
        "Fri 09 18:00 opened high @Cy altered",
        f"Fri 09 18:27 opened high Cy {task}",
        "Fri 09 18:45 recovered altered",
        # The public sees the right values at the weekend: nobody is called.
        f"Sun 11 18:30 recovered {task}",
    ]


def test_a_recovery_tells_what_the_public_saw_before_it() -> None:
    now = ALTERED.at + timedelta(hours=1)
    right = Observation(now, checked=frozenset({PUBLIC_FILE}), check=LastCheck(now))

    [recovered] = decide([incident(ALTERED)], right, now).notices

    [over] = recovered.incidents
    assert over.assessment == ALTERED.assessment


def test_a_high_severity_just_before_the_weekend_is_handed_over_at_closing(days: Days) -> None:
    days.lasts("fault", "unreachable", "Fri 09 16:50", "Mon 12 10:50")
    days.fails("publish_metrics.verify", "Fri 09 16:55", "Mon 12 10:55", TOO_FEW)

    assert days.run() == [
        "Fri 09 16:55 opened high @staff publish_metrics.verify",
        "Fri 09 17:00 handed over high @Cy publish_metrics.verify",
        "Fri 09 17:00 opened high Cy unreachable",
        "Sat 10 09:00 reminded high @Cy publish_metrics.verify, unreachable",
        "Sun 11 09:00 reminded high @Cy publish_metrics.verify, unreachable",
        "Mon 12 09:00 reminded high @staff publish_metrics.verify, unreachable",
        "Mon 12 11:00 recovered unreachable",
        "Mon 12 11:00 recovered publish_metrics.verify",
    ]


def test_a_failed_verification_is_over_when_the_watch_finds_the_file_right(days: Days) -> None:
    days.fails("publish_metrics.verify", "Sat 10 03:05", "Sat 10 04:05", TOO_FEW)

    assert days.run() == [
        "Sat 10 03:05 opened high @Cy publish_metrics.verify",
        "Sat 10 03:15 recovered publish_metrics.verify",
    ]
    assert days.messages[-1].incidents[0].ended_by == "the public address serves the right file"


@pytest.mark.parametrize("hour", ["Fri 09 17", "Sat 10 09"])
def test_a_failure_before_a_late_watch_does_not_suppress_the_call_of_that_hour(
    days: Days, hour: str
) -> None:
    days.lasts("fault", "altered", "Fri 09 16:00", "Sun 11 12:00")
    days.lasts("watch down", "watch", f"{hour}:00", f"{hour}:10")
    days.fails("epa.load", f"{hour}:05", "Sun 11 12:05", DOWN)

    called = [line for line in days.run() if line.startswith(hour) and "@Cy" in line]

    assert len(called) == 1, "the person who is on duty now, once"


def test_while_the_watch_is_down_a_hand_over_waits_for_it(days: Days) -> None:
    days.lasts("fault", "altered", "Tue 06 16:00", "Wed 07 10:00")
    days.lasts("watch down", "watch", "Tue 06 16:30", "Tue 06 19:00")

    assert days.run() == [
        "Tue 06 16:00 opened high @staff altered",
        "Tue 06 19:00 handed over high @Cy altered",
        "Wed 07 09:00 reminded high @staff altered",
        "Wed 07 10:00 recovered altered",
    ]


def test_who_rates_a_wrong_file_low_is_left_alone_until_the_opening(days: Days) -> None:
    days.lasts("fault", "altered", "Fri 09 18:00", "Mon 12 10:00")
    days.rates("Fri 09 18:20", "low")

    assert days.run() == [
        "Fri 09 18:00 opened high @Cy altered",
        "Fri 09 18:20 rated low Cy altered",
        "Mon 12 09:00 reminded low @staff altered",
        "Mon 12 10:00 recovered altered",
    ]


def test_what_a_person_rates_high_calls_and_is_handed_over(days: Days) -> None:
    days.fails("usace.load", "Fri 09 18:27", "Tue 13 10:27", DOWN)
    days.rates("Fri 09 18:40", "high")

    assert days.run() == [
        "Fri 09 18:27 opened low Cy usace.load",
        "Fri 09 18:40 rated high @Cy usace.load",
        "Sat 10 09:00 reminded high @Cy usace.load",
        "Sun 11 09:00 reminded high @Cy usace.load",
        "Mon 12 09:00 reminded high @staff usace.load",
        "Mon 12 17:00 handed over high @Ana usace.load",
        "Tue 13 09:00 reminded high @staff usace.load",
        "Tue 13 10:30 recovered usace.load",
    ]


def test_a_wrong_file_calls_although_something_else_was_rated_high(days: Days) -> None:
    days.fails("usace.load", "Fri 09 18:27", "Sun 11 10:27", DOWN)
    days.rates("Fri 09 18:40", "high")
    days.lasts("fault", "altered", "Sat 10 22:00", "Sat 10 23:00")

    assert "Sat 10 22:00 opened high @Cy altered" in days.run()


def test_a_wrong_file_calls_although_a_metric_is_late() -> None:
    days = Days(TUESDAY)
    days.enter("schools_resumed", "Tue 29 11:00")
    days.enter("schools_resumed", "Mon 05 13:50")
    days.lasts("fault", "altered", "Mon 05 11:00", "Mon 05 13:00")

    assert days.run() == [
        "Mon 05 09:00 opened high @staff schools_resumed is late",
        "Mon 05 11:00 opened high @staff altered",
        "Mon 05 13:00 recovered altered",
        "Mon 05 14:00 recovered schools_resumed is late",
    ]


def test_a_second_late_metric_is_reported_while_the_first_is_late() -> None:
    days = Days(TUESDAY)
    days.enter("schools_resumed", "Tue 29 11:00")
    days.enter("people_helped_drc", "Wed 30 11:00")
    days.enter("schools_resumed", "Wed 07 10:50")
    days.enter("people_helped_drc", "Thu 08 10:50")

    assert days.run() == [
        "Mon 05 09:00 opened high @staff schools_resumed is late",
        "Tue 06 09:00 opened high @staff people_helped_drc is late",
        "Tue 06 09:00 reminded high @staff schools_resumed is late",
        "Wed 07 09:00 reminded high @staff schools_resumed is late, people_helped_drc is late",
        "Wed 07 11:00 recovered schools_resumed is late",
        "Thu 08 09:00 reminded high @staff people_helped_drc is late",
        "Thu 08 11:00 recovered people_helped_drc is late",
    ]


def test_metrics_of_two_sources_that_become_late_together_are_one_message() -> None:
    days = Days(TUESDAY)
    for metric in ("schools_resumed", "pasadena_building_permits_issued"):
        days.enter(metric, "Tue 29 11:00")
        days.enter(metric, "Mon 05 10:50")

    assert days.run() == [
        "Mon 05 09:00 opened high @staff schools_resumed is late,"
        " pasadena_building_permits_issued is late",
        "Mon 05 11:00 recovered schools_resumed is late, pasadena_building_permits_issued is late",
    ]


def test_a_metric_that_is_late_before_thanksgiving_calls_nobody_until_monday() -> None:
    days = Days(date(2026, 11, 19), 12)
    days.enter("schools_resumed", "Thu 19 11:00")
    days.enter("schools_resumed", "Mon 30 10:50")

    assert days.run() == [
        "Wed 25 09:00 opened high @staff schools_resumed is late",
        "Mon 30 09:00 reminded high @staff schools_resumed is late",
        "Mon 30 11:00 recovered schools_resumed is late",
    ]


@pytest.mark.parametrize("entered", ["Tue 24 16:59", "Wed 25 09:30", "Wed 25 16:59"])
def test_a_metric_that_staff_entered_before_thanksgiving_is_never_late(entered: str) -> None:
    days = Days(date(2026, 11, 23), 9)
    days.enter("schools_resumed", entered)
    days.enter("schools_resumed", "Mon 30 16:30")

    assert days.run() == []


def test_a_low_failure_over_christmas_waits_and_a_wrong_file_does_not() -> None:
    days = Days(date(2026, 12, 21))  # Friday is Christmas; Ben is on call, and Cy from Monday 28.
    days.fails("epa.load", "Wed 23 18:27", "Thu 24 19:27", DOWN)
    days.lasts("fault", "missing", "Thu 24 20:00", "Mon 28 10:00")

    assert days.run() == [
        "Wed 23 18:27 opened low Ben epa.load",
        "Thu 24 09:00 reminded low @staff epa.load",
        "Thu 24 19:30 recovered epa.load",
        "Thu 24 20:00 opened high @Ben missing",
        "Fri 25 09:00 reminded high @Ben missing",
        "Sat 26 09:00 reminded high @Ben missing",
        "Sun 27 09:00 reminded high @Ben missing",
        "Mon 28 09:00 reminded high @staff missing",
        "Mon 28 10:00 recovered missing",
    ]


def test_reminders_keep_california_s_clock_when_summer_time_ends() -> None:
    days = Days(date(2026, 10, 29))  # Summer time ends on Sunday.
    days.lasts("fault", "invalid", "Fri 30 16:30", "Mon 02 10:00")

    assert days.run() == [
        "Fri 30 16:30 opened high @staff invalid",
        "Fri 30 17:00 handed over high @Cy invalid",
        "Sat 31 09:00 reminded high @Cy invalid",
        "Sun 01 09:00 reminded high @Cy invalid",
        "Mon 02 09:00 reminded high @staff invalid",
        "Mon 02 10:00 recovered invalid",
    ]


def test_a_holiday_in_the_week_is_the_rotation_s() -> None:
    days = Days(date(2026, 11, 9))  # Wednesday is Veterans Day; Ben is on call.
    days.lasts("fault", "altered", "Tue 10 16:00", "Thu 12 10:00")

    assert days.run() == [
        "Tue 10 16:00 opened high @staff altered",
        "Tue 10 17:00 handed over high @Ben altered",
        "Wed 11 09:00 reminded high @Ben altered",
        "Thu 12 09:00 reminded high @staff altered",
        "Thu 12 10:00 recovered altered",
    ]


def test_a_delay_is_low_and_reminded_of_on_working_days(days: Days) -> None:
    days.lasts("delay", "forgotten hold", "Fri 09 16:00", "Tue 13 16:00")
    days.lasts("fault", "rewritten", "Sat 10 03:00", "Mon 12 11:00")

    assert days.run() == [
        "Fri 09 16:00 opened low @staff forgotten hold",
        "Sat 10 03:00 opened low Cy rewritten",
        "Mon 12 09:00 reminded low @staff forgotten hold, rewritten",
        "Mon 12 11:00 recovered rewritten",
        "Tue 13 09:00 reminded low @staff forgotten hold",
        "Tue 13 16:00 recovered forgotten hold",
    ]
