"""Several clients at once: Snowflake accepts what DuckDB alone would refuse."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from snowflake.connector.cursor import SnowflakeCursor
from snowflake.connector.errors import ProgrammingError

from tests.local.snowflake.client import Connect

CLIENTS = 4
ROUNDS = 3


def together(work: Iterable[Callable[[], None]]) -> None:
    """Run all the work at the same time; the first error is raised."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result(timeout=60)


def test_clients_create_replace_load_and_read_at_the_same_time(connect: Connect) -> None:
    connections = [connect() for _ in range(CLIENTS)]
    setup = connections[0].cursor()
    setup.execute("CREATE TABLE SHARED (CLIENT INT, ROUND INT)")
    numbers = ", ".join(f"({number})" for number in range(300))
    setup.execute(f"CREATE TABLE WIDE AS SELECT * FROM VALUES {numbers} AS V(ID)")

    def client(number: int) -> Callable[[], None]:
        def work() -> None:
            cursor = connections[number].cursor()
            for turn in range(ROUNDS):
                for sql in (
                    "CREATE SCHEMA IF NOT EXISTS BUILT",
                    "CREATE TABLE IF NOT EXISTS BUILT.SAME (A INT, B VARCHAR(10)) COMMENT = 'x'",
                    "CREATE OR REPLACE TABLE BUILT.T AS "
                    "SELECT A.ID FROM PUBLIC.WIDE A, PUBLIC.WIDE B",
                    "CREATE OR REPLACE VIEW BUILT.V AS SELECT * FROM PUBLIC.SHARED",
                    f"INSERT INTO PUBLIC.SHARED VALUES ({number}, {turn})",
                    f"UPDATE PUBLIC.SHARED SET ROUND = ROUND WHERE CLIENT = {number}",
                    f"MERGE INTO BUILT.SAME T USING (SELECT {number} AS A) S ON T.A = S.A "
                    "WHEN NOT MATCHED THEN INSERT (A) VALUES (S.A)",
                    "SELECT COUNT(*) FROM BUILT.V",
                    f"CREATE OR REPLACE TABLE BUILT.OWN_{number} AS SELECT * FROM PUBLIC.SHARED",
                    f"COMMENT ON TABLE BUILT.OWN_{number} IS 'of one client'",
                ):
                    cursor.execute(sql)

        return work

    together(client(number) for number in range(CLIENTS))
    assert setup.execute("SELECT COUNT(*) FROM PUBLIC.SHARED").fetchone() == (CLIENTS * ROUNDS,)
    assert setup.execute("SELECT COUNT(*) FROM BUILT.SAME").fetchone() == (CLIENTS,)


def test_transactions_that_replace_one_table_wait_for_each_other(connect: Connect) -> None:
    connections = [connect() for _ in range(CLIENTS)]
    connections[0].cursor().execute("CREATE TABLE NEWEST (LOAD INT, N INT)")
    seen: list[int] = []

    def load(number: int) -> Callable[[], None]:
        def work() -> None:
            cursor = connections[number].cursor()
            cursor.execute("BEGIN")
            seen.append(cursor.execute("SELECT COUNT(DISTINCT LOAD) FROM NEWEST").fetchone()[0])
            cursor.execute("DELETE FROM NEWEST")
            cursor.execute(f"INSERT INTO NEWEST SELECT {number}, 1")
            cursor.execute(f"INSERT INTO NEWEST SELECT {number}, 2")
            cursor.execute("COMMIT")

        return work

    together(load(number) for number in range(CLIENTS))
    assert max(seen) <= 1
    rows = connections[0].cursor().execute("SELECT LOAD, N FROM NEWEST ORDER BY N").fetchall()
    assert [n for _, n in rows] == [1, 2]
    assert len({load for load, _ in rows}) == 1


def test_a_reader_sees_the_old_rows_until_the_commit(connect: Connect) -> None:
    writer, reader = connect().cursor(), connect().cursor()
    writer.execute("CREATE TABLE T AS SELECT 'old' AS V")
    writer.execute("BEGIN")
    writer.execute("TRUNCATE TABLE T")
    writer.execute("INSERT INTO T VALUES ('new')")
    assert reader.execute("SELECT V FROM T").fetchall() == [("old",)]
    writer.execute("COMMIT")
    assert reader.execute("SELECT V FROM T").fetchall() == [("new",)]


def test_an_open_transaction_does_not_hold_up_other_tables_or_appends(connect: Connect) -> None:
    one, other = connect().cursor(), connect().cursor()
    one.execute("CREATE TABLE A (N INT)")
    one.execute("CREATE TABLE B (N INT)")
    one.execute("BEGIN")
    one.execute("INSERT INTO A VALUES (1)")
    other.execute("INSERT INTO A VALUES (2)")
    other.execute("DELETE FROM B")
    other.execute("CREATE TABLE C (N INT)")
    one.execute("COMMIT")
    assert other.execute("SELECT SUM(N) FROM A").fetchone() == (3,)


def test_a_statement_that_waits_longer_than_lock_timeout_fails_by_name(connect: Connect) -> None:
    one = connect().cursor()
    other = connect(session_parameters={"LOCK_TIMEOUT": 0}).cursor()
    one.execute("CREATE TABLE T AS SELECT 1 AS N")
    one.execute("BEGIN")
    one.execute("UPDATE T SET N = 2")
    with pytest.raises(ProgrammingError, match=r"PUBLIC\.T longer than LOCK_TIMEOUT"):
        other.execute("DELETE FROM T")
    one.execute("ROLLBACK")
    other.execute("DELETE FROM T")
    assert one.execute("SELECT COUNT(*) FROM T").fetchone() == (0,)


def test_a_deadlock_fails_one_of_the_two(connect: Connect) -> None:
    cursors = [connect().cursor(), connect().cursor()]
    for name in ("A", "B"):
        cursors[0].execute(f"CREATE TABLE {name} AS SELECT 1 AS N")
    ready = threading.Barrier(2, timeout=30)
    failures: list[str] = []

    def cross(cursor: SnowflakeCursor, first: str, second: str) -> Callable[[], None]:
        def work() -> None:
            cursor.execute("BEGIN")
            cursor.execute(f"UPDATE {first} SET N = N + 1")
            ready.wait()
            try:
                cursor.execute(f"UPDATE {second} SET N = N + 1")
            except ProgrammingError as error:
                failures.append(str(error.msg))
                cursor.execute("ROLLBACK")
            else:
                cursor.execute("COMMIT")

        return work

    together([cross(cursors[0], "A", "B"), cross(cursors[1], "B", "A")])
    assert len(failures) == 1
    assert "Deadlock" in failures[0]
    assert cursors[0].execute(
        "SELECT SUM(N) FROM (SELECT N FROM A UNION ALL SELECT N FROM B)"
    ).fetchone() == (4,)


def test_a_closed_session_lets_go_of_its_transaction(connect: Connect) -> None:
    lost = connect()
    lost.cursor().execute("CREATE TABLE T AS SELECT 1 AS N")
    lost.cursor().execute("BEGIN")
    lost.cursor().execute("DELETE FROM T")
    lost.close()
    other = connect(session_parameters={"LOCK_TIMEOUT": 5}).cursor()
    other.execute("UPDATE T SET N = 2")
    assert other.execute("SELECT N FROM T").fetchall() == [(2,)]


def test_one_session_used_by_several_threads_answers_each_its_own(connect: Connect) -> None:
    connection = connect()

    def query(number: int) -> Callable[[], None]:
        def work() -> None:
            for _ in range(ROUNDS):
                row = connection.cursor().execute(f"SELECT {number}, 'x' AS C{number}").fetchone()
                assert row == (number, "x")

        return work

    together(query(number) for number in range(CLIENTS))


def test_a_database_can_be_recreated_while_a_crashed_clients_transaction_is_open(
    connect: Connect,
) -> None:
    crashed, living = connect().cursor(), connect().cursor()
    crashed.execute("CREATE DATABASE RECREATED")
    crashed.execute("CREATE TABLE RECREATED.PUBLIC.T (A INT)")
    crashed.execute("BEGIN")
    crashed.execute("INSERT INTO RECREATED.PUBLIC.T VALUES (1)")

    living.execute("DROP DATABASE RECREATED")
    living.execute("CREATE DATABASE RECREATED")
    living.execute("CREATE TABLE RECREATED.PUBLIC.T (A INT)")

    assert living.execute("SELECT COUNT(*) FROM RECREATED.PUBLIC.T").fetchone() == (0,)
    living.execute("DROP DATABASE RECREATED")
