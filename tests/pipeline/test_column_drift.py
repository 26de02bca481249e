"""Column drift: what a changed column is, and that it is reported once."""

import logging

import pytest

from include.incidents.incident_file import read_state
from include.incidents.report import MAY_BE_IN_DELIVERY, deliver_pending
from include.pipeline import column_drift
from include.pipeline.column_drift import describe_drift, drift_reporter
from include.publishing.store import Store
from include.sources import SOURCES
from include.times import utc_now
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack

USACE = SOURCES["usace"]
BEFORE = {"ROE_STATUS": "text", "ROE_APPROVED": "timestamp", "APN": "text"}


@pytest.mark.parametrize(
    ("seen", "drift"),
    [
        (BEFORE, ""),
        (dict(reversed(BEFORE.items())), ""),
        ({"ROE_STATUS": "text", "APN": "text"}, "lost ROE_APPROVED"),
        (BEFORE | {"B": "integer", "A": "text"}, "gained A (text), B (integer)"),
        (BEFORE | {"APN": "integer"}, "changed APN from text to integer"),
        (
            {"ROE_STATE": "text", "ROE_APPROVED": "text"},
            "lost APN, ROE_STATUS; gained ROE_STATE (text);"
            " changed ROE_APPROVED from timestamp to text",
        ),
    ],
)
def test_a_lost_gained_or_retyped_column_is_drift(seen: dict[str, str], drift: str) -> None:
    assert describe_drift(BEFORE, seen) == drift


def test_drift_is_reported_once_and_its_reversal_is_drift_too(
    store: MemoryStore, slack: Slack
) -> None:
    report = drift_reporter("usace", USACE.layers[0])
    for seen in (BEFORE, BEFORE, {"APN": "text"}, {"APN": "text"}, BEFORE):
        report(seen)
    lost, found = slack.texts()
    assert "LOW · *usace: columns changed*" in lost
    assert "usace: the layer lost ROE_APPROVED, ROE_STATUS`" in lost
    assert "gained ROE_APPROVED (timestamp), ROE_STATUS (text)" in found


def test_drift_that_slack_does_not_accept_waits_for_it_and_is_posted_once(
    store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.incidents.slack._TRIES", 1)
    report = drift_reporter("usace", USACE.layers[0])
    report(BEFORE)
    slack.switch("down")
    for _ in range(2):
        report({"APN": "text"})
    slack.switch("up")
    assert slack.texts() == []
    state = read_state(store)
    assert deliver_pending(store, state, utc_now() + MAY_BE_IN_DELIVERY) == 1
    assert len(slack.texts()) == 1
    assert read_state(store).posts == ()


def test_drift_that_is_neither_posted_nor_saved_is_posted_by_the_next_run(
    store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = drift_reporter("usace", USACE.layers[0])
    report(BEFORE)
    with monkeypatch.context() as patch:
        patch.setattr("include.incidents.data_warnings.post_text", lambda *_: False)
        report({"APN": "text"})
    report({"APN": "text"})
    assert len(slack.texts()) == 1


def test_a_storage_account_that_is_down_fails_no_load(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down() -> Store:
        raise ConnectionError("no storage account")

    monkeypatch.setattr(column_drift, "open_store", down)
    with caplog.at_level(logging.ERROR):
        drift_reporter("usace", USACE.layers[0])(BEFORE)
    assert caplog.messages == ["The columns of usace could not be compared"]
