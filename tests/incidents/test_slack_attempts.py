"""The attempts to deliver a message: how many, how long apart, and what stays saved."""

import json
import logging
from datetime import datetime, timedelta, timezone

import pytest

from include.incidents import slack
from include.incidents.slack import deliver
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place
from tests.incidents.samples import TUESDAY
from tests.incidents.webhook import MESSAGE, OUTBOX, saved, webhook
from tests.publishing.memory_store import MemoryStore


def test_a_message_is_posted_with_the_connection_and_a_time_limit(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch)

    assert deliver(store, MESSAGE, TUESDAY) is True

    assert slack_server.opened == [{"slack_webhook_conn_id": "slack_incidents", "timeout": 10}]
    assert slack_server.sent == [MESSAGE]
    assert slack_server.waits == []


@pytest.mark.parametrize(
    "answer", ["Status Code: 503", "Status Code: 429", "reset by peer", "Status Code: 500 4"]
)
def test_a_failure_that_may_pass_is_tried_three_times(
    answer: str, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch, answer, answer, answer, answer)

    assert deliver(store, MESSAGE, TUESDAY) is True

    assert slack_server.sent == [MESSAGE] * 3
    assert slack_server.waits == [1, 2]
    assert len(saved(store)) == 1


def test_attempts_are_at_most_four_seconds_apart(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch, *["reset by peer"] * 6)
    monkeypatch.setattr(slack, "_TRIES", 6)

    assert deliver(store, MESSAGE, TUESDAY) is True

    assert slack_server.waits == [1, 2, 4, 4, 4]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_refused_blocks_are_replaced_by_the_text_without_another_attempt(
    status: int, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch, f"Status Code: {status}, invalid_blocks")

    assert deliver(store, MESSAGE, TUESDAY) is True

    assert slack_server.sent == [MESSAGE, {"text": "one"}]
    assert saved(store) == ()


def test_a_refused_text_is_not_tried_again(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch, "Status Code: 404", "Status Code: 404")

    assert deliver(store, {"text": "one"}, TUESDAY) is True

    assert slack_server.sent == [{"text": "one"}]
    assert len(saved(store)) == 1


def test_an_outage_after_the_refused_blocks_keeps_the_message(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(monkeypatch, "Status Code: 400", "Status Code: 503")

    assert deliver(store, MESSAGE, TUESDAY) is True
    assert len(saved(store)) == 1


def test_a_message_is_saved_by_its_time_in_utc_before_it_is_sent(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(monkeypatch, "Status Code: 404", "Status Code: 404")
    local = datetime(2026, 11, 24, 14, 0, 1, 250_000, tzinfo=timezone(timedelta(hours=-8)))

    deliver(store, MESSAGE, local)

    [path] = saved(store)
    assert path.startswith(f"{OUTBOX}/20261124T220001250000Z-")
    assert path.endswith(".json")
    assert json.loads(store.need(Place(VERSIONS_CONTAINER, path)).content) == MESSAGE


def broken(*_: object) -> None:
    raise ConnectionError("no storage account")


@pytest.mark.parametrize(
    ("can_save", "outcome"),
    [
        (True, "it is saved and will be sent later"),
        (False, "and it could not be saved"),
    ],
)
def test_the_log_says_whether_an_undelivered_message_is_saved(
    can_save: bool,
    outcome: str,
    store: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    webhook(monkeypatch, *["reset by peer"] * 3)
    if not can_save:
        monkeypatch.setattr(store, "write", broken)

    with caplog.at_level(logging.ERROR):
        assert deliver(store, MESSAGE, TUESDAY) is can_save

    assert caplog.messages[-1] == f"A MESSAGE DID NOT REACH SLACK ({outcome}): one"
    assert ("A Slack message could not be saved" in caplog.messages) is not can_save


def test_without_a_storage_account_the_log_says_that_the_message_is_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    webhook(monkeypatch, *["reset by peer"] * 3)

    assert deliver(None, MESSAGE, TUESDAY) is False

    assert caplog.messages == ["A MESSAGE DID NOT REACH SLACK (and it could not be saved): one"]


def test_a_message_that_cannot_be_saved_is_still_sent_and_nothing_is_deleted(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch)
    deleted: list[Place] = []
    monkeypatch.setattr(store, "write", broken)
    monkeypatch.setattr(store, "delete", deleted.append)

    assert deliver(store, MESSAGE, TUESDAY) is True

    assert slack_server.sent == [MESSAGE]
    assert deleted == []


def test_a_message_that_cannot_be_deleted_counts_as_delivered(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    webhook(monkeypatch)
    monkeypatch.setattr(store, "delete", broken)

    assert deliver(store, MESSAGE, TUESDAY) is True

    assert caplog.messages == ["A delivered message could not be deleted: it will be sent again"]
    assert len(saved(store)) == 1
