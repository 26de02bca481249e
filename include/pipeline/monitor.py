"""The watch: what is found is reported once, as a failed task, and remembered until it is gone."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

import httpx
from airflow.sdk import BaseHook, XComArg, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability import stats

from include import connections
from include.incidents.incident_log import kept_events, record
from include.incidents.slack import deliver_kept
from include.pipeline.snowflake import snowflake_hook
from include.publishing import public_file
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from include.sources import SOURCES
from include.storage import open_store
from include.times import utc_now

# The longest task limit is 40 minutes, and a chain has one such task.
LONGEST_RUN = timedelta(hours=2)
WAITS_FOR_PEOPLE = ("approve_change", "restore_metrics")
# An hourly DAG that has missed three hours.
LONGEST_REST = timedelta(hours=3)


def look_at_dags(sources: tuple[str, ...], now: datetime) -> list[str]:
    """What is wrong with the DAGs; nothing if all is well.

    Args:
        sources: The DAGs that have to run hourly.
        now: The time of day, in UTC.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses.
    """
    with _client() as api:
        broken = [
            f"{each['filename'].rsplit('/', 1)[-1]} does not parse."
            for each in _get(api, "/importErrors")["import_errors"]
        ]
        running = _get(api, "/dags/~/dagRuns", state="running", limit="100")["dag_runs"]
        hanging = [
            f"{run['dag_id']} hangs: its run {run['dag_run_id']} has not ended in {LONGEST_RUN}."
            for run in running
            if run["dag_id"] not in WAITS_FOR_PEOPLE and _age(run["start_date"], now) > LONGEST_RUN
        ]
        resting = [problem for one in sources if (problem := _rests(api, one, now))]
    return broken + hanging + resting


def _rests(api: httpx.Client, source: str, now: datetime) -> str | None:
    if _get(api, f"/dags/{source}")["is_paused"]:
        return f"{source} is paused: its last good values stay public."
    runs = _get(api, f"/dags/{source}/dagRuns", state="success", order_by="-end_date", limit="1")[
        "dag_runs"
    ]
    if runs and _age(runs[0]["end_date"], now) > LONGEST_REST:
        return f"{source} has not run through since {runs[0]['end_date'][:16]} (UTC)."
    return None


def _age(moment: str | None, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(moment) if moment else timedelta(0)


def _client() -> httpx.Client:
    connection = BaseHook.get_connection(connections.AIRFLOW_API)
    port = f":{connection.port}" if connection.port else ""
    url = f"{connection.schema or 'https'}://{connection.host}{port}"
    # An API that asks for no password (Airflow's simple auth manager) gives anyone a token.
    token = connection.password or httpx.get(f"{url}/auth/token").json()["access_token"]
    return httpx.Client(
        base_url=f"{url}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )


def _get(api: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    answer = api.get(path, params=query).raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


log = logging.getLogger(__name__)


def watch_public_file() -> XComArg:
    """A task `watch_public_file` that reads the public address, and judges what it finds."""

    @task(task_id="watch_public_file")
    def look() -> None:
        store = open_store()
        found = public_file.look(store, now := utc_now())
        if found.promoted_at:
            stats.gauge("ddrc.publication.age", (now - found.promoted_at).total_seconds())
        report(store, "public_file", found.findings)

    return look()


def watch_dags() -> XComArg:
    """A task `watch_dags` that finds DAGs that do not parse, hang, rest or are paused."""

    @task(task_id="watch_dags")
    def look() -> None:
        report(open_store(), "dags", look_at_dags(SOURCES, utc_now()))

    return look()


def keep_incident_log() -> XComArg:
    """A task `keep_incident_log`: incidents into the warehouse, and to Slack what it missed."""

    @task(task_id="keep_incident_log")
    def keep() -> dict[str, int]:
        store = open_store()
        if events := list(kept_events(store)):
            connect = snowflake_hook(connections.TRANSFORMER).get_conn
            record(connect, [event for _, event in events])
            for place, _ in events:
                store.delete(place)
        return {"logged": len(events), "delivered": deliver_kept(store, utc_now())}

    return keep()


def report(store: Store, subject: str, findings: list[str]) -> None:
    """Fail with what is new; succeed where there is nothing, so that what was told is over.

    Raises:
        AirflowFailException: There are new ones; the failure callback tells Slack.
        AirflowSkipException: All were told before; the task is neither a failure nor a recovery.
    """
    memory = Place(VERSIONS_CONTAINER, f"watch/{subject}")
    stored = store.read(memory)
    told = json.loads(stored.content) if stored else []
    for finding in findings:
        log.warning("%s", finding)
    if findings != told:
        store.write(memory, json.dumps(findings).encode())
    if new := [finding for finding in findings if finding not in told]:
        raise AirflowFailException(" ".join(new))
    if findings:
        raise AirflowSkipException(f"Told before: {' '.join(findings)}")
