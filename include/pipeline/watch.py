"""The watch: what is found is reported once, as a failed task, and remembered until it is gone."""

import json
import logging

from airflow.sdk import XComArg, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability import stats

from include.incidents.delivery import deliver_kept
from include.incidents.events import kept_events
from include.incidents.history import record
from include.pipeline.airflow_api import look_at_dags
from include.pipeline.sessions import snowflake_hook
from include.pipeline.transform import TRANSFORMER_CONNECTION
from include.publishing import watch
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from include.sources import SOURCES
from include.storage import our_store, utc_now

log = logging.getLogger(__name__)


def watch_public_file() -> XComArg:
    """A task `watch_public_file` that reads the public address, and judges what it finds."""

    @task(task_id="watch_public_file")
    def look() -> None:
        store = our_store()
        found = watch.look(store, now := utc_now())
        if found.promoted_at:
            stats.gauge("ddrc.publication.age", (now - found.promoted_at).total_seconds())
        report(store, "public_file", found.findings)

    return look()


def watch_dags() -> XComArg:
    """A task `watch_dags` that finds DAGs that do not parse, hang, rest or are paused."""

    @task(task_id="watch_dags")
    def look() -> None:
        report(our_store(), "dags", look_at_dags(SOURCES, utc_now()))

    return look()


def keep_incident_log() -> XComArg:
    """A task `keep_incident_log`: incidents into the warehouse, and to Slack what it missed."""

    @task(task_id="keep_incident_log")
    def keep() -> dict[str, int]:
        store = our_store()
        if events := list(kept_events(store)):
            connect = snowflake_hook(TRANSFORMER_CONNECTION).get_conn
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
