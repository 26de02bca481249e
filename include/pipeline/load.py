"""Loader tasks: each fills one raw table, completely or not at all, or checks for changes first."""

import os
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from airflow.sdk import BaseHook, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException
from airflow.sdk.observability import stats

from include import connections, warehouse
from include.loaders import LoadError, LoadOptions, LoadReport, Origin, PermanentError
from include.pipeline.change_detection import (
    CONTENT_HASH,
    EDITED_AT,
    Seen,
    last_seen,
    mark_write,
    reason_to_reload,
    reason_to_run,
    skip_the_rest,
)
from include.pipeline.column_drift import drift_reporter
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.lineage import Address, Table, emit_lineage
from include.pipeline.params import run_params
from include.pipeline.snowflake import snowflake_hook
from include.query_tags import source_of
from include.sources import ArcgisLayer, JsonList, LoadedPart, Source
from include.storage import open_store
from include.times import iso_utc

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

log = structlog.get_logger(__name__)

# How long one request to a source is retried, before the task's own retries.
SOURCE_RETRY_SECONDS = float(os.environ.get("DDRC_SOURCE_RETRY_SECONDS", "300"))
# How long `look_for_changes` retries: the task that loads the list is more patient.
CHECK_RETRY_SECONDS = min(30.0, SOURCE_RETRY_SECONDS)


def load_layer(source: Source) -> XComArg:
    """A task `load` that fills the raw table of a source's ArcGIS layer.

    A layer without an edit time is read in full and compared with its last load by its content
    hash. If the rows are the same, no statement is sent to the warehouse and the rest of the DAG
    is skipped, unless `reason_to_run` or `reason_to_reload` names a reason.
    """

    [layer] = source.layers

    @task(inlets=[SOURCE_ASSETS[source.name]])
    def load() -> dict[str, Any]:
        context = get_current_context()
        seen = last_seen(context, source.name)
        reason = reason_to_run(context, seen) or reason_to_reload(seen)
        known_hash = None if reason else seen.get(layer.reader, {}).get(CONTENT_HASH)
        report = _load(layer, origin_of(source.name), known_hash)
        if report.outcome == "unchanged":
            skip_the_rest(context, f"{source.name} has the same {report.rows:,} rows as before")
        return report.as_dict()

    return load()


def load_lists(source: Source) -> list[XComArg]:
    """A task `load_<list>` for each JSON list of a source, which fills the list's raw table."""
    return [_load_list(source, json_list) for json_list in source.lists]


def _load_list(source: Source, json_list: JsonList) -> XComArg:
    def load() -> dict[str, Any]:
        return _load(json_list, origin_of(source.name)).as_dict()

    load.__name__ = json_list.reader
    return task(load)()


def skip_unless_edited(source: Source) -> XComArg:
    """A task `look_for_edits` that skips the rest of the DAG if the layer was not edited.

    It skips nothing if `reason_to_run` names a reason.
    """

    [layer] = source.layers

    @task(inlets=[SOURCE_ASSETS[source.name]])
    def look_for_edits() -> str:
        context = get_current_context()
        last = last_seen(context, source.name).get(layer.reader, {}).get(EDITED_AT)
        reason = reason_to_run(context, last)
        if reason is None:
            edited_at = _edited_at(source.name, layer)
            if edited_at == last:
                skip_the_rest(context, f"{source.name} was not edited since {last}")
            reason = f"{source.name} was edited at {edited_at or 'an unknown time'}"
        log.info("%s; the layer is loaded.", reason)
        return reason

    return look_for_edits()


def skip_unless_changed(source: Source) -> XComArg:
    """A task `look_for_changes` that skips the rest of the DAG if no list has changed.

    If one of them has, all are loaded, so that the tables are of one time. It skips nothing if
    `reason_to_run` or `reason_to_reload` names a reason.
    """

    @task(inlets=[SOURCE_ASSETS[source.name]])
    def look_for_changes() -> str:
        context = get_current_context()
        seen = last_seen(context, source.name)
        reason = reason_to_run(context, seen) or reason_to_reload(seen)
        reason = reason or next(
            (why for one in source.lists if (why := _reason_to_load(source.name, one, seen))), None
        )
        if reason is None:
            skip_the_rest(context, f"{source.name} has the same rows as at its last load")
        log.info("%s; every list is loaded.", reason)
        return reason

    return look_for_changes()


def origin_of(source: str) -> Origin:
    """The origin of a source: its declared address, unless a connection overrides it.

    The optional connection `source_<name>` replaces the declared scheme, host and port; its
    password is the service's token, and its extra `ca_bundle` names a file of certificates to
    trust.
    """
    try:
        connection = BaseHook.get_connection(connections.source_connection(source))
    except AirflowNotFoundException:
        return Origin()
    return Origin(
        base_url=connections.base_url(connection) if connection.host else None,
        token=connection.password or None,
        ca_bundle=connection.extra_dejson.get("ca_bundle"),
    )


def _load(part: LoadedPart, origin: Origin, known_hash: str | None = None) -> LoadReport:
    from include.loaders import load_table

    context = get_current_context()
    hook = snowflake_hook(connections.LOADER)
    source = source_of(context["ti"].dag_id)
    options = LoadOptions(
        retry_seconds=SOURCE_RETRY_SECONDS,
        accept_drop=run_params(context).accept_drop,
        known_hash=known_hash,
        columns=drift_reporter(source, part),
    )

    def connect() -> "closing[SnowflakeConnection]":
        # Called only if there are rows to write.
        mark_write(open_store(), source, context["run_id"])
        return closing(hook.get_conn())

    if known_hash is None:
        # It has to write: if it fails before, the next run must not skip it.
        mark_write(open_store(), source, context["run_id"])
    try:
        report = load_table(
            part,
            connect=connect,
            database=warehouse.database("RAW"),
            load_id=context["run_id"],
            origin=origin,
            options=options,
        )
    except PermanentError as error:
        # A retry would get the same response: a person has to act first.
        raise AirflowFailException(str(error)) from error
    if report.outcome == "loaded":
        emit_lineage(reads=[Address(origin.address(part.url))], writes=[Table(report.table)])
    _log(report, source)
    return report


def _log(report: LoadReport, source: str) -> None:
    """Log a load as fields, and send metrics if a deployment collects them."""
    log.info(
        report.outcome,
        source=source,
        table=report.table,
        rows=report.rows,
        bytes=report.bytes,
        requests=report.requests,
        read_seconds=report.read_seconds,
        write_seconds=round(report.seconds - report.read_seconds, 3),
        source_edited_at=iso_utc(report.source_edited_at),
    )
    tags = {"source": source, "table": report.table}
    stats.gauge("ddrc.load.rows", report.rows, tags=tags)
    stats.gauge("ddrc.load.bytes", report.bytes, tags=tags)
    stats.timing("ddrc.load.duration", timedelta(seconds=report.seconds), tags=tags)


def _edited_at(source: str, layer: ArcgisLayer) -> str | None:
    from include.loaders import read_layer_info

    options = LoadOptions(retry_seconds=SOURCE_RETRY_SECONDS, columns=drift_reporter(source, layer))
    try:
        return iso_utc(read_layer_info(layer, origin_of(source), options).edited_at)
    except PermanentError as error:
        raise AirflowFailException(str(error)) from error


def _reason_to_load(source: str, json_list: JsonList, seen: Seen) -> str | None:
    """The reason to load a list; one that cannot be read is loaded, so that its task says why."""
    from include.loaders import hash_json_list

    options = LoadOptions(
        retry_seconds=CHECK_RETRY_SECONDS, columns=drift_reporter(source, json_list)
    )
    try:
        now = hash_json_list(json_list, origin_of(source), options)
    except LoadError as error:
        return f"{json_list.name} cannot be compared ({error})"
    last = seen.get(json_list.reader, {}).get(CONTENT_HASH)
    return None if now and now == last else f"{json_list.name} has changed"
