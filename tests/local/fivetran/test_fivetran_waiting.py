"""The tasks of a DAG with the emulated account and its warehouse: cleared, they heal."""

import asyncio
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, TaskDeferred
from fivetran_provider_async.hooks import FivetranHook

from include.pipeline import sync
from include.pipeline.sync import sync_connector
from include.sources import SOURCES
from tests.local.fivetran.conftest import Account
from tests.local.fivetran.samples import AIRTABLE
from tests.pipeline.running import context_of

COUNT = "SELECT COUNT(*) FROM BASE.METRICS"


def test_a_failed_wait_that_is_cleared_ends_with_the_rows_in_the_table(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FivetranHook, "api_protocol", "http")
    monkeypatch.setattr(FivetranHook, "api_host", account.url.removeprefix("http://"))
    monkeypatch.setenv("AIRFLOW_CONN_FIVETRAN", "fivetran://key:secret@")
    # The samples are in another schema than the source declares.
    monkeypatch.setattr(sync, "check_written_table", lambda *_: None)
    monkeypatch.setattr(sync, "_read_table", lambda *_: str(account.rows(COUNT)))
    with DAG("airtable"):
        wait: Any = sync_connector(SOURCES["airtable"])
    [start] = wait.upstream_list
    start.connector_id = wait.connector_id = AIRTABLE
    wait.poke_interval = 0.02
    account.break_("airtable", "sync-failed")
    wait.completed_after_time = start.execute(context_of("airtable", "sync"))
    account.wait(AIRTABLE)
    with pytest.raises(AirflowException, match="The Fivetran sync failed: Reconnect"):
        wait.execute(context_of("airtable", "wait_for_sync"))

    account.fix()
    cleared = context_of("airtable", "wait_for_sync", tries=2)
    with pytest.raises(TaskDeferred) as caught:
        wait.execute(cleared)

    async def event() -> dict[str, Any]:
        return dict((await anext(caught.value.trigger.run())).payload)

    ended = wait.execute_complete(cleared, asyncio.run(event()))
    assert ended == {"content_hash": "[(2,)]"}
