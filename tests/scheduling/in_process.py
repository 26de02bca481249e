"""Airflow in this process: its API, its database, and tasks that run when a story says so."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.dag import DagModel
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from fastapi.testclient import TestClient
from sqlalchemy import update

from local.airflow_api import AirflowApi, Run
from tests.people import People
from tests.scheduling.clock import Clock
from tests.scheduling.fault_injection import Fault
from tests.scheduling.scheduler import Scheduler
from tests.scheduling.task_attempts import TaskAttempt


@dataclass
class Airflow:
    """Airflow, and what happens to its tasks.

    Attributes:
        people: Those who use its API.
        scheduler: Runs its tasks.
        faults: The faults of each task's next attempts, by `<dag>.<task>`.
        attempts: Every attempt so far.
    """

    people: People
    scheduler: Scheduler
    faults: dict[str, list[Fault]]
    attempts: list[TaskAttempt] = field(default_factory=list)

    def start_again(self) -> None:
        """Forget all runs, attempts and faults; no DAG is paused."""
        self.scheduler.forget_runs()
        self.faults.clear()
        self.attempts.clear()
        with create_session() as session:
            session.execute(update(DagModel).values(is_paused=False))

    def kill(self, task: str, *, at: int = 1, times: int = 1) -> None:
        """Have SIGKILL end the next attempts of `<dag>.<task>` at a message to the network."""
        self.faults[task] = [Fault("killed", at)] * times

    def work(self) -> None:
        """Run tasks until nothing is left to run."""
        self.scheduler.work()

    def run(self, dag: str, **params: str | bool) -> Run:
        """Trigger a run, and work until nothing is left to run."""
        started = self.people.trigger(dag, **params)
        self.work()
        return started

    def let_questions_expire(self) -> None:
        """Let the time to answer pass for every open question."""
        past = datetime.now(UTC) - timedelta(days=1)
        waits = TaskInstance.state == TaskInstanceState.AWAITING_INPUT
        with create_session() as session:
            session.execute(update(TaskInstance).where(waits).values(trigger_timeout=past))
        with create_session() as session:
            runner = SchedulerJobRunner(Job())  # type: ignore[no-untyped-call]
            runner.check_awaiting_input_timeouts(session=session)


def people_here() -> People:
    """People who use this process's Airflow."""
    from airflow.api_fastapi.app import create_app

    api = AirflowApi(os.environ["AIRFLOW__API__BASE_URL"])
    # Starlette's type is not httpx's, although it behaves as one.
    api.http = TestClient(create_app(apps="core"), base_url=str(api.http.base_url))  # type: ignore[assignment]
    return People(api)


def airflow_in_process(logs: Path) -> Airflow:
    """Airflow without runs, whose DAGs are not paused.

    Args:
        logs: The folder of the attempts' logs.
    """
    faults: dict[str, list[Fault]] = {}
    attempts: list[TaskAttempt] = []

    def next_fault(key: str, messages: int) -> Fault | None:
        left = faults.get(key.split(" ", 1)[0])
        return left.pop() if left else None

    clock = Clock(datetime.now(UTC))
    scheduler = Scheduler(clock, logs, next_fault, attempts.append, fork=False)
    here = Airflow(people_here(), scheduler, faults, attempts)
    here.start_again()
    return here
