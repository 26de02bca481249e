"""What the watch concludes from Airflow's API: failed tasks that are new, last, or are over."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from include.airflow_api import AirflowClient
from include.incidents.decide import Observation, decide
from include.incidents.failed_task import POSTED, make_problem
from include.incidents.incident import Incident, Problem, new_incident
from include.incidents.incident_file import State
from include.incidents.severity import LastCheck
from include.pipeline.airflow_problems import LOG_BYTES, observe_airflow
from tests.incidents.sample_incidents import ALTERED, incident
from tests.pipeline.airflow_api import TOKEN, FakeAirflow, at, serving_airflow
from tests.publishing.samples import NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FAILED_AT = -5 * HOUR
KEY = "usace.load"
GREEN, GONE, PAUSED = "usace.load is green", "usace.load no longer exists", "usace is paused"
RIGHT = "the public address serves the right file"
KILLED = {
    "event": "Process terminated by signal. Likely out of memory error (OOM).",
    "level": "critical", "signal": -9, "signal_name": "SIGKILL", "logger": "task",
}  # fmt: skip

World = Callable[[FakeAirflow, dict[str, Any]], object]


@pytest.fixture(scope="module")
def served() -> Iterator[FakeAirflow]:
    with serving_airflow() as made:
        yield made


@pytest.fixture
def airflow(served: FakeAirflow) -> FakeAirflow:
    served.clear()
    return served


def observe(airflow: FakeAirflow, known: State | None = None, *scheduled: str) -> Observation:
    with AirflowClient(airflow.url, TOKEN) as api:
        return observe_airflow(api, scheduled, known or State(), "http://airflow.example", NOW)


def problem(
    key: str = KEY, end: timedelta = FAILED_AT, *, run: str = "run", tries: int = 3
) -> Problem:
    """The problem that the callback of a failed attempt made: it runs before the task ends."""
    dag, _, task = key.partition(".")
    at = NOW + end - timedelta(seconds=3)
    return make_problem(
        dag, task, run, tries, text="no", error_type="ValueError", at=at, log_url=""
    )


def known(*problems: Problem, check: LastCheck | None = None) -> State:
    """What is known after the callbacks of these failures."""
    incidents: tuple[Incident, ...] = ()
    for one in problems:
        incidents = decide(incidents, Observation(one.at, (one,)), one.at).incidents
    return State(incidents, check)


def new(seen: Observation) -> list[str]:
    return [one.key for one in seen.problems if one.is_task]


def ended_by(state: State, seen: Observation) -> str:
    """Why the incident is closed by what is seen; empty while it is open."""
    after = decide(state.incidents, seen, NOW).incidents
    incident = next(one for one in after if one.id == state.incidents[0].id)
    return incident.ended_by or ("" if incident.is_open else "closed without a reason")


def _changed(**changes: Any) -> World:
    return lambda airflow, failed: failed.update(changes)


def _later(key: str, state: str, end: timedelta) -> World:
    return lambda airflow, failed: airflow.add_instance(key, state, end, run="another")


def _dag(**changes: Any) -> World:
    return lambda airflow, failed: airflow.dags["usace"].update(changes)


def _broken(airflow: FakeAirflow, failed: dict[str, Any]) -> None:
    airflow.import_errors = ["usace.py"]
    airflow.dags["usace"]["is_stale"] = True


RUNS_AGAIN = (
    None, "scheduled", "queued", "running", "up_for_retry", "up_for_reschedule", "deferred",
    "restarting", "awaiting_input", "upstream_failed",
)  # fmt: skip

# What happened since the failure; why its incident is over; whether it is reported if no incident
# has it.
STATES: dict[str, tuple[World, str, bool]] = {
    "nothing": (lambda airflow, failed: None, "", True),
    "a later run succeeded": (_later(KEY, "success", -4 * HOUR), GREEN, False),
    "a later run skipped it": (_later(KEY, "skipped", -4 * HOUR), GREEN, False),
    "a later run is at it": (_later(KEY, "running", -4 * HOUR), "", True),
    "an earlier run succeeded": (_later(KEY, "success", -6 * HOUR), "", True),
    "its namesake in another DAG succeeded": (_later("epa.load", "success", -HOUR), "", True),
    "another task of its DAG succeeded": (_later("usace.unload", "success", -HOUR), "", True),
    "it was marked as succeeded": (_changed(state="success"), GREEN, False),
    "it was cleared and succeeded": (
        _changed(state="success", try_number=4, end_date=at(-HOUR)), GREEN, False,
    ),
    "it was cleared and skipped, which leaves the end": (_changed(state="skipped"), GREEN, False),
    "it was cleared and fails again": (_changed(try_number=6, end_date=at(-HOUR)), "", True),
    "its run was deleted": (lambda airflow, failed: airflow.instances.clear(), GONE, False),
    "its run continued without it": (_changed(state="removed"), GONE, False),
    "a deployment removed it": (lambda airflow, failed: airflow.tasks.update(usace=set()), GONE,
                                False),
    "a deployment removed its DAG": (_dag(is_stale=True), GONE, False),
    "somebody deleted its DAG": (lambda airflow, failed: airflow.dags.clear(), GONE, False),
    "its DAG does not parse": (_broken, "", True),
    "its DAG was paused": (_dag(is_paused=True), PAUSED, False),
    "four days": (_changed(end_date=at(-96 * HOUR)), "", False),
    **{f"it was cleared and is {state}": (_changed(state=state), "", False)
       for state in RUNS_AGAIN},
    "it was cleared, another run succeeded": (
        lambda airflow, failed: (
            failed.update(state="running", end_date=None),
            airflow.add_instance(KEY, "success", -HOUR, run="another"),
        ),
        GREEN, False,
    ),
    "it was cleared, another run had succeeded before its failure": (
        lambda airflow, failed: (
            failed.update(state="running", end_date=None, run_after=at(-7 * HOUR)),
            airflow.add_instance(KEY, "success", -6 * HOUR, run="another"),
        ),
        "", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STATES)
def test_a_failure_lasts_until_its_task_is_green_or_gone(case: str, airflow: FakeAirflow) -> None:
    happen, why, _ = STATES[case]
    happen(airflow, airflow.add_instance(KEY, "failed", FAILED_AT))
    state = known(problem())
    seen = observe(airflow, state)
    assert ended_by(state, seen) == why
    assert (KEY in seen.present) == (not why)
    is_another_attempt = case == "it was cleared and fails again"
    assert new(seen) == [KEY] * is_another_attempt, "a known attempt is not reported again"


@pytest.mark.parametrize(
    ("key", "paused", "why"),
    [
        ("check_freshness.usace", "usace", "usace is paused"),
        ("check_freshness.usace", "check_freshness", "check_freshness is paused"),
        ("check_freshness.usace", "epa", ""),
        # Any other task may be named like a source.
        ("malibu.usace", "usace", ""),
    ],
)
def test_a_source_that_is_paused_need_not_be_fresh(
    key: str, paused: str, why: str, airflow: FakeAirflow
) -> None:
    airflow.add_instance(key, "failed", FAILED_AT)
    for dag in ("usace", "epa"):
        airflow.add_dag(dag, "load")
    airflow.dags[paused]["is_paused"] = True
    state = known(problem(key))
    assert ended_by(state, observe(airflow, state)) == why


@pytest.mark.parametrize("case", STATES)
def test_a_failure_that_no_incident_has_is_reported_if_it_lasts(
    case: str, airflow: FakeAirflow
) -> None:
    happen, _, is_reported = STATES[case]
    happen(airflow, airflow.add_instance(KEY, "failed", FAILED_AT))
    assert new(observe(airflow)) == [KEY] * is_reported


# When the watch last checked the file, whether it was wrong; why the incident is over; whether the
# failure is reported if no incident has it.
CHECKS: dict[str, tuple[LastCheck | None, str, bool]] = {
    "never": (None, "", True),
    "right before it": (LastCheck(NOW + FAILED_AT - MINUTE), "", True),
    "right since": (LastCheck(NOW + FAILED_AT + MINUTE), RIGHT, False),
    "late since": (LastCheck(NOW, late={"a": "a is late."}), RIGHT, False),
    "wrong since": (LastCheck(NOW + FAILED_AT + MINUTE, ("Altered.",)), "", True),
    "wrong hours later": (LastCheck(NOW, ("Altered.",)), "", False),
}


@pytest.mark.parametrize("case", CHECKS)
def test_a_failed_verification_lasts_until_the_public_file_is_found_right(
    case: str, airflow: FakeAirflow
) -> None:
    check, why, is_reported = CHECKS[case]
    key = "approve_change.verify"
    airflow.add_instance(key, "failed", FAILED_AT)
    state = known(problem(key), check=check)
    assert ended_by(state, observe(airflow, state)) == why
    assert new(observe(airflow, State(last_check=check))) == [key] * is_reported


def test_no_other_failure_is_over_because_the_public_file_is_right(airflow: FakeAirflow) -> None:
    airflow.add_instance(KEY, "failed", FAILED_AT)
    state = known(problem(), check=LastCheck(NOW))
    assert ended_by(state, observe(airflow, state)) == ""


def test_of_two_failures_the_newest_is_reported_once(airflow: FakeAirflow) -> None:
    airflow.add_instance(KEY, "failed", -HOUR, run="new")
    airflow.add_instance(KEY, "failed", -2 * HOUR, run="old")
    seen = observe(airflow)
    [reported] = seen.problems
    assert (reported.run, reported.at) == ("new", NOW - HOUR)
    state = State(decide((), seen, NOW).incidents)
    assert observe(airflow, state).problems == ()
    airflow.add_instance(KEY, "success", -1.5 * HOUR, run="between")
    assert ended_by(state, observe(airflow, state)) == ""


# The newest failure has an incident, and the one before it is still failed.
NEWEST: dict[str, tuple[World, str]] = {
    "fails still": (_changed(), ""),
    "runs again": (_changed(state="running", end_date=None), ""),
    "was marked": (_changed(state="success"), GREEN),
    "was deleted": (lambda airflow, newest: airflow.instances.remove(newest), ""),
}


@pytest.mark.parametrize("case", NEWEST)
@pytest.mark.parametrize("is_green_between", [False, True])
def test_an_older_failure_does_not_count_beside_the_newest(
    case: str, is_green_between: bool, airflow: FakeAirflow
) -> None:
    happen, why = NEWEST[case]
    airflow.add_instance(KEY, "failed", -5 * HOUR, run="old")
    if is_green_between:
        airflow.add_instance(KEY, "success", -4 * HOUR, run="between")
    happen(airflow, airflow.add_instance(KEY, "failed", -3 * HOUR, run="newest"))
    state = known(problem(end=-3 * HOUR, run="newest"))
    seen = observe(airflow, state)
    assert new(seen) == []
    if case == "was deleted" and is_green_between:
        why = GREEN
    assert ended_by(state, seen) == why


def test_an_old_run_that_was_cleared_and_fails_is_reported_though_newer_runs_are_green(
    airflow: FakeAirflow,
) -> None:
    airflow.add_instance(KEY, "success", -HOUR, run="newer")
    old = airflow.add_instance(KEY, "failed", -5 * HOUR, run="old")
    assert new(observe(airflow)) == []
    old.update(try_number=6, end_date=at(-MINUTE))
    assert new(observe(airflow)) == [KEY]


@pytest.mark.parametrize(
    ("run", "tries", "end"),
    [
        ("next", 3, -HOUR),
        ("next", 1, -HOUR),
        # Cleared, and failed before it started: Airflow leaves the end of the last attempt.
        ("run", 4, FAILED_AT),
        # By another worker, whose clock is behind.
        ("run", 4, FAILED_AT - MINUTE),
    ],
)
def test_a_later_attempt_of_a_known_failure_is_reported(
    run: str, tries: int, end: timedelta, airflow: FakeAirflow
) -> None:
    airflow.add_instance(KEY, "failed", end, run=run, tries=tries)
    [reported] = observe(airflow, known(problem())).problems
    assert (reported.run, reported.tries) == (run, tries)


def test_the_failure_of_a_later_run_is_reported_though_the_known_one_is_still_failed(
    airflow: FakeAirflow,
) -> None:
    airflow.add_instance(KEY, "failed", FAILED_AT)
    airflow.add_instance(KEY, "failed", -HOUR, run="next")
    [reported] = observe(airflow, known(problem())).problems
    assert reported.run == "next"


@pytest.mark.parametrize("state", ["running", "up_for_retry", "upstream_failed"])
def test_a_later_attempt_that_has_not_failed_is_not_reported(
    state: str, airflow: FakeAirflow
) -> None:
    airflow.add_instance(KEY, state, FAILED_AT, run="run", tries=4)
    seen = observe(airflow, known(problem()))
    assert (new(seen), seen.present) == ([], frozenset({KEY}))


def test_airflow_is_seen_as_of_a_minute_ago(airflow: FakeAirflow) -> None:
    assert observe(airflow).at == NOW - MINUTE


def test_a_finding_about_the_public_file_is_no_task_that_is_gone(airflow: FakeAirflow) -> None:
    seen = observe(airflow, State((incident(ALTERED),)))
    assert (seen.ended_by, seen.present) == ({}, frozenset())


def test_a_failure_whose_callback_is_still_at_work_is_not_closed(airflow: FakeAirflow) -> None:
    """Airflow shows the task as running until its process has ended."""
    airflow.add_instance(KEY, "running", None)
    seen = observe(airflow)
    reported_meanwhile = new_incident(problem(end=timedelta()), NOW)
    [incident] = decide((reported_meanwhile,), seen, NOW).incidents
    assert incident.is_open


def test_a_problem_that_was_closed_lately_is_not_reported_again(airflow: FakeAirflow) -> None:
    airflow.add_instance(KEY, "failed", FAILED_AT)
    [closed] = (
        replace(one, problems=(), closed_at=NOW - HOUR) for one in known(problem()).incidents
    )
    assert new(observe(airflow, State((closed,)))) == []


def test_a_task_that_failed_before_it_started_has_no_end(airflow: FakeAirflow) -> None:
    failed = airflow.add_instance(KEY, "failed", None, tries=0)
    failed["run_after"] = at(-2 * HOUR)
    [reported] = observe(airflow).problems
    assert (reported.at, reported.tries) == (NOW - 2 * HOUR, 0)
    assert "without an error" in reported.error


def _exception(value: str, logger: str = "task") -> dict[str, Any]:
    detail = {"exc_type": "LoadError", "exc_value": value, "frames": []}
    return {"event": "Task failed with exception", "logger": logger, "error_detail": [detail]}


LOGS: dict[str, tuple[list[dict[str, Any]], str, bool]] = {
    "killed": ([KILLED], "killed", False),
    "failed": ([_exception("expected 12 rows\u2028\u0085, found 11")], "expected 12 rows", False),
    "failed, and its callback too": (
        [_exception("expected 12 rows"), _exception("no webhook", "include.incidents.notify")],
        "expected 12 rows", False,
    ),
    "posted": (
        [_exception("expected 12 rows"), {"event": f"{POSTED}: the watch records it later"}],
        "expected 12 rows", True,
    ),
    "empty": ([], "without an error", False),
    "much longer than what is read": (
        [{"event": "é" * 1000}] * (LOG_BYTES // 1000) + [KILLED], "killed", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOGS)
def test_the_error_of_a_lost_failure_is_found_in_its_log(case: str, airflow: FakeAirflow) -> None:
    lines, error, is_posted = LOGS[case]
    airflow.add_instance(KEY, "failed", -MINUTE)
    airflow.logs["usace", "load", 3] = lines
    [reported] = observe(airflow).problems
    assert error in reported.error
    assert reported.is_posted == is_posted
    url = "http://airflow.example/dags/usace/runs/run/tasks/load?try_number=3"
    assert reported.log_url == url


@pytest.mark.parametrize("status", [404, 500])
def test_a_failure_is_reported_without_its_log(status: int, airflow: FakeAirflow) -> None:
    airflow.add_instance(KEY, "failed", -MINUTE)
    airflow.log_status = status
    assert new(observe(airflow)) == [KEY]


@pytest.mark.parametrize("status", [401, 503])
def test_an_api_that_refuses_is_an_error_and_nothing_is_over(
    status: int, airflow: FakeAirflow
) -> None:
    airflow.status = status
    with pytest.raises(httpx.HTTPStatusError, match=str(status)):
        observe(airflow, known(problem()))


def test_every_failure_is_found_however_small_airflow_s_pages_are(airflow: FakeAirflow) -> None:
    airflow.page_limit = 2
    keys = [f"usace.task_{number}" for number in range(5)]
    for key in keys:
        airflow.add_instance(key, "failed", -MINUTE)
    assert new(observe(airflow)) == keys


def test_a_quiet_pass_sends_four_requests_and_one_for_each_dag_that_has_to_complete(
    airflow: FakeAirflow,
) -> None:
    for dag in ("usace", "epa", "check_freshness", "keep_history"):
        airflow.add_dag(dag)
    observe(airflow, None, "usace", "epa", "check_freshness")
    assert len(airflow.requests) == 4 + 3


def test_a_failing_task_costs_three_requests_at_first_and_two_later(
    airflow: FakeAirflow,
) -> None:
    for number in range(6):
        airflow.add_instance(f"usace.task_{number}", "failed", -MINUTE)
    seen = observe(airflow, None, "usace")
    assert len(airflow.requests) == 4 + 6 * 3
    airflow.requests.clear()
    observe(airflow, State(decide((), seen, NOW).incidents), "usace")
    assert len(airflow.requests) == 4 + 6 * 2
