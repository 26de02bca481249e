"""The raw table after a sync."""

from typing import Any

from tests.local.fivetran.conftest import Account
from tests.local.fivetran.samples import AIRTABLE, FEEDBACK, ROWS

METRICS = "SELECT ID, METRIC, DATE_CREATED, NAMES, _FIVETRAN_SYNCED FROM BASE.METRICS ORDER BY ID"
FORMS = "SELECT FEEDBACK_KEY, IS_HELPFUL, _FIVETRAN_DELETED, _FIVETRAN_SYNCED FROM FORMS.FEEDBACK"


def synced(account: Account) -> dict[str, Any]:
    return dict(account.rows("SELECT ID, _FIVETRAN_SYNCED FROM BASE.METRICS"))


def test_the_first_sync_creates_the_table_with_the_declared_types(
    account: Account,
) -> None:
    account.sync(AIRTABLE)
    types = account.rows(
        "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS"
        " WHERE TABLE_SCHEMA = 'BASE' AND TABLE_NAME = 'METRICS' ORDER BY ORDINAL_POSITION"
    )
    assert types == [
        ("ID", "TEXT"),
        ("METRIC", "FLOAT"),
        ("DATE_CREATED", "TIMESTAMP_TZ"),
        ("NAMES", "VARIANT"),
        ("_FIVETRAN_SYNCED", "TIMESTAMP_TZ"),
    ]
    first, second = account.rows(METRICS)
    assert first[:2] == ("a", 1.5)
    assert first[2].isoformat() == "2025-03-01T10:00:00+00:00"
    assert account.rows("SELECT NAMES[0]::VARCHAR FROM BASE.METRICS WHERE ID = 'a'") == [("one's",)]
    assert (second[1], second[3]) == (None, None)


def test_an_unchanged_row_keeps_the_time_of_its_sync(account: Account) -> None:
    account.sync(AIRTABLE)
    before = synced(account)
    a, b = ROWS["airtable"]
    account.rewrite("airtable", [a, {**b, "NAMES": ["two"]}, {"ID": "c"}])
    account.sync(AIRTABLE)
    after = synced(account)
    assert after["a"] == before["a"]
    assert after["b"] > before["b"]
    assert after["c"] == after["b"]


def test_rows_deleted_from_airtable_are_deleted(account: Account) -> None:
    account.sync(AIRTABLE)
    account.rewrite("airtable", ROWS["airtable"][:1])
    account.sync(AIRTABLE)
    assert set(synced(account)) == {"a"}
    account.rewrite("airtable", [])
    account.sync(AIRTABLE)
    assert synced(account) == {}


def test_a_row_deleted_from_page_feedback_is_marked_as_deleted_until_it_returns(
    account: Account,
) -> None:
    account.sync(FEEDBACK)
    before = {row[0]: row for row in account.rows(FORMS)}
    account.rewrite("page_feedback", ROWS["page_feedback"][:1])
    account.sync(FEEDBACK)
    after = {row[0]: row for row in account.rows(FORMS)}
    assert after["x"] == before["x"] == ("x", True, False, before["x"][3])
    assert after["y"][:3] == ("y", False, True)
    assert after["y"][3] > before["y"][3]
    account.rewrite("page_feedback", ROWS["page_feedback"])
    account.sync(FEEDBACK)
    assert {row[0]: row[2] for row in account.rows(FORMS)} == {"x": False, "y": False}


def test_a_new_column_in_the_data_is_added(account: Account) -> None:
    account.sync(AIRTABLE)
    a, b = ROWS["airtable"]
    account.rewrite("airtable", [{**a, "OWNER": "staff"}, b])
    account.sync(AIRTABLE)
    assert account.rows("SELECT ID, OWNER FROM BASE.METRICS ORDER BY ID") == [
        ("a", "staff"),
        ("b", None),
    ]


def test_a_historical_resync_counts_every_row_as_new(account: Account) -> None:
    account.sync(AIRTABLE)
    before = synced(account)
    account.sync(AIRTABLE, "resync")
    after = synced(account)
    assert after["a"] > before["a"]
    assert after["b"] > before["b"]


def test_thousands_of_rows_land_completely(account: Account) -> None:
    rows = [{"ID": f"r{number}", "METRIC": number, "NAMES": [number]} for number in range(6000)]
    account.rewrite("airtable", rows)
    account.sync(AIRTABLE)
    assert account.rows("SELECT COUNT(*), SUM(METRIC) FROM BASE.METRICS") == [(6000, 17997000.0)]


def test_two_connectors_land_at_the_same_time(account: Account) -> None:
    account.start(AIRTABLE)
    account.start(FEEDBACK)
    for connector_id in (AIRTABLE, FEEDBACK):
        assert account.wait(connector_id)["succeeded_at"]
    assert len(synced(account)) == 2
    assert len(account.rows(FORMS)) == 2
