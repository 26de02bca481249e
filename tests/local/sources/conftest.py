"""The sources' server on a port of its own, with a copy of the small data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.faults import clear_faults
from tests.local.sources.server import Server, serving_sources


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
