"""The webhook: valid and invalid messages, and their storage."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from local.credentials import SLACK_PATH
from local.slack.__main__ import main
from local.slack.blocks import render_message
from local.slack.limits import find_error
from tests.local.slack.conftest import OpenSink


def mrkdwn(length: int) -> dict[str, str]:
    return {"type": "mrkdwn", "text": "x" * length}


def plain(length: int) -> dict[str, str]:
    return {"type": "plain_text", "text": "x" * length}


def button(**other: str) -> dict[str, Any]:
    return {"type": "button", "text": plain(75), **other}


def section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(length)}


def fields(count: int, length: int) -> dict[str, Any]:
    return {"type": "section", "fields": [mrkdwn(length)] * count}


GOOD_BLOCKS: list[list[dict[str, Any]]] = [
    [{"type": "header", "text": plain(150)}],
    [section(3000)],
    [fields(10, 2000)],
    [{"type": "context", "elements": [mrkdwn(10)] * 10}],
    [{"type": "divider"}] * 50,
    [{"type": "actions", "elements": [button(url="https://example.org", style="danger")] * 25}],
    [{"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a"}],
    [{"type": "rich_text", "elements": []}],
]
BAD_BLOCKS: list[list[Any]] = [
    [{"type": "header", "text": plain(151)}],
    [{"type": "header", "text": mrkdwn(1)}],
    [section(3001)],
    [section(0)],
    [{"type": "section"}],
    [fields(11, 1)],
    [fields(1, 2001)],
    [{"type": "context", "elements": []}],
    [{"type": "context", "elements": [mrkdwn(10)] * 11}],
    [{"type": "divider"}] * 51,
    [{"type": "actions", "elements": [button()] * 26}],
    [{"type": "actions", "elements": [button(style="green")]}],
    [{"type": "actions", "elements": [button(url="https://example.org/" + "x" * 3000)]}],
    [{"type": "image", "image_url": "https://example.org/a.png"}],
    [{"type": "marquee"}],
    [{"type": "divider", "block_id": "x" * 256}],
    ["divider"],
]


def received(sink: httpx.Client) -> list[dict[str, Any]]:
    return [each["message"] for each in sink.get("/messages.json").json()]


def test_a_message_is_stored_as_it_was_sent(sink: httpx.Client) -> None:
    message = {"text": "the load failed", "blocks": [section(1)]}
    answer = sink.post(SLACK_PATH, json=message)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert received(sink) == [message]


@pytest.mark.parametrize("blocks", GOOD_BLOCKS)
def test_blocks_at_slacks_limits_are_valid_and_rendered(blocks: list[dict[str, Any]]) -> None:
    assert find_error({"blocks": blocks}) is None
    assert render_message({"blocks": blocks})


@pytest.mark.parametrize("blocks", BAD_BLOCKS)
def test_blocks_beyond_slacks_limits_are_refused(blocks: list[Any]) -> None:
    for message in ({"blocks": blocks}, {"attachments": [{"blocks": blocks}]}):
        assert find_error(message) == "invalid_blocks"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", "invalid_payload"),
        ("[]", "invalid_payload"),
        ('{"text": 1}', "invalid_payload"),
        ("{}", "no_text"),
        ('{"text": ""}', "no_text"),
        ('{"text": "a", "blocks": {}}', "invalid_blocks_format"),
        ('{"text": "a", "blocks": [{"type": "section"}]}', "invalid_blocks"),
        ('{"attachments": ["a"]}', "invalid_attachments"),
    ],
)
def test_a_malformed_message_is_refused_with_slacks_error_code(
    sink: httpx.Client, body: str, error: str
) -> None:
    answer = sink.post(SLACK_PATH, content=body)
    assert (answer.status_code, answer.text) == (400, error)
    assert received(sink) == []


def test_a_text_beyond_the_limit_is_cut(sink: httpx.Client) -> None:
    assert sink.post(SLACK_PATH, json={"text": "x" * 40_001}).text == "ok"
    assert received(sink) == [{"text": "x" * 40_000}]


def test_the_older_form_encoding_is_accepted(sink: httpx.Client) -> None:
    assert sink.post(SLACK_PATH, data={"payload": '{"text": "a & b"}'}).text == "ok"
    assert received(sink) == [{"text": "a & b"}]


def test_another_webhook_does_not_exist(sink: httpx.Client) -> None:
    answer = sink.post("/services/T000/B000/OTHER", json={"text": "a"})
    assert (answer.status_code, answer.text) == (404, "no_service")
    assert received(sink) == []


def test_messages_survive_a_restart(open_sink: OpenSink) -> None:
    open_sink().post(SLACK_PATH, json={"text": "über\u2028line"})
    assert received(open_sink()) == [{"text": "über\u2028line"}]


def test_messages_can_be_deleted(sink: httpx.Client) -> None:
    sink.post(SLACK_PATH, json={"text": "a"})
    assert sink.delete("/messages").status_code == 200
    assert received(sink) == []


def test_a_slack_that_is_down_responds_with_503_until_it_is_up(sink: httpx.Client) -> None:
    sink.post("/emulator/down")
    assert sink.post(SLACK_PATH, json={"text": "a"}).status_code == 503
    assert "switched off" in sink.get("/").text
    sink.post("/emulator/up")
    assert sink.post(SLACK_PATH, json={"text": "b"}).text == "ok"
    assert received(sink) == [{"text": "b"}]


def test_an_unknown_switch_changes_nothing(sink: httpx.Client) -> None:
    assert sink.post("/emulator/sideways").status_code == 404
    assert sink.post(SLACK_PATH, json={"text": "a"}).text == "ok"


def test_a_malformed_file_is_reported_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.jsonl"
    file.write_text("hello\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["slack", "--port", "1", "--messages", str(file)])
    with pytest.raises(SystemExit):
        main()
    assert "has a line that is not a message" in capsys.readouterr().err
