"""What failed, as a callback is told it: one line, details, and one cause that is one cause."""

from include.incidents.failure import LONGEST_ERROR, describe, failed_tests
from include.loaders.errors import IncompleteError, TokenError
from tests.incidents.samples import TUESDAY, context, failure

DBT = (
    "dbt invocation completed with errors: "
    "not_null_stg_usace__parcels_parcel_id: Got 3 results, configured to fail if != 0\n"
    "unique_stg_usace__parcels_parcel_id: Got 1 result, configured to fail if != 0"
)


def test_it_names_dag_task_run_try_error_log_and_run() -> None:
    found = failure(ValueError("expected 12000 rows, found 11000\nand a trace"))

    assert (found.dag, found.task, found.tries) == ("usace", "load", 3)
    assert found.error == "expected 12000 rows, found 11000"
    assert found.log_url.endswith("/tasks/load?try_number=3")
    assert found.run_url == "http://airflow.example/dags/usace/runs/1"
    assert found.kind.name == "load"


def test_of_dbt_it_names_the_failed_tests_with_their_rows() -> None:
    found = failure(DBT, task="transform.stg_usace__parcels_model_build")

    assert found.details == (
        "not_null_stg_usace__parcels_parcel_id: 3 rows",
        "unique_stg_usace__parcels_parcel_id: 1 row",
    )
    assert found.error.startswith("not_null_stg_usace__parcels_parcel_id: Got 3")
    assert failed_tests("a model: Database Error") == {}


def test_a_task_that_was_killed_is_said_to_be() -> None:
    assert "killed or timed out" in failure(None).error


def test_a_very_long_error_is_cut() -> None:
    assert len(failure("x" * 100_000).error) == LONGEST_ERROR


def test_the_same_cause_in_another_task_and_run_is_the_same() -> None:
    def met(source: str, found: int, task: str) -> str:
        error = IncompleteError(
            source, f"expected 12000 rows, found {found}", f"https://x/{source}"
        )
        raised = ValueError(str(error))
        raised.__cause__ = error
        return failure(raised, dag="malibu", task=task, run=f"run {found}").cause

    assert met("points", 11_000, "load_points") == met("visits", 10_999, "load_visits")


def test_the_same_failed_test_is_one_cause_however_many_rows_fail() -> None:
    task = "transform.stg_usace__parcels_model_build"
    assert failure(DBT, task=task).cause == failure(DBT.replace("3", "4"), task=task).cause


def test_another_error_test_or_kind_is_another_cause() -> None:
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


def test_models_that_fail_for_one_reason_have_one_cause() -> None:
    def met(model: str) -> str:
        error = f"dbt invocation completed with errors: {model}: Database Error\n  no warehouse"
        return failure(error, task=f"transform.{model}_model_build").cause

    assert met("stg_malibu__visits") == met("stg_malibu__applications")


def test_what_else_is_known_is_added() -> None:
    assert describe(context("x", task="sync"), TUESDAY, ("connector abc",)).details == (
        "connector abc",
    )
