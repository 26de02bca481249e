"""Attempts of tasks, in this process or in a child process that has everything imported."""

import asyncio
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

import httpx
import psutil
from airflow import settings
from airflow.api_fastapi.execution_api.app import InProcessExecutionAPI
from airflow.models.taskinstance import TaskInstance
from airflow.sdk.definitions.dag import DAG, _run_task
from airflow.sdk.execution_time import supervisor

from local.airflow import DATABASE
from local.airflow_process import IMPORTED_EARLY
from tests.scheduling.fault_injection import Fault, FaultInjection


@dataclass(frozen=True)
class TaskAttempt:
    """One attempt of a task; `number` counts from 1, `log` is the file of its output."""

    dag: str
    run: str
    task: str
    number: int
    fault: Fault | None
    log: Path

    def __str__(self) -> str:
        fault = f": {self.fault}" if self.fault else ""
        return f"{self.dag}.{self.task} attempt {self.number} of {self.run}{fault}"

    def is_of(self, ti: TaskInstance) -> bool:
        """True if it is an attempt of this task."""
        return (ti.dag_id, ti.run_id, ti.task_id) == (self.dag, self.run, self.task)


class TaskAttempts:
    """The running attempts.

    Args:
        dags: The DAGs of the tasks.
        logs: The folder of the attempts' logs.
        choose_fault: Chooses an attempt's fault by `<dag>.<task> <run> <number>` and the number of
            messages of the task's last attempt.
    """

    def __init__(
        self, dags: Mapping[str, DAG], logs: Path, choose_fault: Callable[[str, int], Fault | None]
    ) -> None:
        self._dags = dags
        self._logs = logs
        self._choose_fault = choose_fault
        self._messages: dict[str, int] = {}
        self._running: dict[int, tuple[BaseProcess, TaskAttempt, Any]] = {}
        self._ended_here: list[tuple[TaskAttempt, bool]] = []
        logs.mkdir(parents=True, exist_ok=True)
        for module in IMPORTED_EARLY["scheduler"]:
            import_module(module)
        self._api_of_children = asyncio.run(_prepared_api())

    @property
    def running(self) -> list[TaskAttempt]:
        """The attempts that have not ended."""
        return [one for _, one, _ in self._running.values()]

    def start(self, ti: TaskInstance, *, fork: bool) -> None:
        """Start an attempt of a task.

        Args:
            ti: The task.
            fork: Whether it runs in a child process, beside others; a fault needs one. In this
                process it has ended when this function returns.
        """
        name = f"{ti.dag_id}.{ti.task_id}"
        fault = self._choose_fault(
            f"{name} {ti.run_id} {ti.try_number}", self._messages.get(name, 0)
        )
        # As Airflow names it, so that its API finds it.
        folder = self._logs / f"dag_id={ti.dag_id}/run_id={ti.run_id}/task_id={ti.task_id}"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"attempt={ti.try_number}.log"
        task = self._dags[ti.dag_id].task_dict[ti.task_id]
        started = TaskAttempt(ti.dag_id, ti.run_id, ti.task_id, ti.try_number, fault, log)
        if not (fork or fault):
            self._ended_here.append((started, _run(ti, task, log)))
            return
        sent = RawValue("i", 0)
        context = multiprocessing.get_context("fork")
        close_database()
        injection = FaultInjection(fault, sent)
        arguments = (ti, task, injection, log, self._api_of_children)
        process = context.Process(target=_run_in_child, args=arguments)
        process.start()
        self._running[process.sentinel] = process, started, sent

    def ended(self) -> list[tuple[TaskAttempt, bool]]:
        """Wait until some have ended; return each, and whether it ended without a kill.

        Returns:
            Nothing if none was running.
        """
        if self._ended_here or not self._running:
            ended_here, self._ended_here = self._ended_here, []
            return ended_here
        ended_now = set(wait(list(self._running)))
        # Sorted by their starts: two that ended at once have no other order.
        return [self._end(one) for one in list(self._running) if one in ended_now]

    def _end(self, sentinel: int) -> tuple[TaskAttempt, bool]:
        process, ended, sent = self._running.pop(sentinel)
        process.join()
        self._messages[f"{ended.dag}.{ended.task}"] = sent.value
        return ended, process.exitcode == 0


def close_database() -> None:
    """Close SQLite's file, so that a child opens it itself.

    A child inherits SQLite's record of its locks, but not the locks. It would believe that the file
    is locked while another process deletes the write-ahead log, and its writes would be lost:
    https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork_
    """
    assert settings.engine is not None
    settings.engine.dispose()
    still_open = [one.path for one in psutil.Process().open_files() if DATABASE in one.path]
    assert not still_open, still_open


async def _prepared_api() -> InProcessExecutionAPI:
    """An Execution API for child processes, whose routes are built: that takes seconds.

    This process's own, but without a thread, which would not exist in a child. Another test may
    have left one with a thread.
    """
    supervisor.in_process_api_server.cache_clear()
    api = InProcessExecutionAPI()
    api._app = supervisor.in_process_api_server().app
    async with (
        api.app.router.lifespan_context(api.app),
        httpx.AsyncClient(transport=api.atransport, base_url="http://in-process.invalid") as client,
    ):
        await client.get("/health")
    return api


def _run_in_child(
    ti: TaskInstance, task: Any, messages: FaultInjection, log: Path, api: InProcessExecutionAPI
) -> None:
    supervisor.in_process_api_server = lambda: api  # type: ignore[assignment]
    messages.install(task)
    sys.exit(not _run(ti, task, log))


def _run(ti: TaskInstance, task: Any, log: Path) -> bool:
    """Run an attempt in this process; whether Airflow handled its end."""
    with _output_to(log):
        try:
            _run_task(ti=ti, task=task, run_triggerer=True)
        except Exception:
            traceback.print_exc()
            return False
    return True


@contextmanager
def _output_to(file: Path) -> Iterator[None]:
    """Append this process's output to a file."""
    # pytest captures what Airflow logs in a file of its own.
    descriptors = {1, 2, sys.stdout.fileno(), sys.stderr.fileno()}
    before = {descriptor: os.dup(descriptor) for descriptor in descriptors}
    with file.open("ab") as output:
        for descriptor in descriptors:
            os.dup2(output.fileno(), descriptor)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, copy in before.items():
            os.dup2(copy, descriptor)
            os.close(copy)
