"""Airflow's cluster policy while two workers are tested: a task never follows on its own worker.

Copied to where Airflow looks for `airflow_local_settings`; left to chance, one worker may have all
tasks of a DAG.
"""

from typing import Any

from airflow.sdk import DAG

WORKERS = ("one", "two")


def dag_policy(dag: DAG) -> None:
    """Give each task the queue of the worker that did not run the last task before it."""
    places: dict[str, int] = {}
    for task in dag.topological_sort():  # type: ignore[no-untyped-call]
        before = [places[each] for each in task.upstream_task_ids]
        places[task.task_id] = max(before, default=-1) + 1
        _set_queue(task, WORKERS[places[task.task_id] % 2])


def _set_queue(task: Any, worker: str) -> None:  # noqa: ANN401  # An operator, or a mapped one.
    if task.queue not in WORKERS:
        task.queue = worker
