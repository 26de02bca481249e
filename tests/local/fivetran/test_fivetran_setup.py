"""What somebody entered to set a connector up: schemas by prefix and base, and pack modes."""

import json
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from include.sources import SOURCES
from local.fivetran.connectors import (
    AIRTABLE_BASE,
    AIRTABLE_BASE_ID,
    AIRTABLE_PREFIX,
    PACKED,
    UNPACKED,
    airtable_schema,
)
from tests.local.fivetran.conftest import Account
from tests.local.fivetran.samples import AIRTABLE, FEEDBACK, SCHEMAS

TABLES = "SELECT TABLE_SCHEMA FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'METRICS'"
FORMS = "FORMS.FEEDBACK"


def name_base(account: Account, base: str) -> None:
    schema = {name: part for name, part in SCHEMAS["airtable"].items() if name != "schema"}
    file = account.folder / "data" / "fivetran" / "airtable" / "schema.json"
    file.write_text(json.dumps({"base": base, **schema}), encoding="utf-8")


def choose(account: Account, sync_mode: str) -> None:
    settings = {"config": {"sync_mode": sync_mode}}
    account.client.patch(f"/v1/connectors/{FEEDBACK}", json=settings).raise_for_status()


def columns(account: Account) -> list[Any]:
    return account.rows(
        "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS"
        " WHERE TABLE_NAME = 'FEEDBACK' ORDER BY ORDINAL_POSITION"
    )


def test_airtables_schema_has_the_prefix_the_base_and_its_id() -> None:
    [connector] = SOURCES["airtable"].connectors
    found = airtable_schema(AIRTABLE_PREFIX, AIRTABLE_BASE, AIRTABLE_BASE_ID)
    assert found == connector.table.schema
    assert airtable_schema("x", " Bases & Co. (new)", "app1") == "X_BASES_CO_NEW_APP1"


def test_a_renamed_base_starts_a_new_schema_and_leaves_the_old_one(account: Account) -> None:
    name_base(account, AIRTABLE_BASE)
    account.sync(AIRTABLE)
    name_base(account, "LA Recovery")
    found = account.sync(AIRTABLE)
    assert {schema for (schema,) in account.rows(TABLES)} == {
        "ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G",
        "ODI_AIRTABLE_LA_RECOVERY_APPL6HFEE8UDLUC3G",
    }
    assert found["schema"] == AIRTABLE_PREFIX, "the connector keeps its name"
    assert found["config"] == {"schema_prefix": AIRTABLE_PREFIX}


def test_dynamodb_says_its_pack_mode(account: Account) -> None:
    found = account.connector(FEEDBACK)
    assert (found["service"], found["schema"]) == ("dynamodb", "forms")
    assert found["config"]["sync_mode"] == UNPACKED
    choose(account, PACKED)
    assert account.connector(FEEDBACK)["config"]["sync_mode"] == PACKED


def test_a_packed_table_has_one_column_of_json_that_a_query_of_ours_refuses(
    account: Account,
) -> None:
    choose(account, PACKED)
    account.sync(FEEDBACK)
    assert [name for (name,) in columns(account)] == [
        "FEEDBACK_KEY", "DATA", "_FIVETRAN_DELETED", "_FIVETRAN_SYNCED",
    ]  # fmt: skip
    assert account.rows(f"SELECT FEEDBACK_KEY, DATA:is_helpful::BOOLEAN FROM {FORMS}") == [
        ("x", True),
        ("y", False),
    ]
    with pytest.raises(ProgrammingError, match="IS_HELPFUL"):
        account.rows(f"SELECT IS_HELPFUL FROM {FORMS}")


def test_switching_to_packed_leaves_nulls_and_switching_back_fills_the_columns_again(
    account: Account,
) -> None:
    account.sync(FEEDBACK)
    choose(account, PACKED)
    assert account.connector(FEEDBACK)["status"]["is_historical_sync"] is True
    account.sync(FEEDBACK)
    assert account.rows(f"SELECT IS_HELPFUL, DATA IS NULL FROM {FORMS}") == [(None, False)] * 2
    choose(account, UNPACKED)
    account.sync(FEEDBACK)
    assert account.rows(f"SELECT IS_HELPFUL, DATA IS NULL FROM {FORMS} ORDER BY 1") == [
        (False, True),
        (True, True),
    ]
