"""A scheduler as small as it gets: Airflow's own state, trigger rules and task runner, our loop.

Airflow's own scheduler takes seconds for a task. What decides what runs and how it ends is
Airflow's here too: its database, `DagRun.update_state`, retries, skips, asset events, and the
Execution API that each task talks to.
"""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select

from tests.chaos.clock import Clock
from tests.chaos.fault_injection import Mishap
from tests.chaos.runs import Runs
from tests.chaos.task_attempts import Tries, Try

# Two of them work on two cores while `settle` waits for the others.
SLOTS = 3
# One promotion at a time, so that each version is seen after the one before it.
ALONE = "promote"
# A dead worker's task is in one of these; the scheduler notices that it does not report any more.
UNREPORTED = (TaskInstanceState.RUNNING, TaskInstanceState.QUEUED, TaskInstanceState.SCHEDULED)


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
        self._after = after
        self._runs = Runs(clock)
        self._tries = Tries(self._runs.dags, logs, mishap)
        # What is here is there to stay: Cosmos has each child collect garbage after dbt has run.
        gc.collect()
        gc.freeze()

    def trigger(self, dag: str, **form: Any) -> str:
        """Queue a run, as the timetable or a person does; its id."""
        return self._runs.trigger(dag, **form)

    def work(self) -> None:
        """Run tasks until nothing is left to run."""
        while True:
            for ti in self._runs.ready():
                if self._may_start(ti):
                    _queue(ti)
                    self._tries.start(ti)
            if not self._tries.running:
                return
            for ended, by_itself in self._tries.ended():
                if not by_itself:
                    self._note_death(ended)
                self._clock.tick()
                self._after(ended)

    def _may_start(self, ti: TaskInstance) -> bool:
        """A task whose trigger fires is scheduled again by its own process, for a moment."""
        running = self._tries.running
        if len(running) >= SLOTS or any(one.is_of(ti) for one in running):
            return False
        return ti.task_id != ALONE or all(one.task != ALONE for one in running)

    def _note_death(self, died: Try) -> None:
        """What the scheduler does with a task that does not report any more."""
        with create_session() as session:
            ti = session.scalars(_of(died.dag, died.run, died.task)).one()
            if ti.state in UNREPORTED:
                ti.task = self._runs.serialized[died.dag].get_task(died.task)
                ti.handle_failure("Its process was killed", session=session)


def _queue(ti: TaskInstance) -> None:
    with create_session() as session:
        queued = session.scalars(_of(ti.dag_id, ti.run_id, ti.task_id)).one()
        queued.state = TaskInstanceState.QUEUED


def _of(dag: str, run: str, task: str) -> Any:
    return select(TaskInstance).filter_by(dag_id=dag, run_id=run, task_id=task)
