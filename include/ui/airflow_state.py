"""Airflow's state for the pages: the sources' runs and the questions that wait for a person.

All uses of Airflow's internals by the pages are in this module: its ORM models, its database
session, and the access checks of its own pages. The pages run inside Airflow's API server, and its
public REST API would be 50 times slower there: a source takes six requests and more, because a list
of XComs has no values (https://github.com/apache/airflow/issues/44667), and a request takes 17 to
22 ms. The page *Sources* would take about a second; with these queries it takes 18 ms (Airflow
3.3.2, SQLite, both in one process). A request to its own server would also hold a second of the
server's threads, and would need a token of the user.

`tests/ui/test_airflow_state.py` fails if Airflow changes a column that is used here, or if its REST
API lists XComs with their values.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypedDict

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import requires_access_dag, requires_access_view
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from fastapi import Depends, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.sources import SOURCES, SYNCED

__all__ = ["READ_ACCESS", "SessionDep"]


def refuse_dag_in_query(request: Request) -> None:
    """Refuse a query that names a DAG: Airflow would check the rights to that DAG alone."""
    if "dag_id" in request.query_params:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "This page has no parameter dag_id.")


# A user needs to be logged in and to have the right to see DAG runs.
READ_ACCESS = [
    Depends(refuse_dag_in_query),
    Depends(requires_access_view(AccessView.WEBSITE)),
    Depends(requires_access_dag("GET", DagAccessEntity.RUN)),
]

_RESULT = "return_value"
_WAITING = ("deferred", "awaiting_input")
# Enough for the last two runs of the source with the most load tasks.
_MOST_REPORTS = 20


class _Report(TypedDict):
    """A load's report, as the task returns it."""

    rows: int
    loaded_at: str
    source_edited_at: str | None
    notes: list[str]


@dataclass(frozen=True)
class Load:
    """A run's load of a source.

    Attributes:
        rows: The rows of all its tables.
        loaded_at: The time of the load, ISO 8601.
        edited_at: The last edit that the source declares, ISO 8601; empty if it declares none.
        notes: The load's warnings, for example a changed field.
    """

    rows: int
    loaded_at: str
    edited_at: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SourceState:
    """The state of a source.

    Attributes:
        state: The last run's state; empty without a run.
        ended_at: The end of the last complete run (UTC).
        duration: The duration of the last complete run.
        next_run: The time of the next run (UTC); `None` while the DAG is paused.
        is_paused, paused_at: Whether the DAG is paused, and since when if Airflow logged it.
        load: The last load; `None` if Fivetran loads the source.
        rows_before: The rows of the load before the last.
        freshness: The state of the source's last task in `check_freshness`.
    """

    source: str
    state: str = ""
    ended_at: datetime | None = None
    duration: timedelta | None = None
    next_run: datetime | None = None
    is_paused: bool = False
    paused_at: datetime | None = None
    load: Load | None = None
    rows_before: int | None = None
    freshness: str = ""

    @property
    def is_synced(self) -> bool:
        """True if Fivetran loads the source, so that Airflow does not know its rows."""
        return self.source in SYNCED

    @property
    def change(self) -> int | None:
        """The difference in rows between the last two loads; `None` without two."""
        if self.load is None or self.rows_before is None:
            return None
        return self.load.rows - self.rows_before


@dataclass(frozen=True)
class Question:
    """A question that waits for a person's answer."""

    dag: str
    run: str
    task: str
    subject: str
    since: datetime

    @property
    def path(self) -> str:
        """The path of its form, below Airflow's address."""
        return f"/dags/{self.dag}/runs/{self.run}/tasks/{self.task}/required_actions"


def read_source_states(session: Session) -> list[SourceState]:
    """The state of every source, in the order of `SOURCES`."""
    return [read_source_state(session, source) for source in SOURCES]


def read_source_state(session: Session, source: str) -> SourceState:
    """The state of a source; without values if Airflow does not know its DAG yet."""
    dag = session.get(DagModel, source)
    if dag is None:
        return SourceState(source)
    runs = select(DagRun).where(DagRun.dag_id == source).order_by(DagRun.run_after.desc()).limit(1)
    last = session.scalar(runs)
    complete = session.scalar(runs.where(DagRun.state == "success"))
    ended_at = complete.end_date if complete else None
    started_at = complete.start_date if complete else None
    loads = _last_loads(session, source)
    return SourceState(
        source,
        state=str(last.state) if last else "",
        ended_at=ended_at,
        duration=ended_at - started_at if ended_at and started_at else None,
        next_run=None if dag.is_paused else dag.next_dagrun_create_after,
        is_paused=bool(dag.is_paused),
        paused_at=_paused_at(session, source) if dag.is_paused else None,
        load=loads[0] if loads else None,
        rows_before=loads[1].rows if len(loads) > 1 else None,
        freshness=_freshness(session, source),
    )


def read_open_questions(session: Session) -> list[Question]:
    """The questions that wait for a person, oldest first."""
    query = (
        select(HITLDetail, TaskInstance)
        .join(TaskInstance, TaskInstance.id == HITLDetail.ti_id)
        .where(HITLDetail.responded_at.is_(None), TaskInstance.state.in_(_WAITING))
        .order_by(HITLDetail.created_at)
    )
    return [
        Question(task.dag_id, task.run_id, task.task_id, detail.subject, detail.created_at)
        for detail, task in session.execute(query)
    ]


def _last_loads(session: Session, source: str) -> list[Load]:
    """The loads of the last runs that loaded something, newest first."""
    xcoms = session.scalars(
        select(XComModel)
        .where(
            XComModel.dag_id == source,
            XComModel.key == _RESULT,
            XComModel.task_id.startswith("load"),
        )
        .order_by(XComModel.timestamp.desc())
        .limit(_MOST_REPORTS)
    )
    reports_by_run: dict[str, list[_Report]] = defaultdict(list)
    for xcom in xcoms:
        reports_by_run[xcom.run_id].append(XComModel.deserialize_value(xcom))
    return [
        Load(
            rows=sum(report["rows"] for report in reports),
            loaded_at=max(report["loaded_at"] for report in reports),
            edited_at=reports[0]["source_edited_at"] or "",
            notes=tuple(note for report in reports for note in report["notes"]),
        )
        for reports in reports_by_run.values()
    ]


def _freshness(session: Session, source: str) -> str:
    """The result of the last check of the source's raw tables that has ended."""
    state: str | None = session.scalar(
        select(TaskInstance.state)
        .where(
            TaskInstance.dag_id == "check_freshness",
            TaskInstance.task_id == source,
            TaskInstance.state.in_(("success", "failed")),
        )
        .order_by(TaskInstance.end_date.desc())
        .limit(1)
    )
    return state or ""


def _paused_at(session: Session, dag: str) -> datetime | None:
    """The last time that somebody paused or unpaused the DAG, from Airflow's audit log."""
    moment: datetime | None = session.scalar(
        select(Log.dttm)
        .where(Log.dag_id == dag, Log.event.in_(("patch_dag", "patch_dags", "paused")))
        .order_by(Log.dttm.desc())
        .limit(1)
    )
    return moment
