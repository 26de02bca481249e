"""An emulated Fivetran account, and the tasks of a DAG that sync with it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partialmethod
from pathlib import Path

import pytest
from airflow.sdk import DAG
from fivetran_provider_async.hooks import FivetranHook

from include.pipeline import sync
from include.pipeline.sync import StartSync, SyncSensor, sync_connector
from include.sources import SOURCES
from local.fivetran.connectors import AIRTABLE_BASE
from tests.local.fivetran.samples import AIRTABLE, write_data
from tests.pipeline.fivetran_account import Account, rename_base
from tests.serving import serving


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    write_data(tmp_path)
    rename_base(tmp_path, AIRTABLE_BASE)
    monkeypatch.setenv("AIRFLOW_CONN_FIVETRAN", "fivetran://dummy-key:dummy-secret@")
    monkeypatch.setattr(
        FivetranHook, "__init__", partialmethod(FivetranHook.__init__, retry_delay=0)
    )
    monkeypatch.setattr(sync, "_read_table", lambda source, connector: "7 rows, 99")
    account = Account(tmp_path, monkeypatch)
    with serving(account) as url:
        monkeypatch.setattr(FivetranHook, "api_protocol", "http")
        monkeypatch.setattr(FivetranHook, "api_host", url.removeprefix("http://"))
        yield account
        account.fix()


@pytest.fixture
def tasks() -> tuple[StartSync, SyncSensor]:
    """The tasks `sync` and `wait_for_sync` with rendered templates."""
    with DAG("airtable"):
        wait = sync_connector(SOURCES["airtable"])
    [start] = wait.upstream_list
    assert isinstance(start, StartSync)
    for task in (start, wait):
        task.connector_id = AIRTABLE
    wait.completed_after_time, wait.poke_interval = "1970-01-02T00:00:00Z", 0.02
    # The default, whatever the environment says.
    wait.execution_timeout = timedelta(minutes=40)
    return start, wait
