"""A failed task as a problem: from the context of a callback, or from what Airflow's API says."""

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from airflow.sdk import Context

from include import connections
from include.incidents.alert_types import alert_type_of
from include.incidents.errors import describe_error
from include.incidents.incident import TASKS, Problem
from include.incidents.severity import LastCheck, assess_task
from include.incidents.text import one_line
from include.times import california_time, duration

LONGEST_DETAIL = 200
FIVETRAN_TASKS = ("sync", "wait_for_sync")
# In the log of a task whose failure was posted by a process without the storage account.
POSTED = "Slack has this failure, and the storage account does not"
_TIMEOUT = "AirflowTaskTimeout"
_KILLED = "Process terminated by signal"
# A connector's id as the task has it before Airflow renders it.
_IN_VARIABLE = re.compile(r"\{\{ *var\.value\.(\w+)")

log = logging.getLogger(__name__)


def failed_task(context: Context, at: datetime, details: tuple[str, ...] = ()) -> Problem:
    """The problem of a callback's failed task, not assessed yet.

    Args:
        context: Airflow's context: `ti`, and `exception` (a text if the task was killed).
        at: The current time, in UTC.
        details: More lines about the failure.
    """
    instance, error = context["ti"], context.get("exception")
    text = str(error or "The task ended without an error: it was killed or marked as failed.")
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
        details=details,
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
        text=text or "The task ended without an error: it was killed or marked as failed.",
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
    details: tuple[str, ...] = (),
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
        details=(*facts.details, *details),
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


def _when(moment: object) -> str:
    try:
        return california_time(datetime.fromisoformat(str(moment)))
    except ValueError:
        return "never"


def fivetran_details(context: Context) -> tuple[str, ...]:
    """The state that Fivetran reports for the connector of a failed sync; empty for other tasks.

    If the Variable with the connector's id is missing, the line says to set it.
    """
    connector_id = str(getattr(getattr(context["ti"], "task", None), "connector_id", "") or "")
    if context["ti"].task_id not in FIVETRAN_TASKS or not connector_id:
        return ()
    if variable := _IN_VARIABLE.search(connector_id):
        # The template was not rendered: there is no id to request.
        is_missing = f"Variable {variable[1]} not found" in str(context.get("exception"))
        return (f"set the Airflow Variable {variable[1]} to the connector's id",) * is_missing
    try:
        from fivetran_provider_async.hooks import FivetranHook

        hook = FivetranHook(connections.FIVETRAN, retry_limit=1, timeout_seconds=2)
        connector = hook.get_connector(connector_id)
    except Exception as error:
        log.warning("Fivetran did not return the connector %s: %s", connector_id, error)
        return (one_line(f"connector {connector_id}: Fivetran does not answer", LONGEST_DETAIL),)
    status = connector.get("status") or {}
    name = f"connector {connector_id} ({connector.get('service')}, {connector.get('schema')})"
    state = f"setup {status.get('setup_state')}, sync {status.get('sync_state')}"
    last_failure = f"last failed {_when(connector.get('failed_at'))}"
    reasons = [*(status.get("tasks") or []), *(status.get("warnings") or [])]
    lines = (
        f"{name}: {state}, {last_failure}",
        *(f"Fivetran: {reason.get('message') or reason.get('code')}" for reason in reasons),
    )
    return tuple(one_line(line, LONGEST_DETAIL) for line in lines)
