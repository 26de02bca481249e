"""Waits for what Airflow's scheduler does."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from local.airflow_api import AirflowApi, Run, Task
from local.refresh import PUBLISH, is_published

Found = TypeVar("Found")

DEADLINE_SECONDS = 300.0
# A short wait notices its event at once. In a long one, each poll takes some of the processor time
# that the tasks need.
POLL_SECONDS, LONG_POLL_SECONDS = 0.5, 1.0
SHORT_WAIT_SECONDS = 10.0


def wait_for_end(api: AirflowApi, run: Run, seconds: float = DEADLINE_SECONDS) -> list[Task]:
    """Wait for the end of a run; return its tasks.

    Raises:
        TimeoutError: The run does not end.
    """
    try:
        until(lambda: api.run(run).is_finished, f"{run.dag} ended", seconds)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {api.tasks(run)}") from None
    return api.tasks(run)


def assert_success(api: AirflowApi, run: Run, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for the end of a run, and assert that all its tasks succeeded."""
    tasks = wait_for_end(api, run, seconds)
    states = {task.id: task.state for task in tasks}
    failed = [task for task in tasks if task.state == "failed"]
    assert set(states.values()) == {"success"}, f"{run.dag}: {states}\n{logged(api, run, failed)}"


def wait_until_published(
    api: AirflowApi, runs: Iterable[Run], seconds: float = DEADLINE_SECONDS
) -> None:
    """Wait until what finished runs of sources have released is public, or a person is asked.

    Raises:
        TimeoutError: No publication that began after the last release ends.
    """
    tasks = [task for run in runs for task in api.tasks(run)]
    releases = [task for task in tasks if (task.id, task.state) == ("release", "success")]
    released = max((task.ended for task in releases if task.ended), default=None)
    if released is None:
        return
    until(
        lambda: is_published(api.runs_since(PUBLISH, released), released),
        f"a publication that began after {released:%H:%M:%S} has ended",
        seconds,
    )


def logged(api: AirflowApi, run: Run, tasks: list[Task]) -> str:
    """The logs of tasks in each attempt, for the message of a failed assertion."""
    return "\n".join(
        f"{task.id} {task.state}, attempt {number}: {line}"
        for task in tasks
        for number in range(1, task.try_number + 1)
        for line in api.log(run, replace(task, try_number=number))
    )


def until(find: Callable[[], Found | None], event: str, seconds: float = DEADLINE_SECONDS) -> Found:
    """Call a function until it returns something true; return that.

    Args:
        find: The function.
        event: The event to wait for, for the error.
        seconds: The longest time to wait.

    Raises:
        TimeoutError: The time is over.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        if found := find():
            return found
        time.sleep(POLL_SECONDS if waited < SHORT_WAIT_SECONDS else LONG_POLL_SECONDS)
    raise TimeoutError(f"Waited {seconds:.0f} s in vain until {event}")
