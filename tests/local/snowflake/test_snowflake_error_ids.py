"""Every error has an id of its own, as at Snowflake; the rest of its text is that of its cause."""

import logging
import re
import ssl

import httpx
import pytest
from snowflake.connector import SnowflakeConnection
from snowflake.connector.auth import AuthByKeyPair
from snowflake.connector.errors import DatabaseError, Error

from local.cloud import Cloud
from local.credentials import BLOB_ACCOUNT
from local.ports import HOST
from tests.local.snowflake.client import Connect, Emulator

QUERY_ID = re.compile(r"01[0-9a-f]{6}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UUID = re.compile(r"\[[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\]$")
COMPILATION = "SQL compilation error:\n"
UNLOAD = (
    "COPY INTO @S/f FROM (SELECT OBJECT_CONSTRUCT('a', 1))"
    " FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE) SINGLE = TRUE"
)
# The beginning of each statement's text in the connector, with `%` for its id.
STATEMENTS = {
    "SELECT * FROM MISSING": f"002003 (42S02): %: {COMPILATION}Object 'MISSING' does not exist or",
    "SELECT MISSING FROM T": f"000904 (42000): %: {COMPILATION}invalid identifier 'MISSING'",
    "SELEKT 1": "001003 (42000): %: ",
    "USE DATABASE MISSING": f"002003 (02000): %: {COMPILATION}Database 'MISSING' does not exist or",
    "CREATE DATABASE {db}": f"002002 (42710): %: {COMPILATION}Object '{{db}}' already exists.",
    "INSERT INTO T VALUES (NULL)": "100072 (22000): %: NULL result in a non-nullable column",
    "SELECT 'x'::INT": "100038 (22018): %: Numeric value 'x' is not recognized",
    "SELECT * FROM TABLE(RESULT_SCAN('01'))": "000709 (02000): %: Statement 01 not found",
    "ALTER SESSION SET COLOUR = 1": "000002 (0A000): %: The emulator does not support",
    UNLOAD: "091003 (22000): %: Failed to access remote file: the container 'missing' does not",
}


@pytest.fixture(autouse=True)
def _log_level(caplog: pytest.LogCaptureFixture) -> None:
    """Airflow's level, at which the connector puts the id into the text."""
    caplog.set_level(logging.INFO, logger="snowflake.connector.errors")


def error_of(connection: SnowflakeConnection, sql: str) -> Error:
    with pytest.raises(Error) as caught:
        connection.cursor().execute(sql)
    return caught.value


def without_id(error: Error) -> str:
    assert error.sfqid
    assert QUERY_ID.fullmatch(error.sfqid)
    assert str(error).count(error.sfqid) == 1
    return str(error).replace(error.sfqid, "%")


@pytest.mark.parametrize("sql", STATEMENTS)
def test_a_failed_statement_has_its_number_its_sqlstate_and_an_id_of_its_own(
    sql: str, cloud: Cloud, emulator: Emulator, connect: Connect, database: str
) -> None:
    connection = connect(session_parameters={"QUERY_TAG": database})
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE T (A INT NOT NULL)")
    url = f"azure://{cloud.url('blob').removeprefix('http://')}/{BLOB_ACCOUNT}/missing/"
    cursor.execute(f"CREATE STAGE S URL = '{url}'")
    first, second = (error_of(connection, sql.replace("{db}", database)) for _ in range(2))
    assert first.sfqid != second.sfqid
    said = without_id(first)
    assert said == without_id(second)
    expected = STATEMENTS[sql].replace("{db}", database)
    assert said.startswith(expected), said
    recorded = [
        one["query_id"]
        for one in emulator.get("/emulator/statements")["statements"]
        if one["query_tag"] == database and one["status"] == "failed"
    ]
    # A statement that cannot be parsed is not recorded.
    assert recorded in ([first.sfqid, second.sfqid], [])


def test_below_airflows_log_level_the_connector_leaves_the_id_out(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="snowflake.connector.errors")
    error = error_of(connect(), "SELECT * FROM MISSING")
    assert str(error).startswith("002003 (42S02): SQL compilation error:")
    assert error.sfqid


def test_a_statement_of_a_session_that_has_ended_fails_with_an_id(connect: Connect) -> None:
    connection = connect()
    assert connection.rest is not None
    connection.rest.delete_session()
    error = error_of(connection, "SELECT 1")
    assert "User must login again" in str(error)
    without_id(error)


def test_a_login_with_a_token_that_is_out_of_date_fails_with_an_id_of_its_own(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_LIFETIME_IN_SECONDS", "-1")
    texts = []
    for _ in range(2):
        with pytest.raises(DatabaseError) as caught:
            emulator.connect()
        assert caught.value.errno == 390144
        texts.append(str(caught.value))
    assert texts[0] != texts[1]
    first, second = (UUID.sub("", text) for text in texts)
    assert first == second
    assert first.endswith(
        f"Failed to connect to DB: {HOST}:{emulator.port}. JWT token is invalid. "
    )


def test_a_token_of_another_user_is_refused(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = AuthByKeyPair.prepare
    monkeypatch.setattr(
        AuthByKeyPair,
        "prepare",
        lambda self, **given: prepare(self, **{**given, "user": "ANOTHER"}),
    )
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        emulator.connect()


def test_a_request_that_the_emulator_cannot_answer_fails_with_an_id(
    cloud: Cloud, emulator: Emulator, connect: Connect
) -> None:
    connection = connect()
    assert connection.rest is not None
    answer = httpx.post(
        f"https://{HOST}:{emulator.port}/queries/v1/query-request",
        content=b"{",
        headers={"Authorization": f'Snowflake Token="{connection.rest.token}"'},
        verify=ssl.create_default_context(cafile=cloud.bundle),
    ).json()
    assert answer["message"].startswith("The emulator could not answer: JSONDecodeError")
    assert QUERY_ID.fullmatch(answer["data"]["queryId"])
