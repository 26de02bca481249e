"""The last lines of a failed task's log: the cause, what the public sees, what to do, the runbook.

Airflow shows a failed attempt's log from its end, where the callbacks write; the traceback and the
lines of the callbacks come before. Airflow calls them inside its group *Post Execute*, which it
shows collapsed (`task_runner.py` opens the group, `TaskLogContent` reads the marks), so the group
is closed first. A process that is killed calls no callback, and has no such lines.
"""

import logging
from datetime import datetime

from airflow.sdk import Context

from include.incidents import settings
from include.incidents.alert_types import page_url
from include.incidents.failed_task import failed_task
from include.incidents.incident import Problem, new_incident
from include.incidents.summary import headline, remedy, runbook_page
from include.incidents.text import mask_secrets, run_name
from include.times import utc_now

# Airflow's mark of the end of a group of lines.
END_OF_GROUP = "::endgroup::"

log = logging.getLogger(__name__)


def failure_lines(problem: Problem, repository: str, now: datetime) -> tuple[str, ...]:
    """The last lines about a task whose attempts are used up.

    Args:
        problem: The failed task.
        repository: `owner/name` of the repository with the runbooks; empty without one.
        now: The current time, in UTC.
    """
    incident = new_incident(problem, now)
    where = f"{problem.task} in {run_name(problem.run)}, attempt {problem.tries}"
    lines = (
        f"What failed: {headline(incident)} ({where}): {problem.error}",
        *(f"  {line}" for line in problem.details),
        f"What the public sees: {problem.assessment.public_sees}",
        f"What to do: {remedy(incident)}",
        f"Runbook: {_runbook(runbook_page(incident), repository)}",
    )
    return tuple(map(mask_secrets, lines))


def retry_lines(problem: Problem, repository: str) -> tuple[str, ...]:
    """The last lines about an attempt that Airflow repeats.

    Args:
        problem: The failed attempt.
        repository: `owner/name` of the repository with the runbooks; empty without one.
    """
    lines = (
        f"What failed: attempt {problem.tries} of {problem.key}: {problem.error}",
        "What the public sees: the same as before this attempt.",
        "What to do: nothing yet. Airflow tries again, and reports it if every try fails.",
        f"Runbook: {_runbook(runbook_page(new_incident(problem, problem.at)), repository)}",
    )
    return tuple(map(mask_secrets, lines))


def end_log(lines: tuple[str, ...]) -> None:
    """Write the last lines, below the group of lines that Airflow has opened."""
    log.info(END_OF_GROUP)
    for line in lines:
        log.error(line)


def explain_retry(context: Context) -> None:
    """End the log of an attempt that Airflow repeats; never raises.

    It is the `on_retry_callback` of every task, and reports nothing: the next attempt may succeed.
    """
    try:
        now = utc_now()
        end_log(retry_lines(failed_task(context, now), settings.repository()))
    except Exception:
        log.exception("The last lines of this log could not be made")


def _runbook(page: str, repository: str) -> str:
    """The page's address; without a repository, its path."""
    return page_url(repository, page) or page
