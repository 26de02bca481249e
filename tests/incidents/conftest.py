"""A Slack server without messages, which can be switched off."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.cloud import Cloud


class Slack:
    """The laptop's Slack server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def messages(self) -> list[dict[str, Any]]:
        """The messages that it received, oldest first."""
        received = httpx.get(f"{self._url}/messages.json").raise_for_status().json()
        return [item["message"] for item in received]

    def texts(self) -> list[str]:
        """The text of each message."""
        return [message["text"] for message in self.messages()]

    def switch(self, state: str) -> None:
        """Switch the server `down` or `up`."""
        httpx.post(f"{self._url}/emulator/{state}").raise_for_status()

    def clear(self) -> None:
        """Delete the messages."""
        httpx.delete(f"{self._url}/messages").raise_for_status()


@pytest.fixture
def slack(cloud: Cloud) -> Iterator[Slack]:
    server = Slack(cloud.url("slack"))
    server.clear()
    yield server
    server.switch("up")
    server.clear()
