"""A Slack that has heard nothing yet, and can be switched off."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.cloud import Cloud


class Slack:
    """The sink, as tests look at it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def messages(self) -> list[dict[str, Any]]:
        """What it received, oldest first."""
        received = httpx.get(f"{self._url}/messages.json").raise_for_status().json()
        return [each["message"] for each in received]

    def texts(self) -> list[str]:
        """The text of each message."""
        return [message["text"] for message in self.messages()]

    def switch(self, state: str) -> None:
        """Switch it `down` or `up`."""
        httpx.post(f"{self._url}/emulator/{state}").raise_for_status()

    def clear(self) -> None:
        """Forget the messages."""
        httpx.delete(f"{self._url}/messages").raise_for_status()


@pytest.fixture
def slack(cloud: Cloud) -> Iterator[Slack]:
    made = Slack(cloud.url("slack"))
    made.clear()
    yield made
    made.switch("up")
    made.clear()
