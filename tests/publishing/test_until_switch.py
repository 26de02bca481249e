"""Beside an earlier system publishing is held from the start, until a person releases the hold."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include.publishing.earlier import EARLIER_URL, EarlierFile
from include.publishing.holds import (
    HOLD,
    Hold,
    current_hold,
    last_hold,
    release_hold,
    set_hold,
    unfinished_restore,
)
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.page_file import EARLIER, check_page_file, until_switch
from include.publishing.public_file import Fault, PublicFile
from include.publishing.reconcile import find_delays, read_publishing
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released

URL = "https://earlier.example/ddrc-metrics.json"
DAY = timedelta(days=1)
SAID = f"Held until the switch: the page still reads {URL}"
AGAIN = Hold("v1", "Ada", "The count is wrong", NOW, "run", is_until_switch=True)


@pytest.fixture(autouse=True)
def setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EARLIER_URL, f"{URL}?sig=secret")


def test_publishing_is_held_from_the_start_and_nothing_is_stored_for_it(
    store: MemoryStore,
) -> None:
    hold = current_hold(store)
    assert hold is not None
    assert str(hold) == SAID
    assert hold.is_until_switch
    assert store.read(HOLD) is None
    assert last_hold(store) == hold


def test_without_the_setting_nothing_is_held(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in ("", "  "):
        monkeypatch.setenv(EARLIER_URL, value)
        assert current_hold(store) is None


def test_a_setting_that_is_no_address_holds_too(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EARLIER_URL, "a slip")
    assert str(current_hold(store)) == "Held until the switch: the page still reads a slip"


def test_a_file_that_nobody_promoted_does_not_end_the_hold(store: MemoryStore) -> None:
    store.write(PUBLISHED, file())
    assert str(current_hold(store)) == SAID


def test_what_was_published_before_the_setting_came_is_not_held(store: MemoryStore) -> None:
    publish(store, file())
    assert current_hold(store) is None
    store.delete(PUBLISHED)
    assert current_hold(store) is None, "a deleted file is published again"


def test_a_release_lasts_before_and_after_the_first_publication(store: MemoryStore) -> None:
    hold = current_hold(store)
    assert hold is not None
    release_hold(store, hold, NOW)
    assert current_hold(store) is None
    publish(store, file())
    assert current_hold(store) is None

    set_hold(store, AGAIN)
    assert current_hold(store) == AGAIN
    assert str(AGAIN) == (
        "Held until the switch by Ada since Tue Nov 24, 7:00 AM PST: The count is wrong"
    )


@pytest.mark.parametrize("age", [timedelta(), DAY, 400 * DAY])
@pytest.mark.parametrize("again", [False, True])
def test_nothing_is_reported_however_long_the_hold_lasts(
    again: bool, age: timedelta, store: MemoryStore
) -> None:
    release(store, file(metric("a", 2)))
    store.backdate(released("airtable"), NOW - DAY)
    if again:
        publish(store, file(metric("a", 1)), "v1")
        set_hold(store, AGAIN)
    state = read_publishing(store, NOW + age)
    assert state.is_until_switch
    assert state.stopped_by(NOW + age, is_asking=False) == str(AGAIN if again else SAID)
    assert find_delays(store, state, NOW + age, is_asking=False) == []
    assert unfinished_restore(state.hold, state.served, NOW + age) == ""


def test_a_metric_is_said_to_be_unpublished_since_its_release_not_since_the_beginning_of_time(
    store: MemoryStore,
) -> None:
    release(store, file(metric("a", 2)))
    store.backdate(released("airtable"), NOW - DAY)
    assert read_publishing(store, NOW).since == NOW - DAY


def test_after_the_release_what_is_not_public_for_an_hour_is_reported(store: MemoryStore) -> None:
    release(store, file(metric("a", 2)))
    store.backdate(released("airtable"), NOW - DAY)
    hold = current_hold(store)
    assert hold is not None
    release_hold(store, hold, NOW)

    def reported(at: datetime) -> list[str]:
        state = read_publishing(store, at)
        return [one.key for one in find_delays(store, state, at, is_asking=False)]

    assert reported(NOW + timedelta(minutes=59)) == []
    assert reported(NOW + timedelta(minutes=61)) == ["not public"]


def test_a_hold_that_outlives_the_setting_is_a_hold_as_any_other(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file(), "v1")
    set_hold(store, AGAIN)
    monkeypatch.delenv(EARLIER_URL)
    state = read_publishing(store, NOW + 2 * DAY)
    assert not state.is_until_switch
    [delay] = find_delays(store, state, NOW + 2 * DAY, is_asking=False)
    assert delay.key == "forgotten hold"


def test_a_released_file_that_is_invalid_is_reported_during_the_hold_too(
    store: MemoryStore,
) -> None:
    release(store, b"[]")
    [delay] = find_delays(store, read_publishing(store, NOW), NOW, is_asking=False)
    assert delay.key == "invalid sources/airtable.json"


GONE = "The earlier file is missing: its address answers 404."
ALTERED = Fault("altered", "Somebody changed it.", ("a",))


@pytest.mark.parametrize(
    ("own", "fault", "seen"),
    [
        ((), "", ()),
        ((Fault("missing", "It is missing."),), "", ()),
        # Nobody reads it yet, but somebody has written to the account.
        ((ALTERED,), "", (ALTERED._replace(is_wrong=False),)),
        (
            (Fault("missing", "It is missing."), ALTERED),
            GONE,
            (
                Fault(EARLIER, f"{GONE[:-1]}; the page reads it until the switch."),
                ALTERED._replace(is_wrong=False),
            ),
        ),
    ],
)
def test_until_the_switch_the_public_sees_the_earlier_file_only(
    own: tuple[Fault, ...], fault: str, seen: tuple[Fault, ...]
) -> None:
    found = until_switch(
        PublicFile(own, {"a": "a is late."}, ("a",)), EarlierFile(f"{URL}?sig=secret", fault=fault)
    )
    assert found == PublicFile(seen, {}, ("a",), earlier=URL)


def test_a_row_of_the_earlier_file_that_breaks_the_contract_is_no_fault() -> None:
    found = until_switch(PublicFile(), EarlierFile(URL, {"a": {}}, ("a is wrong.",)))
    assert found.faults == ()


@pytest.fixture
def beside(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """An account beside an earlier system, whose file the same server has."""
    earlier = Place(PUBLIC_CONTAINER, "earlier.json")
    monkeypatch.setenv(EARLIER_URL, store.public_url(earlier))
    store.unload(earlier, file(metric("a", "1")))
    return store


def test_the_check_changes_with_the_hold(beside: MemoryStore) -> None:
    earlier = Place(PUBLIC_CONTAINER, "earlier.json")
    url = beside.public_url(earlier)
    assert check_page_file(beside, NOW) == PublicFile(not_yet=True, earlier=url)
    beside.delete(earlier)
    [gone] = check_page_file(beside, NOW).faults
    assert (gone.key, gone.is_wrong) == ("earlier file", True)

    hold = current_hold(beside)
    assert hold is not None
    release_hold(beside, hold, NOW)
    assert check_page_file(beside, NOW) == PublicFile(not_yet=True), "the earlier one may end now"
    publish(beside, file())
    beside.delete(PUBLISHED)
    [missing] = check_page_file(beside, NOW).faults
    assert (missing.key, missing.is_wrong) == ("missing", True)

    set_hold(beside, replace(AGAIN, since=NOW))
    [gone] = check_page_file(beside, NOW).faults
    assert gone.key == EARLIER


@pytest.mark.parametrize("setting", [True, False])
@pytest.mark.parametrize("hold", [AGAIN, replace(AGAIN, is_until_switch=False)])
def test_the_page_reads_the_earlier_file_if_the_hold_and_the_setting_say_so(
    hold: Hold, setting: bool, beside: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(beside, file(), "v1")
    beside.delete(PUBLISHED)
    set_hold(beside, hold)
    if not setting:
        monkeypatch.delenv(EARLIER_URL)
    found = check_page_file(beside, NOW)
    reads_earlier = setting and hold.is_until_switch
    assert bool(found.earlier) is reads_earlier
    assert [one.key for one in found.faults] == ([] if reads_earlier else ["missing"])
