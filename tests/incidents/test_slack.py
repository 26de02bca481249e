"""Slack down and back: nothing is lost, nothing raises, nothing is told twice."""

from datetime import timedelta
from typing import Any

import pytest
from tenacity import wait_none

from include.incidents import slack as slack_module
from include.incidents.slack import FOLDER, ON_ITS_WAY, deliver, deliver_kept
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Store
from tests.incidents.conftest import Slack
from tests.incidents.samples import TUESDAY

LATER = TUESDAY + ON_ITS_WAY


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_module, "wait_exponential", lambda **_: wait_none())


def kept(store: Store) -> tuple[str, ...]:
    return store.paths(VERSIONS_CONTAINER, FOLDER)


def test_a_message_is_sent_once_and_not_kept(store: Store, slack: Slack) -> None:
    assert deliver(store, {"text": "one"}, TUESDAY)
    assert slack.texts() == ["one"]
    assert kept(store) == ()


def test_what_slack_missed_is_told_in_order_when_it_is_back(store: Store, slack: Slack) -> None:
    slack.switch("down")
    assert not deliver(store, {"text": "one"}, TUESDAY)
    assert not deliver(store, {"text": "two"}, TUESDAY + timedelta(seconds=1))
    with pytest.raises(Exception, match="503"):
        deliver_kept(store, LATER + timedelta(minutes=1))
    assert len(kept(store)) == 2
    slack.switch("up")

    assert deliver_kept(store, LATER + timedelta(minutes=1)) == 2

    assert slack.texts() == ["one", "two"]
    assert kept(store) == ()
    assert deliver_kept(store, LATER + timedelta(minutes=1)) == 0


def test_a_message_that_may_be_on_its_way_is_left_alone(store: Store, slack: Slack) -> None:
    slack.switch("down")
    deliver(store, {"text": "one"}, TUESDAY)
    slack.switch("up")
    assert deliver_kept(store, TUESDAY + timedelta(minutes=1)) == 0
    assert slack.texts() == []
    assert deliver_kept(store, LATER) == 1


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


def test_blocks_that_slack_refuses_are_told_as_text(store: Store, slack: Slack) -> None:
    bad = {"type": "header", "text": {"type": "plain_text", "text": "x" * 200}}
    assert deliver(store, {"text": "one", "blocks": [bad]}, TUESDAY)
    assert slack.messages() == [{"text": "one"}]


def test_without_the_storage_account_slack_is_told_all_the_same(slack: Slack) -> None:
    assert deliver(None, {"text": "one"}, TUESDAY)
    assert slack.texts() == ["one"]


def test_without_both_it_is_logged_and_nothing_is_raised(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.switch("down")
    assert not deliver(None, {"text": "the pipeline broke"}, TUESDAY)
    assert "SLACK WAS NOT TOLD" in caplog.text
    assert "the pipeline broke" in caplog.text
