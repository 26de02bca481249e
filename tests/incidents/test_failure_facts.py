"""The facts of a failure, completely, and the fingerprint by which failures share a cause."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from include.incidents.alert_types import ALERT_TYPES
from include.incidents.failure import Failure, describe_failure, failed_tests
from include.loaders.errors import IncompleteError, PermanentError, TokenError
from tests.incidents.samples import LOG, RUN, TUESDAY, context, failure

DBT = "dbt invocation completed with errors: "
MODEL = "transform.stg_usace__parcels_model_build"
KILLED = "The task ended without an error: it was killed or timed out."


def test_a_failure_has_every_fact_of_the_failed_task() -> None:
    text = f"{DBT}unique_x: Got 1 result, configured to fail if != 0\nmore"

    found = describe_failure(context(text, task=MODEL), TUESDAY, ("another line",))

    assert found == Failure(
        dag="usace",
        task=MODEL,
        run=RUN,
        tries=3,
        alert_type=ALERT_TYPES["transform"],
        error="unique_x: Got 1 result, configured to fail if != 0",
        details=("unique_x: 1 row", "another line"),
        cause=found.cause,
        log_url=LOG,
        at=TUESDAY,
    )
    assert re.fullmatch(r"transform-[0-9a-f]{12}", found.cause)


@pytest.mark.parametrize("error", [None, ""])
def test_a_task_that_ended_without_an_error_is_said_to_be_killed(error: object) -> None:
    assert failure(error).error == KILLED


def test_an_error_is_truncated_to_400_characters() -> None:
    assert failure("x" * 401).error == f"{'x' * 399}…"
    assert failure("x" * 400).error == "x" * 400


@pytest.mark.parametrize("attributes", [{}, {"log_url": None}, {"log_url": ""}])
def test_a_task_without_a_log_has_no_address(attributes: dict[str, Any]) -> None:
    instance = SimpleNamespace(
        dag_id="usace", task_id="load", run_id=RUN, try_number=1, **attributes
    )
    without: Any = {"ti": instance, "exception": "x"}

    found = describe_failure(without, TUESDAY)

    assert (found.log_url, found.run_url, found.details) == ("", "", ())


def test_the_run_is_the_part_of_the_logs_address_before_the_tasks() -> None:
    found = failure()
    assert found.log_url == "http://airflow.example/dags/usace/runs/1/tasks/load?try_number=3"
    assert found.run_url == "http://airflow.example/dags/usace/runs/1"


def test_each_failed_test_is_found_with_its_number_of_rows() -> None:
    text = (
        f"{DBT}unique_a.b: Got 1 result, configured to fail if != 0\n"
        "accepted_c: Got 20 results, configured to fail if >10\n"
        "model d: Got 3 results, configured to fail if != 0\n"
        "e: Got 4 results"
    )
    assert failed_tests(text) == {"unique_a.b": 1, "accepted_c": 20}
    assert failed_tests("") == {}


def raised(error: Exception) -> Exception:
    """An error that was raised from this one, as a task does."""
    found = ValueError(f"in the task: {error}")
    found.__cause__ = error
    return found


SAME_CAUSE = {
    "another request": (
        raised(IncompleteError("epa", "rows are missing", "https://a/1", "none")),
        raised(IncompleteError("fema", "rows are missing", "https://b/2", "none")),
    ),
    "raised directly, or as the cause": (
        IncompleteError("epa", "rows are missing"),
        raised(raised(IncompleteError("epa", "rows are missing"))),
    ),
    "another address": ("no answer of https://a/x?y=1", "no answer of https://b/z"),
    "another hash": ("query 01ab34cd is lost", "query ffffffff0123 is lost"),
    "another number": ("12 rows", "13 rows"),
    "capitals": ("Out of Reach", "out of reach"),
    "a difference after the first thousand characters": ("x" * 1_000 + "a", "x" * 1_000 + "b"),
    "another model": (f"{DBT}model_a: no warehouse", "no warehouse"),
}
OTHER_CAUSE = {
    "another kind": (IncompleteError("epa", "denied"), TokenError("epa", "denied")),
    "another reason": (IncompleteError("epa", "denied"), IncompleteError("epa", "gone")),
    "another answer": (
        IncompleteError("epa", "denied", "", "expired"),
        IncompleteError("epa", "denied", "", "unknown"),
    ),
    "another cause of the same error": (
        raised(PermanentError("epa", "denied")),
        raised(PermanentError("epa", "gone")),
    ),
    "an error that is not a load's": (ValueError("denied"), TokenError("epa", "denied")),
    "a name with a number, and without": ("no column x1", "no column x"),
    "another word": ("a: out of reach", "a: out of memory"),
    "a difference at the thousandth character": ("x" * 999 + "a", "x" * 999 + "b"),
    "a model in the middle": ("no model: a", "no a"),
}


@pytest.mark.parametrize("name", SAME_CAUSE)
def test_failures_of_one_cause_have_one_fingerprint(name: str) -> None:
    one, other = SAME_CAUSE[name]
    assert failure(one).cause == failure(other).cause


@pytest.mark.parametrize("name", OTHER_CAUSE)
def test_failures_of_other_causes_have_other_fingerprints(name: str) -> None:
    one, other = OTHER_CAUSE[name]
    assert failure(one).cause != failure(other).cause


def test_the_same_failed_tests_in_any_order_are_one_cause() -> None:
    a, b = "a: Got 1 result, configured to fail if", "b: Got 2 results, configured to fail if"

    def cause(text: str) -> str:
        return failure(DBT + text, task=MODEL).cause

    assert cause(f"{a}\n{b}") == cause(f"{b}\n{a}\nand more")
    assert cause(a) != cause(f"{a}\n{b}")
    # Two names do not run together into a third.
    assert cause(a.replace("a:", "ab:")) != cause(f"{a}\n{b}")
