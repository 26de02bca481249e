"""What a person does in the Airflow UI, done through the API that the UI itself calls."""

import time

from local.airflow_api import AirflowApi, Run, Task

DEADLINE_SECONDS = 120.0
POLL_SECONDS = 0.25


def clear(api: AirflowApi, run: Run, task: str) -> None:
    """*Clear task*, downstream included."""
    asked = {
        "dry_run": False,
        "dag_run_id": run.id,
        "task_ids": [task],
        "include_downstream": True,
        "only_failed": False,
        "reset_dag_runs": True,
    }
    api.post(f"/dags/{run.dag}/clearTaskInstances", asked)


def ended(api: AirflowApi, run: Run) -> list[Task]:
    """The tasks of a run when it has ended.

    Raises:
        TimeoutError: it does not end.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if api.run(run).is_finished:
            return api.tasks(run)
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"{run.dag} did not end within {DEADLINE_SECONDS:.0f} s")
