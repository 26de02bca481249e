"""DAG runs and tasks in Airflow's database, and the tasks that may start next."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

from airflow.models.asset import AssetDagRunQueue, AssetEvent
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.sdk.definitions.dag import DAG
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import delete, func, select

from include.sources import SOURCES
from tests.scheduling.clock import Clock
from tests.whole_dags.every_dag import enter_every_dag

PUBLICATION = "publish_metrics"


class Runs:
    """The runs of all DAGs, without delays between retries; at first there are none.

    Attributes:
        is_event_lost: Whether the event of the newest asset update gets lost, by its number.
    """

    def __init__(self, clock: Clock) -> None:
        self.is_event_lost: Callable[[int], bool] = lambda number: False
        self._clock = clock
        self._last_event = 0
        self.forget()

    def forget(self) -> None:
        """Delete all runs, tasks and asset events."""
        with create_session() as session:
            for table in (AssetDagRunQueue, AssetEvent, TaskInstance, DagRun):
                session.execute(delete(table))

    @cached_property
    def dags(self) -> Mapping[str, DAG]:
        """The DAGs, entered into Airflow's database."""
        return enter_every_dag(_retried_at_once)

    @cached_property
    def serialized(self) -> Mapping[str, SerializedDAG]:
        """The DAGs as the scheduler reads them."""
        return {
            name: DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
            for name, dag in self.dags.items()
        }

    def trigger(self, dag: str, **form: Any) -> str:
        """Queue a run, as the timetable or a person does; return its id."""
        self._clock.tick()
        with create_session() as session:
            return self._create(dag, DagRunType.MANUAL, form, session).run_id

    def ready(self) -> list[TaskInstance]:
        """The tasks that may start, after all state changes that follow from one another."""
        with create_session() as session:
            before: Any = None
            paused = set(session.scalars(select(DagModel.dag_id).where(DagModel.is_paused)))
            while before != (before := _decided(session)):
                self._queue_publication(session)
                self._start_runs(session, paused)
                for run in session.scalars(_in(DagRunState.RUNNING)):
                    if run.dag_id in paused:
                        continue
                    run.dag = self.serialized[run.dag_id]
                    ready, _ = run.update_state(session=session)
                    run.schedule_tis(ready, session=session)
                session.commit()
                # A statement has counted the attempts, which this session does not know.
                session.expire_all()
            scheduled = select(TaskInstance).filter_by(state=TaskInstanceState.SCHEDULED)
            order = (TaskInstance.run_id, TaskInstance.dag_id, TaskInstance.task_id)
            found = list(session.scalars(scheduled.order_by(*order)))
            session.expunge_all()
            return found

    def is_source_active(self) -> bool:
        """True if a run of a source is running."""
        of_a_source = _in(DagRunState.RUNNING).where(DagRun.dag_id.in_(SOURCES))
        with create_session() as session:
            return session.scalars(of_a_source).first() is not None

    def _queue_publication(self, session: Any) -> None:
        """Queue a run for the assets that were updated since the last one."""
        if not session.scalars(select(AssetDagRunQueue)).all():
            return
        newer = select(AssetEvent).where(AssetEvent.id > self._last_event).order_by(AssetEvent.id)
        events = list(session.scalars(newer))
        if self.is_event_lost(events[-1].id):
            session.execute(delete(AssetDagRunQueue))
            return
        self._clock.tick()
        run = self._create(PUBLICATION, DagRunType.ASSET_TRIGGERED, {}, session)
        run.consumed_asset_events.extend(events)
        self._last_event = events[-1].id
        session.execute(delete(AssetDagRunQueue))

    def _start_runs(self, session: Any, paused: set[str]) -> None:
        """Start the oldest queued runs of each other DAG, up to its limit of active runs."""
        order = DagRun.run_after, DagRun.id
        active = [one.dag_id for one in session.scalars(_in(DagRunState.RUNNING))]
        for run in session.scalars(_in(DagRunState.QUEUED).order_by(*order)):
            if (
                run.dag_id not in paused
                and active.count(run.dag_id) < self.dags[run.dag_id].max_active_runs
            ):
                run.state, run.start_date = DagRunState.RUNNING, self._clock.moment
                active.append(run.dag_id)
        session.flush()

    def _create(self, dag: str, kind: DagRunType, form: dict[str, Any], session: Any) -> DagRun:
        now = self._clock.moment
        by_asset = kind == DagRunType.ASSET_TRIGGERED
        return self.serialized[dag].create_dagrun(
            run_id=f"{kind.value}__{now:%Y-%m-%dT%H:%M:%S}+00:00",
            logical_date=None if by_asset else now,
            data_interval=None if by_asset else (now, now),
            run_after=now,
            conf=form,
            run_type=kind,
            state=DagRunState.QUEUED,
            triggered_by=DagRunTriggeredByType.ASSET if by_asset else DagRunTriggeredByType.TEST,
            triggering_user_name=None if by_asset else "chaos",
            session=session,
        )


def _retried_at_once(task: Any) -> None:
    task.retry_delay = timedelta(0)
    task.retry_exponential_backoff = 0


def _decided(session: Any) -> list[Any]:
    """The number of runs and tasks in each state."""
    return [
        session.execute(select(kind.state, func.count()).group_by(kind.state)).all()
        for kind in (DagRun, TaskInstance)
    ]


def _in(state: DagRunState) -> Any:
    return select(DagRun).where(DagRun.state == state)
