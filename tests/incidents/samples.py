"""Sample failures and incidents."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from include.incidents.failure import Failure, describe_failure
from include.incidents.incident import Incident, new_incident
from include.incidents.severity import LOW, Assessment

# 2 p.m. on a Tuesday, in California.
TUESDAY = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
# 3 a.m. on Thanksgiving, in California.
HOLIDAY_NIGHT = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
RUN = "scheduled__2026-11-24T21:27:00+00:00"
LOG = "http://airflow.example/dags/usace/runs/1/tasks/load?try_number=3"

LOW_SEVERITY = Assessment(
    LOW, "The last good version is served.", "The last good values.", ("a", "b")
)


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


def failure(error: object = "expected 12000 rows, found 11000", **changes: Any) -> Failure:
    """A failure, as a callback describes it."""
    at = changes.pop("at", TUESDAY)
    return describe_failure(context(error, **changes), at)


def incident(error: object = "expected 12000 rows, found 11000", **changes: Any) -> Incident:
    """An incident that a failure opened."""
    return new_incident(failure(error, **changes), LOW_SEVERITY)
