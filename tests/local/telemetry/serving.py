"""The collector, served while a test needs it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from local.ports import HOST, free_ports
from local.telemetry.app import create_app


@contextmanager
def collecting() -> Iterator[httpx.Client]:
    """A client of a collector on a free port."""
    (port,) = free_ports(1)
    server = uvicorn.Server(
        uvicorn.Config(create_app(), host=HOST, port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://{HOST}:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
