"""Problems that Airflow's API shows: failed tasks that no incident knows, and the DAGs' own.

Airflow calls no callback for a task whose process is killed, and none when somebody marks a task
(apache/airflow#60858, #22970): so the watch compares the failed task instances with the incidents.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import httpx

from include.airflow_api import AirflowClient
from include.incidents.decide import Observation
from include.incidents.failed_task import assessed, failed_task_in_log
from include.incidents.incident import DAGS, TASKS, Problem
from include.incidents.incident_file import State
from include.incidents.severity import CHECK_IS_OLD, LastCheck
from include.pipeline.dag_problems import Dags, find_dag_problems, read_dags

# Tasks that failed longer ago are reported no more, unless their incident is open.
FAILED_SINCE = timedelta(days=3)
# A callback takes ten seconds, and a process some more to end.
CALLBACK_TIME = timedelta(minutes=1)
# The error is at the end of a log, before the lines of the callback.
LOG_BYTES = 1_000_000
_GREEN = ("success", "skipped")

log = logging.getLogger(__name__)

TaskInstance = dict[str, Any]


def observe_airflow(
    api: AirflowClient,
    hourly: Collection[str],
    known: State,
    url: str,
    now: datetime,
    *,
    daily: Collection[str] = (),
) -> Observation:
    """Find the failed tasks that no incident knows, and the DAGs that do not run as they have to.

    A failed attempt counts until a later one of its task is green, in any run of its DAG; also
    until somebody marks it, deletes its run, removes the task or pauses the DAG. A failed `verify`
    counts until the watch finds the public file right.

    Args:
        api: Airflow's API.
        hourly: The DAGs that have to complete a run every hour.
        known: The incidents, and the last check of the public file.
        url: The address of Airflow's UI.
        now: The current time, in UTC.
        daily: The DAGs that have to complete a run every day.

    Returns:
        The new failures and the DAGs' problems; the keys of the failures that last; why others are
        over.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses a request.
    """
    dags = read_dags(api)
    new: list[Problem] = []
    present: set[str] = set()
    ended_by: dict[str, str] = {}
    failed, problems = _newest_failures(api, now), _known_failures(known)
    for key in {**failed, **problems}:
        problem = problems.get(key)
        instance = _last_failure(api, failed.get(key), problem)
        if instance is None:
            ended_by[key] = f"{key} no longer exists"
        elif why := _why_over(api, instance, problem, dags, known.last_check):
            ended_by[key] = why
        else:
            present.add(key)
            is_last = problem is None or _is_newer(instance, problem)
            if instance["state"] == "failed" and is_last and not _is_known(instance, known):
                reported = failed_task_in_log(instance, _log_of(api, instance), url)
                new.append(assessed(reported, known.last_check, now))
    failing = {key.partition(".")[0] for key in present}
    return Observation(
        # A callback that runs now has a failure that Airflow does not show yet.
        at=now - CALLBACK_TIME,
        problems=(*find_dag_problems(api, dags, hourly, failing, now, daily=daily), *new),
        checked=frozenset({TASKS, DAGS}),
        present=frozenset(present),
        ended_by=ended_by,
    )


def _newest_failures(api: AirflowClient, now: datetime) -> dict[str, TaskInstance]:
    """The task instance of each task that failed last, by the task's key."""
    since = (now - FAILED_SINCE).isoformat()
    path = "/dags/~/dagRuns/~/taskInstances"
    instances = api.get_all(path, "task_instances", state="failed", end_date_gte=since)
    return {_key(one): one for one in sorted(map(_dated, instances), key=_ended_at)}


def _known_failures(known: State) -> dict[str, Problem]:
    """The last failure of each task that an open incident has, by the task's key."""
    problems = [one for incident in known.open for one in incident.problems if one.is_task]
    return {one.key: one for one in sorted(problems, key=lambda one: one.at)}


def _last_failure(
    api: AirflowClient, failed: TaskInstance | None, problem: Problem | None
) -> TaskInstance | None:
    """The task instance that failed last, as it is now; `None` if it does not exist any more.

    Args:
        api: Airflow's API.
        failed: The newest of the task's instances that are failed now.
        problem: The last failure that an incident has; it may have been cleared or marked since.
    """
    if problem is None:
        return failed
    if failed and (_attempt(failed) == problem.attempt or _is_newer(failed, problem)):
        return failed
    path = f"/dags/{problem.dag}/dagRuns/{problem.run}/taskInstances/{problem.task}"
    found = api.find(path)
    return failed if found is None or found["state"] == "removed" else _dated(found)


def _is_newer(instance: TaskInstance, problem: Problem) -> bool:
    if instance["dag_run_id"] == problem.run:
        return bool(instance["try_number"] > problem.tries)
    return _ended_at(instance) > problem.at


def _is_known(instance: TaskInstance, known: State) -> bool:
    """True if an incident has this failed attempt, also one that was closed lately."""
    return any(incident.knows(_attempt(instance)) for incident in known.incidents)


def _why_over(
    api: AirflowClient,
    instance: TaskInstance,
    problem: Problem | None,
    dags: Dags,
    check: LastCheck | None,
) -> str:
    """Why a failure is over; empty if it is not."""
    dag, task, key = instance["dag_id"], instance["task_id"], _key(instance)
    if dag not in dags.present:
        return f"{key} no longer exists"
    # A source that is switched off is not fresh, and need not be.
    source = task if dag == "check_freshness" else dag
    if dag in dags.paused or source in dags.paused:
        return f"{source if source in dags.paused else dag} is paused"
    was_cleared = instance["state"] != "failed"
    # The end of its last attempt is gone then.
    failed_at = problem.at if problem and was_cleared else _ended_at(instance)
    if task == "verify" and check and _is_checked(check, failed_at, is_reported=bool(problem)):
        return "the public address serves the right file"
    if instance["state"] in _GREEN or _is_green_since(api, dag, task, failed_at):
        return f"{key} is green"
    if api.find(f"/dags/{dag}/tasks/{task}") is None:
        return f"{key} no longer exists"
    return ""


def _is_checked(check: LastCheck, failed_at: datetime, *, is_reported: bool) -> bool:
    """True if the watch has found the public file right since a failed verification.

    One that no open incident has is not reported when the file becomes wrong much later.
    """
    is_old = not is_reported and check.at - failed_at > CHECK_IS_OLD
    return check.at > failed_at and (not check.wrong or is_old)


def _is_green_since(api: AirflowClient, dag: str, task: str, since: datetime) -> bool:
    later = api.get(
        f"/dags/{dag}/dagRuns/~/taskInstances",
        task_id=task,
        state=list(_GREEN),
        end_date_gte=since.isoformat(),
        limit=1,
    )
    return bool(later["task_instances"])


def _log_of(api: AirflowClient, instance: TaskInstance) -> list[dict[str, Any]]:
    """The last lines of a failed attempt's log; none if Airflow cannot read it."""
    path = (
        f"/dags/{instance['dag_id']}/dagRuns/{instance['dag_run_id']}/taskInstances"
        f"/{instance['task_id']}/logs/{instance['try_number']}"
    )
    try:
        return api.last_lines(path, LOG_BYTES)
    except httpx.HTTPError as error:
        log.warning("Airflow did not return the log of %s: %s", _key(instance), error)
        return []


def _dated(instance: TaskInstance) -> TaskInstance:
    """The instance with an end: a task that fails before it starts may have none."""
    return {**instance, "end_date": instance["end_date"] or instance["run_after"]}


def _key(instance: TaskInstance) -> str:
    return f"{instance['dag_id']}.{instance['task_id']}"


def _attempt(instance: TaskInstance) -> tuple[str, str, int]:
    return _key(instance), instance["dag_run_id"], instance["try_number"]


def _ended_at(instance: TaskInstance) -> datetime:
    return datetime.fromisoformat(instance["end_date"])
