"""The clean-up of Airflow's database forgets no source: the next run is still skipped."""

from datetime import UTC, datetime, timedelta

import pytest
from airflow.models.asset import AssetEvent
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.sdk import timezone
from airflow.utils.db_cleanup import run_cleanup
from airflow.utils.session import create_session
from sqlalchemy import func, select, update

from include.ui.clean_up import KEPT, clean_up
from local.cloud import Cloud
from tests.whole_dags.helpers import run_dag

# So long ago that no other test has a row as old.
NOW = datetime(2020, 6, 1, tzinfo=UTC)
OLD = NOW - KEPT - timedelta(days=1)
COLUMNS = (
    (DagRun, DagRun.start_date),
    (TaskInstance, TaskInstance.start_date),
    (XComModel, XComModel.timestamp),
    (Log, Log.dttm),
)


@pytest.fixture
def aged(loaded: Cloud) -> Cloud:
    """The cloud after Pasadena's complete run, which Airflow dates to months ago."""
    with create_session() as session:
        for model, column in COLUMNS:
            old = update(model).where(model.dag_id == "pasadena").values({column: OLD})
            session.execute(old.execution_options(synchronize_session=False))
        session.execute(update(AssetEvent).values(timestamp=OLD))
    return loaded


def runs() -> int:
    with create_session() as session:
        pasadena = select(func.count()).where(DagRun.dag_id == "pasadena")
        return session.scalar(pasadena) or 0


def test_after_a_clean_up_an_unchanged_source_is_still_skipped(aged: Cloud) -> None:
    with create_session() as session:
        deleted = clean_up(session, NOW)
    assert deleted.keys() >= {"dag_run", "task_instance", "xcom"}
    assert runs() == 0

    states = run_dag("pasadena")

    assert states.pop("look_for_edits") == "success"
    assert set(states.values()) == {"skipped"}


def test_airflows_own_clean_up_would_forget_it(aged: Cloud) -> None:
    """A failure means that Airflow keeps the newest event: the product needs no rule of its own."""
    run_cleanup(
        clean_before_timestamp=timezone.coerce_datetime(NOW - KEPT),
        table_names=["dag_run", "asset_event"],
        confirm=False,
        skip_archive=True,
    )
    assert set(run_dag("pasadena", mark_success=r"transform\..*").values()) == {"success"}
