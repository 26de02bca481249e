"""Loader tasks: each fills one raw table, completely or not at all, or checks for changes first."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from airflow.sdk import BaseHook, Connection, Context, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException
from airflow.sdk.observability import stats

from include import connections, warehouse
from include.loaders import LoadError, LoadOptions, LoadReport, Origin, PermanentError
from include.loaders.settings import SettingError, parse_settings, with_settings
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
from include.sources import SOURCES, ArcgisLayer, JsonList, LoadedPart, Source
from include.storage import open_store
from include.times import california_time, iso_utc

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

log = structlog.get_logger(__name__)

# How long one request to a source is retried, before the task's own retries.
SOURCE_RETRY_SECONDS = float(os.environ.get("DDRC_SOURCE_RETRY_SECONDS", "300"))
# How long `look_for_changes` retries at most.
CHECK_RETRY_SECONDS = 30.0
# The member of a source connection's extra that is not a setting.
CA_BUNDLE = "ca_bundle"


def load_layer(source: Source) -> XComArg:
    """A task `load` that fills the raw table of a source's ArcGIS layer.

    A layer without an edit time is read in full and compared with its last load by its content
    hash. If the rows are the same, no statement is sent to the warehouse and the rest of the DAG
    is skipped, unless `reason_to_run` or `reason_to_reload` names a reason.
    """

    [layer] = source.layers

    @task(inlets=[SOURCE_ASSETS[source.name]], multiple_outputs=False)
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
        return _load(json_list, origin_of(source.name), None).as_dict()

    load.__name__ = json_list.reader
    return task(multiple_outputs=False)(load)()


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
            edited_at = _edited_at(source, layer, context)
            if edited_at == last:
                skip_the_rest(context, f"{source.name} was not edited since {_shown(last)}")
            reason = f"{source.name} was edited {_shown(edited_at)}"
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
        if reason is None:
            with _fail_for_good():
                options = options_of(source, context)
            reasons = (_reason_to_load(source, one, seen, options) for one in source.lists)
            reason = next(filter(None, reasons), None)
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

    Raises:
        AirflowFailException: The connection's extra is not what it may be.
    """
    try:
        connection = BaseHook.get_connection(connections.source_connection(source))
    except AirflowNotFoundException:
        return Origin()
    with _fail_for_good():
        extra = _extra_of(source, connection)
    return Origin(
        base_url=connections.base_url(connection) if connection.host else None,
        token=connection.password or None,
        ca_bundle=extra.get(CA_BUNDLE),
    )


def _extra_of(source: str, connection: Connection) -> dict[str, Any]:
    """The extra of a source's connection: settings and the path `ca_bundle`.

    Raises:
        SettingError: It is something else.
    """
    try:
        extra = json.loads(connection.extra or "{}")
    except ValueError:
        extra = None
    if not isinstance(extra, dict) or not isinstance(extra.get(CA_BUNDLE), str | None):
        raise SettingError(
            source,
            f"the extra of the connection {connections.source_connection(source)} is not a JSON "
            f"object of settings and {CA_BUNDLE}, a path",
        )
    return extra


def options_of(source: Source, context: Context) -> LoadOptions:
    """How a source is read: the settings of the run's form, then of its connection, then the usual.

    The extra of the optional connection `source_<name>` has the connection's settings; their names
    and limits are in `include/loaders/settings.py`.

    Raises:
        SettingError: A setting is unknown, or its value is not allowed.
    """
    options = LoadOptions(retry_seconds=SOURCE_RETRY_SECONDS)
    name = connections.source_connection(source.name)
    places: list[tuple[Mapping[str, object], str]] = []
    with suppress(AirflowNotFoundException):
        extra = _extra_of(source.name, BaseHook.get_connection(name))
        given = {key: value for key, value in extra.items() if key != CA_BUNDLE}
        places.append((given, f"the extra of the connection {name}"))
    places.append((run_params(context).settings, "the form of this run"))
    for values, place in places:
        settings = parse_settings(source.name, source.kind, values, place)
        options = with_settings(options, settings)
        if settings:
            log.info("Settings from %s", place, **settings)
    return options


def _load(part: LoadedPart, origin: Origin, known_hash: str | None) -> LoadReport:
    from include.loaders import load_table

    context = get_current_context()
    hook = snowflake_hook(connections.LOADER)
    source = source_of(context["ti"].dag_id)
    with _fail_for_good():
        options = replace(
            options_of(SOURCES[source], context),
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
    with _fail_for_good():
        report = load_table(
            part,
            connect=connect,
            database=warehouse.database("RAW"),
            load_id=context["run_id"],
            origin=origin,
            options=options,
        )
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


@contextmanager
def _fail_for_good() -> Iterator[None]:
    """Fail a task without retries where they would fail too: a person has to act first."""
    try:
        yield
    except PermanentError as error:
        raise AirflowFailException(str(error)) from error


def _edited_at(source: Source, layer: ArcgisLayer, context: Context) -> str | None:
    from include.loaders import read_layer_info

    with _fail_for_good():
        options = replace(options_of(source, context), columns=drift_reporter(source.name, layer))
        return iso_utc(read_layer_info(layer, origin_of(source.name), options).edited_at)


def _shown(moment: object) -> str:
    """A stored time, ISO 8601, for people in California."""
    return california_time(datetime.fromisoformat(str(moment))) if moment else "at an unknown time"


def _reason_to_load(
    source: Source, json_list: JsonList, seen: Seen, options: LoadOptions
) -> str | None:
    """The reason to load a list; one that cannot be read is loaded, so that its task says why."""
    from include.loaders import hash_json_list

    options = replace(
        options,
        # The task that loads the list is more patient.
        retry_seconds=min(CHECK_RETRY_SECONDS, options.retry_seconds),
        columns=drift_reporter(source.name, json_list),
    )
    try:
        now = hash_json_list(json_list, origin_of(source.name), options)
    except LoadError as error:
        return f"{json_list.name} cannot be compared ({error})"
    last = seen.get(json_list.reader, {}).get(CONTENT_HASH)
    return None if now and now == last else f"{json_list.name} has changed"
