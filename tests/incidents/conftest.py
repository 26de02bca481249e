"""A Slack server without messages, which can be switched off."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.credentials import SLACK_PATH
from local.slack.app import create_app
from tests.serving import serving


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


@pytest.fixture
def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    with serving(create_app(tmp_path / "messages.jsonl")) as url:
        connection = {"conn_type": "slackwebhook", "password": f"{url}{SLACK_PATH}"}
        monkeypatch.setenv("AIRFLOW_CONN_SLACK_INCIDENTS", json.dumps(connection))
        yield Slack(url)
