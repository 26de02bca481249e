"""Airflow's state for the pages: the sources' runs and the questions that wait for a person.

All uses of Airflow's internals by the pages are in this module: its ORM models, its database
session, and the access checks of its own pages. The pages run inside Airflow's API server, and its
public REST API would be 50 times slower there: a source takes six requests and more, because a list
of XComs has no values (https://github.com/apache/airflow/issues/44667), and a request takes 17 to
22 ms. The page *Sources* would take about a second; its first queries took 18 ms (Airflow 3.3.2,
SQLite, both in one process). A request to its own server would also hold a second of the
server's threads, and would need a token of the user.

`tests/ui/test_airflow_state.py` fails if Airflow changes a column that is used here, or if its REST
API lists XComs with their values.
"""

import json
from collections import defaultdict
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypedDict

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import requires_access_dag, requires_access_view
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from fastapi import Depends, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.sources import SOURCES, SYNCED
from include.ui.source_state import FailedTask, Load, Question, RunForm, SourceState, TableLoad

__all__ = [
    "READ_ACCESS",
    "Load",
    "Question",
    "RunForm",
    "SessionDep",
    "SourceState",
]


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
# The key under which a sync stores what Fivetran says of its connector.
FIVETRAN = "fivetran"
_MOST_FAILURES = 100


class _Report(TypedDict):
    """A load's report, as the task returns it."""

    rows: int
    loaded_at: str
    source_edited_at: str | None
    notes: list[str]


def read_source_states(session: Session) -> list[SourceState]:
    """The state of every source, in the order of `SOURCES`."""
    return [read_source_state(session, source) for source in SOURCES]


def read_source_state(session: Session, source: str) -> SourceState:
    """The state of a DAG, usually a source's; without values if Airflow does not know it yet."""
    dag = session.get(DagModel, source)
    if dag is None:
        return SourceState(source)
    runs = select(DagRun).where(DagRun.dag_id == source).order_by(DagRun.run_after.desc()).limit(1)
    last = session.scalar(runs)
    complete = session.scalar(runs.where(DagRun.state == "success"))
    ended_at = complete.end_date if complete else None
    started_at = complete.start_date if complete else None
    loads = _last_loads(session, source)
    paused_at, paused_by = _paused(session, source) if dag.is_paused else (None, "")
    failures, failing_since = _failures(session, source, complete)
    return SourceState(
        source,
        state=str(last.state) if last else "",
        ended_at=ended_at,
        duration=ended_at - started_at if ended_at and started_at else None,
        next_run=None if dag.is_paused else dag.next_dagrun_create_after,
        is_paused=bool(dag.is_paused),
        paused_at=paused_at,
        paused_by=paused_by,
        load=loads[0] if loads else None,
        rows_before=loads[1].rows if len(loads) > 1 else None,
        freshness=_freshness(session, source),
        failures=failures,
        failing_since=failing_since,
        tables=_tables(session, source) if _loads_tables(source) else (),
        connector=_connector(session, source) if source in SYNCED else {},
    )


def read_run_form(session: Session, dag_id: str) -> RunForm | None:
    """A DAG's parameters, as Airflow's own form shows them; `None` if Airflow has no such DAG."""
    model = session.get(DagModel, dag_id)
    parsed = (
        None if model is None or model.is_stale else SerializedDagModel.get(dag_id, session=session)
    )
    if model is None or parsed is None:
        return None
    return RunForm(dag_id, describe_params(parsed.dag.params), is_paused=bool(model.is_paused))


def describe_params(params: Any) -> dict[str, dict[str, Any]]:
    """The `value`, `description` and `schema` of each parameter of a DAG, as Airflow stored it."""
    found = {name: params.get_param(name) for name in params}
    return {
        name: {
            # A parameter without a default has a mark of Airflow's there.
            "value": one.value if isinstance(one.value, str | int | float) else None,
            "description": one.description,
            "schema": one.schema,
        }
        for name, one in found.items()
    }


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


def _reports(session: Session, source: str) -> list[tuple[str, str, _Report]]:
    """The run, the task and the report of the last loads, newest first."""
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
    return [(one.run_id, one.task_id, XComModel.deserialize_value(one)) for one in xcoms]


def _loads_tables(source: str) -> bool:
    return source in SOURCES and len(SOURCES[source].loaded) > 1


def _tables(session: Session, source: str) -> tuple[TableLoad, ...]:
    """The last load of each of a source's tables; a table that never loaded is left out."""
    by_task: dict[str, list[_Report]] = defaultdict(list)
    for _, task, report in _reports(session, source):
        by_task[task].append(report)
    return tuple(
        TableLoad(
            part.reader,
            found[0]["rows"],
            found[0]["loaded_at"],
            found[1]["rows"] if len(found) > 1 else None,
        )
        for part in SOURCES[source].loaded
        if (found := by_task.get(part.reader))
    )


def _last_loads(session: Session, source: str) -> list[Load]:
    """The loads of the last runs that loaded something, newest first."""
    reports_by_run: dict[str, list[_Report]] = defaultdict(list)
    for run, _, report in _reports(session, source):
        reports_by_run[run].append(report)
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


def _paused(session: Session, dag: str) -> tuple[datetime | None, str]:
    """When and by whom the DAG was last paused, from Airflow's audit log.

    An entry does not always say which way the switch went: then the newest one counts.
    """
    entries = session.scalars(
        select(Log)
        .where(Log.dag_id == dag, Log.event.in_(("patch_dag", "patch_dags", "paused")))
        .order_by(Log.dttm.desc())
        .limit(_MOST_REPORTS)
    ).all()
    for entry in entries:
        if _pauses(entry.extra):
            return entry.dttm, str(entry.owner_display_name or entry.owner or "")
    return None, ""


def _pauses(extra: str | None) -> bool:
    """True unless an entry of the audit log says that the DAG was unpaused."""
    try:
        value = json.loads(extra or "{}").get("is_paused", True)
    except (ValueError, AttributeError):
        return True
    return str(value).lower() != "false"


def _failures(
    session: Session, source: str, complete: DagRun | None
) -> tuple[tuple[FailedTask, ...], datetime | None]:
    """The failed tasks since the last complete run, and the time of the first failure."""
    query = (
        select(TaskInstance, DagRun.run_after)
        .join(
            DagRun,
            (DagRun.dag_id == TaskInstance.dag_id) & (DagRun.run_id == TaskInstance.run_id),
        )
        .where(TaskInstance.dag_id == source, TaskInstance.state == "failed")
        .order_by(DagRun.run_after.desc(), TaskInstance.task_id)
        .limit(_MOST_FAILURES)
    )
    if complete is not None:
        query = query.where(DagRun.run_after > complete.run_after)
    rows = session.execute(query).all()
    if not rows:
        return (), None
    newest = rows[0][0].run_id
    failed = tuple(
        FailedTask(source, one.run_id, one.task_id, one.try_number, one.end_date)
        for one, _ in rows
        if one.run_id == newest
    )
    return failed, min((one.end_date or after for one, after in rows), default=None)


def _connector(session: Session, source: str) -> dict[str, str]:
    """What Fivetran said of the source's connector at its last sync; empty if it is not known."""
    xcom = session.scalar(
        select(XComModel)
        .where(XComModel.dag_id == source, XComModel.key == FIVETRAN)
        .order_by(XComModel.timestamp.desc())
        .limit(1)
    )
    return dict(XComModel.deserialize_value(xcom)) if xcom else {}
