"""What Airflow's own database knows of the sources' runs and of what waits for a person."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.sources import SOURCES, SYNCED

_RESULT = "return_value"
_WAITING = ("deferred", "awaiting_input")


@dataclass(frozen=True)
class SourceState:
    """How a source is doing.

    Attributes:
        state: The last run's state; empty if it never ran.
        ended_at: When it last ran through (UTC); null if it never did.
        duration: How long that run took.
        next_run: When it is to run next (UTC); null while it is paused.
        is_paused, paused_at: Whether it is switched off, and since when where that is known.
        rows, rows_before: What the last two loads brought; null where Fivetran loads.
        edited_at: The source's own declared last edit, ISO 8601; empty where it declares none.
        freshness: How `check_freshness` last found the raw tables: Airflow's state of its task.
        notes: What the last load noticed, changes of the schema among it.
    """

    source: str
    state: str = ""
    run: str = ""
    ended_at: datetime | None = None
    duration: timedelta | None = None
    next_run: datetime | None = None
    is_paused: bool = False
    paused_at: datetime | None = None
    rows: int | None = None
    rows_before: int | None = None
    loaded_at: str = ""
    edited_at: str = ""
    freshness: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_synced(self) -> bool:
        """Whether Fivetran loads it: Airflow knows no rows then."""
        return self.source in SYNCED

    @property
    def change(self) -> int | None:
        """How many rows more than before the last load brought."""
        if self.rows is None or self.rows_before is None:
            return None
        return self.rows - self.rows_before


@dataclass(frozen=True)
class Question:
    """What waits for a person's answer."""

    dag: str
    run: str
    task: str
    subject: str
    since: datetime

    @property
    def path(self) -> str:
        """Where it is answered, below Airflow's address."""
        return f"/dags/{self.dag}/runs/{self.run}/tasks/{self.task}/required_actions"


def source_states(session: Session) -> list[SourceState]:
    """Every source, in the order of its declaration."""
    return [source_state(session, source) for source in SOURCES]


def source_state(session: Session, source: str) -> SourceState:
    """How one source is doing; of one that Airflow does not know yet only its name."""
    dag = session.get(DagModel, source)
    if dag is None:
        return SourceState(source)
    runs = select(DagRun).where(DagRun.dag_id == source).order_by(DagRun.run_after.desc()).limit(1)
    last = session.scalar(runs)
    good = session.scalar(runs.where(DagRun.state == "success"))
    took = good.end_date - good.start_date if good and good.end_date and good.start_date else None
    paused_at = _paused_at(session, source) if dag.is_paused else None
    return SourceState(
        source,
        state=str(last.state) if last else "",
        run=last.run_id if last else "",
        ended_at=good.end_date if good else None,
        duration=took,
        next_run=None if dag.is_paused else dag.next_dagrun_create_after,
        is_paused=bool(dag.is_paused),
        paused_at=paused_at,
        freshness=_freshness(session, source),
        **_loads(session, source),
    )


def open_questions(session: Session) -> list[Question]:
    """What waits for a person, oldest first."""
    asked = (
        select(HITLDetail, TaskInstance)
        .join(TaskInstance, TaskInstance.id == HITLDetail.ti_id)
        .where(HITLDetail.responded_at.is_(None), TaskInstance.state.in_(_WAITING))
        .order_by(HITLDetail.created_at)
    )
    return [
        Question(task.dag_id, task.run_id, task.task_id, detail.subject, detail.created_at)
        for detail, task in session.execute(asked)
    ]


def _loads(session: Session, source: str) -> dict[str, Any]:
    """What the reports of the last two runs that loaded something say."""
    found = session.scalars(
        select(XComModel)
        .where(
            XComModel.dag_id == source,
            XComModel.key == _RESULT,
            XComModel.task_id.startswith("load"),
        )
        .order_by(XComModel.timestamp.desc())
        .limit(20)
    )
    by_run: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in found:
        by_run[each.run_id].append(XComModel.deserialize_value(each))
    newest = next(iter(by_run.values()), [])
    rows = [sum(report["rows"] for report in reports) for reports in by_run.values()]
    return {
        "rows": rows[0] if rows else None,
        "rows_before": rows[1] if len(rows) > 1 else None,
        "loaded_at": max((report["loaded_at"] for report in newest), default=""),
        "edited_at": next((one["source_edited_at"] or "" for one in newest), ""),
        "notes": tuple(note for report in newest for note in report["notes"]),
    }


def _freshness(session: Session, source: str) -> str:
    """How the last check of the source's raw tables that came to an end went."""
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
    """When somebody last changed the DAG's switch, by Airflow's audit log."""
    moment: datetime | None = session.scalar(
        select(Log.dttm)
        .where(Log.dag_id == dag, Log.event.in_(("patch_dag", "patch_dags", "paused")))
        .order_by(Log.dttm.desc())
        .limit(1)
    )
    return moment
