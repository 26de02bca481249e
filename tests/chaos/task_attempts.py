"""Tries of tasks, each in a child process that has everything imported."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Mapping
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
from airflow.models.taskinstance import TaskInstance
from airflow.sdk.definitions.dag import DAG, _run_task
from airflow.sdk.execution_time.supervisor import in_process_api_server

from local.airflow import DATABASE
from local.airflow_process import IMPORTED_EARLY
from tests.chaos.fault_injection import Messages, Mishap


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

    def is_of(self, ti: TaskInstance) -> bool:
        """Whether it is a try of this task."""
        return (ti.dag_id, ti.run_id, ti.task_id) == (self.dag, self.run, self.task)


class Tries:
    """The tries that run now.

    Args:
        dags: The DAGs whose tasks are tried.
        logs: The folder of the tries' logs.
        mishap: What befalls a try, by `<dag>.<task> <run> <number>` and the messages it will send.
    """

    def __init__(
        self, dags: Mapping[str, DAG], logs: Path, mishap: Callable[[str, int], Mishap | None]
    ) -> None:
        self._dags = dags
        self._logs = logs
        self._mishap = mishap
        self._messages: dict[str, int] = {}
        self._running: dict[int, tuple[BaseProcess, Try, Any]] = {}
        logs.mkdir(parents=True, exist_ok=True)
        for module in IMPORTED_EARLY["scheduler"]:
            import_module(module)
        asyncio.run(_prepare_the_api())

    @property
    def running(self) -> list[Try]:
        """Those that have not ended."""
        return [one for _, one, _ in self._running.values()]

    def start(self, ti: TaskInstance) -> None:
        """Try a task."""
        name = f"{ti.dag_id}.{ti.task_id}"
        mishap = self._mishap(f"{name} {ti.run_id} {ti.try_number}", self._messages.get(name, 0))
        log = self._logs / f"{name} {ti.run_id} {ti.try_number}.log".replace(":", "-")
        sent = RawValue("i", 0)
        task = self._dags[ti.dag_id].task_dict[ti.task_id]
        context = multiprocessing.get_context("fork")
        _let_go_of_the_database()
        process = context.Process(target=_run, args=(ti, task, Messages(mishap, sent), log))
        process.start()
        started = Try(ti.dag_id, ti.run_id, ti.task_id, ti.try_number, mishap, log)
        self._running[process.sentinel] = process, started, sent

    def ended(self) -> list[tuple[Try, bool]]:
        """Wait until some have ended: each of them, and whether it ended by itself."""
        ended_now = set(wait(list(self._running)))
        # In the order in which they began: two that ended at once have no other.
        return [self._end(one) for one in list(self._running) if one in ended_now]

    def _end(self, sentinel: int) -> tuple[Try, bool]:
        process, ended, sent = self._running.pop(sentinel)
        process.join()
        self._messages[f"{ended.dag}.{ended.task}"] = sent.value
        return ended, process.exitcode == 0


def _let_go_of_the_database() -> None:
    """Have a child open SQLite's file itself.

    Locks are not inherited, but what SQLite remembers of them is: a child of a process that has the
    file open believes it locked, another one deletes the write-ahead log, and what the child writes
    is lost. https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork_
    """
    assert settings.engine is not None
    settings.engine.dispose()
    still_open = [one.path for one in psutil.Process().open_files() if DATABASE in one.path]
    assert not still_open, still_open


async def _prepare_the_api() -> None:
    """Have the Execution API make its routes now: it takes seconds, once instead of in each child.

    Without a thread of its own, which would not live on in a child: another test may have left one.
    """
    in_process_api_server.cache_clear()
    api = in_process_api_server()
    async with (
        api.app.router.lifespan_context(api.app),
        httpx.AsyncClient(transport=api.atransport, base_url="http://in-process.invalid") as client,
    ):
        await client.get("/health")


def _run(ti: TaskInstance, task: Any, messages: Messages, log: Path) -> None:
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    messages.install(task)
    _run_task(ti=ti, task=task, run_triggerer=True)
