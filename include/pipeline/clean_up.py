"""The clean-up of Airflow's own database, which the API server does: a task cannot reach it."""

import logging
from http import HTTPStatus

import httpx
from airflow.sdk import BaseHook, XComArg, task
from airflow.sdk.exceptions import AirflowFailException

from include import connections
from include.airflow_api import AirflowClient
from include.incidents.airflow_links import PAGES

# The plugin's page; `include/ui/clean_up.py` decides what is deleted.
PAGE = "/clean-up"
# A day's rows take seconds; those of months, after the DAG was paused, take minutes.
TIMEOUT_SECONDS = 15 * 60

# What a person has to do about a refusal; another try would be refused too.
_REMEDIES = {
    HTTPStatus.UNAUTHORIZED: "replace the API token in the connection airflow_api",
    HTTPStatus.FORBIDDEN: (
        "give the API token in the connection airflow_api the right to delete DAG runs, which"
        " every token of an Astro deployment has"
    ),
    HTTPStatus.NOT_FOUND: (
        "check that Airflow lists the plugin ddrc_pages, and that the connection airflow_api has"
        " the deployment's whole address"
    ),
}

log = logging.getLogger(__name__)


class CleanUpError(RuntimeError):
    """The API server could not clean up; it may be able to at the next try."""


def delete_old_rows() -> XComArg:
    """A task `delete_old_rows` that has Airflow delete old runs, XComs and log entries."""

    @task(multiple_outputs=False)
    def delete_old_rows() -> dict[str, int]:
        connection = BaseHook.get_connection(connections.AIRFLOW_API)
        url = connections.base_url(connection)
        with AirflowClient(url, connection.password) as api:
            try:
                deleted = api.request("POST", PAGE, below=PAGES, timeout=TIMEOUT_SECONDS)
            except httpx.HTTPStatusError as error:
                raise _refusal(error.response.status_code) from error
        rows = ", ".join(f"{count:,} of {table}" for table, count in deleted.items())
        log.info("Deleted rows: %s.", rows or "none")
        return deleted

    return delete_old_rows()


def _refusal(status: int) -> Exception:
    failed = f"Airflow's API server did not delete old rows of its database (HTTP {status})"
    for known, remedy in _REMEDIES.items():
        if status == known:
            return AirflowFailException(f"{failed}: {remedy}, then clear this task.")
    if status == HTTPStatus.CONFLICT:
        return CleanUpError(f"{failed}: the one that an earlier try started is still running.")
    return CleanUpError(f"{failed}: its log says why; nothing else depends on it.")
