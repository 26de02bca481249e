"""The watch: what is found is reported once, as a failed task, and remembered until it is gone."""

import json
import logging

from airflow.sdk import XComArg, task
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.airflow_api import look_at_dags
from include.pipeline.storage import our_store, utc_now
from include.publishing import watch
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from include.sources import SOURCES

log = logging.getLogger(__name__)


def watch_public_file() -> XComArg:
    """A task `watch_public_file` that reads the public address, and judges what it finds."""

    @task(task_id="watch_public_file")
    def look() -> int:
        store = our_store()
        return report(store, "public_file", watch.look(store, utc_now()))

    return look()


def watch_dags() -> XComArg:
    """A task `watch_dags` that finds DAGs that do not parse, hang, rest or are paused."""

    @task(task_id="watch_dags")
    def look() -> int:
        return report(our_store(), "dags", look_at_dags(SOURCES, utc_now()))

    return look()


def report(store: Store, subject: str, findings: list[str]) -> int:
    """Fail with what is new; what was told before is only logged.

    Returns:
        How many findings there are, all told before.

    Raises:
        AirflowFailException: There are new ones; the failure callback tells Slack.
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
    return len(findings)
