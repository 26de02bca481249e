"""Rows of Airflow's database: DAGs, runs, tasks, reports, questions and entries of the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dag_version import DagVersion
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def clear(session: Session) -> None:
    """Delete everything that the pages read."""
    for model in (HITLDetail, XComModel, TaskInstance, DagRun, DagVersion, DagModel, Log):
        session.execute(delete(model))


def add_dag(session: Session, dag_id: str, **values: Any) -> Any:
    """Add a DAG to Airflow's database; it is not paused, whatever Airflow's settings are."""
    session.merge(DagBundleModel(name="dags-folder"))
    session.flush()
    model: Any = DagModel(  # type: ignore[no-untyped-call]
        dag_id=dag_id, bundle_name="dags-folder", relative_fileloc=f"{dag_id}.py"
    )
    session.add(model)
    for name, value in {"is_paused": False, **values}.items():
        setattr(model, name, value)
    session.flush()
    return model


def add_run(
    session: Session, dag: str, run: str, after: datetime, state: str = "success", **values: Any
) -> Any:
    """Add a run of a DAG, which started when it was due and took a minute."""
    added: Any = DagRun(dag_id=dag, run_id=run, run_type=DagRunType.MANUAL)
    added.run_after, added.state = after, DagRunState(state)
    added.start_date, added.end_date = after, after + MINUTE
    for name, value in values.items():
        setattr(added, name, value)
    session.add(added)
    session.flush()
    return added


def add_task(
    session: Session, run: Any, task: str, state: str, ended: datetime | None = NOON
) -> Any:
    """Add a task of a run."""
    dag = run.dag_id
    version = session.scalar(select(DagVersion).where(DagVersion.dag_id == dag))
    if version is None:
        version = DagVersion(dag_id=dag, version_number=1)
        session.add(version)
        session.flush()
    operator: Any = EmptyOperator(task_id=task)
    added: Any = TaskInstance(operator, dag_version_id=version.id, run_id=run.run_id)
    added.dag_id, added.state, added.end_date = dag, state, ended
    session.add(added)
    session.flush()
    return added


def add_report(
    session: Session,
    run: Any,
    task: str,
    at: datetime,
    report: object,
    *,
    key: str = "return_value",
) -> None:
    """Add a task of a run and what it returned or, with another key, pushed."""
    add_task(session, run, task, "success", at)
    session.add(
        XComModel(
            dag_run_id=run.id,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task_id=task,
            map_index=-1,
            key=key,
            value=XComModel.serialize_value(report),
            timestamp=at,
        )
    )
    session.flush()


def add_question(
    session: Session, task: Any, subject: str, at: datetime, *, answered: datetime | None = None
) -> None:
    """Add the question of a task."""
    session.add(
        HITLDetail(
            ti_id=task.id,
            options=["Yes"],
            subject=subject,
            params={},
            params_input={},
            created_at=at,
            responded_at=answered,
        )
    )
    session.flush()


def add_log_entry(
    session: Session, dag: str, event: str, at: datetime, *, by: str = "", extra: str | None = None
) -> None:
    """Add an entry of Airflow's audit log; `extra` is its JSON."""
    entry: Any = Log(event, dag_id=dag, owner=by or None, extra=extra)
    entry.dttm = at
    session.add(entry)
    session.flush()
