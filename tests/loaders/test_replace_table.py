"""Concurrent loads, and loads whose warehouse goes away."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import OperationalError

from include.loaders import LoadReport, PermanentError, TransientError
from include.loaders.errors import SchemaError
from include.loaders.raw.session import Session
from tests.loaders.emulator import DATABASE
from tests.loaders.interference import interfere, temporary_objects
from tests.loaders.layer import Layer, row
from tests.loaders.service import Reply, Request, Service
from tests.loaders.warehouse import Warehouse, new_warehouse

Connect = Callable[[], Any]
PATIENCE = 60


def twin(warehouse: Warehouse, connect: Connect, url: str = "") -> Warehouse:
    """The same table through a session of its own."""
    other = new_warehouse(connect(), warehouse.database, "", url or warehouse.url)
    other.table = warehouse.table
    return other


@pytest.mark.parametrize("table_exists", [False, True], ids=["the first two loads", "later ones"])
def test_two_loads_of_one_table_at_once_leave_one_of_them_whole(
    warehouse: Warehouse, connect: Connect, table_exists: bool
) -> None:
    if table_exists:
        warehouse.load(load_id="earlier")
    others = [twin(warehouse, connect) for _ in range(2)]
    reports: list[LoadReport] = []

    def load(number: int) -> None:
        reports.append(others[number].load(load_id=f"run {number}"))

    threads = [threading.Thread(target=load, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [report.rows for report in reports] == [10, 10]
    assert len(warehouse.ids()) == 10
    assert len(warehouse.load_ids()) == 1
    assert warehouse.load_ids() < {"run 0", "run 1"}
    assert temporary_objects(warehouse) == []


def test_readers_see_the_old_rows_until_the_commit(
    warehouse: Warehouse, connect: Connect, service: Service, layer: Layer
) -> None:
    warehouse.load()
    reader = twin(warehouse, connect)
    seen: list[int] = []

    def record(request: Request) -> Reply | None:
        seen.append(len(reader.ids()))
        return None

    service.script(record)
    layer.rows = [row(number) for number in range(1, 13)]
    warehouse.load()
    assert set(seen) == {10}
    assert len(reader.ids()) == 12


def test_a_warehouse_that_goes_away_before_the_commit_has_the_old_rows(
    warehouse: Warehouse, connect: Connect
) -> None:
    warehouse.load()
    failing = twin(warehouse, connect)
    interfere(failing.connection, lambda sql: sql == "COMMIT", failing.connection.close)
    with pytest.raises(TransientError):
        failing.load(load_id="never there")
    assert warehouse.load_ids() == {"run 001"}


def test_a_statement_that_fails_after_the_old_rows_are_deleted_restores_them(
    warehouse: Warehouse, connect: Connect
) -> None:
    def fail() -> None:
        raise OperationalError("the warehouse was resumed too late")

    warehouse.load()
    failing = twin(warehouse, connect)
    interfere(failing.connection, lambda sql: "INSERT" in sql and "LOAD_COPY" in sql, fail)
    with pytest.raises(TransientError, match="resumed too late"):
        failing.load(load_id="never there")
    for session in (failing, warehouse):
        assert session.load_ids() == {"run 001"}
        assert session.log("OUTCOME") == [("transient failure",), ("loaded",)]
    assert temporary_objects(warehouse) == []


def test_a_commit_whose_answer_is_lost_is_one_load_in_the_log(
    warehouse: Warehouse, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.load()
    losing = twin(warehouse, connect)
    new_cursor = losing.connection.cursor

    def cursor() -> Any:
        made = new_cursor()
        execute = made.execute

        def lose_the_answer(sql: str, *values: Any, **options: Any) -> Any:
            found = execute(sql, *values, **options)
            if sql == "COMMIT":
                raise OperationalError("connection reset")
            return found

        made.execute = lose_the_answer
        return made

    monkeypatch.setattr(losing.connection, "cursor", cursor)

    report = losing.load(load_id="run 002")

    assert (report.outcome, report.rows, len(warehouse.ids())) == ("loaded", 10, 10)
    assert warehouse.load_ids() == {"run 002"}
    assert warehouse.log("LOAD_ID, OUTCOME") == [("run 001", "loaded"), ("run 002", "loaded")]
    assert temporary_objects(warehouse) == []


def test_a_login_that_the_warehouse_refuses_is_a_permanent_failure(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The connector's token is out of date before it is sent.
    monkeypatch.setenv("JWT_LIFETIME_IN_SECONDS", "-600")
    session = Session("epa", DATABASE, connect)

    with pytest.raises(PermanentError) as failure:
        session.run("SELECT 1")

    assert failure.value.reason == "the warehouse refuses the login"
    assert "JWT token is invalid" in failure.value.service_message


def test_a_load_takes_the_lock_of_its_table(warehouse: Warehouse) -> None:
    warehouse.load()
    locks = f"{warehouse.database}.LOADING.LOAD_LOCKS"
    schema = warehouse.table.schema
    rows = warehouse.run(f"SELECT LOAD_ID FROM {locks} WHERE TABLE_NAME LIKE '%.{schema}.%'")
    assert rows == [("run 001",)]


def test_a_load_into_a_schema_that_does_not_exist_makes_none_and_says_who_does(
    warehouse: Warehouse,
) -> None:
    schema = warehouse.table.schema
    warehouse.run(f"DROP SCHEMA {warehouse.database}.{schema}")

    with pytest.raises(SchemaError) as failure:
        warehouse.load()

    assert failure.value.reason.startswith(
        f"the schema {warehouse.database}.{schema} does not exist, or the role may not use it; "
        "Terraform makes"
    )
    schemas = f"{warehouse.database}.INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = '{schema}'"
    assert warehouse.run(f"SELECT SCHEMA_NAME FROM {schemas}") == []
