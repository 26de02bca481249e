"""Parquet by PUT and COPY INTO, in one transaction, into tables of every type that loaders use."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from snowflake.connector.cursor import SnowflakeCursor
from snowflake.connector.errors import ProgrammingError

from tests.local.snowflake.client import Connect

OPTIONS = (
    "FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
)
EDITED = datetime.fromisoformat("2025-08-21T16:27:03.120")
WKB = bytes([1, 1, 0, 0, 0]) + bytes(16)


def parquet(folder: Path, name: str, rows: int = 2) -> Path:
    path = folder / f"{name}.parquet"
    table = pa.table(
        {
            "objectid": pa.array(range(1, rows + 1), pa.int64()),
            "Edited": pa.array([EDITED] + [None] * (rows - 1), pa.timestamp("us")),
            "GEOMETRY": pa.array([WKB] + [None] * (rows - 1), pa.binary()),
            "ACRES": pa.array([0.5] * rows, pa.float64()),
        }
    )
    pq.write_table(table, path)
    return path


@pytest.fixture
def cursor(connect: Connect) -> SnowflakeCursor:
    cursor = connect().cursor()
    cursor.execute(
        "CREATE TABLE DEBRIS (OBJECTID NUMBER(38,0), EDITED TIMESTAMP_NTZ, GEOMETRY BINARY, "
        "ACRES FLOAT, MISSING VARCHAR)"
    )
    return cursor


@pytest.mark.parametrize("stage", ["@~/load", "@%DEBRIS", "@PARTS"])
def test_parquet_arrives_with_its_bytes_and_times(
    cursor: SnowflakeCursor, tmp_path: Path, stage: str
) -> None:
    cursor.execute("CREATE TEMPORARY STAGE PARTS")
    cursor.execute(f"PUT 'file://{parquet(tmp_path, 'part')}' {stage} AUTO_COMPRESS = FALSE")
    cursor.execute(f"COPY INTO DEBRIS FROM {stage} {OPTIONS}")
    rows = cursor.execute("SELECT * FROM DEBRIS ORDER BY OBJECTID").fetchall()
    assert rows == [(1, EDITED, WKB, 0.5, None), (2, None, None, 0.5, None)]
    cursor.execute(f"REMOVE {stage}")


def test_a_load_that_is_rolled_back_leaves_the_old_rows(
    cursor: SnowflakeCursor, tmp_path: Path
) -> None:
    cursor.execute("INSERT INTO DEBRIS (OBJECTID) VALUES (99)")
    cursor.execute("CREATE TEMPORARY STAGE PARTS")
    cursor.execute(f"PUT 'file://{parquet(tmp_path, 'part')}' @PARTS AUTO_COMPRESS = FALSE")
    for end, rows in (("ROLLBACK", [(99,)]), ("COMMIT", [(1,), (2,)])):
        cursor.execute("BEGIN")
        cursor.execute("DELETE FROM DEBRIS")
        cursor.execute(f"COPY INTO DEBRIS FROM @PARTS {OPTIONS}")
        cursor.execute(end)
        assert cursor.execute("SELECT OBJECTID FROM DEBRIS ORDER BY 1").fetchall() == rows


def test_a_table_of_another_database_is_loaded_in_a_transaction(
    cursor: SnowflakeCursor,
    tmp_path: Path,
    database: str,
) -> None:
    cursor.execute(f"CREATE TEMPORARY STAGE {database}.PUBLIC.PARTS")
    cursor.execute(f"PUT 'file://{parquet(tmp_path, 'p')}' @PARTS AUTO_COMPRESS = FALSE")
    cursor.execute(f"CREATE DATABASE {database}_ELSEWHERE")
    try:
        cursor.execute("BEGIN")
        cursor.execute(
            f"COPY INTO {database}.PUBLIC.DEBRIS FROM @{database}.PUBLIC.PARTS {OPTIONS}"
        )
        cursor.execute("COMMIT")
        rows = cursor.execute(f"SELECT COUNT(*) FROM {database}.PUBLIC.DEBRIS").fetchone()
        assert rows == (2,)
    finally:
        cursor.execute(f"DROP DATABASE {database}_ELSEWHERE")


def test_temporary_stages_of_one_name_are_each_sessions_own(
    connect: Connect,
    tmp_path: Path,
    cursor: SnowflakeCursor,
) -> None:
    first, second = connect().cursor(), connect().cursor()
    for number, owner in ((1, first), (2, second)):
        owner.execute("CREATE TEMPORARY STAGE PARTS")
        file = parquet(tmp_path, "same_name", rows=number)
        owner.execute(f"PUT 'file://{file}' @PARTS AUTO_COMPRESS = FALSE")
        owner.execute(f"CREATE TABLE OF_{number} LIKE DEBRIS")
    for number, owner in ((1, first), (2, second)):
        owner.execute(f"COPY INTO OF_{number} FROM @PARTS {OPTIONS}")
        assert owner.execute(f"SELECT COUNT(*) FROM OF_{number}").fetchone() == (number,)
    with pytest.raises(ProgrammingError, match="does not exist"):
        cursor.execute(f"COPY INTO DEBRIS FROM @PARTS {OPTIONS}")


def test_a_definition_commits_the_open_transaction(cursor: SnowflakeCursor) -> None:
    """As in Snowflake: a table that is created between BEGIN and ROLLBACK ends the transaction."""
    cursor.execute("BEGIN")
    cursor.execute("INSERT INTO DEBRIS (OBJECTID) VALUES (1)")
    cursor.execute("CREATE TABLE OTHER (N INT)")
    cursor.execute("ROLLBACK")
    assert cursor.execute("SELECT COUNT(*) FROM DEBRIS").fetchone() == (1,)


def test_without_autocommit_nothing_is_stored_before_commit(
    connect: Connect, cursor: SnowflakeCursor
) -> None:
    manual = connect(autocommit=False)
    manual.cursor().execute("INSERT INTO DEBRIS (OBJECTID) VALUES (1)")
    assert cursor.execute("SELECT COUNT(*) FROM DEBRIS").fetchone() == (0,)
    manual.rollback()
    manual.cursor().execute("INSERT INTO DEBRIS (OBJECTID) VALUES (2)")
    manual.commit()
    assert cursor.execute("SELECT OBJECTID FROM DEBRIS").fetchall() == [(2,)]
