"""A failed task as a problem: from the context of a callback, or from what Airflow's API says."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from airflow.sdk import Context

from include.incidents.alert_types import alert_type_of
from include.incidents.errors import describe_error
from include.incidents.incident import TASKS, Problem
from include.incidents.severity import LastCheck, assess_task
from include.times import duration

# In the log of a task whose failure was posted by a process without the storage account.
POSTED = "Slack has this failure, and the storage account does not"
_TIMEOUT = "AirflowTaskTimeout"
_NO_ERROR = "The task ended without an error: it was killed or marked as failed."
_KILLED = "Process terminated by signal"


def failed_task(context: Context, at: datetime) -> Problem:
    """The problem of a callback's failed task, not assessed yet.

    Args:
        context: Airflow's context: `ti`, and `exception` (a text if the task was killed).
        at: The current time, in UTC.
    """
    instance, error = context["ti"], context.get("exception")
    text = str(error or _NO_ERROR)
    limit = getattr(getattr(instance, "task", None), "execution_timeout", None)
    if type(error).__name__ == _TIMEOUT and limit:
        text = f"{text}. The limit is {duration(limit)}."
    return make_problem(
        instance.dag_id,
        instance.task_id,
        instance.run_id,
        instance.try_number,
        text=text,
        error_type=type(error).__name__ if isinstance(error, BaseException) else "",
        at=at,
        log_url=str(getattr(instance, "log_url", "") or ""),
    )


def failed_task_in_log(
    instance: dict[str, Any], lines: Iterable[dict[str, Any]], url: str
) -> Problem:
    """The problem of a failed task that no callback has reported, not assessed yet.

    Args:
        instance: The task instance, as Airflow's API describes it.
        lines: Its log, a dictionary for each line, as Airflow's API returns it.
        url: The address of Airflow's UI.
    """
    text = error_type = ""
    is_posted = False
    for line in lines:
        event = str(line.get("event") or "")
        is_posted = is_posted or POSTED in event
        if details := line.get("error_detail"):
            if line.get("logger") == "task":
                error_type, text = str(details[0]["exc_type"]), str(details[0]["exc_value"])
        elif _KILLED in event:
            text, error_type = f"{event} {line.get('signal_name') or ''}", ""
    run = instance["dag_run_id"]
    problem = make_problem(
        instance["dag_id"],
        instance["task_id"],
        run,
        instance["try_number"],
        text=text or _NO_ERROR,
        error_type=error_type,
        at=datetime.fromisoformat(instance["end_date"]),
        log_url=(
            f"{url}/dags/{instance['dag_id']}/runs/{run}/tasks/{instance['task_id']}"
            f"?try_number={instance['try_number']}"
        ),
    )
    return replace(problem, is_posted=is_posted)


def make_problem(
    dag: str,
    task: str,
    run: str,
    tries: int,
    *,
    text: str,
    error_type: str,
    at: datetime,
    log_url: str,
) -> Problem:
    """The problem of a failed task, assessed without knowledge of the public file."""
    try:
        kind = alert_type_of(dag, task).name
    except KeyError:
        kind = "dags"  # A task without an alert type has to be reported too.
    facts = describe_error(text, error_type)
    # A cause in a shared service is one incident of all DAGs; any other belongs to its DAG. Of a
    # kill or a time-out nothing is known but the task.
    is_own = facts.line.startswith("The task ")
    place = "" if facts.is_shared else f"{dag}.{task}" if is_own else dag
    return Problem(
        key=f"{dag}.{task}",
        scope=TASKS,
        cause=fingerprint(place, facts.cause),
        kind=kind,
        error=facts.line,
        assessment=assess_task(dag, task, kind, None, at),
        at=at,
        details=facts.details,
        dag=dag,
        task=task,
        run=run,
        tries=tries,
        log_url=log_url,
    )


def assessed(problem: Problem, check: LastCheck | None, now: datetime) -> Problem:
    """The problem of a failed task, assessed by the last check of the public file."""
    assessment = assess_task(problem.dag, problem.task, problem.kind, check, now)
    return replace(problem, assessment=assessment)


def fingerprint(*parts: str) -> str:
    """A short text that identifies texts."""
    return sha256("\n".join(parts).lower().encode()).hexdigest()[:12]
