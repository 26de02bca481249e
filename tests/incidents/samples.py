"""Sample failures and incidents."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from include.incidents.failed_task import failed_task
from include.incidents.incident import Incident, Problem, new_incident

# 2 p.m. on a Tuesday, in California.
TUESDAY = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
# 3 a.m. on Thanksgiving, in California.
HOLIDAY_NIGHT = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
RUN = "scheduled__2026-11-24T21:27:00+00:00"
LOG = "http://airflow.example/dags/usace/runs/1/tasks/load?try_number=3"
TOO_FEW = "expected 12000 rows, found 11000"


def context(
    error: object = None,
    *,
    dag: str = "usace",
    task: str = "load",
    run: str = RUN,
    **attributes: object,
) -> Any:
    """The context that Airflow hands to a callback."""
    instance = SimpleNamespace(
        dag_id=dag,
        task_id=task,
        run_id=run,
        try_number=3,
        log_url=LOG,
        task=SimpleNamespace(**attributes),
    )
    return {"ti": instance, "exception": error}


def failure(error: object = TOO_FEW, **changes: Any) -> Problem:
    """The problem of a failed task, as a callback describes it."""
    at = changes.pop("at", TUESDAY)
    return failed_task(context(error, **changes), at)


def incident(error: object = TOO_FEW, **changes: Any) -> Incident:
    """An incident that a failed task opened."""
    problem = failure(error, **changes)
    return new_incident(problem, problem.at)
