"""Stories of failing tasks: what Slack receives in ten days, by the process in `story_oracle`.

A line is a message: when, what happened, the severity, who responds (`@` if called), the problems.
The rotation: Ben until Monday 5 at 9:00, Cy until Monday 12 at 9:00, then Ana.
"""

from datetime import date, timedelta

import pytest

from include.incidents.decide import Observation, decide
from include.incidents.incident import TASKS, Event
from tests.incidents.simulated_days import Days
from tests.incidents.simulated_problems import (
    DOWN,
    EXPIRED,
    KILLED,
    SNOWFLAKE,
    TOO_FEW,
    Attempt,
    in_dbt,
)

MONDAY = date(2026, 10, 5)
EVERY_DAG = {
    "usace.load": SNOWFLAKE,
    "epa.load": SNOWFLAKE,
    "pasadena.look_for_edits": SNOWFLAKE,
    "malibu.load_points": SNOWFLAKE,
    "malibu.load_permits": SNOWFLAKE,
    "airtable.transform.airtable_metrics_model_build": in_dbt("airtable_metrics"),
    "page_feedback.transform.page_feedback_model_build": in_dbt("page_feedback"),
    "publish_metrics.settle": SNOWFLAKE,
    "check_freshness.usace": SNOWFLAKE,
    "check_freshness.epa": SNOWFLAKE,
    "keep_history.transform.parcels_snapshot": in_dbt("parcels_snapshot"),
    "watch_publication.keep_incident_log": SNOWFLAKE,
}


@pytest.fixture
def days() -> Days:
    """Ten days from Monday, October 5, 2026."""
    return Days(MONDAY)


@pytest.mark.parametrize(("lost", "found"), [(0.0, "09:27"), (1.0, "09:30")])
def test_a_source_that_is_down_for_ten_days_is_one_incident_with_or_without_callbacks(
    days: Days, lost: float, found: str
) -> None:
    days.lost = lost
    days.fails("usace.load", "Mon 05 09:27", "Wed 14 14:27", DOWN)

    assert days.run() == [
        f"Mon 05 {found} opened low @staff usace.load",
        "Tue 06 09:00 reminded low @staff usace.load",
        "Wed 07 09:00 reminded low @staff usace.load",
        "Thu 08 09:00 reminded low @staff usace.load",
        "Fri 09 09:00 reminded low @staff usace.load",
        "Mon 12 09:00 reminded low @staff usace.load",
        "Tue 13 09:00 reminded low @staff usace.load",
        "Wed 14 09:00 reminded low @staff usace.load",
        "Wed 14 14:30 recovered usace.load",
    ]


def test_a_source_that_is_down_becomes_high_when_its_values_are_late(days: Days) -> None:
    days.enter("phase2_parcels_completed", "Mon 05 08:40")
    days.enter("phase2_parcels_completed", "Wed 14 14:28")
    days.fails("usace.load", "Mon 05 09:27", "Wed 14 14:27", DOWN)

    assert days.run() == [
        "Mon 05 09:27 opened low @staff usace.load",
        "Tue 06 09:00 reminded low @staff usace.load",
        "Wed 07 09:00 reminded low @staff usace.load",
        "Thu 08 09:00 reminded low @staff usace.load",
        # Three working days have passed. The next failure is high too; staff know by then.
        "Fri 09 09:00 opened high @staff phase2_parcels_completed is late",
        "Fri 09 09:00 reminded low @staff usace.load",
        # Nobody is called at the weekend.
        "Mon 12 09:00 reminded high @staff usace.load, phase2_parcels_completed is late",
        "Tue 13 09:00 reminded high @staff usace.load, phase2_parcels_completed is late",
        "Wed 14 09:00 reminded high @staff usace.load, phase2_parcels_completed is late",
        "Wed 14 14:30 recovered phase2_parcels_completed is late",
        "Wed 14 14:30 recovered usace.load",
    ]


def test_an_outage_of_snowflake_is_one_message_and_one_recovery_for_all_dags(days: Days) -> None:
    for number, (task, text) in enumerate(EVERY_DAG.items()):
        minute = 27 + 2 * number
        days.fails(task, f"Tue 06 13:{minute}", f"Tue 06 16:{minute}", text)

    first, last = days.run()

    assert first == "Tue 06 13:27 opened low @staff usace.load"
    assert last.startswith("Tue 06 17:00 recovered")
    assert {len(incidents) for incidents in days.open_after_watch} == {0, 1}
    [(_, keys)] = days.open_after_watch[4 * (24 + 15)]
    assert keys == set(EVERY_DAG)


@pytest.mark.parametrize("lost", [0.0, 0.5, 1.0])
def test_twelve_failures_in_one_second_are_one_message(days: Days, lost: float) -> None:
    days.lost = lost
    for task, text in EVERY_DAG.items():
        days.fails(task, "Mon 05 14:27", "Mon 05 15:27", text)

    opened, recovered = days.run()

    assert "opened low @staff" in opened
    assert recovered.startswith("Mon 05 15:30 recovered")
    assert days.messages[-1].incidents[0].failures == len(EVERY_DAG)


def test_three_models_that_fail_for_one_reason_are_one_message(days: Days) -> None:
    for model in ("stg_usace__parcels", "int_usace__roes", "int_usace__queue"):
        text = (
            f"dbt invocation completed with errors: {model}: Database Error in model {model}"
            f" (models/staging/usace/{model}.sql)\n  100038 (22018): %query%: Numeric value 'n/a'"
            f" is not recognized\n  compiled code at %path%/models/{model}.sql"
        )
        days.fails(f"usace.transform.{model}_model_build", "Mon 05 09:35", "Mon 05 11:35", text)

    opened, recovered = days.run()

    first = "usace.transform.stg_usace__parcels_model_build"
    assert opened == f"Mon 05 09:35 opened low @staff {first}"
    assert recovered.startswith("Mon 05 11:45 recovered usace.transform.")


def test_a_failure_that_is_reported_while_the_watch_reads_stays_open(days: Days) -> None:
    began, now = days.time("Mon 05 09:30"), days.time("Mon 05 09:31")
    failure = Attempt("usace.load", now, DOWN, has_callback=True).problem(None, now)
    known = decide((), Observation(now, (failure,)), now).incidents

    # The watch has read Airflow before the task failed, and decides after it.
    watched = decide(known, Observation(began, checked=frozenset({TASKS})), now)
    later = decide(known, Observation(now + timedelta(minutes=15), checked=frozenset({TASKS})), now)

    assert [one.is_open for one in watched.incidents] == [True]
    assert [one.is_open for one in later.incidents] == [False]


@pytest.mark.parametrize(
    ("back", "events"),
    [
        ("Tue 06 20:00", []),
        ("Wed 07 08:59", []),
        ("Wed 07 09:00", [Event.REMINDED]),
        ("Sat 10 12:00", []),
    ],
)
def test_after_a_day_without_the_watch_a_reminder_waits_for_a_working_morning(
    days: Days, back: str, events: list[Event]
) -> None:
    began, now = days.time("Mon 05 14:27"), days.time(back)
    failure = Attempt("usace.load", began, DOWN, has_callback=True).problem(None, began)
    known = decide((), Observation(began, (failure,)), began).incidents

    seen = Observation(now, (failure,), checked=frozenset({TASKS}))

    assert [event for event, _, _ in decide(known, seen, now).notices] == events


def test_an_attempt_that_the_watch_describes_in_other_words_is_the_same_incident(
    days: Days,
) -> None:
    now = days.time("Mon 05 09:30")
    reported = Attempt("usace.load", now, DOWN, has_callback=True).problem(None, now)
    found = Attempt("usace.load", now, KILLED, has_callback=True).problem(None, now)
    assert (found.attempt, found.cause) == (reported.attempt, found.cause)
    assert found.cause != reported.cause
    known = decide((), Observation(now, (reported,)), now).incidents

    assert decide(known, Observation(now, (found,)), now).incidents == known


def test_a_killed_task_is_found_by_the_watch_and_reported_once(days: Days) -> None:
    days.lost = 1.0
    days.fails("epa.load", "Tue 06 03:31", "Tue 06 05:31", KILLED)

    assert days.run() == [
        "Tue 06 03:45 opened low Cy epa.load",
        "Tue 06 05:45 recovered epa.load",
    ]
    assert "killed" in days.messages[0].incidents[0].latest.error


def test_a_credential_that_expires_at_night_calls_nobody_and_is_one_message(days: Days) -> None:
    for task, minute in {"unload": "02", "promote": "03", "settle": "32"}.items():
        days.fails(f"publish_metrics.{task}", f"Thu 08 01:{minute}", f"Thu 08 10:{minute}", EXPIRED)

    opened, reminded, recovered = days.run()

    assert opened == "Thu 08 01:02 opened low Cy publish_metrics.unload"
    assert reminded == (
        "Thu 08 09:00 reminded low @staff publish_metrics.unload, publish_metrics.promote,"
        " publish_metrics.settle"
    )
    assert recovered.startswith("Thu 08 10:45 recovered")


def test_without_the_storage_account_a_night_has_a_message_an_hour_and_calls_nobody(
    days: Days,
) -> None:
    days.lasts("storage down", "storage", "Thu 08 01:00", "Thu 08 08:20")
    days.fails("usace.unload", "Thu 08 01:40", "Thu 08 08:40", EXPIRED)
    days.fails("epa.unload", "Thu 08 01:41", "Thu 08 08:41", EXPIRED)
    for task in ("watch_public_file", "watch_dags", "keep_incident_log"):
        name, quarter = f"watch_publication.{task}", timedelta(minutes=15)
        days.fails(name, "Thu 08 01:01", "Thu 08 08:31", EXPIRED, every=quarter)

    lines = days.run()

    hours = [
        f"Thu 08 0{hour}:01 opened low Cy watch_publication.watch_public_file"
        for hour in range(1, 9)
    ]
    assert lines[:-1] == hours
    assert lines[-1].startswith("Thu 08 08:45 recovered")


def test_what_comes_and_goes_every_other_hour_is_a_message_a_day(days: Days) -> None:
    for day in days.dates[:9]:
        for hour in range(0 if day > MONDAY else 10, 24, 2):
            at = f"{day:%a %d} {hour:02}:27"
            days.fails("usace.load", at, f"{day:%a %d} {hour + 1:02}:27", DOWN)

    assert days.run() == [
        "Mon 05 10:27 opened low @staff usace.load",
        "Mon 05 11:30 recovered usace.load",
        *(
            f"{day} 09:00 reminded low @staff usace.load"
            for day in ("Tue 06", "Wed 07", "Thu 08", "Fri 09", "Mon 12", "Tue 13")
        ),
        # It has not returned for six hours.
        "Wed 14 05:30 recovered usace.load",
    ]


@pytest.mark.parametrize(
    ("returns", "green", "messages"),
    [
        ("Mon 05 16:27", "Mon 05 17:27", ["Mon 05 23:30 recovered usace.load"]),
        (
            "Mon 05 18:27",
            "Mon 05 19:27",
            ["Mon 05 18:27 opened low Cy usace.load", "Mon 05 19:30 recovered usace.load"],
        ),
    ],
    ids=["after five hours", "after seven hours"],
)
def test_a_cause_is_reported_again_only_if_it_returns_after_six_hours(
    days: Days, returns: str, green: str, messages: list[str]
) -> None:
    days.fails("usace.load", "Mon 05 10:27", "Mon 05 11:27", DOWN)
    days.fails("usace.load", returns, green, DOWN)

    assert days.run() == [
        "Mon 05 10:27 opened low @staff usace.load",
        "Mon 05 11:30 recovered usace.load",
        *messages,
    ]


def test_another_cause_in_the_same_task_is_reported_while_the_first_is_open(days: Days) -> None:
    days.fails("usace.load", "Mon 05 09:27", "Mon 05 11:27", DOWN, is_green_then=False)
    days.fails("usace.load", "Mon 05 11:27", "Mon 05 14:27", TOO_FEW)

    assert days.run() == [
        "Mon 05 09:27 opened low @staff usace.load",
        "Mon 05 11:27 opened low @staff usace.load",
        "Mon 05 14:30 recovered usace.load, usace.load",
    ]


def test_while_the_watch_is_down_callbacks_report_and_the_rest_is_caught_up(days: Days) -> None:
    days.lasts("watch down", "watch", "Tue 06 08:00", "Wed 07 08:00")
    days.fails("usace.load", "Tue 06 10:27", "Tue 06 13:27", DOWN)
    days.lost = 1.0
    days.fails("pasadena.load", "Tue 06 20:27", "Wed 07 11:27", DOWN)

    assert days.run() == [
        "Tue 06 10:27 opened low @staff usace.load",
        "Wed 07 08:00 opened low Cy pasadena.load",
        "Wed 07 08:00 recovered usace.load",
        "Wed 07 09:00 reminded low @staff pasadena.load",
        "Wed 07 11:30 recovered pasadena.load",
    ]


@pytest.mark.parametrize(
    "why", ["usace.load no longer exists", "usace.load is green", "somebody marked it"]
)
def test_an_incident_ends_with_its_reason_when_its_task_is_marked_or_removed(
    days: Days, why: str
) -> None:
    days.fails("usace.load", "Mon 05 09:27", "Mon 05 10:27", DOWN, is_green_then=False)
    days.ends("usace.load", "Mon 05 10:40", why)

    assert days.run() == [
        "Mon 05 09:27 opened low @staff usace.load",
        "Mon 05 10:45 recovered usace.load",
    ]
    assert days.messages[-1].incidents[0].ended_by == why


def test_a_paused_source_ends_its_failure_and_is_reminded_of_once_a_week(days: Days) -> None:
    days.fails("usace.load", "Tue 06 09:27", "Tue 06 10:27", DOWN, is_green_then=False)
    days.lasts("pause", "usace", "Tue 06 10:50", "Thu 15 00:00")
    days.enter("phase2_parcels_completed", "Mon 05 08:40")  # Late by Friday, and left out.

    assert days.run() == [
        "Tue 06 09:27 opened low @staff usace.load",
        "Tue 06 11:00 opened low @staff usace is paused",
        "Tue 06 11:00 recovered usace.load",
        "Mon 12 09:00 reminded low @staff usace is paused",
    ]
    [ended] = [one for one in days.messages if one.event is Event.RECOVERED]
    assert ended.incidents[0].ended_by == "usace is paused"


def test_paused_publishing_is_reminded_of_at_each_opening(days: Days) -> None:
    days.lasts("pause", "publish_metrics", "Fri 09 16:50", "Tue 13 16:50")

    assert days.run() == [
        "Fri 09 17:00 opened low Cy publish_metrics is paused",
        "Mon 12 09:00 reminded low @staff publish_metrics is paused",
        "Tue 13 09:00 reminded low @staff publish_metrics is paused",
        "Tue 13 17:00 recovered publish_metrics is paused",
    ]


def test_a_low_severity_before_the_weekend_waits_for_monday(days: Days) -> None:
    days.fails("epa.load", "Fri 09 16:55", "Mon 12 10:55", DOWN)

    assert days.run() == [
        "Fri 09 16:55 opened low @staff epa.load",
        "Mon 12 09:00 reminded low @staff epa.load",
        "Mon 12 11:00 recovered epa.load",
    ]


def test_the_failures_of_a_weekend_are_one_reminder_on_monday(days: Days) -> None:
    for number, dag in enumerate(("usace", "epa", "pasadena", "malibu")):
        begins, ends = f"Sat 10 0{number}:27", f"Mon 12 1{number}:27"
        days.fails(f"{dag}.load", begins, ends, TOO_FEW.replace("usace", dag))

    lines = days.run()

    assert lines[:4] == [
        f"Sat 10 0{number}:27 opened low Cy {dag}.load"
        for number, dag in enumerate(("usace", "epa", "pasadena", "malibu"))
    ]
    assert lines[4] == (
        "Mon 12 09:00 reminded low @staff usace.load, epa.load, pasadena.load, malibu.load"
    )
    assert len(lines) == 9


def test_a_holiday_is_no_opening() -> None:
    days = Days(date(2026, 11, 9))  # Wednesday is Veterans Day.
    days.fails("epa.load", "Tue 10 16:27", "Thu 12 10:27", DOWN)

    assert days.run() == [
        "Tue 10 16:27 opened low @staff epa.load",
        "Thu 12 09:00 reminded low @staff epa.load",
        "Thu 12 10:30 recovered epa.load",
    ]
