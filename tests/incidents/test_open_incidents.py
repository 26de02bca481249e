"""One incident, one message: over tasks, runs and days, also for tasks that fail at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from include.incidents.incident import Event
from include.incidents.open_incidents import (
    open_incidents,
    record_failure,
    record_success,
    save_response,
)
from include.incidents.severity import HIGH
from include.publishing.store import Store
from tests.incidents.samples import LOW_SEVERITY, TUESDAY, failure

HOUR = timedelta(hours=1)
HIGH_SEVERITY = replace(LOW_SEVERITY, severity=HIGH)


def test_an_hourly_failure_is_reminded_of_at_growing_intervals(store: Store) -> None:
    posted = []
    for hour in range(24 * 4):
        at = TUESDAY + hour * HOUR
        event, incident = record_failure(store, failure(run=f"run {hour}", at=at), LOW_SEVERITY)
        if event is not None:
            posted.append((hour, event, incident.runs))

    assert posted == [
        (0, Event.OPENED, 1),
        (4, Event.REMINDED, 5),
        (16, Event.REMINDED, 17),
        (40, Event.REMINDED, 41),
        (64, Event.REMINDED, 65),
        (88, Event.REMINDED, 89),
    ]


def test_tasks_that_fail_at_once_for_one_cause_are_one_incident(store: Store) -> None:
    tasks = [f"load_{n}" for n in range(6)]

    def fail(task: str) -> Event | None:
        return record_failure(
            store, failure("out of reach", dag="malibu", task=task), LOW_SEVERITY
        )[0]

    with ThreadPoolExecutor(len(tasks)) as pool:
        events = list(pool.map(fail, tasks))

    assert [event for event in events if event] == [Event.OPENED]
    assert len(events) == 6
    [incident] = open_incidents(store, "malibu")
    assert sorted(incident.tasks) == tasks
    assert incident.runs == 1


def test_another_error_is_posted_at_once(store: Store) -> None:
    record_failure(store, failure("out of reach"), LOW_SEVERITY)
    event, _ = record_failure(store, failure("no token"), LOW_SEVERITY)
    assert event is Event.OPENED
    assert len(open_incidents(store, "usace")) == 2


def test_an_incident_that_becomes_high_is_escalated_once(store: Store) -> None:
    record_failure(store, failure(run="1"), LOW_SEVERITY)
    events = [record_failure(store, failure(run=run), HIGH_SEVERITY)[0] for run in "23"]
    assert events == [Event.ESCALATED, None]


def test_an_incident_is_closed_when_each_failed_task_has_succeeded(store: Store) -> None:
    for task in ("load_a", "load_b"):
        record_failure(store, failure("out of reach", dag="malibu", task=task), LOW_SEVERITY)
    later = TUESDAY + 3 * HOUR

    assert record_success(store, "malibu", "load_c", later) == []
    assert record_success(store, "malibu", "load_a", later) == []
    [closed] = record_success(store, "malibu", "load_b", later)

    assert closed.closed_at == later
    assert closed.opened_at == TUESDAY
    assert open_incidents(store, "malibu") == []
    assert record_success(store, "malibu", "load_b", later) == []


def test_after_the_recovery_the_same_failure_is_a_new_incident(store: Store) -> None:
    record_failure(store, failure(), LOW_SEVERITY)
    record_success(store, "usace", "load", TUESDAY)
    assert record_failure(store, failure(), LOW_SEVERITY)[0] is Event.OPENED


def test_another_dags_success_closes_nothing(store: Store) -> None:
    record_failure(store, failure(), LOW_SEVERITY)
    assert record_success(store, "epa", "load", TUESDAY) == []
    assert len(open_incidents(store, "usace")) == 1


def test_the_responder_and_the_issue_are_saved(store: Store) -> None:
    _, incident = record_failure(store, failure(), LOW_SEVERITY)
    save_response(store, replace(incident, responder="Ana", issue_url="https://github.example/1"))
    _, again = record_failure(store, failure(run="2"), LOW_SEVERITY)
    assert (again.responder, again.issue_url) == ("Ana", "https://github.example/1")
