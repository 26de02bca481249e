"""The load log: its tables, and the row of a load."""

import json
from dataclasses import replace

import pytest

from include.loaders.raw import load_log
from include.loaders.raw.session import Session
from tests.loaders.recorded import LOADED_AT, PACIFIC, REPORT, RecordedWarehouse


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    return RecordedWarehouse()


@pytest.fixture
def session(warehouse: RecordedWarehouse) -> Session:
    return Session("epa", "RAW", warehouse.connect)


def test_the_log_and_the_locks_are_created_once(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    load_log.prepare(session)

    assert warehouse.statements == [
        'CREATE SCHEMA IF NOT EXISTS "RAW"."LOADING"',
        'CREATE TABLE IF NOT EXISTS "RAW"."LOADING"."LOAD_LOG" (SOURCE VARCHAR, '
        "TABLE_NAME VARCHAR, LOAD_ID VARCHAR, LOADED_AT TIMESTAMP_NTZ, ROW_COUNT NUMBER(38, 0), "
        "BYTE_COUNT NUMBER(38, 0), REQUEST_COUNT NUMBER(38, 0), SECONDS FLOAT, "
        "SOURCE_EDITED_AT TIMESTAMP_NTZ, CONTENT_HASH VARCHAR, OUTCOME VARCHAR, REASON VARCHAR, "
        "NOTES VARCHAR)",
        'CREATE TABLE IF NOT EXISTS "RAW"."LOADING"."LOAD_LOCKS" '
        "(TABLE_NAME VARCHAR, LOAD_ID VARCHAR)",
    ]


def test_an_edit_is_logged_in_utc(warehouse: RecordedWarehouse, session: Session) -> None:
    load_log.record(session, replace(REPORT, source_edited_at=PACIFIC))

    [values] = warehouse.values
    assert values[8] == LOADED_AT
    assert json.loads(values[-1]) == ["one", "two"]
