"""Slack's webhook: the attempts to post a message, and what is posted if its blocks are refused."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.slack.hooks import slack_webhook

from include.incidents import slack

MESSAGE = {"text": "one", "blocks": [{"type": "divider"}]}


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


def test_a_message_is_posted_with_the_connection_and_a_short_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = webhook(monkeypatch)

    slack.send(MESSAGE)

    assert server.opened == [{"slack_webhook_conn_id": "slack_incidents", "timeout": 5}]
    assert server.sent == [MESSAGE]
    assert server.waits == []


def test_what_is_no_text_in_a_message_is_sent_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    server = webhook(monkeypatch)
    message = {"text": "one", "blocks": [{"type": "header", "emoji": True, "level": 2}]}

    slack.send(message)

    assert server.sent == [message]


@pytest.mark.parametrize(
    "answer", ["Status Code: 503", "Status Code: 429", "reset by peer", "Status Code: 500 4"]
)
def test_a_failure_that_may_pass_is_tried_three_times(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = webhook(monkeypatch, answer, answer, answer, answer)

    with pytest.raises(RuntimeError, match=answer):
        slack.send(MESSAGE)

    assert server.sent == [MESSAGE] * 3
    assert server.waits == [1, 2]


def test_attempts_are_at_most_four_seconds_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    server = webhook(monkeypatch, *["reset by peer"] * 6)
    monkeypatch.setattr(slack, "_TRIES", 6)

    with pytest.raises(RuntimeError):
        slack.send(MESSAGE)

    assert server.waits == [1, 2, 4, 4, 4]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_refused_blocks_are_replaced_by_the_text_without_another_attempt(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = webhook(monkeypatch, f"Status Code: {status}, invalid_blocks")

    slack.send(MESSAGE)

    assert server.sent == [MESSAGE, {"text": "one"}]


def test_a_refused_text_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = webhook(monkeypatch, "Status Code: 404", "Status Code: 404")

    with pytest.raises(RuntimeError, match="404"):
        slack.send({"text": "one"})

    assert server.sent == [{"text": "one"}]
