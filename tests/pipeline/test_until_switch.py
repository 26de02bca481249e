"""A person releases the hold that lasts until the switch, and sets it again: the way back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.incidents.severity import Assessment, Impact, LastCheck, assess_task
from include.pipeline import restore as module
from include.pipeline.restore import (
    HOLD,
    RELEASE,
    RESTORE,
    choose_version,
    release_hold,
    restore_version,
)
from include.publishing.earlier import EARLIER_URL
from include.publishing.holds import Hold, current_hold, last_hold, set_hold
from include.publishing.promotion_log import promotions
from include.publishing.versions import PUBLISHED
from tests.pipeline.running import RUN, call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish
from tests.slack import Slack

V1, V2 = (f"20261124T14{minute}00Z-abcdefabcdef" for minute in ("01", "02"))
URL = "https://earlier.example/ddrc-metrics.json"
REASON = "The new count is <wrong>"
MINUTE = timedelta(minutes=1)
HELD = Hold(V2, "ada", REASON, NOW + 2 * MINUTE, RUN, is_until_switch=True)


@pytest.fixture(autouse=True)
def setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EARLIER_URL, f"{URL}?sig=secret")
    monkeypatch.setattr(module, "utc_now", lambda: NOW + 2 * MINUTE)


@pytest.fixture
def served(store: MemoryStore) -> MemoryStore:
    """A storage account that serves V2, and has saved V1 too."""
    publish(store, file(metric("a", 1)), V1, at=NOW - MINUTE)
    publish(store, file(metric("a", 2)), V2)
    return store


def run(action: str = HOLD, *, cleared: bool = False, version: str | None = None) -> Any:
    """Run `promote` of a run of `restore_metrics`."""
    context = context_of(
        "restore_metrics", "promote", by="ada", run_after=NOW + MINUTE, cleared=cleared,
        xcoms={}, action=action, version=version, reason=REASON,
    )  # fmt: skip
    return call(restore_version(), context)


def release(at: datetime = NOW + 3 * MINUTE, action: str = RELEASE) -> None:
    """Run `release_hold` of a run that was triggered at a time."""
    context = context_of(
        "restore_metrics", "release_hold", by="grace", run_after=at, action=action, version=None,
        reason=REASON,
    )  # fmt: skip
    call(release_hold(), context)


def test_a_person_releases_the_hold_that_nobody_has_set(store: MemoryStore, slack: Slack) -> None:
    release()
    assert current_hold(store) is None
    [text] = slack.texts()
    assert "*grace released the hold until the switch.* The new count is &lt;wrong&gt;" in text
    assert (
        "*The public sees*: still the earlier system's file, until the page reads"
        f" {store.public_url(PUBLISHED)}: the newest released values, as soon as they pass their"
        " audit. Automatic publishing resumes now."
    ) in text
    with pytest.raises(AirflowSkipException, match="Publishing is not held"):
        release()


def test_the_way_back_holds_publishing_and_leaves_the_served_file(
    served: MemoryStore, slack: Slack
) -> None:
    before = served.need(PUBLISHED)
    handed_on = run()
    assert current_hold(served) == HELD
    assert served.need(PUBLISHED) == before
    assert handed_on["version"] == V2, "the next tasks verify it"
    [text] = slack.texts()
    assert "*ada holds publishing until the switch.* The new count is &lt;wrong&gt;" in text
    assert f"Have it read the earlier system's file again, {URL}. Nothing else" in text
    assert "secret" not in text
    assert len(list(promotions(served, NOW))) == 2


def test_the_way_back_and_the_switch_can_be_repeated(served: MemoryStore, slack: Slack) -> None:
    run()
    release()
    assert current_hold(served) is None
    set_hold(served, HELD)
    release()
    assert current_hold(served) is None


def test_before_the_first_publication_the_way_back_holds_and_there_is_nothing_to_verify(
    store: MemoryStore, slack: Slack
) -> None:
    release()
    with pytest.raises(AirflowSkipException, match="nothing is served, so nothing is verified"):
        run()
    assert current_hold(store) == replace(HELD, version="")


def test_a_hold_until_the_switch_is_not_set_twice(store: MemoryStore, slack: Slack) -> None:
    with pytest.raises(AirflowSkipException, match=f"held already: Held until .* reads {URL}$"):
        run()
    assert slack.texts() == []


def test_the_way_back_takes_the_place_of_a_usual_hold(served: MemoryStore, slack: Slack) -> None:
    set_hold(served, replace(HELD, run="manual 0", since=NOW, is_until_switch=False))
    run()
    assert current_hold(served) == HELD


def test_without_an_earlier_system_there_is_no_such_hold(
    served: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(EARLIER_URL)
    with pytest.raises(AirflowSkipException, match=f"{EARLIER_URL} is not set. To hold"):
        run()
    assert (last_hold(served), slack.texts()) == (None, [])


def test_a_cleared_run_does_not_hold_again_what_was_released_since(
    served: MemoryStore, slack: Slack
) -> None:
    run()
    release()
    with pytest.raises(AirflowSkipException, match=r"was released .* To hold again, trigger"):
        run(cleared=True)
    assert current_hold(served) is None


def test_a_run_that_was_killed_after_it_held_ends_when_it_is_cleared(
    served: MemoryStore, slack: Slack
) -> None:
    set_hold(served, HELD)
    assert run(cleared=True)["version"] == V2
    assert current_hold(served) == HELD


def test_a_run_that_holds_releases_nothing_and_asks_for_no_version(
    served: MemoryStore, slack: Slack
) -> None:
    set_hold(served, HELD)
    with pytest.raises(AirflowSkipException, match="the hold stays"):
        release(action=HOLD)
    context = context_of("restore_metrics", "choose", action=HOLD, version=None, reason=REASON)
    assert choose_version().execute(context) is None


@pytest.mark.parametrize("is_until_switch", [True, False])
def test_a_restore_on_the_way_back_keeps_the_hold_until_the_switch(
    is_until_switch: bool, served: MemoryStore, slack: Slack
) -> None:
    if is_until_switch:
        set_hold(served, HELD)
    run(RESTORE, version=V1)
    hold = current_hold(served)
    assert hold is not None
    assert (hold.version, hold.is_until_switch) == (V1, is_until_switch)
    [text] = slack.texts()
    sees = "still the earlier system's file." if is_until_switch else "the values saved "
    assert f"*The public sees*: {sees}" in text


def test_a_step_that_fails_until_the_switch_changes_nothing_that_the_public_sees() -> None:
    """Also if the earlier file is wrong, which has an incident of its own."""
    check = LastCheck(NOW, wrong=("The earlier file is missing.",), metrics=("a",), earlier=URL)
    found = assess_task("publish_metrics", "promote", "promotion", check, NOW)
    assert found == Assessment(
        Impact.NONE,
        "Publishing is held until the switch, so no step changes what the public sees.",
        f"The earlier system's file, {URL}.",
        ("a",),
    )
