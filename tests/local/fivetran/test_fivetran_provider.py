"""The real Airflow provider with the emulated account."""

import asyncio
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, TaskDeferred
from fivetran_provider_async.hooks import FivetranHook
from fivetran_provider_async.operators import FivetranOperator, FivetranResyncOperator
from fivetran_provider_async.sensors import FivetranSensor
from fivetran_provider_async.triggers import FivetranTrigger

from tests.local.fivetran.conftest import Account
from tests.local.fivetran.samples import AIRTABLE, FEEDBACK

CONNECTION = "fivetran_test"
COMMON = {"connector_id": AIRTABLE, "fivetran_conn_id": CONNECTION}


@pytest.fixture(autouse=True)
def _connection(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FivetranHook, "api_protocol", "http")
    monkeypatch.setattr(FivetranHook, "api_host", account.url.removeprefix("http://"))
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", "fivetran://key:secret@")
    # For a connector that never synced, the provider has a time to wait for only if it unpauses it.
    account.client.patch(f"/v1/connectors/{AIRTABLE}", json={"paused": True})


def sync() -> str:
    """Start a sync; return the operator's value, the end of the sync before it."""
    last_end = FivetranOperator(task_id="sync", wait_for_completion=False, **COMMON).execute({})
    assert isinstance(last_end, str)
    return last_end


def wait(completed_after_time: str) -> dict[str, Any]:
    """Wait for the event of the deferred sensor's trigger."""
    trigger = FivetranTrigger(
        task_id="wait", xcom=completed_after_time, poke_interval=0.02, **COMMON
    )

    async def first() -> dict[str, Any]:
        event = await anext(trigger.run())
        return dict(event.payload)

    return asyncio.run(asyncio.wait_for(first(), 30))


def sensor(completed_after_time: str) -> FivetranSensor:
    return FivetranSensor(task_id="wait", completed_after_time=completed_after_time, **COMMON)


def test_the_sensor_waits_for_the_first_sync(account: Account) -> None:
    account.break_("airtable", "stuck")
    last_end = sync()
    assert sensor(last_end).poke({}) is False
    account.fix()
    event = wait(last_end)
    assert event["status"] == "success"
    assert sensor(last_end).poke({}) is True
    assert account.rows("SELECT COUNT(*) FROM BASE.METRICS") == [(2,)]


def test_the_sensor_distinguishes_a_sync_from_the_one_before(account: Account) -> None:
    before = account.sync(AIRTABLE)["succeeded_at"]
    account.break_("airtable", "stuck")
    last_end = sync()
    assert last_end == before
    assert sensor(last_end).poke({}) is False
    account.fix()
    assert wait(last_end)["status"] == "success"
    assert account.connector(AIRTABLE)["succeeded_at"] > before


def test_the_sensor_defers_while_a_sync_is_running(account: Account) -> None:
    account.break_("airtable", "stuck")
    last_end = sync()
    with pytest.raises(TaskDeferred) as deferred:
        sensor(last_end).execute({})
    assert deferred.value.trigger.xcom == last_end


def test_a_failed_sync_fails_the_sensor_and_the_trigger(account: Account) -> None:
    account.sync(AIRTABLE)
    account.break_("airtable", "sync-failed")
    last_end = sync()
    event = wait(last_end)
    assert event["status"] == "error"
    assert f"sync for connector {AIRTABLE} failed" in event["message"]
    with pytest.raises(AirflowException, match="failed"):
        sensor(last_end).execute_complete({}, event)


def test_the_first_sync_may_fail_and_be_repeated(account: Account) -> None:
    account.break_("airtable", "sync-failed")
    assert wait(sync())["status"] == "error"
    account.fix()
    assert wait(sync())["status"] == "success"


def test_a_stuck_sync_is_replaced_by_the_next_one(account: Account) -> None:
    account.sync(AIRTABLE)
    account.break_("airtable", "stuck")
    sync()
    account.fix()
    assert wait(sync())["status"] == "success"


def test_a_broken_api_fails_the_operator_after_its_retries(account: Account) -> None:
    account.break_("airtable", "error-500")
    operator = FivetranOperator(
        task_id="sync", wait_for_completion=False, fivetran_retry_delay=0, **COMMON
    )
    with pytest.raises(AirflowException, match="failed 3 times"):
        operator.execute({})


def test_a_wrong_secret_fails_at_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", "fivetran://key:wrong@")
    with pytest.raises(AirflowException, match="Status Code: 401"):
        sync()
    assert account.connector(AIRTABLE)["status"]["sync_state"] == "paused"


def test_the_operator_turns_fivetrans_own_schedule_off(account: Account) -> None:
    sync()
    assert account.wait(AIRTABLE)["schedule_type"] == "manual"


def test_the_resync_operator_syncs_everything_again(account: Account) -> None:
    account.sync(AIRTABLE)
    before = account.rows("SELECT MIN(_FIVETRAN_SYNCED) FROM BASE.METRICS")
    FivetranResyncOperator(
        task_id="resync", wait_for_completion=False, scope={"base": ["metrics"]}, **COMMON
    ).execute({})
    account.wait(AIRTABLE)
    assert account.rows("SELECT MIN(_FIVETRAN_SYNCED) FROM BASE.METRICS") > before


def test_every_call_of_the_hook_works(account: Account) -> None:
    hook = FivetranHook(CONNECTION)
    connector = hook.check_connector(AIRTABLE)
    group = hook.get_groups(connector["group_id"])
    assert isinstance(group, dict)
    assert [each["id"] for each in hook.get_groups()] == [group["id"]]
    assert {each["id"] for each in hook.get_connectors(group["id"])} == {AIRTABLE, FEEDBACK}
    assert hook.get_connector_id("base", group["name"]) == AIRTABLE
    assert hook.get_destinations(group["id"])["service"] == "snowflake"
    assert hook.test_connector(AIRTABLE)["setup_tests"][0]["status"] == "PASSED"
    table = hook.get_connector_schemas(AIRTABLE)["schemas"]["base"]["tables"]["metrics"]
    assert table["columns"]["id"]["is_primary_key"] is True
    (described,) = hook.get_metadata(AIRTABLE, "tables")["items"]
    assert described["name_in_destination"] == "metrics"
    columns = hook.get_metadata(AIRTABLE, "columns")["items"]
    assert {each["parent_id"] for each in columns} == {described["id"]}
    assert hook.test_connection() == (True, "Fivetran connection test passed")
