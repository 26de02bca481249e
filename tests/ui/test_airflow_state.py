"""Airflow's internals that the pages use: unchanged, and still needed."""

import pytest
from airflow.api_fastapi.core_api.datamodels.xcom import XComResponse
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel

TEXT, TIME = "String", "UtcDateTime"

# The columns that `airflow_state.py` reads, with their types.
COLUMNS = {
    DagModel: {
        "dag_id": TEXT,
        "is_paused": "Boolean",
        "is_stale": "Boolean",
        "next_dagrun_create_after": TIME,
    },
    DagRun: {
        "dag_id": TEXT,
        "run_id": TEXT,
        "state": TEXT,
        "run_after": TIME,
        "start_date": TIME,
        "end_date": TIME,
    },
    HITLDetail: {"ti_id": "Uuid", "subject": "Text", "responded_at": TIME, "created_at": TIME},
    Log: {
        "dag_id": TEXT,
        "event": TEXT,
        "dttm": TIME,
        "owner": TEXT,
        "owner_display_name": TEXT,
        "extra": "Text",
    },
    TaskInstance: {
        "id": "Uuid",
        "dag_id": TEXT,
        "task_id": TEXT,
        "run_id": TEXT,
        "state": TEXT,
        "end_date": TIME,
        "try_number": "Integer",
    },
    XComModel: {
        "dag_id": TEXT,
        "task_id": TEXT,
        "run_id": TEXT,
        "key": TEXT,
        "timestamp": TIME,
        "value": "JSON",
    },
}


@pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model.__name__)
def test_the_columns_that_the_pages_read_are_unchanged(model: type) -> None:
    table = model.__table__  # type: ignore[attr-defined]
    found = {name: type(table.columns[name].type).__name__ for name in COLUMNS[model]}
    assert found == COLUMNS[model]


def test_the_rest_api_still_lists_xcoms_without_their_values() -> None:
    """A failure means that the REST API may be quick enough for the pages now: measure it."""
    assert "value" not in XComResponse.model_fields


def test_a_dag_is_still_read_with_its_parameters_in_the_way_of_airflows_own_form() -> None:
    assert callable(SerializedDagModel.get)
    assert isinstance(SerializedDagModel.dag, property)
