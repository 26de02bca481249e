"""Problems that Airflow's API shows: failed tasks, and DAGs that do not parse, hang, pause or stop.

Airflow calls no callback for a task whose process is killed, and none when somebody marks a task
(apache/airflow#60858, #22970): so the watch compares the failed task instances with the incidents.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from include.airflow_api import AirflowClient
from include.incidents.failed_task import assessed, failed_task_in_log
from include.incidents.incident import DAGS, Incident, Problem
from include.incidents.severity import Assessment, Impact, LastCheck
from include.times import california_time, duration

# Tasks that failed longer ago are reported no more, unless their incident is open.
FAILED_SINCE = timedelta(days=3)
# A chain has at most one task with the longest time limit, 40 minutes.
LONGEST_RUN = timedelta(hours=2)
# An hourly DAG has then missed three runs.
LONGEST_PAUSE = timedelta(hours=3)
# Runs of these DAGs wait for a person.
_WAIT_FOR_PEOPLE = ("approve_change", "restore_metrics")
_PAGE = 100

TaskInstance = dict[str, Any]


@dataclass(frozen=True)
class FailedTasks:
    """The failed tasks, as the watch sees them.

    Attributes:
        new: Those that no incident knows.
        present: The keys of those that have not succeeded since.
        ended_by: Why a failure is over, by its key.
    """

    new: tuple[Problem, ...] = ()
    present: frozenset[str] = frozenset()
    ended_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def dags(self) -> frozenset[str]:
        """The DAGs with a failed task."""
        return frozenset(key.partition(".")[0] for key in self.present)


def find_failed_tasks(
    api: AirflowClient,
    incidents: Sequence[Incident],
    check: LastCheck | None,
    url: str,
    now: datetime,
) -> FailedTasks:
    """Find the tasks that have failed in their last try and not succeeded since.

    A task of a paused DAG does not count, nor one that the DAG does not have any more, nor a
    `verify` since which the public file was found right.

    Args:
        api: Airflow's API.
        incidents: The open incidents, and those that were closed lately.
        check: The last check of the public file.
        url: The address of Airflow's UI.
        now: The current time, in UTC.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses a request.
    """
    paused = {dag["dag_id"] for dag in _dags(api) if dag["is_paused"]}
    failed = {_key(one): one for one in reversed(list(_failed_since(api, now - FAILED_SINCE)))}
    known = {one.key: one for each in incidents for one in each.problems if one.is_task}
    ended_by: dict[str, str] = {}
    for key, problem in known.items():
        if key not in failed:
            instance = _instance(api, problem)
            if instance and instance["state"] == "failed":
                failed[key] = instance
            else:
                ended_by[key] = f"{key} is green" if instance else f"{key} no longer exists"
    new, present = [], set()
    for key, instance in failed.items():
        if ended := _why_over(api, instance, check, paused):
            ended_by[key] = ended
            continue
        present.add(key)
        attempt = (key, instance["dag_run_id"], instance["try_number"])
        if not any(incident.knows(attempt) for incident in incidents):
            problem = failed_task_in_log(instance, _log_of(api, instance), url)
            new.append(assessed(problem, check, now))
    return FailedTasks(tuple(new), frozenset(present), ended_by)


def find_dag_problems(
    api: AirflowClient, hourly: Collection[str], failing: Collection[str], now: datetime
) -> list[Problem]:
    """Find DAGs that do not parse, hang, are paused, or do not complete.

    Args:
        api: Airflow's API.
        hourly: The DAGs that have to complete a run every hour.
        failing: The DAGs with a failed task, whose incident says why they do not complete.
        now: The current time, in UTC.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses a request.
    """
    dags = {dag["dag_id"]: dag for dag in _dags(api)}
    return [
        *_broken(api, now),
        *_hanging(api, now),
        *_paused(dags, hourly, now),
        *_overdue(api, [dag for dag in hourly if dag not in failing], dags, now),
    ]


def _broken(api: AirflowClient, now: datetime) -> Iterator[Problem]:
    for error in api.get("/importErrors")["import_errors"]:
        file = error["filename"].rsplit("/", 1)[-1]
        yield _problem(
            f"{file} does not parse", f"{file} does not parse: its DAG does not run.", now
        )


def _hanging(api: AirflowClient, now: datetime) -> Iterator[Problem]:
    for run in api.get("/dags/~/dagRuns", state="running", limit=_PAGE)["dag_runs"]:
        if run["dag_id"] in _WAIT_FOR_PEOPLE or run["start_date"] is None:
            continue
        dag, started_at = run["dag_id"], datetime.fromisoformat(run["start_date"])
        if now - started_at > LONGEST_RUN:
            text = (
                f"{dag} hangs: its run of {california_time(started_at)} takes more than"
                f" {duration(LONGEST_RUN)}."
            )
            yield _problem(f"{dag} hangs", text, now, dag)


def _paused(
    dags: Mapping[str, Mapping[str, Any]], sources: Collection[str], now: datetime
) -> Iterator[Problem]:
    for dag, described in dags.items():
        if described["is_paused"]:
            # A source is switched off by pausing its DAG.
            is_source = dag in sources
            sees = "its last good values stay public" if is_source else "it does not run"
            text = f"{dag} is paused: {sees}."
            yield _problem(f"{dag} is paused", text, now, dag, is_deliberate=is_source)


def _overdue(
    api: AirflowClient, hourly: Sequence[str], dags: Mapping[str, Mapping[str, Any]], now: datetime
) -> Iterator[Problem]:
    for dag in hourly:
        if dag not in dags:
            yield _problem(f"{dag} is missing", f"Airflow has no DAG {dag}.", now, dag)
            continue
        if dags[dag]["is_paused"]:
            continue
        runs = api.get(f"/dags/{dag}/dagRuns", state="success", order_by="-end_date", limit=1)
        for run in runs["dag_runs"]:
            ended_at = datetime.fromisoformat(run["end_date"]) if run["end_date"] else now
            if now - ended_at > LONGEST_PAUSE:
                text = f"{dag} has not completed a run since {california_time(ended_at)}."
                yield _problem(f"{dag} is overdue", text, now, dag)


def _problem(
    key: str, text: str, now: datetime, dag: str = "", *, is_deliberate: bool = False
) -> Problem:
    why = "The public file is not affected by this; it gets no newer values from there."
    return Problem(
        key=f"{DAGS}: {key}",
        scope=DAGS,
        cause=f"{DAGS}: {key}",
        kind="dags",
        error=text,
        assessment=Assessment(Impact.NONE, why, "The last good values."),
        at=now,
        dag=dag,
        is_deliberate=is_deliberate,
    )


def _dags(api: AirflowClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/dags", limit=_PAGE)["dags"]
    return found


def _failed_since(api: AirflowClient, since: datetime) -> Iterator[TaskInstance]:
    """The task instances that have failed since a time, newest first."""
    offset, total = 0, 1
    while offset < total:
        page = api.get(
            "/dags/~/dagRuns/~/taskInstances",
            state="failed",
            end_date_gte=since.isoformat(),
            order_by="-end_date",
            limit=_PAGE,
            offset=offset,
        )
        yield from page["task_instances"]
        offset, total = offset + _PAGE, page["total_entries"]


def _instance(api: AirflowClient, problem: Problem) -> TaskInstance | None:
    """A task instance; `None` if its run does not exist any more."""
    path = f"/dags/{problem.dag}/dagRuns/{problem.run}/taskInstances/{problem.task}"
    return _get(api, path)


def _why_over(
    api: AirflowClient, instance: TaskInstance, check: LastCheck | None, paused: Collection[str]
) -> str:
    """Why a failure is over; empty if it is not."""
    dag, task, key = instance["dag_id"], instance["task_id"], _key(instance)
    if dag in paused:
        return f"{dag} is paused"
    failed_at = datetime.fromisoformat(instance["end_date"])
    if task == "verify" and check and check.at > failed_at and not check.wrong:
        return "the public address serves the right file"
    if _get(api, f"/dags/{dag}/tasks/{task}") is None:
        return f"{key} no longer exists"
    later = api.get(
        f"/dags/{dag}/dagRuns/~/taskInstances",
        task_id=task,
        state=["success", "skipped"],
        end_date_gte=instance["end_date"],
        limit=1,
    )
    return f"{key} is green" if later["task_instances"] else ""


def _log_of(api: AirflowClient, instance: TaskInstance) -> list[dict[str, Any]]:
    """The lines of a failed attempt's log; none if Airflow has no log of it."""
    path = (
        f"/dags/{instance['dag_id']}/dagRuns/{instance['dag_run_id']}/taskInstances"
        f"/{instance['task_id']}/logs/{instance['try_number']}"
    )
    found = _get(api, path, full_content="true")
    lines = found["content"] if found else []
    return [line for line in lines if isinstance(line, dict)]


def _get(api: AirflowClient, path: str, **query: str) -> dict[str, Any] | None:
    """A resource; `None` if it does not exist."""
    try:
        return api.get(path, **query)
    except httpx.HTTPStatusError as error:
        if error.response.status_code == httpx.codes.NOT_FOUND:
            return None
        raise


def _key(instance: TaskInstance) -> str:
    return f"{instance['dag_id']}.{instance['task_id']}"
