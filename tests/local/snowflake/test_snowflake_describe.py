"""DESCRIBE TABLE, wherever the session is."""

import pytest
from snowflake.connector.cursor import SnowflakeCursor

from tests.local.snowflake.client import Connect, Emulator

EXPECTED = [("A", "NUMBER(38,0)", "N"), ("B", "VARCHAR(7)", "Y")]


@pytest.fixture
def table(connect: Connect, database: str) -> str:
    """The full name of a table."""
    connect().cursor().execute("CREATE TABLE DESCRIBED (A INT NOT NULL, B VARCHAR(7))")
    return f"{database}.PUBLIC.DESCRIBED"


def described(cursor: SnowflakeCursor, name: str) -> list[tuple[str, str, str]]:
    rows = cursor.execute(f"DESCRIBE TABLE {name}").fetchall()
    return [(row[0], row[1], row[3]) for row in rows]


def test_a_table_is_described_in_the_current_database(connect: Connect, table: str) -> None:
    cursor = connect().cursor()
    assert described(cursor, "DESCRIBED") == described(cursor, table) == EXPECTED


def test_a_table_of_another_database_is_described(
    emulator: Emulator,
    administrator: SnowflakeCursor,
    database: str,
    table: str,
) -> None:
    other = f"{database}_OTHER"
    administrator.execute(f"CREATE DATABASE {other}")
    try:
        with emulator.connect(database=other, schema="PUBLIC") as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE TABLE DESCRIBED (OF_ANOTHER_KIND DATE)")
            assert described(cursor, table) == EXPECTED
            assert described(cursor, "DESCRIBED") == [("OF_ANOTHER_KIND", "DATE", "Y")]
    finally:
        administrator.execute(f"DROP DATABASE {other}")


def test_a_column_with_an_apostrophe_in_its_name_is_described(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("""CREATE TABLE T ("it's" VARCHAR(7))""")

    assert described(cursor, "T") == [("it's", "VARCHAR(7)", "Y")]


def test_a_session_without_a_current_database_describes_a_table(
    emulator: Emulator, table: str
) -> None:
    with emulator.connect() as connection:
        assert described(connection.cursor(), table) == EXPECTED


def test_a_stored_result_is_described_as_the_statement_was(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("SELECT 1.50::NUMBER(9, 2) AS A, 'x' AS B, '2025-01-07'::DATE AS C")
    described, query = cursor.description, cursor.sfqid
    cursor.execute("SELECT 1 AS ANOTHER")

    cursor.execute(f"SELECT * FROM TABLE(RESULT_SCAN('{query}'))")

    assert cursor.description == described
    assert [column.name for column in described] == ["A", "B", "C"]
