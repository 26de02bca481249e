"""One incident, one message: over tasks, runs and days, and with tasks that fail side by side."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from include.incidents.open_incidents import Step, note, note_failure, note_success, open_incidents
from include.incidents.severity import HIGH
from include.publishing.store import Store
from tests.incidents.samples import IN_ORDER, TUESDAY, failure

HOUR = timedelta(hours=1)
WRONG = replace(IN_ORDER, severity=HIGH)


def test_the_same_failure_every_hour_is_told_at_widening_intervals(store: Store) -> None:
    told = []
    for hour in range(24 * 4):
        at = TUESDAY + hour * HOUR
        step, incident = note_failure(store, failure(run=f"run {hour}", at=at), IN_ORDER)
        if step is not Step.QUIET:
            told.append((hour, step, incident.runs))

    assert told == [
        (0, Step.OPENED, 1),
        (4, Step.REMINDED, 5),
        (16, Step.REMINDED, 17),
        (40, Step.REMINDED, 41),
        (64, Step.REMINDED, 65),
        (88, Step.REMINDED, 89),
    ]


def test_tasks_that_fail_side_by_side_for_one_cause_are_one_incident(store: Store) -> None:
    tasks = [f"load_{n}" for n in range(6)]

    def fail(task: str) -> Step:
        return note_failure(store, failure("out of reach", dag="malibu", task=task), IN_ORDER)[0]

    with ThreadPoolExecutor(len(tasks)) as pool:
        steps = list(pool.map(fail, tasks))

    assert sorted(step.value for step in steps) == ["opened"] + ["quiet"] * 5
    [incident] = open_incidents(store, "malibu")
    assert sorted(incident.tasks) == tasks
    assert incident.runs == 1


def test_another_error_speaks_at_once(store: Store) -> None:
    note_failure(store, failure("out of reach"), IN_ORDER)
    step, _ = note_failure(store, failure("no token"), IN_ORDER)
    assert step is Step.OPENED
    assert len(open_incidents(store, "usace")) == 2


def test_an_incident_that_becomes_grave_speaks_at_once_and_only_once(store: Store) -> None:
    note_failure(store, failure(run="1"), IN_ORDER)
    steps = [note_failure(store, failure(run=run), WRONG)[0] for run in "23"]
    assert steps == [Step.GRAVER, Step.QUIET]


def test_an_incident_is_over_when_all_that_failed_has_succeeded(store: Store) -> None:
    for task in ("load_a", "load_b"):
        note_failure(store, failure("out of reach", dag="malibu", task=task), IN_ORDER)
    later = TUESDAY + 3 * HOUR

    assert note_success(store, "malibu", "load_c", later) == []
    assert note_success(store, "malibu", "load_a", later) == []
    [over] = note_success(store, "malibu", "load_b", later)

    assert over.closed_at == later
    assert over.opened_at == TUESDAY
    assert open_incidents(store, "malibu") == []
    assert note_success(store, "malibu", "load_b", later) == []


def test_after_it_was_over_the_same_failure_is_a_new_incident(store: Store) -> None:
    note_failure(store, failure(), IN_ORDER)
    note_success(store, "usace", "load", TUESDAY)
    assert note_failure(store, failure(), IN_ORDER)[0] is Step.OPENED


def test_another_dags_success_ends_nothing(store: Store) -> None:
    note_failure(store, failure(), IN_ORDER)
    assert note_success(store, "epa", "load", TUESDAY) == []
    assert len(open_incidents(store, "usace")) == 1


def test_who_responds_and_the_issue_are_remembered(store: Store) -> None:
    _, incident = note_failure(store, failure(), IN_ORDER)
    note(store, replace(incident, responder="Ana", issue_url="https://github.example/1"))
    _, again = note_failure(store, failure(run="2"), IN_ORDER)
    assert (again.responder, again.issue_url) == ("Ana", "https://github.example/1")
