"""A failed task as a problem: what a callback and what a task's log say of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout

from include.incidents.failed_task import POSTED, assessed, failed_task, failed_task_in_log
from include.incidents.severity import Assessment, Impact, LastCheck
from include.loaders.errors import IncompleteError
from tests.incidents.samples import LOG, RUN, TOO_FEW, TUESDAY, context, failure

URL = "http://airflow.example"
KILLED = {
    "event": "Process terminated by signal. Likely out of memory error (OOM).",
    "level": "critical",
    "signal": -9,
    "signal_name": "SIGKILL",
    "logger": "task",
}


def instance(**changes: object) -> dict[str, Any]:
    """A task instance, as Airflow's API describes it."""
    return {
        "dag_id": "usace",
        "task_id": "load",
        "dag_run_id": RUN,
        "try_number": 3,
        "state": "failed",
        "end_date": "2026-11-24T22:00:00.000000Z",
        **changes,
    }


def raised(error: Exception) -> dict[str, Any]:
    """The line that Airflow logs for a task's error."""
    detail = {"exc_type": type(error).__name__, "exc_value": str(error), "frames": []}
    return {"event": "Task failed with exception", "logger": "task", "error_detail": [detail]}


def test_a_callback_gives_the_attempt_its_error_and_its_log() -> None:
    found = failure(ValueError(TOO_FEW))

    assert found.attempt == ("usace.load", RUN, 3)
    assert (found.kind, found.scope, found.at, found.log_url) == ("load", "tasks", TUESDAY, LOG)
    assert TOO_FEW in found.error
    assert found.run_url == "http://airflow.example/dags/usace/runs/1"


def test_an_instance_without_a_log_has_no_address_of_it() -> None:
    given = context(ValueError(TOO_FEW))
    given["ti"].log_url = None
    assert failed_task(given, TUESDAY).log_url == ""


@pytest.mark.parametrize(
    "error",
    [
        ValueError(TOO_FEW),
        KeyError("data"),
        IncompleteError("usace", "expected 3 rows", "https://example.org/?a=1", "busy"),
        RuntimeError("002003 (02000): 01b0c11f-0f14-d76d-0000-00000000: SQL compilation error:\nX"),
    ],
)
def test_a_failure_has_the_same_cause_and_line_from_its_callback_and_from_its_log(
    error: Exception,
) -> None:
    by_callback, by_log = failure(error), failed_task_in_log(instance(), [raised(error)], URL)

    assert (by_log.cause, by_log.error) == (by_callback.cause, by_callback.error)
    assert by_log.attempt == by_callback.attempt
    assert by_log.at == datetime(2026, 11, 24, 22, tzinfo=UTC)


def test_a_killed_task_is_reported_with_that_word() -> None:
    found = failed_task_in_log(instance(), [{"event": "one"}, KILLED], URL)

    assert found.error == "The task was killed (SIGKILL): most likely out of memory"
    assert found.log_url == f"{URL}/dags/usace/runs/{RUN}/tasks/load?try_number=3"


@pytest.mark.parametrize("lines", [[], [{"event": "Pre task execution logs"}, {}]])
def test_a_failure_without_an_error_in_its_log_may_have_been_killed(
    lines: list[dict[str, Any]],
) -> None:
    assert "killed" in failed_task_in_log(instance(), lines, URL).error


def test_an_error_that_other_code_has_logged_is_not_the_tasks_error() -> None:
    other = raised(ValueError("noise")) | {"logger": "azure"}

    found = failed_task_in_log(instance(), [raised(ValueError(TOO_FEW)), other], URL)

    assert TOO_FEW in found.error


@pytest.mark.parametrize("event", [f"{POSTED}: the watch records it later", "something else"])
def test_the_log_says_whether_slack_has_the_failure(event: str) -> None:
    notified = {"event": event, "logger": "include.incidents.notify"}
    lines = [raised(ValueError(TOO_FEW)), notified, {"event": "Task finished", "logger": "task"}]

    assert failed_task_in_log(instance(), lines, URL).is_posted is (POSTED in event)


def test_a_time_out_names_the_tasks_limit() -> None:
    error = AirflowTaskTimeout("Timeout, PID: 412")

    found = failed_task(context(error, execution_timeout=timedelta(minutes=20)), TUESDAY)

    assert "20 min" in found.error
    assert "412" not in found.error


def test_a_time_out_of_a_task_without_a_limit_names_none() -> None:
    found = failed_task(context(AirflowTaskTimeout("Timeout, PID: 412")), TUESDAY)

    assert found.error == "The task exceeded its time limit"


def test_a_cause_of_one_source_is_not_that_of_another_source() -> None:
    assert failure("503 from the layer").cause != failure("503 from the layer", dag="epa").cause


def test_a_reason_is_one_cause_for_the_tasks_of_a_dag_and_a_kill_is_one_for_each_task() -> None:
    error = "Database Error in model x (x.sql)\n  the reason"

    assert failure(error).cause == failure(error, task="unload").cause
    assert failure("signal -9").cause != failure("signal -9", task="unload").cause


def test_a_cause_in_snowflake_is_one_for_all_dags() -> None:
    error = "250001 (08001): 01b0c11f-0f14-d76d-0000-000000000001: Could not connect to Snowflake"
    other = "250001 (08001): 01b0c11f-0f14-d76d-0000-000000000002: Could not connect to Snowflake"

    assert failure(error).cause == failure(other, dag="epa", task="unload").cause


def test_a_task_without_an_alert_type_is_reported_too() -> None:
    assert failure(dag="another", task="new").kind == "dags"


def test_a_failure_is_assessed_by_the_last_check_of_the_public_file() -> None:
    check = LastCheck(TUESDAY, wrong=("Somebody changed it.",))

    found = assessed(failure(), check, TUESDAY)

    assert found.assessment.impact is Impact.WRONG
    assert found.assessment.why == "Somebody changed it."


EARLIER = "https://earlier.example/f.json"
METRIC = "cleanup_phase1_complete"
LAST = "cleanup_phase1_complete should change daily and was last updated Thu Nov 19, 9:12 AM PST."
ASSESSED: dict[str, tuple[LastCheck, Assessment]] = {
    "nothing public yet": (
        LastCheck(TUESDAY, metrics=(METRIC,), not_yet=True),
        Assessment(
            Impact.NONE,
            "Nothing has been published yet, so nothing wrong is public.",
            "No file yet.",
            (METRIC,),
        ),
    ),
    "until the switch": (
        LastCheck(TUESDAY, metrics=(METRIC,), earlier=EARLIER),
        Assessment(
            Impact.NONE,
            "Publishing is held until the switch, so no step changes what the public sees.",
            f"The earlier system's file, {EARLIER}.",
            (METRIC,),
        ),
    ),
    "wrong": (
        LastCheck(TUESDAY, wrong=("Somebody changed it.",), metrics=(METRIC,)),
        Assessment(Impact.WRONG, "Somebody changed it.", "Wrong data, or no data.", (METRIC,)),
    ),
    "late": (
        LastCheck(TUESDAY, late={METRIC: LAST}, metrics=(METRIC,)),
        Assessment(Impact.LATE, LAST, f"Values that are out of date: {METRIC}.", (METRIC,)),
    ),
    "right": (
        LastCheck(TUESDAY, metrics=(METRIC,)),
        Assessment(
            Impact.NONE,
            "The last good version is still public, and this step has not changed it.",
            "The last good values, checked Tue Nov 24, 2:00 PM PST.",
            (METRIC,),
        ),
    ),
}


@pytest.mark.parametrize("case", ASSESSED)
def test_a_failure_says_why_it_matters_and_what_the_public_sees(case: str) -> None:
    check, expected = ASSESSED[case]
    assert assessed(failure(dag="epa"), check, TUESDAY).assessment == expected


def test_a_failed_verification_is_assessed_without_a_check() -> None:
    found = assessed(failure(dag="publish_metrics", task="verify"), None, TUESDAY).assessment
    assert (found.why, found.public_sees) == (
        "For 30 seconds, the public address did not serve the version that was promoted.",
        "An older version, or no data.",
    )


@pytest.mark.parametrize(
    ("age", "impact"),
    [
        (timedelta(minutes=45), Impact.WRONG),
        (timedelta(minutes=45, seconds=1), Impact.NONE),
    ],
)
def test_a_check_counts_for_three_quarters_of_an_hour(age: timedelta, impact: Impact) -> None:
    check = LastCheck(TUESDAY - age, wrong=("Somebody changed it.",))
    assert assessed(failure(), check, TUESDAY).assessment.impact is impact


@pytest.mark.parametrize(
    ("check", "since"),
    [
        (None, ""),
        (LastCheck(TUESDAY - timedelta(hours=1)), " since Tue Nov 24, 1:00 PM PST"),
    ],
)
def test_without_a_recent_check_the_reason_says_when_the_last_one_was(
    check: LastCheck | None, since: str
) -> None:
    found = assessed(failure(), check, TUESDAY).assessment
    assert found.why.startswith(f"Nobody has checked the public file{since}; a failed step")
