"""Promotion, verification and the record of what was public, as tasks."""

from dataclasses import asdict, replace
from time import monotonic
from typing import Any

import structlog
from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include import connections
from include.pipeline.audit import FINDING
from include.pipeline.lineage import Table, of_every_run, tell_lineage
from include.pipeline.snowflake import snowflake_hook
from include.publishing.contract import parse
from include.publishing.history import PUBLISHED_METRICS, record
from include.publishing.holds import held
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.promotion import promote, verify
from include.publishing.store import ChangedMeanwhileError, NotServedError, Place, Store
from include.publishing.versions import PUBLISHED, Version
from include.query_tags import ALL_SOURCES
from include.storage import open_store

log = structlog.get_logger(__name__)


def promote_candidate() -> XComArg:
    """A task `promote` that serves the candidate that the audit found in order."""

    @task(task_id="promote")
    def serve() -> dict[str, str]:
        finding = get_current_context()["ti"].xcom_pull(task_ids="audit", key=FINDING)
        return serve_finding(open_store(), finding)

    return serve()


def serve_finding(store: Store, finding: dict[str, Any], **decided: str) -> dict[str, str]:
    """Promote an audited candidate.

    Args:
        decided: `decided_by` and `reason`, where a person has approved it.

    Returns:
        The version, as the next tasks need it.
    """
    if why := held(store):
        raise AirflowSkipException(f"Nothing is published: {why}")
    version = replace(Version(**finding["version"]), **decided)
    candidate, began = Place(CANDIDATES_CONTAINER, finding["candidate"]), monotonic()
    try:
        promote(store, candidate, version, replacing=finding["replacing"])
    except ChangedMeanwhileError as error:
        raise AirflowFailException(f"{error} Clear the task audit.") from error
    tell_lineage(reads=[of_every_run(candidate)], writes=[PUBLISHED])
    log.info(
        "promoted",
        source=ALL_SOURCES,
        file=PUBLISHED.path,
        version=version.version,
        audit=version.audit,
        decided_by=version.decided_by,
        seconds=round(monotonic() - began, 3),
    )
    return asdict(version)


def verify_served(promoted: XComArg) -> XComArg:
    """A task `verify` that reads the public address as a browser would."""

    @task(task_id="verify", trigger_rule=TriggerRule.ALL_SUCCESS)
    def look(version: dict[str, str]) -> None:
        try:
            verify(open_store().public_url(PUBLISHED), Version(**version))
        except NotServedError as error:
            raise NotServedError(f"THE PUBLIC FILE IS NOT WHAT WAS PROMOTED. {error}") from error

    return look(promoted)  # type: ignore[arg-type]  # Airflow passes what the task returned.


def record_published(promoted: XComArg) -> XComArg:
    """A task `record` that keeps the published values in the warehouse."""

    @task(task_id="record", trigger_rule=TriggerRule.ALL_SUCCESS)
    def keep(version: dict[str, str]) -> int:
        served = open_store().need(PUBLISHED)
        known = Version(**version)
        if served.sha256 != known.sha256:
            raise AirflowSkipException("Another version is served by now; its own run records it.")
        metrics, began = parse(served.content, served.modified_at), monotonic()
        record(snowflake_hook(connections.TRANSFORMER).get_conn, known, served.modified_at, metrics)
        tell_lineage(reads=[PUBLISHED], writes=[Table(PUBLISHED_METRICS.full_name)])
        seconds = round(monotonic() - began, 3)
        log.info(
            "recorded",
            source=ALL_SOURCES,
            table=PUBLISHED_METRICS.full_name,
            rows=len(metrics),
            bytes=len(served.content),
            seconds=seconds,
        )
        return len(metrics)

    return keep(promoted)  # type: ignore[arg-type]  # Airflow passes what the task returned.
