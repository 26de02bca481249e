"""fakesnow alone, without the emulator: each fault that `fakesnow_patches` or `translate` corrects.

A failed `test_fakesnow_still_…` means that a newer fakesnow is right: remove the patch, its test
and whatever else serves it. The other tests of the emulator show that it answers correctly.
"""

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fakesnow.arrow import timestamp_to_sf_struct
from fakesnow.instance import FakeSnow
from fakesnow.transforms import stage
from snowflake.connector.errors import ProgrammingError

from tests.local.snowflake.client import Rows, Run


@pytest.fixture
def fakesnow() -> Run:
    """Run one statement in fakesnow, which has the databases HERE (the current one) and OTHER."""
    server = FakeSnow()
    server.connect("OTHER", "PUBLIC")
    connection = server.connect("HERE", "PUBLIC")

    def execute(sql: str) -> Rows:
        rows: Rows = connection.cursor().execute(sql).fetchall()
        return rows

    return execute


def test_fakesnow_still_sends_a_null_timestamp_as_a_struct_that_is_not_null() -> None:
    assert timestamp_to_sf_struct(pa.array([None], pa.timestamp("us"))).null_count == 0


def test_fakesnow_still_sums_decimals_as_doubles(fakesnow: Run) -> None:
    [(total,)] = fakesnow("SELECT SUM(A) FROM (SELECT 12345678901234567.89::NUMBER(38,2) AS A)")

    assert isinstance(total, float)


def test_fakesnow_still_puts_a_columns_name_into_its_sql_unescaped(fakesnow: Run) -> None:
    with pytest.raises(duckdb.ParserException, match="unterminated"):
        fakesnow("""CREATE TABLE T ("it's" VARCHAR(7))""")


def test_fakesnow_still_describes_tables_of_the_current_database_only(fakesnow: Run) -> None:
    fakesnow("CREATE TABLE OTHER.PUBLIC.T (A INT)")

    assert fakesnow("DESCRIBE TABLE OTHER.PUBLIC.T") == []


def test_fakesnow_still_records_a_load_in_the_current_database(
    fakesnow: Run, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"A": [1]}), tmp_path / "rows.parquet")
    fakesnow(f"CREATE STAGE S URL = 'file://{tmp_path}/'")
    fakesnow("CREATE TABLE OTHER.PUBLIC.T (A INT)")
    fakesnow("BEGIN")

    with pytest.raises(duckdb.TransactionException, match='write to database "HERE"'):
        fakesnow(
            "COPY INTO OTHER.PUBLIC.T FROM @S FILES = ('rows.parquet') "
            "FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        )


MERGE = (
    "MERGE INTO {target} AS T USING (SELECT 1 AS A) AS S ON S.A = T.A "
    "WHEN NOT MATCHED THEN INSERT (A) VALUES ({value})"
)


def test_fakesnow_still_finds_a_merged_column_without_its_table_ambiguous(fakesnow: Run) -> None:
    fakesnow("CREATE TABLE T (A INT)")

    with pytest.raises(ProgrammingError, match="Ambiguous reference"):
        fakesnow(MERGE.format(target="T", value="A"))


def test_fakesnow_still_merges_outside_of_the_transaction_of_another_database(
    fakesnow: Run,
) -> None:
    fakesnow("CREATE TABLE OTHER.PUBLIC.T (A INT)")
    fakesnow("BEGIN")

    with pytest.raises(duckdb.TransactionException, match="single transaction"):
        fakesnow(MERGE.format(target="OTHER.PUBLIC.T", value="S.A"))


def test_fakesnow_still_accepts_a_null_in_a_required_column_of_a_query(fakesnow: Run) -> None:
    fakesnow("CREATE TABLE T (A INT NOT NULL) AS SELECT NULL")

    assert fakesnow("SELECT * FROM T") == [(None,)]


def test_fakesnow_still_puts_a_tables_comment_into_its_sql_unescaped(fakesnow: Run) -> None:
    with pytest.raises(duckdb.ParserException, match="unterminated"):
        fakesnow("CREATE TABLE T (A INT) COMMENT = 'It''s so.'")


def test_fakesnow_still_comments_on_a_transient_table_with_none(fakesnow: Run) -> None:
    fakesnow("CREATE TRANSIENT TABLE T (A INT)")

    assert fakesnow("SELECT COMMENT FROM INFORMATION_SCHEMA.TABLES") == [("None",)]


def test_fakesnow_still_keeps_staged_files_in_a_temporary_folder() -> None:
    assert Path(stage.LOCAL_BUCKET_PATH).is_relative_to(tempfile.gettempdir())


ROW = "(SELECT '2025-08-21 16:27:03'::TIMESTAMP_NTZ AS NTZ, NULL::INT AS N)"


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("TO_VARCHAR(NTZ)", "2025-08-21 16:27:03"),
        ("TO_VARCHAR(NTZ, 'HH24')", "2025-08-21 16:27:03"),
        # The session's time zone is not UTC.
        ("TO_VARCHAR(CONVERT_TIMEZONE('UTC', NTZ), 'HH24')", "16"),
        ("TO_VARCHAR(NTZ::TIMESTAMP_TZ, 'HH24 TZH')", "16 +00"),
        ("OBJECT_CONSTRUCT('t', NTZ)", '{"t":"2025-08-21 16:27:03"}'),
        ("OBJECT_CONSTRUCT('o', OBJECT_CONSTRUCT('n', NULL))", '{"o":{"n":null}}'),
        ("ARRAY_AGG(N) WITHIN GROUP (ORDER BY N)", "[null]"),
        ("(SELECT ARRAY_AGG(1) WHERE FALSE)", None),
    ],
)
def test_fakesnow_still_answers_a_query_wrongly(
    fakesnow: Run, expression: str, wrong: str | None
) -> None:
    assert fakesnow(f"SELECT {expression} FROM {ROW}") == [(wrong,)]


def test_fakesnow_still_returns_milliseconds_with_a_time_zone_without_it(fakesnow: Run) -> None:
    [(moment,)] = fakesnow("SELECT TO_TIMESTAMP_TZ(1755793623120, 3)")

    assert moment.tzinfo is None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("OBJECT_CONSTRUCT('rows', COUNT(*)) FROM (SELECT 1 AS A)", "must appear in the GROUP BY"),
        ("HASH_AGG(*) FROM (SELECT 1 AS A)", "hash_agg does not exist"),
        ("TRY_TO_TIMESTAMP('x')", "invalid timestamp"),
    ],
)
def test_fakesnow_still_refuses_a_valid_query(fakesnow: Run, query: str, message: str) -> None:
    with pytest.raises(ProgrammingError, match=message):
        fakesnow(f"SELECT {query}")
