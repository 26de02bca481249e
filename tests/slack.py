"""The laptop's Slack, served by a thread of this process."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.credentials import SLACK_PATH
from local.slack.app import create_app
from tests.serving import serving

# Reading the usual authorities takes longer than a request, and this server has no certificate.
_HTTP = httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class Slack:
    """The laptop's Slack server."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def connection(self) -> str:
        """The connection with which Airflow posts to it."""
        return json.dumps({"conn_type": "slackwebhook", "password": f"{self._url}{SLACK_PATH}"})

    def messages(self) -> list[dict[str, Any]]:
        """The messages that it received, oldest first."""
        received = _HTTP.get(f"{self._url}/messages.json").raise_for_status().json()
        return [item["message"] for item in received]

    def texts(self) -> list[str]:
        """The text of each message."""
        return [message["text"] for message in self.messages()]

    def clear(self) -> None:
        """Delete the messages."""
        _HTTP.delete(f"{self._url}/messages").raise_for_status()

    def switch(self, state: str) -> None:
        """Switch the server `down` or `up`."""
        _HTTP.post(f"{self._url}/emulator/{state}").raise_for_status()


@contextmanager
def serving_slack(folder: Path) -> Iterator[Slack]:
    """A Slack without messages.

    Args:
        folder: The folder of its messages.
    """
    with serving(create_app(folder / "messages.jsonl")) as url:
        yield Slack(url)
