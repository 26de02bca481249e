"""The server itself: TLS, login, restarts, errors, the history and the results' bounds."""

from pathlib import Path

import certifi
import pytest
from cryptography import x509
from snowflake.connector.errors import OperationalError, ProgrammingError

from local.certificates import WITHOUT_PUBLIC, ensure_certificates
from local.cloud import Cloud
from local.snowflake.__main__ import options
from local.snowflake.results import BoundedResults
from tests.local.snowflake import servers
from tests.local.snowflake.client import Connect, Emulator, Run


def test_a_key_pair_login_over_verified_tls_is_answered(connect: Connect) -> None:
    cursor = connect().cursor()
    answer = cursor.execute(
        "SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_SCHEMA()"
    ).fetchone()
    assert answer == ("PROVISIONER", "ACCOUNTADMIN", "LOADING", "PUBLIC")


def test_a_client_that_does_not_know_the_authority_is_not_connected(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(OperationalError, match="certificate verify failed"):
        emulator.connect(login_timeout=5)


def test_everything_is_there_after_a_restart(cloud: Cloud, tmp_path: Path) -> None:
    staged = tmp_path / "staged.txt"
    staged.write_text("text")
    url = "azure://127.0.0.1:1/devstoreaccount1/container/"
    for statements in (
        (
            "CREATE DATABASE KEPT",
            "CREATE TABLE KEPT.PUBLIC.T (A VARCHAR(7), B NUMBER(38,2)) COMMENT = 'what T is'",
            "COMMENT ON COLUMN KEPT.PUBLIC.T.A IS 'what A is'",
            "INSERT INTO KEPT.PUBLIC.T VALUES ('x', 1.5)",
            "CREATE VIEW KEPT.PUBLIC.V AS SELECT OBJECT_CONSTRUCT('b', B) AS O FROM KEPT.PUBLIC.T",
            f"CREATE STAGE KEPT.PUBLIC.S URL = '{url}'",
            "CREATE STAGE KEPT.PUBLIC.FILES",
            f"PUT 'file://{staged}' @KEPT.PUBLIC.FILES AUTO_COMPRESS = FALSE",
            "CREATE TABLE KEPT.PUBLIC.N (A INT NOT NULL) AS SELECT 1",
            "CREATE DATABASE GONE",
            "DROP DATABASE GONE",
        ),
        (),
    ):
        with (
            servers.emulator(cloud, tmp_path / "databases") as again,
            again.connect(database="KEPT") as connection,
        ):
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            assert again.get("/health")["databases"] == ["KEPT"]
            assert cursor.execute("SELECT O FROM KEPT.PUBLIC.V").fetchall() == [('{"b":1.50}',)]
            comments = "SELECT COMMENT FROM KEPT.INFORMATION_SCHEMA."
            tables = f"{comments}TABLES WHERE TABLE_NAME = 'T'"
            columns = f"{comments}COLUMNS WHERE TABLE_NAME = 'T' AND COLUMN_NAME = 'A'"
            assert cursor.execute(tables).fetchall() == [("what T is",)]
            assert cursor.execute(columns).fetchall() == [("what A is",)]
            (required,) = cursor.execute("DESCRIBE TABLE KEPT.PUBLIC.N").fetchall()
            assert required[3] == "N"
            stages = cursor.execute("SHOW STAGES IN SCHEMA KEPT.PUBLIC").fetchall()
            assert {row[1]: row[4] for row in stages} == {"S": url, "FILES": ""}
            [file] = cursor.execute("LIST @KEPT.PUBLIC.FILES").fetchall()
            assert file[0] == "files/staged.txt"


def test_statements_are_recorded_with_their_user_tag_and_outcome(
    emulator: Emulator, connect: Connect, database: str
) -> None:
    cursor = connect(session_parameters={"QUERY_TAG": database}).cursor()
    cursor.execute("SELECT 1")
    with pytest.raises(ProgrammingError, match="NOWHERE"):
        cursor.execute("SELECT * FROM NOWHERE")
    recorded = emulator.get("/emulator/statements")["statements"]
    mine = [one for one in recorded if one["query_tag"] == database]
    assert [(one["sql"], one["status"], one["user"]) for one in mine] == [
        ("SELECT 1", "success", "PROVISIONER"),
        ("SELECT * FROM NOWHERE", "failed", "PROVISIONER"),
    ]
    assert "NOWHERE" in mine[1]["error"]
    since = emulator.get(f"/emulator/statements?since={mine[0]['number']}")["statements"]
    assert mine[0] not in since
    assert mine[1] in since


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT NO_COLUMN FROM T", "NO_COLUMN"),
        ("SELECT FROM WHERE", "."),
        ("USE DATABASE NO_DATABASE", "NO_DATABASE"),
        ("DROP DATABASE NO_DATABASE", "NO_DATABASE"),
        ("DROP STAGE NO_STAGE", "NO_STAGE"),
        ("CREATE DATABASE {database}", "already exists"),
        ("SELECT INTERVAL '1 day'", "does not support"),
        ("CALL SOMETHING()", "(?i)something"),
    ],
)
def test_an_error_is_snowflakes_programming_error_and_names_the_cause(
    run: Run, database: str, statement: str, message: str
) -> None:
    run("CREATE TABLE T (A INT)")
    with pytest.raises(ProgrammingError, match=message):
        run(statement.format(database=database))
    assert run("SELECT COUNT(*) FROM T") == [(0,)]


def test_old_results_are_dropped() -> None:
    results = BoundedResults(max_bytes=10**6, max_results=3)
    for number in range(5):
        results[str(number)] = (None, number)
    assert list(results) == ["2", "3", "4"]


def test_certificates_are_kept_until_they_are_missing(tmp_path: Path) -> None:
    first = ensure_certificates(tmp_path)
    authority = first.ca.read_bytes()
    assert ensure_certificates(tmp_path).ca.read_bytes() == authority
    first.server.unlink()
    assert ensure_certificates(tmp_path).ca.read_bytes() != authority
    assert first.ca.read_bytes() in first.bundle.read_bytes()
    assert first.server.stat().st_mode & 0o077 == 0
    x509.load_pem_x509_certificate(first.ca.read_bytes())


def test_a_laptop_trusts_the_public_authorities_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WITHOUT_PUBLIC)

    assert Path(certifi.where()).read_bytes() in ensure_certificates(tmp_path).bundle.read_bytes()


def test_every_option_is_explained() -> None:
    text = options().format_help()
    for option in ("--port", "--certificates", "--database-folder", "--blob-endpoint"):
        assert option in text
    assert all(action.help for action in options()._actions)
