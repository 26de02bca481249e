"""The cluster policy of the tests with two workers: no task runs on the worker of the one before.

Copied to Airflow's `airflow_local_settings`. Without it, one worker may run all tasks of a DAG.
"""

from airflow.sdk import DAG

WORKERS = ("one", "two")


def dag_policy(dag: DAG) -> None:
    """Give each task the queue of the worker that did not run the last task before it."""
    depths: dict[str, int] = {}
    for task in dag.topological_sort():  # type: ignore[no-untyped-call]
        before = [depths[task_id] for task_id in task.upstream_task_ids]
        depth = depths[task.task_id] = max(before, default=-1) + 1
        task.queue = WORKERS[depth % len(WORKERS)]
