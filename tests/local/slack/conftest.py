"""An emulated Slack for each test, on a free port."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from local.credentials import SLACK_PATH
from local.ports import HOST, free_ports
from local.slack.app import create_app

OpenSink = Callable[[], httpx.Client]


@pytest.fixture
def open_sink(tmp_path: Path) -> Iterator[OpenSink]:
    """Serve the test's messages file; each call starts another server."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(_serve(tmp_path / "messages.jsonl"))


@pytest.fixture
def sink(open_sink: OpenSink) -> httpx.Client:
    """A client of an emulated Slack without messages."""
    return open_sink()


@pytest.fixture
def webhook(sink: httpx.Client) -> str:
    """The webhook's full address, as in the Airflow connection."""
    return str(sink.base_url).rstrip("/") + SLACK_PATH


@contextmanager
def _serve(messages: Path) -> Iterator[httpx.Client]:
    (port,) = free_ports(1)
    config = uvicorn.Config(create_app(messages), host=HOST, port=port, log_config=None)
    server = uvicorn.Server(config)
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
