"""Deletes old rows of Airflow's own database: runs, tasks, XComs, and the audit log.

Airflow never deletes them, and a task cannot: since Airflow 3 it has no access to the database. So
a page of the API server starts Airflow's `airflow db clean`, as Astronomer documents it:
https://www.astronomer.io/docs/learn/airflow-3/cleanup-dag-tutorial
A request has no parameters, so nobody can delete more with it than `docs/retention.md` says. One
that runs already is not joined by a second one: both would fail at the other's tables.

All uses of Airflow's internals by the clean-up are in this module. `tests/ui/test_clean_up.py`
fails if Airflow changes what is used here.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.models.asset import AssetEvent
from airflow.sdk import timezone
from airflow.utils.db_cleanup import config_dict, drop_archived_tables, run_cleanup
from fastapi import Depends
from sqlalchemy import delete, func, inspect, select
from sqlalchemy.orm import Session, aliased

# A user needs the right to delete DAG runs.
DELETE_ACCESS = [Depends(requires_access_dag("DELETE", DagAccessEntity.RUN))]

# As long as Astro keeps the tasks' logs, without which a run explains nothing:
# https://github.com/astronomer/docs/blob/main/astro/view-logs.md
KEPT = timedelta(days=90)

# `airflow db clean` keeps each DAG's newest version and its newest run that is not manual. It would
# delete the newest event of an asset too, which is a source's memory: see `_delete_asset_events`.
# Celery's tables exist only with its executor.
TABLES = (
    "celery_taskmeta",
    "celery_tasksetmeta",
    "dag_run",
    "dag_version",
    "job",
    "log",
    "task_instance",
    "task_instance_history",
    "xcom",
)
_ASSET_EVENTS = "asset_event"


_running = threading.Lock()


class AlreadyRunningError(RuntimeError):
    """Another request's clean-up has not ended."""


def clean_up(session: Session, now: datetime) -> dict[str, int]:
    """Delete the rows that are older than `KEPT`.

    Args:
        session: A session of Airflow's database.
        now: The current time, in UTC.

    Returns:
        The number of deleted rows by table, without the tables that had no old row.

    Raises:
        AlreadyRunningError: A clean-up runs already in this process.
        RuntimeError: The database refused a deletion. Other tables may have been cleaned.
    """
    if not _running.acquire(blocking=False):
        raise AlreadyRunningError
    try:
        return _clean_up(session, now - KEPT)
    finally:
        _running.release()


def _clean_up(session: Session, before: datetime) -> dict[str, int]:
    # Airflow moves the rows to a table and then drops it. A killed clean-up leaves the table, which
    # looks like one that a person's `airflow db clean` has kept:
    # https://github.com/apache/airflow/issues/46856
    drop_archived_tables([*TABLES], needs_confirm=False, session=session)
    found = dict(_count_older(session, before))
    run_cleanup(
        clean_before_timestamp=timezone.coerce_datetime(before),
        table_names=[*TABLES],
        confirm=False,
        skip_archive=True,
        error_on_cleanup_failure=True,
        session=session,
    )
    _delete_asset_events(session, before)
    session.commit()
    left = dict(_count_older(session, before))
    return {table: rows - left[table] for table, rows in found.items() if rows > left[table]}


def _delete_asset_events(session: Session, before: datetime) -> None:
    """Delete old asset events, but not an asset's newest: it stores what its source was."""
    newer = aliased(AssetEvent)
    has_newer = (
        select(newer.id)
        .where(newer.asset_id == AssetEvent.asset_id, newer.timestamp > AssetEvent.timestamp)
        .exists()
    )
    session.execute(
        delete(AssetEvent)
        .where(AssetEvent.timestamp < before, has_newer)
        .execution_options(synchronize_session=False)
    )


def _count_older(session: Session, before: datetime) -> Iterator[tuple[str, int]]:
    existing = inspect(session.connection()).get_table_names()
    for table in (*TABLES, _ASSET_EVENTS):
        if table in existing:
            config = config_dict[table]
            older = select(func.count()).select_from(config.orm_model)
            yield table, session.scalars(older.where(config.recency_column < before)).one()
