"""Fivetran syncs: one task starts the sync, a deferrable sensor waits for its end."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import structlog
from airflow.sdk import Context, chain
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
)
from fivetran_provider_async.operators import FivetranOperator
from fivetran_provider_async.sensors import FivetranSensor

from include import connections, warehouse
from include.loaders.raw.identifiers import quoted
from include.pipeline.change_detection import CONTENT_HASH, last_seen, reason_to_run, skip_the_rest
from include.pipeline.column_drift import drift_reporter
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.fivetran import FivetranApi
from include.pipeline.lineage import Address, Table, emit_lineage
from include.pipeline.snowflake import snowflake_hook
from include.pipeline.sync_schema import check_written_table
from include.pipeline.sync_state import Phase, describe_connector, parse_time, phase_of
from include.pipeline.sync_trigger import SyncTrigger
from include.sources import FivetranConnector, Source
from include.times import duration, utc_now

log = structlog.get_logger(__name__)

# The warehouse that a sync has woken idles until the next poll, and bills for it.
POLL_SECONDS = int(os.environ.get("DDRC_POLL_SECONDS", "10"))

# These small connectors sync in minutes; a sensor without a limit can stay deferred for ever
# (astronomer/airflow-provider-fivetran-async#93, #106, #108, #109).
SYNC_TIMEOUT = timedelta(seconds=float(os.environ.get("DDRC_SYNC_TIMEOUT_SECONDS", "2400")))

# The key under which the tasks store what Fivetran says; `include/ui/airflow_state.py` reads it.
FIVETRAN = "fivetran"

# The number and the hash of a table's rows, without the times of their syncs.
ROWS_HASH = "SELECT COUNT(*), HASH_AGG(* EXCLUDE _FIVETRAN_SYNCED) FROM {}"

# Fivetran widens columns when a longer text or a finer time arrives.
_LENGTH = re.compile(r"^(VARCHAR|BINARY|TIME\w*)\(\d+\)$")


class StartSync(FivetranOperator):  # type: ignore[misc]  # The provider has no type annotations.
    """Starts a sync; its result is the time at which the sync before it ended."""

    def __init__(self, *, connector: FivetranConnector, **kwargs: Any) -> None:
        super().__init__(**_requests(connector), wait_for_completion=False, **kwargs)
        self.connector = connector

    @cached_property
    def hook(self) -> FivetranApi:
        """Fivetran's API."""
        return FivetranApi(self.fivetran_conn_id, self.connector.connector_variable)

    def execute(self, context: Context) -> str:
        """Start a sync; one that is running is stopped.

        Raises:
            AirflowFailException: The connector is paused or not set up, or Fivetran refuses.
        """
        try:
            return self.hook.start_sync(self.connector_id, force=True)
        finally:
            _note_connector(self.hook, context)


class SyncSensor(FivetranSensor):  # type: ignore[misc]  # The provider has no type annotations.
    """Waits for the end of a sync, and skips the rest of the DAG if the rows are the same.

    One statement hashes the table's rows, as the role that transforms them, on the warehouse that
    the sync has woken. A re-import writes every row again and has the same hash. The hash is the
    task's result, which `release` stores. Another one, which needs no warehouse, describes the
    table: changed columns are reported.
    """

    after: datetime
    deadline: datetime

    def __init__(self, *, source: str, connector: FivetranConnector, **kwargs: Any) -> None:
        super().__init__(inlets=[SOURCE_ASSETS[source]], **_requests(connector), **kwargs)
        self.source = source
        self.connector = connector

    @cached_property
    def hook(self) -> FivetranApi:
        """Fivetran's API."""
        return FivetranApi(self.fivetran_conn_id, self.connector.connector_variable)

    def execute(self, context: Context) -> dict[str, str]:
        """Defer until the sync has ended, unless it already has.

        Raises:
            AirflowFailException: A person has to act, or the sync has written another table.
        """
        super().execute(context)
        return self._compare(context)

    def poke(self, context: Context) -> bool:
        """True if the sync has ended.

        A retry, or a task that somebody cleared, starts another sync if the awaited one failed or
        never ran: waiting for it again would fail again.

        Raises:
            AirflowException: The sync failed.
        """
        self.after = parse_time(self.completed_after_time)
        self.deadline = utc_now() + self.execution_timeout
        if context["ti"].try_number > 1:
            phase = phase_of(self.hook.get_connector(self.connector_id), self.after)
            if phase not in {Phase.SYNCING, Phase.ENDED, Phase.RESCHEDULED}:
                log.info("%s: another sync is started.", phase.value)
                before = self.hook.start_sync(self.connector_id, force=False)
                self.after = parse_time(before)
                return False
        return self.hook.has_synced(self.connector_id, self.after, self.deadline)

    def defer(self, **options: Any) -> None:
        """Defer with a trigger that does not block the triggerer."""
        trigger = SyncTrigger(
            connection_id=self.fivetran_conn_id,
            variable=self.connector.connector_variable,
            connector_id=self.connector_id,
            after=self.after.isoformat(),
            deadline=self.deadline.isoformat(),
            poll_seconds=self.poke_interval,
        )
        super().defer(**{**options, "trigger": trigger})

    def execute_complete(
        self, context: Context, event: dict[Any, Any] | None = None
    ) -> dict[str, str]:
        """Resume after the trigger has seen the end of the sync, or failed.

        Raises:
            AirflowFailException: A person has to act.
            AirflowException: The sync failed, or Fivetran refuses requests.
        """
        if event and event["status"] == "error":
            if event["is_final"]:
                raise AirflowFailException(event["message"])
            after = parse_time(event["after"])
            # The sync may have ended since the trigger could not see it.
            if not self.hook.has_synced(self.connector_id, after):
                raise AirflowException(f"The wait for the Fivetran sync failed: {_cause(event)}")
        else:
            super().execute_complete(context, event)
        return self._compare(context)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Resume as Airflow does; a time-out names the limit.

        Raises:
            AirflowSensorTimeout: The sync has not ended in time; it is not retried.
        """
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSensorTimeout as error:
            limit = duration(self.execution_timeout)
            raise AirflowSensorTimeout(
                f"The Fivetran sync has not ended within its time limit. The limit is {limit}."
            ) from error

    def _compare(self, context: Context) -> dict[str, str]:
        check_written_table(self.hook, self.connector_id, self.source, self.connector)
        self._note_end(context)
        content_hash = _read_table(self.source, self.connector)
        last = last_seen(context, self.source).get(self.task_id, {}).get(CONTENT_HASH)
        reason = reason_to_run(context, last)
        if reason is None and content_hash == last:
            skip_the_rest(context, f"{self.source} has the same rows as before the sync")
        log.info("%s; the next tasks run.", reason or "The sync has changed rows")
        return {CONTENT_HASH: content_hash} if content_hash else {}

    def _note_end(self, context: Context) -> None:
        try:
            self.hook.get_connector(self.connector_id)
        except AirflowException as error:
            # The rows have arrived: only the page misses Fivetran's words.
            log.warning("Fivetran did not describe the connector after the sync: %s", error)
        _note_connector(self.hook, context)


def _note_connector(api: FivetranApi, context: Context) -> None:
    """Store what Fivetran last said of a connector, for the page *Sources*."""
    if api.details is not None:
        context["ti"].xcom_push(key=FIVETRAN, value=describe_connector(api.details))


def sync_connector(source: Source) -> SyncSensor:
    """Tasks `sync` and `wait_for_sync`; the sensor succeeds when the rows have arrived.

    Both tasks are safe to clear: `sync` starts another sync, and the sensor compares the
    connector's times with the sync before this one, so it finds a completed sync completed, and
    starts another one if that one failed or never ran. The sensor skips the rest of the DAG if no
    row has changed, unless `reason_to_run` names a reason.
    """
    [connector] = source.connectors
    sync = StartSync(task_id="sync", connector=connector)
    wait = SyncSensor(
        task_id="wait_for_sync",
        source=source.name,
        connector=connector,
        completed_after_time="{{ ti.xcom_pull(task_ids='sync') }}",
        poke_interval=POLL_SECONDS,
        execution_timeout=SYNC_TIMEOUT,
        always_wait_when_syncing=True,
        post_execute=_report_sync(connector),
    )
    chain(sync, wait)
    return wait


def _requests(connector: FivetranConnector) -> dict[str, str]:
    """The arguments with which a task requests this connector."""
    return {
        "fivetran_conn_id": connections.FIVETRAN,
        "connector_id": f"{{{{ var.value.{connector.connector_variable} }}}}",
    }


def _cause(event: dict[Any, Any]) -> str:
    """A trigger's error; the provider's trigger loses the text of a refusal.

    A task that was deferred before a deployment has that trigger.
    """
    lost = event["message"] in ("", "'data'")
    return "Fivetran refused a request, and accepts it now" if lost else str(event["message"])


def columns_of(described: list[tuple[Any, ...]]) -> Mapping[str, str]:
    """The type of each column, from the rows of `DESCRIBE TABLE`; without the lengths of texts."""
    return {str(name): _LENGTH.sub(r"\1", str(kind)) for name, kind, *_ in described}


def _read_table(source: str, connector: FivetranConnector) -> str | None:
    """Report a table's changed columns, and hash its rows without the times of their syncs.

    Returns:
        The hash; `None` if it is unknown.
    """
    table = connector.table
    name = quoted(warehouse.database("RAW"), table.schema, table.name)
    # The sync has just woken this warehouse: an hour without changes wakes no other.
    hook = snowflake_hook(connections.TRANSFORMER, "LOADING")
    try:
        # The hook's `get_first` would send further statements.
        with closing(hook.get_conn()) as connection, connection.cursor() as cursor:
            described = cursor.execute(f"DESCRIBE TABLE {name}").fetchall()
            drift_reporter(source, connector)(columns_of(described))
            [(count, number)] = cursor.execute(ROWS_HASH.format(name)).fetchall()
    except Exception as error:
        # The comparison only saves work. If the warehouse is down, the next task reports it.
        log.warning("The rows cannot be compared with those before the sync: %s", error)
        return None
    return f"{count} rows, {number}"


def _report_sync(connector: FivetranConnector) -> Callable[[Context, object], None]:
    """The sensor's `post_execute`. Fivetran's API reports neither rows nor bytes."""

    def log_and_emit(context: Context, _result: object) -> None:
        table = f"{warehouse.database('RAW')}.{connector.table.schema}.{connector.table.name}"
        emit_lineage(
            reads=[Address(f"fivetran://connectors/{connector.name}")], writes=[Table(table)]
        )
        waited = utc_now() - context["ti"].start_date
        seconds = round(waited.total_seconds(), 3)
        log.info("synced", source=connector.name, table=table, seconds=seconds)

    return log_and_emit
