"""What a person does in the Airflow UI, done through the API that the UI itself calls."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from local.airflow_api import AirflowApi, Question, Run, Task

Found = TypeVar("Found")

DEADLINE_SECONDS = 120.0
POLL_SECONDS = 0.5


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
    api.send("POST", f"/dags/{run.dag}/clearTaskInstances", asked)


def ended(api: AirflowApi, run: Run, seconds: float = DEADLINE_SECONDS) -> list[Task]:
    """The tasks of a run when it has ended.

    Raises:
        TimeoutError: it does not end.
    """
    try:
        until(lambda: api.run(run).is_finished, f"{run.dag} ended", seconds)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {api.tasks(run)}") from None
    return api.tasks(run)


def goes_well(api: AirflowApi, run: Run, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for the end of a run, all of whose tasks have to succeed."""
    tasks = ended(api, run, seconds)
    states = {task.id: task.state for task in tasks}
    failed = [task for task in tasks if task.state == "failed"]
    assert set(states.values()) == {"success"}, f"{run.dag}: {states}\n{logged(api, run, failed)}"


def logged(api: AirflowApi, run: Run, tasks: list[Task]) -> str:
    """What these tasks of a run logged in each try: for a failed assertion's message."""
    return "\n".join(
        f"{task.id} {task.state}, try {number}: {line}"
        for task in tasks
        for number in range(1, task.try_number + 1)
        for line in api.log(run, replace(task, try_number=number))
    )


def waiting(api: AirflowApi) -> list[Question]:
    """What waits for a person's answer."""
    return api.open_questions()


def answer(api: AirflowApi, question: Question, option: str, reason: str) -> None:
    """Answer a question, as the form under *Required actions* does."""
    run = question.run
    path = f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances/{question.task}/-1/hitlDetails"
    given = {"chosen_options": [option], "params_input": {"reason": reason}}
    api.send("PATCH", path, given)


def until(found: Callable[[], Found], what: str, seconds: float = DEADLINE_SECONDS) -> Found:
    """What a function finds, as soon as it finds something.

    Raises:
        TimeoutError: it finds nothing.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"Waited {seconds:.0f} s in vain until {what}")
