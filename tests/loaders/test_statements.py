"""The statements that replace a raw table, in their order, and what a failure leaves behind."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from snowflake.connector.errors import OperationalError

from include.loaders import CollapseError, LoadReport, SchemaError, TransientError
from include.loaders.parquet import ParquetSink
from include.loaders.raw.replace_table import SQL_TYPES, replace_table
from include.loaders.raw.session import Session
from include.sources import RawTable
from tests.loaders.recorded import LOADED_AT, REPORT, Answer, RecordedWarehouse, without_tokens

TABLE = RawTable("S", "T")
COLUMNS = [("OBJECTID", "NUMBER"), ("STATUS", "TEXT"), ("_LOAD_ID", "TEXT")]
STAGE, COPY = '"RAW"."S"."LOAD_STAGE_TOKEN"', '"RAW"."S"."LOAD_COPY_TOKEN"'
RECORDED = ("epa", "RAW.S.T", "run 1", LOADED_AT, 3, 40, 5, 6.5, None, "abc", "loaded", "why")


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    """A warehouse whose table has the sink's columns and, always, three rows."""
    made = RecordedWarehouse()
    made.answer("COUNT(*)", [(3,)])
    made.answer("INFORMATION_SCHEMA", COLUMNS)
    return made


@pytest.fixture
def session(warehouse: RecordedWarehouse) -> Session:
    return Session("epa", "RAW", warehouse.connect)


def sink_of_three() -> ParquetSink:
    """Three rows, in two files."""
    sink = ParquetSink(io.BytesIO, part_bytes=1, group_rows=2)
    texts = [(name, pa.string()) for name in ("STATUS", "_LOAD_ID")]
    schema = pa.schema([("OBJECTID", pa.int64()), *texts])
    sink.begin(schema)
    sink.write(pa.record_batch([[1, 2, 3], ["a", "b", "c"], ["run 1"] * 3], schema=schema))
    sink.finish()
    return sink


def replaced(session: Session, sink: ParquetSink, check: str = "") -> tuple[LoadReport, list[str]]:
    """Replace the table; returns the report, and what `check` and `report` were given."""
    given: list[str] = []

    def checked(before: int) -> str:
        given.append(f"{before} rows before")
        if check == "refuse":
            raise CollapseError("epa", "too few")
        return check

    def report(accepted: str, notes: list[str]) -> LoadReport:
        given.extend([accepted, *notes])
        return REPORT

    done = replace_table(session, TABLE, load_id="run 1", sink=sink, check=checked, report=report)
    return done, given


LOCK = (
    'INSERT INTO "RAW"."LOADING"."LOAD_LOCKS" (TABLE_NAME) SELECT %s WHERE NOT EXISTS '
    '(SELECT 1 FROM "RAW"."LOADING"."LOAD_LOCKS" WHERE TABLE_NAME = %s)'
)
STAGED = [
    f"CREATE TEMPORARY STAGE {STAGE}",
    f'CREATE TEMPORARY TABLE {COPY} ("OBJECTID" NUMBER(38, 0), "STATUS" VARCHAR, '
    '"_LOAD_ID" VARCHAR)',
    f"PUT 'file://part_0.parquet' @{STAGE} AUTO_COMPRESS = FALSE",
    f"PUT 'file://part_1.parquet' @{STAGE} AUTO_COMPRESS = FALSE",
    f"COPY INTO {COPY} FROM @{STAGE} FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE "
    "BINARY_AS_TEXT = FALSE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
]
UPDATE = 'UPDATE "RAW"."LOADING"."LOAD_LOCKS" SET LOAD_ID = %s WHERE TABLE_NAME = %s'
COUNT = 'SELECT COUNT(*) FROM "RAW"."S"."T"'
LOG = (
    'INSERT INTO "RAW"."LOADING"."LOAD_LOG" (SOURCE, TABLE_NAME, LOAD_ID, LOADED_AT, ROW_COUNT, '
    "BYTE_COUNT, REQUEST_COUNT, SECONDS, SOURCE_EDITED_AT, CONTENT_HASH, OUTCOME, REASON, NOTES) "
    "SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
)
DROPPED = [f"DROP TABLE IF EXISTS {COPY}", f"DROP STAGE IF EXISTS {STAGE}"]


def test_the_rows_are_staged_first_and_replaced_in_one_transaction(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    done, given = replaced(session, sink_of_three(), "accepted")

    assert done is REPORT
    assert given == ["3 rows before", "accepted"]
    assert without_tokens(warehouse.statements[1:]) == [
        LOCK,
        *STAGED,
        "BEGIN TRANSACTION",
        UPDATE,
        COUNT,
        'DELETE FROM "RAW"."S"."T"',
        'INSERT INTO "RAW"."S"."T" ("OBJECTID", "STATUS", "_LOAD_ID") '
        f'SELECT "OBJECTID", "STATUS", "_LOAD_ID" FROM {COPY}',
        COUNT,
        LOG,
        "COMMIT",
        *DROPPED,
    ]
    values = dict(zip(warehouse.statements, warehouse.values, strict=True))
    assert values[LOCK] == ("RAW.S.T", "RAW.S.T")
    assert values[UPDATE] == ("run 1", "RAW.S.T")
    assert values[LOG] == (*RECORDED, '["one", "two"]')
    files = [pq.read_table(io.BytesIO(data)).num_rows for data in warehouse.streams]
    assert files == [2, 1]


def test_the_temporary_names_of_two_loads_differ(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    for _ in range(2):
        replaced(session, sink_of_three())

    first, second = warehouse.beginning("CREATE TEMPORARY STAGE")
    assert first != second
    token = first.rpartition("_")[2].rstrip('"')
    assert (len(token), token) == (16, token.upper())
    assert f'LOAD_COPY_{token}"' in warehouse.beginning("CREATE TEMPORARY TABLE")[0]


def test_rows_that_do_not_arrive_are_a_transient_failure_and_are_rolled_back(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("COUNT(*)", [(1_002,)])

    with pytest.raises(TransientError) as failure:
        replaced(session, sink_of_three())

    assert str(failure.value) == "epa: 3 rows were read, but the table would hold 1,002."
    assert without_tokens(warehouse.statements[-3:]) == ["ROLLBACK", *DROPPED]
    assert LOG not in warehouse.statements


def test_a_load_that_is_refused_deletes_nothing(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    with pytest.raises(CollapseError):
        replaced(session, sink_of_three(), "refuse")

    assert without_tokens(warehouse.statements[-4:]) == [COUNT, "ROLLBACK", *DROPPED]


def test_what_cannot_be_dropped_does_not_hide_the_failure(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("COPY INTO", OperationalError("no room"))
    warehouse.answer("DROP ", OperationalError("gone"))

    with pytest.raises(TransientError, match="no room"):
        replaced(session, sink_of_three())

    assert without_tokens(warehouse.statements[-2:]) == DROPPED
    assert "BEGIN TRANSACTION" not in warehouse.statements


def test_a_table_that_does_not_exist_is_created_before_its_lock(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("INFORMATION_SCHEMA", [])

    _, given = replaced(session, sink_of_three())

    look, table, again = warehouse.statements[:3]
    assert look == again
    assert look == (
        'SELECT COLUMN_NAME, DATA_TYPE FROM "RAW".INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA '
        "= %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION"
    )
    assert warehouse.values[0] == ("S", "T")
    assert table == (
        'CREATE TABLE IF NOT EXISTS "RAW"."S"."T" ("OBJECTID" NUMBER(38, 0), "STATUS" VARCHAR, '
        '"_LOAD_ID" VARCHAR)'
    )
    # The second look found no columns either, as if another load had created it with others.
    new = ("OBJECTID", "STATUS", "_LOAD_ID")
    assert given[2:] == [f"the column {column} is new" for column in new]


def test_new_columns_are_added_and_lost_ones_are_named(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    kept = [("OBJECTID", "NUMBER"), ("_LOAD_ID", "TEXT"), ("OLD", "DATE")]
    warehouse.answer("INFORMATION_SCHEMA", kept)

    _, given = replaced(session, sink_of_three())

    assert warehouse.beginning("ALTER", "CREATE TABLE") == [
        'ALTER TABLE "RAW"."S"."T" ADD COLUMN IF NOT EXISTS "STATUS" VARCHAR'
    ]
    assert given[2:] == [
        "the column STATUS is new",
        "the column OLD is no longer in the source and is null",
    ]


def test_changed_types_are_refused_before_anything_is_written(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    other = [("OBJECTID", "FLOAT"), ("STATUS", "BOOLEAN"), ("_LOAD_ID", "TEXT")]
    warehouse.answer("INFORMATION_SCHEMA", other)

    with pytest.raises(SchemaError) as failure:
        replaced(session, sink_of_three())

    assert str(failure.value) == (
        "epa: a field has changed its type: OBJECTID was FLOAT and is now NUMBER; "
        "STATUS was BOOLEAN and is now TEXT."
    )
    assert len(warehouse.statements) == 1


def test_each_type_of_arrow_has_one_of_the_warehouse() -> None:
    assert {
        str(pa.string()): "VARCHAR",
        str(pa.int64()): "NUMBER(38, 0)",
        str(pa.float64()): "FLOAT",
        str(pa.timestamp("us")): "TIMESTAMP_NTZ",
        str(pa.date32()): "DATE",
        str(pa.bool_()): "BOOLEAN",
        str(pa.binary()): "BINARY",
    } == SQL_TYPES


IS_LOGGED = (
    'SELECT OUTCOME FROM "RAW"."LOADING"."LOAD_LOG" WHERE TABLE_NAME = %s AND LOAD_ID = %s '
    "AND LOADED_AT = %s AND OUTCOME = %s"
)


def test_a_commit_whose_answer_is_lost_has_loaded_the_table_if_a_new_session_finds_the_load(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("COMMIT", OperationalError("connection reset"))
    warehouse.answer("SELECT OUTCOME", [("loaded",)])

    done, _ = replaced(session, sink_of_three())

    assert done is REPORT
    assert warehouse.log == ["login", "close", "login"]
    assert without_tokens(warehouse.statements[-4:]) == ["COMMIT", IS_LOGGED, *DROPPED]
    assert warehouse.values[-3] == ("RAW.S.T", "run 1", LOADED_AT, "loaded")


@pytest.mark.parametrize("answer", [[], OperationalError("still out of reach")])
def test_a_commit_that_failed_is_a_transient_failure(
    warehouse: RecordedWarehouse, session: Session, answer: Answer
) -> None:
    warehouse.answer("COMMIT", OperationalError("connection reset"))
    warehouse.answer("SELECT OUTCOME", answer)

    with pytest.raises(TransientError, match="connection reset"):
        replaced(session, sink_of_three())


def test_a_failure_before_the_commit_needs_no_second_session(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("DELETE", OperationalError("connection reset"))

    with pytest.raises(TransientError, match="connection reset"):
        replaced(session, sink_of_three())

    assert warehouse.log == ["login"]
