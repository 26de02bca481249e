"""A warehouse session: one login, transactions, and failures in the loaders' own words."""

import pytest
from snowflake.connector.errors import (
    DatabaseError,
    Error,
    OperationalError,
    ProgrammingError,
)

from include.loaders import LoadError, PermanentError, TransientError
from include.loaders.raw.session import Session
from include.sources import RawTable
from tests.loaders.recorded import RecordedWarehouse


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    return RecordedWarehouse()


@pytest.fixture
def session(warehouse: RecordedWarehouse) -> Session:
    return Session("epa", "RAW", warehouse.connect)


def test_the_first_statement_logs_in_and_the_end_closes_the_session(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    assert warehouse.log == []
    session.run("SELECT 1")
    session.run("SELECT 2")
    assert warehouse.log == ["login"]
    session.close()
    assert warehouse.log == ["login", "close"]


def test_a_session_that_ran_nothing_closes_nothing(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    session.close()
    assert warehouse.log == []


def test_a_statement_gets_its_values_and_brings_its_rows(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("SELECT", [(7, "x"), (8, "y")])

    assert session.run("SELECT %s", (1,)) == [(7, "x"), (8, "y")]
    assert session.value("SELECT 1") == 7
    assert session.value("SELECT %s, 2", (2,)) == 7
    assert (session.source, session.database) == ("epa", "RAW")
    assert warehouse.values == [(1,), None, (2,)]


def test_a_table_is_named_as_people_write_it(session: Session) -> None:
    assert session.full_name(RawTable("S", "T")) == "RAW.S.T"


FAILED, REFUSED = "the warehouse failed", "the warehouse refuses a statement"


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (OperationalError("Gone. "), TransientError, FAILED),
        (Error("Gone. "), TransientError, FAILED),
        (ProgrammingError("Gone. ", errno=1003), PermanentError, REFUSED),
        (ProgrammingError("Gone. ", errno=604), TransientError, FAILED),
        (KeyError("Gone"), TransientError, "the warehouse failed (KeyError: 'Gone')"),
        (ConnectionError("Gone"), TransientError, "the warehouse failed (ConnectionError: Gone)"),
    ],
)
def test_a_statement_that_fails_is_reported_with_its_beginning(
    warehouse: RecordedWarehouse,
    session: Session,
    error: Exception,
    kind: type[LoadError],
    reason: str,
) -> None:
    warehouse.answer("SELECT", error)

    with pytest.raises(LoadError) as failure:
        session.run("SELECT\n  '" + "x" * 400)

    assert type(failure.value) is kind
    assert failure.value.source == "epa"
    assert failure.value.reason == reason
    assert failure.value.request == "SELECT '" + "x" * 292
    assert "Gone" in str(failure.value)


def test_a_login_that_fails_is_not_tried_again(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.refusal = OperationalError("out of reach")

    for _ in range(2):
        with pytest.raises(TransientError, match="out of reach"):
            session.run("SELECT 1")

    assert warehouse.log == ["login"]
    assert not session.is_open


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (
            ValueError("Could not deserialize key data"),
            PermanentError,
            "cannot be prepared (ValueError: Could not deserialize key data); correct the "
            "connection or its private key",
        ),
        (TypeError("no password"), PermanentError, "cannot be prepared (TypeError: no password)"),
        (FileNotFoundError(2, "gone", "rsa.p8"), PermanentError, "[Errno 2] gone: 'rsa.p8'"),
        (PermissionError(13, "denied"), PermanentError, "[Errno 13] denied"),
        (TimeoutError("timed out"), TransientError, "out of reach (TimeoutError: timed out)"),
        (
            DatabaseError("JWT token is invalid.", errno=390144, sqlstate="28000"),
            PermanentError,
            "the warehouse refuses the login",
        ),
    ],
)
def test_a_login_that_cannot_succeed_is_a_permanent_failure(
    warehouse: RecordedWarehouse,
    session: Session,
    error: Exception,
    kind: type[LoadError],
    reason: str,
) -> None:
    warehouse.refusal = error

    with pytest.raises(LoadError) as failure:
        session.run("SELECT 1")

    assert type(failure.value) is kind
    assert reason in failure.value.reason
    assert failure.value.request == ""


def test_an_error_that_is_not_of_the_warehouse_stays_what_it_is(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.refusal = LookupError("the connection snowflake_loader is not defined")

    with pytest.raises(LookupError, match="not defined"):
        session.run("SELECT 1")


def test_a_session_that_is_opened_again_logs_in_again(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    session.run("SELECT 1")
    assert session.is_open
    session.reopen()
    assert not session.is_open
    session.run("SELECT 2")
    session.close()

    assert warehouse.log == ["login", "close", "login", "close"]


def test_a_login_may_succeed_after_one_that_failed_if_the_session_is_opened_again(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.refusal = OperationalError("out of reach")
    with pytest.raises(TransientError):
        session.run("SELECT 1")
    warehouse.refusal = None
    session.reopen()

    assert session.run("SELECT 1") == []


def test_a_session_that_cannot_be_closed_is_left_to_itself(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.farewell = OperationalError("gone")
    session.run("SELECT 1")
    session.close()

    assert warehouse.log == ["login", "close"]


def test_a_transaction_is_committed_at_its_end(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    with session.transaction():
        session.run("SELECT 1")

    assert warehouse.statements == ["BEGIN TRANSACTION", "SELECT 1", "COMMIT"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_a_transaction_is_rolled_back_after_any_failure(
    warehouse: RecordedWarehouse, session: Session, error: BaseException
) -> None:
    with pytest.raises(type(error)), session.transaction():
        raise error

    assert warehouse.statements == ["BEGIN TRANSACTION", "ROLLBACK"]


def test_a_rollback_that_fails_does_not_hide_the_first_failure(
    warehouse: RecordedWarehouse, session: Session
) -> None:
    warehouse.answer("ROLLBACK", OperationalError("gone"))

    with pytest.raises(ValueError, match="the first one"), session.transaction():
        raise ValueError("the first one")

    assert warehouse.statements == ["BEGIN TRANSACTION", "ROLLBACK"]
