"""The failure that a callback describes: its error, its details and its cause."""

import pytest
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time.comms import ErrorResponse

from include.incidents.failure import (
    LONGEST_ERROR,
    describe_failure,
    failed_tests,
    fivetran_details,
)
from include.loaders.errors import IncompleteError, TokenError
from tests.incidents.samples import TUESDAY, context, failure

DBT = (
    "dbt invocation completed with errors: "
    "not_null_stg_usace__parcels_parcel_id: Got 3 results, configured to fail if != 0\n"
    "unique_stg_usace__parcels_parcel_id: Got 1 result, configured to fail if != 0"
)


def test_a_failure_has_its_dag_task_try_error_log_and_run() -> None:
    found = failure(ValueError("expected 12000 rows, found 11000\nand a trace"))

    assert (found.dag, found.task, found.tries) == ("usace", "load", 3)
    assert found.error == "expected 12000 rows, found 11000"
    assert found.log_url.endswith("/tasks/load?try_number=3")
    assert found.run_url == "http://airflow.example/dags/usace/runs/1"
    assert found.alert_type.name == "load"


def test_the_failed_dbt_tests_are_named_with_their_rows() -> None:
    found = failure(DBT, task="transform.stg_usace__parcels_model_build")

    assert found.details == (
        "not_null_stg_usace__parcels_parcel_id: 3 rows",
        "unique_stg_usace__parcels_parcel_id: 1 row",
    )
    assert found.error.startswith("not_null_stg_usace__parcels_parcel_id: Got 3")
    assert failed_tests("a model: Database Error") == {}


def test_a_killed_task_is_reported_as_killed() -> None:
    assert "killed or timed out" in failure(None).error


def test_a_long_error_is_truncated() -> None:
    assert len(failure("x" * 100_000).error) == LONGEST_ERROR


def test_one_error_in_two_tasks_and_runs_is_one_cause() -> None:
    def cause(source: str, found: int, task: str) -> str:
        error = IncompleteError(
            source, f"expected 12000 rows, found {found}", f"https://x/{source}"
        )
        raised = ValueError(str(error))
        raised.__cause__ = error
        return failure(raised, dag="malibu", task=task, run=f"run {found}").cause

    assert cause("points", 11_000, "load_points") == cause("visits", 10_999, "load_visits")


def test_the_same_failed_test_is_one_cause_however_many_rows_fail() -> None:
    task = "transform.stg_usace__parcels_model_build"
    assert failure(DBT, task=task).cause == failure(DBT.replace("3", "4"), task=task).cause


def test_another_error_test_or_alert_type_is_another_cause() -> None:
    model = "transform.stg_usace__parcels_model_build"
    causes = {
        failure("out of reach").cause,
        failure("no token").cause,
        failure("out of reach", task="unload").cause,
        failure(TokenError("usace", "out of reach")).cause,
        failure(DBT, task=model).cause,
        failure(DBT.split("\n", maxsplit=1)[0], task=model).cause,
    }
    assert len(causes) == 6


def test_one_error_in_two_models_is_one_cause() -> None:
    def cause(model: str) -> str:
        error = f"dbt invocation completed with errors: {model}: Database Error\n  no warehouse"
        return failure(error, task=f"transform.{model}_model_build").cause

    assert cause("stg_malibu__visits") == cause("stg_malibu__applications")


def test_further_details_are_added() -> None:
    found = describe_failure(context("x", task="sync"), TUESDAY, ("connector abc",))
    assert found.details == ("connector abc",)


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (
            AirflowRuntimeError(
                ErrorResponse(
                    error=ErrorType.VARIABLE_NOT_FOUND,
                    detail={"message": "Variable fivetran_connector_airtable not found"},
                )
            ),
            ("set the Airflow Variable fivetran_connector_airtable to the connector's id",),
        ),
        (None, ()),
    ],
    ids=["the Variable is missing", "the task was killed before it began"],
)
def test_a_sync_without_its_connectors_id_names_the_missing_variable(
    error: Exception | None, details: tuple[str, ...]
) -> None:
    unrendered = "{{ var.value.fivetran_connector_airtable }}"
    failed = context(error, dag="airtable", task="sync", connector_id=unrendered)

    assert fivetran_details(failed) == details
