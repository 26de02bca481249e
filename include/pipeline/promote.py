"""Promotion, verification and the record of published metrics, as tasks."""

from dataclasses import asdict, replace
from datetime import datetime
from time import monotonic

import structlog
from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from include import connections
from include.pipeline.audit import CANDIDATE, OLDER
from include.pipeline.lineage import Table, candidates_of, emit_lineage
from include.pipeline.snowflake import snowflake_hook
from include.publishing import promotion, public_file
from include.publishing.contract import parse, parse_if_valid
from include.publishing.history import PUBLISHED_METRICS, write_published_metrics
from include.publishing.promotion import is_served
from include.publishing.promotion_log import last_promotion
from include.publishing.reconcile import read_publishing
from include.publishing.released import fingerprint
from include.publishing.store import ChangedMeanwhileError, NotServedError, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version
from include.query_tags import ALL_SOURCES
from include.storage import open_store
from include.times import utc_now

log = structlog.get_logger(__name__)

NOT_PROMOTED = "Nothing was promoted: somebody marked the task promote. Clear it."


def promote_candidate() -> XComArg:
    """A task `promote` that serves the candidate that the audit found valid."""

    @task(multiple_outputs=False)
    def promote() -> dict[str, str]:
        candidate = get_current_context()["ti"].xcom_pull(task_ids="audit", key=CANDIDATE)
        if candidate is None:
            raise AirflowSkipException("The audit did not run: somebody marked it. Clear it.")
        return promote_audited(open_store(), AuditedCandidate.from_dict(candidate))

    return promote()


def promote_audited(
    store: Store, candidate: AuditedCandidate, *, decided_by: str = "", reason: str = ""
) -> dict[str, str]:
    """Promote an audited candidate, unless something newer is released or served.

    Args:
        store: The storage account.
        candidate: The candidate.
        decided_by: The person who approved it; empty if nobody had to.
        reason: That person's reason.

    Returns:
        The version, for the next tasks.

    Raises:
        AirflowSkipException: Publishing is held, the sources have released other metrics since the
            audit, or another file is served since; the next publication compares again.
    """
    version = replace(candidate.version, decided_by=decided_by, reason=reason)
    began, now = monotonic(), utc_now()
    state = read_publishing(store, now)
    if not is_served(state.served, version):
        if state.hold:
            raise AirflowSkipException(f"Nothing is published: {state.hold}")
        if fingerprint_of(store, candidate, now) != state.comparison.wanted:
            raise AirflowSkipException(f"{OLDER}.")
    try:
        promotion.promote(store, candidate.place, version, replacing=candidate.replacing, now=now)
    except ChangedMeanwhileError as error:
        raise AirflowSkipException(f"{error} The next publication compares again.") from error
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


def fingerprint_of(store: Store, candidate: AuditedCandidate, now: datetime) -> str:
    """The fingerprint of a candidate's metrics, as its file is now."""
    return fingerprint(parse_if_valid(store.need(candidate.place).content, now))


def verify_served(promoted: XComArg) -> XComArg:
    """A task `verify` that reads the public address as a browser does."""

    @task(trigger_rule=TriggerRule.ALL_SUCCESS)
    def verify(version: dict[str, str] | None) -> None:
        if version is None:
            raise AirflowSkipException(NOT_PROMOTED)
        store, promoted_version = open_store(), Version(**version)
        last = last_promotion(store, utc_now())
        if last and last.version.version != promoted_version.version:
            raise AirflowSkipException(f"{last}; its own run verifies it.")
        try:
            public_file.verify(store.public_url(PUBLISHED), promoted_version)
        except NotServedError as error:
            raise NotServedError(f"THE PUBLIC FILE IS NOT WHAT WAS PROMOTED. {error}") from error

    return verify(promoted)  # type: ignore[arg-type]  # Airflow passes what the task returned.


def record_published(promoted: XComArg) -> XComArg:
    """A task `record` that writes the published metrics to the warehouse."""

    @task(trigger_rule=TriggerRule.ALL_SUCCESS)
    def record(version: dict[str, str] | None) -> int:
        if version is None:
            raise AirflowSkipException(NOT_PROMOTED)
        store, promoted_version, began = open_store(), Version(**version), monotonic()
        last = last_promotion(store, utc_now())
        if last is None:
            raise AirflowSkipException("No promotion is in the log any more: clear promote.")
        if last.version.version != promoted_version.version:
            raise AirflowSkipException(f"{last}; its own run records it.")
        served = store.need(PUBLISHED)
        metrics = parse(served.content, served.modified_at)
        connect = snowflake_hook(connections.TRANSFORMER).get_conn
        write_published_metrics(connect, last, metrics)
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
