"""A scheduler as small as it gets: Airflow's own state, trigger rules and task runner, our loop.

Airflow's own scheduler takes seconds for a task. What decides what runs and how it ends is
Airflow's here too: its database, `DagRun.update_state`, retries, skips, asset events, and the
Execution API that each task talks to. Each try of a task is a child process of its own.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

import httpx
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.models.asset import AssetDagRunQueue, AssetEvent
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.sdk.definitions.dag import DAG, _run_task
from airflow.sdk.execution_time.supervisor import in_process_api_server
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import delete, func, select

from local.airflow_process import IMPORTED_EARLY
from tests.chaos.clock import Clock
from tests.chaos.mishaps import Messages, Mishap

PUBLICATION = "publish_metrics"
# Two of them work on two cores while `settle` waits for the others.
SLOTS = 3
# One promotion at a time, so that each version is seen after the one before it.
ALONE = "promote"
# A dead worker's task is in one of these; the scheduler notices that it does not report any more.
UNREPORTED = (TaskInstanceState.RUNNING, TaskInstanceState.QUEUED, TaskInstanceState.SCHEDULED)


@dataclass(frozen=True)
class Try:
    """One try of a task; `number` counts from 1, `log` is where its process writes."""

    dag: str
    run: str
    task: str
    number: int
    mishap: Mishap | None
    log: Path

    def __str__(self) -> str:
        befell = f": {self.mishap}" if self.mishap else ""
        return f"{self.dag}.{self.task} try {self.number} of {self.run}{befell}"


class Scheduler:
    """Runs what is triggered to its end, or until only people could go on.

    Args:
        clock: The time of day.
        logs: The folder of the tries' logs.
        mishap: What befalls a try, by `<dag>.<task> <run> <number>` and the messages it will send.
        after: Called after each try.
    """

    def __init__(
        self,
        clock: Clock,
        logs: Path,
        mishap: Callable[[str, int], Mishap | None],
        after: Callable[[Try], None],
    ) -> None:
        self._clock = clock
        self._logs = logs
        self._mishap = mishap
        self._after = after
        self._messages: dict[str, int] = {}
        self._last_event = 0
        logs.mkdir(parents=True, exist_ok=True)
        forget_everything()
        for module in IMPORTED_EARLY["scheduler"]:
            import_module(module)
        asyncio.run(_prepare_the_api())

    @cached_property
    def dags(self) -> dict[str, DAG]:
        """Our DAGs, known to Airflow's database; a retry does not wait."""
        manager = DagBundlesManager()  # type: ignore[no-untyped-call]
        manager.sync_bundles_to_db()
        [bundle] = manager.get_all_dag_bundles()
        bundle.initialize()
        bag = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        assert not bag.import_errors
        for task in (task for dag in bag.dags.values() for task in dag.tasks):
            task.retry_delay = timedelta(0)
            task.retry_exponential_backoff = 0
        sync_bag_to_db(bag, bundle.name, bundle.version)
        return bag.dags

    @cached_property
    def _serialized(self) -> dict[str, SerializedDAG]:
        return {
            name: DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
            for name, dag in self.dags.items()
        }

    def trigger(self, dag: str, **form: Any) -> str:  # noqa: ANN401
        """Queue a run, as the timetable or a person does; its id."""
        self._clock.tick()
        with create_session() as session:
            return self._create(dag, DagRunType.MANUAL, form, session).run_id

    def work(self) -> None:
        """Run tasks until nothing is left to run."""
        running: dict[int, tuple[BaseProcess, Try, Any]] = {}
        while True:
            for ti in self._ready():
                if len(running) < SLOTS and _may_start(ti, [one for _, one, _ in running.values()]):
                    process, started, sent = self._start(ti)
                    running[process.sentinel] = process, started, sent
            if not running:
                return
            ended_now = set(wait(list(running)))
            for sentinel in [one for one in running if one in ended_now]:
                process, ended, sent = running.pop(sentinel)
                process.join()
                self._messages[f"{ended.dag}.{ended.task}"] = sent.value
                if process.exitcode != 0:
                    self._note_death(ended)
                self._clock.tick()
                self._after(ended)

    def _ready(self) -> list[TaskInstance]:
        """The tasks that may start: what a look has decided may leave more to decide."""
        with create_session() as session:
            before: Any = None
            while before != (before := self._decided(session)):
                self._queue_publication(session)
                self._start_runs(session)
                for run in session.scalars(_in(DagRunState.RUNNING)):
                    run.dag = self._serialized[run.dag_id]
                    ready, _ = run.update_state(session=session)
                    run.schedule_tis(ready, session=session)
                session.commit()
                # The tries were counted by a statement, past what this session has read.
                session.expire_all()
            scheduled = select(TaskInstance).filter_by(state=TaskInstanceState.SCHEDULED)
            order = (TaskInstance.run_id, TaskInstance.dag_id, TaskInstance.task_id)
            found = list(session.scalars(scheduled.order_by(*order)))
            session.expunge_all()
            return found

    @staticmethod
    def _decided(session: Any) -> list[Any]:  # noqa: ANN401
        """What runs and tasks there are, by their states."""
        return [
            session.execute(select(kind.state, func.count()).group_by(kind.state)).all()
            for kind in (DagRun, TaskInstance)
        ]

    def _queue_publication(self, session: Any) -> None:  # noqa: ANN401
        """A run for the assets that were updated since the last one was queued."""
        if not session.scalars(select(AssetDagRunQueue)).all():
            return
        newer = select(AssetEvent).where(AssetEvent.id > self._last_event).order_by(AssetEvent.id)
        events = list(session.scalars(newer))
        self._clock.tick()
        run = self._create(PUBLICATION, DagRunType.ASSET_TRIGGERED, {}, session)
        run.consumed_asset_events.extend(events)
        self._last_event = events[-1].id
        session.execute(delete(AssetDagRunQueue))

    def _start_runs(self, session: Any) -> None:  # noqa: ANN401
        """Start the oldest queued runs, as many of each DAG at once as it allows."""
        order = DagRun.run_after, DagRun.id
        active = [one.dag_id for one in session.scalars(_in(DagRunState.RUNNING))]
        for run in session.scalars(_in(DagRunState.QUEUED).order_by(*order)):
            if active.count(run.dag_id) < self.dags[run.dag_id].max_active_runs:
                run.state, run.start_date = DagRunState.RUNNING, self._clock.moment
                active.append(run.dag_id)
        session.flush()

    def _create(self, dag: str, kind: DagRunType, form: dict[str, Any], session: Any) -> DagRun:  # noqa: ANN401
        now = self._clock.moment
        by_asset = kind == DagRunType.ASSET_TRIGGERED
        return self._serialized[dag].create_dagrun(
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

    def _start(self, ti: TaskInstance) -> tuple[BaseProcess, Try, Any]:
        name = f"{ti.dag_id}.{ti.task_id}"
        mishap = self._mishap(f"{name} {ti.run_id} {ti.try_number}", self._messages.get(name, 0))
        log = self._logs / f"{name} {ti.run_id} {ti.try_number}.log".replace(":", "-")
        started = Try(ti.dag_id, ti.run_id, ti.task_id, ti.try_number, mishap, log)
        sent = RawValue("i", 0)
        task = self.dags[ti.dag_id].task_dict[ti.task_id]
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_run, args=(ti, task, Messages(mishap, sent), log))
        with create_session() as session:
            one = session.scalars(_of(started)).one()
            one.state = TaskInstanceState.QUEUED
        process.start()
        return process, started, sent

    def _note_death(self, died: Try) -> None:
        """What the scheduler does with a task that does not report any more."""
        with create_session() as session:
            ti = session.scalars(_of(died)).one()
            if ti.state in UNREPORTED:
                ti.task = self._serialized[died.dag].get_task(died.task)
                ti.handle_failure("Its process was killed", session=session)


def forget_everything() -> None:
    """Empty Airflow's database of runs and of what assets told."""
    with create_session() as session:
        for table in (AssetDagRunQueue, AssetEvent, TaskInstance, DagRun):
            session.execute(delete(table))


async def _prepare_the_api() -> None:
    """Have the Execution API make its routes now: it takes seconds, once instead of in each child.

    Without a thread of its own, which would not live on in a child.
    """
    api = in_process_api_server()
    async with (
        api.app.router.lifespan_context(api.app),
        httpx.AsyncClient(transport=api.atransport, base_url="http://in-process.invalid") as client,
    ):
        await client.get("/health")


def _run(ti: TaskInstance, task: Any, messages: Messages, log: Path) -> None:  # noqa: ANN401
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    messages.install(task)
    _run_task(ti=ti, task=task, run_triggerer=True)


def _may_start(ti: TaskInstance, running: list[Try]) -> bool:
    """A task whose trigger fires is scheduled again by its own process, for a moment."""
    same = (ti.dag_id, ti.run_id, ti.task_id)
    if any(same == (one.dag, one.run, one.task) for one in running):
        return False
    return ti.task_id != ALONE or all(one.task != ALONE for one in running)


def _in(state: DagRunState) -> Any:  # noqa: ANN401
    return select(DagRun).where(DagRun.state == state)


def _of(one: Try) -> Any:  # noqa: ANN401
    return select(TaskInstance).filter_by(dag_id=one.dag, run_id=one.run, task_id=one.task)
