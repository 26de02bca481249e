"""An incident's facts: when it is opened, after each further failure, and as they are stored."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include.incidents.alert_types import ALERT_TYPES
from include.incidents.failure import Failure
from include.incidents.incident import Event, Incident, incident_from_dict, new_incident
from include.incidents.severity import Assessment
from tests.incidents.samples import TUESDAY

LATER = TUESDAY + timedelta(hours=5)
FAILURE = Failure(
    dag="malibu",
    task="load_points",
    run="run 1",
    tries=3,
    alert_type=ALERT_TYPES["load"],
    error="out of reach",
    details=("detail 1", "detail 2"),
    cause="load-123",
    log_url="https://airflow/runs/1/tasks/load_points",
    at=TUESDAY,
)
LOW = Assessment("low", "It is served.", "The last good values.", ("a",))
HIGH = Assessment("high", "It is wrong.", "Wrong data.", ("a", "b"))
OPENED = Incident(
    id="20261124T220000Z-malibu-load-123",
    cause="load-123",
    kind="load",
    dag="malibu",
    tasks=("load_points",),
    run="run 1",
    tries=3,
    error="out of reach",
    details=("detail 1", "detail 2"),
    log_url="https://airflow/runs/1/tasks/load_points",
    run_url="https://airflow/runs/1",
    severity="low",
    why="It is served.",
    public_sees="The last good values.",
    affected=("a",),
    opened_at=TUESDAY,
    failed_at=TUESDAY,
    notified_at=TUESDAY,
    runs=1,
    reminders=0,
    responder="",
    issue_url="",
    closed_at=None,
)


def test_a_failure_opens_an_incident_with_its_facts() -> None:
    found = new_incident(FAILURE, LOW)

    assert found == OPENED
    assert found.alert_type is ALERT_TYPES["load"]
    assert not found.is_high
    assert new_incident(FAILURE, HIGH).is_high


def test_a_failure_of_another_task_in_the_same_run_adds_the_task_and_its_details() -> None:
    another = replace(
        FAILURE,
        task="load_visits",
        tries=2,
        error="out of reach, again",
        details=("detail 2", "detail 3"),
        log_url="https://airflow/runs/1/tasks/load_visits",
        at=LATER,
    )

    assert OPENED.recurred(another, HIGH) == replace(
        OPENED,
        tasks=("load_points", "load_visits"),
        tries=2,
        details=("detail 1", "detail 2", "detail 3"),
        severity="high",
        why="It is wrong.",
        public_sees="Wrong data.",
        affected=("a", "b"),
        failed_at=LATER,
    )


def test_a_failure_in_another_run_replaces_the_facts_of_the_run() -> None:
    known = replace(OPENED, runs=4, reminders=1, responder="Ana", issue_url="https://issue")
    another = replace(
        FAILURE,
        run="run 2",
        error="out of reach for 2 s",
        details=("detail 2", "detail 3"),
        log_url="https://airflow/runs/2/tasks/load_points",
        at=LATER,
    )

    assert known.recurred(another, LOW) == replace(
        known,
        run="run 2",
        error="out of reach for 2 s",
        details=("detail 2", "detail 3"),
        log_url="https://airflow/runs/2/tasks/load_points",
        run_url="https://airflow/runs/2",
        failed_at=LATER,
        runs=5,
    )


def test_an_incident_keeps_its_first_ten_details() -> None:
    many = tuple(f"detail {number}" for number in range(12))

    assert new_incident(replace(FAILURE, details=many), LOW).details == many[:10]
    assert OPENED.recurred(replace(FAILURE, run="2", details=many), LOW).details == many[:10]
    assert OPENED.recurred(replace(FAILURE, details=many), LOW).details == (
        "detail 1", "detail 2", "detail 0", *many[3:10],
    )  # fmt: skip


@pytest.mark.parametrize(("reminders", "hours"), [(0, 4), (1, 12), (2, 24), (3, 24), (40, 24)])
def test_a_reminder_is_due_after_4_then_12_then_each_24_hours(reminders: int, hours: int) -> None:
    notified = replace(OPENED, reminders=reminders, notified_at=LATER)

    assert notified.is_reminder_due(LATER + timedelta(hours=hours))
    assert not notified.is_reminder_due(LATER + timedelta(hours=hours, microseconds=-1))


def test_a_success_removes_only_its_task() -> None:
    failed = replace(OPENED, tasks=("a", "b", "c"))
    assert failed.after_success_of("b") == replace(OPENED, tasks=("a", "c"))
    assert failed.after_success_of("d") == failed


def test_an_incident_is_stored_with_its_times_as_text() -> None:
    stored = replace(OPENED, failed_at=LATER, reminders=2, closed_at=LATER).as_dict()

    assert stored == {
        "id": "20261124T220000Z-malibu-load-123",
        "cause": "load-123",
        "kind": "load",
        "dag": "malibu",
        "tasks": ("load_points",),
        "run": "run 1",
        "tries": 3,
        "error": "out of reach",
        "details": ("detail 1", "detail 2"),
        "log_url": "https://airflow/runs/1/tasks/load_points",
        "run_url": "https://airflow/runs/1",
        "severity": "low",
        "why": "It is served.",
        "public_sees": "The last good values.",
        "affected": ("a",),
        "opened_at": "2026-11-24T22:00:00+00:00",
        "failed_at": "2026-11-25T03:00:00+00:00",
        "notified_at": "2026-11-24T22:00:00+00:00",
        "runs": 1,
        "reminders": 2,
        "responder": "",
        "issue_url": "",
        "closed_at": "2026-11-25T03:00:00+00:00",
    }


@pytest.mark.parametrize("closed_at", [None, LATER])
def test_a_stored_incident_is_read_as_it_was(closed_at: datetime | None) -> None:
    found = replace(
        OPENED, runs=3, reminders=2, responder="Ana", issue_url="https://i", closed_at=closed_at
    )
    as_json = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.as_dict().items()
    }
    assert incident_from_dict(as_json) == found


def test_an_incident_that_another_release_stored_can_be_read() -> None:
    stored = {**OPENED.as_dict(), "removed_since": 1}
    for name in ("runs", "reminders", "responder", "issue_url", "closed_at"):
        del stored[name]

    assert incident_from_dict(stored) == OPENED


def test_each_event_has_its_name_in_the_log() -> None:
    assert [event.value for event in Event] == ["opened", "reminded", "escalated", "recovered"]
