"""The sources' server on a port of its own, with a copy of the small data folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from local.faults import clear_faults
from local.sources.app import create_app
from tests.local.sources.server import SMALL, Server
from tests.serving import serving


@contextmanager
def serving_sources(folder: Path) -> Iterator[Server]:
    data, faults = folder / "data", folder / "faults.json"
    shutil.copytree(SMALL, data)
    with (
        serving(create_app(data, faults, slow_seconds=0.5)) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield Server(client, data, faults)


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving_sources(tmp_path_factory.mktemp("sources")) as server:
        yield server


@pytest.fixture
def server(_shared: Server) -> Iterator[Server]:
    """A shared server, whose data no test changes, without faults."""
    clear_faults(_shared.faults)
    yield _shared
    clear_faults(_shared.faults)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server whose data folder the test may change."""
    with serving_sources(tmp_path) as server:
        yield server


@pytest.fixture
def paged_server(own_server: Server) -> Server:
    """A server whose EPA layer has pages of five features."""
    own_server.rewrite("arcgis/epa/layer.json", lambda layer: layer.update(maxRecordCount=5))
    return own_server
