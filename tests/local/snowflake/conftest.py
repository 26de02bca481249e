"""One emulator and one Azurite for all tests here; a database of its own for each test."""

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from local.snowflake.__main__ import AZURITE_ACCOUNT, AZURITE_KEY
from tests.local.snowflake import servers
from tests.local.snowflake.client import CONTAINER, Emulator, new_private_key

Connect = Callable[..., Any]


@pytest.fixture(scope="session")
def blob_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.azurite(tmp_path_factory.mktemp("azurite")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def blobs(blob_endpoint: str) -> BlobServiceClient:
    url = f"{blob_endpoint}/{AZURITE_ACCOUNT}"
    client = BlobServiceClient(url, credential=AZURITE_KEY, retry_total=1)
    client.create_container(CONTAINER)
    return client


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory, blob_endpoint: str) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("snowflake")
    with servers.emulator(folder, blob_endpoint) as port, pytest.MonkeyPatch.context() as patch:
        bundle = str(folder / "certificates" / "bundle.pem")
        patch.setitem(os.environ, "REQUESTS_CA_BUNDLE", bundle)
        patch.setitem(os.environ, "SSL_CERT_FILE", bundle)
        yield Emulator(port, folder / "certificates", new_private_key())


@pytest.fixture
def database(emulator: Emulator) -> Iterator[str]:
    name = f"T_{uuid.uuid4().hex[:8].upper()}"
    with emulator.connect() as connection:
        connection.cursor().execute(f"CREATE DATABASE {name}")
        yield name
        connection.cursor().execute(f"DROP DATABASE {name}")


@pytest.fixture
def connect(emulator: Emulator, database: str) -> Iterator[Connect]:
    opened = []

    def open_connection(**options: Any) -> Any:  # noqa: ANN401
        opened.append(emulator.connect(database=database, schema="PUBLIC", **options))
        return opened[-1]

    yield open_connection
    for connection in opened:
        connection.close()


@pytest.fixture
def run(connect: Connect) -> Callable[[str], list[tuple[Any, ...]]]:
    """Run one statement in a session of the test's; its rows."""
    connection = connect()

    def execute(sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = connection.cursor().execute(sql).fetchall()
        return rows

    return execute
