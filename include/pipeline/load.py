"""Loader tasks: each fills one raw table, completely or not at all."""

import logging
import os
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

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
    reason_of_age,
    reason_to_run,
    skip_the_rest,
)
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.lineage import Address, Table, tell_lineage
from include.pipeline.params import asked_for
from include.pipeline.snowflake import snowflake_hook
from include.query_tags import source_of
from include.sources import ArcgisLayer, JsonList

log = structlog.get_logger(__name__)


# For how long one request to a source is tried again, before the task's own retries.
SOURCE_RETRY_SECONDS = float(os.environ.get("DDRC_SOURCE_RETRY_SECONDS", "300"))


def origin_of(source: str) -> Origin:
    """Where a source is reached: its declared address, unless a connection says otherwise.

    The connection `source_<name>` is optional. Its scheme, host and port replace those of
    the declared address, its password is the service's token, and its extra `ca_bundle`
    names the certificates to trust for it.
    """
    try:
        connection = BaseHook.get_connection(f"source_{source}")
    except AirflowNotFoundException:
        return Origin()
    port = f":{connection.port}" if connection.port else ""
    base_url = f"{connection.schema or 'https'}://{connection.host}{port}"
    return Origin(
        base_url=base_url if connection.host else None,
        token=connection.password or None,
        ca_bundle=connection.extra_dejson.get("ca_bundle"),
    )


def load_layer(layer: ArcgisLayer) -> XComArg:
    """A task `load` that fills the raw table of an ArcGIS layer.

    A layer that declares no edit is compared with its last load by its rows: if they are the same,
    nothing is asked of the warehouse and the rest of the DAG is skipped. It never is for what
    `reason_to_run` and `reason_of_age` know.
    """

    @task(task_id="load", inlets=[SOURCE_ASSETS[layer.name]])
    def load() -> dict[str, Any]:
        context = get_current_context()
        seen = last_seen(context, layer.name)
        must = reason_to_run(context, seen) or reason_of_age(seen)
        known = None if must else seen.get("load", {}).get(CONTENT_HASH)
        report = _load(layer, origin_of(layer.name), known)
        if report.outcome == "unchanged":
            skip_the_rest(context, f"{layer.name} shows the same {report.rows:,} rows as before")
        return report.as_dict()

    return load()


def load_list(source: str, json_list: JsonList) -> XComArg:
    """A task `load_<list>` that fills the raw table of one JSON list of a source."""

    @task(task_id=list_task(json_list))
    def load() -> dict[str, Any]:
        return _load(json_list, origin_of(source)).as_dict()

    return load()


def list_task(json_list: JsonList) -> str:
    """The id of the task that loads a list."""
    return f"load_{json_list.name}"


def _load(
    source: ArcgisLayer | JsonList, origin: Origin, known_hash: str | None = None
) -> LoadReport:
    from include.loaders import load_arcgis, load_json_list

    context = get_current_context()
    hook = snowflake_hook(connections.LOADER)
    to: dict[str, Any] = {
        "connect": lambda: closing(hook.get_conn()),
        "database": warehouse.database("RAW"),
        "load_id": context["run_id"],
        "origin": origin,
        "options": LoadOptions(
            retry_seconds=SOURCE_RETRY_SECONDS,
            accept_drop=asked_for(context).accept_drop,
            known_hash=known_hash,
        ),
    }
    try:
        report = (
            load_arcgis(source, **to)
            if isinstance(source, ArcgisLayer)
            else load_json_list(source, **to)
        )
    except PermanentError as error:
        # Asking again would get the same answer: a person has to look first.
        raise AirflowFailException(str(error)) from error
    if report.outcome == "loaded":
        tell_lineage(reads=[Address(origin.address(source.url))], writes=[Table(report.table)])
    _tell(report, source_of(context["ti"].dag_id))
    return report


def _tell(report: LoadReport, source: str) -> None:
    """A line of fields in the task's log, and metrics where a deployment collects them."""
    log.info(
        report.outcome,
        source=source,
        table=report.table,
        rows=report.rows,
        bytes=report.bytes,
        requests=report.requests,
        read_seconds=report.read_seconds,
        write_seconds=round(report.seconds - report.read_seconds, 3),
        source_edited_at=report.as_dict()["source_edited_at"],
    )
    tags = {"source": source, "table": report.table}
    stats.gauge("ddrc.load.rows", report.rows, tags=tags)
    stats.gauge("ddrc.load.bytes", report.bytes, tags=tags)
    stats.timing("ddrc.load.duration", timedelta(seconds=report.seconds), tags=tags)


log = logging.getLogger(__name__)

# A list that does not answer for so long is left to the task that loads it, which is more patient.
LOOK_SECONDS = min(30.0, SOURCE_RETRY_SECONDS)


def skip_unless_edited(layer: ArcgisLayer) -> XComArg:
    """A task `look_for_edits` that skips the rest of the DAG if the layer was not edited.

    It never skips where it was itself cleared or tried again, where the run's form asks for a
    load, where other code was deployed since, or where the run before did not succeed.
    """

    @task(task_id="look_for_edits", inlets=[SOURCE_ASSETS[layer.name]])
    def look_for_edits() -> str:
        context = get_current_context()
        last = last_seen(context, layer.name).get("load", {}).get(EDITED_AT)
        reason = reason_to_run(context, last)
        if reason is None:
            now = _edited_at(layer)
            if now == last:
                skip_the_rest(context, f"{layer.name} was not edited since {last}")
            reason = f"{layer.name} was edited at {now or 'a time that it does not tell'}"
        log.info("%s; it is loaded.", reason)
        return reason

    return look_for_edits()


def skip_unless_changed(source: str, lists: tuple[JsonList, ...]) -> XComArg:
    """A task `look_for_changes` that skips the rest of the DAG if all lists show the same rows.

    If one of them changed, every one is loaded: the tables are of one time. It never skips where
    `look_for_edits` would not, nor when the last load is older than `RELOAD_AFTER`.
    """

    @task(task_id="look_for_changes", inlets=[SOURCE_ASSETS[source]])
    def look_for_changes() -> str:
        context = get_current_context()
        seen = last_seen(context, source)
        reason = reason_to_run(context, seen) or reason_of_age(seen)
        reason = reason or next((said for one in lists if (said := _change(source, one, seen))), "")
        if not reason:
            skip_the_rest(context, f"{source} shows the same rows as at its last load")
        log.info("%s; every list is loaded.", reason)
        return reason

    return look_for_changes()


def _edited_at(layer: ArcgisLayer) -> str | None:
    from include.loaders import read_layer_info

    options = LoadOptions(retry_seconds=SOURCE_RETRY_SECONDS)
    try:
        edited: datetime | None = read_layer_info(layer, origin_of(layer.name), options).edited_at
    except PermanentError as error:
        raise AirflowFailException(str(error)) from error
    return None if edited is None else edited.isoformat().replace("+00:00", "Z")


def _change(source: str, json_list: JsonList, seen: Seen) -> str | None:
    """Why a list has to be loaded; a broken one is loaded too, so that its own task says why."""
    from include.loaders import hash_json_list

    options = LoadOptions(retry_seconds=LOOK_SECONDS)
    try:
        now = hash_json_list(json_list, origin_of(source), options)
    except LoadError as error:
        return f"{json_list.name} cannot be compared ({error})"
    last = seen.get(list_task(json_list), {}).get(CONTENT_HASH)
    return None if now and now == last else f"{json_list.name} has changed"
