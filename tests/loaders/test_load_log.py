"""The load log: its tables, and the row of a load."""

import json
from dataclasses import replace

import pytest
from snowflake.connector.errors import ProgrammingError

from include.loaders.errors import PermanentError, SchemaError
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
        'CREATE TABLE IF NOT EXISTS "RAW"."LOADING"."LOAD_LOG" (SOURCE VARCHAR, '
        "TABLE_NAME VARCHAR, LOAD_ID VARCHAR, LOADED_AT TIMESTAMP_NTZ, ROW_COUNT NUMBER(38, 0), "
        "BYTE_COUNT NUMBER(38, 0), REQUEST_COUNT NUMBER(38, 0), SECONDS FLOAT, "
        "SOURCE_EDITED_AT TIMESTAMP_NTZ, CONTENT_HASH VARCHAR, OUTCOME VARCHAR, REASON VARCHAR, "
        "NOTES VARCHAR)",
        'CREATE TABLE IF NOT EXISTS "RAW"."LOADING"."LOAD_LOCKS" '
        "(TABLE_NAME VARCHAR, LOAD_ID VARCHAR)",
    ]


# https://docs.snowflake.com/en/user-guide/security-access-control-overview: an object that does not
# exist and one that the role may not use have the same text.
NO_SCHEMA = (
    "002003 (02000): 01b0c11f-0f14-d76d-0000-0000000000ab: SQL compilation error:\n"
    "Schema 'RAW.LOADING' does not exist or not authorized."
)
NO_PRIVILEGE = (
    "003001 (42501): SQL access control error:\n"
    "Insufficient privileges to operate on schema 'LOADING'"
)


@pytest.mark.parametrize("table", ["LOAD_LOG", "LOAD_LOCKS"])
def test_a_missing_schema_is_named_with_who_makes_it(
    table: str, warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer(table, ProgrammingError(NO_SCHEMA, errno=2003, sqlstate="02000"))

    with pytest.raises(SchemaError) as failure:
        load_log.prepare(session)

    assert str(failure.value).startswith(
        "epa: the schema RAW.LOADING does not exist, or the role may not use it; Terraform makes"
        " the loaders' schemas and their grants, so apply it, as docs/deploy.md says. The service"
        " said: "
    )


def test_another_refusal_is_not_taken_for_a_missing_schema(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("LOAD_LOG", ProgrammingError(NO_PRIVILEGE, errno=3001, sqlstate="42501"))

    with pytest.raises(PermanentError, match="the warehouse refuses a statement") as failure:
        load_log.prepare(session)

    assert not isinstance(failure.value, SchemaError)


def test_an_edit_is_logged_in_utc(warehouse: RecordedWarehouse, session: Session) -> None:
    load_log.record(session, replace(REPORT, source_edited_at=PACIFIC))

    [values] = warehouse.values
    assert values[8] == LOADED_AT
    assert json.loads(values[-1]) == ["one", "two"]
