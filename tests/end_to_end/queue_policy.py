"""Airflow's cluster policy while two workers are tested: a task never follows on its own worker.

Copied to where Airflow looks for `airflow_local_settings`; left to chance, one worker may have all
tasks of a DAG.
"""

from airflow.sdk import DAG

WORKERS = ("one", "two")


def dag_policy(dag: DAG) -> None:
    """Give each task the queue of the worker that did not run the last task before it."""
    places: dict[str, int] = {}
    for task in dag.topological_sort():  # type: ignore[no-untyped-call]
        before = [places[each] for each in task.upstream_task_ids]
        place = places[task.task_id] = max(before, default=-1) + 1
        task.queue = WORKERS[place % len(WORKERS)]
