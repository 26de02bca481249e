"""One emulated warehouse for all tests here; a layer, a server and a table for each."""

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.loaders.emulator import Emulator, emulator
from tests.loaders.layer import Layer
from tests.loaders.service import Service, serving
from tests.loaders.warehouse import Warehouse, new_warehouse

# The same examples on every machine, however busy it is.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")

DATABASE = "RAW_DDRC_DEV"


@pytest.fixture(scope="session")
def warehouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("warehouse")
    with emulator(folder) as running, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "REQUESTS_CA_BUNDLE", str(running.bundle))
        with running.connect() as session:
            session.cursor().execute(f"CREATE DATABASE {DATABASE}")
        yield running


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


@pytest.fixture
def warehouse(connection: Any, service: Service) -> Warehouse:  # noqa: ANN401
    schema = f"PARCELS_{uuid.uuid4().hex[:8].upper()}"
    return new_warehouse(connection, DATABASE, schema, service.url)
