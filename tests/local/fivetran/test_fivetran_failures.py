"""Failed and stuck syncs: the connector's status and the raw table."""

from tests.local.fivetran.conftest import Account
from tests.local.fivetran.samples import AIRTABLE, FEEDBACK, ROWS

IDS = "SELECT ID, METRIC, _FIVETRAN_SYNCED FROM BASE.METRICS ORDER BY ID"


def change_everything(account: Account) -> None:
    account.rewrite("airtable", [{**ROWS["airtable"][0], "METRIC": 99}, {"ID": "z"}])


def test_a_failed_sync_leaves_the_table_unchanged_and_the_next_one_lands_all_rows(
    account: Account,
) -> None:
    succeeded_at = account.sync(AIRTABLE)["succeeded_at"]
    before = account.rows(IDS)
    change_everything(account)
    account.break_("airtable", "sync-failed")
    failed = account.sync(AIRTABLE)
    assert failed["succeeded_at"] == succeeded_at
    assert failed["failed_at"] > succeeded_at
    assert failed["status"]["update_state"] == "delayed"
    assert account.rows(IDS) == before
    account.fix()
    found = account.sync(AIRTABLE)
    assert found["succeeded_at"] > failed["failed_at"]
    assert found["status"]["update_state"] == "on_schedule"
    assert [row[:2] for row in account.rows(IDS)] == [("a", 99.0), ("z", None)]


def test_a_first_sync_that_fails_leaves_no_table(account: Account) -> None:
    account.break_("airtable", "sync-failed")
    found = account.sync(AIRTABLE)
    assert (found["succeeded_at"], found["status"]["is_historical_sync"]) == (None, True)
    tables = "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'METRICS'"
    assert account.rows(tables) == []


def test_rows_that_cannot_be_read_or_do_not_fit_fail_the_sync(account: Account) -> None:
    account.sync(AIRTABLE)
    before = account.rows(IDS)
    failed_at = ""
    for rows in (
        [{"ID": "a", "METRIC": "many"}],
        [{"METRIC": 1}],
        [{"ID": "a"}, {"ID": "a"}],
        [{"ID": "a", 'X" --': 1}],
    ):
        account.rewrite("airtable", rows)
        found = account.sync(AIRTABLE)
        assert (found["failed_at"] or "") > failed_at, rows
        assert account.rows(IDS) == before, rows
        failed_at = found["failed_at"]


def test_a_stuck_sync_ends_only_when_the_fault_is_removed(account: Account) -> None:
    account.break_("airtable", "stuck")
    account.start(AIRTABLE)
    assert account.sync(FEEDBACK)["succeeded_at"]
    assert account.connector(AIRTABLE)["status"]["sync_state"] == "syncing"
    account.fix()
    assert account.wait(AIRTABLE)["succeeded_at"]


def test_the_server_stops_while_a_sync_is_stuck(account: Account) -> None:
    account.break_("airtable", "stuck")
    account.start(AIRTABLE)
    account.stop()
    tables = "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'METRICS'"
    assert account.rows(tables) == []


def test_with_the_fault_error_500_the_api_fails_for_that_connector(account: Account) -> None:
    account.break_("airtable", "error-500")
    assert account.client.get(f"/v1/connectors/{AIRTABLE}").status_code == 500
    assert account.start(AIRTABLE).status_code == 500
    assert account.client.get(f"/v1/connectors/{FEEDBACK}").status_code == 200
    account.fix()
    assert account.connector(AIRTABLE)["succeeded_at"] is None


def test_an_unknown_fault_is_reported(account: Account) -> None:
    (account.folder / "faults.json").write_text('{"airtable": "sunburnt"}', encoding="utf-8")
    response = account.client.get(f"/v1/connectors/{AIRTABLE}")
    assert response.status_code == 500
    assert "sunburnt" in response.json()["message"]
