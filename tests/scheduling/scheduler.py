"""A minimal scheduler: Airflow's state, trigger rules and task runner in a simple loop.

Airflow's own scheduler takes seconds for each task. The state of runs and tasks is Airflow's here
too: its database, `DagRun.update_state`, retries, skips, asset events, and the Execution API that
each task calls.
"""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select

from tests.scheduling.clock import Clock
from tests.scheduling.fault_injection import Fault
from tests.scheduling.runs import Runs
from tests.scheduling.task_attempts import TaskAttempt, TaskAttempts

# Two of them work on two cores while a task waits for the other sources.
SLOTS = 3
# One promotion at a time, so that each version is seen after the one before it.
ALONE = "promote"
# It waits until no source's run is active, so the tasks of those must run beside it.
WAITS = "settle"
# The states of a dead worker's task: the scheduler notices that its heartbeat is missing.
UNREPORTED = (TaskInstanceState.RUNNING, TaskInstanceState.QUEUED, TaskInstanceState.SCHEDULED)


class Scheduler:
    """Runs all triggered runs to their end, or until they wait for people.

    Args:
        clock: The simulated clock.
        logs: The folder of the attempts' logs.
        choose_fault: Chooses an attempt's fault by `<dag>.<task> <run> <number>` and the number of
            messages of the task's last attempt.
        after: Called after each attempt.
        fork: Whether every attempt runs in a child process, beside others and with its messages
            counted; otherwise those without a fault run in this process, which is quicker.
    """

    def __init__(
        self,
        clock: Clock,
        logs: Path,
        choose_fault: Callable[[str, int], Fault | None],
        after: Callable[[TaskAttempt], None],
        *,
        fork: bool,
    ) -> None:
        self._clock = clock
        self._after = after
        self._fork = fork
        self._runs = Runs(clock)
        self._attempts = TaskAttempts(self._runs.dags, logs, choose_fault)
        # Cosmos collects garbage after dbt has run, in each child too: exclude what exists now.
        gc.collect()
        gc.freeze()

    def trigger(self, dag: str, **form: Any) -> str:
        """Queue a run, as the timetable or a person does; return its id."""
        return self._runs.trigger(dag, **form)

    def lose_events(self, is_lost: Callable[[int], bool]) -> None:
        """Have Airflow lose some asset events, by their numbers."""
        self._runs.is_event_lost = is_lost

    def forget_runs(self) -> None:
        """Delete all runs, tasks and asset events."""
        self._runs.forget()

    def work(self) -> None:
        """Run tasks until nothing is left to run."""
        while True:
            for ti in self._runs.ready():
                if self._may_start(ti):
                    _queue(ti)
                    self._attempts.start(ti, fork=self._fork or self._must_wait(ti))
            attempts = self._attempts.ended()
            if not attempts:
                return
            for ended, by_itself in attempts:
                if not by_itself:
                    self._note_death(ended)
                self._clock.tick()
                self._after(ended)

    def _may_start(self, ti: TaskInstance) -> bool:
        """True if a slot is free; a task whose trigger fires is scheduled again while it runs."""
        running = self._attempts.running
        if len(running) >= SLOTS or any(one.is_of(ti) for one in running):
            return False
        return ti.task_id != ALONE or all(one.task != ALONE for one in running)

    def _must_wait(self, ti: TaskInstance) -> bool:
        return ti.task_id == WAITS and self._runs.is_source_active()

    def _note_death(self, died: TaskAttempt) -> None:
        """Fail a task without a heartbeat, as Airflow's scheduler does."""
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
