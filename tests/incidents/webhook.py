"""A stand-in for Slack's webhook, and the messages that wait for it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.slack.hooks import slack_webhook

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place
from tests.incidents.samples import TUESDAY
from tests.publishing.memory_store import MemoryStore

OUTBOX = "incidents/outbox"
MESSAGE = {"text": "one", "blocks": [{"type": "divider"}]}
LATER = TUESDAY + timedelta(hours=1)


class Webhook:
    """A webhook that answers each request with the next of these, then accepts."""

    def __init__(self, answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.sent: list[Mapping[str, Any]] = []
        self.opened: list[Mapping[str, Any]] = []
        self.waits: list[float] = []

    def __call__(self, **named: Any) -> "Webhook":
        self.opened.append(named)
        return self

    def send(self, **message: Any) -> None:
        self.sent.append(message)
        if self.answers and (answer := self.answers.pop(0)):
            raise RuntimeError(answer)


def webhook(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Webhook:
    """Send messages to this webhook; waits between attempts are noted and not waited for."""
    made = Webhook(answers)
    monkeypatch.setattr(slack_webhook, "SlackWebhookHook", made)
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=made.waits.append))
    return made


def save(store: MemoryStore, moment: str, text: str, folder: str = OUTBOX) -> None:
    """Save a message of this moment."""
    place = Place(VERSIONS_CONTAINER, f"{folder}/{moment}-a-b.json")
    store.write(place, json.dumps({"text": text}).encode())


def saved(store: MemoryStore) -> tuple[str, ...]:
    """The paths of the saved messages, oldest first."""
    return store.paths(VERSIONS_CONTAINER, OUTBOX)
