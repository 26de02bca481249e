"""The sources' server on a port of its own, with a copy of the small data folder."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from local.faults import clear_faults
from local.sources.app import create_app
from tests.local.sources.server import SMALL, Server


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    data, faults = folder / "data", folder / "faults.json"
    shutil.copytree(SMALL, data)
    app = create_app(data, faults, slow_seconds=0.5)
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        with httpx.Client(base_url=address) as client:
            yield Server(client, data, faults)
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sources")) as server:
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
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def paged_server(own_server: Server) -> Server:
    """A server whose EPA layer has pages of five features."""
    own_server.rewrite("arcgis/epa/layer.json", lambda layer: layer.update(maxRecordCount=5))
    return own_server
