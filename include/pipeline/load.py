"""Loader tasks: each fills one raw table, completely or not at all."""

import os
from contextlib import closing
from datetime import timedelta
from typing import Any

import structlog
from airflow.sdk import BaseHook, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException
from airflow.sdk.observability import stats

from include import warehouse
from include.loaders import LoadOptions, LoadReport, Origin, PermanentError
from include.pipeline.assets import SOURCE_ASSETS
from include.pipeline.changes import (
    CONTENT_HASH,
    last_seen,
    reason_of_age,
    reason_to_run,
    skip_the_rest,
)
from include.pipeline.forms import asked_for
from include.pipeline.lineage import Address, Table, tell_lineage
from include.pipeline.sessions import snowflake_hook
from include.query_tags import source_of
from include.sources import ArcgisLayer, JsonList

log = structlog.get_logger(__name__)

LOADER_CONNECTION = "snowflake_loader"

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
    hook = snowflake_hook(LOADER_CONNECTION)
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
