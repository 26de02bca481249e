"""An emulated Slack for each test, on a free port."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from local.credentials import SLACK_PATH
from local.slack.app import create_app
from tests.serving import serving

OpenSink = Callable[[], httpx.Client]


@pytest.fixture
def open_sink(tmp_path: Path) -> Iterator[OpenSink]:
    """Serve the test's messages file; each call starts another server."""
    with ExitStack() as opened:

        def open_one() -> httpx.Client:
            url = opened.enter_context(serving(create_app(tmp_path / "messages.jsonl")))
            return opened.enter_context(httpx.Client(base_url=url))

        yield open_one


@pytest.fixture
def sink(open_sink: OpenSink) -> httpx.Client:
    """A client of an emulated Slack without messages."""
    return open_sink()


@pytest.fixture
def webhook(sink: httpx.Client) -> str:
    """The webhook's full address, as in the Airflow connection."""
    return str(sink.base_url).rstrip("/") + SLACK_PATH
