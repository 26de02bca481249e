"""Delivery to Slack in an outage: nothing is lost, nothing raises, nothing is sent twice."""

from datetime import timedelta
from typing import Any

import pytest
from tenacity import wait_none

from include.incidents import slack as slack_module
from include.incidents.slack import FOLDER, MAY_BE_IN_DELIVERY, deliver, deliver_pending
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Store
from tests.incidents.samples import TUESDAY
from tests.slack import Slack

LATER = TUESDAY + MAY_BE_IN_DELIVERY


@pytest.fixture(autouse=True)
def without_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_module, "wait_exponential", lambda **_: wait_none())


def saved(store: Store) -> tuple[str, ...]:
    return store.paths(VERSIONS_CONTAINER, FOLDER)


def test_a_message_is_sent_once_and_not_saved(store: Store, slack: Slack) -> None:
    assert deliver(store, {"text": "one"}, TUESDAY)
    assert slack.texts() == ["one"]
    assert saved(store) == ()


def test_missed_messages_are_sent_in_order_after_the_outage(store: Store, slack: Slack) -> None:
    slack.switch("down")
    assert deliver(store, {"text": "one"}, TUESDAY)
    assert deliver(store, {"text": "two"}, TUESDAY + timedelta(seconds=1))
    with pytest.raises(Exception, match="503"):
        deliver_pending(store, LATER + timedelta(minutes=1))
    assert len(saved(store)) == 2
    slack.switch("up")

    assert deliver_pending(store, LATER + timedelta(minutes=1)) == 2

    assert slack.texts() == ["one", "two"]
    assert saved(store) == ()
    assert deliver_pending(store, LATER + timedelta(minutes=1)) == 0


def test_a_message_that_may_be_in_delivery_is_not_sent_again(store: Store, slack: Slack) -> None:
    slack.switch("down")
    deliver(store, {"text": "one"}, TUESDAY)
    slack.switch("up")
    assert deliver_pending(store, TUESDAY + timedelta(minutes=1)) == 0
    assert slack.texts() == []
    assert deliver_pending(store, LATER) == 1


def test_a_short_outage_is_bridged_by_retries(
    store: Store, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, tried = slack_module._post, []

    def flaky(message: dict[str, Any]) -> None:
        tried.append(message)
        if len(tried) < 3:
            raise ConnectionError("reset by peer")
        post(message)

    monkeypatch.setattr(slack_module, "_post", flaky)
    assert deliver(store, {"text": "one"}, TUESDAY)
    assert slack.texts() == ["one"]


def test_refused_blocks_are_sent_as_text(store: Store, slack: Slack) -> None:
    bad = {"type": "header", "text": {"type": "plain_text", "text": "x" * 200}}
    assert deliver(store, {"text": "one", "blocks": [bad]}, TUESDAY)
    assert slack.messages() == [{"text": "one"}]


def test_without_the_storage_account_the_message_is_still_sent(slack: Slack) -> None:
    assert deliver(None, {"text": "one"}, TUESDAY)
    assert slack.texts() == ["one"]


def test_without_both_the_message_is_logged_and_nothing_is_raised(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.switch("down")
    assert not deliver(None, {"text": "the pipeline broke"}, TUESDAY)
    assert "A MESSAGE DID NOT REACH SLACK" in caplog.text
    assert "the pipeline broke" in caplog.text
