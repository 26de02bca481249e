"""The delivery of saved messages: which ones, in which order, and what an outage leaves."""

from datetime import timedelta

import pytest

from include.incidents.slack import deliver_pending
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place
from tests.incidents.samples import TUESDAY
from tests.incidents.webhook import LATER, OUTBOX, save, saved, webhook
from tests.publishing.memory_store import MemoryStore


def test_saved_messages_are_sent_two_minutes_after_they_were_saved(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch)
    save(store, "20261124T220000000000Z", "two minutes ago")
    save(store, "20261124T220000000001Z", "just less")
    now = TUESDAY + timedelta(minutes=2)

    assert deliver_pending(store, now) == 1

    assert slack_server.sent == [{"text": "two minutes ago"}]
    assert saved(store) == (f"{OUTBOX}/20261124T220000000001Z-a-b.json",)


def test_a_message_that_somebody_else_has_sent_meanwhile_is_passed_over(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch)
    for second in range(3):
        save(store, f"20261124T22000{second}000000Z", f"message {second}")
    paths = saved(store)
    store.delete(Place(VERSIONS_CONTAINER, paths[0]))
    monkeypatch.setattr(store, "paths", lambda container, folder: paths)

    assert deliver_pending(store, LATER) == 2
    assert slack_server.sent == [{"text": "message 1"}, {"text": "message 2"}]


def test_an_outage_ends_the_delivery_with_slacks_error(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack_server = webhook(monkeypatch, "", *["Status Code: 503"] * 3)
    for second in range(3):
        save(store, f"20261124T22000{second}000000Z", f"message {second}")

    with pytest.raises(RuntimeError, match="Status Code: 503"):
        deliver_pending(store, LATER)

    assert slack_server.sent == [{"text": "message 0"}, *[{"text": "message 1"}] * 3]
    assert len(saved(store)) == 2


def test_only_the_outbox_is_sent(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    slack_server = webhook(monkeypatch)
    save(store, "20261124T220000000000Z", "an event", "incidents/events")

    assert deliver_pending(store, LATER) == 0
    assert slack_server.sent == []
