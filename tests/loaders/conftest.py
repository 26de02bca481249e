"""One emulated warehouse for all tests here; a layer, a server and a table for each test."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from local.cloud import Cloud
from tests.loaders.certificate_authority import issue
from tests.loaders.emulator import DATABASE, Emulator, new_private_key
from tests.loaders.incomplete_chain import Chain
from tests.loaders.layer import Layer
from tests.loaders.service import Reply, Service, reply, serving
from tests.loaders.simple_load import ROWS
from tests.loaders.warehouse import Warehouse, new_warehouse

# The same examples on every machine, however busy it is.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def warehouse_server(cloud: Cloud) -> Emulator:
    running = Emulator(cloud.ports.snowflake, new_private_key())
    with running.connect() as session:
        session.cursor().execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        session.cursor().execute(f"CREATE SCHEMA IF NOT EXISTS {DATABASE}.LOADING")
    return running


@pytest.fixture(scope="session")
def connect(warehouse_server: Emulator) -> Callable[[], Any]:
    """Open a session of the emulated warehouse."""
    return warehouse_server.connect


@pytest.fixture(scope="session")
def connection(connect: Callable[[], Any]) -> Iterator[Any]:
    """The session that tests share."""
    opened = connect()
    yield opened
    opened.close()


@pytest.fixture
def layer() -> Layer:
    return Layer()


@pytest.fixture
def service(layer: Layer) -> Iterator[Service]:
    with serving(layer.answer) as running:
        yield running


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PEM file with one root."""
    file = tmp_path_factory.mktemp("roots") / "root.pem"
    file.write_bytes(issue("Root").pem)
    return file


@pytest.fixture
def few_roots(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust one root instead of the hundred usual ones, which take long to read."""
    monkeypatch.setenv("SSL_CERT_FILE", str(root))


@pytest.fixture
def warehouse(connection: Any, service: Service) -> Warehouse:
    schema = f"PARCELS_{uuid.uuid4().hex[:8].upper()}"
    connection.cursor().execute(f"CREATE SCHEMA {DATABASE}.{schema}")
    return new_warehouse(connection, DATABASE, schema, service.url)


@pytest.fixture
def permits() -> Iterator[Service]:
    """A server of the list."""
    with serving(lambda _: reply(ROWS)) as running:
        yield running


@pytest.fixture
def publish() -> Iterator[Callable[[], Service]]:
    """Start a server of certificates: each under its path."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(serving(lambda _: Reply(b"", 404)))


@pytest.fixture
def chain(tmp_path: Path, publish: Callable[[], Service]) -> Iterator[Callable[..., Chain]]:
    """Start an authority and a server; `published` makes the body behind the leaf's pointer."""
    with ExitStack() as stack:

        def make(published: Callable[[Chain], bytes], **pointers: str) -> Chain:
            authority = publish()
            made = Chain(tmp_path, authority, stack, **pointers)
            authority.usual = lambda request: Reply(
                made.root.der if request.path == "/root.cer" else published(made)
            )
            return made

        yield make
