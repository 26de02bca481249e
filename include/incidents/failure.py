"""What failed, read from what Airflow hands to a callback."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from include import connections
from include.incidents.alert_types import Kind, kind_of
from include.incidents.text import one_line
from include.loaders.errors import LoadError

LONGEST_ERROR = 400
# What a dbt task says of each model or test that failed, after Cosmos's first words.
_DBT = "dbt invocation completed with errors: "
_DBT_TEST = re.compile(
    r"^(?P<test>[\w.]+): Got (?P<rows>\d+) results?, configured to fail if", re.M
)
_VARYING = re.compile(r"https?://\S+|\b[0-9a-f]{8,}\b|\d+")


@dataclass(frozen=True)
class Failure:
    """A task that has failed for good: its retries are used up.

    Attributes:
        error: What was raised, in one line.
        details: More lines: the failed dbt tests with their rows, what Fivetran says.
        cause: A fingerprint that is the same for the same cause, in other tasks and other runs.
        log_url: The task's log in the Airflow UI.
    """

    dag: str
    task: str
    run: str
    tries: int
    kind: Kind
    error: str
    details: tuple[str, ...]
    cause: str
    log_url: str
    at: datetime

    @property
    def run_url(self) -> str:
        """The run in the Airflow UI."""
        return self.log_url.split("/tasks/")[0]


def describe(context: Any, at: datetime, details: tuple[str, ...] = ()) -> Failure:
    """The failure that a task's failure callback was called for.

    Args:
        context: Airflow's context: `ti`, and `exception` (a text where the task was killed).
        at: The time of day, in UTC.
        details: What else is known of it.
    """
    instance, error = context["ti"], context.get("exception")
    kind = kind_of(instance.dag_id, instance.task_id)
    text = str(error or "The task ended without an error of its own: it was killed or timed out.")
    tests = failed_tests(text)
    return Failure(
        dag=instance.dag_id,
        task=instance.task_id,
        run=instance.run_id,
        tries=instance.try_number,
        kind=kind,
        error=one_line(text.removeprefix(_DBT), LONGEST_ERROR),
        details=tuple(
            f"{name}: {rows} row{'' if rows == 1 else 's'}" for name, rows in tests.items()
        )
        + details,
        cause=f"{kind.name}-{_fingerprint(_cause_of(error, text, tests))}",
        log_url=str(getattr(instance, "log_url", "") or ""),
        at=at,
    )


def failed_tests(text: str) -> dict[str, int]:
    """The dbt tests that an error names, with how many rows failed each."""
    found = _DBT_TEST.finditer(text.replace(_DBT, "", 1))
    return {match["test"]: int(match["rows"]) for match in found}


def _cause_of(error: object, text: str, tests: dict[str, int]) -> str:
    """What tells causes apart: not where it was met, nor how many rows it were this time."""
    for each in _chain(error):
        if isinstance(each, LoadError):
            return f"{type(each).__name__} {each.reason} {each.said}"
    if tests:
        return " ".join(sorted(tests))
    # Models that failed for one reason name themselves first.
    return re.sub(r"^\w+: ", "", text.removeprefix(_DBT))


def _chain(error: object) -> Iterator[BaseException]:
    while isinstance(error, BaseException):
        yield error
        error = error.__cause__


def _fingerprint(cause: str) -> str:
    return sha256(_VARYING.sub("#", cause.lower())[:1_000].encode()).hexdigest()[:12]


LONGEST = 200
log = logging.getLogger(__name__)


def sync_details(context: Any) -> tuple[str, ...]:
    """What Fivetran says of the connector of a failed task; nothing where it does not answer."""
    connector_id = str(getattr(getattr(context["ti"], "task", None), "connector_id", "") or "")
    if not connector_id:
        return ()
    try:
        from fivetran_provider_async.hooks import FivetranHook

        hook = FivetranHook(connections.FIVETRAN, retry_limit=1, timeout_seconds=10)
        found = hook.get_connector(connector_id)
    except Exception as error:
        log.warning("Fivetran does not say why the sync failed: %s", error)
        return (one_line(f"connector {connector_id}; Fivetran does not answer", LONGEST),)
    status = found.get("status") or {}
    name = f"connector {connector_id} ({found.get('service')}, {found.get('schema')})"
    state = f"setup {status.get('setup_state')}, sync {status.get('sync_state')}"
    reasons = [*(status.get("tasks") or []), *(status.get("warnings") or [])]
    said = tuple(f"Fivetran says: {each.get('message') or each.get('code')}" for each in reasons)
    failed_at = f"last failed at {found.get('failed_at')}"
    return tuple(one_line(each, LONGEST) for each in (f"{name}: {state}, {failed_at}", *said))
