"""The watch: checks the public file and the DAGs, and reports each finding once.

A new finding fails its task, so that the failure callback posts it. Reported findings are stored;
while they last, the task is skipped.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from airflow.sdk import BaseHook, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability import stats

from include import connections
from include.airflow_api import AirflowClient
from include.incidents.incident_log import unlogged_events, write_events
from include.incidents.slack import deliver_pending
from include.pipeline.reviews import is_asking
from include.pipeline.snowflake import snowflake_hook
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.public_file import check_public_file
from include.publishing.reconcile import find_delays, read_publishing
from include.publishing.store import Place, Store
from include.sources import SOURCES
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

# A chain has at most one task with the longest time limit, 40 minutes.
LONGEST_RUN = timedelta(hours=2)
# Runs of these DAGs wait for a person.
_WAIT_FOR_PEOPLE = ("approve_change", "restore_metrics")
# An hourly DAG has then missed three runs.
LONGEST_PAUSE = timedelta(hours=3)


def watch_public_file() -> XComArg:
    """A task `watch_public_file` that checks the public file from outside.

    It compares the file with the version that was promoted last, and with what the sources have
    released.
    """

    @task
    def watch_public_file() -> None:
        store, now, ti = open_store(), utc_now(), get_current_context()["ti"]
        public_file, state = check_public_file(store, now), read_publishing(store, now)
        if public_file.promoted_at:
            age = now - public_file.promoted_at
            stats.gauge("ddrc.publication.age", age.total_seconds())
        asking = is_asking(ti, state.last_review)
        delays = find_delays(store, state, now, is_asking=asking)
        report(store, "public_file", [*public_file.findings, *delays])

    return watch_public_file()


def watch_dags() -> XComArg:
    """A task `watch_dags` that finds DAGs that do not parse, hang, pause or do not complete."""

    @task
    def watch_dags() -> None:
        report(open_store(), "dags", check_dags(tuple(SOURCES), utc_now()))

    return watch_dags()


def keep_incident_log() -> XComArg:
    """A task `keep_incident_log`: writes incidents to the warehouse and resends Slack messages."""

    @task
    def keep_incident_log() -> dict[str, int]:
        store = open_store()
        if events := list(unlogged_events(store)):
            connect = snowflake_hook(connections.TRANSFORMER).get_conn
            write_events(connect, [event for _, event in events])
            for place, _ in events:
                store.delete(place)
        return {"logged": len(events), "delivered": deliver_pending(store, utc_now())}

    return keep_incident_log()


def report(store: Store, subject: str, findings: Sequence[str]) -> None:
    """Fail with the new findings; succeed if there are none at all, which closes the incident.

    Args:
        store: The storage account, where reported findings are stored.
        subject: The name under which they are stored.
        findings: The current findings; the same finding has to be the same text every time.

    Raises:
        AirflowFailException: There are new findings; the failure callback posts them.
        AirflowSkipException: All findings were reported before.
    """
    place = Place(VERSIONS_CONTAINER, f"watch/{subject}")
    stored = store.read(place)
    reported = json.loads(stored.content) if stored else []
    for finding in findings:
        log.warning("%s", finding)
    if findings != reported:
        store.write(place, json.dumps(findings).encode())
    if new := [finding for finding in findings if finding not in reported]:
        raise AirflowFailException(" ".join(new))
    if findings:
        raise AirflowSkipException(f"Already reported: {' '.join(findings)}")


def check_dags(sources: Sequence[str], now: datetime) -> list[str]:
    """Check the DAGs through Airflow's API.

    Args:
        sources: The DAGs that have to run hourly.
        now: The current time, in UTC.

    Returns:
        A sentence for each problem.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses the request.
    """
    with _airflow_api() as api:
        hourly = [problem for source in sources for problem in _check_hourly(api, source, now)]
        return [*_check_parsing(api), *_check_running(api, now), *hourly]


def _check_parsing(api: AirflowClient) -> Iterator[str]:
    for error in api.get("/importErrors")["import_errors"]:
        yield f"{error['filename'].rsplit('/', 1)[-1]} does not parse."


def _check_running(api: AirflowClient, now: datetime) -> Iterator[str]:
    for run in api.get("/dags/~/dagRuns", state="running", limit=100)["dag_runs"]:
        if run["dag_id"] in _WAIT_FOR_PEOPLE or run["start_date"] is None:
            continue
        if now - datetime.fromisoformat(run["start_date"]) > LONGEST_RUN:
            yield f"{run['dag_id']} hangs: its run {run['dag_run_id']} exceeds {LONGEST_RUN}."


def _check_hourly(api: AirflowClient, source: str, now: datetime) -> Iterator[str]:
    if api.get(f"/dags/{source}")["is_paused"]:
        yield f"{source} is paused: its last good values stay public."
        return
    runs = api.get(f"/dags/{source}/dagRuns", state="success", order_by="-end_date", limit=1)
    for run in runs["dag_runs"]:
        ended_at = run["end_date"]
        if ended_at and now - datetime.fromisoformat(ended_at) > LONGEST_PAUSE:
            yield f"{source} has not completed a run since {ended_at[:16]} (UTC)."


def _airflow_api() -> AirflowClient:
    connection = BaseHook.get_connection(connections.AIRFLOW_API)
    return AirflowClient(connections.base_url(connection), connection.password or "")
