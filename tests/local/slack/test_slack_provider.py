"""The real Airflow provider with the emulated Slack."""

import json
from typing import Any

import httpx
import pytest
from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
from airflow.providers.slack.notifications.slack_webhook import send_slack_webhook_notification
from airflow.sdk.exceptions import AirflowException

CONNECTION = "slack_test"


@pytest.fixture(autouse=True)
def _connected(webhook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "slackwebhook", "password": webhook}
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(connection))


def received(sink: httpx.Client) -> list[dict[str, Any]]:
    return [each["message"] for each in sink.get("/messages.json").json()]


def test_the_hook_sends_text_and_blocks(sink: httpx.Client) -> None:
    hook = SlackWebhookHook(slack_webhook_conn_id=CONNECTION)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*why*"}}]
    assert hook.send(text="failed", blocks=blocks).body == "ok"
    assert received(sink) == [{"text": "failed", "blocks": blocks}]


def test_the_notifier_sends_its_message(sink: httpx.Client) -> None:
    notify = send_slack_webhook_notification(
        slack_webhook_conn_id=CONNECTION, text="{{ name }} failed"
    )
    notify({"name": "usace"})
    assert received(sink) == [{"text": "usace failed"}]


def test_an_invalid_message_fails_the_hook(sink: httpx.Client) -> None:
    hook = SlackWebhookHook(slack_webhook_conn_id=CONNECTION)
    with pytest.raises(AirflowException, match="invalid_blocks"):
        hook.send(text="failed", blocks=[{"type": "section"}])
    assert received(sink) == []


def test_a_slack_that_is_down_fails_the_hook(sink: httpx.Client) -> None:
    sink.post("/emulator/down")
    with pytest.raises(AirflowException, match="503"):
        SlackWebhookHook(slack_webhook_conn_id=CONNECTION).send_text("failed")
    assert received(sink) == []
