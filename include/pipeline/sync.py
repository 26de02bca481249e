"""Fivetran syncs: one task starts the sync, a deferrable sensor waits for its end."""

import os
from contextlib import closing
from datetime import timedelta
from typing import Any

import structlog
from airflow.sdk import Context, chain
from fivetran_provider_async.operators import FivetranOperator
from fivetran_provider_async.sensors import FivetranSensor

from include import connections, warehouse
from include.loaders.raw.identifiers import quoted
from include.pipeline.change_detection import CONTENT_HASH, last_seen, reason_to_run, skip_the_rest
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.lineage import Address, Table, tell_lineage
from include.pipeline.snowflake import snowflake_hook
from include.sources import FivetranConnector, RawTable
from include.times import utc_now

log = structlog.get_logger(__name__)


POLL_SECONDS = int(os.environ.get("DDRC_POLL_SECONDS", "30"))

# These small connectors sync in minutes; a sensor without a limit was seen to wait for ever.
SYNC_TIMEOUT = timedelta(seconds=float(os.environ.get("DDRC_SYNC_TIMEOUT_SECONDS", "2400")))


class SyncSensor(FivetranSensor):  # type: ignore[misc]  # The provider tells no types.
    """Waits until the rows have landed; if they are those of before, the rest is skipped.

    One statement, as the role that transforms them, hashes the table's rows. A re-import, which
    writes every row anew, has the same hash; a row that came, changed or went has another one.
    What was compared is returned, for `remember`.
    """

    def __init__(self, *, connector: FivetranConnector, **kwargs: Any) -> None:
        super().__init__(inlets=[SOURCE_ASSETS[connector.name]], **kwargs)
        self.connector = connector

    def execute(self, context: Context) -> dict[str, str]:
        """Defer until the sync has ended, unless it has already."""
        super().execute(context)
        return self._compare(context)

    def execute_complete(
        self, context: Context, event: dict[Any, Any] | None = None
    ) -> dict[str, str]:
        """Go on after the trigger has seen the sync's end."""
        super().execute_complete(context, event)
        return self._compare(context)

    def _compare(self, context: Context) -> dict[str, str]:
        now = _hash(self.connector.table)
        last = last_seen(context, self.connector.name).get(self.task_id, {}).get(CONTENT_HASH)
        reason = reason_to_run(context, last)
        if reason is None and now == last:
            skip_the_rest(context, f"{self.connector.name} holds the same rows as before the sync")
        log.info("%s; the rest runs.", reason or "The sync has changed rows")
        return {CONTENT_HASH: now} if now else {}


def _hash(table: RawTable) -> str | None:
    """The hash of a table's rows without the times of their syncs; `None` if it is not told."""
    name = quoted(warehouse.database("RAW"), table.schema, table.name)
    sql = f"SELECT COUNT(*), HASH_AGG(* EXCLUDE _FIVETRAN_SYNCED) FROM {name}"  # noqa: S608
    hook = snowflake_hook(connections.TRANSFORMER)
    try:
        # Not `get_first`, which sends statements around it.
        with closing(hook.get_conn()) as connection, connection.cursor() as cursor:
            [(count, number)] = cursor.execute(sql).fetchall()
    except Exception as error:
        # It only saves work: what is wrong with the warehouse, the next task says better.
        log.warning("The rows cannot be compared with those of before: %s", error)
        return None
    return f"{count} rows, {number}"


def sync_connector(connector: FivetranConnector) -> SyncSensor:
    """Tasks `sync` and `wait_for_sync`; the sensor succeeds when the rows have landed.

    The sensor compares the connector's times with the last sync before this one, so that
    clearing either task is safe: a sync is started anew, a finished one is found finished. It skips
    the rest of the DAG if no row has changed, but never for what `reason_to_run` knows.
    """
    connector_id = f"{{{{ var.value.{connector.connector_variable} }}}}"
    sync = FivetranOperator(
        task_id="sync",
        fivetran_conn_id=connections.FIVETRAN,
        connector_id=connector_id,
        wait_for_completion=False,
    )
    wait = SyncSensor(
        task_id="wait_for_sync",
        connector=connector,
        fivetran_conn_id=connections.FIVETRAN,
        connector_id=connector_id,
        completed_after_time="{{ ti.xcom_pull(task_ids='sync') }}",
        poke_interval=POLL_SECONDS,
        execution_timeout=SYNC_TIMEOUT,
        always_wait_when_syncing=True,
        post_execute=_tell_of(connector),
    )
    chain(sync, wait)
    return wait


def _tell_of(connector: FivetranConnector) -> Any:
    """What the sensor does when the sync has ended. Fivetran's API tells no rows and no bytes."""

    def tell(context: Context, _: Any = None) -> None:
        table = f"{warehouse.database('RAW')}.{connector.table.schema}.{connector.table.name}"
        tell_lineage(
            reads=[Address(f"fivetran://connectors/{connector.name}")], writes=[Table(table)]
        )
        waited = utc_now() - context["ti"].start_date
        seconds = round(waited.total_seconds(), 3)
        log.info("synced", source=connector.name, table=table, seconds=seconds)

    return tell
