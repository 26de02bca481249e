"""Warehouses and resource monitors: which statements resume one, and what is refused without."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from snowflake.connector import DictCursor, SnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from local.snowflake.monitors import Monitor
from local.snowflake.warehouses import Warehouse, Warehouses
from tests.local.snowflake.client import Connect, Emulator

NO_WAREHOUSE = (
    "No active warehouse selected in the current session.  Select an active warehouse with the"
    " 'use warehouse' command."
)
# Statements that the account answers itself.
WITHOUT = (
    "SELECT 1, CURRENT_USER()",
    "SELECT COUNT(*) FROM T",
    "SELECT COUNT(*) AS N, MIN(A), MAX(D) FROM T",
    "SHOW TABLES",
    "DESCRIBE TABLE T",
    "USE SCHEMA PUBLIC",
    "ALTER SESSION SET QUERY_TAG = 'x'",
    "BEGIN",
    "ROLLBACK",
    "CREATE TABLE NEW (A INT)",
    "CREATE TABLE ALIKE LIKE T",
    "CREATE OR REPLACE VIEW W AS SELECT * FROM T",
    "ALTER TABLE T ADD COLUMN E INT",
    "COMMENT ON TABLE T IS 'x'",
    "TRUNCATE TABLE T",
    "LIST @S",
    "SHOW WAREHOUSES",
    "SHOW RESOURCE MONITORS",
    "DROP TABLE T",
)
# Statements that run on a warehouse.
WITH = (
    "SELECT A FROM T",
    "SELECT COUNT(*) FROM T WHERE A = 1",
    "SELECT COUNT(A) FROM T",
    "SELECT MAX(B) FROM T",
    "SELECT MAX(A) FROM T GROUP BY B",
    "SELECT COUNT(*) FROM V",
    "SELECT COUNT(*) FROM T, T AS U",
    "SELECT 1 FROM T UNION ALL SELECT 2",
    "WITH C AS (SELECT A FROM T) SELECT COUNT(*) FROM C",
    "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES",
    "INSERT INTO T VALUES (1, 'x', '2026-01-01')",
    "UPDATE T SET A = 2",
    "DELETE FROM T",
    "MERGE INTO T USING T AS U ON T.A = U.A WHEN MATCHED THEN DELETE",
    "CREATE TABLE NEW AS SELECT 1 AS A",
    "CREATE OR REPLACE TEMPORARY TABLE NEW AS (SELECT * FROM T)",
)
# The same, of a stage that has no container here.
WITH_A_STAGE = (
    "SELECT $1 FROM @S",
    "COPY INTO T FROM @S",
    "COPY INTO @S FROM (SELECT A FROM T)",
)


@pytest.fixture
def connection(connect: Connect) -> Iterator[SnowflakeConnection]:
    """A session with a warehouse of its own, suspended, and with a table, a view and a stage."""
    opened = connect(role="ACCOUNTADMIN")
    name = own(opened)
    execute(
        opened,
        "CREATE TABLE T (A INT, B VARCHAR, D DATE)",
        "CREATE VIEW V AS SELECT * FROM T",
        "CREATE STAGE S",
        "INSERT INTO T VALUES (1, 'x', '2026-01-01')",
        f"CREATE WAREHOUSE {name} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60"
        " INITIALLY_SUSPENDED = TRUE",
    )
    yield opened
    execute(opened, f"DROP WAREHOUSE IF EXISTS {name}")


def own(connection: SnowflakeConnection) -> str:
    """The name of the test's warehouse."""
    return f"W_{connection.database}"


def execute(connection: SnowflakeConnection, *statements: str) -> None:
    for statement in statements:
        connection.cursor().execute(statement)


def rows(connection: SnowflakeConnection, statement: str) -> list[dict[str, object]]:
    found = connection.cursor(DictCursor).execute(statement).fetchall()
    return [dict(row) for row in found if isinstance(row, dict)]


def state(connection: SnowflakeConnection) -> object:
    (row,) = rows(connection, f"SHOW WAREHOUSES LIKE '{own(connection)}'")
    return row["state"]


@pytest.mark.parametrize("statement", WITHOUT)
def test_what_the_account_answers_itself_leaves_the_warehouse_suspended(
    statement: str, connection: SnowflakeConnection
) -> None:
    execute(connection, statement)

    assert state(connection) == "SUSPENDED"


@pytest.mark.parametrize("statement", WITH)
def test_what_reads_or_changes_rows_resumes_the_warehouse(
    statement: str, connection: SnowflakeConnection
) -> None:
    execute(connection, statement)

    assert state(connection) == "STARTED"


@pytest.mark.parametrize("statement", [*WITH, *WITH_A_STAGE])
def test_it_is_refused_in_a_session_without_a_warehouse(statement: str, connect: Connect) -> None:
    connection = connect(warehouse="MISSING")
    execute(connection, "CREATE TABLE T (A INT, B VARCHAR, D DATE)", "CREATE STAGE S")
    execute(connection, "CREATE VIEW V AS SELECT * FROM T")

    with pytest.raises(ProgrammingError) as caught:
        execute(connection, statement)

    assert (caught.value.errno, caught.value.sqlstate) == (606, "57P03")
    assert NO_WAREHOUSE in str(caught.value)
    assert caught.value.sfqid


def test_a_login_with_a_warehouse_that_does_not_exist_has_none(connect: Connect) -> None:
    connection = connect(warehouse="MISSING")

    assert rows(connection, "SELECT CURRENT_WAREHOUSE() AS W") == [{"W": None}]
    with pytest.raises(ProgrammingError, match="does not exist, or operation cannot") as caught:
        execute(connection, "USE WAREHOUSE MISSING")
    assert (caught.value.errno, caught.value.sqlstate) == (2043, "02000")


def test_a_warehouse_that_does_not_resume_by_itself_has_to_be_resumed(
    connection: SnowflakeConnection,
) -> None:
    execute(connection, f"ALTER WAREHOUSE {own(connection)} SET AUTO_RESUME = FALSE")
    with pytest.raises(ProgrammingError) as caught:
        execute(connection, "SELECT A FROM T")
    assert caught.value.errno == 606

    execute(connection, f"ALTER WAREHOUSE {own(connection)} RESUME", "SELECT A FROM T")

    assert state(connection) == "STARTED"
    execute(connection, f"ALTER WAREHOUSE {own(connection)} SUSPEND")
    assert state(connection) == "SUSPENDED"
    with pytest.raises(ProgrammingError, match="cannot be suspended") as caught:
        execute(connection, f"ALTER WAREHOUSE {own(connection)} SUSPEND")
    assert (caught.value.errno, caught.value.sqlstate) == (90064, "22000")


def test_a_statement_that_does_not_compile_resumes_nothing(
    connection: SnowflakeConnection,
) -> None:
    with pytest.raises(ProgrammingError):
        execute(connection, "SELECT MISSING FROM T")

    assert state(connection) == "SUSPENDED"


@pytest.fixture
def used(connection: SnowflakeConnection, emulator: Emulator) -> Callable[[str], bool]:
    """Run a statement; true if it used the warehouse."""

    def run(statement: str) -> bool:
        execute(connection, statement)
        ran = [
            one
            for one in emulator.get("/emulator/statements")["statements"]
            if one["database"] == connection.database
        ][-1]
        assert ran["sql"] == statement
        assert ran["used_warehouse"] in ("", own(connection))
        return bool(ran["used_warehouse"])

    return run


def test_a_stored_result_needs_no_warehouse_until_a_table_changes(
    used: Callable[[str], bool],
) -> None:
    for query in ("SELECT A FROM T", "SELECT B FROM V"):
        assert used(query)
        assert not used(query)
        assert used(query.lower().replace("a ", "a  "))
        used("INSERT INTO T VALUES (2, 'y', NULL)")
        assert used(query)


def test_a_change_ends_a_stored_result_again_when_it_is_committed(
    used: Callable[[str], bool], connect: Connect, connection: SnowflakeConnection
) -> None:
    other = connect()
    execute(other, "BEGIN", "INSERT INTO T VALUES (2, 'y', NULL)")
    assert used("SELECT A FROM T")
    assert not used("SELECT A FROM T")
    execute(other, "COMMIT")
    assert used("SELECT A FROM T")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT A, CURRENT_TIMESTAMP() FROM T",
        "SELECT UUID_STRING() FROM T",
        "SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS",
    ],
)
def test_a_result_that_is_evaluated_each_time_is_not_stored(
    query: str, used: Callable[[str], bool]
) -> None:
    assert used(query)
    assert used(query)


def test_a_session_may_do_without_stored_results(used: Callable[[str], bool]) -> None:
    assert used("SELECT A FROM T")
    used("ALTER SESSION SET USE_CACHED_RESULT = FALSE")
    assert used("SELECT A FROM T")


def test_a_monitor_shows_its_quota_and_what_its_warehouses_have_used(
    connection: SnowflakeConnection,
) -> None:
    name = f"M_{connection.database}"
    execute(
        connection,
        f"CREATE RESOURCE MONITOR {name} WITH CREDIT_QUOTA = 90 FREQUENCY = MONTHLY"
        " START_TIMESTAMP = IMMEDIATELY NOTIFY_USERS = (ANNA, BEN) TRIGGERS ON 50 PERCENT DO NOTIFY"
        " ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND ON 110 PERCENT DO SUSPEND_IMMEDIATE",
        f"ALTER WAREHOUSE {own(connection)} SET RESOURCE_MONITOR = {name}",
        "SELECT A FROM T",
    )

    (row,) = rows(connection, f"SHOW RESOURCE MONITORS LIKE '{name.lower()}'")

    assert row.pop("start_time") == row.pop("created_on")
    assert row == {
        "name": name, "credit_quota": "90.00", "used_credits": "0.02",
        "remaining_credits": "89.98", "level": "WAREHOUSE", "frequency": "MONTHLY",
        "end_time": None, "notify_at": "50%,80%", "suspend_at": "100%",
        "suspend_immediately_at": "110%", "owner": "ACCOUNTADMIN", "comment": "",
        "notify_users": "ANNA, BEN",
    }  # fmt: skip
    execute(connection, f"ALTER RESOURCE MONITOR {name} SET CREDIT_QUOTA = 120")
    (row,) = rows(connection, f"SHOW RESOURCE MONITORS LIKE '{name}'")
    assert (row["credit_quota"], row["notify_at"]) == ("120.00", "50%,80%")
    execute(connection, f"DROP RESOURCE MONITOR {name}")
    assert rows(connection, f"SHOW RESOURCE MONITORS LIKE '{name}'") == []


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def account(clock: Clock, file: Path | None = None) -> Warehouses:
    made = Warehouses(file, clock)
    made.by_name["LOADING"] = Warehouse("LOADING", auto_suspend=60.0, monitor="M")
    made.by_name["LOADING"].meter.auto_suspend = 60.0
    made.monitors["M"] = Monitor("M", quota=1.0, suspend_at=100)
    return made


def test_used_credits_are_set_by_a_request_and_the_meters_are_read_by_one(
    connection: SnowflakeConnection, emulator: Emulator
) -> None:
    name = f"M_{connection.database}"
    execute(
        connection,
        f"CREATE RESOURCE MONITOR {name} WITH CREDIT_QUOTA = 1 TRIGGERS ON 100 PERCENT DO SUSPEND",
        f"ALTER WAREHOUSE {own(connection)} SET RESOURCE_MONITOR = {name}",
        "SELECT A FROM T",
    )
    meter = emulator.get("/emulator/warehouses")["warehouses"][own(connection)]
    assert (meter["state"], meter["resumes"], meter["billed"]) == ("STARTED", 1, 60.0)
    assert 0 < meter["busy"] < meter["billed"]
    assert meter["credits"] == pytest.approx(1 / 60)

    emulator.post("/emulator/credits", {"used": 1, "monitor": name})

    with pytest.raises(ProgrammingError, match="has exceeded its quota") as caught:
        execute(connection, "SELECT B FROM T")
    assert caught.value.errno == 90073
    assert state(connection) == "SUSPENDED"
    # What needs no warehouse still works, and so does the result of before.
    execute(connection, "SHOW TABLES", "SELECT A FROM T")
    execute(connection, f"DROP RESOURCE MONITOR {name}")


def test_at_its_quota_a_monitor_refuses_what_needs_a_warehouse() -> None:
    warehouses = account(clock := Clock())
    with warehouses.statement("LOADING"):
        clock.now = 3599.0
    with warehouses.statement("LOADING"):
        clock.now = 3600.0

    with (
        pytest.raises(ProgrammingError) as caught,
        warehouses.statement("LOADING"),
    ):
        pass

    assert (caught.value.errno, caught.value.sqlstate) == (90073, "22000")
    assert caught.value.raw_msg == (
        "Warehouse 'LOADING' cannot be resumed because resource monitor 'M' has exceeded its quota."
    )
    warehouses.monitors["M"].quota = 2.0
    with warehouses.statement("LOADING"):
        pass


def test_used_credits_can_be_set_and_last_over_a_restart(tmp_path: Path) -> None:
    warehouses = account(Clock(), file := tmp_path / "warehouses.json")
    warehouses.set_used("M", 0.55)
    warehouses.save()

    again = Warehouses(file, Clock())

    assert again.used(again.monitors["M"]) == pytest.approx(0.55)
    assert again.by_name["LOADING"].auto_suspend == 60.0
    assert again.by_name["LOADING"].meter.auto_suspend == 60.0


def test_a_dropped_warehouses_credits_stay_used() -> None:
    warehouses = account(Clock())
    with warehouses.statement("LOADING"):
        pass
    warehouses.drop("LOADING")

    assert warehouses.used(warehouses.monitors["M"]) == pytest.approx(1 / 60)


def test_a_month_begins_without_used_credits() -> None:
    warehouses = account(clock := Clock())
    warehouses.set_used("M", 0.9)
    with warehouses.statement("LOADING"):
        pass
    assert warehouses.used(warehouses.monitors["M"]) == pytest.approx(0.9 + 1 / 60)

    clock.now = 32 * 24 * 3600.0

    assert warehouses.used(warehouses.monitors["M"]) == 0
    with warehouses.statement("LOADING"):
        clock.now += 100
    # A hundred seconds, and 75 until it suspends.
    clock.now += 3600
    assert warehouses.used(warehouses.monitors["M"]) == pytest.approx(175 / 3600)
