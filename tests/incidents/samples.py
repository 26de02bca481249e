"""Failures and incidents to try things with."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from include.incidents.failure import Failure, describe
from include.incidents.incident import Incident, opened
from include.incidents.severity import LOW, Judgement

# 2 p.m. on a Tuesday in California.
TUESDAY = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
# 3 a.m. on Thanksgiving.
HOLIDAY_NIGHT = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
RUN = "scheduled__2026-11-24T21:27:00+00:00"
LOG = "http://airflow.example/dags/usace/runs/1/tasks/load?try_number=3"

IN_ORDER = Judgement(LOW, "The last good version is served.", "Right values.", ("a", "b"))


def context(
    error: object = None, *, dag: str = "usace", task: str = "load", run: str = RUN, **own: object
) -> Any:
    """What Airflow hands to a callback."""
    instance = SimpleNamespace(
        dag_id=dag,
        task_id=task,
        run_id=run,
        try_number=3,
        log_url=LOG,
        task=SimpleNamespace(**own),
    )
    return {"ti": instance, "exception": error}


def failure(error: object = "expected 12000 rows, found 11000", **changes: Any) -> Failure:
    """A failure as the callback describes it."""
    at = changes.pop("at", TUESDAY)
    return describe(context(error, **changes), at)


def incident(error: object = "expected 12000 rows, found 11000", **changes: Any) -> Incident:
    """An incident that a failure has opened."""
    return opened(failure(error, **changes), IN_ORDER)
