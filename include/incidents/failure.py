"""A failure: the facts of a failed task, from the context that Airflow hands to its callback."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from airflow.sdk import Context

from include import connections
from include.incidents.alert_types import AlertType, alert_type_of
from include.incidents.text import one_line
from include.loaders.errors import LoadError

LONGEST_ERROR = 400
LONGEST_DETAIL = 200
FIVETRAN_TASKS = ("sync", "wait_for_sync")

# A dbt task's error lists the failed models and tests after this prefix of Cosmos.
_DBT = "dbt invocation completed with errors: "
_DBT_TEST = re.compile(
    r"^(?P<test>[\w.]+): Got (?P<rows>\d+) results?, configured to fail if", re.M
)
# A connector's id as the task has it before Airflow renders it.
_IN_VARIABLE = re.compile(r"\{\{ *var\.value\.(\w+)")
# Addresses, hashes and numbers differ between failures of one cause.
_VARYING = re.compile(r"https?://\S+|\b[0-9a-f]{8,}\b|\d+")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """A failed task whose retries are used up.

    Attributes:
        error: The error, in one line.
        details: More lines: the failed dbt tests with their rows, the state of the Fivetran sync.
        cause: A fingerprint that failures of one cause share, in other tasks and runs too.
        log_url: The task's log in the Airflow UI.
        at: The time of the failure, in UTC.
    """

    dag: str
    task: str
    run: str
    tries: int
    alert_type: AlertType
    error: str
    details: tuple[str, ...]
    cause: str
    log_url: str
    at: datetime

    @property
    def run_url(self) -> str:
        """The run in the Airflow UI."""
        return self.log_url.split("/tasks/")[0]


def describe_failure(context: Context, at: datetime, details: tuple[str, ...] = ()) -> Failure:
    """Describe the failed task of a callback.

    Args:
        context: Airflow's context: `ti`, and `exception` (a text if the task was killed).
        at: The current time, in UTC.
        details: More lines about the failure.
    """
    instance, error = context["ti"], context.get("exception")
    alert_type = alert_type_of(instance.dag_id, instance.task_id)
    text = str(error or "The task ended without an error: it was killed or timed out.")
    tests = failed_tests(text)
    return Failure(
        dag=instance.dag_id,
        task=instance.task_id,
        run=instance.run_id,
        tries=instance.try_number,
        alert_type=alert_type,
        error=one_line(text.removeprefix(_DBT), LONGEST_ERROR),
        details=tuple(
            f"{name}: {rows} row{'' if rows == 1 else 's'}" for name, rows in tests.items()
        )
        + details,
        cause=f"{alert_type.name}-{_fingerprint(_cause(error, text, tests))}",
        log_url=str(getattr(instance, "log_url", "") or ""),
        at=at,
    )


def failed_tests(text: str) -> dict[str, int]:
    """The failed dbt tests that an error names, with the number of failed rows of each."""
    found = _DBT_TEST.finditer(text.removeprefix(_DBT))
    return {match["test"]: int(match["rows"]) for match in found}


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

        hook = FivetranHook(connections.FIVETRAN, retry_limit=1, timeout_seconds=10)
        connector = hook.get_connector(connector_id)
    except Exception as error:
        log.warning("Fivetran did not return the connector %s: %s", connector_id, error)
        return (one_line(f"connector {connector_id}: Fivetran does not answer", LONGEST_DETAIL),)
    status = connector.get("status") or {}
    name = f"connector {connector_id} ({connector.get('service')}, {connector.get('schema')})"
    state = f"setup {status.get('setup_state')}, sync {status.get('sync_state')}"
    last_failure = f"last failed at {connector.get('failed_at')}"
    reasons = [*(status.get("tasks") or []), *(status.get("warnings") or [])]
    lines = (
        f"{name}: {state}, {last_failure}",
        *(f"Fivetran: {reason.get('message') or reason.get('code')}" for reason in reasons),
    )
    return tuple(one_line(line, LONGEST_DETAIL) for line in lines)


def _cause(error: object, text: str, tests: dict[str, int]) -> str:
    """The text that distinguishes causes: without the place, and without the number of rows."""
    for exception in _causes(error):
        if isinstance(exception, LoadError):
            return f"{type(exception).__name__} {exception.reason} {exception.service_message}"
    if tests:
        return " ".join(sorted(tests))
    # An error of dbt begins with the model's name: several models can fail for one cause.
    return re.sub(r"^\w+: ", "", text.removeprefix(_DBT))


def _causes(error: object) -> Iterator[BaseException]:
    while isinstance(error, BaseException):
        yield error
        error = error.__cause__


def _fingerprint(cause: str) -> str:
    return sha256(_VARYING.sub("#", cause.lower())[:1_000].encode()).hexdigest()[:12]
