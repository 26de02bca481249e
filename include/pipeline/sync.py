"""Fivetran syncs: one task starts the sync, a deferrable sensor waits for its end."""

import os
from datetime import timedelta

from airflow.sdk import chain
from fivetran_provider_async.operators import FivetranOperator
from fivetran_provider_async.sensors import FivetranSensor

from include.sources import FivetranConnector

FIVETRAN_CONNECTION = "fivetran"

POLL_SECONDS = int(os.environ.get("DDRC_POLL_SECONDS", "30"))

# These small connectors sync in minutes; a sensor without a limit was seen to wait for ever.
SYNC_TIMEOUT = timedelta(seconds=float(os.environ.get("DDRC_SYNC_TIMEOUT_SECONDS", "2400")))


def sync_connector(connector: FivetranConnector) -> FivetranSensor:
    """Tasks `sync` and `wait_for_sync`; the sensor succeeds when the rows have landed.

    The sensor compares the connector's times with the last sync before this one, so that
    clearing either task is safe: a sync is started anew, a finished one is found finished.
    """
    connector_id = f"{{{{ var.value.{connector.connector_variable} }}}}"
    sync = FivetranOperator(
        task_id="sync",
        fivetran_conn_id=FIVETRAN_CONNECTION,
        connector_id=connector_id,
        wait_for_completion=False,
    )
    wait = FivetranSensor(
        task_id="wait_for_sync",
        fivetran_conn_id=FIVETRAN_CONNECTION,
        connector_id=connector_id,
        completed_after_time="{{ ti.xcom_pull(task_ids='sync') }}",
        poke_interval=POLL_SECONDS,
        execution_timeout=SYNC_TIMEOUT,
        always_wait_when_syncing=True,
    )
    chain(sync, wait)
    return wait
