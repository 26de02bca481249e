"""Loader tasks: each fills one raw table, completely or not at all."""

import os
from contextlib import closing
from typing import Any

from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook
from airflow.sdk import BaseHook, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException

from include import warehouse
from include.loaders import (
    LoadOptions,
    LoadReport,
    Origin,
    PermanentError,
    load_arcgis,
    load_json_list,
)
from include.pipeline.forms import asked_for
from include.sources import ArcgisLayer, JsonList

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
    """A task `load` that fills the raw table of an ArcGIS layer."""

    @task(task_id="load")
    def load() -> dict[str, Any]:
        return _load(layer, origin_of(layer.name))

    return load()


def load_list(source: str, json_list: JsonList) -> XComArg:
    """A task `load_<list>` that fills the raw table of one JSON list of a source."""

    @task(task_id=f"load_{json_list.name}")
    def load() -> dict[str, Any]:
        return _load(json_list, origin_of(source))

    return load()


def _load(source: ArcgisLayer | JsonList, origin: Origin) -> dict[str, Any]:
    context = get_current_context()
    hook = SnowflakeHook(snowflake_conn_id=LOADER_CONNECTION)
    with closing(hook.get_conn()) as connection:
        to: dict[str, Any] = {
            "connection": connection,
            "database": warehouse.database("RAW"),
            "load_id": context["run_id"],
            "origin": origin,
            "options": LoadOptions(
                retry_seconds=SOURCE_RETRY_SECONDS, accept_drop=asked_for(context).accept_drop
            ),
        }
        try:
            report: LoadReport = (
                load_arcgis(source, **to)
                if isinstance(source, ArcgisLayer)
                else load_json_list(source, **to)
            )
        except PermanentError as error:
            # Asking again would get the same answer: a person has to look first.
            raise AirflowFailException(str(error)) from error
    return report.as_dict()
