"""The cloud's emulator and Azurite; a database of its own for each test."""

import uuid
from collections.abc import Iterator

import pytest
from azure.storage.blob import BlobServiceClient
from snowflake.connector import SnowflakeConnection
from snowflake.connector.cursor import SnowflakeCursor

from local import azurite
from local.cloud import Cloud
from tests.local.snowflake.client import CONTAINER, WAREHOUSES, Connect, Emulator, Rows, Run


@pytest.fixture(scope="session")
def blobs(cloud: Cloud) -> BlobServiceClient:
    client = azurite.client(cloud.url("blob"))
    client.create_container(CONTAINER)
    return client


@pytest.fixture(scope="session")
def emulator(cloud: Cloud) -> Emulator:
    key = cloud.credentials.private_key_pem
    return Emulator(cloud.ports.snowflake, cloud.home.certificates, key)


@pytest.fixture(scope="session")
def administrator(emulator: Emulator) -> Iterator[SnowflakeCursor]:
    """A cursor that makes and drops the tests' databases."""
    with emulator.connect(role="ACCOUNTADMIN") as connection:
        cursor = connection.cursor()
        for name in WAREHOUSES:
            cursor.execute(f"CREATE WAREHOUSE IF NOT EXISTS {name} INITIALLY_SUSPENDED = TRUE")
        yield cursor


@pytest.fixture
def database(administrator: SnowflakeCursor) -> Iterator[str]:
    name = f"T_{uuid.uuid4().hex[:8].upper()}"
    administrator.execute(f"CREATE DATABASE {name}")
    yield name
    administrator.execute(f"DROP DATABASE {name}")


@pytest.fixture
def connect(emulator: Emulator, database: str) -> Iterator[Connect]:
    opened: list[SnowflakeConnection] = []

    def open_connection(**options: object) -> SnowflakeConnection:
        opened.append(emulator.connect(database=database, schema="PUBLIC", **options))
        return opened[-1]

    yield open_connection
    for connection in opened:
        connection.close()


@pytest.fixture
def run(connect: Connect) -> Run:
    """Run one statement in a session of the test's; its rows."""
    connection = connect()

    def execute(sql: str) -> Rows:
        rows: Rows = connection.cursor().execute(sql).fetchall()
        return rows

    return execute
