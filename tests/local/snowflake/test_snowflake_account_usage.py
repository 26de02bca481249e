"""`SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY`: the statements of every session, read by SQL."""

import pytest
from snowflake.connector.errors import ProgrammingError

from local.snowflake.history import History, Statement
from tests.local.snowflake.client import Connect, Emulator

HISTORY = "SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY"


def test_a_statement_is_reported_with_its_tag_role_rows_and_time(
    connect: Connect, database: str
) -> None:
    tagged = connect(session_parameters={"QUERY_TAG": f'{{"source":"{database}"}}'}).cursor()
    tagged.execute("CREATE TABLE T AS SELECT 1 AS A UNION ALL SELECT 2")
    tagged.execute("SELECT A FROM T")
    with pytest.raises(ProgrammingError):
        tagged.execute("SELECT NOTHING FROM T")

    reader = connect(warehouse="REPORTING").cursor()
    reader.execute(
        "SELECT QUERY_ID, QUERY_TEXT, EXECUTION_STATUS, ROWS_PRODUCED, USER_NAME, ROLE_NAME, "
        "WAREHOUSE_NAME, DATABASE_NAME, BYTES_SCANNED, "
        "TOTAL_ELAPSED_TIME >= 0 AND END_TIME >= START_TIME "
        "AND START_TIME > DATEADD('minute', -10, CURRENT_TIMESTAMP()) "
        f"FROM {HISTORY} WHERE TRY_PARSE_JSON(QUERY_TAG):source::VARCHAR = %s ORDER BY START_TIME",
        (database,),
    )
    rows = reader.fetchall()

    assert [row[1:4] for row in rows] == [
        ("CREATE TABLE T AS SELECT 1 AS A UNION ALL SELECT 2", "SUCCESS", 1),
        ("SELECT A FROM T", "SUCCESS", 2),
        ("SELECT NOTHING FROM T", "FAIL", None),
    ]
    assert {row[4:] for row in rows} == {
        ("PROVISIONER", "ACCOUNTADMIN", "LOADING", database, 0, True)
    }
    assert len({row[0] for row in rows}) == len(rows)


def test_the_history_is_grouped_and_joined_like_any_table(connect: Connect, database: str) -> None:
    cursor = connect().cursor()
    cursor.execute(f"""ALTER SESSION SET QUERY_TAG = '{{"dag":"d","source":"{database}"}}'""")
    cursor.execute("SELECT 1")
    cursor.execute("ALTER SESSION UNSET QUERY_TAG")

    cursor.execute(
        f"""
        WITH tagged AS (
            SELECT TRY_PARSE_JSON(q.QUERY_TAG) AS tag, q.TOTAL_ELAPSED_TIME AS milliseconds
            FROM {HISTORY.lower()} AS q
            WHERE q.QUERY_TAG LIKE '%{database}%'
        )
        SELECT tag:dag::VARCHAR AS dag, COUNT(*), SUM(milliseconds) >= 0
        FROM tagged GROUP BY 1
        """
    )

    # The statement that sets a tag still carries the one before, the one that ends it this one.
    assert cursor.fetchall() == [("d", 2, True)]


def test_a_session_without_a_database_reads_the_history(emulator: Emulator) -> None:
    with emulator.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT QUERY_HISTORY.QUERY_ID FROM {HISTORY} LIMIT 1")
        assert len(cursor.fetchall()) == 1


def test_the_history_stores_its_newest_statements_only() -> None:
    history = History(max_statements=2)
    for sql in ("first", "second", "third"):
        with history.record(Statement(1, "USER", "ROLE", "WAREHOUSE", "DATABASE", "", sql)):
            assert sql not in [statement.sql for statement in history.ended()], "it has not ended"

    assert [statement.sql for statement in history.ended()] == ["second", "third"]
