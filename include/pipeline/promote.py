"""Promotion, verification and the record of published metrics, as tasks."""

from dataclasses import asdict, replace
from time import monotonic

import structlog
from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include import connections
from include.pipeline.audit import CANDIDATE
from include.pipeline.lineage import Table, candidates_of, emit_lineage
from include.pipeline.snowflake import snowflake_hook
from include.publishing import promotion, public_file
from include.publishing.contract import parse
from include.publishing.history import PUBLISHED_METRICS, write_published_metrics
from include.publishing.holds import current_hold
from include.publishing.store import ChangedMeanwhileError, NotServedError, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version
from include.query_tags import ALL_SOURCES
from include.storage import open_store

log = structlog.get_logger(__name__)


def promote_candidate() -> XComArg:
    """A task `promote` that serves the candidate that the audit found valid."""

    @task
    def promote() -> dict[str, str]:
        candidate = get_current_context()["ti"].xcom_pull(task_ids="audit", key=CANDIDATE)
        return promote_audited(open_store(), AuditedCandidate.from_dict(candidate))

    return promote()


def promote_audited(
    store: Store, candidate: AuditedCandidate, *, decided_by: str = "", reason: str = ""
) -> dict[str, str]:
    """Promote an audited candidate, unless publishing is held.

    Args:
        store: The storage account.
        candidate: The candidate.
        decided_by: The person who approved it; empty if nobody had to.
        reason: That person's reason.

    Returns:
        The version, for the next tasks.

    Raises:
        AirflowSkipException: Publishing is held.
        AirflowFailException: A file has changed since the audit.
    """
    if hold := current_hold(store):
        raise AirflowSkipException(f"Nothing is published: {hold}")
    version = replace(candidate.version, decided_by=decided_by, reason=reason)
    began = monotonic()
    try:
        promotion.promote(store, candidate.place, version, replacing=candidate.replacing)
    except ChangedMeanwhileError as error:
        raise AirflowFailException(f"{error} Clear the task audit.") from error
    emit_lineage(reads=[candidates_of(candidate.place)], writes=[PUBLISHED])
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
    """A task `verify` that reads the public address as a browser does."""

    @task(trigger_rule=TriggerRule.ALL_SUCCESS)
    def verify(version: dict[str, str]) -> None:
        try:
            public_file.verify(open_store().public_url(PUBLISHED), Version(**version))
        except NotServedError as error:
            raise NotServedError(f"THE PUBLIC FILE IS NOT WHAT WAS PROMOTED. {error}") from error

    return verify(promoted)  # type: ignore[arg-type]  # Airflow passes what the task returned.


def record_published(promoted: XComArg) -> XComArg:
    """A task `record` that writes the published metrics to the warehouse."""

    @task(trigger_rule=TriggerRule.ALL_SUCCESS)
    def record(version: dict[str, str]) -> int:
        served, began = open_store().need(PUBLISHED), monotonic()
        promoted_version = Version(**version)
        if served.sha256 != promoted_version.sha256:
            raise AirflowSkipException("A newer version is served; its own run records it.")
        metrics = parse(served.content, served.modified_at)
        connect = snowflake_hook(connections.TRANSFORMER).get_conn
        write_published_metrics(connect, promoted_version, served.modified_at, metrics)
        emit_lineage(reads=[PUBLISHED], writes=[Table(PUBLISHED_METRICS.full_name)])
        log.info(
            "recorded",
            source=ALL_SOURCES,
            table=PUBLISHED_METRICS.full_name,
            rows=len(metrics),
            bytes=len(served.content),
            seconds=round(monotonic() - began, 3),
        )
        return len(metrics)

    return record(promoted)  # type: ignore[arg-type]  # Airflow passes what the task returned.
